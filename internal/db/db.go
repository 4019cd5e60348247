// Package db opens the one database of a deployment, SQLite or PostgreSQL, and
// owns its transactions, migrations and jobs. The rest of the program writes
// one SQL text that both engines run unchanged:
//
//   - types TEXT, BIGINT, INTEGER, BOOLEAN and BYTEA; times are milliseconds
//     since 1970 UTC; identifiers are made in Go (internal/id);
//   - placeholders $1, $2 ... in order of their first use;
//   - inside a transaction, rows are closed before the next statement.
//
// A function given to Write may run twice, so it does nothing outside the
// database; what must happen once, after the commit, goes to AfterCommit or
// becomes a job.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Engine is the kind of database behind a DB.
type Engine string

// The engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// Queryer runs statements. It is what sqlc calls DBTX.
type Queryer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Tx is a running transaction. It belongs to one goroutine. A statement that
// fails ends it: whatever fn returns, Write rolls back and reports the failure.
type Tx interface {
	Queryer
	// Later queues statements whose result nobody reads. They run in order: on
	// PostgreSQL in one round trip with the commit, or with the next direct
	// statement on the Tx if there is one; on SQLite at once. Their failure is
	// the failure of Write. Its ExecContext returns a zero result, its queries
	// are refused.
	Later() Queryer
	// Held is Later for statements each of which must change a row: where one
	// does not, what fn had read has changed since, and fn runs again. They are
	// carried out before or among the statements of Later.
	Held() Queryer
	// afterCommit runs fn once when the transaction is committed.
	afterCommit(fn func())
	// wakeOnCommit wakes this process's workers once the transaction is committed.
	wakeOnCommit()
}

// AfterCommit runs fn in the writer's goroutine once tx is committed, and never
// if it is not. fn must be quick and cannot fail; a crash may come before it.
func AfterCommit(tx Tx, fn func()) { tx.afterCommit(fn) }

// engine is what differs between SQLite and PostgreSQL.
type engine interface {
	// write runs fn in a transaction and returns once it is durable or undone.
	write(ctx context.Context, fn func(ctx context.Context, tx Tx) error) error
	// writeAhead is write, with fn run before its turn where that spares time.
	writeAhead(ctx context.Context, fn func(ctx context.Context, tx Tx) error) error
	// reader is a pool of connections that refuse writes.
	reader() *sql.DB
	// migrator opens a plain pool for migrations.
	migrator() *sql.DB
	close() error
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	kind   Engine
	engine engine
	wake   wakers
}

// Open opens the database that dsn names and checks that it answers:
//
//	sqlite:/path/file.db     a file, made if missing
//	sqlite::memory:          a temporary file, removed by Close
//	postgres://user@host/db  PostgreSQL 15 or later; ?pool_max_conns=N bounds
//	                         the connections that write and those that read
//
// The schema is left as it is; see Migrate.
func Open(ctx context.Context, dsn string) (*DB, error) {
	d := &DB{}
	var err error
	switch scheme, rest, _ := strings.Cut(dsn, ":"); scheme {
	case "sqlite":
		d.kind = SQLite
		d.engine, err = openSQLite(ctx, rest, d.wake.ring)
	case "postgres", "postgresql":
		d.kind = Postgres
		d.engine, err = openPostgres(ctx, dsn, d.wake.ring)
	default:
		return nil, fmt.Errorf("db.Open: unknown scheme %q; want sqlite: or postgres://", scheme)
	}
	if err != nil {
		return nil, fmt.Errorf("db.Open: %w", err)
	}
	return d, nil
}

// Engine is the kind of database.
func (d *DB) Engine() Engine { return d.kind }

// Reader reads outside a transaction, each statement for itself. Writes through
// it are refused by the database.
func (d *DB) Reader() Queryer { return d.engine.reader() }

// insideWrite marks the context of a running transaction.
type insideWrite struct{}

// Write runs fn in one transaction and returns nil only when its effects are on
// disk. An error or panic of fn undoes all of it and is returned; a Write
// inside fn is refused. On PostgreSQL the isolation is REPEATABLE READ and a
// serialization failure or deadlock runs fn again, a bounded number of times,
// then fault.Unavailable. On SQLite transactions are serial, and many waiting
// ones share one commit.
func (d *DB) Write(ctx context.Context, fn func(ctx context.Context, tx Tx) error) error {
	return d.write(ctx, d.engine.write, fn)
}

// WriteAhead is Write for an fn that changes one thing which carries a revision:
// it queues what it writes, and a Held statement makes sure that the thing is as
// fn has read it. On SQLite fn then runs on a snapshot, beside others, and the
// writer only carries out what was queued; where the thing has changed since, or
// where fn writes directly, fn runs again in its turn. What fn reads besides may
// be as old as the snapshot, as it may on PostgreSQL, where this is Write; an fn
// that must not rely on that calls Serial.
func (d *DB) WriteAhead(ctx context.Context, fn func(ctx context.Context, tx Tx) error) error {
	return d.write(ctx, d.engine.writeAhead, fn)
}

// Serial says that what follows in tx changes more than what a Held statement
// guards. On its error, fn returns; it then runs again in its turn.
func Serial(tx Tx) error {
	if t, ok := tx.(*aheadTx); ok {
		return t.serialise()
	}
	return nil
}

func (d *DB) write(ctx context.Context, engine func(context.Context, func(context.Context, Tx) error) error, fn func(context.Context, Tx) error) error {
	if ctx.Value(insideWrite{}) != nil {
		return errors.New("db.Write: called inside another Write")
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return engine(context.WithValue(ctx, insideWrite{}, true), fn)
}

// Close waits for running transactions and closes every connection.
func (d *DB) Close() error { return d.engine.close() }

// IsUnique reports whether err says that a unique or primary key was taken.
func IsUnique(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "23505"
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		switch lite.Code() {
		case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_ROWID:
			return true
		}
	}
	return false
}

// wakers tells waiting workers that a job was committed.
type wakers struct {
	mu   sync.Mutex // guards subs
	subs map[chan struct{}]bool
}

// subscribe returns a channel that receives after each ring, and its end.
func (w *wakers) subscribe() (<-chan struct{}, func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.subs == nil {
		w.subs = map[chan struct{}]bool{}
	}
	c := make(chan struct{}, 1)
	w.subs[c] = true
	return c, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.subs, c)
	}
}

// ring wakes every subscriber that is not awake yet.
func (w *wakers) ring() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.subs {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}
