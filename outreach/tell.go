package outreach

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/internal/id"
	"github.com/tongban/tongban/outreach/internal/store"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/workday"
)

const (
	// week is the span in which letters about offers are counted.
	week = 7 * 24 * time.Hour
	// named is how many offers a letter names; the rest it counts.
	named = 5
)

// tell writes to a party about all offers of which it has not been told: one
// message on the portal, and the same over its channels. Where it has been told
// as often as it may, that waits until it may again. What is given without
// an application is told of by those who give it.
func (o *Offers) tell(ctx context.Context, tx db.Tx, whose party.ID) error {
	wants, err := o.Post.Preferences(ctx, tx, whose)
	if err != nil {
		return err
	}
	weekly := o.Post.weekly(wants)
	if wants.Off || weekly <= 0 {
		return nil
	}
	news, err := o.news(ctx, tx, whose, wants)
	if err != nil || len(news) == 0 {
		return err
	}
	now := o.Clock()
	since := now.Add(-week).UnixMilli()
	told, err := store.New(tx).CountTold(ctx, store.CountToldParams{Party: string(whose), At: since})
	if err != nil {
		return fmt.Errorf("outreach.tell: %w", err)
	}
	if int(told) < weekly {
		return o.letter(ctx, tx, whose, news)
	}
	first, err := store.New(tx).FirstTold(ctx, store.FirstToldParams{Party: string(whose), At: since})
	if err != nil {
		return fmt.Errorf("outreach.tell: %w", err)
	}
	return db.Enqueue(ctx, tx, db.Job{Kind: jobTell, Key: string(whose), RunAt: moment(first).Add(week)})
}

// pick is an offer with its policy.
type pick struct {
	Offer
	policy *catalog.Policy
}

// news are the open offers of which the party has not been told, the best first.
func (o *Offers) news(ctx context.Context, q db.Queryer, whose party.ID, wants Preferences) ([]pick, error) {
	rows, err := o.of(ctx, q, whose)
	if err != nil {
		return nil, err
	}
	var picks []pick
	for _, one := range rows {
		p, ok := o.City.Policy(one.Policy)
		if ok && one.Status == Open && one.Told.IsZero() && p.Grant == nil && wants.Wants(p.Sector) {
			picks = append(picks, pick{one, p})
		}
	}
	today, zone := o.today(), o.zone()
	slices.SortStableFunc(picks, func(a, b pick) int { return better(a.Offer, b.Offer, today, zone) })
	return picks, nil
}

// better orders offers as a reader should see them.
func better(a, b Offer, today workday.Date, zone *time.Location) int {
	if d := Rank(b.Worth(zone), today) - Rank(a.Worth(zone), today); d != 0 {
		return int(d)
	}
	return slices.Compare([]byte(a.Policy), []byte(b.Policy))
}

// letter writes about the offers, and puts down that the party has been told.
func (o *Offers) letter(ctx context.Context, tx db.Tx, whose party.ID, picks []pick) error {
	now := o.Clock()
	l := Letter{ID: id.New(), To: whose, Kind: KindOffer, Title: i18n.M("offer.letter.title", "n", len(picks)), Path: OffersPath}
	if len(picks) == 1 {
		l.Title = i18n.M("offer.letter.one")
	}
	var names i18n.Text
	for i, one := range picks {
		if i < named {
			names = and(names, one.policy.Name, i)
		}
		if !sensitive(one.policy) && len(l.Items) < named {
			l.Items = append(l.Items, Item{Policy: one.Policy, Name: one.policy.Name, Gives: Gives(one.policy, one.Yearly)})
		}
		one.Told = now
		if err := o.write(ctx, tx, one.Offer); err != nil {
			return err
		}
	}
	l.Body = i18n.M("offer.letter.body")
	if rest := len(picks) - len(l.Items); rest > 0 {
		l.Body = i18n.M("offer.letter.more", "n", rest)
	}
	says := i18n.M("offer.letter.names", "names", names)
	if rest := len(picks) - named; rest > 0 {
		says = i18n.M("offer.letter.rest", "names", names, "n", rest)
	}
	title, err := json.Marshal(l.Title)
	if err != nil {
		return fmt.Errorf("outreach.letter: %w", err)
	}
	body, err := json.Marshal(says)
	if err != nil {
		return fmt.Errorf("outreach.letter: %w", err)
	}
	err = store.New(tx.Later()).InsertMessage(ctx, store.InsertMessageParams{ID: l.ID, Party: string(whose), Kind: KindOffer, Link: OffersPath,
		Title: string(title), Body: string(body), At: now.UnixMilli()})
	if err != nil {
		return err
	}
	_, err = o.Post.Tell(ctx, tx, l)
	return err
}

// and adds the i-th name to a list of names.
func and(names, one i18n.Text, i int) i18n.Text {
	if i == 0 {
		return one
	}
	return i18n.M("offer.letter.and", "names", names, "name", one)
}

// Gives says in words what a policy brings that comes to so many yuan in the first
// year: the sum for each period, else what the pack says of it.
func Gives(p *catalog.Policy, yearly int64) i18n.Text {
	switch {
	case yearly <= 0 || p.Amount == nil:
		if p.Amount != nil && !p.Amount.Note.IsZero() {
			return p.Amount.Note
		}
		return p.Summary
	case p.Amount.Per == catalog.PerMonth:
		return i18n.M("offer.gives.month", "amount", i18n.Number(yearly/12))
	case p.Amount.Per == catalog.PerYear:
		return i18n.M("offer.gives.year", "amount", i18n.Number(yearly))
	default:
		return i18n.M("offer.gives.once", "amount", i18n.Number(yearly))
	}
}
