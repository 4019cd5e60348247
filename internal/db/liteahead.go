package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// errSerial ends an fn that cannot run ahead.
var errSerial = errors.New("db: not ahead of the others")

// writeAhead runs fn on a snapshot and hands what it queued to the writer.
func (l *lite) writeAhead(ctx context.Context, fn func(context.Context, Tx) error) error {
	made, err := l.ahead(ctx, fn)
	switch {
	case made != nil && made.serial:
		return l.write(ctx, fn)
	case err != nil:
		return err
	}
	if made.wrote() {
		err = l.wait(&request{ctx: ctx, made: made, done: make(chan error, 1)})
		if errors.Is(err, errMoved) {
			return l.write(ctx, fn)
		}
		return err
	}
	made.committed()
	return nil
}

// ahead runs fn in a transaction that only reads, and gives what it queued.
func (l *lite) ahead(ctx context.Context, fn func(context.Context, Tx) error) (*aheadTx, error) {
	conn, err := l.aheads.Conn(ctx)
	if err != nil {
		select {
		case <-l.stop:
			return nil, errClosed
		default:
			return nil, fmt.Errorf("db.Write: %w", err)
		}
	}
	defer conn.Close()
	tx := &aheadTx{liteTx: liteTx{Conn: conn, hooks: hooks{ring: l.ring}}}
	if _, err := conn.ExecContext(ctx, "begin"); err != nil {
		return nil, fmt.Errorf("db.Write: begin: %w", err)
	}
	// Nothing was written: there is nothing to undo, also when the goroutine ends inside fn.
	defer func() { _, _ = conn.ExecContext(context.WithoutCancel(ctx), "rollback") }()
	if err = call(ctx, tx, fn); err == nil {
		err = tx.failed
	}
	if err == nil {
		err = ctx.Err()
	}
	return tx, err
}

// aheadTx is a transaction that runs before its turn: it reads on a snapshot and
// keeps what it is to write.
type aheadTx struct {
	liteTx
	held   []statement // come first: they say whether the others still hold
	queued []statement
	serial bool // fn has to run in its turn
}

func (t *aheadTx) wrote() bool { return len(t.held)+len(t.queued) > 0 }

// serialise ends fn.
func (t *aheadTx) serialise() error {
	t.serial = true
	return t.fail(errSerial)
}

// ExecContext implements Queryer: whoever writes directly wants the result.
func (t *aheadTx) ExecContext(context.Context, string, ...any) (sql.Result, error) {
	return nil, t.serialise()
}

// PrepareContext implements Queryer.
func (t *aheadTx) PrepareContext(context.Context, string) (*sql.Stmt, error) {
	return nil, t.serialise()
}

// QueryContext implements Queryer. A query after a queued statement may want to
// see what that has changed.
func (t *aheadTx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if t.wrote() {
		return nil, t.serialise()
	}
	return t.liteTx.QueryContext(ctx, query, args...)
}

// QueryRowContext implements Queryer.
func (t *aheadTx) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if t.wrote() {
		return failedRow(t.serialise())
	}
	return t.liteTx.QueryRowContext(ctx, query, args...)
}

// Later implements Tx.
func (t *aheadTx) Later() Queryer { return t.queue(&t.queued) }

// Held implements Tx.
func (t *aheadTx) Held() Queryer { return t.queue(&t.held) }

func (t *aheadTx) queue(list *[]statement) Queryer {
	return later(func(ctx context.Context, query string, args []any) error {
		if _, err := t.ready(ctx); err != nil {
			return err
		}
		*list = append(*list, statement{query, args})
		return nil
	})
}

// replay carries out, in the writer's goroutine, what was queued ahead.
func (t *liteTx) replay(made *aheadTx) error {
	t.hooks = made.hooks
	for _, s := range made.held {
		if err := t.held(t.request.ctx, s.sql, s.args); err != nil {
			return err
		}
	}
	for _, s := range made.queued {
		if _, err := t.ExecContext(t.request.ctx, s.sql, s.args...); err != nil {
			return err
		}
	}
	return nil
}
