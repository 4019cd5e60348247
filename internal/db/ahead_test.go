package db_test

import (
	"context"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
)

// raise adds one to a number that it has read, if it is still that number.
func raise(ctx context.Context, tx db.Tx, k string) (int, error) {
	var n int
	if err := tx.QueryRowContext(ctx, "SELECT n FROM scratch WHERE k = $1", k).Scan(&n); err != nil {
		return 0, err
	}
	_, err := tx.Held().ExecContext(ctx, "UPDATE scratch SET n = $1 WHERE k = $2 AND n = $3", n+1, k, n)
	return n + 1, err
}

// Who runs ahead of the others loses nothing of theirs: each sees the number
// that the one before it has left, and what else it writes is there once.
func TestWriteAheadTogether(t *testing.T) {
	const writers = 24
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		scratch(t, d)
		write(t, d, func(ctx context.Context, tx db.Tx) error { return put(ctx, tx, "sum", 0) })
		var all sync.WaitGroup
		var mu sync.Mutex
		seen, hooks := map[int]int{}, 0
		for range writers {
			all.Go(func() {
				var got int
				err := d.WriteAhead(t.Context(), func(ctx context.Context, tx db.Tx) (err error) {
					if got, err = raise(ctx, tx, "sum"); err != nil {
						return err
					}
					db.AfterCommit(tx, func() { mu.Lock(); defer mu.Unlock(); hooks++ })
					return put(ctx, tx.Later(), string(rune('a'+got)), got)
				})
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				seen[got]++
			})
		}
		all.Wait()
		want, once := map[string]int{"sum": writers}, map[int]int{}
		for n := 1; n <= writers; n++ {
			want[string(rune('a'+n))], once[n] = n, 1
		}
		if diff := cmp.Diff(want, rows(t, d.Reader())); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(once, seen); diff != "" {
			t.Errorf("numbers that were left (-want +got):\n%s", diff)
		}
		if hooks != writers {
			t.Errorf("hooks: got %d, want %d", hooks, writers)
		}
	})
}

// What cannot run ahead runs in its turn, with the same result.
func TestWriteAheadInTurn(t *testing.T) {
	for name, fn := range map[string]func(ctx context.Context, tx db.Tx) error{
		"a direct statement": func(ctx context.Context, tx db.Tx) error { return put(ctx, tx, "b", 1) },
		"what was asked to be serial": func(ctx context.Context, tx db.Tx) error {
			if err := db.Serial(tx); err != nil {
				return err
			}
			return put(ctx, tx.Later(), "b", 1)
		},
		"a query of what was queued": func(ctx context.Context, tx db.Tx) error {
			if err := put(ctx, tx.Later(), "c", 1); err != nil {
				return err
			}
			var n int
			if err := tx.QueryRowContext(ctx, "SELECT n FROM scratch WHERE k = 'c'").Scan(&n); err != nil {
				return err
			}
			_, err := tx.Later().ExecContext(ctx, "UPDATE scratch SET k = 'b' WHERE k = 'c'")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			testdb.Each(t, func(t *testing.T, d *db.DB) {
				scratch(t, d)
				write(t, d, func(ctx context.Context, tx db.Tx) error { return put(ctx, tx, "a", 0) })
				err := d.WriteAhead(t.Context(), func(ctx context.Context, tx db.Tx) error {
					if _, err := raise(ctx, tx, "a"); err != nil {
						return err
					}
					return fn(ctx, tx)
				})
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(map[string]int{"a": 1, "b": 1}, rows(t, d.Reader())); diff != "" {
					t.Errorf("rows (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// A thing that changes between the snapshot and the turn is read again.
func TestWriteAheadMoved(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		scratch(t, d)
		write(t, d, func(ctx context.Context, tx db.Tx) error { return put(ctx, tx, "a", 0) })
		runs := 0
		err := d.WriteAhead(t.Context(), func(ctx context.Context, tx db.Tx) error {
			if _, err := raise(ctx, tx, "a"); err != nil {
				return err
			}
			if runs++; runs == 1 { // somebody else comes first
				done := make(chan struct{})
				go func() {
					defer close(done)
					write(t, d, func(ctx context.Context, tx db.Tx) error {
						_, err := raise(ctx, tx, "a")
						return err
					})
				}()
				<-done
			}
			return put(ctx, tx.Later(), "b", runs)
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]int{"a": 2, "b": 2}, rows(t, d.Reader())); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
	})
}
