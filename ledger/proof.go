package ledger

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/ledger/internal/store"
)

// Proof shows that a record is in the log. It stands alone: with the log's
// public key it is checked offline, by VerifyProof.
type Proof struct {
	Record     string           `json:"record"` // see Entry.Record
	Index      int64            `json:"index"`
	Path       tlog.RecordProof `json:"path"` // RFC 6962 audit path
	Checkpoint string           `json:"checkpoint"`
}

// Entry is what the proof speaks of.
func (p Proof) Entry() (Entry, error) { return ParseRecord([]byte(p.Record)) }

// Covers reports whether body is the act that the record holds the hash of.
func (p Proof) Covers(body []byte) bool {
	e, err := p.Entry()
	return err == nil && e.BodyHash == sha256.Sum256(body)
}

// Prove proves the leaf of the id against the newest checkpoint. An unknown id
// is a NotFound fault, one without a place yet a Conflict fault.
func (l *Log) Prove(ctx context.Context, leafID string) (Proof, error) {
	const op = "ledger.Prove"
	q := store.New(l.db.Reader())
	row, err := q.Leaf(ctx, leafID)
	if errors.Is(err, sql.ErrNoRows) {
		return Proof{}, fault.New(fault.NotFound, op, i18n.M("ledger.unknown"))
	}
	if err != nil {
		return Proof{}, fmt.Errorf("%s: %w", op, err)
	}
	if !row.Position.Valid {
		return Proof{}, fault.New(fault.Conflict, op, i18n.M("ledger.pending"))
	}
	latest, err := q.LatestCheckpoint(ctx)
	if err != nil {
		return Proof{}, fmt.Errorf("%s: %w", op, err)
	}
	c, err := ownCheckpoint(latest.Note)
	if err != nil {
		return Proof{}, fmt.Errorf("%s: %w", op, damaged(err))
	}
	p := Proof{Record: string(entryOf(row).Record()), Index: row.Position.Int64, Checkpoint: latest.Note}
	if p.Path, err = tlog.ProveRecord(c.tree.N, p.Index, newTree(ctx, l.db.Reader())); err != nil {
		return Proof{}, fmt.Errorf("%s: %w", op, damaged(err))
	}
	if err := p.check(c.tree); err != nil {
		return Proof{}, fmt.Errorf("%s: %w", op, damaged(err))
	}
	return p, nil
}

func (p Proof) check(tree tlog.Tree) error {
	return tlog.CheckRecord(p.Path, tree.N, tree.Hash, p.Index, tlog.RecordHash([]byte(p.Record)))
}

// VerifyProof checks the checkpoint's signature and that the record is in its
// tree. It needs no database. What is wrong is an Invalid fault.
func VerifyProof(p Proof, verifier note.Verifier) error {
	const op = "ledger.VerifyProof"
	c, err := openCheckpoint(op, p.Checkpoint, verifier)
	if err != nil {
		return err
	}
	if _, err := p.Entry(); err != nil {
		return fault.Wrap(fault.Invalid, op, i18n.M("ledger.badProof"), err)
	}
	if err := p.check(c.tree); err != nil {
		return fault.Wrap(fault.Invalid, op, i18n.M("ledger.badProof"), err)
	}
	return nil
}

// ConsistencyProof shows that the tree of New extends that of Old: nothing that
// Old held was changed or removed.
type ConsistencyProof struct {
	Old  string         `json:"old"` // signed checkpoints
	New  string         `json:"new"`
	Path tlog.TreeProof `json:"path"` // RFC 6962 consistency proof
}

// Consistency proves that the log of size new extends the log of size old. Both
// are sizes that were published, else NotFound; old is at most new, else
// Invalid.
func (l *Log) Consistency(ctx context.Context, old, new int64) (ConsistencyProof, error) {
	const op = "ledger.Consistency"
	if old < 0 || old > new {
		return ConsistencyProof{}, fault.New(fault.Invalid, op, i18n.M("ledger.unpublished"))
	}
	var p ConsistencyProof
	var err error
	if p.Old, err = published(ctx, l.db.Reader(), old); err != nil {
		return ConsistencyProof{}, err
	}
	if p.New, err = published(ctx, l.db.Reader(), new); err != nil {
		return ConsistencyProof{}, err
	}
	before, err1 := ownCheckpoint(p.Old)
	after, err2 := ownCheckpoint(p.New)
	if err := errors.Join(err1, err2); err != nil {
		return ConsistencyProof{}, fmt.Errorf("%s: %w", op, damaged(err))
	}
	if old > 0 { // every tree extends the empty one
		if p.Path, err = tlog.ProveTree(new, old, newTree(ctx, l.db.Reader())); err != nil {
			return ConsistencyProof{}, fmt.Errorf("%s: %w", op, damaged(err))
		}
	}
	if err := checkExtends(p.Path, before.tree, after.tree); err != nil {
		return ConsistencyProof{}, fmt.Errorf("%s: %w", op, damaged(err))
	}
	return p, nil
}

func published(ctx context.Context, q db.Queryer, size int64) (string, error) {
	signed, err := store.New(q).CheckpointAt(ctx, size)
	if errors.Is(err, sql.ErrNoRows) {
		return "", fault.New(fault.NotFound, "ledger.Consistency", i18n.M("ledger.unpublished"))
	}
	if err != nil {
		return "", fmt.Errorf("ledger.Consistency: %w", err)
	}
	return signed, nil
}

// VerifyConsistency checks both signatures and that New extends Old. What is
// wrong is an Invalid fault.
func VerifyConsistency(p ConsistencyProof, verifier note.Verifier) error {
	const op = "ledger.VerifyConsistency"
	before, err := openCheckpoint(op, p.Old, verifier)
	if err != nil {
		return err
	}
	after, err := openCheckpoint(op, p.New, verifier)
	if err != nil {
		return err
	}
	if err := checkExtends(p.Path, before.tree, after.tree); err != nil {
		return fault.Wrap(fault.Invalid, op, i18n.M("ledger.badProof"), err)
	}
	return nil
}

func checkExtends(path tlog.TreeProof, old, new tlog.Tree) error {
	if old.N > new.N {
		return fmt.Errorf("size %d does not extend size %d", new.N, old.N)
	}
	if old.N > 0 {
		return tlog.CheckTree(path, new.N, new.Hash, old.N, old.Hash)
	}
	empty, err := tlog.TreeHash(0, nil)
	if err != nil {
		return err
	}
	if len(path) != 0 || old.Hash != empty {
		return errors.New("the empty log has one root and needs no path")
	}
	return nil
}
