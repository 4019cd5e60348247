package db

import (
	"context"
	"fmt"
	"time"

	"github.com/tongban/tongban/internal/id"
)

// Job is work to be done once, at or after a time, in a transaction of its own.
// It is queued in the transaction that wants it done, so it exists if and only
// if that one committed.
type Job struct {
	ID       string // made by Enqueue
	Kind     string // which handler
	Key      string // unique per kind unless empty
	Payload  []byte
	RunAt    time.Time // zero: at once
	Attempts int       // how often it has failed
}

// Enqueue queues a job with tx. A job of the same kind and key that is still
// waiting takes the new payload and time and begins afresh, so Key is the name
// of a timer. Workers of this process wake when tx commits.
func Enqueue(ctx context.Context, tx Tx, job Job) error {
	if job.Kind == "" {
		return fmt.Errorf("db.Enqueue: a job needs a kind")
	}
	var at int64
	if !job.RunAt.IsZero() {
		at = job.RunAt.UnixMilli()
	}
	payload := job.Payload
	if payload == nil {
		payload = []byte{}
	}
	query := `INSERT INTO jobs (id, kind, key, payload, run_at, attempts, last_error, dead)
VALUES ($1, $2, $3, $4, $5, 0, '', FALSE)`
	if job.Key != "" {
		query += `
ON CONFLICT (kind, key) WHERE key <> '' DO UPDATE
SET id = excluded.id, payload = excluded.payload, run_at = excluded.run_at, attempts = 0, last_error = '', dead = FALSE`
	}
	if _, err := tx.Later().ExecContext(ctx, query, id.New(), job.Kind, job.Key, payload, at); err != nil {
		return fmt.Errorf("db.Enqueue: %w", err)
	}
	tx.wakeOnCommit()
	return nil
}

// Cancel removes the waiting job of the kind and key, if there is one.
func Cancel(ctx context.Context, tx Tx, kind, key string) error {
	_, err := tx.Later().ExecContext(ctx, `DELETE FROM jobs WHERE kind = $1 AND key = $2 AND key <> ''`, kind, key)
	if err != nil {
		return fmt.Errorf("db.Cancel: %w", err)
	}
	return nil
}

// Failure is a job that has failed at least once.
type Failure struct {
	Job   Job
	Error string
	Dead  bool // no more attempts are made until Revive
}

// Failures lists jobs that have failed, dead ones first, then by time.
func Failures(ctx context.Context, q Queryer, limit int) ([]Failure, error) {
	rows, err := q.QueryContext(ctx, `SELECT id, kind, key, payload, run_at, attempts, last_error, dead
FROM jobs WHERE attempts > 0 ORDER BY dead DESC, run_at, id LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("db.Failures: %w", err)
	}
	defer rows.Close()
	var all []Failure
	for rows.Next() {
		var f Failure
		var at int64
		j := &f.Job
		if err := rows.Scan(&j.ID, &j.Kind, &j.Key, &j.Payload, &at, &j.Attempts, &f.Error, &f.Dead); err != nil {
			return nil, fmt.Errorf("db.Failures: %w", err)
		}
		j.RunAt = time.UnixMilli(at).UTC()
		all = append(all, f)
	}
	return all, rows.Err()
}

// Revive gives a dead job a fresh set of attempts from the given time on.
func Revive(ctx context.Context, tx Tx, id string, at time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE jobs SET dead = FALSE, attempts = 0, run_at = $1 WHERE id = $2`, at.UnixMilli(), id)
	if err != nil {
		return fmt.Errorf("db.Revive: %w", err)
	}
	return nil
}
