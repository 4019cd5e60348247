package outreach

import (
	"context"
	"fmt"
	"slices"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/eligibility"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/outreach/internal/store"
	"github.com/tongban/tongban/party"
)

// View is what a party sees of its own: offers, the best first; policies of
// which one condition is missing; and what it did not want.
type View struct {
	Off       bool // the party wants no offers: nothing was looked at
	Offers    []Card
	Near      []Near
	Dismissed []Card
}

// Card is an offer with its policy, and why it is made.
type Card struct {
	Offer
	Policy   *catalog.Policy
	Decision eligibility.Decision // of today, or of Offer.Starts where that is later
	Ahead    bool                 // matches from Offer.Starts on
	Granted  bool                 // given without applying: there is nothing to do
}

// Near is a policy of which one condition is missing.
type Near struct {
	Policy    *catalog.Policy
	Condition eligibility.ConditionResult // not met, or Unknown: the city lacks a fact
	Decision  eligibility.Decision
	Yearly    int64 // what it would bring in the first year, in yuan; 0: not known
}

// mostNear is how many near misses are shown.
const mostNear = 6

// May reports whether the actor may see and settle the offers of whom it acts
// for: for itself, or by a mandate for everything. Denied where not.
func (o *Offers) May(ctx context.Context, q db.Queryer, actor party.Actor) error {
	denied := fault.New(fault.Denied, "outreach.May", i18n.M("offer.denied"))
	if actor.For == "" {
		return denied
	}
	if actor.Self() {
		return nil
	}
	if _, err := o.Parties.Acting(ctx, q, actor.Party, actor.For, ""); err != nil {
		return err
	}
	services, err := o.Parties.Covered(ctx, q, actor.Party, actor.For)
	if err != nil {
		return err
	}
	if services != nil {
		return denied
	}
	return nil
}

// Look decides every policy for whom the actor acts for, brings the offers up to
// date, and shows them. It leaves receipts in the name of the actor. Errors:
// Denied.
func (o *Offers) Look(ctx context.Context, actor party.Actor) (View, error) {
	var l *look
	err := o.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		l = nil
		if err := o.May(ctx, tx, actor); err != nil {
			return err
		}
		wants, err := o.Post.Preferences(ctx, tx, actor.For)
		if err != nil || wants.Off {
			return err
		}
		l, err = o.read(ctx, tx, actor.For, wants, string(actor.Party), PurposeLook)
		return err
	})
	if err != nil || l == nil {
		return View{Off: err == nil}, err
	}
	for _, p := range l.policies { // takes a while: no transaction waits for it
		l.find(p)
	}
	var v View
	err = o.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		v = View{}
		return o.show(ctx, tx, l, &v)
	})
	return v, err
}

// show brings the offers up to date and puts them into the view.
func (o *Offers) show(ctx context.Context, tx db.Tx, l *look, v *View) error {
	rows, err := o.of(ctx, tx, l.whose)
	if err != nil {
		return err
	}
	if _, err := o.reconcile(ctx, tx, l, rows); err != nil {
		return err
	}
	if rows, err = o.of(ctx, tx, l.whose); err != nil {
		return err
	}
	for _, one := range rows {
		p, ok := o.City.Policy(one.Policy)
		if !ok {
			continue
		}
		c := Card{Offer: one, Policy: p, Decision: l.find(p).Decision, Ahead: one.Starts.After(l.today), Granted: p.Grant != nil}
		switch {
		case one.Status == Dismissed:
			v.Dismissed = append(v.Dismissed, c)
		case one.Status.Live():
			v.Offers = append(v.Offers, c)
			if one.Told.IsZero() {
				one.Told = o.Clock()
				if err := o.write(ctx, tx, one); err != nil {
					return err
				}
			}
		}
	}
	slices.SortStableFunc(v.Offers, func(a, b Card) int { return better(a.Offer, b.Offer, l.today, o.zone()) })
	v.Near, err = o.near(ctx, tx, l)
	return err
}

