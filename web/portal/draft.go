package portal

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/form"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/web/ui"
	"github.com/tongban/tongban/web/ui/path"
)

// draftView is a draft with what every page of it shows.
type draftView struct {
	casework.Draft
	Name      i18n.Text // of the service or life event
	Services  []offer
	Questions []catalog.Scenario
	Areas     []form.Choice
}

func (p *portal) openDraft(ctx context.Context, r *http.Request) (draftView, error) {
	d, err := p.Office.Draft(ctx, principal(ctx), r.PathValue("draft"))
	if err != nil {
		return draftView{}, err
	}
	return p.draftView(d), nil
}

func (p *portal) draftView(d casework.Draft) draftView {
	v := draftView{Draft: d, Questions: p.questions(d), Areas: p.areas()}
	for _, id := range d.Members {
		if o, ok := p.offer(id); ok {
			v.Services = append(v.Services, o)
			v.Name = o.Name
		}
	}
	if e, ok := p.City.Event(d.Event); ok {
		v.Name = e.Name
	}
	return v
}

// questions are what the draft's services ask first; a question that several
// ask stands once.
func (p *portal) questions(d casework.Draft) []catalog.Scenario {
	var list []catalog.Scenario
	for _, id := range d.Members {
		o, ok := p.offer(id)
		if !ok {
			continue
		}
		for _, q := range o.Now.Scenarios {
			if !slices.ContainsFunc(list, func(one catalog.Scenario) bool { return one.ID == q.ID }) {
				list = append(list, q)
			}
		}
	}
	return list
}

func (p *portal) unanswered(d casework.Draft) []catalog.Scenario {
	return slices.DeleteFunc(p.questions(d), func(q catalog.Scenario) bool { return d.Scenario[q.ID] != "" })
}

// areas are the city's districts as choices of a form field.
func (p *portal) areas() []form.Choice {
	list := make([]form.Choice, len(p.City.Profile.Areas))
	for i, a := range p.City.Profile.Areas {
		list[i] = form.Choice{Value: a.Code, Label: a.Name}
	}
	return list
}

// crumbs lead back to the draft's overview.
func (v draftView) crumbs(ctx context.Context, here string) []ui.Crumb {
	return []ui.Crumb{{Label: ui.T(ctx, "portal.nav.home"), Href: path.Home}, {Label: ui.In(ctx, v.Name), Href: path.Draft(v.ID)}, {Label: here}}
}

// draft is the overview: what is done, and what is still to do.
func (p *portal) draft(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	v, err := p.openDraft(ctx, r)
	if err != nil {
		return err
	}
	wrong, err := p.Office.Check(ctx, principal(ctx), v.ID)
	if err != nil {
		return err
	}
	return p.show(ctx, w, r, draftPage(v, v.jobs(ctx, wrong), len(wrong) == 0))
}

// jobs are the draft's parts, each with its state.
func (v draftView) jobs(ctx context.Context, wrong []fault.Field) []ui.Job {
	open := map[string]bool{} // pages on which something is missing
	for _, f := range wrong {
		href, _, _ := strings.Cut(v.mend(f.Pointer), "#")
		open[href] = true
	}
	var jobs []ui.Job
	add := func(name, hint, href string) {
		job := ui.Job{Name: name, Hint: hint, Href: href, Tone: ui.Green, Status: ui.T(ctx, "portal.draft.done")}
		if open[href] {
			job.Tone, job.Status = ui.Blue, ui.T(ctx, "portal.draft.todo")
		}
		jobs = append(jobs, job)
	}
	if len(v.Questions) > 0 {
		add(ui.T(ctx, "portal.scenario.title"), "", path.Scenario(v.ID))
	}
	for i, s := range v.Form.Steps {
		add(ui.In(ctx, s.Title), ui.In(ctx, s.Hint), path.Step(v.ID, i+1))
	}
	add(ui.T(ctx, "portal.evidence.title"), ui.T(ctx, "portal.evidence.hint"), path.Evidence(v.ID))
	return jobs
}

// mend is the page, and the place on it, where the mistake at a pointer is
// mended; empty where it concerns the application as a whole.
func (v draftView) mend(pointer string) string {
	pointer = strings.TrimPrefix(pointer, "/"+v.ID)
	key := strings.TrimPrefix(pointer, "/")
	switch {
	case key == "":
		return ""
	case strings.HasPrefix(key, "scenario/"):
		return path.Scenario(v.ID) + "#" + ui.FieldID(pointer)
	case strings.HasPrefix(key, "evidence/"):
		return path.Evidence(v.ID) + "#" + ui.FieldID(pointer)
	}
	key, _, _ = strings.Cut(key, "/")
	if i := v.Form.StepOf(key); i >= 0 {
		return path.Step(v.ID, i+1) + "#" + key
	}
	return path.Draft(v.ID)
}

// problems links mistakes of the whole draft to the pages where they are
// mended.
func (v draftView) problems(ctx context.Context, wrong []fault.Field) []ui.Problem {
	list := make([]ui.Problem, len(wrong))
	for i, f := range wrong {
		list[i] = ui.Problem{Text: ui.In(ctx, f.Message), Href: v.mend(f.Pointer)}
		for _, q := range v.Questions {
			if strings.HasSuffix(f.Pointer, "/scenario/"+q.ID) {
				list[i].Text = ui.T(ctx, "portal.scenario.choose", "question", q.Question)
			}
		}
	}
	return list
}

// scenario asks what decides which documents and steps apply.
func (p *portal) scenario(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	v, err := p.openDraft(ctx, r)
	if err != nil {
		return err
	}
	if len(v.Questions) == 0 {
		return gone(w, r, path.Step(v.ID, 1))
	}
	return p.show(ctx, w, r, scenarioPage(v, v.Scenario, nil))
}

func (p *portal) answerScenario(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	v, err := p.openDraft(ctx, r)
	if err != nil {
		return err
	}
	answers := map[string]string{}
	var wrong []fault.Field
	for _, q := range v.Questions {
		answers[q.ID] = r.PostForm.Get("scenario-" + q.ID)
		if answers[q.ID] == "" {
			wrong = append(wrong, fault.Field{Pointer: "/scenario/" + q.ID, Message: i18n.M("portal.scenario.choose", "question", q.Question)})
			delete(answers, q.ID)
		}
	}
	if len(wrong) > 0 {
		return p.again(ctx, w, r, scenarioPage(v, answers, wrong))
	}
	_, err = p.Office.Answer(ctx, principal(ctx), v.ID, rev(r), answers)
	if kind, message, fields := fault.Shown(err); err != nil && (kind == fault.Invalid || kind == fault.Conflict) {
		return p.again(ctx, w, r, scenarioPage(v, answers, orWhole(fields, message)))
	}
	if err != nil {
		return err
	}
	return gone(w, r, path.Step(v.ID, 1))
}

// rev is the state of the draft that the posted page showed.
func rev(r *http.Request) int64 {
	n, _ := strconv.ParseInt(r.PostForm.Get("rev"), 10, 64) // none: whatever is there
	return n
}

// orWhole is the mistakes of a fault, or its message where it names no field.
func orWhole(fields []fault.Field, message i18n.Text) []fault.Field {
	if len(fields) == 0 {
		return []fault.Field{{Message: message}}
	}
	return fields
}

func (p *portal) askDiscard(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	v, err := p.openDraft(ctx, r)
	if err != nil {
		return err
	}
	return p.show(ctx, w, r, discardPage(v))
}

func (p *portal) discard(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	if err := p.Office.Discard(ctx, principal(ctx), r.PathValue("draft")); err != nil {
		return err
	}
	return gone(w, r, path.Cases)
}
