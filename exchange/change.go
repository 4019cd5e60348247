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

// Change is that a register's entry on a subject was written.
type Change struct {
	At       time.Time
	Subject  party.ID
	Resource string
}

// News is a change, and what the register says now; nothing where it has left
// the directory.
type News struct {
	Change
	Entry
}

// Since lists the entries that were written last after a change, in the order of
// Change's fields; limit at most. A Change with nothing but a time is before all of
// that millisecond. A transaction that takes long may come to light late: whoever
// follows the changes asks again for a while back. Like Each it leaves no receipts.
func (s *Store) Since(ctx context.Context, after Change, limit int) ([]News, error) {
	rows, err := store.New(s.db.Reader()).ListChanged(ctx, store.ListChangedParams{ChangedAt: after.At.UnixMilli(),
		Subject: string(after.Subject), Resource: after.Resource, Limit: int32(limit)})
	if err != nil {
		return nil, fmt.Errorf("exchange.Since: %w", err)
	}
	news, entries := make([]News, len(rows)), map[string]Entry{}
	for i, row := range rows {
		delete(entries, row.Resource)
		if err := s.read(entries, row.Resource, row.Fields, row.At); err != nil {
			return nil, fmt.Errorf("exchange.Since: %w", err)
		}
		news[i] = News{Change{At: time.UnixMilli(row.ChangedAt).UTC(), Subject: party.ID(row.Subject), Resource: row.Resource}, entries[row.Resource]}
	}
	return news, nil
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
