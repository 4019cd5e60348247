package db

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tongban/tongban/internal/clock"
)

const (
	// maxAttempts is after how many failures a job is dead.
	maxAttempts = 12
	// poll is how often a worker looks for jobs of other processes.
	poll = time.Second
	// gather is how long a hand that was woken waits for more to come.
	gather = 20 * time.Millisecond
	// hands is how many jobs a worker runs at a time.
	hands = 4
)

// Worker runs due jobs of the kinds it has handlers for. Any number of workers
// in any number of processes may share a database.
type Worker struct {
	db       *DB
	clock    clock.Clock
	log      *slog.Logger
	handlers map[string]handler
}

// NewWorker is a worker without handlers. now decides what is due.
func NewWorker(d *DB, now clock.Clock, log *slog.Logger) *Worker {
	return &Worker{db: d, clock: now, log: log, handlers: map[string]handler{}}
}

// Handle sets the handler of a kind; call it before Run. The job is deleted in
// the transaction that fn gets, so fn's effects in it happen exactly once,
// though fn may run more than once. An error undoes them; the job is tried again
// after a pause that doubles from one second to an hour, and after 12 failures
// it is dead: kept, and listed by Failures.
func (w *Worker) Handle(kind string, fn func(ctx context.Context, tx Tx, job Job) error) {
	w.handlers[kind] = handler{one: fn}
}

// HandleAll is Handle for jobs that are cheaper done together: fn gets up to
// batch due jobs of the kind in one transaction. Where it fails, each of them is
// tried alone, and the failure is that one's.
func (w *Worker) HandleAll(kind string, fn func(ctx context.Context, tx Tx, jobs []Job) error) {
	w.handlers[kind] = handler{one: func(ctx context.Context, tx Tx, job Job) error { return fn(ctx, tx, []Job{job}) }, all: fn}
}

// handler is what runs the jobs of a kind; all is nil where each is alone.
type handler struct {
	one func(ctx context.Context, tx Tx, job Job) error
	all func(ctx context.Context, tx Tx, jobs []Job) error
}

// batch is how many jobs a HandleAll function gets at most.
const batch = 64

// Run works until ctx ends, then waits for the jobs in hand and returns nil.
// It wakes when an Enqueue of this process commits, when a job falls due, and
// every second for jobs of other processes.
func (w *Worker) Run(ctx context.Context) error {
	wake, cancel := w.db.wake.subscribe() // one for all: a ring wakes one hand
	defer cancel()
	ear := make(chan struct{}, 1) // who holds it listens for rings
	ear <- struct{}{}
	var all sync.WaitGroup
	for range hands {
		all.Go(func() {
			for ctx.Err() == nil {
				_, next, err := w.drain(ctx)
				if err != nil && ctx.Err() == nil {
					w.log.ErrorContext(ctx, "jobs cannot be run", "error", err)
				}
				w.sleep(ctx, ear, wake, next)
			}
		})
	}
	all.Wait()
	return nil
}

// sleep waits for a wake-up, the next due job or the poll. One hand at a time
// listens, so that the jobs that come while it gathers are one hand's work.
func (w *Worker) sleep(ctx context.Context, ear chan struct{}, wake <-chan struct{}, next time.Time) {
	wait := poll
	if !next.IsZero() {
		// What is due now is in somebody else's hands.
		wait = min(max(next.Sub(w.clock()), poll/4), poll)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ear:
		defer func() { ear <- struct{}{} }()
	case <-timer.C:
		return
	case <-ctx.Done():
		return
	}
	select {
	case <-wake: // more are likely on their way: take them in one go
		timer.Reset(gather)
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	case <-timer.C:
	case <-ctx.Done():
	}
}

// RunDue runs, one after the other in order of due time, the jobs that are due
// by the clock, those included that fall due meanwhile, and returns how many
// were tried. A job that fails is not an error.
func (w *Worker) RunDue(ctx context.Context) (int, error) {
	tried, _, err := w.drain(ctx)
	return tried, err
}

// drain is RunDue, and says when the next job is due; zero: none waits.
func (w *Worker) drain(ctx context.Context) (tried int, next time.Time, err error) {
	for {
		first, err := w.first(ctx)
		if err != nil || first == nil {
			return tried, time.Time{}, err
		}
		if first.RunAt.After(w.clock()) {
			return tried, first.RunAt, nil
		}
		n, err := w.some(ctx, first)
		tried += n
		if err != nil || n == 0 {
			return tried, first.RunAt, err
		}
	}
}

// some runs the first due job, together with others of its kind where they are
// done in batches. Those of a batch that fails are each tried alone.
func (w *Worker) some(ctx context.Context, first *Job) (int, error) {
	left := 1
	if w.handlers[first.Kind].all != nil && first.Attempts == 0 {
		n, err := w.together(ctx, first.Kind)
		if ctx.Err() != nil || err == nil && n > 0 {
			return n, ctx.Err()
		}
		left = max(n, 1)
	}
	for n := range left {
		if ran, err := w.one(ctx, first.Kind); err != nil || !ran {
			return n, err
		}
	}
	return left, nil
}