// near are the policies of which one condition is missing, or not known, about
// which the pack says what one may do. Where nobody can do anything, as about
// one's age or about children one does not have, it is no help to be told.
func (o *Offers) near(ctx context.Context, tx db.Tx, l *look) ([]Near, error) {
	var all []Near
	for _, p := range l.policies {
		d := l.find(p).Decision
		c, ok := d.Condition(d.Short)
		if !ok || d.Held || c.Fix.IsZero() {
			continue
		}
		if _, has, err := o.has(ctx, tx, l.whose, p, periodOf(p, l.today), l.cases); err != nil {
			return nil, err
		} else if has {
			continue
		}
		n := Near{Policy: p, Condition: c, Decision: d}
		if d.Amount != nil && p.Amount != nil {
			n.Yearly = yearly(*d.Amount, p.Amount.Per)
		}
		all = append(all, n)
	}
	rank := func(n Near) int64 {
		return Rank(Worth{Yearly: n.Yearly, Deadline: n.Policy.Until, Documents: papers(o.City, n.Policy.Service, l.today)}, l.today)
	}
	slices.SortStableFunc(all, func(a, b Near) int { return int(rank(b) - rank(a)) })
	return all[:min(len(all), mostNear)], nil
}

// Count is how many offers of a party can be taken up, as of the last look.
func (o *Offers) Count(ctx context.Context, whose party.ID) (int, error) {
	n, err := store.New(o.DB.Reader()).CountLive(ctx, string(whose))
	if err != nil {
		return 0, fmt.Errorf("outreach.Count: %w", err)
	}
	return int(n), nil
}

// Begin puts down that the party begins to apply for an offer, and gives it.
// Errors: Denied, NotFound, Conflict.
func (o *Offers) Begin(ctx context.Context, actor party.Actor, offer string) (Offer, error) {
	return o.do(ctx, actor, offer, EventOpen)
}

// Dismiss takes an offer off the list for good: it is not made again in its
// period. Errors: Denied, NotFound, Conflict.
func (o *Offers) Dismiss(ctx context.Context, actor party.Actor, offer string) error {
	_, err := o.do(ctx, actor, offer, EventDismiss)
	return err
}

// Undo takes a dismissal back. Errors: Denied, NotFound, Conflict.
func (o *Offers) Undo(ctx context.Context, actor party.Actor, offer string) error {
	_, err := o.do(ctx, actor, offer, EventUndo)
	return err
}

func (o *Offers) do(ctx context.Context, actor party.Actor, offer string, e Event) (Offer, error) {
	var one Offer
	err := o.DB.Write(ctx, func(ctx context.Context, tx db.Tx) (err error) {
		if err := o.May(ctx, tx, actor); err != nil {
			return err
		}
		if one, err = o.one(ctx, tx, actor.For, offer); err != nil {
			return err
		}
		if one.Status, err = one.Status.Next(e); err != nil {
			return err
		}
		return o.write(ctx, tx, one)
	})
	return one, err
}

// Preferences is what whom the actor acts for wants. Errors: Denied.
func (o *Offers) Preferences(ctx context.Context, actor party.Actor) (Preferences, error) {
	if err := o.May(ctx, o.DB.Reader(), actor); err != nil {
		return Preferences{}, err
	}
	return o.Post.Preferences(ctx, o.DB.Reader(), actor.For)
}

// SavePreferences keeps what a party wants, but for its contacts, and withdraws
// the offers that it no longer wants to see; what it wants again is looked for
// at once. Errors: Denied, Invalid with fields "/sectors" and "/weekly".
func (o *Offers) SavePreferences(ctx context.Context, actor party.Actor, wants Preferences) error {
	const op = "outreach.SavePreferences"
	for _, sector := range wants.Sectors {
		if !slices.ContainsFunc(o.City.Sectors, func(s catalog.Sector) bool { return s.ID == sector }) {
			return fault.Fields(op, fault.Field{Pointer: "/sectors", Message: i18n.M("offer.choice")})
		}
	}
	if wants.Weekly < CityWeekly || wants.Weekly > mostWeekly {
		return fault.Fields(op, fault.Field{Pointer: "/weekly", Message: i18n.M("offer.choice")})
	}
	return o.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		if err := o.May(ctx, tx, actor); err != nil {
			return err
		}
		if err := o.Post.put(ctx, tx, actor.For, wants); err != nil {
			return err
		}
		rows, err := o.of(ctx, tx, actor.For)
		if err != nil {
			return err
		}
		for _, one := range rows {
			p, ok := o.City.Policy(one.Policy)
			to, err := one.Status.Next(EventEnd)
			if err != nil || ok && wants.Wants(p.Sector) {
				continue
			}
			one.Status, one.Reason = to, Unwanted
			if err := o.write(ctx, tx, one); err != nil {
				return err
			}
		}
		if wants.Off {
			return nil
		}
		return o.consider(ctx, tx, actor.For)
	})
}
