package desk

import (
	"context"
	"net/http"
	"slices"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/form"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/policy"
	"github.com/tongban/tongban/web/ui"
)

// measure is something that the law lets an agency do to a case as a whole,
// with one page to ask for it.
type measure struct {
	command casework.Command
	done    string // what the next page says
	fields  func(d *desk, pr policy.Principal) []*form.Field
	take    func(ctx context.Context, d *desk, pr policy.Principal, caseID string, said func(key string) string) (casework.Case, error)
}

// measures are all but the supplement notice, which has a page of its own kind.
var measures = []measure{
	{casework.CmdConsult, "ask", (*desk).consultFields, func(ctx context.Context, d *desk, pr policy.Principal, id string, said func(string) string) (casework.Case, error) {
		return d.Office.Consult(ctx, pr, id, said("agency"), said("question"))
	}},
	{casework.CmdSuspend, "suspend", (*desk).suspendFields, func(ctx context.Context, d *desk, pr policy.Principal, id string, said func(string) string) (casework.Case, error) {
		return d.Office.Suspend(ctx, pr, id, said("procedure"), said("reason"))
	}},
	{casework.CmdResume, "resume", (*desk).resumeFields, func(ctx context.Context, d *desk, pr policy.Principal, id string, said func(string) string) (casework.Case, error) {
		return d.Office.Resume(ctx, pr, id, said("note"))
	}},
	{casework.CmdExtend, "extend", (*desk).extendFields, func(ctx context.Context, d *desk, pr policy.Principal, id string, said func(string) string) (casework.Case, error) {
		return d.Office.Extend(ctx, pr, id, said("reason"))
	}},
}

func (d *desk) consultFields(pr policy.Principal) []*form.Field {
	whom := &form.Field{Key: "agency", Label: i18n.M("desk.consult.agency"), Widget: "select", Required: true}
	for _, a := range d.City.Agencies {
		if a.ID != pr.Agency {
			whom.Choices = append(whom.Choices, form.Choice{Value: a.ID, Label: a.Name})
		}
	}
	question := textField("question", i18n.M("desk.consult.question"))
	question.Hint = i18n.M("desk.consult.hint")
	return []*form.Field{whom, question}
}

func (d *desk) suspendFields(policy.Principal) []*form.Field {
	procedures := casework.Procedures()
	which := &form.Field{Key: "procedure", Label: i18n.M("desk.suspend.procedure"), Widget: "radio", Required: true}
	for _, id := range sortedKeys(procedures) {
		which.Choices = append(which.Choices, form.Choice{Value: id, Label: procedures[id]})
	}
	reason := textField("reason", i18n.M("desk.suspend.reason"))
	reason.Hint = i18n.M("desk.suspend.hint")
	return []*form.Field{which, reason}
}

func (d *desk) resumeFields(policy.Principal) []*form.Field {
	return []*form.Field{noteField("note", i18n.M("desk.resume.note"), i18n.M("desk.resume.hint"))}
}

func (d *desk) extendFields(policy.Principal) []*form.Field {
	reason := textField("reason", i18n.M("desk.extend.reason"))
	reason.Hint = i18n.M("desk.extend.hint")
	return []*form.Field{reason}
}

// measureView is the page of a measure.
type measureView struct {
	caseView
	Command casework.Command
	Fields  []*form.Field
}

// openMeasure reads the case for a measure that the reader may take. One that
// does not fit the case as it stands is a Conflict, or Denied where it would.
func (d *desk) openMeasure(ctx context.Context, r *http.Request, c casework.Command) (caseView, error) {
	const op = "desk.measure"
	v, err := d.readCase(ctx, r)
	if err != nil || v.can(c) {
		return v, err
	}
	if v.Status.Can(c) && !v.spent(c) {
		return v, fault.New(fault.Denied, op, i18n.M("desk.denied.measure"))
	}
	return v, fault.New(fault.Conflict, op, i18n.M("casework.notNow", "status", v.Status.Name()))
}

// spent reports whether a measure that is taken once only has been taken.
func (v caseView) spent(c casework.Command) bool {
	return c == casework.CmdSupplement && v.Supplement != nil || c == casework.CmdExtend && v.Extended
}

func (d *desk) askMeasure(m measure) act {
	return func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
		v, err := d.openMeasure(ctx, r, m.command)
		if err != nil {
			return d.overtaken(ctx, w, r, err, "")
		}
		return d.show(ctx, w, measurePage(measureView{v, m.command, m.fields(d, visitor(ctx).Principal)}))
	}
}

func (d *desk) takeMeasure(m measure) act {
	return func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
		pr := visitor(ctx).Principal
		_, err := m.take(ctx, d, pr, r.PathValue("case"), r.PostForm.Get)
		if err == nil {
			return gone(w, r, pathDone(r.PathValue("case"), m.done))
		}
		wrong := mistakes(err)
		if wrong == nil {
			return d.overtaken(ctx, w, r, err, typed(r, "question", "reason", "note"))
		}
		v, problem := d.readCase(ctx, r)
		if problem != nil {
			return problem
		}
		v.Wrong, v.Typed = wrong, r.PostForm
		return d.again(ctx, w, measurePage(measureView{v, m.command, m.fields(d, pr)}))
	}
}

// typed is the first of the fields that has something in it.
func typed(r *http.Request, keys ...string) string {
	i := slices.IndexFunc(keys, func(key string) bool { return r.PostForm.Get(key) != "" })
	if i < 0 {
		return ""
	}
	return r.PostForm.Get(keys[i])
}

func measureIcon(c casework.Command) string {
	switch c {
	case casework.CmdSupplement:
		return "files"
	case casework.CmdConsult:
		return "users"
	case casework.CmdSuspend:
		return "pause"
	case casework.CmdResume:
		return "clock"
	default:
		return "calendar"
	}
}

// measureName is what the button and the page of a measure say.
func measureName(ctx context.Context, c casework.Command) string {
	switch c {
	case casework.CmdSupplement:
		return ui.T(ctx, "desk.measure.supplement")
	case casework.CmdConsult:
		return ui.T(ctx, "desk.measure.consult")
	case casework.CmdSuspend:
		return ui.T(ctx, "desk.measure.suspend")
	case casework.CmdResume:
		return ui.T(ctx, "desk.measure.resume")
	default:
		return ui.T(ctx, "desk.measure.extend")
	}
}

// measureLaw is what the law says of a measure, in one sentence.
func measureLaw(ctx context.Context, c casework.Command) string {
	switch c {
	case casework.CmdConsult:
		return ui.T(ctx, "desk.law.consult")
	case casework.CmdSuspend:
		return ui.T(ctx, "desk.law.suspend")
	case casework.CmdResume:
		return ui.T(ctx, "desk.law.resume")
	default:
		return ui.T(ctx, "desk.law.extend")
	}
}
