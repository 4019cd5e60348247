package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/ledger/internal/store"
)

// batch is how many leaves one transaction of the sequencer places.
const batch = 1024

// Log is the tree over the leaves of one database.
type Log struct {
	db     *db.DB
	signer note.Signer
	origin string
	clock  clock.Clock
}

// Open is the log of d. origin names it in every checkpoint and is the name of
// signer's key. Any number of processes may have it open and sequence.
func Open(d *db.DB, signer note.Signer, origin string, now clock.Clock) *Log {
	return &Log{d, signer, origin, now}
}

// Sequence gives every waiting leaf its place, oldest id first, publishes a
// signed checkpoint for each batch, and returns how many leaves were placed. On
// an empty log it publishes the checkpoint of the empty tree. It refuses to
// build on tiles that contradict the last checkpoint.
func (l *Log) Sequence(ctx context.Context) (int, error) {
	if l.signer.Name() != l.origin {
		return 0, fmt.Errorf("ledger.Sequence: key %q does not name the origin %q", l.signer.Name(), l.origin)
	}
	for total, lost := 0, 0; ; {
		var n int
		err := l.db.Write(ctx, func(ctx context.Context, tx db.Tx) (err error) {
			n, err = l.place(ctx, tx)
			return err
		})
		switch {
		case db.IsUnique(err) && lost < 8: // another sequencer took the places
			lost++
		case err != nil:
			return total, fmt.Errorf("ledger.Sequence: %w", err)
		case n < batch:
			return total + n, nil
		default:
			total += n
		}
	}
}

// Run sequences at once and then each time the interval has passed, until ctx
// ends. Failures are logged and tried again.
func (l *Log) Run(ctx context.Context, every time.Duration, log *slog.Logger) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		if _, err := l.Sequence(ctx); err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "ledger cannot be sequenced", "error", err)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// place is one batch. A checkpoint that is signed here and then undone with the
// transaction was seen by nobody.
func (l *Log) place(ctx context.Context, tx db.Tx) (int, error) {
	q, later, t := store.New(tx), store.New(tx.Later()), newTree(ctx, tx)
	last, err := l.last(ctx, q)
	empty := fault.Is(err, fault.NotFound)
	if err != nil && !empty {
		return 0, err
	}
	leaves, err := q.PendingLeaves(ctx, batch)
	if err != nil || len(leaves) == 0 && !empty {
		return 0, err
	}
	if !empty {
		if err := t.matches(last.tree); err != nil {
			return 0, err
		}
	}
	hashes := make([][]byte, len(leaves))
	for i, leaf := range leaves {
		hashes[i] = leaf.LeafHash
		place := store.PlaceLeafParams{Position: sql.NullInt64{Int64: last.tree.N + int64(i), Valid: true}, ID: leaf.ID}
		if err := later.PlaceLeaf(ctx, place); err != nil {
			return 0, err
		}
	}
	if err := t.extend(last.tree.N, hashes); err != nil {
		return 0, err
	}
	size := last.tree.N + int64(len(leaves))
	if err := t.save(later, last.tree.N, size); err != nil {
		return 0, err
	}
	return len(leaves), l.publish(ctx, t, later, size)
}

// publish queues the signed checkpoint of the tree's first size leaves.
func (l *Log) publish(ctx context.Context, t *tree, later *store.Queries, size int64) error {
	root, err := tlog.TreeHash(size, t)
	if err != nil {
		return err
	}
	signed, err := checkpoint{l.origin, tlog.Tree{N: size, Hash: root}}.sign(l.signer)
	if err != nil {
		return err
	}
	return later.InsertCheckpoint(ctx, store.InsertCheckpointParams{
		Size: size, Note: string(signed), At: l.clock().UnixMilli(),
	})
}

// last is the newest checkpoint, or a NotFound fault.
func (l *Log) last(ctx context.Context, q *store.Queries) (checkpoint, error) {
	row, err := q.LatestCheckpoint(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return checkpoint{}, fault.New(fault.NotFound, "ledger", i18n.M("ledger.unpublished"))
	}
	if err != nil {
		return checkpoint{}, err
	}
	c, err := ownCheckpoint(row.Note)
	if err == nil && c.tree.N != row.Size {
		err = fmt.Errorf("checkpoint of size %d is kept as %d", c.tree.N, row.Size)
	}
	if err != nil {
		return checkpoint{}, damaged(err)
	}
	return c, nil
}

// matches compares the stored tiles with what a checkpoint says of them.
func (t *tree) matches(want tlog.Tree) error {
	root, err := tlog.TreeHash(want.N, t)
	if err != nil {
		return damaged(err)
	}
	if root != want.Hash {
		return damaged(fmt.Errorf("root at size %d is %v, the checkpoint says %v", want.N, root, want.Hash))
	}
	return nil
}

// damaged is the error of a log whose stored parts contradict each other.
func damaged(err error) error { return fmt.Errorf("ledger: the log is damaged: %w", err) }

// Checkpoint is the newest signed checkpoint, or a NotFound fault before the
// first Sequence.
func (l *Log) Checkpoint(ctx context.Context) ([]byte, error) {
	row, err := store.New(l.db.Reader()).LatestCheckpoint(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "ledger.Checkpoint", i18n.M("ledger.unpublished"))
	}
	if err != nil {
		return nil, fmt.Errorf("ledger.Checkpoint: %w", err)
	}
	return []byte(row.Note), nil
}

func entryOf(row store.LedgerLeaf) Entry {
	e := Entry{ID: row.ID, Kind: row.Kind, Subject: row.Subject, At: time.UnixMilli(row.At).UTC()}
	copy(e.BodyHash[:], row.BodyHash)
	return e
}
