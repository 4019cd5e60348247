package desk

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/eligibility"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/policy"
)

// policyView is a policy with its rules, whom it reaches, and what a draft of
// its rules would change.
type policyView struct {
	reach
	May        bool // the reader may draft
	Conditions []clause
	Tables     []ruleTable
	Score      []ruleTable
	Result     resultView
}

// clause is one condition. Near is who lack it alone.
type clause struct {
	catalog.PolicyCondition
	Rule ruleField
	Near eligibility.Figure
	Open bool // in force today
}

// ruleTable is a table of amounts or points.
type ruleTable struct {
	catalog.Table
	Rows []ruleRow
}

// ruleRow is one row of it.
type ruleRow struct {
	Label       i18n.Text
	When, Value ruleField
}

// ruleField is one rule as it is in force, or as it was typed.
type ruleField struct {
	Key   string
	Label i18n.Text
	Text  string
	Fixed bool // the reader does not draft it here
	City  bool // nobody does: the city gives it to every policy
	Wrong []misplaced
}

// misplaced is what is wrong with a rule, with the line where it is, cut at the
// place.
type misplaced struct {
	Key           string
	Label         i18n.Text
	Line, Col     int // zero: of no one place
	Message       i18n.Text
	Before, After string
}

// draftOf is what was posted: the texts of the rules, and whether any differs.
func (d *desk) draftOf(p *catalog.Policy, form url.Values) (texts map[string]string, differs bool) {
	texts = map[string]string{}
	for _, r := range d.Book.RulesOf(p) {
		if r.Fixed || !form.Has(r.Key) {
			continue
		}
		texts[r.Key] = strings.ReplaceAll(form.Get(r.Key), "\r\n", "\n")
		differs = differs || strings.TrimSpace(texts[r.Key]) != strings.TrimSpace(r.Text)
	}
	return texts, differs
}

// ruled finds the policy of an address that the reader may see or draft.
func (d *desk) ruled(ctx context.Context, r *http.Request, a policy.Action) (*catalog.Policy, error) {
	p, ok := d.City.Policy(r.PathValue("policy"))
	if !ok {
		return nil, notFound("desk.policy")
	}
	return p, d.mayRule(visitor(ctx).Principal, a, p)
}

func (d *desk) showPolicy(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	p, err := d.ruled(ctx, r, policy.RuleView)
	if err != nil {
		return err
	}
	v, err := d.policyView(ctx, p, nil)
	if err != nil {
		return err
	}
	return d.show(ctx, w, policyPage(v))
}

// tryPolicy is the page again, with what was typed and what it would change.
func (d *desk) tryPolicy(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	p, err := d.ruled(ctx, r, policy.RuleDraft)
	if err != nil {
		return err
	}
	v, err := d.policyView(ctx, p, r.PostForm)
	if err != nil {
		return err
	}
	if len(v.Result.Wrong) > 0 {
		return d.again(ctx, w, policyPage(v))
	}
	return d.show(ctx, w, policyPage(v))
}

// livePolicy is only what the draft would change, for the script that asks while
// one types. Mistakes are an answer too.
func (d *desk) livePolicy(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	p, err := d.ruled(ctx, r, policy.RuleDraft)
	if err != nil {
		return err
	}
	result, _, err := d.result(ctx, p, r.PostForm)
	if err != nil {
		return err
	}
	return d.show(ctx, w, resultPart(result))
}

// downloadPolicy is the draft as the file of a pack.
func (d *desk) downloadPolicy(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	p, err := d.ruled(ctx, r, policy.RuleDraft)
	if err != nil {
		return err
	}
	texts, _ := d.draftOf(p, r.PostForm)
	draft, wrong := d.Book.Draft(p, texts)
	if len(wrong) > 0 {
		return d.tryPolicy(ctx, w, r)
	}
	file := *draft
	file.Conditions = nil
	for i, rule := range d.Book.RulesOf(draft)[:len(draft.Conditions)] {
		if !rule.Fixed { // the city adds it by itself
			file.Conditions = append(file.Conditions, draft.Conditions[i])
		}
	}
	body, err := yaml.MarshalWithOptions(&file, yaml.IndentSequence(true), yaml.OmitZero())
	if err != nil {
		return fault.Wrap(fault.Internal, "desk.downloadPolicy", i18n.Text{}, err)
	}
	w.Header().Set("Content-Type", "application/yaml; charset=utf-8")
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", p.ID+".yaml"))
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(body) // the reader may have gone; nobody is left to tell
	return nil
}

func (d *desk) policyView(ctx context.Context, p *catalog.Policy, form url.Values) (policyView, error) {
	counts, err := d.counts(ctx, p.Audience)
	if err != nil {
		return policyView{}, err
	}
	v := policyView{reach: d.reach(p, counts), May: d.mayRule(visitor(ctx).Principal, policy.RuleDraft, p) == nil}
	v.reach.Agency = d.agency(p.Agency).Name
	var texts map[string]string
	if v.Result, texts, err = d.result(ctx, p, form); err != nil {
		return v, err
	}
	fields := map[string]ruleField{}
	for _, r := range d.Book.RulesOf(p) {
		f := ruleField{Key: r.Key, Label: ruleLabel(p, r.Key), Text: r.Text, Fixed: r.Fixed || !v.May, City: r.Fixed}
		if text, ok := texts[r.Key]; ok {
			f.Text = text
		}
		for _, m := range v.Result.Wrong {
			if m.Key == r.Key {
				f.Wrong = append(f.Wrong, m)
			}
		}
		fields[r.Key] = f
	}
	v.Conditions = clauses(v.reach, fields, p.ConditionsOn(d.Engine.Today()))
	if p.Amount != nil {
		v.Tables = ruleTables("amount", p.Amount.Tables, fields)
	}
	v.Score = ruleTables("score", p.Score, fields)
	return v, nil
}

// clauses are the conditions with who lack each alone; open are those in force
// today, in the order of the nearness.
func clauses(r reach, fields map[string]ruleField, open []catalog.PolicyCondition) []clause {
	near := map[string]eligibility.Figure{}
	for i, c := range open {
		if i < len(r.Nearness) {
			near[c.ID] = r.Nearness[i]
		}
	}
	var all []clause
	for _, c := range r.Policy.Conditions {
		n, ok := near[c.ID]
		all = append(all, clause{PolicyCondition: c, Rule: fields["conditions."+c.ID], Near: n, Open: ok})
	}
	return all
}

// ruleTables are the tables that give an "amount" or a "score".
func ruleTables(of string, tables []catalog.Table, fields map[string]ruleField) []ruleTable {
	var all []ruleTable
	for _, t := range tables {
		out := ruleTable{Table: t}
		for i, r := range t.Rows {
			key := fmt.Sprintf("%s.%s.%d", of, t.ID, i)
			out.Rows = append(out.Rows, ruleRow{Label: r.Label, When: fields[key+".when"], Value: fields[key+".value"]})
		}
		all = append(all, out)
	}
	return all
}

// took is how long something has run by the clock, in milliseconds.
func (d *desk) took(began time.Time) string {
	return fmt.Sprintf("%.1f", float64(d.Clock().Sub(began))/float64(time.Millisecond))
}
