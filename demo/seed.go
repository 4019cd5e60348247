// Package demo makes a city live on one machine: the pack's synthetic people
// with what the registers and the licence library hold on them, and an OpenID
// Connect provider where one signs in as any of them. Nothing of it runs where
// real people are.
package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/exchange"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/id"
	"github.com/tongban/tongban/licence"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/workday"
)

// Stores are what the people are put into.
type Stores struct {
	DB       *db.DB
	City     *catalog.City
	Parties  *party.Store
	Exchange *exchange.Store
	Licences *licence.Store
	Now      time.Time
}

// Seed puts the pack's people into the stores, each in a transaction of their
// own. People who are there already are left as they are, so that a demo can be
// started again on its data. A persona's party has the persona's id.
func Seed(ctx context.Context, s Stores) error {
	people := slices.Concat(s.City.People.Persons, s.City.People.Organisations)
	known := map[string]bool{}
	for _, p := range people {
		_, err := s.Parties.Get(ctx, s.DB.Reader(), party.ID(p.ID))
		if err == nil {
			known[p.ID] = true
			continue
		}
		if !fault.Is(err, fault.NotFound) {
			return err
		}
		if err := s.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error { return s.person(ctx, tx, p) }); err != nil {
			return fmt.Errorf("demo.Seed: %s: %w", p.ID, err)
		}
	}
	mandates := slices.Clone(s.City.People.Mandates)
	slices.SortStableFunc(mandates, func(a, b catalog.MandateSeed) int { return order(a) - order(b) })
	for _, m := range mandates {
		if known[m.Principal] && known[m.Agent] {
			continue
		}
		if err := s.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error { return s.mandate(ctx, tx, m) }); err != nil {
			return fmt.Errorf("demo.Seed: mandate of %s for %s: %w", m.Principal, m.Agent, err)
		}
	}
	return nil
}

// order puts legal representatives first: they give the other mandates.
func order(m catalog.MandateSeed) int {
	if m.Kind == party.LegalRepresentative {
		return 0
	}
	return 1
}

// PartyOf is the persona as a party.
func PartyOf(p catalog.Persona) party.Party {
	kind := party.Person
	if p.IDType == "001" {
		kind = party.Organisation
	}
	return party.Party{ID: party.ID(p.ID), Kind: kind, Name: p.Name, Latin: p.Latin, IDType: p.IDType, IDNumber: p.IDNumber, Birth: p.Birth,
		Sex: p.Sex, Phone: p.Phone, Address: p.Address, Area: p.Area, Lang: p.Lang, Elder: p.Elder}
}

func (s Stores) person(ctx context.Context, tx db.Tx, p catalog.Persona) error {
	holder := PartyOf(p)
	if err := s.Parties.Put(ctx, tx, holder); err != nil {
		return err
	}
	for resource, values := range p.Facts {
		if err := s.Exchange.Put(ctx, tx, resource, holder.ID, values, s.Now); err != nil {
			return fmt.Errorf("%s: %w", resource, err)
		}
	}
	for _, l := range p.Licences {
		t, ok := s.City.LicenceType(l.Type)
		if !ok {
			return fmt.Errorf("no licence type %s", l.Type)
		}
		issued := l.Issued.In(s.City.Calendar.Zone())
		if _, err := s.Licences.Issue(ctx, tx, licence.Order{Type: t, Holder: holder, Claims: l.Claims, IssuedAt: issued}); err != nil {
			return fmt.Errorf("%s: %w", l.Type, err)
		}
	}
	return nil
}

func (s Stores) mandate(ctx context.Context, tx db.Tx, m catalog.MandateSeed) error {
	zone := s.City.Calendar.Zone()
	from := s.Now
	until := time.Time{}
	if m.Until != (workday.Date{}) {
		until = m.Until.AddDays(1).In(zone).UTC()
	}
	return s.Parties.Grant(ctx, tx, party.Mandate{ID: id.New(), Principal: party.ID(m.Principal), Agent: party.ID(m.Agent), Kind: m.Kind,
		Services: m.Services, From: from, Until: until, GrantedBy: s.granter(m)})
}

// granter is who gives a mandate: the register for what a register says, the
// legal representative for a firm, and the person themself.
func (s Stores) granter(m catalog.MandateSeed) party.ID {
	if rule, _ := party.RuleOf(m.Kind); rule.Register {
		return party.System
	}
	for _, other := range s.City.People.Mandates {
		if other.Principal == m.Principal && other.Kind == party.LegalRepresentative {
			return party.ID(other.Agent)
		}
	}
	return party.ID(m.Principal)
}
