package grant

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/workday"

	"github.com/tongban/tongban/grant/internal/store"
)

// Population finds who matches a policy in the whole city. eligibility.Engine
// does.
type Population interface {
	// Members lists them by page: after is 0, then what the page before gave as
	// next; next is 0 at the end.
	Members(ctx context.Context, p *catalog.Policy, day workday.Date, after, limit int) (ids []party.ID, next int, err error)
}

// The jobs of the nightly look at everybody: time alone makes people entitled.
const (
	jobNight = "grant.night" // key: "night"
	jobPage  = "grant.page"  // key: policy
)

const (
	night    = 2   // at what hour of the city's day the look begins
	pageSize = 200 // how many a transaction begins
)

// page is the payload of a jobPage.
type page struct {
	Policy string `json:"policy"`
	After  int    `json:"after,omitempty"`
}

// Schedule has the nightly look begin at the next hour of night. Doing it at
// every start moves nothing.
func (s *Store) Schedule(ctx context.Context) error {
	return s.DB.Write(ctx, s.schedule)
}

func (s *Store) schedule(ctx context.Context, tx db.Tx) error {
	zone := s.City.Calendar.Zone()
	today := workday.DateOf(s.Clock(), zone)
	at := today.In(zone).Add(night * time.Hour)
	if !at.After(s.Clock()) {
		at = today.AddDays(1).In(zone).Add(night * time.Hour)
	}
	return db.Enqueue(ctx, tx, db.Job{Kind: jobNight, Key: "night", RunAt: at.UTC()})
}

// Sweep begins a look at everybody at once. It goes on in jobs, a page at a
// time, and takes up after a crash where it was.
func (s *Store) Sweep(ctx context.Context) error { return s.DB.Write(ctx, s.sweep) }

func (s *Store) sweep(ctx context.Context, tx db.Tx) error {
	today := workday.DateOf(s.Clock(), s.City.Calendar.Zone())
	for _, p := range s.City.Policies {
		if p.Grant == nil || !p.InForce(today) {
			continue
		}
		if err := s.turn(ctx, tx, page{Policy: p.ID}); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) nightly(ctx context.Context, tx db.Tx, _ db.Job) error {
	return errors.Join(s.sweep(ctx, tx), s.schedule(ctx, tx))
}

func (s *Store) turn(ctx context.Context, tx db.Tx, p page) error {
	payload, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("grant.turn: %w", err)
	}
	return db.Enqueue(ctx, tx, db.Job{Kind: jobPage, Key: p.Policy, Payload: payload})
}

// sweepPage matches one page of members and sets the job of the next.
func (s *Store) sweepPage(ctx context.Context, tx db.Tx, job db.Job) error {
	const op = "grant.sweepPage"
	var at page
	if err := json.Unmarshal(job.Payload, &at); err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	p, ok := s.City.Policy(at.Policy)
	if !ok || p.Grant == nil {
		return nil // a new pack has come in between
	}
	ids, next, err := s.Population.Members(ctx, p, workday.DateOf(s.Clock(), s.City.Calendar.Zone()), at.After, pageSize)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	for _, subject := range ids {
		if err := s.match(ctx, tx, subject, p); err != nil {
			return fmt.Errorf("%s: %s: %w", op, at.Policy, err)
		}
	}
	if next == 0 {
		return nil
	}
	return s.turn(ctx, tx, page{Policy: at.Policy, After: next})
}

// Given reports whether a subject has or is about to have a policy's grant, or
// did not want it. A period, a year, asks for grants that began in it; empty
// asks for any.
func (s *Store) Given(ctx context.Context, q db.Queryer, subject party.ID, policyID, period string) (bool, error) {
	row, err := queries(q).LastRound(ctx, store.LastRoundParams{Subject: string(subject), Policy: policyID})
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("grant.Given: %w", err)
	}
	began := workday.DateOf(at(row.MatchedAt), s.City.Calendar.Zone()).String()[:4]
	return !again(Status(row.Status)) && (period == "" || period == began), nil
}
