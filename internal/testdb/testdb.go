// Package testdb gives each test a migrated database of its own, on SQLite and
// on PostgreSQL. It starts the PostgreSQL itself; TONGBAN_TEST_POSTGRES names
// another server to use, as a user who may create databases. A database that
// cannot be had fails the test; nothing is skipped.
package testdb

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/id"
	"github.com/tongban/tongban/internal/pgtemp"
)

// Each runs fn as a subtest on each engine, with an empty migrated database.
func Each(t *testing.T, fn func(t *testing.T, d *db.DB)) {
	t.Helper()
	for _, engine := range []db.Engine{db.SQLite, db.Postgres} {
		t.Run(string(engine), func(t *testing.T) { fn(t, Open(t, engine)) })
	}
}

// Open opens an empty migrated database, which is closed and removed at the end
// of the test.
func Open(t testing.TB, engine db.Engine) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), DSN(t, engine))
	if err != nil {
		t.Fatalf("testdb: %v", err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("testdb: close: %v", err)
		}
	})
	return d
}

// DSN makes an empty migrated database, removed at the end of the test, and
// returns its address for db.Open or another process.
func DSN(t testing.TB, engine db.Engine) string {
	t.Helper()
	dsn, err := sqlite, error(nil)
	if engine == db.Postgres {
		dsn = postgres
	}
	address, err := dsn(t)
	if err != nil {
		t.Fatalf("testdb: %s: %v", engine, err)
	}
	return address
}

// template is a migrated, empty SQLite file.
var template = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "tongban-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "template.db")
	if err := migrate(context.Background(), "sqlite:"+path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

func migrate(ctx context.Context, dsn string) error {
	d, err := db.Open(ctx, dsn)
	if err != nil {
		return err
	}
	if err := d.Migrate(ctx); err != nil {
		d.Close()
		return err
	}
	return d.Close()
}

func sqlite(t testing.TB) (string, error) {
	file, err := template()
	if err != nil {
		return "", err
	}
	path := filepath.Join(t.TempDir(), "test.db")
	return "sqlite:" + path, os.WriteFile(path, file, 0o600)
}

// server is the address of each database of the PostgreSQL in use, and the name
// of its migrated template.
type server struct {
	address  func(database string) string
	template string
}

var running = sync.OnceValues(func() (server, error) {
	ctx := context.Background()
	s := server{template: "tongban_" + db.SchemaHash()[:16]}
	var err error
	if s.address, err = address(ctx); err != nil {
		return s, err
	}
	return s, s.prepare(ctx)
})

func address(ctx context.Context) (func(string) string, error) {
	dsn := os.Getenv("TONGBAN_TEST_POSTGRES")
	if dsn == "" {
		return pgtemp.Shared(ctx)
	}
	u, err := url.Parse(dsn)
	if err != nil {
		return nil, fmt.Errorf("TONGBAN_TEST_POSTGRES: %w", err)
	}
	return func(database string) string {
		copied := *u
		copied.Path = "/" + database
		return copied.String()
	}, nil
}

// prepare makes the template unless another process has; the advisory lock lets
// one do it while the others wait.
func (s server) prepare(ctx context.Context) error {
	return s.admin(ctx, func(conn *pgx.Conn) error {
		if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock(744837)"); err != nil {
			return err
		}
		var exists bool
		err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)", s.template).Scan(&exists)
		if err != nil || exists {
			return err
		}
		half := s.template + "_half"
		for _, query := range []string{"DROP DATABASE IF EXISTS " + half, "CREATE DATABASE " + half} {
			if _, err := conn.Exec(ctx, query); err != nil {
				return err
			}
		}
		if err := migrate(ctx, s.address(half)); err != nil {
			return err
		}
		_, err = conn.Exec(ctx, "ALTER DATABASE "+half+" RENAME TO "+s.template)
		return err
	})
}

// admin runs fn on a connection to the server's own database.
func (s server) admin(ctx context.Context, fn func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, s.address("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return fn(conn)
}

func (s server) exec(ctx context.Context, query string) error {
	return s.admin(ctx, func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, query)
		return err
	})
}

func postgres(t testing.TB) (string, error) {
	s, err := running()
	if err != nil {
		return "", err
	}
	name := "test_" + strings.ReplaceAll(id.New(), "-", "")
	t.Cleanup(func() {
		if err := s.exec(context.Background(), "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("testdb: %v", err)
		}
	})
	return s.address(name), s.exec(t.Context(), "CREATE DATABASE "+name+" TEMPLATE "+s.template)
}
