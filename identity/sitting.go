package identity

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
)

// Sitting is who asks, and for whom, in one request.
type Sitting struct {
	Principal policy.Principal
	Self      party.Party // of an officer only ID and Name
	For       party.Party // whom one acts for; Self where that is oneself
	Kind      string      // of the mandate (party.Parent ...); empty for oneself
	Lapsed    string      // name of whom one acted for until the mandate ended; set on one page
}

type sittingKey struct{}

// With is ctx with the sitting; From reads it.
func With(ctx context.Context, s Sitting) context.Context {
	return context.WithValue(ctx, sittingKey{}, s)
}

// From is who asks in ctx; false where nobody is signed in.
func From(ctx context.Context) (Sitting, bool) {
	s, ok := ctx.Value(sittingKey{}).(Sitting)
	return s, ok
}

// Principal is who asks in ctx, the public where nobody is signed in.
func Principal(ctx context.Context) policy.Principal {
	s, _ := From(ctx)
	return s.Principal
}

// sit looks up the parties of a stay and checks for whom it may act now. Errors:
// Denied where it may no longer act for st.For, Unauthenticated where the person
// is gone.
func (g *Gate) sit(ctx context.Context, st stay) (Sitting, error) {
	if st.Kind == string(policy.Officer) {
		return g.sitOfficer(ctx, st)
	}
	q := g.DB.Reader()
	self, err := g.Parties.Get(ctx, q, st.Party)
	if fault.Is(err, fault.NotFound) {
		return Sitting{}, fault.Wrap(fault.Unauthenticated, "identity.sit", i18n.Text{}, err)
	}
	if err != nil {
		return Sitting{}, err
	}
	s := Sitting{Self: self, For: self, Lapsed: st.Lapsed, Principal: policy.Principal{ID: st.ID, Kind: policy.Citizen, Name: self.Name,
		Actor: party.Actor{Party: self.ID, For: self.ID}}}
	if st.For == "" || st.For == self.ID {
		return s, nil
	}
	return g.actFor(ctx, s, st.For)
}

// plain reports whether an id can be one at all: what cannot is asked of no
// database.
func plain(id party.ID) bool {
	return len(id) <= 200 && utf8.ValidString(string(id)) && !strings.ContainsFunc(string(id), unicode.IsControl)
}

func unknown(op string) error {
	return fault.New(fault.Denied, op, i18n.M("identity.acting.unknown"))
}

// actFor is s acting for the principal, under the best live mandate.
func (g *Gate) actFor(ctx context.Context, s Sitting, principal party.ID) (Sitting, error) {
	if !plain(principal) {
		return Sitting{}, unknown("identity.actFor")
	}
	q := g.DB.Reader()
	actor, err := g.Parties.Acting(ctx, q, s.Self.ID, principal, "")
	if err != nil {
		return Sitting{}, err
	}
	if s.For, err = g.Parties.Get(ctx, q, principal); err != nil {
		return Sitting{}, err
	}
	_, held, err := g.Parties.Mandates(ctx, q, s.Self.ID)
	if err != nil {
		return Sitting{}, err
	}
	for _, m := range held {
		if m.ID == actor.Mandate {
			s.Kind = m.Kind
		}
	}
	if s.Kind == party.LegalRepresentative {
		s.Principal.Roles = []string{policy.RoleLegalRepresentative}
	}
	if s.Principal.Services, err = g.Parties.Covered(ctx, q, s.Self.ID, principal); err != nil {
		return Sitting{}, err
	}
	s.Principal.Actor = actor
	return s, nil
}

// sitOfficer is an officer, with the applicant who is present at the counter.
func (g *Gate) sitOfficer(ctx context.Context, st stay) (Sitting, error) {
	self := party.Party{ID: party.ID(st.ID), Kind: party.Person, Name: st.Name}
	s := Sitting{Self: self, For: self, Lapsed: st.Lapsed, Principal: policy.Principal{ID: st.ID, Kind: policy.Officer, Name: st.Name,
		Agency: st.Agency, Area: st.Area, Roles: st.Roles, Actor: party.Actor{Party: self.ID}}}
	if st.For == "" {
		return s, nil
	}
	if !plain(st.For) {
		return Sitting{}, unknown("identity.intake")
	}
	applicant, err := g.Parties.Get(ctx, g.DB.Reader(), st.For)
	if fault.Is(err, fault.NotFound) {
		return Sitting{}, unknown("identity.intake")
	}
	if err != nil {
		return Sitting{}, err
	}
	resource := policy.Resource{Type: policy.TypeParty, ID: string(applicant.ID), Owner: applicant.ID, Area: applicant.Area}
	if err := g.Policy.Allow(s.Principal, policy.IntakeStart, resource); err != nil {
		return Sitting{}, err
	}
	s.For, s.Principal.Actor.For = applicant, applicant.ID
	return s, nil
}
