package eligibility

import (
	"context"
	"fmt"
	"slices"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/workday"
)

// CompareOptions say by what a difference is broken down; empty: not at all.
type CompareOptions struct {
	Area    string // attribute of type string, such as the district
	Birth   string // attribute of type date
	Workers int
	Kernel  string
}

// Shift is how many are entitled before and after, how many gain and how many
// lose.
type Shift struct{ Before, After, Gain, Lose int }

// AreaShift is the shift of an area; Area is empty for those of whom it is
// unknown.
type AreaShift struct {
	Area string
	Shift
}

// AgeShift is the shift of the ages From to To; To is -1 for the last band, and
// both are for those whose age is unknown.
type AgeShift struct {
	From, To int
	Shift
}

// Cost is what a policy costs, in whole yuan.
type Cost struct {
	Year    int64 // what is given by the month or the year, in a year
	Once    int64 // what is given once
	Known   int   // for how many of the entitled the amount is known
	Without bool  // the policy has no amounts
}

// Difference is what a change of a policy's rules does.
type Difference struct {
	Subjects int
	Shift
	Areas  []AreaShift
	Ages   []AgeShift
	Before Cost
	After  Cost
}

// Compare runs two versions of a policy over the population, as of a day.
// Either may be nil: a policy that is new or is to go. The error is a
// *criterion.Error where a rule is wrong, and NotFound where the population has no
// such attribute.
func (p *Population) Compare(ctx context.Context, city *catalog.City, before, after *catalog.Policy, day workday.Date, o CompareOptions) (Difference, error) {
	old, err := amountEntry(city, before, day)
	if err != nil {
		return Difference{}, err
	}
	now, err := amountEntry(city, after, day)
	if err != nil {
		return Difference{}, err
	}
	c := comparison{old: old, now: now}
	c.add(nil)
	areas, err := p.areas(o.Area)
	if err != nil {
		return Difference{}, err
	}
	for _, area := range areas {
		c.add(sameText(o.Area, area))
	}
	ages, err := p.ages(o.Birth)
	if err != nil {
		return Difference{}, err
	}
	for _, band := range ages {
		c.add(band.formula(o.Birth))
	}
	counts, err := p.Count(ctx, NewProgram(day, c.entries), Options{Workers: o.Workers, Kernel: o.Kernel, Amounts: true})
	if err != nil {
		return Difference{}, err
	}
	d := Difference{Subjects: counts.Subjects, Shift: c.shift(counts, 0)}
	for i, area := range areas {
		d.Areas = append(d.Areas, AreaShift{area, c.shift(counts, 1+i)})
	}
	for i, band := range ages {
		d.Ages = append(d.Ages, AgeShift{band.from, band.to, c.shift(counts, 1+len(areas)+i)})
	}
	d.Before = costOf(before, counts.Policies[0])
	d.After = costOf(after, counts.Policies[1])
	return d, nil
}

// comparison is a program of three entries for each group: before, after, and
// both. Whoever gains is entitled after and not to both.
type comparison struct {
	old, now Entry
	entries  []Entry
}

// add adds a group; nil: everybody.
func (c *comparison) add(group criterion.Formula) {
	both := Entry{Conditions: append(append([]Condition{}, c.old.Conditions...), c.now.Conditions...)}
	if len(c.old.Conditions) == 0 || len(c.now.Conditions) == 0 {
		both.Conditions = nil
	}
	for _, e := range []Entry{c.old, c.now, both} {
		if group != nil {
			e.Amount = nil
			if len(e.Conditions) > 0 {
				e.Conditions = append(append([]Condition{}, e.Conditions...), Condition{When: group})
			}
		}
		e.ID, e.Held = fmt.Sprint(len(c.entries)), nil
		c.entries = append(c.entries, e)
	}
}

func (c *comparison) shift(counts Counts, group int) Shift {
	old, now, both := counts.Policies[3*group].Yes, counts.Policies[3*group+1].Yes, counts.Policies[3*group+2].Yes
	return Shift{Before: old, After: now, Gain: now - both, Lose: old - both}
}

// amountEntry is a policy with its amount; one that is nil or not in force
// entitles nobody.
func amountEntry(city *catalog.City, p *catalog.Policy, day workday.Date) (Entry, error) {
	if p == nil || !p.InForce(day) {
		return Entry{}, nil
	}
	return EntryOf(city, p, day)
}

func costOf(p *catalog.Policy, c Count) Cost {
	cost := Cost{Known: c.Amount.Known}
	if p == nil || p.AmountRule() == "" {
		return Cost{Without: true}
	}
	switch p.Amount.Per {
	case catalog.PerMonth:
		cost.Year = 12 * c.Amount.Yuan
	case catalog.PerYear:
		cost.Year = c.Amount.Yuan
	default:
		cost.Once = c.Amount.Yuan
	}
	return cost
}

// attribute is an attribute of one of the kinds whose words, if it has words, are
// few enough to group by.
func (p *Population) attribute(op, id string, kinds ...criterion.Type) (catalog.Attribute, error) {
	col, ok := p.schema.at[id]
	if ok && slices.Contains(kinds, p.schema.attributes[col].Type) && len(p.list(id)) <= maxGroups {
		return p.schema.attributes[col], nil
	}
	return catalog.Attribute{}, fault.New(fault.NotFound, op, i18n.M("population.attribute", "id", id))
}
