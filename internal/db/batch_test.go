package db_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
)

// Jobs of a HandleAll kind come in batches; where a batch fails, each is tried
// alone, and only the bad one stays.
func TestHandleAll(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		ctx, now := t.Context(), clock.NewFake(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
		err := d.Write(ctx, func(ctx context.Context, tx db.Tx) error {
			for n := range 100 {
				if err := db.Enqueue(ctx, tx, db.Job{Kind: "many", Key: fmt.Sprint(n), RunAt: now.Now()}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		var sizes []int
		done := map[string]int{}
		w := db.NewWorker(d, now.Now, slog.New(slog.NewTextHandler(io.Discard, nil)))
		w.HandleAll("many", func(_ context.Context, _ db.Tx, jobs []db.Job) error {
			for _, job := range jobs {
				if job.Key == "77" {
					return errors.New("this one never works")
				}
			}
			sizes = append(sizes, len(jobs))
			for _, job := range jobs {
				done[job.Key]++
			}
			return nil
		})
		if _, err := w.RunDue(ctx); err != nil {
			t.Fatal(err)
		}
		if len(sizes) == 0 || sizes[0] != 64 {
			t.Errorf("batches: got sizes %v, want the first of 64", sizes)
		}
		if len(done) != 99 || done["77"] != 0 {
			t.Errorf("done: got %d jobs and the bad one %d times, want 99 and 0", len(done), done["77"])
		}
		for key, n := range done {
			if n != 1 {
				t.Errorf("job %s: done %d times, want once", key, n)
			}
		}
		failed, err := db.Failures(ctx, d.Reader(), 10)
		if err != nil || len(failed) != 1 || failed[0].Job.Key != "77" {
			t.Errorf("Failures: got %v and %v, want job 77", failed, err)
		}
	})
}

// A database without the schema is told apart from one that has it.
func TestCurrent(t *testing.T) {
	d, err := db.Open(t.Context(), "sqlite::memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Current(t.Context()); err == nil {
		t.Error("Current of an empty database: got nil, want the first migration named")
	}
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := d.Current(t.Context()); err != nil {
		t.Errorf("Current of a migrated database: got %v, want nil", err)
	}
}
