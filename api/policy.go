package api

import (
	"context"
	"slices"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/eligibility"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/policy"
	"github.com/tongban/tongban/workday"
)

// PolicySummary is a policy in a list.
type PolicySummary struct {
	ID        string       `json:"id" example:"elderly-allowance"`
	Name      i18n.Text    `json:"name"`
	Summary   i18n.Text    `json:"summary" doc:"What one gets, in a sentence."`
	Sector    string       `json:"sector"`
	Agency    AgencyRef    `json:"agency" doc:"Who answers for it."`
	Audience  string       `json:"audience" enum:"resident,firm"`
	Service   string       `json:"service,omitempty" doc:"The service to apply for."`
	Granted   bool         `json:"granted" doc:"Given without an application."`
	Effective workday.Date `json:"effective" doc:"First day in force."`
	Until     workday.Date `json:"until,omitzero" doc:"Last day in force; absent: open."`
}

// PolicyDetail is a policy with its rules.
type PolicyDetail struct {
	PolicySummary
	Source     string            `json:"source" doc:"Where the facts come from, or sample."`
	Basis      []catalog.Basis   `json:"basis" doc:"The rules of law."`
	Conditions []PolicyCondition `json:"conditions" doc:"All of them must hold."`
	Held       string            `json:"held,omitempty" doc:"CEL: the registers say that one has it already."`
	Score      []PolicyTable     `json:"score,omitempty" doc:"Points; their sum is score() in the conditions."`
	Amount     *PolicyAmount     `json:"amount,omitempty"`
}

// PolicyCondition is one clause of a policy.
type PolicyCondition struct {
	ID        string       `json:"id"`
	Rule      string       `json:"rule" doc:"The key under which a draft may replace it."`
	Label     i18n.Text    `json:"label"`
	When      string       `json:"when" doc:"CEL over the attributes of the audience."`
	Citation  i18n.Text    `json:"citation"`
	Fix       i18n.Text    `json:"fix,omitzero" doc:"What one may do where only this is missing."`
	Effective workday.Date `json:"effective,omitzero"`
	Until     workday.Date `json:"until,omitzero"`
	Fixed     bool         `json:"fixed" doc:"The city's for every policy; no draft replaces it."`
}

// PolicyAmount is what a policy gives: the sum of its tables, at most cap.
type PolicyAmount struct {
	Per    string        `json:"per" enum:"once,month,year"`
	Cap    int64         `json:"cap,omitempty" doc:"In whole yuan."`
	Tables []PolicyTable `json:"tables"`
	Note   i18n.Text     `json:"note,omitzero" doc:"In words what is given."`
}

// PolicyTable gives a whole number: of yuan, or of points.
type PolicyTable struct {
	ID    string      `json:"id"`
	Label i18n.Text   `json:"label"`
	Pick  string      `json:"pick" enum:"first,max,sum" doc:"Of the rows that hold: the first, the greatest, or all together."`
	Rows  []PolicyRow `json:"rows"`
}

// PolicyRow is one row of a table.
type PolicyRow struct {
	Rule  string    `json:"rule" doc:"With .when or .value after it, the key under which a draft may replace one of the two."`
	When  string    `json:"when,omitempty" doc:"CEL; absent: always."`
	Value string    `json:"value" doc:"CEL, a whole number."`
	Label i18n.Text `json:"label,omitzero"`
}

// Figure is a count as it may be told: exact where from is to, else the bounds
// that may be known.
type Figure struct {
	From int `json:"from"`
	To   int `json:"to" doc:"Equal to from where the count is told. Below 10 none is: 0 to 9. A count is told as bounds where it would give away a small group."`
}

// PolicyCount is how many a policy reaches.
type PolicyCount struct {
	Policy   string         `json:"policy"`
	AsOf     workday.Date   `json:"asOf"`
	Entitled Figure         `json:"entitled"`
	Held     Figure         `json:"held" doc:"Of the entitled, who has it already."`
	Near     []NearCount    `json:"near" doc:"By condition: who meets every other."`
	Cost     *PolicyCosting `json:"cost,omitempty" doc:"Absent where there are no amounts, or too few people."`
}

