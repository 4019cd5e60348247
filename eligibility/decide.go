package eligibility

import (
	"slices"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/workday"
)

// Decision is what one policy says of one subject on a day.
type Decision struct {
	Policy     string
	Verdict    criterion.Verdict // of all conditions together: No where one is, else Unknown where one is
	Held       bool              // registers say that the subject has it already
	Conditions []ConditionResult // those in force, in the pack's order; none where the policy is not in force
	Short      string            // the one condition that is not Yes while all others are; else ""
	Missing    []string          // where Unknown: the attributes that would decide it, sorted
	Amount     *int64            // what it comes to, in whole yuan; nil where there is no table or it is unknown
}

// ConditionResult is one condition of a Decision, with what is needed to tell
// people why.
type ConditionResult struct {
	ID       string
	Label    i18n.Text
	Citation i18n.Text
	Fix      i18n.Text // what one may do about it; often empty
	Verdict  criterion.Verdict
	Trace    criterion.Trace
	Missing  []string    // where Unknown: the attributes that would decide it, sorted
	Facts    []FactShown // what it reads, in the order of the rule
}

// Condition finds a condition by id.
func (d Decision) Condition(id string) (ConditionResult, bool) {
	i := slices.IndexFunc(d.Conditions, func(c ConditionResult) bool { return c.ID == id })
	if i < 0 {
		return ConditionResult{}, false
	}
	return d.Conditions[i], true
}

// Decide asks what a policy of the book says of a subject on a day. A policy
// that is not in force is No, without conditions; one that is not in the book is
// Unknown.
func (b *Book) Decide(p *catalog.Policy, facts Facts, day workday.Date) Decision {
	d := Decision{Policy: p.ID}
	rules := b.rules[p]
	if rules == nil {
		return d
	}
	if !p.InForce(day) {
		d.Verdict = criterion.No
		return d
	}
	vars := b.vars(p.Audience, facts, day)
	for _, c := range p.ConditionsOn(day) {
		d.Conditions = append(d.Conditions, b.condition(c, rules.conditions[c.ID], vars))
	}
	d.sum()
	if rules.held != nil {
		d.Held = rules.held.Eval(vars).Verdict == criterion.Yes
	}
	d.Amount = amount(rules.amount, vars)
	return d
}

// DecideAll decides every policy of an audience that is in force on a day, in
// the pack's order.
func (b *Book) DecideAll(audience string, facts Facts, day workday.Date) []Decision {
	var all []Decision
	for _, p := range b.city.Policies {
		if p.Audience == audience && p.InForce(day) {
			all = append(all, b.Decide(p, facts, day))
		}
	}
	return all
}

func (b *Book) condition(c catalog.PolicyCondition, rule *criterion.Rule, vars map[string]any) ConditionResult {
	trace := rule.Explain(vars)
	r := ConditionResult{ID: c.ID, Label: c.Label, Citation: c.Citation, Fix: c.Fix, Verdict: trace.Verdict, Trace: trace}
	if r.Verdict == criterion.Unknown {
		_, r.Missing = rule.Residual(vars)
	}
	r.Facts = b.shown(trace)
	return r
}

// sum is the verdict of the conditions together. A policy without any on a day
// entitles nobody.
func (d *Decision) sum() {
	counts := map[criterion.Verdict]int{}
	open := ""
	for _, c := range d.Conditions {
		counts[c.Verdict]++
		if c.Verdict != criterion.Yes {
			open = c.ID
		}
	}
	switch {
	case counts[criterion.No] > 0 || len(d.Conditions) == 0:
		d.Verdict = criterion.No
	case counts[criterion.Unknown] == 0:
		d.Verdict = criterion.Yes
	}
	if counts[criterion.No]+counts[criterion.Unknown] == 1 {
		d.Short = open
	}
	if d.Verdict != criterion.Unknown {
		return
	}
	for _, c := range d.Conditions {
		d.Missing = append(d.Missing, c.Missing...)
	}
	slices.Sort(d.Missing)
	d.Missing = slices.Compact(d.Missing)
}

// amount is the value of the amount's rule; nil where it is unknown.
func amount(rule *criterion.Rule, vars map[string]any) *int64 {
	if rule == nil {
		return nil
	}
	value, err := rule.Value(vars)
	if n, ok := value.(int64); ok && err == nil {
		return &n
	}
	return nil
}
