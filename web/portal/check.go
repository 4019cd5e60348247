package portal

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/form"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/internal/id"
	"github.com/tongban/tongban/web/ui"
	"github.com/tongban/tongban/web/ui/path"
)

// checkView is everything that is about to be submitted.
type checkView struct {
	draftView
	Plan  casework.Plan
	Fees  []feeLine
	Total int64
	Wrong []ui.Problem
}

type feeLine struct {
	Name   i18n.Text
	Agency i18n.Text
	Amount int64
}

func (p *portal) check(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	v, err := p.checkView(ctx, r)
	if err != nil {
		return err
	}
	return p.show(ctx, w, r, checkPage(v))
}

func (p *portal) checkView(ctx context.Context, r *http.Request) (checkView, error) {
	d, err := p.openDraft(ctx, r)
	if err != nil {
		return checkView{}, err
	}
	v, pr := checkView{draftView: d}, principal(ctx)
	wrong, err := p.Office.Check(ctx, pr, d.ID)
	if err != nil {
		return checkView{}, err
	}
	v.Wrong = d.problems(ctx, wrong)
	if v.Plan, err = p.Office.Plan(ctx, pr, d.ID); err != nil {
		return checkView{}, err
	}
	fees, err := p.Office.Fees(ctx, pr, d.ID)
	v.Fees, v.Total = p.feeLines(fees)
	return v, err
}

func (p *portal) feeLines(fees []casework.FeeShare) (lines []feeLine, total int64) {
	for _, f := range fees {
		line := feeLine{Name: f.Name, Amount: f.Amount}
		if a, ok := p.City.Agency(f.Agency); ok {
			line.Agency = a.Name
		}
		lines = append(lines, line)
		total += f.Amount
	}
	return lines, total
}

// rows are the answers of one step, each with the way to change it.
func (v draftView) rows(ctx context.Context, s form.Step, index int) []ui.Row {
	var rows []ui.Row
	for _, f := range v.Form.Visible(v.Data) {
		if !slices.Contains(s.Fields, f.Key) {
			continue
		}
		row := ui.Row{Key: ui.In(ctx, f.Label), Value: ui.Value(ctx, f, v.Data[f.Key], v.Areas)}
		if row.Value == "" {
			row.Value = ui.T(ctx, "portal.check.none")
		}
		if from, ok := v.Provenance[f.Key]; ok {
			row.Note = ui.Source(ctx, from)
		}
		if !f.Readonly {
			row.Action, row.Href = ui.T(ctx, "portal.check.change"), path.Step(v.ID, index+1)+"#"+f.Key
		}
		rows = append(rows, row)
	}
	return rows
}

// answered are the first questions with their answers.
func (v draftView) answered(ctx context.Context) []ui.Row {
	var rows []ui.Row
	for _, q := range v.Questions {
		row := ui.Row{Key: ui.In(ctx, q.Question), Value: v.Scenario[q.ID], Action: ui.T(ctx, "portal.check.change"), Href: path.Scenario(v.ID)}
		for _, c := range q.Choices {
			if c.Value == v.Scenario[q.ID] {
				row.Value = ui.In(ctx, c.Label)
			}
		}
		rows = append(rows, row)
	}
	return rows
}

func (p *portal) submit(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	draft := r.PathValue("draft")
	ways := map[string]string{}
	for key, values := range r.PostForm {
		if service, ok := strings.CutPrefix(key, "delivery-"); ok {
			ways[service] = values[0]
		}
	}
	receipt, err := p.Office.Submit(ctx, principal(ctx), draft, ways, draft)
	kind, message, fields := fault.Shown(err)
	if err != nil && kind != fault.Invalid {
		return err
	}
	if err == nil {
		return gone(w, r, path.Receipt(receipt.Bundle))
	}
	v, err := p.checkView(ctx, r)
	if err != nil {
		return err
	}
	v.Wrong = v.problems(ctx, orWhole(fields, message))
	return p.again(ctx, w, r, checkPage(v))
}

// receiptView is what the applicant holds after submission.
type receiptView struct {
	Cases []casework.Case
	Fees  []feeLine
	Total int64
	Names map[string]i18n.Text // agency -> name
}

func (p *portal) receipt(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	cases, err := p.Office.Bundle(ctx, principal(ctx), r.PathValue("bundle"))
	if err != nil {
		return err
	}
	v := receiptView{Cases: cases, Names: p.agencyNames()}
	for _, c := range cases {
		lines, total := p.feeLines(c.Fees)
		v.Fees, v.Total = append(v.Fees, lines...), v.Total+total
	}
	return p.show(ctx, w, r, receiptPage(v))
}

func (p *portal) agencyNames() map[string]i18n.Text {
	names := map[string]i18n.Text{}
	for _, a := range p.City.Agencies {
		names[a.ID] = a.Name
	}
	return names
}

// basketView is every draft, to be submitted together.
type basketView struct {
	Lines []basketLine
	Key   string // makes the submission idempotent
	Total int64
	Wrong []ui.Problem
}

type basketLine struct {
	draftView
	Missing int // what still stands in the way
	Fee     int64
	Chosen  bool
}

func (p *portal) basket(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	v, err := p.basketView(ctx, nil)
	if err != nil {
		return err
	}
	v.Key = id.New()
	return p.show(ctx, w, r, basketPage(v))
}

// basketView gathers the drafts; chosen are the ids of those that are ticked,
// nil ticks all that are ready.
func (p *portal) basketView(ctx context.Context, chosen []string) (basketView, error) {
	pr := principal(ctx)
	drafts, err := p.Office.Drafts(ctx, pr)
	if err != nil {
		return basketView{}, err
	}
	var v basketView
	for _, d := range drafts {
		line := basketLine{draftView: p.draftView(d)}
		wrong, err := p.Office.Check(ctx, pr, d.ID)
		if err != nil {
			return basketView{}, err
		}
		fees, err := p.Office.Fees(ctx, pr, d.ID)
		if err != nil {
			return basketView{}, err
		}
		_, line.Fee = p.feeLines(fees)
		line.Missing = len(wrong)
		line.Chosen = line.Missing == 0 && (chosen == nil || slices.Contains(chosen, d.ID))
		if line.Chosen {
			v.Total += line.Fee
		}
		v.Lines = append(v.Lines, line)
	}
	return v, nil
}

func (p *portal) submitBasket(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	chosen := r.PostForm["draft"]
	receipt, err := p.Office.Submit(ctx, principal(ctx), r.PostForm.Get("key"), nil, chosen...)
	kind, message, fields := fault.Shown(err)
	if err == nil {
		return gone(w, r, path.Receipt(receipt.Bundle))
	}
	if kind != fault.Invalid {
		return err
	}
	v, err := p.basketView(ctx, append([]string{}, chosen...))
	if err != nil {
		return err
	}
	v.Key, v.Wrong = r.PostForm.Get("key"), v.problems(ctx, orWhole(fields, message))
	return p.again(ctx, w, r, basketPage(v))
}

// problems finds each mistake's draft and the page on which it is mended.
func (v basketView) problems(ctx context.Context, wrong []fault.Field) []ui.Problem {
	var list []ui.Problem
	for _, f := range wrong {
		problem := ui.Problem{Text: ui.In(ctx, f.Message)}
		for _, line := range v.Lines {
			if strings.HasPrefix(f.Pointer, "/"+line.ID) {
				problem.Text = ui.In(ctx, line.Name) + ui.T(ctx, "portal.colon") + problem.Text
				problem.Href = line.mend(f.Pointer)
			}
		}
		list = append(list, problem)
	}
	return list
}
