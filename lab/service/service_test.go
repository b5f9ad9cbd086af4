package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// postgres is a real server in a temporary directory on the loopback interface.
type postgres struct {
	t        *testing.T
	bin, dir string
	port     int
}

func startPostgres(t *testing.T) *postgres {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		t.Skip("PostgreSQL is not installed")
	}
	dir, err := os.MkdirTemp("/tmp", "service-test-")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	must(t, os.Chmod(dir, 0o777))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	server := &postgres{t, filepath.Dir(found[0]), dir, listener.Addr().(*net.TCPAddr).Port}
	listener.Close()
	server.run("initdb", "-D", dir+"/data", "-U", "his", "--auth=trust", "--no-sync")
	server.start()
	t.Cleanup(func() { server.run("pg_ctl", "-D", dir+"/data", "-m", "immediate", "stop") })
	return server
}

// run executes one of PostgreSQL's programs as the user postgres, since it refuses root.
func (p *postgres) run(program string, arguments ...string) {
	p.t.Helper()
	command := exec.Command(filepath.Join(p.bin, program), arguments...)
	command.Dir = p.dir
	if owner, err := user.Lookup("postgres"); err == nil && os.Geteuid() == 0 {
		uid, _ := strconv.Atoi(owner.Uid)
		gid, _ := strconv.Atoi(owner.Gid)
		command.SysProcAttr = &syscall.SysProcAttr{
			Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)},
		}
	}
	if output, err := command.CombinedOutput(); err != nil {
		p.t.Fatalf("%s: %v\n%s", program, err, output)
	}
}

func (p *postgres) start() {
	p.t.Helper()
	options := fmt.Sprintf("-c listen_addresses=127.0.0.1 -p %d -k %s", p.port, p.dir)
	p.run("pg_ctl", "-D", p.dir+"/data", "-l", p.dir+"/log", "-w", "-o", options, "start")
}

func (p *postgres) url() string {
	return fmt.Sprintf("postgres://his@127.0.0.1:%d/postgres?sslmode=disable", p.port)
}

// sql runs statements next to the service and returns the first column of the first row as text.
func (p *postgres) sql(statement string) string {
	p.t.Helper()
	conn, err := pgx.Connect(context.Background(), p.url())
	must(p.t, err)
	defer conn.Close(context.Background())
	var value string
	err = conn.QueryRow(context.Background(), statement).Scan(&value)
	if err != nil && err != pgx.ErrNoRows {
		p.t.Fatalf("%s: %v", statement, err)
	}
	return value
}

// requireStandby makes every commit wait for a standby that does not exist, as on a cut-off primary.
func (p *postgres) requireStandby(name string) {
	p.t.Helper()
	conn, err := pgx.Connect(context.Background(), p.url())
	must(p.t, err)
	defer conn.Close(context.Background())
	_, err = conn.Exec(context.Background(), "ALTER SYSTEM SET synchronous_standby_names = '"+name+"'")
	must(p.t, err)
	_, err = conn.Exec(context.Background(), "SELECT pg_reload_conf()")
	must(p.t, err)
	p.eventually("the setting", func() bool {
		return p.sql("SELECT setting FROM pg_settings WHERE name = 'synchronous_standby_names'") == name
	})
}

func (p *postgres) eventually(what string, holds func() bool) {
	p.t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if holds() {
			return
		}
	}
	p.t.Fatalf("never: %s", what)
}

const waitingForStandby = "SELECT coalesce(max(pid), 0)::text FROM pg_stat_activity WHERE wait_event = 'SyncRep'"

func serve(t *testing.T, server *postgres, workload string) *API {
	t.Helper()
	store, err := OpenStore(server.url(), Identity{workload, "campus", "amd64", "pod-1"})
	must(t, err)
	t.Cleanup(store.Close)
	must(t, store.Prepare(context.Background()))
	must(t, store.Prepare(context.Background())) // a second start changes nothing
	return NewAPI(store.identity, store)
}

