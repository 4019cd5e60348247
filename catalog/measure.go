package catalog

import (
	"github.com/tongban/tongban/criterion"
)

// maxAnswers bounds the combinations of scenario answers that Measure tries.
const maxAnswers = 256

// Compare is by how much b is better than a: the five reductions, each
// negative where b asks for more. A nil version measures nothing.
func Compare(a, b *ServiceVersion) Reductions {
	return a.Measure().less(b.Measure())
}

func (r Reductions) less(s Reductions) Reductions {
	return Reductions{
		Steps: r.Steps - s.Steps, Days: r.Days - s.Days, Documents: r.Documents - s.Documents,
		Visits: r.Visits - s.Visits, Cost: r.Cost - s.Cost,
	}
}

// Measure is what a version asks of an applicant at most: steps, committed
// working days, documents handed in, visits, and fees in fen. A document counts
// where it is required and nothing else proves it: no licence, no fact, no
// pledge. Documents and fees that depend on a scenario's answer count for the
// answers that ask for most.
func (v *ServiceVersion) Measure() Reductions {
	if v == nil {
		return Reductions{}
	}
	r := Reductions{Steps: len(v.Steps), Days: v.Limits.Committed, Visits: v.Visits.Count}
	rules := v.whens()
	for _, answer := range v.answers() {
		vars := map[string]any{"scenario": answer}
		applies := func(when string) bool {
			rule := rules[when]
			return rule == nil || rule.Eval(vars).Verdict != criterion.No
		}
		documents, cost := 0, int64(0)
		for _, e := range v.Evidence {
			if e.handedIn() && applies(e.When) {
				documents++
			}
		}
		for _, f := range v.Fees {
			if applies(f.When) {
				cost += f.Amount
			}
		}
		r.Documents, r.Cost = max(r.Documents, documents), max(r.Cost, cost)
	}
	return r
}

func (e *EvidenceRequirement) handedIn() bool {
	return !e.Optional && e.Licence == "" && e.Fact == nil && e.Pledge.IsZero()
}

// whens compiles the conditions that stand on documents and fees; one that
// does not compile counts as holding.
func (v *ServiceVersion) whens() map[string]*criterion.Rule {
	rules := map[string]*criterion.Rule{}
	add := func(when string) {
		if when == "" {
			return
		}
		if rule, err := criterion.Compile(when, criterion.Open()); err == nil {
			rules[when] = rule
		}
	}
	for _, e := range v.Evidence {
		add(e.When)
	}
	for _, f := range v.Fees {
		add(f.When)
	}
	return rules
}

// answers are the combinations of scenario answers; beyond maxAnswers the
// remaining scenarios stay open.
func (v *ServiceVersion) answers() []map[string]any {
	all := []map[string]any{{}}
	for _, s := range v.Scenarios {
		if len(s.Choices) == 0 || len(all)*len(s.Choices) > maxAnswers {
			continue
		}
		next := make([]map[string]any, 0, len(all)*len(s.Choices))
		for _, answer := range all {
			for _, c := range s.Choices {
				with := map[string]any{s.ID: c.Value}
				for id, value := range answer {
					with[id] = value
				}
				next = append(next, with)
			}
		}
		all = next
	}
	return all
}
