package outreach

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/eligibility"
	"github.com/tongban/tongban/exchange"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/outreach/internal/store"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/workday"
)

// Population finds matches fast. eligibility.Engine does.
type Population interface {
	// Members are those who match p on a day and do not have it, by page: after
	// is 0, then what the page before gave as next; next is 0 at the end. Nobody's
	// data is shown to anybody, so there are no receipts.
	Members(ctx context.Context, p *catalog.Policy, day workday.Date, after, limit int) (ids []party.ID, next int, err error)
	// Entitled is the policies, by id, that somebody with these entries matches
	// today and does not have. It takes microseconds, where the book, which says
	// why, takes a third of a millisecond for each policy.
	Entitled(entries map[string]exchange.Entry) ([]string, error)
}

// Cases tells where parties stand with services. casework.Office does.
type Cases interface {
	Standings(ctx context.Context, q db.Queryer, subject party.ID) ([]casework.Standing, error)
	Standing(ctx context.Context, q db.Queryer, caseID string) (casework.Standing, error)
}

// Grants tells what parties are given without applying. The period is an
// offer's: a year, or empty.
type Grants interface {
	Given(ctx context.Context, q db.Queryer, subject party.ID, policy, period string) (bool, error)
}

// The purposes for which registers are read here, as receipts name them.
const (
	PurposeOffer = "offers"       // the city looks whether it has something to offer
	PurposeLook  = "entitlements" // the party looks at its own
)

// OfferDeps is what Offers works with. All but Grants is needed.
type OfferDeps struct {
	DB         *db.DB
	City       *catalog.City
	Book       *eligibility.Book
	Population Population
	Exchange   *exchange.Store
	Parties    *party.Store
	Cases      Cases
	Grants     Grants
	Post       *Post
	Asker      string // the agency that runs the portal, as receipts name it
	Clock      clock.Clock
}

// Offers makes offers of matches and follows them. Invariants:
//   - For a party, policy and period there is one offer, whatever becomes of it.
//   - Nothing is offered that the party has, has applied for, or does not want
//     to be offered, as far as the city knew when it last looked.
//   - Letters about offers are at most as many in seven days as the party and
//     the city allow. Whoever looks for themself sees all at once.
type Offers struct{ OfferDeps }

// NewOffers is over deps.
func NewOffers(deps OfferDeps) *Offers { return &Offers{deps} }

// Offer is a policy told to a party that matches it.
type Offer struct {
	ID        string
	Party     party.ID
	Policy    string
	Period    string // a year, "2026"; empty where the policy is offered once for all
	Service   string // to apply for; empty: none
	Status    Status
	Reason    string       // of a withdrawal: one of Ended, Held, Unwanted
	Yearly    int64        // yuan in the first year; 0: none, or not known
	Documents int          // to be handed in by the party itself
	Starts    workday.Date // from when it matches; later than today: found ahead of time
	Ends      workday.Date // the last day to take it up; zero: none
	CaseID    string       // that applies for it
	Told      time.Time    // when the party was told, or has seen it; zero: not yet
	Made      time.Time
}

// Why an offer was withdrawn.
const (
	Ended    = "ended"    // the party does not match (any more)
	Held     = "held"     // the party has it, or is being given it
	Unwanted = "unwanted" // the party wants no such offers
)

// Worth is what the offer is ranked by.
func (o Offer) Worth(zone *time.Location) Worth {
	return Worth{Yearly: o.Yearly, Deadline: o.Ends, Documents: o.Documents, Made: workday.DateOf(o.Made, zone)}
}

func toOffer(r store.Offer) (Offer, error) {
	o := Offer{ID: r.ID, Party: party.ID(r.Party), Policy: r.Policy, Period: r.Period, Service: r.Service, Status: Status(r.Status), Reason: r.Reason,
		Yearly: r.Yearly, Documents: int(r.Documents), CaseID: r.CaseID, Told: moment(r.ToldAt), Made: moment(r.MadeAt)}
	var err error
	if o.Starts, err = workday.ParseDate(r.Starts); err != nil {
		return o, fmt.Errorf("outreach: offer %s: %w", r.ID, err)
	}
	if r.Ends != "" {
		if o.Ends, err = workday.ParseDate(r.Ends); err != nil {
			return o, fmt.Errorf("outreach: offer %s: %w", r.ID, err)
		}
	}
	return o, nil
}

func (o *Offers) zone() *time.Location { return o.City.Calendar.Zone() }

func (o *Offers) today() workday.Date { return workday.DateOf(o.Clock(), o.zone()) }

