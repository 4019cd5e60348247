package outreach

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/outreach/internal/store"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/workday"
)

const (
	jobConsider = "offer.consider" // key: party
	jobTell     = "offer.tell"     // key: party
	jobDay      = "offer.day"      // key: "day"
	jobSweep    = "offer.sweep"    // key: policy + "/" + leg

	// rounds is at what hour of the city's day the daily round begins.
	rounds = 6
	// page is how many parties one job of a sweep looks at.
	page = 200
)

// The legs of a sweep over a policy.
const (
	legMembers = "members" // who matches today, and has no offer
	legAhead   = "ahead"   // who will match in Ahead days
	legOffers  = "offers"  // who has an offer, and may match no more
)

// sweep is the payload of a jobSweep: one page of one leg.
type sweep struct {
	Policy string       `json:"policy"`
	Leg    string       `json:"leg"`
	Day    workday.Date `json:"day"`
	After  int          `json:"after,omitempty"`
	Offer  string       `json:"offer,omitempty"` // of legOffers: after this one
}

// Jobs gives the worker what offers need done later.
func (o *Offers) Jobs(w *db.Worker) {
	w.Handle(jobConsider, func(ctx context.Context, tx db.Tx, job db.Job) error { return o.Consider(ctx, tx, party.ID(job.Key)) })
	w.Handle(jobTell, func(ctx context.Context, tx db.Tx, job db.Job) error { return o.tell(ctx, tx, party.ID(job.Key)) })
	w.Handle(jobDay, func(ctx context.Context, tx db.Tx, _ db.Job) error { return o.day(ctx, tx) })
	w.Handle(jobSweep, o.sweepPage)
}

// Match takes what the registers now say a party is entitled to and does not
// have: all of it, policies by id. Where an offer has to be made or has ended, a
// job looks at the party afresh; what changes no offer reads nobody's data.
func (o *Offers) Match(ctx context.Context, tx db.Tx, whose party.ID, entitled ...string) error {
	wants, err := o.Post.Preferences(ctx, tx, whose)
	if err != nil || wants.Off {
		return err
	}
	rows, err := o.of(ctx, tx, whose)
	if err != nil {
		return err
	}
	cases, err := o.Cases.Standings(ctx, tx, whose)
	if err != nil {
		return err
	}
	today := o.today()
	for _, one := range rows {
		if !one.Starts.After(today) && one.Status.Can(EventEnd) && !slices.Contains(entitled, one.Policy) {
			return o.consider(ctx, tx, whose)
		}
	}
	for _, id := range entitled {
		p, ok := o.City.Policy(id)
		if !ok || !wants.Wants(p.Sector) {
			continue
		}
		period := periodOf(p, today)
		i := slices.IndexFunc(rows, func(one Offer) bool { return one.Policy == id && one.Period == period })
		if i >= 0 && rows[i].Status != Withdrawn {
			continue
		}
		_, has, err := o.has(ctx, tx, whose, p, period, cases)
		if err != nil {
			return err
		}
		if !has {
			return o.consider(ctx, tx, whose)
		}
	}
	return nil
}

// consider queues a look at a party.
func (o *Offers) consider(ctx context.Context, tx db.Tx, whose party.ID) error {
	return db.Enqueue(ctx, tx, db.Job{Kind: jobConsider, Key: string(whose)})
}

// known is where the offer of p to a party for a day stands; zero for none.
func (o *Offers) known(ctx context.Context, q db.Queryer, whose party.ID, p *catalog.Policy, day workday.Date) (store.StatusOfRow, error) {
	row, err := store.New(q).StatusOf(ctx, store.StatusOfParams{Party: string(whose), Policy: p.ID, Period: periodOf(p, day)})
	if errors.Is(err, sql.ErrNoRows) {
		return store.StatusOfRow{}, nil
	}
	if err != nil {
		return row, fmt.Errorf("outreach.known: %w", err)
	}
	return row, nil
}

// Schedule has the daily round begin at the next hour of rounds. Doing it at
// every start moves nothing.
func (o *Offers) Schedule(ctx context.Context) error {
	return o.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error { return o.schedule(ctx, tx) })
}

func (o *Offers) schedule(ctx context.Context, tx db.Tx) error {
	at := o.today().In(o.zone()).Add(rounds * time.Hour)
	if !at.After(o.Clock()) {
		at = o.today().AddDays(1).In(o.zone()).Add(rounds * time.Hour)
	}
	return db.Enqueue(ctx, tx, db.Job{Kind: jobDay, Key: "day", RunAt: at.UTC()})
}

// Sweep begins a round over the whole city at once: who matches and has no
// offer, who will match soon, whose match has ended without a move being seen.
// It goes on in jobs, a page at a time, and takes up after a crash where it was.
func (o *Offers) Sweep(ctx context.Context) error {
	return o.DB.Write(ctx, o.sweep)
}

