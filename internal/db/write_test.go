package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
)

var errMine = errors.New("mine")

func TestWrite(t *testing.T) {
	cases := []struct {
		name string
		fn   func(ctx context.Context, tx db.Tx, cancel func()) error
		keep bool
		err  error // nil: any, when not kept
	}{
		{name: "nothing", fn: func(context.Context, db.Tx, func()) error { return nil }},
		{name: "kept", keep: true, fn: func(ctx context.Context, tx db.Tx, _ func()) error {
			return put(ctx, tx, "a", 1)
		}},
		{name: "kept, queued", keep: true, fn: func(ctx context.Context, tx db.Tx, _ func()) error {
			return put(ctx, tx.Later(), "a", 1)
		}},
		{name: "error", err: errMine, fn: func(ctx context.Context, tx db.Tx, _ func()) error {
			return errors.Join(put(ctx, tx, "a", 1), errMine)
		}},
		{name: "error, queued", err: errMine, fn: func(ctx context.Context, tx db.Tx, _ func()) error {
			return errors.Join(put(ctx, tx.Later(), "a", 1), errMine)
		}},
		{name: "panic", err: errors.New("any"), fn: func(ctx context.Context, tx db.Tx, _ func()) error {
			_ = put(ctx, tx, "a", 1)
			panic("oh")
		}},
		{name: "failure that fn hides", err: errors.New("any"), fn: func(ctx context.Context, tx db.Tx, _ func()) error {
			_ = put(ctx, tx, "a", 1)
			_ = put(ctx, tx, "a", 2)
			return nil
		}},
		{name: "query failure that fn hides", err: errors.New("any"), fn: func(ctx context.Context, tx db.Tx, _ func()) error {
			_ = put(ctx, tx, "a", 1)
			_ = tx.QueryRowContext(ctx, "SELECT nothing FROM nowhere").Scan()
			return nil
		}},
		{name: "queued failure that fn hides", err: errors.New("any"), fn: func(ctx context.Context, tx db.Tx, _ func()) error {
			_ = put(ctx, tx, "a", 1)
			_, _ = tx.Later().ExecContext(ctx, "INSERT INTO nowhere VALUES (1)")
			return nil
		}},
		{name: "cancelled inside", err: context.Canceled, fn: func(ctx context.Context, tx db.Tx, cancel func()) error {
			err := put(ctx, tx, "a", 1)
			cancel()
			return err
		}},
		{name: "cancelled before a statement", err: context.Canceled, fn: func(ctx context.Context, tx db.Tx, cancel func()) error {
			cancel()
			_ = put(ctx, tx, "a", 1)
			return nil
		}},
		{name: "no rows is no failure", keep: true, fn: func(ctx context.Context, tx db.Tx, _ func()) error {
			var n int
			if err := tx.QueryRowContext(ctx, "SELECT n FROM scratch WHERE k = 'none'").Scan(&n); !errors.Is(err, sql.ErrNoRows) {
				return fmt.Errorf("got %v, want ErrNoRows", err)
			}
			return put(ctx, tx, "a", 1)
		}},
		{name: "prepared", keep: true, fn: func(ctx context.Context, tx db.Tx, _ func()) error {
			stmt, err := tx.PrepareContext(ctx, "INSERT INTO scratch (k, n) VALUES ($1, $2)")
			if err != nil {
				return err
			}
			defer stmt.Close()
			_, err = stmt.ExecContext(ctx, "a", 1)
			return err
		}},
	}
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		scratch(t, d)
		for n := range 2 * len(cases) {
			c, way := cases[n/2], d.Write
			if n%2 == 1 {
				c.name, way = c.name+", ahead", d.WriteAhead
			}
			ctx, cancel := context.WithCancel(t.Context())
			err := way(ctx, func(ctx context.Context, tx db.Tx) error { return c.fn(ctx, tx, cancel) })
			cancel()
			if (err != nil) != (c.err != nil) {
				t.Errorf("%s: got error %v, want %v", c.name, err, c.err)
			}
			if errors.Is(c.err, errMine) && !errors.Is(err, errMine) || errors.Is(c.err, context.Canceled) && !errors.Is(err, context.Canceled) {
				t.Errorf("%s: got error %v, want %v", c.name, err, c.err)
			}
			want := map[string]int{}
			if c.keep {
				want["a"] = 1
			}
			if diff := cmp.Diff(want, rows(t, d.Reader())); diff != "" {
				t.Errorf("%s: rows (-want +got):\n%s", c.name, diff)
			}
			write(t, d, func(ctx context.Context, tx db.Tx) error {
				_, err := tx.ExecContext(ctx, "DELETE FROM scratch")
				return err
			})
		}
	})
}

