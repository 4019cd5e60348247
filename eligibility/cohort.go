package eligibility

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/workday"
)

// LeastCohort is the size below which a group is not shown.
const LeastCohort = 10

// Cohort is how those whom a rule holds for are spread over the values of an
// attribute.
type Cohort struct {
	Total  int
	Hidden bool // Total is not shown: it is below LeastCohort
	Groups []Group
}

// Group is one value of the attribute. Where it is Hidden, Count is 0 and says
// nothing: the group is below LeastCohort, or has to be hidden so that one that is
// cannot be worked out from the total.
type Group struct {
	Value  string // a word, true, false, or ages as "60-69" and "100-"; "": unknown
	Count  int
	Hidden bool
}

// Cohort counts those for whom a rule over the attributes holds on a day, by
// the values of an attribute of type string or bool, or by age in tens of years for
// a date. The error is a *criterion.Error where the rule is wrong, Denied where
// the rule or the attribute is sensitive, and NotFound where there is no such
// attribute to group by.
func (p *Population) Cohort(ctx context.Context, city *catalog.City, rule, by string, day workday.Date) (Cohort, error) {
	const op = "eligibility.Cohort"
	a, err := p.attribute(op, by, criterion.String, criterion.Bool, criterion.Date)
	if err != nil {
		return Cohort{}, err
	}
	dict, err := city.PolicyDict(&catalog.Policy{Audience: p.schema.audience})
	if err != nil {
		return Cohort{}, err
	}
	compiled, err := criterion.Compile(rule, dict)
	if err != nil {
		return Cohort{}, err
	}
	for _, id := range append(compiled.Variables(), by) {
		if col, ok := p.schema.at[id]; ok && p.schema.attributes[col].Sensitive {
			return Cohort{}, fault.New(fault.Denied, op, i18n.M("population.sensitive", "id", id))
		}
	}
	holds, err := compiled.Formula()
	if err != nil {
		return Cohort{}, err
	}
	values, formulas := p.groups(a)
	entries := []Entry{{ID: "all", Conditions: []Condition{{When: holds}}}}
	for i, f := range formulas {
		entries = append(entries, Entry{ID: strconv.Itoa(i), Conditions: []Condition{{When: holds}, {When: f}}})
	}
	counts, err := p.Count(ctx, NewProgram(day, entries), Options{})
	if err != nil {
		return Cohort{}, err
	}
	c := Cohort{Total: counts.Policies[0].Yes}
	for i, value := range values {
		c.Groups = append(c.Groups, Group{Value: value, Count: counts.Policies[i+1].Yes})
	}
	c.hide()
	return c, nil
}

// groups is the values of an attribute and what asks for each.
func (p *Population) groups(a catalog.Attribute) (values []string, formulas []criterion.Formula) {
	switch a.Type {
	case criterion.Bool:
		is := criterion.Is{Var: a.ID}
		return []string{"true", "false", ""}, []criterion.Formula{is, criterion.Not{Part: is}, unknown(a.ID)}
	case criterion.Date:
		for _, b := range bands() {
			value := fmt.Sprintf("%d-%d", b.from, b.to)
			switch {
			case b.from < 0:
				value = ""
			case b.to < 0:
				value = fmt.Sprintf("%d-", b.from)
			}
			values, formulas = append(values, value), append(formulas, b.formula(a.ID))
		}
		return values, formulas
	}
	for _, word := range p.list(a.ID) {
		values, formulas = append(values, word), append(formulas, sameText(a.ID, word))
	}
	return values, formulas
}

// hide hides small groups, and with them the smallest others, until those that
// are hidden are two or more with LeastCohort people or more among them: what the
// total and the groups shown leave over then says nothing of any one group. Where
// nobody is in the groups that are hidden, there is nobody to protect.
func (c *Cohort) hide() {
	if c.Total < LeastCohort {
		c.Total, c.Hidden = 0, true
	}
	bySize := make([]*Group, len(c.Groups))
	for i := range c.Groups {
		bySize[i] = &c.Groups[i]
	}
	slices.SortStableFunc(bySize, func(a, b *Group) int { return cmp.Compare(a.Count, b.Count) })
	people, groups := 0, 0 // hidden; groups of nobody do not count
	for _, g := range bySize {
		if g.Count >= LeastCohort && !c.Hidden && (people == 0 || people >= LeastCohort && groups > 1) {
			break
		}
		if people += g.Count; g.Count > 0 {
			groups++
		}
		g.Count, g.Hidden = 0, true
	}
}