func (o *Offers) sweep(ctx context.Context, tx db.Tx) error {
	today := o.today()
	for _, p := range o.City.Policies {
		for leg, day := range map[string]workday.Date{legMembers: today, legAhead: today.AddDays(Ahead), legOffers: today} {
			if leg != legOffers && !p.InForce(day) || periodOf(p, day) != periodOf(p, today) {
				continue // next year's is looked for next year
			}
			if err := o.next(ctx, tx, sweep{Policy: p.ID, Leg: leg, Day: day}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (o *Offers) next(ctx context.Context, tx db.Tx, s sweep) error {
	payload, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("outreach.next: %w", err)
	}
	return db.Enqueue(ctx, tx, db.Job{Kind: jobSweep, Key: s.Policy + "/" + s.Leg, Payload: payload})
}

// day is the daily round: what is overdue expires, and a sweep begins.
func (o *Offers) day(ctx context.Context, tx db.Tx) error {
	rows, err := store.New(tx).OverdueOffers(ctx, store.OverdueOffersParams{Ends: o.today().String(), Limit: page})
	if err != nil {
		return fmt.Errorf("outreach.day: %w", err)
	}
	for _, r := range rows {
		one, err := toOffer(r)
		if err != nil {
			return err
		}
		if one.Status, err = one.Status.Next(EventExpire); err != nil {
			return err
		}
		if err := o.write(ctx, tx, one); err != nil {
			return err
		}
	}
	if len(rows) == page {
		return db.Enqueue(ctx, tx, db.Job{Kind: jobDay, Key: "day"})
	}
	if err := o.sweep(ctx, tx); err != nil {
		return err
	}
	return o.schedule(ctx, tx)
}

// sweepPage looks at one page and queues the next.
func (o *Offers) sweepPage(ctx context.Context, tx db.Tx, job db.Job) error {
	var s sweep
	if err := json.Unmarshal(job.Payload, &s); err != nil {
		return fmt.Errorf("outreach.sweepPage: %w", err)
	}
	p, ok := o.City.Policy(s.Policy)
	if !ok {
		return nil // a new pack has come in between
	}
	if s.Leg == legOffers {
		return o.sweepOffers(ctx, tx, p, s)
	}
	ids, next, err := o.Population.Members(ctx, p, s.Day, s.After, page)
	if err != nil {
		return fmt.Errorf("outreach.sweepPage: %w", err)
	}
	for _, whose := range ids {
		if err := o.found(ctx, tx, p, s.Day, whose); err != nil {
			return err
		}
	}
	if next == 0 {
		return nil
	}
	s.After = next
	return o.next(ctx, tx, s)
}

// again is after how long a match is looked at once more that the look before
// did not bear out.
const again = 7 * 24 * time.Hour

// found puts down that the population has a match of which there is no offer,
// and has the party looked at. What the look does not bear out stays withdrawn,
// so that nobody's registers are read every day for the same match.
func (o *Offers) found(ctx context.Context, tx db.Tx, p *catalog.Policy, day workday.Date, whose party.ID) error {
	row, err := o.known(ctx, tx, whose, p, day)
	if err != nil {
		return err
	}
	if row.Status == "" {
		wants, err := o.Post.Preferences(ctx, tx, whose)
		if err != nil || !wants.Wants(p.Sector) {
			return err
		}
		one := o.draft(p, whose, day)
		one.Status, one.Reason = Withdrawn, Ended
		if err := o.insert(ctx, tx, one, p.Sector); err != nil {
			return err
		}
	} else if Status(row.Status) != Withdrawn || row.Reason == Unwanted || o.Clock().Sub(moment(row.ChangedAt)) < again {
		return nil
	}
	return o.consider(ctx, tx, whose)
}

// sweepOffers has those looked at whose offers the population no longer bears
// out.
func (o *Offers) sweepOffers(ctx context.Context, tx db.Tx, p *catalog.Policy, s sweep) error {
	rows, err := store.New(tx).LiveOffers(ctx, store.LiveOffersParams{Policy: p.ID, ID: s.Offer, Limit: page})
	if err != nil {
		return fmt.Errorf("outreach.sweepOffers: %w", err)
	}
	for _, r := range rows {
		one, err := toOffer(r)
		if err != nil {
			return err
		}
		holds, err := o.holds(ctx, tx, p, one, s.Day)
		if err != nil {
			return err
		}
		if holds {
			continue
		}
		if err := o.consider(ctx, tx, one.Party); err != nil {
			return err
		}
	}
	if len(rows) < page {
		return nil
	}
	s.Offer = rows[len(rows)-1].ID
	return o.next(ctx, tx, s)
}

// holds reports whether the registers still bear out an offer, for the day on
// which it starts if that is to come. Nobody is told and nothing is decided by
// it, so there is no receipt: where it does not hold, Consider looks with one.
func (o *Offers) holds(ctx context.Context, q db.Queryer, p *catalog.Policy, one Offer, today workday.Date) (bool, error) {
	entries, err := o.Exchange.Entries(ctx, q, one.Party)
	if err != nil {
		return false, fmt.Errorf("outreach.holds: %w", err)
	}
	day := today
	if one.Starts.After(today) {
		day = one.Starts
	}
	return matched(o.Book.Decide(p, o.Book.Facts(p.Audience, entries, o.Clock()), day)), nil
}
