package desk

import (
	"context"
	"net/http"
	"time"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/form"
	"github.com/tongban/tongban/internal/i18n"
)

// letterView is a decision as the applicant reads it.
type letterView struct {
	Case     casework.Case
	Lead     i18n.Text
	Choice   string // approve, reject, refuse
	Reasons  string
	Remedies i18n.Text
	Basis    []catalog.Basis
	At       time.Time
	Draft    bool // not yet signed
}

// decisionView is the page on which a decision is written, and then looked at.
type decisionView struct {
	caseView
	Task    casework.Task
	Choice  string
	Reasons string
	Preview bool
}

// letter is the letter that the draft would become now.
func (v decisionView) letter(at time.Time) letterView {
	l := letterView{Case: v.Case, Lead: v.Lead, Choice: v.Choice, Reasons: v.Reasons, Basis: v.Version.Basis, At: at, Draft: true}
	if v.Choice != "approve" {
		l.Remedies = i18n.M("casework.remedies", "agency", v.Lead)
	}
	return l
}

// choices are the ways that a task's decision can go.
func (v decisionView) choices() *form.Field {
	f := &form.Field{Key: "choice", Label: i18n.M("desk.decide.choice"), Widget: "radio", Required: true}
	if v.Task.Duty == casework.DutyAccept {
		f.Choices = []form.Choice{{Value: "refuse", Label: i18n.M("desk.decide.refuse")}}
		return f
	}
	f.Choices = []form.Choice{{Value: "approve", Label: i18n.M("desk.decide.approve")}, {Value: "reject", Label: i18n.M("desk.decide.reject")}}
	return f
}

func (v decisionView) takes(choice string) bool {
	for _, c := range v.choices().Choices {
		if c.Value == choice {
			return true
		}
	}
	return false
}

// check finds what must be mended before the letter can be shown: the domain
// checks the same and more when it is signed.
func (v decisionView) check() []fault.Field {
	var wrong []fault.Field
	if !v.takes(v.Choice) {
		wrong = append(wrong, fault.Field{Pointer: "/choice", Message: i18n.M("casework.choice")})
	}
	if v.takes(v.Choice) && v.Choice != "approve" && blank(v.Reasons) {
		wrong = append(wrong, fault.Field{Pointer: "/note", Message: i18n.M("casework.noteNeeded")})
	}
	return wrong
}

// openDecision reads the case and the task to be decided. A task that is gone
// is a Conflict; one that the reader may not do is Denied.
func (d *desk) openDecision(ctx context.Context, r *http.Request) (decisionView, error) {
	const op = "desk.decision"
	c, err := d.readCase(ctx, r)
	if err != nil {
		return decisionView{}, err
	}
	v := decisionView{caseView: c}
	t, open := c.task(r.PathValue("task"))
	switch {
	case !open:
		return v, fault.New(fault.Conflict, op, i18n.M("casework.taskDone"))
	case !t.Mine:
		return v, fault.New(fault.Denied, op, i18n.M("policy.task"))
	case t.Duty != casework.DutyAccept && t.Duty != casework.DutyDecide:
		return v, notFound(op)
	}
	v.Task = t
	if t.Duty == casework.DutyAccept {
		v.Choice = "refuse"
	}
	return v, nil
}

func (d *desk) askDecision(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	v, err := d.openDecision(ctx, r)
	if err != nil {
		return d.overtaken(ctx, w, r, err, "")
	}
	return d.show(ctx, w, decisionPage(v))
}

// decide shows the letter (step "preview"), goes back to the form ("edit"), or
// signs ("confirm").
func (d *desk) decide(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	reasons := r.PostForm.Get("note")
	v, err := d.openDecision(ctx, r)
	if err != nil {
		return d.overtaken(ctx, w, r, err, reasons)
	}
	v.Choice, v.Reasons, v.Typed = r.PostForm.Get("choice"), reasons, r.PostForm
	if r.PostForm.Get("step") == "edit" {
		return d.show(ctx, w, decisionPage(v))
	}
	if v.Wrong = v.check(); len(v.Wrong) > 0 {
		return d.again(ctx, w, decisionPage(v))
	}
	if r.PostForm.Get("step") != "confirm" {
		v.Preview = true
		return d.show(ctx, w, decisionPreview(v, v.letter(d.Clock())))
	}
	_, err = d.Office.Complete(ctx, visitor(ctx).Principal, v.ID, v.Task.ID, casework.Outcome{Choice: v.Choice, Note: v.Reasons})
	if err == nil {
		return gone(w, r, pathDone(v.ID, v.Choice))
	}
	if v.Wrong = mistakes(err); v.Wrong != nil {
		return d.again(ctx, w, decisionPage(v))
	}
	return d.overtaken(ctx, w, r, err, reasons)
}

// letter is the decision that was made.
func (d *desk) letter(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	v, err := d.readCase(ctx, r)
	if err != nil {
		return err
	}
	if v.Decision == nil {
		return notFound("desk.letter")
	}
	if v.sealed() {
		return fault.New(fault.Denied, "desk.letter", i18n.M("policy.notHandled"))
	}
	l := letterView{Case: v.Case, Lead: d.agency(v.Decision.Agency).Name, Choice: "reject", Reasons: v.Decision.Reasons, Remedies: v.Decision.Remedies,
		Basis: v.Version.Basis, At: time.UnixMilli(v.Decision.At)}
	switch {
	case v.Decision.Approve:
		l.Choice = "approve"
	case v.Status == casework.Refused:
		l.Choice = "refuse"
	}
	return d.show(ctx, w, letterPage(v, l))
}
