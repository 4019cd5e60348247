package catalog

import (
	"maps"
	"slices"

	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/internal/i18n"
)

// minExamples is how many examples a policy has at least.
const minExamples = 3

// checkExamples: facts that registers could give, answers that can be compared,
// and among the examples a yes, a no and one more.
func (l *loader) checkExamples(n note, p *Policy) {
	conditions := ids(p.Conditions, func(c PolicyCondition) string { return c.ID })
	attributes := l.attributesOf(p.Audience)
	expected := map[string]int{}
	for i, e := range p.Examples {
		at := n.in(i)
		expected[e.Expect]++
		at.in("expect").among(e.Expect, ExpectYes, ExpectNo, ExpectUnknown)
		at.in("short").known(i18n.M("catalog.kind.condition"), e.Short, conditions)
		for j, id := range e.Missing {
			at.in("missing", j).known(i18n.M("catalog.kind.attribute"), id, attributes)
		}
		if e.Amount != nil && (p.Amount == nil || len(p.Amount.Tables) == 0) {
			at.in("amount").say(i18n.M("catalog.policy.amount"), i18n.M("catalog.policy.amount.fix"))
		}
		if e.Held && p.Held == "" {
			at.in("held").say(i18n.M("catalog.policy.held"), i18n.M("catalog.policy.held.fix"))
		}
		for _, id := range slices.Sorted(maps.Keys(e.Facts)) {
			l.checkFact(at.in("facts", id), id, e.Facts[id], attributes)
		}
	}
	if len(p.Examples) < minExamples || expected[ExpectYes] == 0 || expected[ExpectNo] == 0 {
		if n.doc != nil && !n.doc.noted(n.path) {
			n.say(i18n.M("catalog.policy.examples"), i18n.M("catalog.policy.examples.fix"))
		}
	}
}

func (l *loader) checkFact(n note, id string, value any, attributes []string) {
	if !n.known(i18n.M("catalog.kind.attribute"), id, attributes) {
		return
	}
	a, _ := l.city.Attribute(id)
	if a.Type == "" {
		return // its register's field is not there, as told already
	}
	fitted, ok := a.Fit(value)
	switch {
	case !ok:
		n.say(i18n.M("catalog.people.fact", "type", a.Type), i18n.M("catalog.people.fact.fix"))
	case a.Type == criterion.String && len(a.Values) > 0 && !slices.Contains(a.Values, fitted.(string)):
		n.say(i18n.M("catalog.policy.word", "word", fitted, "attribute", id), oneOf(fitted.(string), a.Values))
	}
}
