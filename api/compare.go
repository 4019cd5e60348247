package api

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/eligibility"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/policy"
	"github.com/tongban/tongban/workday"
)

// DraftRules are other texts for some rules of a policy.
type DraftRules struct {
	Rules map[string]string `json:"rules" maxProperties:"200" doc:"CEL by the rule's key, as GET /policies/{policy} names them: conditions.age, amount.band.0.value."`
	AsOf  string            `json:"asOf,omitempty" maxLength:"10" doc:"A day, 2006-01-02; absent: today."`
}

// Comparison is what other rules would change, over everybody. Nothing is kept.
type Comparison struct {
	Policy       string          `json:"policy"`
	AsOf         workday.Date    `json:"asOf"`
	Subjects     int             `json:"subjects" doc:"Everybody of the audience."`
	Milliseconds float64         `json:"milliseconds" doc:"What the comparison took."`
	Total        Shift           `json:"total"`
	Areas        []AreaShift     `json:"areas" doc:"By district."`
	Ages         []AgeShift      `json:"ages" doc:"By age; residents only."`
	Before       *PolicyCosting  `json:"costBefore,omitempty"`
	After        *PolicyCosting  `json:"costAfter,omitempty"`
	Examples     []FailedExample `json:"examples" doc:"The policy's examples that the draft answers otherwise."`
}

// Shift is how many are entitled before and after.
type Shift struct {
	Before Figure `json:"before"`
	After  Figure `json:"after"`
	Gain   Figure `json:"gain"`
	Lose   Figure `json:"lose"`
}

// AreaShift is the shift in a district.
type AreaShift struct {
	Area string `json:"area" doc:"The register's word for it; empty: not known."`
	Shift
}

// AgeShift is the shift among the ages from to to.
type AgeShift struct {
	From int `json:"from" doc:"-1: the age is not known."`
	To   int `json:"to" doc:"-1: and above, or not known."`
	Shift
}

// FailedExample is an example that is answered otherwise.
type FailedExample struct {
	Name  i18n.Text   `json:"name"`
	Wrong []i18n.Text `json:"wrong"`
}

// Cohort is how those whom a rule holds for are spread.
type Cohort struct {
	Total  int     `json:"total" doc:"0 where it is hidden."`
	Hidden bool    `json:"hidden" doc:"Below 10: not told."`
	Groups []Group `json:"groups"`
}

// Group is one value of the attribute that a cohort is grouped by.
type Group struct {
	Value  string `json:"value" doc:"A word, true, false, or ages as 60-69; empty: not known."`
	Count  int    `json:"count" doc:"0 where it is hidden."`
	Hidden bool   `json:"hidden" doc:"Below 10, or telling it would give away a group that is."`
}

type compareInput struct {
	PolicyPath
	Body DraftRules
}

type cohortInput struct {
	Audience string `query:"audience" enum:"resident,firm" default:"resident"`
	Rule     string `query:"rule" required:"true" minLength:"1" maxLength:"4000" doc:"CEL over the attributes of the audience; sensitive ones are refused."`
	By       string `query:"by" required:"true" minLength:"1" maxLength:"100" doc:"Attribute to group by: a word, yes or no, or a date of birth." example:"population.hukou_area"`
	AsOf     string `query:"as-of" maxLength:"10" doc:"A day, 2006-01-02; absent: today."`
}

func (s *server) compareOperations() {
	const tag = "policies"
	route(s, signed, status(http.StatusOK, post("comparePolicy", "/api/v1/policies/{policy}/compare", tag, "Try other rules on the whole city",
		"What if the policy had these rules: who gains, who loses, by district and age, what it costs. For deciders of its agency. A rule that cannot be used is 422 with its line and column.")),
		s.comparePolicy, fault.NotFound, fault.Unavailable)
	route(s, signed, get("countCohort", "/api/v1/cohorts", tag, "Count a group of people", "For officers and supervisors. Groups below 10 are hidden."),
		s.countCohort, fault.NotFound, fault.Unavailable)
}