// of reads all offers of a party, the latest first.
func (o *Offers) of(ctx context.Context, q db.Queryer, whose party.ID) ([]Offer, error) {
	rows, err := store.New(q).OffersOf(ctx, string(whose))
	if err != nil {
		return nil, fmt.Errorf("outreach.of: %w", err)
	}
	all := make([]Offer, 0, len(rows))
	for _, r := range rows {
		one, err := toOffer(r)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// one reads an offer of a party; NotFound where it has no such offer.
func (o *Offers) one(ctx context.Context, q db.Queryer, whose party.ID, id string) (Offer, error) {
	r, err := store.New(q).OfferOf(ctx, store.OfferOfParams{Party: string(whose), ID: id})
	if errors.Is(err, sql.ErrNoRows) {
		return Offer{}, fault.New(fault.NotFound, "outreach.Offer", i18n.M("offer.noOffer"))
	}
	if err != nil {
		return Offer{}, fmt.Errorf("outreach.one: %w", err)
	}
	return toOffer(r)
}

// insert writes a new offer.
func (o *Offers) insert(ctx context.Context, tx db.Tx, one Offer, sector string) error {
	return store.New(tx.Later()).InsertOffer(ctx, store.InsertOfferParams{ID: one.ID, Party: string(one.Party), Policy: one.Policy, Period: one.Period,
		Sector: sector, Service: one.Service, Status: string(one.Status), Reason: one.Reason, Yearly: one.Yearly, Documents: int32(one.Documents),
		Starts: one.Starts.String(), Ends: text(one.Ends), CaseID: one.CaseID, ToldAt: ms(one.Told), MadeAt: one.Made.UnixMilli(),
		ChangedAt: o.Clock().UnixMilli()})
}

// write writes what can change of an offer.
func (o *Offers) write(ctx context.Context, tx db.Tx, one Offer) error {
	return store.New(tx.Later()).UpdateOffer(ctx, store.UpdateOfferParams{Status: string(one.Status), Reason: one.Reason, Yearly: one.Yearly,
		Documents: int32(one.Documents), Starts: one.Starts.String(), Ends: text(one.Ends), CaseID: one.CaseID, ToldAt: ms(one.Told),
		ChangedAt: o.Clock().UnixMilli(), ID: one.ID})
}

// text is a date as its column has it.
func text(d workday.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

// periodOf is the period of an offer of p made for a day: what is given every
// year is offered every year, all else once.
func periodOf(p *catalog.Policy, day workday.Date) string {
	if p.Amount == nil || p.Amount.Per != catalog.PerYear {
		return ""
	}
	year, _, _ := day.Date()
	return strconv.Itoa(year)
}

// lastDay is the last day to take up an offer of p made for a day: that of the
// policy or of the period, whichever is first.
func lastDay(p *catalog.Policy, day workday.Date) workday.Date {
	if periodOf(p, day) == "" {
		return p.Until
	}
	year, _, _ := day.Date()
	end, _ := workday.DateFrom(year, time.December, 31)
	if !p.Until.IsZero() && p.Until.Before(end) {
		return p.Until
	}
	return end
}

// papers is how many pieces of evidence of a service nobody but the applicant
// has.
func papers(city *catalog.City, service string, day workday.Date) int {
	s, ok := city.Service(service)
	if !ok {
		return 0
	}
	v := s.At(day)
	if v == nil {
		return 0
	}
	n := 0
	for _, e := range v.Evidence {
		if e.Licence == "" && e.Fact == nil {
			n++
		}
	}
	return n
}

// sensitive reports whether the policy's very name may say something about the
// health, poverty or troubles of whom it is offered to.
func sensitive(p *catalog.Policy) bool { return len(p.Sensitive) > 0 }

// has reports whether the party has what an offer would offer, or has applied
// for it; the case is the one that applies, if there is one.
func (o *Offers) has(ctx context.Context, q db.Queryer, whose party.ID, p *catalog.Policy, period string, cases []casework.Standing) (caseID string, has bool, err error) {
	i := slices.IndexFunc(cases, func(c casework.Standing) bool {
		year, _, _ := workday.DateOf(c.SubmittedAt, o.zone()).Date()
		return p.Service != "" && c.Service == p.Service && c.Stands() && (period == "" || period == strconv.Itoa(year))
	})
	if i >= 0 {
		return cases[i].CaseID, true, nil
	}
	if o.Grants == nil || p.Grant == nil {
		return "", false, nil
	}
	has, err = o.Grants.Given(ctx, q, whose, p.ID, period)
	return "", has, err
}