// Queued statements keep their order among themselves and with direct ones.
func TestLaterOrder(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		scratch(t, d)
		set := func(ctx context.Context, q db.Queryer, n int) error {
			_, err := q.ExecContext(ctx, "UPDATE scratch SET n = n * 10 + $1", n)
			return err
		}
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			err := errors.Join(put(ctx, tx.Later(), "a", 0), set(ctx, tx.Later(), 1), set(ctx, tx.Later(), 2), set(ctx, tx, 3))
			var n int
			if e := tx.QueryRowContext(ctx, "SELECT n FROM scratch").Scan(&n); e != nil || n != 123 {
				return fmt.Errorf("inside: got %d, %v, want 123", n, e)
			}
			err = errors.Join(err, set(ctx, tx.Later(), 4))
			if got := rows(t, tx)["a"]; got != 1234 {
				return fmt.Errorf("inside: got %d, want 1234", got)
			}
			return errors.Join(err, set(ctx, tx.Later(), 5), set(ctx, tx.Later(), 6))
		})
		if got := rows(t, d.Reader())["a"]; got != 123456 {
			t.Errorf("after: got %d, want 123456", got)
		}
	})
}

func TestLaterRefusesToRead(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			var n int
			if err := tx.Later().QueryRowContext(ctx, "SELECT 1").Scan(&n); err == nil {
				t.Error("QueryRowContext: got nil error")
			}
			if _, err := tx.Later().QueryContext(ctx, "SELECT 1"); err == nil {
				t.Error("QueryContext: got nil error")
			}
			if _, err := tx.Later().PrepareContext(ctx, "SELECT 1"); err == nil {
				t.Error("PrepareContext: got nil error")
			}
			return nil
		})
	})
}

func TestWriteInsideWrite(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			return d.Write(ctx, func(context.Context, db.Tx) error { return nil })
		})
		if err == nil {
			t.Error("got nil error")
		}
	})
}

// A goroutine that ends inside fn, as t.Fatal does, harms nobody else.
func TestGoexitInside(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		scratch(t, d)
		var ended sync.WaitGroup
		ended.Go(func() {
			_ = d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
				_ = put(ctx, tx, "a", 1)
				runtime.Goexit()
				return nil
			})
		})
		ended.Wait()
		write(t, d, func(ctx context.Context, tx db.Tx) error { return put(ctx, tx, "b", 2) })
		if diff := cmp.Diff(map[string]int{"b": 2}, rows(t, d.Reader())); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
	})
}

func TestAfterCommit(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		var ran []string
		for _, fail := range []bool{true, false} {
			_ = d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
				db.AfterCommit(tx, func() { ran = append(ran, fmt.Sprint(fail)) })
				if fail {
					return errMine
				}
				return nil
			})
		}
		if diff := cmp.Diff([]string{"false"}, ran); diff != "" {
			t.Errorf("ran (-want +got):\n%s", diff)
		}
	})
}

