package desk

import (
	"context"
	"net/http"
	"slices"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/form"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/web/ui"
)

// maxText is the most characters of a reason, note or question, as casework
// takes them.
const maxText = 2000

// key is the name of a task's field: several tasks may stand on one page.
func key(field string, t casework.Task) string { return field + "-" + t.ID }

func textField(key string, label i18n.Text) *form.Field {
	return &form.Field{Key: key, Label: label, Widget: "textarea", Required: true, MaxLength: maxText}
}

func noteField(key string, label, hint i18n.Text) *form.Field {
	return &form.Field{Key: key, Label: label, Hint: hint, Widget: "textarea", MaxLength: maxText}
}

func reviewChoices(t casework.Task) *form.Field {
	return &form.Field{Key: key("choice", t), Label: i18n.M("desk.review.choice"), Widget: "radio", Required: true, Choices: []form.Choice{
		{Value: "approve", Label: i18n.M("desk.review.approve")}, {Value: "reject", Label: i18n.M("desk.review.reject")}}}
}

// answer is what was typed into a field of a page that came back.
func answer(v caseView, key string) ui.Answer {
	return ui.Answer{Typed: v.Typed, Error: ui.ErrorsOf(v.Wrong)[key]}
}

// complete does a task from the case's own page: acceptance, a review, the
// answer to a consultation, a delivery.
func (d *desk) complete(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	task := casework.Task{CaseID: r.PathValue("case"), ID: r.PathValue("task")}
	out := casework.Outcome{Choice: r.PostForm.Get("choice"), Note: r.PostForm.Get(key("note", task))}
	if chosen := r.PostForm.Get(key("choice", task)); chosen != "" {
		out.Choice = chosen
	}
	pr := visitor(ctx).Principal
	c, err := d.Office.Case(ctx, pr, task.CaseID)
	if err != nil {
		return err
	}
	if _, err = d.Office.Complete(ctx, pr, c.ID, task.ID, out); err == nil {
		return gone(w, r, pathDone(c.ID, finished(c, task.ID, out.Choice)))
	}
	if wrong := mistakes(err); wrong != nil {
		return d.caseAgain(ctx, w, r, task, wrong)
	}
	return d.overtaken(ctx, w, r, err, out.Note)
}

// finished names what was done, for the page that follows.
func finished(before casework.Case, task, choice string) string {
	for _, t := range before.Tasks {
		if t.ID == task && t.Duty != casework.DutyAccept && t.Duty != casework.DutyDecide {
			return t.Duty
		}
	}
	return choice
}

// caseAgain is the case's page with what was typed and what is wrong with it.
func (d *desk) caseAgain(ctx context.Context, w http.ResponseWriter, r *http.Request, t casework.Task, wrong []fault.Field) error {
	v, err := d.readCase(ctx, r)
	if err != nil {
		return err
	}
	for _, f := range wrong {
		if slices.Contains([]string{"/note", "/choice"}, f.Pointer) {
			f.Pointer = "/" + key(f.Pointer[1:], t)
		}
		v.Wrong = append(v.Wrong, f)
	}
	v.Typed = r.PostForm
	return d.again(ctx, w, casePage(v))
}

// overtakenView is a page after a colleague, or the reader in another window,
// was quicker.
type overtakenView struct {
	caseView
	Message i18n.Text
	Text    string // what the reader had typed, so that it is not lost
}

// overtaken answers a conflict calmly: what has happened to the case in the
// meantime. Any other error is passed on.
func (d *desk) overtaken(ctx context.Context, w http.ResponseWriter, r *http.Request, err error, typed string) error {
	kind, message, _ := fault.Shown(err)
	if kind != fault.Conflict {
		return err
	}
	v, problem := d.readCase(ctx, r)
	if problem != nil {
		return problem
	}
	v.Stations = v.Stations[:min(len(v.Stations), 3)]
	return d.write(ctx, w, http.StatusConflict, overtakenPage(overtakenView{v, message, typed}))
}
