package testdb_test

import (
	"context"
	"testing"

	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
)

func TestEachIsIsolatedAndMigrated(t *testing.T) {
	for range 2 {
		testdb.Each(t, func(t *testing.T, d *db.DB) {
			var n int
			if err := d.Reader().QueryRowContext(t.Context(), "SELECT count(*) FROM jobs").Scan(&n); err != nil {
				t.Fatal(err)
			}
			if n != 0 {
				t.Errorf("jobs left over: got %d, want 0", n)
			}
			err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
				return db.Enqueue(ctx, tx, db.Job{Kind: "k"})
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}
