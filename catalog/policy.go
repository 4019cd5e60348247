package catalog

import (
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/workday"
)

// Policy is policies/<sector>/<id>.yaml: who is entitled to what, from a day on.
// A subject is entitled where every condition in force holds. Rules are CEL over
// the attributes of the audience, today and score().
type Policy struct {
	ID         string            `yaml:"id"`
	Name       i18n.Text         `yaml:"name"`
	Sector     string            `yaml:"sector"`
	Agency     string            `yaml:"agency"`   // who answers for it
	Audience   string            `yaml:"audience"` // "resident" or "firm"
	Summary    i18n.Text         `yaml:"summary"`  // one sentence: what you get
	Source     string            `yaml:"source"`   // where the facts come from, or "sample"
	Basis      []Basis           `yaml:"basis"`
	Effective  workday.Date      `yaml:"effective"`
	Until      workday.Date      `yaml:"until,omitempty"` // last day in force; zero: open
	Conditions []PolicyCondition `yaml:"conditions"`
	Score      []Table           `yaml:"score,omitempty"` // their sum is score() in the rules
	Amount     *Amount           `yaml:"amount,omitempty"`
	Held       string            `yaml:"held,omitempty"`    // CEL: registers say that the subject has it already
	Service    string            `yaml:"service,omitempty"` // the service to apply for
	Grant      *AutoGrant        `yaml:"grant,omitempty"`   // given without an application
	Sensitive  []SensitiveUse    `yaml:"sensitive,omitempty"`
	Examples   []PolicyExample   `yaml:"examples"`

	File string `yaml:"-"` // the pack's file, "policies/civil-affairs/elderly-allowance.yaml"
}

// PolicyCondition is one clause of a policy.
type PolicyCondition struct {
	ID        string       `yaml:"id"`
	Label     i18n.Text    `yaml:"label"`
	When      string       `yaml:"when"` // CEL, bool
	Citation  i18n.Text    `yaml:"citation"`
	Fix       i18n.Text    `yaml:"fix,omitempty"`       // what one may do where only this is missing
	Effective workday.Date `yaml:"effective,omitempty"` // zero: from the policy's first day
	Until     workday.Date `yaml:"until,omitempty"`     // last day; zero: to the policy's last

	Line int `yaml:"-"` // of When in the policy's file
}

// The ways in which a table picks among its rows.
const (
	PickFirst = "first" // the value of the first row that holds; the default
	PickMax   = "max"   // the greatest value of the rows that hold
	PickSum   = "sum"   // the sum of the rows that hold
)

// Table gives a whole number: 0 where no row holds, unknown where a row that
// decides is.
type Table struct {
	ID    string     `yaml:"id"`
	Label i18n.Text  `yaml:"label"`
	Pick  string     `yaml:"pick,omitempty"`
	Rows  []TableRow `yaml:"rows"`
}

// TableRow is one row. Value is CEL with a whole number for a value.
type TableRow struct {
	When  string    `yaml:"when,omitempty"` // CEL, bool; empty: always
	Value string    `yaml:"value"`
	Label i18n.Text `yaml:"label,omitempty"`
}

// The periods for which an amount is given.
const (
	PerOnce  = "once"
	PerMonth = "month"
	PerYear  = "year"
)

// Amount is how much a policy gives, in whole yuan: the sum of its tables, at
// most Cap where there is one. Note says in words what is given; a policy without
// tables gives what Note says.
type Amount struct {
	Per    string    `yaml:"per"`
	Cap    int64     `yaml:"cap,omitempty"`
	Tables []Table   `yaml:"tables,omitempty"`
	Note   i18n.Text `yaml:"note,omitempty"`
}

// AutoGrant says that a policy is given without an application: a payment where
// it Pays, and where the policy has a service a case with what the service issues.
type AutoGrant struct {
	Days int  `yaml:"days"` // working days in which one may refuse
	Pays bool `yaml:"pays,omitempty"`
}

// SensitiveUse allows a policy to read a sensitive attribute, and says by what
// right.
type SensitiveUse struct {
	Attribute string    `yaml:"attribute"`
	Basis     i18n.Text `yaml:"basis"`
}

// The answers that an example may expect.
const (
	ExpectYes     = "yes"
	ExpectNo      = "no"
	ExpectUnknown = "unknown"
)

// PolicyExample is what a policy says of somebody on a day. Facts are by
// attribute id; what is not there is unknown.
type PolicyExample struct {
	Name    i18n.Text      `yaml:"name"`
	On      workday.Date   `yaml:"on"`
	Facts   map[string]any `yaml:"facts"`
	Expect  string         `yaml:"expect"`
	Amount  *int64         `yaml:"amount,omitempty"`  // whole yuan; nil: not asked
	Short   string         `yaml:"short,omitempty"`   // the one condition that is missing; empty: not asked
	Missing []string       `yaml:"missing,omitempty"` // the attributes that are unknown; empty: not asked
	Held    bool           `yaml:"held,omitempty"`    // they have it already

	Line int `yaml:"-"` // in the policy's file
}

// InForce reports whether the policy holds on a day.
func (p *Policy) InForce(day workday.Date) bool { return within(day, p.Effective, p.Until) }

// ConditionsOn lists the conditions that are in force on a day, in the file's
// order; none where the policy itself is not.
func (p *Policy) ConditionsOn(day workday.Date) []PolicyCondition {
	if !p.InForce(day) {
		return nil
	}
	var all []PolicyCondition
	for _, c := range p.Conditions {
		if within(day, c.Effective, c.Until) {
			all = append(all, c)
		}
	}
	return all
}

// Condition finds a condition by id.
func (p *Policy) Condition(id string) (PolicyCondition, bool) {
	return first(p.Conditions, func(c PolicyCondition) bool { return c.ID == id })
}

// within reports whether a day is in a span; a zero end is open.
func within(day, from, until workday.Date) bool {
	return !day.Before(from) && (until.IsZero() || !day.After(until))
}

// Policy finds a policy by id.
func (c *City) Policy(id string) (*Policy, bool) {
	if c.policies != nil {
		p, ok := c.policies[id]
		return p, ok
	}
	return first(c.Policies, func(p *Policy) bool { return p.ID == id })
}
