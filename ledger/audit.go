package ledger

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/ledger/internal/store"
)

// Audit reads every placed leaf, builds the tree anew and compares it with the
// newest checkpoint; nil means that nothing was changed, added or removed. It
// reads the whole log and keeps a few hashes of it in memory.
func (l *Log) Audit(ctx context.Context) error {
	if err := l.audit(ctx, l.db.Reader()); err != nil {
		return fmt.Errorf("ledger.Audit: %w", err)
	}
	return nil
}

func (l *Log) audit(ctx context.Context, reader db.Queryer) error {
	q := store.New(reader)
	last, err := l.last(ctx, q)
	if err != nil {
		return err
	}
	var f frontier
	for n := int64(0); n < last.tree.N; {
		rows, err := q.LeavesFrom(ctx, store.LeavesFromParams{Position: sql.NullInt64{Int64: n, Valid: true}, Limit: batch})
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return damaged(fmt.Errorf("leaf %d is missing", n))
		}
		for _, row := range rows[:min(int64(len(rows)), last.tree.N-n)] {
			if row.Position.Int64 != n {
				return damaged(fmt.Errorf("leaf %d is missing", n))
			}
			f.add(tlog.RecordHash(entryOf(row).Record()))
			n++
		}
	}
	if root := f.root(); root != last.tree.Hash {
		return damaged(fmt.Errorf("the leaves give root %v, the checkpoint of size %d says %v", root, last.tree.N, last.tree.Hash))
	}
	return newTree(ctx, reader).matches(last.tree)
}

// frontier is the right edge of a tree: the roots of its full subtrees, larger
// ones first, one for each bit of its size.
type frontier struct {
	size  int64
	roots []tlog.Hash
}

// add puts a leaf hash at the end.
func (f *frontier) add(leaf tlog.Hash) {
	f.roots = append(f.roots, leaf)
	for n := f.size; n&1 == 1; n >>= 1 {
		last := len(f.roots) - 1
		f.roots[last-1] = tlog.NodeHash(f.roots[last-1], f.roots[last])
		f.roots = f.roots[:last]
	}
	f.size++
}

// root is the hash of the tree.
func (f *frontier) root() tlog.Hash {
	if len(f.roots) == 0 {
		return sha256.Sum256(nil)
	}
	root := f.roots[len(f.roots)-1]
	for i := len(f.roots) - 2; i >= 0; i-- {
		root = tlog.NodeHash(f.roots[i], root)
	}
	return root
}
