package db_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
)

var noon = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)

func enqueue(t *testing.T, d *db.DB, jobs ...db.Job) {
	t.Helper()
	write(t, d, func(ctx context.Context, tx db.Tx) error {
		for _, job := range jobs {
			if err := db.Enqueue(ctx, tx, job); err != nil {
				return err
			}
		}
		return nil
	})
}

func runDue(t *testing.T, w *db.Worker) int {
	t.Helper()
	n, err := w.RunDue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestJobsInOrderOfDueTime(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		now := clock.NewFake(noon)
		w := db.NewWorker(d, now.Now, quiet())
		var ran []string
		w.Handle("note", func(_ context.Context, _ db.Tx, job db.Job) error {
			ran = append(ran, string(job.Payload))
			return nil
		})
		enqueue(t, d,
			db.Job{Kind: "note", Payload: []byte("third"), RunAt: noon},
			db.Job{Kind: "note", Payload: []byte("second"), RunAt: noon.Add(-time.Hour)},
			db.Job{Kind: "note", Payload: []byte("first")},
			db.Job{Kind: "note", Payload: []byte("later"), RunAt: noon.Add(time.Minute)},
			db.Job{Kind: "stranger", Payload: []byte("nobody handles it")},
		)
		if got := runDue(t, w); got != 3 {
			t.Errorf("first run: got %d jobs, want 3", got)
		}
		now.Add(time.Minute)
		if got := runDue(t, w); got != 1 {
			t.Errorf("second run: got %d jobs, want 1", got)
		}
		if diff := cmp.Diff([]string{"first", "second", "third", "later"}, ran); diff != "" {
			t.Errorf("ran (-want +got):\n%s", diff)
		}
	})
}

func TestEnqueueReplacesAndCancels(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := db.NewWorker(d, clock.NewFake(noon).Now, quiet())
		ran := map[string]int{}
		for _, kind := range []string{"a", "b"} {
			w.Handle(kind, func(_ context.Context, _ db.Tx, job db.Job) error {
				ran[job.Kind+"/"+job.Key+"/"+string(job.Payload)]++
				return nil
			})
		}
		enqueue(t, d,
			db.Job{Kind: "a", Key: "k", Payload: []byte("old"), RunAt: noon},
			db.Job{Kind: "b", Key: "k", Payload: []byte("other kind"), RunAt: noon},
			db.Job{Kind: "a", Key: "gone", RunAt: noon},
			db.Job{Kind: "a", RunAt: noon},
			db.Job{Kind: "a", RunAt: noon},
		)
		enqueue(t, d, db.Job{Kind: "a", Key: "k", Payload: []byte("new"), RunAt: noon.Add(-time.Hour)})
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			return errors.Join(db.Cancel(ctx, tx, "a", "gone"), db.Cancel(ctx, tx, "a", ""), db.Cancel(ctx, tx, "a", "never"))
		})
		runDue(t, w)
		if diff := cmp.Diff(map[string]int{"a/k/new": 1, "b/k/other kind": 1, "a//": 2}, ran); diff != "" {
			t.Errorf("ran (-want +got):\n%s", diff)
		}
	})
}

func TestEnqueueNeedsAKind(t *testing.T) {
	d := testdb.Open(t, db.SQLite)
	if err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error { return db.Enqueue(ctx, tx, db.Job{}) }); err == nil {
		t.Error("got nil error")
	}
}

// A handler that fails leaves nothing behind, waits longer each time, and is
// dead but visible in the end; Revive gives it another life.
func TestJobFailsUntilDead(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		scratch(t, d)
		now := clock.NewFake(noon)
		w := db.NewWorker(d, now.Now, quiet())
		heal := false
		w.Handle("k", func(ctx context.Context, tx db.Tx, job db.Job) error {
			if err := put(ctx, tx.Later(), "effect", job.Attempts); err != nil {
				return err
			}
			switch {
			case heal:
				return nil
			case job.Attempts == 1:
				panic("broken")
			}
			return fmt.Errorf("try %d", job.Attempts)
		})
		enqueue(t, d, db.Job{Kind: "k", Key: "x", RunAt: noon})
		var waited []time.Duration
		for range db.MaxAttempts {
			if got := runDue(t, w); got != 1 {
				t.Fatalf("after %v: got %d jobs, want 1", waited, got)
			}
			failures, err := db.Failures(t.Context(), d.Reader(), 10)
			if err != nil || len(failures) != 1 {
				t.Fatalf("Failures: got %v, %v, want one", failures, err)
			}
			if got := runDue(t, w); got != 0 {
				t.Fatalf("after %v: ran again without a pause", waited)
			}
			pause := failures[0].Job.RunAt.Sub(now.Now())
			waited = append(waited, pause)
			now.Add(pause)
		}
		want := []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048}
		for i := range want {
			want[i] *= time.Second
		}
		if diff := cmp.Diff(want, waited); diff != "" {
			t.Errorf("waited (-want +got):\n%s", diff)
		}
		if got := runDue(t, w); got != 0 {
			t.Errorf("a dead job ran")
		}
		failures, err := db.Failures(t.Context(), d.Reader(), 10)
		if err != nil || len(failures) != 1 || !failures[0].Dead || failures[0].Error != "try 11" || failures[0].Job.Attempts != db.MaxAttempts {
			t.Errorf("Failures: got %+v, %v, want one, dead, try 11", failures, err)
		}
		heal = true
		write(t, d, func(ctx context.Context, tx db.Tx) error { return db.Revive(ctx, tx, failures[0].Job.ID, now.Now()) })
		if got := runDue(t, w); got != 1 {
			t.Errorf("revived: got %d jobs, want 1", got)
		}
		if diff := cmp.Diff(map[string]int{"effect": 0}, rows(t, d.Reader())); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
	})
}

