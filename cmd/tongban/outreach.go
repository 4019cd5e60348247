package main

import (
	"context"
	"crypto/rand"
	"path/filepath"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/outreach"
)

// portalAgency is the agency that runs the portal, as receipts name it.
const portalAgency = "dsj"

// outreach makes the rooms that write to people and make offers. It comes after
// the populations and the grants.
func (a *app) outreach() error {
	key, err := outreach.OpenKey(filepath.Join(a.cfg.Data, "keys", "outreach.key"))
	if err != nil {
		return err
	}
	quiet, err := outreach.ParseQuiet(a.cfg.Outreach.Quiet)
	if err != nil {
		return err
	}
	a.post = outreach.NewPost(outreach.PostDeps{DB: a.db, Parties: a.parties, Senders: senders(a.cfg.Outreach), Key: key, Origin: a.cfg.URL,
		Brand: a.city.Profile.Portal, Zone: a.city.Calendar.Zone(), Quiet: quiet, Weekly: a.cfg.Outreach.Weekly, Clock: clock.System, Rand: rand.Reader, Log: a.log})
	a.post.Jobs(a.worker)
	a.messages.Over(a.post)
	a.offers = outreach.NewOffers(outreach.OfferDeps{DB: a.db, City: a.city, Book: a.book, Population: a.engine, Exchange: a.exchange, Parties: a.parties,
		Cases: a.office, Grants: a.grants, Post: a.post, Asker: portalAgency, Clock: clock.System})
	a.offers.Jobs(a.worker)
	return nil
}

// senders are those that the operator has set up.
func senders(c config.Outreach) map[outreach.Channel]outreach.Sender {
	all := map[outreach.Channel]outreach.Sender{}
	if c.Mail.Server != "" {
		all[outreach.Mail] = &outreach.Mailer{Server: c.Mail.Server, TLS: c.Mail.TLS, User: c.Mail.User, Password: c.Mail.Password, From: c.Mail.From, Clock: clock.System}
	}
	if c.SMS.URL != "" {
		all[outreach.SMS] = &outreach.Gateway{URL: c.SMS.URL, Secret: c.SMS.Secret, Client: outreach.Client(), Clock: clock.System}
	}
	if c.Webhook {
		all[outreach.Webhook] = &outreach.Hook{Client: outreach.PublicClient(), Clock: clock.System}
	}
	return all
}

// reach sends letters and follows cases for the sake of offers, until ctx ends.
func (a *app) reach(ctx context.Context) {
	if err := a.offers.Schedule(ctx); err != nil && ctx.Err() == nil {
		a.log.ErrorContext(ctx, "the daily round of offers is not set", "error", err)
	}
	if err := a.offers.Listen(ctx, a.bus); err != nil && ctx.Err() == nil {
		a.log.ErrorContext(ctx, "offers do not follow cases", "error", err)
	}
	a.post.Run(ctx)
}
