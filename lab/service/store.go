package main

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"net"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/singleflight"
)

const (
	poolSize       = 16
	connectTimeout = 3 * time.Second // a server may be slow to let us in; who asked has gone by then
	acquireTimeout = time.Second     // then 503, so that the client can go elsewhere
	operationLimit = 3 * time.Second // then the outcome is unknown: 503, and nothing is cancelled
	warningKey     = "warning"
)

var (
	// ErrUncertain is a commit that the database acknowledged with a warning. The wait for the
	// synchronous standby was cut short: the row is at one site only and a failover would lose it.
	ErrUncertain = errors.New("the commit was acknowledged with a warning")
	errNoCancel  = errors.New("a running statement is never cancelled")
	errNotReady  = errors.New("tables not prepared yet")
)

// Store is the workload's own database. Every write returns only when it is durable at every site
// that the database promises, or with an error after which the outcome is unknown.
type Store struct {
	pool     *pgxpool.Pool
	identity Identity
	prepared atomic.Bool
	refused  atomic.Pointer[error] // why the tables are not prepared yet
	pulse    singleflight.Group
}

// OpenStore makes the pool without connecting, so that the service starts before its database.
func OpenStore(url string, identity Identity) (*Store, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.MaxConns = poolSize
	config.HealthCheckPeriod = time.Second
	config.MaxConnIdleTime = 30 * time.Second
	config.PingTimeout = time.Second
	config.ConnConfig.ConnectTimeout = connectTimeout
	config.ConnConfig.OnNotice = rememberWarning
	config.BeforeConnect = forbidCancel
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		return nil, err
	}
	return &Store{pool: pool, identity: identity}, nil
}

// Close waits for nothing: the server has been shut down before.
func (s *Store) Close() { s.pool.Close() }

// forbidCancel keeps the driver from sending a cancel request when it gives a connection up. A
// cancel on a commit that waits for the synchronous standby would make PostgreSQL show a row that
// exists at one site only.
func forbidCancel(_ context.Context, config *pgx.ConnConfig) error {
	var established atomic.Bool
	dial := config.DialFunc
	config.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		if established.Load() {
			return nil, errNoCancel
		}
		return dial(ctx, network, address)
	}
	config.ValidateConnect = func(context.Context, *pgconn.PgConn) error {
		established.Store(true)
		return nil
	}
	return nil
}

func rememberWarning(conn *pgconn.PgConn, notice *pgconn.Notice) {
	if notice.SeverityUnlocalized == "WARNING" {
		conn.CustomData()[warningKey] = notice.Message
	}
}

// Write runs one write transaction and returns the id that its statement returns.
func (s *Store) Write(statement string, arguments ...any) (int64, error) {
	if !s.prepared.Load() {
		if refused := s.refused.Load(); refused != nil {
			return 0, fmt.Errorf("%w: %w", errNotReady, *refused)
		}
		return 0, errNotReady
	}
	var id int64
	err := s.transact(func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, statement, arguments...).Scan(&id)
	})
	return id, err
}

// transact detaches from the request on purpose: a client that goes away must not end a commit.
func (s *Store) transact(body func(context.Context, pgx.Tx) error) error {
	waiting, stop := context.WithTimeout(context.Background(), acquireTimeout)
	defer stop()
	conn, err := s.pool.Acquire(waiting)
	if err != nil {
		return err
	}
	defer conn.Release()
	ctx, cancel := context.WithTimeout(context.Background(), operationLimit)
	defer cancel()
	err = commit(ctx, conn.Conn(), body)
	if err != nil && !isRefusal(err) {
		conn.Conn().PgConn().Close(ctx) // it may lead to a demoted primary: start from a new one
	}
	return err
}

func commit(ctx context.Context, conn *pgx.Conn, body func(context.Context, pgx.Tx) error) error {
	delete(conn.PgConn().CustomData(), warningKey)
	tx, err := conn.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(ctx) }() // after a commit this does nothing
	if err := body(ctx, tx); err != nil {
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		return err
	}
	if warning, found := conn.PgConn().CustomData()[warningKey]; found {
		return fmt.Errorf("%w: %v", ErrUncertain, warning)
	}
	return nil
}

// isClosedDoor tells a role that may not log in now from a database that is away: a migration closed
// this end, and opens it or takes the pods away.
func isClosedDoor(err error) bool {
	var answer *pgconn.PgError
	return errors.As(err, &answer) && answer.Code == "28000"
}

// isRefusal tells a statement that the database judged and refused (integrity, data) from trouble.
func isRefusal(err error) bool {
	var answer *pgconn.PgError
	if !errors.As(err, &answer) || len(answer.Code) < 2 {
		return false
	}
	return answer.Code[:2] == "23" || answer.Code[:2] == "22"
}

// Read fills destinations from one row; pgx.ErrNoRows if there is none.
func (s *Store) Read(ctx context.Context, query string, id int64, destinations ...any) error {
	ctx, cancel := context.WithTimeout(ctx, operationLimit)
	defer cancel()
	return s.pool.QueryRow(ctx, query, id).Scan(destinations...)
}

// List returns every row of a query as maps, for comparing data row by row.
func (s *Store) List(ctx context.Context, query string, after int64) ([]map[string]any, error) {
	ctx, cancel := context.WithTimeout(ctx, operationLimit)
	defer cancel()
	rows, err := s.pool.Query(ctx, query, after)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToMap)
}

// Pulse proves that the database accepts a write now. Probes that arrive together share one.
func (s *Store) Pulse() error {
	_, err, _ := s.pulse.Do("pulse", func() (any, error) {
		return s.Write(`INSERT INTO pulse (pod, site) VALUES ($1, $2)
			ON CONFLICT (pod) DO UPDATE SET at = now(), beats = pulse.beats + 1
			RETURNING beats`, s.identity.Pod, s.identity.Site)
	})
	return err
}

// Prepare creates the tables if they are missing; pods that start together take turns.
func (s *Store) Prepare(ctx context.Context) error {
	lock := fnv.New32a()
	lock.Write([]byte("xinglin schema " + s.identity.Workload))
	err := s.transact(func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(lock.Sum32())); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, schema(s.identity.Workload))
		return err
	})
	s.refused.Store(&err)
	s.prepared.Store(err == nil)
	return err
}
