// Package licence issues electronic licences (GB/T 36901 to 36906) and keeps
// them: as SD-JWT VCs (RFC 9901, typ dc+sd-jwt) signed with ES256 by a key of
// the issuing agency, in the transaction of the decision, with a leaf in the
// ledger. A holder presents the whole or chosen claims; licence/verify checks
// what is presented, with no database.
//
// Invariants: what was issued is never changed, only its status is; the token
// and the row say the same; every issue and every revocation has its leaf.
package licence

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/licence/internal/store"
	"github.com/tongban/tongban/licence/sdjwt"
	"github.com/tongban/tongban/party"
)

// Status is where a licence stands. Expiry is no status: it follows from the
// dates, see Licence.Holds.
type Status string

// The statuses. Suspension, transfer and the rest of GB/T 36903 come later.
const (
	Active  Status = "active"  // good, for the holder to use
	Revoked Status = "revoked" // taken back by the issuer, with a reason; final
)

// Code is the GB/T 36903 code of the status.
func (s Status) Code() string {
	switch s {
	case Active:
		return "01" // 有效
	case Revoked:
		return "07" // 吊销
	default:
		return "99" // 其他
	}
}

// Licence is one issued licence. Number is what people call it by; Identifier
// is the national identifier. ValidUntil is the first instant at which it no
// longer holds, zero for one without end. ChangedAt and ChangedBy tell of the
// status, Reason why it was revoked. Token is the SD-JWT VC with everything
// disclosed: the holder's, to be shown through Present.
type Licence struct {
	ID         string
	Type       string
	Number     string
	Identifier string
	Holder     party.ID
	Issuer     string // agency id
	IssuedAt   time.Time
	ValidFrom  time.Time
	ValidUntil time.Time
	Status     Status
	Reason     string
	ChangedAt  time.Time
	ChangedBy  string
	Claims     map[string]string
	Token      string
	CaseID     string
}

// Holds reports whether the licence is good at t: active and in its time.
func (l Licence) Holds(t time.Time) bool {
	return l.Status == Active && !l.Expired(t) && !t.Before(l.ValidFrom)
}

// Expired reports whether the licence's time is over at t.
func (l Licence) Expired(t time.Time) bool { return !l.ValidUntil.IsZero() && !t.Before(l.ValidUntil) }

// Signed is the part of the token that the issuer signed, the same in every
// presentation.
func (l Licence) Signed() string {
	jwt, _, _ := strings.Cut(l.Token, "~")
	return jwt
}

// Present is the token with the disclosures of the named claims only; the
// claims that every presentation shows stay. Names that the licence does not
// disclose by choice change nothing.
func Present(l Licence, claims []string) string {
	token, err := sdjwt.Select(l.Token, claims)
	if err != nil { // a stored token is whole; one that is not shows nothing
		return ""
	}
	return token
}

// Get is the licence of id, or a NotFound fault.
func (s *Store) Get(ctx context.Context, q db.Queryer, id string) (Licence, error) {
	const op = "licence.Get"
	row, err := store.New(q).GetLicence(ctx, id)
	if errors.Is(err, sql.ErrNoRows) {
		return Licence{}, fault.New(fault.NotFound, op, i18n.M("licence.notFound"))
	}
	if err != nil {
		return Licence{}, fmt.Errorf("%s: %w", op, err)
	}
	return fromRow(row)
}

// Held is every licence of the holder, newest first, whatever its status.
func (s *Store) Held(ctx context.Context, q db.Queryer, holder party.ID) ([]Licence, error) {
	rows, err := store.New(q).HeldLicences(ctx, string(holder))
	return fromRows("licence.Held", rows, err)
}

// OfCase is every licence that the case ended with, in order of issue.
func (s *Store) OfCase(ctx context.Context, q db.Queryer, caseID string) ([]Licence, error) {
	rows, err := store.New(q).CaseLicences(ctx, caseID)
	return fromRows("licence.OfCase", rows, err)
}

// Find is the holder's newest licence of the type that holds now; false where
// there is none. It is what evidence is resolved with.
func (s *Store) Find(ctx context.Context, q db.Queryer, holder party.ID, typ string) (Licence, bool, error) {
	now := s.clock().UnixMilli()
	row, err := store.New(q).FindLicence(ctx, store.FindLicenceParams{
		Holder: string(holder), Type: typ, ValidFrom: now, ValidUntil: now,
	})
	if errors.Is(err, sql.ErrNoRows) {
		return Licence{}, false, nil
	}
	if err != nil {
		return Licence{}, false, fmt.Errorf("licence.Find: %w", err)
	}
	l, err := fromRow(row)
	return l, err == nil, err
}

func fromRows(op string, rows []store.Licence, err error) ([]Licence, error) {
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	all := make([]Licence, len(rows))
	for i, row := range rows {
		if all[i], err = fromRow(row); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func fromRow(r store.Licence) (Licence, error) {
	l := Licence{
		ID: r.ID, Type: r.Type, Number: r.Number, Identifier: r.Identifier, Holder: party.ID(r.Holder), Issuer: r.Issuer,
		IssuedAt: instant(r.IssuedAt), ValidFrom: instant(r.ValidFrom), ValidUntil: instant(r.ValidUntil),
		Status: Status(r.Status), Reason: r.Reason, ChangedAt: instant(r.ChangedAt), ChangedBy: r.ChangedBy,
		Token: r.Token, CaseID: r.CaseID,
	}
	if err := json.Unmarshal([]byte(r.Claims), &l.Claims); err != nil {
		return Licence{}, fmt.Errorf("licence: claims of %s: %w", r.ID, err)
	}
	return l, nil
}

// instant and millis keep a zero time as 0.
func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
