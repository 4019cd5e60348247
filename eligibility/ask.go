package eligibility

import (
	"context"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/exchange"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/workday"
)

// Count is how many are entitled to each policy of an audience on a day.
func (e *Engine) Count(ctx context.Context, audience string, day workday.Date, o Options) (counts Counts, err error) {
	err = e.with("eligibility.Count", audience, day, func(p *Population, prog *Program) error {
		counts, err = p.Count(ctx, prog, o)
		return err
	})
	return counts, err
}

// Members lists who is entitled to a policy on a day, by pages as
// Population.Members does.
func (e *Engine) Members(ctx context.Context, p *catalog.Policy, day workday.Date, after, limit int) (ids []party.ID, next int, err error) {
	err = e.with("eligibility.Members", p.Audience, day, func(pop *Population, prog *Program) error {
		ids, next, err = pop.Members(ctx, prog, p.ID, after, limit)
		return err
	})
	return ids, next, err
}

// NearMembers lists who meets every condition of a policy but one.
func (e *Engine) NearMembers(ctx context.Context, p *catalog.Policy, condition string, day workday.Date, after, limit int) (ids []party.ID, next int, err error) {
	err = e.with("eligibility.NearMembers", p.Audience, day, func(pop *Population, prog *Program) error {
		ids, next, err = pop.NearMembers(ctx, prog, p.ID, condition, after, limit)
		return err
	})
	return ids, next, err
}

// Compare is what a change of a policy's rules does, as Population.Compare says
// it, broken down as the city's profile says. It does not touch the policy in
// force. before or after may be nil, not both.
func (e *Engine) Compare(ctx context.Context, before, after *catalog.Policy, day workday.Date) (d Difference, err error) {
	p := after
	if p == nil {
		p = before
	}
	group := e.City.Profile.Groups[p.Audience]
	err = e.with("eligibility.Compare", p.Audience, day, func(pop *Population, _ *Program) error {
		d, err = pop.Compare(ctx, e.City, before, after, day, CompareOptions{Area: group.Area, Birth: group.Birth})
		return err
	})
	return d, err
}

// Cohort counts those for whom a rule holds, by the values of an attribute, as
// Population.Cohort does.
func (e *Engine) Cohort(ctx context.Context, audience, rule, by string, day workday.Date) (c Cohort, err error) {
	err = e.with("eligibility.Cohort", audience, day, func(pop *Population, _ *Program) error {
		c, err = pop.Cohort(ctx, e.City, rule, by, day)
		return err
	})
	return c, err
}

// Entitled is the policies that somebody with these entries is entitled to
// today and does not have already.
func (e *Engine) Entitled(entries map[string]exchange.Entry) ([]string, error) {
	var all []string
	for _, audience := range audiences() {
		c := e.crowds[audience]
		if !c.has(entries) {
			continue
		}
		err := e.with("eligibility.Entitled", audience, e.Today(), func(p *Population, prog *Program) error {
			all = append(all, p.Entitled(prog, FactsOf(c.attributes, entries, e.Clock()))...)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}