// Many writers, some of which fail, each see only their own fate.
func TestWritersAtOnce(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		scratch(t, d)
		write(t, d, func(ctx context.Context, tx db.Tx) error { return put(ctx, tx, "sum", 0) })
		want := map[string]int{"sum": 0}
		var all sync.WaitGroup
		for i := range 60 {
			key, fails := fmt.Sprintf("k%02d", i), i%3 == 0
			if !fails {
				want[key] = i
				want["sum"] += i
			}
			all.Go(func() {
				err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
					var sum int
					if err := tx.QueryRowContext(ctx, "SELECT n FROM scratch WHERE k = 'sum'").Scan(&sum); err != nil {
						return err
					}
					if _, err := tx.ExecContext(ctx, "UPDATE scratch SET n = $1 WHERE k = 'sum'", sum+i); err != nil {
						return err
					}
					if err := put(ctx, tx.Later(), key, i); err != nil {
						return err
					}
					switch {
					case i%6 == 0:
						return errMine
					case fails:
						return put(ctx, tx.Later(), "sum", 0) // taken
					}
					return nil
				})
				if (err != nil) != fails && !fault.Is(err, fault.Unavailable) {
					t.Errorf("%s: got error %v, want failure %v", key, err, fails)
				}
				if err != nil && !fails { // gave up after many lost races: as if it never ran
					t.Logf("%s: %v", key, err)
					t.Fail()
				}
			})
		}
		all.Wait()
		if diff := cmp.Diff(want, rows(t, d.Reader())); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
	})
}

func TestGivesUp(t *testing.T) {
	d := testdb.Open(t, db.Postgres)
	for _, code := range []string{"40001", "40P01"} {
		tries := 0
		err := d.Write(t.Context(), func(context.Context, db.Tx) error {
			tries++
			return fmt.Errorf("wrapped: %w", &pgconn.PgError{Code: code})
		})
		if !fault.Is(err, fault.Unavailable) || tries != db.MaxTries {
			t.Errorf("%s: got %v after %d tries, want unavailable after %d", code, err, tries, db.MaxTries)
		}
	}
}

// A connection that died while it lay in the pool is replaced.
func TestConnectionsKilled(t *testing.T) {
	d := testdb.Open(t, db.Postgres)
	scratch(t, d)
	for i := range 3 {
		_ = d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			_, err := tx.ExecContext(ctx, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
			return err
		})
		_ = d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			_, err := tx.ExecContext(ctx, "SELECT pg_terminate_backend(pg_backend_pid())")
			return err
		})
		write(t, d, func(ctx context.Context, tx db.Tx) error { return put(ctx, tx, fmt.Sprint(i), i) })
	}
	if got := len(rows(t, d.Reader())); got != 3 {
		t.Errorf("rows: got %d, want 3", got)
	}
}

// Writers that wait share one commit.
func TestGroupCommit(t *testing.T) {
	d, err := db.Open(t.Context(), testdb.DSN(t, db.SQLite))
	if err != nil {
		t.Fatal(err)
	}
	scratch(t, d)
	const writers = 100
	var ready, all sync.WaitGroup
	ready.Add(writers)
	inside := make(chan struct{})
	all.Go(func() {
		_ = d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			close(inside)
			ready.Wait()
			return nil
		})
	})
	<-inside
	for i := range writers {
		all.Go(func() {
			ready.Done()
			if err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error { return put(ctx, tx, fmt.Sprint(i), i) }); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := len(rows(t, d.Reader())); got != writers {
		t.Errorf("rows: got %d, want %d", got, writers)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if got := d.Commits(); got > writers/3 {
		t.Errorf("commits for %d writers: got %d, want few", writers, got)
	}
}

// One member that destroys the common transaction takes nobody with it.
func TestGroupLost(t *testing.T) {
	d := testdb.Open(t, db.SQLite)
	scratch(t, d)
	const writers = 30
	var ready, all sync.WaitGroup
	ready.Add(writers)
	inside := make(chan struct{})
	all.Go(func() {
		var once sync.Once
		err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			once.Do(func() { close(inside) })
			ready.Wait()
			return put(ctx, tx, "first", 1)
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-inside
	for i := range writers {
		all.Go(func() {
			ready.Done()
			err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
				if i%10 == 0 {
					_, err := tx.ExecContext(ctx, "ROLLBACK")
					return errors.Join(err, errMine)
				}
				return put(ctx, tx, fmt.Sprint(i), i)
			})
			if (err != nil) != (i%10 == 0) {
				t.Errorf("%d: got %v", i, err)
			}
		})
	}
	all.Wait()
	if got, want := len(rows(t, d.Reader())), writers-writers/10+1; got != want {
		t.Errorf("rows: got %d, want %d", got, want)
	}
}