// NearCount is how many lack one condition only.
type NearCount struct {
	Condition string    `json:"condition"`
	Label     i18n.Text `json:"label"`
	Count     Figure    `json:"count"`
}

// PolicyCosting is what the entitled get together, in whole yuan.
type PolicyCosting struct {
	Year  int64 `json:"year" doc:"Of what is given by the month or the year: in a year."`
	Once  int64 `json:"once" doc:"Of what is given once."`
	About bool  `json:"about" doc:"Near it: exact figures would give away a small group, or for some the amount is not known."`
}

type policiesInput struct {
	Page
	Audience string `query:"audience" enum:"resident,firm"`
	Sector   string `query:"sector" maxLength:"100"`
	Agency   string `query:"agency" maxLength:"100"`
}

// PolicyPath names a policy in the path.
type PolicyPath struct {
	Policy string `path:"policy" maxLength:"100"`
}

type countInput struct {
	PolicyPath
	AsOf string `query:"as-of" maxLength:"10" doc:"A day, 2006-01-02, up to ten years from today; absent: today."`
}

func (s *server) policyOperations() {
	const tag = "policies"
	route(s, open, get("listPolicies", "/api/v1/policies", tag, "List policies", "Who is entitled to what: those in force today, in the catalogue's order."), s.listPolicies)
	route(s, open, get("getPolicy", "/api/v1/policies/{policy}", tag, "Get a policy", "With its conditions, their sources and the very rules that decide."), s.getPolicy, fault.NotFound)
	route(s, signed, get("countPolicy", "/api/v1/policies/{policy}/count", tag, "Count whom a policy reaches", "For officers of its agency, and supervisors."),
		s.countPolicy, fault.NotFound, fault.Unavailable)
}

func (s *server) listPolicies(_ context.Context, in *policiesInput) (*body[list[PolicySummary]], error) {
	out := list[PolicySummary]{Items: []PolicySummary{}}
	passed := in.After == ""
	for _, p := range s.City.Policies {
		fits := p.InForce(s.today()) && (in.Audience == "" || in.Audience == p.Audience) && (in.Sector == "" || in.Sector == p.Sector) &&
			(in.Agency == "" || in.Agency == p.Agency)
		switch {
		case !passed:
			passed = p.ID == in.After
		case fits && len(out.Items) == in.Limit:
			out.Next = out.Items[in.Limit-1].ID
			return &body[list[PolicySummary]]{out}, nil
		case fits:
			out.Items = append(out.Items, s.policySummary(p))
		}
	}
	if !passed {
		return nil, fault.Fields("api.listPolicies", fault.Field{Pointer: "/after", Message: i18n.M("api.input.cursor")})
	}
	return &body[list[PolicySummary]]{out}, nil
}

func (s *server) policySummary(p *catalog.Policy) PolicySummary {
	return PolicySummary{ID: p.ID, Name: p.Name, Summary: p.Summary, Sector: p.Sector, Agency: s.agency(p.Agency), Audience: p.Audience,
		Service: p.Service, Granted: p.Grant != nil, Effective: p.Effective, Until: p.Until}
}

func (s *server) policy(id string) (*catalog.Policy, error) {
	p, ok := s.City.Policy(id)
	if !ok {
		return nil, fault.New(fault.NotFound, "api.policy", i18n.M("rule.policy.unknown"))
	}
	return p, nil
}

