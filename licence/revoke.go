package licence

import (
	"context"
	"fmt"
	"strings"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/ledger"
	"github.com/tongban/tongban/licence/internal/store"
)

// Revoke takes a licence back for good, in tx, with its ledger leaf. The reason
// is for the holder to read and must not be empty; by names who did it. One
// that is revoked already is a Conflict, one that is not there NotFound.
func (s *Store) Revoke(ctx context.Context, tx db.Tx, id, reason, by string) error {
	const op = "licence.Revoke"
	if reason = strings.TrimSpace(reason); reason == "" || !plain(reason) {
		return fault.Fields(op, fault.Field{Pointer: "/reason", Message: i18n.M("licence.noReason")})
	}
	l, err := s.Get(ctx, tx, id)
	if err != nil {
		return err
	}
	if l.Status != Active {
		return fault.New(fault.Conflict, op, i18n.M("licence.revokedAlready"))
	}
	now := s.clock()
	err = store.New(tx.Later()).RevokeLicence(ctx, store.RevokeLicenceParams{
		Reason: reason, ChangedAt: now.UnixMilli(), ChangedBy: by, ID: id,
	})
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	leaf := ledger.Leaf{ID: RevocationLeaf(l.ID), Kind: LeafRevoked, Subject: l.ID, At: now, Body: []byte(l.Signed() + "\n" + reason)}
	if err := ledger.Append(ctx, tx, leaf); err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	return nil
}
