package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"runtime/debug"
)

var (
	errClosed    = errors.New("db: closed")
	errLaterRead = errors.New("db: a queued statement has no result to read")
	errMoved     = errors.New("db: what was read has changed since")
	errExit      = errors.New("db: the goroutine ended inside Write")
)

// call runs fn and turns a panic into an error.
func call(ctx context.Context, tx Tx, fn func(context.Context, Tx) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("db.Write: panic: %v\n%s", p, debug.Stack())
		}
	}()
	return fn(ctx, tx)
}

// zeroResult is what a queued statement returns.
type zeroResult struct{}

func (zeroResult) LastInsertId() (int64, error) { return 0, nil }
func (zeroResult) RowsAffected() (int64, error) { return 0, nil }

// refusal is a connector that always fails: database/sql has no other way to
// make an *sql.Row that holds an error.
type refusal struct{ err error }

func (r refusal) Connect(context.Context) (driver.Conn, error) { return nil, r.err }
func (r refusal) Driver() driver.Driver                        { return nil }

// failedRow is a row whose Scan returns err.
func failedRow(err error) *sql.Row {
	pool := sql.OpenDB(refusal{err})
	defer pool.Close()
	return pool.QueryRowContext(context.Background(), "")
}

// later is the Queryer of queued statements: exec alone does anything.
type later func(ctx context.Context, query string, args []any) error

func (l later) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return zeroResult{}, l(ctx, query, args)
}

func (later) PrepareContext(context.Context, string) (*sql.Stmt, error) { return nil, errLaterRead }

func (later) QueryContext(context.Context, string, ...any) (*sql.Rows, error) {
	return nil, errLaterRead
}

func (later) QueryRowContext(context.Context, string, ...any) *sql.Row {
	return failedRow(errLaterRead)
}

// hooks is what a transaction does once it is committed.
type hooks struct {
	ring  func() // wakes the workers
	after []func()
}

func (h *hooks) afterCommit(fn func()) { h.after = append(h.after, fn) }

func (h *hooks) wakeOnCommit() { h.after = append(h.after, h.ring) }

func (h *hooks) committed() {
	for _, fn := range h.after {
		fn()
	}
}
