package db

import (
	"database/sql/driver"
	"errors"
	"io"

	"github.com/jackc/pgx/v5"
)

// pgRows feeds pgx rows to database/sql.
type pgRows struct {
	conn    *pgConn
	rows    pgx.Rows
	results pgx.BatchResults // nil when the query travelled alone
	names   []string
	more    bool // the first row is read ahead, so that errors show at once
	ahead   bool
}

func newPGRows(conn *pgConn, rows pgx.Rows, results pgx.BatchResults) (*pgRows, error) {
	r := &pgRows{conn: conn, rows: rows, results: results, ahead: true}
	r.more = rows.Next()
	if err := rows.Err(); err != nil {
		r.Close()
		return nil, conn.fail(err)
	}
	for _, f := range rows.FieldDescriptions() {
		r.names = append(r.names, f.Name)
	}
	return r, nil
}

func (r *pgRows) Columns() []string { return r.names }

func (r *pgRows) Close() error {
	r.rows.Close()
	if r.results == nil {
		return r.conn.fail(r.rows.Err())
	}
	return r.conn.fail(errors.Join(r.rows.Err(), r.results.Close()))
}

func (r *pgRows) Next(dest []driver.Value) error {
	if !r.ahead {
		r.more = r.rows.Next()
	}
	r.ahead = false
	if !r.more {
		if err := r.rows.Err(); err != nil {
			return r.conn.fail(err)
		}
		return io.EOF
	}
	types := r.conn.conn.TypeMap()
	for i, f := range r.rows.FieldDescriptions() {
		raw := r.rows.RawValues()[i]
		if raw == nil {
			dest[i] = nil
			continue
		}
		t, ok := types.TypeForOID(f.DataTypeOID)
		if !ok {
			dest[i] = string(raw)
			continue
		}
		v, err := t.Codec.DecodeDatabaseSQLValue(types, f.DataTypeOID, f.Format, raw)
		if err != nil {
			return err
		}
		dest[i] = v
	}
	return nil
}
