package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// liteTx is a turn on the writing connection. Statements run without the
// caller's cancellation, which it checks before each: interrupting a statement
// would make SQLite roll back the whole group.
type liteTx struct {
	*sql.Conn
	hooks
	request *request
	failed  error
}

// fail remembers the first failure.
func (t *liteTx) fail(err error) error {
	if err != nil && t.failed == nil {
		t.failed = err
	}
	return err
}

// ready refuses statements after a failure, as PostgreSQL does.
func (t *liteTx) ready(ctx context.Context) (context.Context, error) {
	if t.failed != nil {
		return nil, fmt.Errorf("db: the transaction failed earlier: %w", t.failed)
	}
	if err := ctx.Err(); err != nil {
		return nil, t.fail(err)
	}
	return context.WithoutCancel(ctx), nil
}

// ExecContext implements Queryer.
func (t *liteTx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	ctx, err := t.ready(ctx)
	if err != nil {
		return nil, err
	}
	result, err := t.Conn.ExecContext(ctx, query, args...)
	return result, t.fail(err)
}

// QueryContext implements Queryer.
func (t *liteTx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	ctx, err := t.ready(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := t.Conn.QueryContext(ctx, query, args...)
	return rows, t.fail(err)
}

// QueryRowContext implements Queryer.
func (t *liteTx) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	ctx, err := t.ready(ctx)
	if err != nil {
		return failedRow(err)
	}
	row := t.Conn.QueryRowContext(ctx, query, args...)
	_ = t.fail(row.Err())
	return row
}

// PrepareContext implements Queryer.
func (t *liteTx) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	ctx, err := t.ready(ctx)
	if err != nil {
		return nil, err
	}
	stmt, err := t.Conn.PrepareContext(ctx, query)
	return stmt, t.fail(err)
}

// Later implements Tx: SQLite has no round trip to save.
func (t *liteTx) Later() Queryer {
	return later(func(ctx context.Context, query string, args []any) error {
		_, err := t.ExecContext(ctx, query, args...)
		return err
	})
}

// Held implements Tx. In its turn a transaction has read what is there, and a
// statement without a row is fn's own fault.
func (t *liteTx) Held() Queryer {
	return later(func(ctx context.Context, query string, args []any) error {
		return t.held(ctx, query, args)
	})
}

func (t *liteTx) held(ctx context.Context, query string, args []any) error {
	result, err := t.ExecContext(ctx, query, args...)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return t.fail(errors.Join(errMoved, err))
	}
	return nil
}