// A failure that is noted late does not touch the job that took its place.
func TestFailureAfterReplacement(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		now := clock.NewFake(noon)
		w := db.NewWorker(d, now.Now, quiet())
		var ran []string
		w.Handle("k", func(ctx context.Context, tx db.Tx, job db.Job) error {
			ran = append(ran, string(job.Payload))
			return db.Enqueue(ctx, tx, db.Job{Kind: "k", Key: "x", Payload: []byte("next"), RunAt: now.Now().Add(time.Hour)})
		})
		enqueue(t, d, db.Job{Kind: "k", Key: "x", Payload: []byte("first")})
		runDue(t, w)
		now.Add(time.Hour)
		runDue(t, w)
		if diff := cmp.Diff([]string{"first", "next"}, ran); diff != "" {
			t.Errorf("ran (-want +got):\n%s", diff)
		}
	})
}

// Workers that die in the middle, again and again, and others beside them give
// each effect exactly once.
func TestEffectsExactlyOnce(t *testing.T) {
	const jobs = 60
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		scratch(t, d)
		now := clock.NewFake(noon)
		want := map[string]int{}
		for i := range jobs {
			key := fmt.Sprintf("j%02d", i)
			want[key] = i
			enqueue(t, d, db.Job{Kind: "k", Key: key, Payload: []byte(key), RunAt: noon})
		}
		var mu sync.Mutex
		crashed := map[string]bool{}
		handler := func(ctx context.Context, tx db.Tx, job db.Job) error {
			var n int
			if _, err := fmt.Sscanf(job.Key, "j%02d", &n); err != nil {
				return err
			}
			if err := put(ctx, tx, job.Key, n); err != nil {
				return err
			}
			mu.Lock()
			first := !crashed[job.Key]
			crashed[job.Key] = true
			mu.Unlock()
			if first && n%3 == 0 {
				runtime.Goexit() // as if the process ended here
			}
			return nil
		}
		// Each goroutine is a worker; one that dies is followed by another.
		for {
			var all sync.WaitGroup
			for range 4 {
				all.Go(func() {
					w := db.NewWorker(d, now.Now, quiet())
					w.Handle("k", handler)
					if _, err := w.RunDue(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			var left int
			if err := d.Reader().QueryRowContext(t.Context(), "SELECT count(*) FROM jobs").Scan(&left); err != nil {
				t.Fatal(err)
			}
			if left == 0 {
				break
			}
		}
		if diff := cmp.Diff(want, rows(t, d.Reader())); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
	})
}

// What was committed before the file was closed runs after it is opened again.
func TestJobsSurviveRestart(t *testing.T) {
	dsn := "sqlite:" + filepath.Join(t.TempDir(), "x.db")
	ran := 0
	for i := range 2 {
		d, err := db.Open(t.Context(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			enqueue(t, d, db.Job{Kind: "k"})
		} else {
			w := db.NewWorker(d, clock.NewFake(noon).Now, quiet())
			w.Handle("k", func(context.Context, db.Tx, db.Job) error { ran++; return nil })
			runDue(t, w)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if ran != 1 {
		t.Errorf("ran: got %d, want 1", ran)
	}
}

// Run wakes on the commit of an Enqueue, goes on to jobs that jobs queue, and
// ends with its context.
func TestWorkerRun(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		w := db.NewWorker(d, clock.System, quiet())
		done := make(chan string, 10)
		w.Handle("first", func(ctx context.Context, tx db.Tx, job db.Job) error {
			db.AfterCommit(tx, func() { done <- "first" })
			return db.Enqueue(ctx, tx, db.Job{Kind: "second"})
		})
		w.Handle("second", func(_ context.Context, tx db.Tx, _ db.Job) error {
			db.AfterCommit(tx, func() { done <- "second" })
			return nil
		})
		ended := make(chan error)
		go func() { ended <- w.Run(ctx) }()
		for range 3 {
			enqueue(t, d, db.Job{Kind: "first", RunAt: clock.System()})
			if got := []string{<-done, <-done}; !cmp.Equal(got, []string{"first", "second"}) {
				t.Errorf("got %v, want first, second", got)
			}
		}
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: got %v, want nil", err)
		}
	})
}
