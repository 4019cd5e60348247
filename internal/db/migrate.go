package db

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// Each package has a range of numbers, written NNNN_<package>.sql; the numbers
// only grow, and code of the version before runs on the schema after.
//
//go:embed migrations/*.sql
var migrations embed.FS

// Migrate brings the schema to this binary's version. It runs the same SQL on
// both engines and is safe to call from several processes at once.
func (d *DB) Migrate(ctx context.Context) error {
	pool := d.engine.migrator()
	defer pool.Close()
	provider, err := d.provider(pool)
	if err != nil {
		return fmt.Errorf("db.Migrate: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("db.Migrate: %w", err)
	}
	return nil
}

// Current fails where the schema lacks a migration of this binary, and says
// which.
func (d *DB) Current(ctx context.Context) error {
	pool := d.engine.migrator()
	defer pool.Close()
	provider, err := d.provider(pool)
	if err != nil {
		return fmt.Errorf("db.Current: %w", err)
	}
	states, err := provider.Status(ctx)
	if err != nil {
		return fmt.Errorf("db.Current: %w", err)
	}
	for _, s := range states {
		if s.State == goose.StatePending {
			return fmt.Errorf("the database lacks %s: run tongban migrate", s.Source.Path)
		}
	}
	return nil
}

func (d *DB) provider(pool *sql.DB) (*goose.Provider, error) {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	dialect := goose.DialectSQLite3
	// Packages number in their own ranges, so a lower number may come later.
	options := []goose.ProviderOption{goose.WithAllowOutofOrder(true)}
	if d.kind == Postgres {
		dialect = goose.DialectPostgres
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return nil, err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	return goose.NewProvider(dialect, pool, dir, options...)
}

// SchemaHash names the set of migrations in this binary.
func SchemaHash() string {
	sum := sha256.New()
	names, _ := fs.Glob(migrations, "migrations/*.sql") // the pattern is good
	for _, name := range names {
		text, _ := migrations.ReadFile(name) // embedded: it is there
		fmt.Fprintf(sum, "%s %d\n%s", name, len(text), text)
	}
	return hex.EncodeToString(sum.Sum(nil))
}
