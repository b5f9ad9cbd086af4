package main

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
)

const bodyLimit = 64 << 10 // bytes; an order is small

// API is the HTTP face of one workload; the paths are documented in docs/architecture.md.
type API struct {
	identity Identity
	store    *Store
	draining atomic.Bool
	mux      *http.ServeMux
}

// NewAPI lays out the paths: patients and orders for HIS, records for every other workload.
func NewAPI(identity Identity, store *Store) *API {
	api := &API{identity: identity, store: store, mux: http.NewServeMux()}
	api.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	api.mux.HandleFunc("GET /whoami", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, identity)
	})
	api.mux.HandleFunc("GET /readyz", api.ready)
	if identity.Workload == "his" {
		api.mux.HandleFunc("POST /patients", api.createPatient)
		api.mux.HandleFunc("GET /patients", api.list(listPatients))
		api.mux.HandleFunc("POST /orders", api.createOrder)
		api.mux.HandleFunc("GET /orders/{id}", api.readOrder)
		api.mux.HandleFunc("GET /orders", api.list(listOrders))
	} else {
		api.mux.HandleFunc("POST /records", api.createRecord)
		api.mux.HandleFunc("GET /records/{id}", api.readRecord)
		api.mux.HandleFunc("GET /records", api.list(listRecords))
	}
	return api
}

// ServeHTTP names the serving site in every answer, so that a client knows who acknowledged.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Xinglin-Site", a.identity.Site)
	w.Header().Set("X-Xinglin-Pod", a.identity.Pod)
	r.Body = http.MaxBytesReader(w, r.Body, bodyLimit)
	a.mux.ServeHTTP(w, r)
}

// Drain turns readiness off; requests are still served.
func (a *API) Drain() { a.draining.Store(true) }

func (a *API) ready(w http.ResponseWriter, _ *http.Request) {
	if a.draining.Load() {
		refuse(w, http.StatusServiceUnavailable, errors.New("draining"))
		return
	}
	err := a.store.Pulse()
	if isClosedDoor(err) { // it answers the moment the door opens, not when probes have noticed
		answer(w, http.StatusOK, map[string]string{"status": "waiting"})
		return
	}
	if err != nil {
		refuse(w, http.StatusServiceUnavailable, err)
		return
	}
	answer(w, http.StatusOK, map[string]string{"status": "ready"})
}

func (a *API) createPatient(w http.ResponseWriter, r *http.Request) {
	var patient struct {
		Name string  `json:"name"`
		Key  *string `json:"key"`
	}
	if decode(w, r, &patient) {
		a.create(w, insertPatient, patient.Name, patient.Key)
	}
}

func (a *API) createOrder(w http.ResponseWriter, r *http.Request) {
	var order struct {
		PatientID int64  `json:"patient_id"`
		Item      string `json:"item"`
		Key       string `json:"key"`
	}
	if decode(w, r, &order) {
		a.create(w, insertOrder, order.PatientID, order.Item, order.Key)
	}
}

func (a *API) createRecord(w http.ResponseWriter, r *http.Request) {
	var record struct {
		Key  string `json:"key"`
		Body string `json:"body"`
	}
	if decode(w, r, &record) {
		a.create(w, insertRecord, record.Key, record.Body)
	}
}

func (a *API) create(w http.ResponseWriter, statement string, arguments ...any) {
	id, err := a.store.Write(statement, arguments...)
	if err != nil {
		refuse(w, statusOf(err), err)
		return
	}
	answer(w, http.StatusCreated, map[string]int64{"id": id})
}

func (a *API) readOrder(w http.ResponseWriter, r *http.Request) {
	var order struct {
		ID        int64  `json:"id"`
		PatientID int64  `json:"patient_id"`
		Item      string `json:"item"`
		Key       string `json:"key"`
	}
	a.read(w, r, selectOrder, &order, &order.ID, &order.PatientID, &order.Item, &order.Key)
}

func (a *API) readRecord(w http.ResponseWriter, r *http.Request) {
	var record struct {
		ID   int64  `json:"id"`
		Key  string `json:"key"`
		Body string `json:"body"`
	}
	a.read(w, r, selectRecord, &record, &record.ID, &record.Key, &record.Body)
}

func (a *API) read(
	w http.ResponseWriter, r *http.Request, query string, value any, columns ...any,
) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		refuse(w, http.StatusBadRequest, errors.New("the id must be a whole number"))
		return
	}
	if err := a.store.Read(r.Context(), query, id, columns...); err != nil {
		refuse(w, statusOf(err), err)
		return
	}
	answer(w, http.StatusOK, value)
}

// list answers up to 1,000 rows with an id above ?after=, in order of id.
func (a *API) list(query string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		after, err := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
		if err != nil {
			refuse(w, http.StatusBadRequest, errors.New("after must be a whole number"))
			return
		}
		rows, err := a.store.List(r.Context(), query, after)
		if err != nil {
			refuse(w, statusOf(err), err)
			return
		}
		answer(w, http.StatusOK, map[string]any{"rows": rows})
	}
}

// statusOf: 404 no such row, 422 the database judged the data wrong, 503 anything that may pass.
func statusOf(err error) int {
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return http.StatusNotFound
	case isRefusal(err):
		return http.StatusUnprocessableEntity
	}
	return http.StatusServiceUnavailable
}

func decode(w http.ResponseWriter, r *http.Request, value any) bool {
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(value); err != nil {
		refuse(w, http.StatusBadRequest, err)
		return false
	}
	return true
}

// refuse keeps what the database said (names, addresses) in the log and out of the answer.
func refuse(w http.ResponseWriter, status int, err error) {
	message := err.Error()
	if status >= http.StatusInternalServerError {
		slog.Warn("refused", "status", status, "error", err)
		message = "not now; the outcome of a write is unknown, repeat it with the same key"
	}
	answer(w, status, map[string]string{"error": message})
}

func answer(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(value); err != nil {
		slog.Warn("the client went away", "error", err)
	}
}
