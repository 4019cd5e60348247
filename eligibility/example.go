package eligibility

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/internal/i18n"
)

// Failure is an example of a policy that the policy answers otherwise.
type Failure struct {
	Example  catalog.PolicyExample
	Wrong    []Wrong
	Decision Decision
}

// Wrong is one thing of an answer that is not as the example expects.
type Wrong struct {
	What      i18n.Text // the answer, the amount, ...
	Want, Got string
}

// Test runs the examples of a policy of the book and returns those that fail,
// in the file's order.
func (b *Book) Test(p *catalog.Policy) []Failure {
	var failures []Failure
	for _, e := range p.Examples {
		d := b.Decide(p, Facts(e.Facts), e.On)
		if wrong := differs(e, d); len(wrong) > 0 {
			failures = append(failures, Failure{Example: e, Wrong: wrong, Decision: d})
		}
	}
	return failures
}

// differs holds an answer to what an example expects, where it says so.
func differs(e catalog.PolicyExample, d Decision) []Wrong {
	var wrong []Wrong
	note := func(what, want, got string) {
		if want != got {
			wrong = append(wrong, Wrong{What: i18n.M(what), Want: want, Got: got})
		}
	}
	note("eligibility.example.verdict", e.Expect, d.Verdict.String())
	note("eligibility.example.held", strconv.FormatBool(e.Held), strconv.FormatBool(d.Held))
	if e.Amount != nil {
		got := "unknown"
		if d.Amount != nil {
			got = strconv.FormatInt(*d.Amount, 10)
		}
		note("eligibility.example.amount", strconv.FormatInt(*e.Amount, 10), got)
	}
	if e.Short != "" {
		note("eligibility.example.short", e.Short, d.Short)
	}
	if len(e.Missing) > 0 {
		note("eligibility.example.missing", list(e.Missing), list(d.Missing))
	}
	return wrong
}

func list(names []string) string {
	return strings.Join(slices.Sorted(slices.Values(names)), ", ")
}