// together runs one batch of due jobs of the kind and returns how many it had.
func (w *Worker) together(ctx context.Context, kind string) (int, error) {
	var jobs []Job
	err := w.db.Write(ctx, func(ctx context.Context, tx Tx) (err error) {
		if jobs, err = w.takeAll(ctx, tx, kind); err != nil || len(jobs) == 0 {
			return err
		}
		return w.handlers[kind].all(ctx, tx, jobs)
	})
	return len(jobs), err
}

// takeAll removes up to a batch of due jobs of one kind and returns them.
func (w *Worker) takeAll(ctx context.Context, tx Tx, kind string) ([]Job, error) {
	query := `SELECT id FROM jobs WHERE dead = FALSE AND attempts = 0 AND kind = $1 AND run_at <= $2 ORDER BY run_at, id LIMIT $3`
	if w.db.kind == Postgres {
		query += ` FOR UPDATE SKIP LOCKED`
	}
	query = `DELETE FROM jobs WHERE id IN (` + query + `) RETURNING id, kind, key, payload, run_at, attempts`
	rows, err := tx.QueryContext(ctx, query, kind, w.clock().UnixMilli(), batch)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var jobs []Job
	for rows.Next() {
		var j Job
		var at int64
		if err := rows.Scan(&j.ID, &j.Kind, &j.Key, &j.Payload, &at, &j.Attempts); err != nil {
			return nil, err
		}
		j.RunAt = time.UnixMilli(at).UTC()
		jobs = append(jobs, j)
	}
	slices.SortFunc(jobs, func(a, b Job) int { return cmp.Or(a.RunAt.Compare(b.RunAt), strings.Compare(a.ID, b.ID)) })
	return jobs, rows.Err()
}

// first is when the earliest job is due, of which kind it is and how often it
// has failed; nil when none waits. Each kind is looked up for itself, so that
// jobs of kinds that this worker leaves to others are not in the way.
func (w *Worker) first(ctx context.Context) (*Job, error) {
	var looks []string
	var args []any
	for _, kind := range slices.Sorted(maps.Keys(w.handlers)) {
		args = append(args, kind)
		looks = append(looks, fmt.Sprintf(`SELECT run_at, id, kind, attempts FROM (
SELECT run_at, id, kind, attempts FROM jobs WHERE dead = FALSE AND kind = $%d ORDER BY run_at, id LIMIT 1) AS k%[1]d`, len(args)))
	}
	if len(looks) == 0 {
		return nil, nil
	}
	var j Job
	var at int64
	row := w.db.Reader().QueryRowContext(ctx, strings.Join(looks, "\nUNION ALL\n")+"\nORDER BY 1, 2 LIMIT 1", args...)
	err := row.Scan(&at, &j.ID, &j.Kind, &j.Attempts)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("db.Worker: first: %w", err)
	}
	j.RunAt = time.UnixMilli(at).UTC()
	return &j, nil
}

// one takes one due job of the kind and runs it. It reports false when there
// was none.
func (w *Worker) one(ctx context.Context, kind string) (bool, error) {
	var job Job
	var taken bool
	err := w.db.Write(ctx, func(ctx context.Context, tx Tx) (err error) {
		taken = false
		if job, err = w.take(ctx, tx, kind); err != nil {
			if errors.Is(err, sql.ErrNoRows) {
				return nil
			}
			return err
		}
		taken = true
		return w.handlers[kind].one(ctx, tx, job)
	})
	if err == nil || !taken || ctx.Err() != nil {
		return taken, err
	}
	return true, w.failed(ctx, job, err)
}

// take removes the first due job of the kind that nobody else has in hand and
// returns it.
func (w *Worker) take(ctx context.Context, tx Tx, kind string) (Job, error) {
	query := `SELECT id FROM jobs WHERE dead = FALSE AND kind = $1 AND run_at <= $2 ORDER BY run_at, id LIMIT 1`
	if w.db.kind == Postgres {
		query += ` FOR UPDATE SKIP LOCKED`
	}
	query = `DELETE FROM jobs WHERE id = (` + query + `) RETURNING id, kind, key, payload, run_at, attempts`
	var j Job
	var at int64
	row := tx.QueryRowContext(ctx, query, kind, w.clock().UnixMilli())
	if err := row.Scan(&j.ID, &j.Kind, &j.Key, &j.Payload, &at, &j.Attempts); err != nil {
		return Job{}, err
	}
	j.RunAt = time.UnixMilli(at).UTC()
	return j, nil
}

// failed notes the failure on the job, which the undone transaction left where
// it was, unless it has been replaced since.
func (w *Worker) failed(ctx context.Context, job Job, cause error) error {
	attempts := job.Attempts + 1
	dead := attempts >= maxAttempts
	level := slog.LevelWarn
	if dead {
		level = slog.LevelError
	}
	w.log.Log(ctx, level, "job failed", "kind", job.Kind, "id", job.ID, "attempts", attempts, "dead", dead, "error", cause)
	err := w.db.Write(ctx, func(ctx context.Context, tx Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE jobs SET attempts = $1, last_error = $2, run_at = $3, dead = $4 WHERE id = $5`,
			attempts, cause.Error(), w.clock().Add(backoff(attempts)).UnixMilli(), dead, job.ID)
		return err
	})
	if err != nil {
		return fmt.Errorf("db.Worker: failed: %w", err)
	}
	return nil
}

// backoff is the pause before the next attempt.
func backoff(attempts int) time.Duration {
	return min(time.Second<<min(attempts-1, 20), time.Hour)
}
