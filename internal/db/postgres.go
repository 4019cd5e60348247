package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
)

var errAborted = errors.New("db: the transaction was aborted by an earlier failure")

const (
	beginSQL = "begin isolation level repeatable read"
	// maxTries bounds how often a transaction that lost a race runs.
	maxTries = 12
)

// postgres writes through one pool and reads through another, so that a reader
// inside Write never waits for a writer's connection.
type postgres struct {
	config  *pgx.ConnConfig
	writers *sql.DB
	readers *sql.DB
	ring    func()
}

func openPostgres(ctx context.Context, dsn string, ring func()) (*postgres, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	size, err := poolSize(config)
	if err != nil {
		return nil, err
	}
	readOnly := config.Copy()
	readOnly.RuntimeParams["default_transaction_read_only"] = "on"
	p := &postgres{
		config:  config,
		ring:    ring,
		writers: sql.OpenDB(pgConnector{config}),
		readers: sql.OpenDB(pgConnector{readOnly}),
	}
	for _, pool := range []*sql.DB{p.writers, p.readers} {
		pool.SetMaxOpenConns(size)
		pool.SetMaxIdleConns(size)
		pool.SetConnMaxIdleTime(5 * time.Minute)
	}
	if err := p.readers.PingContext(ctx); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// poolSize takes pool_max_conns out of the settings, which the server does not
// know. Without it there are enough for many commits to share one flush.
func poolSize(config *pgx.ConnConfig) (int, error) {
	text, ok := config.RuntimeParams["pool_max_conns"]
	if !ok {
		return max(24, 4*runtime.GOMAXPROCS(0)), nil
	}
	delete(config.RuntimeParams, "pool_max_conns")
	size, err := strconv.Atoi(text)
	if err != nil || size < 1 {
		return 0, fmt.Errorf("pool_max_conns=%q: want a number from 1 on", text)
	}
	return size, nil
}

func (p *postgres) reader() *sql.DB { return p.readers }

func (p *postgres) migrator() *sql.DB { return sql.OpenDB(pgConnector{p.config}) }

func (p *postgres) close() error { return errors.Join(p.readers.Close(), p.writers.Close()) }

// writeAhead is write: PostgreSQL runs transactions beside each other.
func (p *postgres) writeAhead(ctx context.Context, fn func(context.Context, Tx) error) error {
	return p.write(ctx, fn)
}

func (p *postgres) write(ctx context.Context, fn func(context.Context, Tx) error) error {
	for try := 1; ; try++ {
		again, err := p.once(ctx, fn)
		if err == nil || !again {
			return err
		}
		if try == maxTries {
			return fault.Wrap(fault.Unavailable, "db.Write", i18n.Text{}, fmt.Errorf("gave up after %d tries: %w", try, err))
		}
		if err := pause(ctx, try); err != nil {
			return err
		}
	}
}

// pause waits a little longer after each try, with jitter so that two writers
// do not meet again.
func pause(ctx context.Context, try int) error {
	most := min(time.Millisecond<<try, 100*time.Millisecond)
	timer := time.NewTimer(rand.N(most))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// lostRace reports whether err says that the transaction met a concurrent one,
// or that its connection was refused before anything was sent.
func lostRace(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "40001" || pg.Code == "40P01"
	}
	return pgconn.SafeToRetry(err)
}

// once is one attempt at a transaction. again says that it left nothing behind
// and may succeed the next time.
func (p *postgres) once(ctx context.Context, fn func(context.Context, Tx) error) (again bool, err error) {
	conn, err := p.writers.Conn(ctx)
	if err != nil {
		return lostRace(err), fmt.Errorf("db.Write: %w", err)
	}
	defer conn.Close()
	tx := &pgTx{Conn: conn, hooks: hooks{ring: p.ring}}
	if err := conn.Raw(func(c any) error { tx.pg = c.(*pgConn); return nil }); err != nil {
		return false, fmt.Errorf("db.Write: %w", err)
	}
	tx.pg.pending, tx.pg.failed = tx.pg.pending[:0], nil
	tx.pg.queue(beginSQL, nil)
	defer tx.rollback(ctx) // also when the goroutine ends inside fn
	if err := tx.finish(ctx, call(ctx, tx, fn)); err != nil {
		cut := tx.pg.conn.IsClosed() && !tx.committing && ctx.Err() == nil
		return cut || lostRace(err), err
	}
	tx.committed()
	return false, nil
}

// pgTx is a transaction on one connection. BEGIN waits in the connection's
// queue and travels with the first statement; COMMIT takes the queue along.
type pgTx struct {
	*sql.Conn
	hooks
	pg         *pgConn
	committing bool // COMMIT was sent: a lost connection leaves its fate unknown
}

// Later implements Tx.
func (t *pgTx) Later() Queryer {
	return later(func(_ context.Context, query string, args []any) error {
		t.pg.queue(query, args)
		return nil
	})
}

// Held implements Tx. A row that has changed since the transaction's snapshot is
// a serialization failure already.
func (t *pgTx) Held() Queryer { return t.Later() }

// finish commits unless fn or a statement failed.
func (t *pgTx) finish(ctx context.Context, err error) error {
	switch {
	case err != nil && t.pg.failed != nil && !errors.Is(err, t.pg.failed):
		return errors.Join(err, t.pg.failed)
	case err != nil:
		return err
	case t.pg.failed != nil:
		return t.pg.failed
	case ctx.Err() != nil:
		return ctx.Err()
	case len(t.pg.pending) == 1 && t.pg.pending[0].sql == beginSQL:
		t.pg.pending = t.pg.pending[:0] // fn touched nothing
		return nil
	}
	t.committing = true
	tag, _, err := t.pg.run(ctx, "commit", nil)
	if err != nil && t.pg.conn.IsClosed() {
		return fmt.Errorf("db.Write: commit, outcome unknown: %w", err)
	}
	if err != nil {
		return fmt.Errorf("db.Write: commit: %w", err)
	}
	if tag != "COMMIT" {
		return errAborted
	}
	return nil
}

// rollback undoes what was sent and not committed. A connection that cannot do
// that is closed, which undoes it too.
func (t *pgTx) rollback(ctx context.Context) {
	t.pg.pending = t.pg.pending[:0]
	if t.pg.conn.IsClosed() || t.pg.conn.PgConn().TxStatus() == 'I' {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if _, err := t.pg.conn.Exec(ctx, "rollback"); err != nil {
		t.pg.conn.Close(ctx)
	}
}
