package outreach

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/eligibility"
	"github.com/tongban/tongban/exchange"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/id"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/workday"
)

// matched reports whether the decision is one to make an offer of.
func matched(d eligibility.Decision) bool { return d.Verdict == criterion.Yes && !d.Held }

// look is what is known of a party at one moment.
type look struct {
	whose    party.ID
	audience string
	wants    Preferences
	cases    []casework.Standing
	book     *eligibility.Book
	facts    eligibility.Facts
	today    workday.Date
	policies []*catalog.Policy  // that may be offered: what it matches, or all of its audience
	found    map[string]finding // by policy
}

// finding is what the book says of one policy. Where it matches only from a day
// in the next Ahead days on, day is that day.
type finding struct {
	eligibility.Decision
	day workday.Date
}

// Ahead is how many days before it begins a match is looked for.
const Ahead = 30

// find decides a policy: for today, else for the first day of the next Ahead
// days on which it matches, else for today.
func (l *look) find(p *catalog.Policy) finding {
	if f, ok := l.found[p.ID]; ok {
		return f
	}
	f := finding{l.book.Decide(p, l.facts, l.today), l.today}
	if last := l.today.AddDays(Ahead); mayBegin(p, f, last) {
		if d := l.book.Decide(p, l.facts, last); matched(d) {
			f = finding{d, last}
			for day := l.today.AddDays(1); day.Before(last); day = day.AddDays(1) {
				if d := l.book.Decide(p, l.facts, day); matched(d) {
					f = finding{d, day}
					break
				}
			}
		}
	}
	l.found[p.ID] = f
	return f
}

// temporal is a rule whose answer can change by the mere passing of time.
var temporal = regexp.MustCompile(`\b(today|age|months|days|score)\b`)

// mayBegin reports whether a policy that does not match today could by the mere
// passing of time until a day: what is not met speaks of time, or the policy or
// one of its conditions comes into force or ends.
func mayBegin(p *catalog.Policy, f finding, last workday.Date) bool {
	if matched(f.Decision) || f.Held || !p.InForce(last) {
		return false
	}
	for _, c := range f.Conditions {
		rule, _ := p.Condition(c.ID)
		ends := !rule.Until.IsZero() && rule.Until.Before(last)
		if c.Verdict != criterion.Yes && !ends && !temporal.MatchString(rule.When) {
			return false
		}
	}
	return true
}

// audienceOf is whom policies mean by a party.
func audienceOf(p party.Party) string {
	if p.Kind == party.Organisation {
		return "firm"
	}
	return "resident"
}

// read asks the registers about a party, each with its receipt.
func (o *Offers) read(ctx context.Context, tx db.Tx, whose party.ID, wants Preferences, asker, purpose string) (*look, error) {
	one, err := o.Parties.Get(ctx, tx, whose)
	if err != nil {
		return nil, err
	}
	l := &look{whose: whose, audience: audienceOf(one), wants: wants, book: o.Book, today: o.today(), found: map[string]finding{}}
	answers, err := o.Exchange.Look(ctx, tx, whose, eligibility.Fields(o.City.AttributesOf(l.audience)), asker, purpose)
	if err != nil {
		return nil, fmt.Errorf("outreach.read: %w", err)
	}
	entries := eligibility.EntriesOf(answers)
	l.facts = o.Book.Facts(l.audience, entries, o.Clock())
	if purpose == PurposeLook {
		for _, p := range o.City.Policies {
			if p.Audience == l.audience && wants.Wants(p.Sector) {
				l.policies = append(l.policies, p)
			}
		}
	} else if err := o.entitled(l, entries); err != nil {
		return nil, err
	}
	l.cases, err = o.Cases.Standings(ctx, tx, whose)
	return l, err
}

// entitled lets the look go over what the party matches today.
func (o *Offers) entitled(l *look, entries map[string]exchange.Entry) error {
	ids, err := o.Population.Entitled(entries)
	if err != nil {
		return fmt.Errorf("outreach.entitled: %w", err)
	}
	for _, id := range ids {
		if p, ok := o.City.Policy(id); ok && p.Audience == l.audience && l.wants.Wants(p.Sector) {
			l.policies = append(l.policies, p)
		}
	}
	return nil
}

// Consider looks at one party afresh: makes, renews and withdraws its offers,
// and has it told of what is new. It reads nothing of a party that wants no
// offers. Doing it again changes nothing.
func (o *Offers) Consider(ctx context.Context, tx db.Tx, whose party.ID) error {
	wants, err := o.Post.Preferences(ctx, tx, whose)
	if err != nil {
		return err
	}
	if wants.Off {
		return nil // SavePreferences has withdrawn what there was
	}
	l, err := o.read(ctx, tx, whose, wants, o.Asker, PurposeOffer)
	if err != nil {
		return err
	}
	rows, err := o.of(ctx, tx, whose)
	if err != nil {
		return err
	}
	fresh, err := o.reconcile(ctx, tx, l, rows)
	if err != nil || !fresh {
		return err
	}
	return db.Enqueue(ctx, tx, db.Job{Kind: jobTell, Key: string(whose)})
}

