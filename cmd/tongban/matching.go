package main

import (
	"context"
	"path/filepath"
	"sync"
	"time"

	"github.com/tongban/tongban/eligibility"
	"github.com/tongban/tongban/exchange"
	"github.com/tongban/tongban/grant"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/party"
)

// matching makes the rooms that work out who is entitled to what. It comes
// after the worker, to which it gives jobs.
func (a *app) matching() (err error) {
	if a.book, err = eligibility.NewBook(a.city); err != nil {
		return err
	}
	a.engine = eligibility.NewEngine(eligibility.EngineDeps{DB: a.db, City: a.city, Exchange: a.exchange,
		Dir: filepath.Join(a.cfg.Data, "match"), Clock: clock.System, Log: a.log})
	a.grants = grant.New(grant.Deps{DB: a.db, City: a.city, Book: a.book, Population: a.engine, Exchange: a.exchange, Parties: a.parties,
		Office: a.office, Messages: a.messages, Policy: a.policy, Clock: clock.System})
	a.grants.Jobs(a.worker)
	a.worker.Handle(exchange.Changed, a.changed)
	return nil
}

// changed looks at one subject anew after something has changed in the
// registers: what they are now entitled to begins or is offered, what they no
// longer are falls away.
func (a *app) changed(ctx context.Context, tx db.Tx, job db.Job) error {
	subject := party.ID(job.Payload)
	entries, err := a.exchange.Entries(ctx, tx, subject)
	if err != nil {
		return err
	}
	entitled, err := a.engine.Entitled(entries)
	if err != nil {
		return err
	}
	if err := a.grants.Review(ctx, tx, subject); err != nil {
		return err
	}
	if err := a.grants.Match(ctx, tx, subject, entitled...); err != nil {
		return err
	}
	return a.offers.Match(ctx, tx, subject, entitled...)
}

// follow opens the populations, keeps them current, and builds them anew every
// night, until ctx ends.
func (a *app) follow(ctx context.Context) {
	retry := time.Second
	for {
		began := time.Now()
		err := a.engine.Open(ctx, nil)
		if err == nil {
			a.log.InfoContext(ctx, "populations are ready", "took", time.Since(began))
			break
		}
		if ctx.Err() != nil {
			return
		}
		a.log.ErrorContext(ctx, "populations cannot be opened", "error", err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(retry):
			retry = min(2*retry, time.Minute)
		}
	}
	if err := a.grants.Schedule(ctx); err != nil && ctx.Err() == nil {
		a.log.ErrorContext(ctx, "the nightly look is not set", "error", err)
	}
	var group sync.WaitGroup
	group.Go(func() { _ = a.engine.Follow(ctx) }) // it ends only with ctx
	group.Go(func() { a.rebuild(ctx) })
	group.Wait()
}

// rebuildEvery is how often populations are built anew, so that entries become
// too old on time and snapshots stay young.
const rebuildEvery = 24 * time.Hour

func (a *app) rebuild(ctx context.Context) {
	ticker := time.NewTicker(rebuildEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := a.engine.Rebuild(ctx, nil); err != nil && ctx.Err() == nil {
				a.log.ErrorContext(ctx, "populations are not built anew", "error", err)
			}
		}
	}
}
