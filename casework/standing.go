package casework

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"time"

	"github.com/tongban/tongban/casework/internal/store"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/party"
)

// Standing is where a party stands with a service: one case, without anything
// that stands in it.
type Standing struct {
	CaseID      string
	Service     string
	Subject     party.ID
	Status      Status
	SubmittedAt time.Time
}

// Stands reports whether the case is under way or has ended well, so that there
// is no reason to apply again.
func (s Standing) Stands() bool { return !s.Status.Ended() || s.Status == Closed }

// Standings are all of a party's cases, the latest first, for the city's own
// use: whoever asks shows nobody more than they may see.
func (o *Office) Standings(ctx context.Context, q db.Queryer, subject party.ID) ([]Standing, error) {
	const page = 500
	var all []Standing
	from := cursor{At: math.MaxInt64, Case: "~"}
	for {
		rows, err := queries(q).CasesOfSubject(ctx, store.CasesOfSubjectParams{Subject: string(subject), BeforeAt: from.At, BeforeID: from.Case, N: page})
		if err != nil {
			return nil, fault.Wrap(fault.Internal, "casework.Standings", i18n.Text{}, err)
		}
		for _, r := range rows {
			all = append(all, standing(r))
			from = cursor{At: r.SubmittedAt, Case: r.ID}
		}
		if len(rows) < page {
			return all, nil
		}
	}
}

// Standing is one case, as Standings has it. Errors: NotFound.
func (o *Office) Standing(ctx context.Context, q db.Queryer, caseID string) (Standing, error) {
	row, err := queries(q).CaseByID(ctx, caseID)
	if errors.Is(err, sql.ErrNoRows) {
		return Standing{}, fault.New(fault.NotFound, "casework.Standing", i18n.M("casework.noCase"))
	}
	if err != nil {
		return Standing{}, fault.Wrap(fault.Internal, "casework.Standing", i18n.Text{}, err)
	}
	return standing(row), nil
}

func standing(r store.Case) Standing {
	return Standing{CaseID: r.ID, Service: r.Service, Subject: party.ID(r.Subject), Status: Status(r.Status), SubmittedAt: at(r.SubmittedAt)}
}
