package db_test

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
)

// scratch makes the table that these tests write to.
func scratch(t *testing.T, d *db.DB) {
	t.Helper()
	write(t, d, func(ctx context.Context, tx db.Tx) error {
		_, err := tx.ExecContext(ctx, "CREATE TABLE scratch (k TEXT NOT NULL PRIMARY KEY, n BIGINT NOT NULL)")
		return err
	})
}

func write(t *testing.T, d *db.DB, fn func(ctx context.Context, tx db.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func put(ctx context.Context, q db.Queryer, k string, n int) error {
	_, err := q.ExecContext(ctx, "INSERT INTO scratch (k, n) VALUES ($1, $2)", k, n)
	return err
}

// rows is the content of scratch.
func rows(t *testing.T, q db.Queryer) map[string]int {
	t.Helper()
	found, err := q.QueryContext(t.Context(), "SELECT k, n FROM scratch")
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	all := map[string]int{}
	for found.Next() {
		var k string
		var n int
		if err := found.Scan(&k, &n); err != nil {
			t.Fatal(err)
		}
		all[k] = n
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestOpenRefuses(t *testing.T) {
	for _, dsn := range []string{"", "mysql://x", "postgres://127.0.0.1:1/x?connect_timeout=1", "postgres://%zz", "postgres:///x?pool_max_conns=0", "sqlite:" + filepath.Join(t.TempDir(), "missing", "x.db")} {
		if d, err := db.Open(t.Context(), dsn); err == nil {
			d.Close()
			t.Errorf("Open(%q): got nil error", dsn)
		}
	}
}

func TestOpenMemory(t *testing.T) {
	d, err := db.Open(t.Context(), "sqlite::memory:")
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if err := d.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
	if err := d.Write(t.Context(), func(context.Context, db.Tx) error { return nil }); err == nil {
		t.Error("Write after Close: got nil error")
	}
}

func TestMigrateUpDownUp(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		if err := d.Migrate(t.Context()); err != nil {
			t.Fatalf("again: %v", err)
		}
		if err := d.Down(t.Context()); err != nil {
			t.Fatalf("down: %v", err)
		}
		if _, err := d.Reader().ExecContext(t.Context(), "SELECT 1 FROM jobs"); err == nil {
			t.Error("jobs is still there after all migrations were undone")
		}
		if err := d.Migrate(t.Context()); err != nil {
			t.Fatalf("up again: %v", err)
		}
	})
}

func TestReaderRefusesWrites(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		scratch(t, d)
		if err := put(t.Context(), d.Reader(), "a", 1); err == nil {
			t.Error("insert through Reader: got nil error")
		}
		if diff := cmp.Diff(map[string]int{}, rows(t, d.Reader())); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
	})
}

func TestIsUnique(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		scratch(t, d)
		direct := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			return errors.Join(put(ctx, tx, "a", 1), put(ctx, tx, "a", 2))
		})
		queued := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			return errors.Join(put(ctx, tx.Later(), "a", 1), put(ctx, tx.Later(), "a", 2))
		})
		null := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			_, err := tx.ExecContext(ctx, "INSERT INTO scratch (k, n) VALUES ('b', NULL)")
			return err
		})
		for _, c := range []struct {
			name string
			err  error
			want bool
		}{{"direct", direct, true}, {"queued", queued, true}, {"not null", null, false}, {"none", nil, false}} {
			if got := db.IsUnique(c.err); got != c.want {
				t.Errorf("%s: IsUnique(%v): got %v, want %v", c.name, c.err, got, c.want)
			}
		}
	})
}

type named string

// Values come back as they went in, alike on both engines and on both paths.
func TestValues(t *testing.T) {
	type record struct {
		K    named
		Note sql.NullString
		Big  int64
		Yes  bool
		Body []byte
	}
	records := []record{
		{K: "plain", Note: sql.NullString{String: "x", Valid: true}, Big: 1, Yes: true, Body: []byte("b")},
		{K: "rare 𠮷 '\"\\;$1", Big: math.MaxInt64, Body: []byte{0, 1, 0xff}},
		{K: "", Big: math.MinInt64, Yes: true, Body: []byte{}},
		{K: "long", Note: sql.NullString{Valid: true}, Body: []byte(strings.Repeat("长", 50_000))},
	}
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			_, err := tx.ExecContext(ctx, `CREATE TABLE v (k TEXT NOT NULL PRIMARY KEY, note TEXT, big BIGINT NOT NULL, yes BOOLEAN NOT NULL, body BYTEA NOT NULL)`)
			return err
		})
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			for i, r := range records {
				q := []db.Queryer{tx, tx.Later()}[i%2]
				if _, err := q.ExecContext(ctx, "INSERT INTO v (k, note, big, yes, body) VALUES ($1, $2, $3, $4, $5)", r.K, r.Note, r.Big, r.Yes, r.Body); err != nil {
					return err
				}
			}
			return nil
		})
		for _, want := range records {
			var got record
			err := d.Reader().QueryRowContext(t.Context(), "SELECT k, note, big, yes, body FROM v WHERE k = $1 AND yes = $2", want.K, want.Yes).
				Scan(&got.K, &got.Note, &got.Big, &got.Yes, &got.Body)
			if err != nil {
				t.Fatalf("%q: %v", want.K, err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%q (-want +got):\n%s", want.K, diff)
			}
		}
		var count, sum, longest int64
		err := d.Reader().QueryRowContext(t.Context(), "SELECT count(*), CAST(sum(CASE WHEN yes THEN 1 ELSE 0 END) AS BIGINT), coalesce(max(length(body)), 0) FROM v").Scan(&count, &sum, &longest)
		if err != nil {
			t.Fatal(err)
		}
		if count != 4 || sum != 2 || longest != 150_000 {
			t.Errorf("count, sum, longest: got %d, %d, %d, want 4, 2, 150000", count, sum, longest)
		}
	})
}
