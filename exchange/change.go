package exchange

import (
	"context"
	"fmt"
	"time"

	"github.com/tongban/tongban/exchange/internal/store"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/party"
)

// Changed is the kind of the job that a Put or an Amend which changes anything
// leaves in its transaction. Its payload, and its key, is the subject: changes
// that come before the job runs are one job.
const Changed = "register.changed"

func changed(ctx context.Context, tx db.Tx, subject party.ID) error {
	return db.Enqueue(ctx, tx, db.Job{Kind: Changed, Key: string(subject), Payload: []byte(subject)})
}

// Since lists who has had an entry written after t, and when, in the order of
// time; limit at most. A transaction that takes long may come to light late:
// whoever follows the changes asks again for a while back.
func (s *Store) Since(ctx context.Context, t time.Time, limit int) ([]Change, error) {
	rows, err := store.New(s.db.Reader()).ListChanged(ctx, store.ListChangedParams{ChangedAt: t.UnixMilli(), Limit: int32(limit)})
	if err != nil {
		return nil, fmt.Errorf("exchange.Since: %w", err)
	}
	changes := make([]Change, len(rows))
	for i, row := range rows {
		changes[i] = Change{Subject: party.ID(row.Subject), At: time.UnixMilli(row.ChangedAt).UTC()}
	}
	return changes, nil
}

// Change is that something about a subject was written.
type Change struct {
	Subject party.ID
	At      time.Time
}

// Record is one entry of a delivery.
type Record struct {
	Subject party.ID
	Entry
}

// Collect takes a register's delivery: it replaces what the register has on
// each subject, as Put does, but leaves no jobs. Whoever collects rebuilds what
// is derived from the registers once the delivery is in. Faults are those of
// Put; of a delivery with a fault nothing is written.
func (s *Store) Collect(ctx context.Context, tx db.Tx, resource string, records []Record) error {
	const op = "exchange.Collect"
	r, err := s.directory.resource(op, resource)
	if err != nil {
		return err
	}
	for _, rec := range records {
		if err := s.record(ctx, tx, op, r, rec); err != nil {
			return err
		}
	}
	return nil
}