func call(t *testing.T, api *API, method, path, body string) (int, map[string]any) {
	t.Helper()
	recorder := httptest.NewRecorder()
	api.ServeHTTP(recorder, httptest.NewRequest(method, path, strings.NewReader(body)))
	var answer map[string]any
	must(t, json.Unmarshal(recorder.Body.Bytes(), &answer))
	return recorder.Code, answer
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func expect(t *testing.T, what string, got, wanted any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(wanted) {
		t.Fatalf("%s: got %v, wanted %v", what, got, wanted)
	}
}

func TestHisRegistersAPatientAndWritesAnOrderOnce(t *testing.T) {
	api := serve(t, startPostgres(t), "his")
	status, patient := call(t, api, "POST", "/patients", `{"name":"王芳"}`)
	expect(t, "patient", status, http.StatusCreated)
	order := fmt.Sprintf(`{"patient_id":%v,"item":"blood count","key":"k-1"}`, patient["id"])
	status, first := call(t, api, "POST", "/orders", order)
	expect(t, "order", status, http.StatusCreated)
	_, again := call(t, api, "POST", "/orders", order)
	expect(t, "the same key", again["id"], first["id"])
	status, read := call(t, api, "GET", fmt.Sprintf("/orders/%v", first["id"]), "")
	expect(t, "read back", fmt.Sprintf("%v %v %v", status, read["item"], read["key"]), "200 blood count k-1")
	_, all := call(t, api, "GET", "/orders?after=0", "")
	expect(t, "rows", len(all["rows"].([]any)), 1)

	for _, bad := range []struct {
		body   string
		status int
	}{
		{`{`, 400}, {`{"itme":"x"}`, 400},
		{`{"patient_id":999,"item":"x","key":"k-2"}`, 422},
		{fmt.Sprintf(`{"patient_id":%v,"item":"","key":"k-3"}`, patient["id"]), 422},
	} {
		status, _ := call(t, api, "POST", "/orders", bad.body)
		expect(t, bad.body, status, bad.status)
	}
	status, _ = call(t, api, "GET", "/orders/12345", "")
	expect(t, "no such order", status, http.StatusNotFound)
	status, _ = call(t, api, "GET", "/orders/x", "")
	expect(t, "no number", status, http.StatusBadRequest)
}

func TestOtherWorkloadsKeepRecordsAndSayWhoTheyAre(t *testing.T) {
	api := serve(t, startPostgres(t), "pacs")
	status, record := call(t, api, "POST", "/records", `{"key":"ct-1","body":"chest"}`)
	expect(t, "record", status, http.StatusCreated)
	_, read := call(t, api, "GET", fmt.Sprintf("/records/%v", record["id"]), "")
	expect(t, "read back", read["body"], "chest")
	_, who := call(t, api, "GET", "/whoami", "")
	expect(t, "who", fmt.Sprintf("%v %v", who["workload"], who["site"]), "pacs campus")
	status, _ = call(t, api, "GET", "/readyz", "")
	expect(t, "ready", status, http.StatusOK)
	api.Drain()
	status, _ = call(t, api, "GET", "/readyz", "")
	expect(t, "draining", status, http.StatusServiceUnavailable)
}

func TestACommitThatDidNotReachTheStandbyIsNeverAcknowledged(t *testing.T) {
	server := startPostgres(t)
	api := serve(t, server, "pacs")
	server.requireStandby("nobody")
	answered := make(chan int, 1)
	go func() {
		status, _ := call(t, api, "POST", "/records", `{"key":"k","body":"b"}`)
		answered <- status
	}()
	server.eventually("the commit waits", func() bool { return server.sql(waitingForStandby) != "0" })
	server.sql("SELECT pg_cancel_backend(" + server.sql(waitingForStandby) + ")::text")
	expect(t, "cancelled wait", <-answered, http.StatusServiceUnavailable)
	expect(t, "the row is here all the same", server.sql("SELECT count(*)::text FROM records"), "1")

	status, _ := call(t, api, "POST", "/records", `{"key":"k","body":"b"}`)
	expect(t, "the same key again, still cut off", status, http.StatusServiceUnavailable)
	pid := server.sql(waitingForStandby)
	time.Sleep(200 * time.Millisecond)
	if pid == "0" || server.sql(waitingForStandby) == "0" {
		t.Fatal("the service cancelled a commit that was waiting for its standby")
	}
	status, _ = call(t, api, "GET", "/readyz", "")
	expect(t, "not ready", status, http.StatusServiceUnavailable)

	server.requireStandby("")
	status, _ = call(t, api, "POST", "/records", `{"key":"k","body":"b"}`)
	expect(t, "the standby no longer asked for", status, http.StatusCreated)
	expect(t, "one row", server.sql("SELECT count(*)::text FROM records"), "1")
}

func TestItWritesAgainWithinASecondOfTheDatabaseReturning(t *testing.T) {
	server := startPostgres(t)
	api := serve(t, server, "pacs")
	server.run("pg_ctl", "-D", server.dir+"/data", "-m", "immediate", "stop")
	status, _ := call(t, api, "POST", "/records", `{"key":"k","body":"b"}`)
	expect(t, "database away", status, http.StatusServiceUnavailable)
	server.start()
	returned := time.Now()
	server.eventually("writes again", func() bool {
		status, _ := call(t, api, "POST", "/records", `{"key":"k","body":"b"}`)
		return status == http.StatusCreated
	})
	if took := time.Since(returned); took > time.Second {
		t.Fatalf("took %v", took)
	}
}

func TestItIsReadyBehindADoorThatAMigrationClosed(t *testing.T) {
	server := startPostgres(t)
	door := func(may string) {
		conn, err := pgx.Connect(context.Background(), strings.Replace(server.url(), "his@", "guard@", 1))
		must(t, err)
		defer conn.Close(context.Background())
		_, err = conn.Exec(context.Background(), "ALTER ROLE his "+may)
		must(t, err)
	}
	server.sql("CREATE ROLE guard SUPERUSER LOGIN")
	door("NOLOGIN")
	store, err := OpenStore(server.url(), Identity{"pacs", "campus", "amd64", "pod-1"})
	must(t, err)
	t.Cleanup(store.Close)
	api := NewAPI(store.identity, store)
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	go keepPreparing(ctx, store)
	server.eventually("ready, waiting", func() bool {
		status, answer := call(t, api, "GET", "/readyz", "")
		return status == http.StatusOK && answer["status"] == "waiting"
	})
	status, _ := call(t, api, "POST", "/records", `{"key":"k","body":"b"}`)
	expect(t, "nothing is written", status, http.StatusServiceUnavailable)
	door("LOGIN")
	server.eventually("writes", func() bool {
		status, _ := call(t, api, "POST", "/records", `{"key":"k","body":"b"}`)
		return status == http.StatusCreated
	})
	_, answer := call(t, api, "GET", "/readyz", "")
	expect(t, "ready", answer["status"], "ready")
}

func TestItStopsGracefullyOnRequest(t *testing.T) {
	server := startPostgres(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	address := listener.Addr().String()
	listener.Close()
	for name, value := range map[string]string{
		"WORKLOAD": "emr", "SITE": "campus", "DATABASE_URL": server.url(), "LISTEN": address,
	} {
		t.Setenv(name, value)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	ready := func() int {
		response, err := http.Get("http://" + address + "/readyz")
		if err != nil {
			return 0
		}
		response.Body.Close()
		return response.StatusCode
	}
	server.eventually("ready", func() bool { return ready() == http.StatusOK })
	stop()
	server.eventually("readiness goes off while it still serves", func() bool {
		return ready() == http.StatusServiceUnavailable
	})
	must(t, <-ended)
	expect(t, "gone", ready(), 0)
}
