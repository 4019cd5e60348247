package portal

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/form"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/web/ui"
	"github.com/tongban/tongban/web/ui/path"
)

// stepView is one step of a draft's form. Step numbers in addresses begin
// with 1; Index begins with 0.
type stepView struct {
	draftView
	Index    int
	Step     form.Step
	Shown    []*form.Field
	Typed    url.Values // of a page that comes back
	Wrong    []fault.Field
	Errors   ui.Errors
	Revealed bool // the answers so far show further questions
	Told     bool // a correction has just been asked for
}

func (p *portal) openStep(ctx context.Context, r *http.Request) (stepView, error) {
	d, err := p.openDraft(ctx, r)
	if err != nil {
		return stepView{}, err
	}
	n, err := strconv.Atoi(r.PathValue("step"))
	if err != nil || n < 1 || n > len(d.Form.Steps) {
		return stepView{}, notFound("portal.step")
	}
	v := stepView{draftView: d, Index: n - 1, Step: d.Form.Steps[n-1]}
	v.Shown = v.fields()
	return v, nil
}

// fields are those of the step that the answers so far show.
func (v stepView) fields() []*form.Field {
	return slices.DeleteFunc(v.Form.Visible(v.Data), func(f *form.Field) bool { return !slices.Contains(v.Step.Fields, f.Key) })
}

// Answer is what the page shows for a field.
func (v stepView) Answer(f *form.Field) ui.Answer {
	a := ui.Answer{Value: v.Data[f.Key], Typed: v.Typed, Error: v.Errors[f.Key], Areas: v.Areas}
	if from, ok := v.Provenance[f.Key]; ok {
		a.From, a.Correct = &from, path.Correct(v.ID, f.Key)
	}
	return a
}

// before is the page that a reader came from.
func (v stepView) before() string {
	switch {
	case v.Index > 0:
		return path.Step(v.ID, v.Index)
	case len(v.Questions) > 0:
		return path.Scenario(v.ID)
	default:
		return path.Draft(v.ID)
	}
}

// after is the page that comes next.
func (v stepView) after() string {
	if v.Index+1 < len(v.Form.Steps) {
		return path.Step(v.ID, v.Index+2)
	}
	return path.Evidence(v.ID)
}

func (p *portal) step(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	v, err := p.openStep(ctx, r)
	if err != nil {
		return err
	}
	if len(v.Shown) == 0 { // nothing to ask with these answers
		return gone(w, r, v.after())
	}
	v.Told = r.URL.Query().Has("told")
	return p.show(ctx, w, r, stepPage(v))
}

// saveStep stores what was typed, right or wrong, and goes on when it is right.
func (p *portal) saveStep(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	v, err := p.openStep(ctx, r)
	if err != nil {
		return err
	}
	values, unread := v.Form.Read(r.PostForm, v.Index)
	v.carry(values)
	saved, err := p.Office.Save(ctx, principal(ctx), v.ID, rev(r), v.Index, values)
	kind, message, fields := fault.Shown(err)
	switch {
	case err != nil && kind == fault.Conflict:
		v = v.with(p.draftView(saved))
		v.Wrong = []fault.Field{{Message: message}}
		return p.again(ctx, w, r, stepPage(v))
	case err != nil && kind != fault.Invalid:
		return err
	}
	wrong := merge(unread, fields)
	if err != nil && len(fields) == 0 {
		wrong = append(wrong, fault.Field{Message: message})
	}
	if r.PostForm.Has("later") { // saved; mistakes wait for the check
		return gone(w, r, path.Draft(v.ID))
	}
	if len(wrong) == 0 {
		return gone(w, r, v.after())
	}
	return p.again(ctx, w, r, stepPage(v.back(p.draftView(saved), wrong, r.PostForm)))
}

// carry adds what the page did not post: values that are not typed, and those
// of fields that were not shown.
func (v stepView) carry(values map[string]any) {
	for _, key := range v.Step.Fields {
		f := v.Form.Field(key)
		shown := slices.Contains(v.Shown, f)
		if old, ok := v.Data[key]; ok && (f.Readonly || !shown) {
			values[key] = old
		}
	}
}

// merge is all mistakes, one for each field.
func merge(lists ...[]fault.Field) []fault.Field {
	var all []fault.Field
	for _, list := range lists {
		for _, f := range list {
			if !slices.ContainsFunc(all, func(one fault.Field) bool { return one.Pointer == f.Pointer }) {
				all = append(all, f)
			}
		}
	}
	return all
}

// with is the step of a newer state of the draft.
func (v stepView) with(d draftView) stepView {
	v.draftView, v.Typed = d, nil
	v.Shown = v.fields()
	return v
}

// back is the step as it comes back with mistakes. A field that the page did
// not show yet has nothing wrong: it is only asked now.
func (v stepView) back(d draftView, wrong []fault.Field, typed url.Values) stepView {
	before := v.Shown
	v = v.with(d)
	v.Typed = typed
	for _, f := range wrong {
		field := v.Form.Field(ui.FieldID(f.Pointer))
		if field != nil && slices.Contains(v.Shown, field) && !slices.ContainsFunc(before, func(one *form.Field) bool { return one.Key == field.Key }) {
			v.Revealed = true
			continue
		}
		v.Wrong = append(v.Wrong, f)
	}
	v.Errors = ui.ErrorsOf(v.Wrong)
	return v
}

// correctView is the page to say that a known value is wrong.
type correctView struct {
	draftView
	Field *form.Field
	From  form.Provenance
	Says  string
	Wrong []fault.Field
}

func (p *portal) openCorrect(ctx context.Context, r *http.Request) (correctView, error) {
	d, err := p.openDraft(ctx, r)
	if err != nil {
		return correctView{}, err
	}
	key := r.FormValue("field")
	from, ok := d.Provenance[key]
	if f := d.Form.Field(key); ok && f != nil {
		return correctView{draftView: d, Field: f, From: from}, nil
	}
	return correctView{}, notFound("portal.correct")
}

func (p *portal) askCorrect(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	v, err := p.openCorrect(ctx, r)
	if err != nil {
		return err
	}
	return p.show(ctx, w, r, correctPage(v))
}

// correct sends the request and goes back to the question.
func (p *portal) correct(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	v, err := p.openCorrect(ctx, r)
	if err != nil {
		return err
	}
	v.Says = r.PostForm.Get("says")
	err = p.Office.Correct(ctx, principal(ctx), v.ID, v.Field.Key, v.From.Source.In(i18n.ZH), v.Says)
	if kind, message, fields := fault.Shown(err); err != nil && kind == fault.Invalid {
		v.Wrong = orWhole(fields, message)
		return p.again(ctx, w, r, correctPage(v))
	}
	if err != nil {
		return err
	}
	return gone(w, r, path.Step(v.ID, v.Form.StepOf(v.Field.Key)+1)+"?told=yes#"+v.Field.Key)
}
