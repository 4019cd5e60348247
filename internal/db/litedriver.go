package db

import (
	"context"
	"database/sql/driver"

	"modernc.org/sqlite"
)

// maxStatements bounds the compiled statements that a connection keeps.
const maxStatements = 512

// liteConnector makes SQLite connections that keep their compiled statements:
// compiling costs more than running for the short statements of a transaction.
type liteConnector struct{ dsn string }

func (c liteConnector) Connect(context.Context) (driver.Conn, error) {
	conn, err := (&sqlite.Driver{}).Open(c.dsn)
	if err != nil {
		return nil, err
	}
	return &liteConn{Conn: conn, idle: map[string]driver.Stmt{}}, nil
}

func (c liteConnector) Driver() driver.Driver { return &sqlite.Driver{} }

// liteConn is a connection with its idle compiled statements by text.
type liteConn struct {
	driver.Conn
	idle map[string]driver.Stmt
}

// take is a compiled statement that nobody else is reading rows of.
func (c *liteConn) take(ctx context.Context, query string) (driver.Stmt, error) {
	if stmt, ok := c.idle[query]; ok {
		delete(c.idle, query)
		return stmt, nil
	}
	return c.Conn.(driver.ConnPrepareContext).PrepareContext(ctx, query)
}

// put keeps a statement for the next time, or closes it when it failed, when
// there is one already, or when there are too many.
func (c *liteConn) put(query string, stmt driver.Stmt, err error) error {
	if _, taken := c.idle[query]; err != nil || taken || len(c.idle) >= maxStatements {
		return stmt.Close()
	}
	c.idle[query] = stmt
	return nil
}

// ExecContext implements driver.ExecerContext.
func (c *liteConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	stmt, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	result, err := stmt.(driver.StmtExecContext).ExecContext(ctx, args)
	if e := c.put(query, stmt, err); err == nil {
		err = e
	}
	return result, err
}

// QueryContext implements driver.QueryerContext.
func (c *liteConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	stmt, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
	if err != nil {
		_ = c.put(query, stmt, err)
		return nil, err
	}
	return &liteRows{Rows: rows, conn: c, query: query, stmt: stmt}, nil
}

// PrepareContext implements driver.ConnPrepareContext.
func (c *liteConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	return c.Conn.(driver.ConnPrepareContext).PrepareContext(ctx, query)
}

// BeginTx implements driver.ConnBeginTx; migrations use it.
func (c *liteConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	return c.Conn.(driver.ConnBeginTx).BeginTx(ctx, opts)
}

// ResetSession implements driver.SessionResetter.
func (c *liteConn) ResetSession(ctx context.Context) error {
	return c.Conn.(driver.SessionResetter).ResetSession(ctx)
}

// IsValid implements driver.Validator.
func (c *liteConn) IsValid() bool { return c.Conn.(driver.Validator).IsValid() }

// Close implements driver.Conn.
func (c *liteConn) Close() error {
	for _, stmt := range c.idle {
		_ = stmt.Close() // closing the connection reports what matters
	}
	clear(c.idle)
	return c.Conn.Close()
}

// liteRows gives its statement back when it is closed.
type liteRows struct {
	driver.Rows
	conn  *liteConn
	query string
	stmt  driver.Stmt
}

// Next implements driver.Rows. An empty blob is empty and not NULL.
func (r *liteRows) Next(dest []driver.Value) error {
	if err := r.Rows.Next(dest); err != nil {
		return err
	}
	for i, v := range dest {
		if b, ok := v.([]byte); ok && b == nil {
			dest[i] = []byte{}
		}
	}
	return nil
}

// Close implements driver.Rows.
func (r *liteRows) Close() error {
	err := r.Rows.Close()
	if r.stmt == nil {
		return err
	}
	stmt := r.stmt
	r.stmt = nil
	if e := r.conn.put(r.query, stmt, err); err == nil {
		err = e
	}
	return err
}
