package exchange

import (
	"context"

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
		if err := record(ctx, tx, op, r, rec); err != nil {
			return err
		}
	}
	return nil
}
