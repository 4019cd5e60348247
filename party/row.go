package party

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/party/internal/store"
)

func mandate(ctx context.Context, q db.Queryer, id string) (Mandate, error) {
	row, err := store.New(q).Mandate(ctx, id)
	if errors.Is(err, sql.ErrNoRows) {
		return Mandate{}, fault.New(fault.NotFound, "party.Mandate", i18n.M("party.revoke.notFound"))
	}
	if err != nil {
		return Mandate{}, fmt.Errorf("party.Mandate: %w", err)
	}
	return toMandate(row)
}

func toMandate(r store.Mandate) (Mandate, error) {
	m := Mandate{
		ID: r.ID, Principal: ID(r.Principal), Agent: ID(r.Agent), Kind: r.Kind, GrantedBy: ID(r.GrantedBy), RevokedBy: ID(r.RevokedBy),
		From: instant(r.FromAt), Until: instant(r.UntilAt), RevokedAt: instant(r.RevokedAt),
	}
	if err := json.Unmarshal([]byte(r.Services), &m.Services); err != nil {
		return Mandate{}, fmt.Errorf("party.Mandate: services of %s: %w", r.ID, err)
	}
	return m, nil
}

func toMandates(rows []store.Mandate, err error) ([]Mandate, error) {
	if err != nil {
		return nil, fmt.Errorf("party.Mandates: %w", err)
	}
	all := make([]Mandate, len(rows))
	for i, row := range rows {
		if all[i], err = toMandate(row); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// millis is t as it is stored; 0 for the zero time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
