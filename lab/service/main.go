// Command service plays one hospital workload: a small web service on its own database.
//
// The same binary is HIS, EMR, PACS and the others; the environment says which
// (WORKLOAD, SITE, DATABASE_URL, POD_NAME). It must never answer 201 for a write
// that a failover could lose, and it must leave quietly: on SIGTERM readiness goes
// off first, requests in flight are finished, then the process ends.
package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

const (
	drainDelay   = 2 * time.Second  // kube-proxy and HAProxy notice that readiness is off
	drainLimit   = 10 * time.Second // requests in flight, before the listener is torn down
	listenPort   = ":8080"
	prepareRetry = 250 * time.Millisecond // between attempts to reach the database at start
)

// Identity is what /whoami answers: which workload runs where, on what.
type Identity struct {
	Workload string `json:"workload"`
	Site     string `json:"site"`
	Arch     string `json:"arch"`
	Pod      string `json:"pod"`
}

func main() {
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, nil)))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx); err != nil {
		slog.Error("ended", "error", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	identity, err := identify()
	if err != nil {
		return err
	}
	store, err := OpenStore(os.Getenv("DATABASE_URL"), identity)
	if err != nil {
		return err
	}
	defer store.Close()
	go keepPreparing(ctx, store)

	api := NewAPI(identity, store)
	server := &http.Server{Addr: listen(), Handler: api, ReadHeaderTimeout: 5 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	slog.Info("serving", "identity", identity, "address", server.Addr)

	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	return drain(server, api)
}

// drain turns readiness off, waits until the ways in have noticed, then finishes what is in flight.
func drain(server *http.Server, api *API) error {
	api.Drain()
	slog.Info("draining")
	time.Sleep(drainDelay)
	ctx, cancel := context.WithTimeout(context.Background(), drainLimit)
	defer cancel()
	err := server.Shutdown(ctx)
	slog.Info("stopped", "error", err)
	return err
}

// keepPreparing creates the tables as soon as the database accepts it: a standby starts before it does.
func keepPreparing(ctx context.Context, store *Store) {
	for ctx.Err() == nil {
		err := store.Prepare(ctx)
		if err == nil {
			slog.Info("database prepared")
			return
		}
		slog.Warn("database not ready", "error", err)
		time.Sleep(prepareRetry)
	}
}

func identify() (Identity, error) {
	pod := os.Getenv("POD_NAME")
	if pod == "" {
		pod, _ = os.Hostname()
	}
	identity := Identity{os.Getenv("WORKLOAD"), os.Getenv("SITE"), runtime.GOARCH, pod}
	if identity.Workload == "" || identity.Site == "" {
		return identity, errors.New("WORKLOAD and SITE must be set")
	}
	return identity, nil
}

func listen() string {
	if address := os.Getenv("LISTEN"); address != "" {
		return address
	}
	return listenPort
}