func (s *server) comparePolicy(ctx context.Context, in *compareInput) (*body[Comparison], error) {
	p, err := s.mayRule(ctx, policy.RuleDraft, in.Policy)
	if err != nil {
		return nil, err
	}
	day, err := s.asOf("/asOf", in.Body.AsOf)
	if err != nil {
		return nil, err
	}
	if err := s.knownRules(s.Book.RulesOf(p), in.Body.Rules); err != nil {
		return nil, err
	}
	draft, wrong := s.Book.Draft(p, in.Body.Rules)
	if len(wrong) > 0 {
		return nil, mistaken(callOf(ctx), wrong)
	}
	book, err := s.Book.With(draft)
	if err != nil {
		return nil, err
	}
	began := s.Clock()
	d, err := s.Engine.Compare(ctx, p, draft, day)
	if err != nil {
		return nil, err
	}
	out := comparisonOf(d.Told())
	out.Policy, out.AsOf, out.Subjects = p.ID, day, d.Subjects
	out.Milliseconds = float64(s.Clock().Sub(began)) / float64(time.Millisecond)
	out.Examples = each(book.Test(draft), func(f eligibility.Failure) FailedExample {
		return FailedExample{Name: f.Example.Name, Wrong: each(f.Wrong, eligibility.Wrong.Text)}
	})
	return &body[Comparison]{out}, nil
}

func comparisonOf(d eligibility.Disclosure) Comparison {
	return Comparison{Total: shiftOf(d.ShiftTold), Before: costing(d.Before), After: costing(d.After),
		Areas: each(d.Areas, func(a eligibility.AreaTold) AreaShift { return AreaShift{a.Area, shiftOf(a.ShiftTold)} }),
		Ages:  each(d.Ages, func(a eligibility.AgeTold) AgeShift { return AgeShift{a.From, a.To, shiftOf(a.ShiftTold)} })}
}

func shiftOf(s eligibility.ShiftTold) Shift {
	return Shift{Before: figure(s.Before), After: figure(s.After), Gain: figure(s.Gain), Lose: figure(s.Lose)}
}

// knownRules refuses keys that no draft may replace.
func (s *server) knownRules(rules []eligibility.RuleText, texts map[string]string) error {
	var fields []fault.Field
	for _, key := range slices.Sorted(maps.Keys(texts)) {
		if !slices.ContainsFunc(rules, func(r eligibility.RuleText) bool { return r.Key == key && !r.Fixed }) {
			fields = append(fields, fault.Field{Pointer: pointer("rules", key), Message: i18n.M("rule.key")})
		}
	}
	if len(fields) > 0 {
		return fault.Fields("api.knownRules", fields...)
	}
	return nil
}

// mistaken is the mistakes of a draft, each with its place.
func mistaken(c call, wrong []eligibility.Mistake) *Problem {
	p := shown(c, fault.Invalid, http.StatusUnprocessableEntity, i18n.M("rule.broken"))
	for _, m := range wrong {
		f := fieldProblem(c.lang, pointer("rules", m.Key), "", m.Message)
		f.Line, f.Column = m.Pos.Line, m.Pos.Col
		p.Errors = append(p.Errors, f)
	}
	return p
}

func (s *server) countCohort(ctx context.Context, in *cohortInput) (*body[Cohort], error) {
	pr := who(ctx)
	if err := s.Policy.Allow(pr, policy.RuleView, policy.Resource{Type: policy.TypeRule, Agencies: []string{pr.Agency}}); err != nil {
		return nil, err
	}
	day, err := s.asOf("/as-of", in.AsOf)
	if err != nil {
		return nil, err
	}
	c, err := s.Engine.Cohort(ctx, in.Audience, in.Rule, in.By, day)
	var wrong *criterion.Error
	if errors.As(err, &wrong) {
		p := shown(callOf(ctx), fault.Invalid, http.StatusUnprocessableEntity, i18n.M("rule.broken"))
		f := fieldProblem(callOf(ctx).lang, "/rule", "", wrong.Message)
		f.Line, f.Column = wrong.Pos.Line, wrong.Pos.Col
		p.Errors = []FieldProblem{f}
		return nil, p
	}
	if err != nil {
		return nil, err
	}
	return &body[Cohort]{Cohort{Total: c.Total, Hidden: c.Hidden, Groups: each(c.Groups, func(g eligibility.Group) Group { return Group(g) })}}, nil
}