func (s *server) getPolicy(_ context.Context, in *PolicyPath) (*body[PolicyDetail], error) {
	p, err := s.policy(in.Policy)
	if err != nil {
		return nil, err
	}
	out := PolicyDetail{PolicySummary: s.policySummary(p), Source: p.Source, Basis: keep(p.Basis), Held: p.Held, Conditions: []PolicyCondition{}}
	rules := s.Book.RulesOf(p)
	for i, c := range p.Conditions { // RulesOf begins with them
		out.Conditions = append(out.Conditions, PolicyCondition{ID: c.ID, Rule: rules[i].Key, Fixed: rules[i].Fixed, Label: c.Label, When: c.When,
			Citation: c.Citation, Fix: c.Fix, Effective: c.Effective, Until: c.Until})
	}
	for _, t := range p.Score {
		out.Score = append(out.Score, tableOf("score", t))
	}
	if p.Amount != nil {
		out.Amount = &PolicyAmount{Per: p.Amount.Per, Cap: p.Amount.Cap, Note: p.Amount.Note, Tables: []PolicyTable{}}
		for _, t := range p.Amount.Tables {
			out.Amount.Tables = append(out.Amount.Tables, tableOf("amount", t))
		}
	}
	return &body[PolicyDetail]{out}, nil
}

func tableOf(of string, t catalog.Table) PolicyTable {
	out := PolicyTable{ID: t.ID, Label: t.Label, Pick: t.Pick, Rows: []PolicyRow{}}
	if out.Pick == "" {
		out.Pick = catalog.PickFirst
	}
	for i, r := range t.Rows {
		out.Rows = append(out.Rows, PolicyRow{Rule: of + "." + t.ID + "." + itoa(i), When: r.When, Value: r.Value, Label: r.Label})
	}
	return out
}

// mayRule finds a policy whose rules the asker may see or draft.
func (s *server) mayRule(ctx context.Context, a policy.Action, id string) (*catalog.Policy, error) {
	p, err := s.policy(id)
	if err != nil {
		return nil, err
	}
	return p, s.Policy.Allow(who(ctx), a, policy.Resource{Type: policy.TypeRule, ID: p.ID, Agencies: []string{p.Agency}})
}

// maxAhead is how many days from today counts are made for.
const maxAhead = 3660

// asOf is the day of a parameter.
func (s *server) asOf(pointer, text string) (workday.Date, error) {
	if text == "" {
		return s.today(), nil
	}
	day, err := workday.ParseDate(text)
	if err != nil || day.Before(s.today().AddDays(-maxAhead)) || day.After(s.today().AddDays(maxAhead)) {
		return day, fault.Fields("api.asOf", fault.Field{Pointer: pointer, Message: i18n.M("rule.asOf")})
	}
	return day, nil
}

func (s *server) countPolicy(ctx context.Context, in *countInput) (*body[PolicyCount], error) {
	p, err := s.mayRule(ctx, policy.RuleView, in.Policy)
	if err != nil {
		return nil, err
	}
	day, err := s.asOf("/as-of", in.AsOf)
	if err != nil {
		return nil, err
	}
	counts, err := s.Engine.Count(ctx, p.Audience, day, eligibility.Options{Near: true, Amounts: true})
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(counts.Policies, func(c eligibility.Count) bool { return c.Policy == p.ID })
	if i < 0 {
		return nil, fault.New(fault.NotFound, "api.countPolicy", i18n.M("population.policy", "id", p.ID))
	}
	told := counts.Policies[i].Told(p)
	out := PolicyCount{Policy: p.ID, AsOf: day, Entitled: figure(told.Yes), Held: figure(told.Held), Near: []NearCount{}, Cost: costing(told.Cost)}
	for j, m := range counts.Policies[i].Near {
		c, _ := p.Condition(m.Condition)
		out.Near = append(out.Near, NearCount{Condition: c.ID, Label: c.Label, Count: figure(told.Nearness[j])})
	}
	return &body[PolicyCount]{out}, nil
}

func figure(f eligibility.Figure) Figure { return Figure{From: f.Low, To: f.High} }

func costing(c eligibility.CostTold) *PolicyCosting {
	if c.Hidden || c.Without {
		return nil
	}
	return &PolicyCosting{Year: c.Year, Once: c.Once, About: c.About}
}
