package party

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"time"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/internal/id"
	"github.com/tongban/tongban/party/internal/store"
	"github.com/tongban/tongban/workday"
)

// maxServices is how many services a mandate may name.
const maxServices = 200

var serviceForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,79}$`)

// Covers reports whether the mandate names the service, or all.
func (m Mandate) Covers(service string) bool {
	if len(m.Services) == 0 {
		return true
	}
	for _, s := range m.Services {
		if s == service {
			return true
		}
	}
	return false
}

// Live reports whether the mandate is in force at the time: begun, not ended,
// not revoked. The instants of end and revocation are no longer in force.
func (m Mandate) Live(at time.Time) bool { return m.at(at) == live }

type state int

const (
	live state = iota
	future
	ended
	revoked
)

func (m Mandate) at(t time.Time) state {
	switch {
	case !m.RevokedAt.IsZero() && !t.Before(m.RevokedAt):
		return revoked
	case !m.Until.IsZero() && !t.Before(m.Until):
		return ended
	case t.Before(m.From):
		return future
	}
	return live
}

// Grant records a mandate. An empty ID is given one, an empty From is now. A
// parent's mandate ends at the latest when the child turns 18. It fails with
// Invalid where the mandate breaks the rule of its kind, with Denied where
// GrantedBy may not give it, with NotFound where a party is not there, and with
// Conflict where the ID is taken.
func (s *Store) Grant(ctx context.Context, tx db.Tx, m Mandate) error {
	now := s.clock()
	if m.ID == "" {
		m.ID = id.New()
	}
	if m.From.IsZero() {
		m.From = now
	}
	rule, ok := RuleOf(m.Kind)
	if !ok {
		return fault.Fields("party.Grant", fault.Field{Pointer: "/kind", Message: i18n.M("party.grant.kind")})
	}
	principal, err := s.Get(ctx, tx, m.Principal)
	if err != nil {
		return err
	}
	agent, err := s.Get(ctx, tx, m.Agent)
	if err != nil {
		return err
	}
	if err := s.mayGrant(ctx, tx, rule, m, principal); err != nil {
		return err
	}
	if rule.Minor && !principal.Birth.IsZero() {
		if end := principal.Birth.AddMonths(12 * adult).In(china()); m.Until.IsZero() || m.Until.After(end) {
			m.Until = end
		}
	}
	if fields := rule.broken(m, principal, agent, now); len(fields) > 0 {
		return fault.Fields("party.Grant", fields...)
	}
	return insert(ctx, tx, m, now)
}

func insert(ctx context.Context, tx db.Tx, m Mandate, now time.Time) error {
	services, err := json.Marshal(append([]string{}, m.Services...))
	if err != nil {
		return fmt.Errorf("party.Grant: %w", err)
	}
	err = store.New(tx).InsertMandate(ctx, store.InsertMandateParams{
		ID: m.ID, Principal: string(m.Principal), Agent: string(m.Agent), Kind: m.Kind, Services: string(services),
		FromAt: m.From.UnixMilli(), UntilAt: millis(m.Until), GrantedBy: string(m.GrantedBy), GrantedAt: now.UnixMilli(),
	})
	if db.IsUnique(err) {
		return fault.Wrap(fault.Conflict, "party.Grant", i18n.M("party.grant.taken"), err)
	}
	if err != nil {
		return fmt.Errorf("party.Grant: %w", err)
	}
	return nil
}

// mayGrant decides who may give a mandate: a register for what a register says;
// otherwise the principal alone, an organisation through its legal
// representative. Agents of any other kind cannot: mandates do not chain.
func (s *Store) mayGrant(ctx context.Context, q db.Queryer, rule Rule, m Mandate, principal Party) error {
	if rule.Register {
		if m.GrantedBy == System {
			return nil
		}
		return fault.New(fault.Denied, "party.Grant", i18n.M("party.grant.register", "kind", rule.Name))
	}
	owns, err := s.speaksFor(ctx, q, m.GrantedBy, principal)
	if err != nil || owns {
		return err
	}
	return fault.New(fault.Denied, "party.Grant", i18n.M("party.grant.notPrincipal"))
}

// speaksFor reports whether by is the principal itself or its organ.
func (s *Store) speaksFor(ctx context.Context, q db.Queryer, by ID, principal Party) (bool, error) {
	if principal.Kind == Person {
		return by == principal.ID, nil
	}
	mandates, err := between(ctx, q, by, principal.ID)
	if err != nil {
		return false, err
	}
	for _, m := range mandates {
		if m.Kind == LegalRepresentative && m.Live(s.clock()) {
			return true, nil
		}
	}
	return false, nil
}

// broken is what of the rule the mandate breaks.
func (r Rule) broken(m Mandate, principal, agent Party, now time.Time) []fault.Field {
	var fields []fault.Field
	refuse := func(pointer string, message i18n.Text) {
		fields = append(fields, fault.Field{Pointer: pointer, Message: message})
	}
	today := workday.DateOf(now, china())
	if m.Principal == m.Agent {
		refuse("/agent", i18n.M("party.grant.self"))
	} else if agent.Kind != Person || young(agent, today) {
		refuse("/agent", i18n.M("party.grant.agent"))
	}
	switch {
	case r.Principal != "" && principal.Kind != r.Principal:
		refuse("/principal", i18n.M("party.grant.principal", "kind", r.Name))
	case r.Minor && !young(principal, today):
		refuse("/principal", i18n.M("party.grant.notChild"))
	case !r.Minor && young(principal, today):
		refuse("/principal", i18n.M("party.grant.child"))
	}
	if r.Services && len(m.Services) == 0 {
		refuse("/services", i18n.M("party.grant.services"))
	}
	if len(m.Services) > maxServices {
		refuse("/services", i18n.M("party.grant.many", "max", maxServices))
	}
	for _, service := range m.Services {
		if !serviceForm.MatchString(service) {
			refuse("/services", i18n.M("party.grant.service"))
			break
		}
	}
	switch {
	case !m.Until.IsZero() && (!m.Until.After(m.From) || !m.Until.After(now)):
		refuse("/until", i18n.M("party.grant.until"))
	case r.Limit > 0 && (m.Until.IsZero() || m.Until.After(m.From.AddDate(0, r.Limit, 1))):
		refuse("/until", i18n.M("party.grant.limit", "months", r.Limit))
	}
	return fields
}

// young reports whether a person is known to be under 18.
func young(p Party, on workday.Date) bool {
	return p.Kind == Person && !p.Birth.IsZero() && p.Birth.YearsUntil(on) < adult
}

// china is the one legal time of the law behind Rules.
func china() *time.Location { return time.FixedZone("UTC+8", 8*60*60) }

// Revoke ends a mandate now. The principal may (an organisation through its
// legal representative), and the agent may lay it down (民法典 第一百七十三条);
// what a register granted, only System ends. It fails with NotFound for anyone
// else, with Denied where the register must, with Conflict where it is revoked
// already.
func (s *Store) Revoke(ctx context.Context, tx db.Tx, id string, by ID) error {
	const op = "party.Revoke"
	m, err := mandate(ctx, tx, id)
	if err != nil {
		return err
	}
	allowed, err := s.mayRevoke(ctx, tx, m, by)
	if err != nil {
		return err
	}
	rule, _ := RuleOf(m.Kind)
	switch {
	case !allowed:
		return fault.New(fault.NotFound, op, i18n.M("party.revoke.notFound"))
	case rule.Register && by != System:
		return fault.New(fault.Denied, op, i18n.M("party.revoke.register", "kind", rule.Name))
	case !m.RevokedAt.IsZero():
		return fault.New(fault.Conflict, op, i18n.M("party.revoke.already"))
	}
	err = store.New(tx).RevokeMandate(ctx, store.RevokeMandateParams{RevokedAt: s.clock().UnixMilli(), RevokedBy: string(by), ID: id})
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	return nil
}

func (s *Store) mayRevoke(ctx context.Context, q db.Queryer, m Mandate, by ID) (bool, error) {
	if by == System || by == m.Agent || by == m.Principal {
		return true, nil
	}
	principal, err := s.Get(ctx, q, m.Principal)
	if err != nil {
		return false, err
	}
	return s.speaksFor(ctx, q, by, principal)
}
