package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

// pgConnector makes connections for database/sql straight from pgx, so that
// statements can wait in the connection and travel with the next one.
type pgConnector struct{ config *pgx.ConnConfig }

func (c pgConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := pgx.ConnectConfig(ctx, c.config.Copy())
	if err != nil {
		return nil, err
	}
	return &pgConn{conn: conn, used: time.Now()}, nil
}

func (c pgConnector) Driver() driver.Driver { return nil }

// statement is one SQL text with its arguments.
type statement struct {
	sql  string
	args []any
}

// pgConn is a driver connection. Statements in pending are sent, in order, in
// one pipeline with the next direct statement.
type pgConn struct {
	conn    *pgx.Conn
	pending []statement
	failed  error // the first failure since the transaction began
	used    time.Time
}

// queue lets a statement wait for the next direct one.
func (c *pgConn) queue(sql string, args []any) {
	c.pending = append(c.pending, statement{sql, args})
}

// fail remembers the first failure; the server refuses all that follows it.
func (c *pgConn) fail(err error) error {
	if err != nil && c.failed == nil {
		c.failed = err
	}
	return err
}

// send ships what is pending together with one more statement, in one round
// trip, and leaves the results at that statement's.
func (c *pgConn) send(ctx context.Context, query string, args []any) (pgx.BatchResults, error) {
	batch := &pgx.Batch{}
	for _, s := range c.pending {
		batch.Queue(s.sql, s.args...)
	}
	batch.Queue(query, args...)
	waiting := len(c.pending)
	clear(c.pending)
	c.pending = c.pending[:0]
	results := c.conn.SendBatch(ctx, batch)
	for range waiting {
		if _, err := results.Exec(); err != nil {
			results.Close()
			return nil, c.fail(err)
		}
	}
	return results, nil
}

// run executes a statement after what is pending and returns its command tag.
func (c *pgConn) run(ctx context.Context, query string, args []any) (tag string, rows int64, err error) {
	if len(c.pending) == 0 {
		t, err := c.conn.Exec(ctx, query, args...)
		return t.String(), t.RowsAffected(), c.fail(err)
	}
	results, err := c.send(ctx, query, args)
	if err != nil {
		return "", 0, err
	}
	t, err := results.Exec()
	err = errors.Join(err, results.Close())
	return t.String(), t.RowsAffected(), c.fail(err)
}

// ExecContext implements driver.ExecerContext.
func (c *pgConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	_, rows, err := c.run(ctx, query, values(args))
	return driver.RowsAffected(rows), err
}

// QueryContext implements driver.QueryerContext.
func (c *pgConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if len(c.pending) == 0 {
		rows, err := c.conn.Query(ctx, query, values(args)...)
		if err != nil {
			return nil, c.fail(err)
		}
		return newPGRows(c, rows, nil)
	}
	results, err := c.send(ctx, query, values(args))
	if err != nil {
		return nil, err
	}
	rows, err := results.Query()
	if err != nil {
		results.Close()
		return nil, c.fail(err)
	}
	return newPGRows(c, rows, results)
}

// CheckNamedValue lets pgx encode every argument itself.
func (c *pgConn) CheckNamedValue(*driver.NamedValue) error { return nil }

// PrepareContext gives a statement that keeps its place in the pipeline; pgx
// prepares and caches by text anyway.
func (c *pgConn) PrepareContext(_ context.Context, query string) (driver.Stmt, error) {
	return &pgStmt{conn: c, query: query}, nil
}

// Prepare implements driver.Conn.
func (c *pgConn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

// Begin implements driver.Conn; migrations use it.
func (c *pgConn) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

// BeginTx implements driver.ConnBeginTx with the server's default isolation.
func (c *pgConn) BeginTx(ctx context.Context, _ driver.TxOptions) (driver.Tx, error) {
	_, err := c.conn.Exec(ctx, "begin")
	return pgDriverTx{c}, err
}

// ResetSession implements driver.SessionResetter: a connection that was closed
// by the server while it lay idle is thrown away.
func (c *pgConn) ResetSession(ctx context.Context) error {
	c.pending, c.failed = c.pending[:0], nil
	if c.conn.IsClosed() || c.conn.PgConn().TxStatus() != 'I' {
		return driver.ErrBadConn
	}
	if time.Since(c.used) > time.Second && c.conn.Ping(ctx) != nil {
		return driver.ErrBadConn
	}
	c.used = time.Now()
	return nil
}

// IsValid implements driver.Validator.
func (c *pgConn) IsValid() bool { return !c.conn.IsClosed() }

// Ping implements driver.Pinger.
func (c *pgConn) Ping(ctx context.Context) error { return c.conn.Ping(ctx) }

// Close implements driver.Conn.
func (c *pgConn) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return c.conn.Close(ctx)
}

// pgDriverTx is a transaction begun through database/sql.
type pgDriverTx struct{ conn *pgConn }

func (t pgDriverTx) Commit() error {
	tag, err := t.conn.conn.Exec(context.Background(), "commit")
	if err == nil && tag.String() != "COMMIT" {
		return errAborted
	}
	return err
}

func (t pgDriverTx) Rollback() error {
	_, err := t.conn.conn.Exec(context.Background(), "rollback")
	return err
}

// pgStmt is a statement by its text.
type pgStmt struct {
	conn  *pgConn
	query string
}

func (s *pgStmt) Close() error                               { return nil }
func (s *pgStmt) NumInput() int                              { return -1 }
func (s *pgStmt) CheckNamedValue(*driver.NamedValue) error   { return nil }
func (s *pgStmt) Exec([]driver.Value) (driver.Result, error) { return nil, driver.ErrSkip }
func (s *pgStmt) Query([]driver.Value) (driver.Rows, error)  { return nil, driver.ErrSkip }

func (s *pgStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	return s.conn.ExecContext(ctx, s.query, args)
}

func (s *pgStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return s.conn.QueryContext(ctx, s.query, args)
}

// values are the arguments as pgx takes them.
func values(args []driver.NamedValue) []any {
	if len(args) == 0 {
		return nil
	}
	out := make([]any, len(args))
	for i, a := range args {
		out[i] = a.Value
	}
	return out
}
