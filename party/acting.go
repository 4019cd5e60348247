package party

import (
	"context"
	"slices"
	"time"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/party/internal/store"
	"github.com/tongban/tongban/workday"
)

// Mandates are those that the party gave and those that it holds, ended and
// revoked ones too, newest first.
func (s *Store) Mandates(ctx context.Context, q db.Queryer, id ID) (given, held []Mandate, err error) {
	queries := store.New(q)
	if given, err = toMandates(queries.MandatesGiven(ctx, string(id))); err != nil {
		return nil, nil, err
	}
	held, err = toMandates(queries.MandatesHeld(ctx, string(id)))
	return given, held, err
}

func between(ctx context.Context, q db.Queryer, agent, principal ID) ([]Mandate, error) {
	return toMandates(store.New(q).MandatesBetween(ctx, store.MandatesBetweenParams{Agent: string(agent), Principal: string(principal)}))
}

// Acting is the actor when agent acts for principal in a service, or a Denied
// fault that says why it may not. A person acts for itself without a mandate; an
// organisation never acts but through someone. Of several mandates the one first
// in Rules counts, then the one that lasts longest. An empty service asks whether
// agent may act for principal in anything at all.
func (s *Store) Acting(ctx context.Context, q db.Queryer, agent, principal ID, service string) (Actor, error) {
	p, err := s.Get(ctx, q, principal)
	if fault.Is(err, fault.NotFound) {
		return Actor{}, denied(i18n.M("party.acting.none")) // says no more than for a stranger
	}
	if err != nil {
		return Actor{}, err
	}
	if agent == principal {
		if p.Kind == Organisation {
			return Actor{}, denied(i18n.M("party.acting.organisation"))
		}
		return Actor{Party: agent, For: agent}, nil
	}
	mandates, err := between(ctx, q, agent, principal)
	if err != nil {
		return Actor{}, err
	}
	m, why := choose(mandates, p, service, s.clock())
	if !why.IsZero() {
		return Actor{}, denied(why)
	}
	return Actor{Party: agent, For: principal, Mandate: m.ID}, nil
}

func denied(why i18n.Text) error { return fault.New(fault.Denied, "party.Acting", why) }

// Covered are the services in which agent may act for principal now, by all
// mandates together; nil means all of them, as it does for oneself. Where there
// is no live mandate, Acting has said so.
func (s *Store) Covered(ctx context.Context, q db.Queryer, agent, principal ID) ([]string, error) {
	if agent == principal {
		return nil, nil
	}
	mandates, err := between(ctx, q, agent, principal)
	if err != nil {
		return nil, err
	}
	services := []string{}
	for _, m := range mandates {
		if !m.Live(s.clock()) {
			continue
		}
		if len(m.Services) == 0 {
			return nil, nil
		}
		services = append(services, m.Services...)
	}
	slices.Sort(services)
	return slices.Compact(services), nil
}

// choose is the mandate under which to act, or why there is none: the reason
// that is nearest to being allowed.
func choose(mandates []Mandate, principal Party, service string, now time.Time) (Mandate, i18n.Text) {
	mandates = slices.Clone(mandates)
	slices.SortStableFunc(mandates, better)
	reasons := map[state]bool{}
	scope, grown := false, false
	for _, m := range mandates {
		rule, known := RuleOf(m.Kind)
		switch st := m.at(now); {
		case st != live:
			reasons[st] = true
		case known && rule.Minor && !young(principal, workday.DateOf(now, china())):
			grown = true
		case service != "" && !m.Covers(service):
			scope = true
		case known:
			return m, i18n.Text{}
		}
	}
	switch {
	case scope:
		return Mandate{}, i18n.M("party.acting.scope")
	case grown:
		return Mandate{}, i18n.M("party.acting.grown")
	case reasons[future]:
		return Mandate{}, i18n.M("party.acting.future")
	case reasons[ended]:
		return Mandate{}, i18n.M("party.acting.ended")
	case reasons[revoked]:
		return Mandate{}, i18n.M("party.acting.revoked")
	}
	return Mandate{}, i18n.M("party.acting.none")
}

// better orders mandates by preference.
func better(a, b Mandate) int {
	if d := rank(a.Kind) - rank(b.Kind); d != 0 {
		return d
	}
	switch {
	case a.Until.IsZero() != b.Until.IsZero():
		if a.Until.IsZero() {
			return -1
		}
		return 1
	default:
		return b.Until.Compare(a.Until)
	}
}
