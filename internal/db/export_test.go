package db

import (
	"context"
	"io/fs"

	"github.com/pressly/goose/v3"
)

// Commits is how many commits the writer of a closed SQLite database made.
func (d *DB) Commits() int { return d.engine.(*lite).commits }

// Down undoes every migration.
func (d *DB) Down(ctx context.Context) error {
	pool := d.engine.migrator()
	defer pool.Close()
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	dialect := goose.DialectSQLite3
	if d.kind == Postgres {
		dialect = goose.DialectPostgres
	}
	provider, err := goose.NewProvider(dialect, pool, dir)
	if err != nil {
		return err
	}
	_, err = provider.DownTo(ctx, 0)
	return err
}

// MaxAttempts and MaxTries are the bounds that tests count to.
const (
	MaxAttempts = maxAttempts
	MaxTries    = maxTries
)
