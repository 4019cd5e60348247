package eligibility

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/exchange"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/workday"
)

// Book is the policies of a city, ready to be decided for one subject at a
// time. It is read-only and safe for concurrent use.
type Book struct {
	attributes map[string]catalog.Attribute
	registers  map[string]i18n.Text // names by id
	city       *catalog.City
	rules      map[*catalog.Policy]*ruled
}

// ruled is the compiled rules of one policy.
type ruled struct {
	conditions map[string]*criterion.Rule // by condition
	held       *criterion.Rule            // nil: registers do not say
	amount     *criterion.Rule            // nil: no tables
}

// NewBook compiles the policies of a city. It fails with a *criterion.Error
// where a rule is wrong, which the check of a pack has ruled out.
func NewBook(city *catalog.City) (*Book, error) {
	b := &Book{city: city, attributes: map[string]catalog.Attribute{}, registers: map[string]i18n.Text{}, rules: map[*catalog.Policy]*ruled{}}
	for _, a := range city.Attributes {
		b.attributes[a.ID] = a
	}
	for _, r := range city.Resources {
		b.registers[r.ID] = r.Name
	}
	for _, p := range city.Policies {
		r, err := b.compile(p)
		if err != nil {
			return nil, fmt.Errorf("eligibility.NewBook: %w", err)
		}
		b.rules[p] = r
	}
	return b, nil
}

// With is the book with one policy more, such as a draft that is not in the
// city. The error is a *criterion.Error with the place in the rule.
func (b *Book) With(p *catalog.Policy) (*Book, error) {
	r, err := b.compile(p)
	if err != nil {
		return nil, fmt.Errorf("eligibility.With: %w", err)
	}
	more := *b
	more.rules = maps.Clone(b.rules)
	more.rules[p] = r
	return &more, nil
}

func (b *Book) compile(p *catalog.Policy) (*ruled, error) {
	dict, err := b.city.PolicyDict(p)
	if err != nil {
		return nil, fmt.Errorf("%s: score: %w", p.ID, err)
	}
	r := &ruled{conditions: make(map[string]*criterion.Rule, len(p.Conditions))}
	for _, c := range p.Conditions {
		if r.conditions[c.ID], err = criterion.Compile(c.When, dict); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", p.ID, c.ID, err)
		}
	}
	if p.Held != "" {
		if r.held, err = criterion.Compile(p.Held, dict); err != nil {
			return nil, fmt.Errorf("%s: held: %w", p.ID, err)
		}
	}
	if src := p.AmountRule(); src != "" {
		if r.amount, err = criterion.Compile(src, dict); err != nil {
			return nil, fmt.Errorf("%s: amount: %w", p.ID, err)
		}
	}
	return r, nil
}

// Needs names the fields of registers that a policy reads on a day, sorted, by
// register.
func (b *Book) Needs(p *catalog.Policy, day workday.Date) map[string][]string {
	rules := b.rules[p]
	if rules == nil {
		return nil
	}
	var read []string
	for _, c := range p.ConditionsOn(day) {
		read = append(read, rules.conditions[c.ID].Variables()...)
	}
	for _, r := range []*criterion.Rule{rules.held, rules.amount} {
		if r != nil {
			read = append(read, r.Variables()...)
		}
	}
	slices.Sort(read)
	needs := map[string][]string{}
	for _, id := range slices.Compact(read) {
		if a, ok := b.attributes[id]; ok { // and not today
			needs[a.Resource()] = append(needs[a.Resource()], a.Field())
		}
	}
	return needs
}

// Facts is what registers say of a subject, as FactsOf gives it.
func (b *Book) Facts(audience string, entries map[string]exchange.Entry, now time.Time) Facts {
	return FactsOf(b.city.AttributesOf(audience), entries, now)
}

// vars is facts as rules read them: nested by register, each of its attribute's
// type; what does not fit is unknown.
func (b *Book) vars(audience string, facts Facts, day workday.Date) map[string]any {
	all := map[string]any{"today": day}
	for id, value := range facts {
		a, ok := b.attributes[id]
		if !ok || a.Audience != audience {
			continue
		}
		fitted, ok := a.Fit(value)
		if !ok {
			continue
		}
		register, ok := all[a.Resource()].(map[string]any)
		if !ok {
			register = map[string]any{}
			all[a.Resource()] = register
		}
		register[a.Field()] = fitted
	}
	return all
}
