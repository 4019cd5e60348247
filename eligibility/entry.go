package eligibility

import (
	"fmt"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/workday"
)

// EntryOf is a policy as a program has it: the conditions that are in force on
// a day, and what it brings. It fails with a *criterion.Error where a rule cannot run over a
// population, which the check of a pack has ruled out for its own policies.
func EntryOf(city *catalog.City, p *catalog.Policy, day workday.Date) (Entry, error) {
	e := Entry{ID: p.ID}
	dict, err := city.PolicyDict(p)
	if err != nil {
		return e, err
	}
	for _, c := range p.ConditionsOn(day) {
		f, err := formula(c.When, dict)
		if err != nil {
			return e, fmt.Errorf("%s: %w", c.ID, err)
		}
		e.Conditions = append(e.Conditions, Condition{ID: c.ID, When: f})
	}
	if p.Held != "" {
		if e.Held, err = formula(p.Held, dict); err != nil {
			return e, fmt.Errorf("held: %w", err)
		}
	}
	src := p.AmountRule()
	if src == "" {
		return e, nil
	}
	rule, err := criterion.Compile(src, dict)
	if err != nil {
		return e, fmt.Errorf("amount: %w", err)
	}
	e.Amount, err = rule.Number()
	return e, err
}

func formula(src string, dict *criterion.Dict) (criterion.Formula, error) {
	rule, err := criterion.Compile(src, dict)
	if err != nil {
		return nil, err
	}
	return rule.Formula()
}

// ProgramOf is the program of all policies of an audience that are in force on a
// day.
func ProgramOf(city *catalog.City, audience string, day workday.Date) (*Program, error) {
	var entries []Entry
	for _, p := range city.Policies {
		if p.Audience != audience || !p.InForce(day) {
			continue
		}
		e, err := EntryOf(city, p, day)
		if err != nil {
			return nil, fmt.Errorf("eligibility.ProgramOf: %s: %w", p.ID, err)
		}
		entries = append(entries, e)
	}
	return NewProgram(day, entries), nil
}