// reconcile makes the offers of a party say what the look says. fresh reports
// whether there is one that was not open before.
func (o *Offers) reconcile(ctx context.Context, tx db.Tx, l *look, rows []Offer) (fresh bool, err error) {
	type key struct{ policy, period string }
	seen := map[key]bool{}
	for _, one := range rows {
		seen[key{one.Policy, one.Period}] = true
		opened, err := o.follow(ctx, tx, l, one)
		if err != nil {
			return false, err
		}
		fresh = fresh || opened
	}
	for _, p := range l.policies {
		f := l.find(p)
		period := periodOf(p, f.day)
		if !matched(f.Decision) || seen[key{p.ID, period}] {
			continue
		}
		_, has, err := o.has(ctx, tx, l.whose, p, period, l.cases)
		if err != nil {
			return false, err
		}
		one := o.draft(p, l.whose, f.day)
		one.worth(o.City, p, f.Decision)
		if has {
			one.Status, one.Reason = Withdrawn, Held
		}
		if err := o.insert(ctx, tx, one, p.Sector); err != nil {
			return false, err
		}
		fresh = fresh || one.Status == Open
	}
	return fresh, nil
}

// draft is a new offer of p to a party, made for a day.
func (o *Offers) draft(p *catalog.Policy, whose party.ID, day workday.Date) Offer {
	return Offer{ID: id.New(), Party: whose, Policy: p.ID, Period: periodOf(p, day), Service: p.Service, Status: Open, Starts: day, Ends: lastDay(p, day), Made: o.Clock()}
}

// worth puts down what an offer is worth, as the decision has it.
func (o *Offer) worth(city *catalog.City, p *catalog.Policy, d eligibility.Decision) {
	o.Yearly, o.Documents, o.Ends = 0, papers(city, p.Service, o.Starts), lastDay(p, o.Starts)
	if d.Amount != nil && p.Amount != nil {
		o.Yearly = yearly(*d.Amount, p.Amount.Per)
	}
}

// follow changes one offer to what the look says of it, and reports whether it
// has become open.
func (o *Offers) follow(ctx context.Context, tx db.Tx, l *look, one Offer) (opened bool, err error) {
	before := one
	p, f, why, caseID, err := o.judge(ctx, tx, l, one)
	if err != nil {
		return false, err
	}
	event := EventEnd
	switch {
	case !one.Ends.IsZero() && one.Ends.Before(l.today):
		event = EventExpire
	case caseID != "" && one.Status.Can(EventApply):
		event, one.CaseID = EventApply, caseID
	case why == "":
		event = EventRenew
	}
	if to, err := one.Status.Next(event); err == nil {
		one.Status = to
	}
	if one.Reason = ""; one.Status == Withdrawn {
		one.Reason = why
	}
	opened = one.Status == Open && before.Status == Withdrawn
	if why == "" && one.Status != Applied && one.Status != Expired {
		if opened || f.day.Before(one.Starts) || one.Starts.After(l.today) {
			one.Starts = f.day
		}
		one.worth(o.City, p, f.Decision)
	}
	if opened && o.Clock().Sub(one.Told) > retell {
		one.Told = time.Time{}
	}
	if one == before {
		return false, nil
	}
	return opened, o.write(ctx, tx, one)
}

// judge says why an offer does not stand, Ended, Held or Unwanted, or nothing
// where it does; and the case that applies for it, if there is one.
func (o *Offers) judge(ctx context.Context, tx db.Tx, l *look, one Offer) (p *catalog.Policy, f finding, why, caseID string, err error) {
	p, ok := o.City.Policy(one.Policy)
	if !ok || p.Audience != l.audience {
		return nil, f, Ended, "", nil
	}
	caseID, has, err := o.has(ctx, tx, l.whose, p, one.Period, l.cases)
	if err != nil {
		return p, f, "", "", err
	}
	f = l.find(p)
	switch {
	case has, f.Held:
		why = Held
	case !l.wants.Wants(p.Sector):
		why = Unwanted
	case !matched(f.Decision), one.Period != periodOf(p, f.day):
		why = Ended
	}
	return p, f, why, caseID, nil
}

// retell is after how long an offer that comes back is told of again.
const retell = 90 * 24 * time.Hour
