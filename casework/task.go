package casework

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
	"github.com/tongban/tongban/process"
	"github.com/tongban/tongban/workday"

	"github.com/tongban/tongban/casework/internal/store"
)

// The duties of a task, as a process names them (tb:duty).
const (
	DutyAccept  = "accept"
	DutyReview  = "review"
	DutyConsult = "consult"
	DutyDecide  = "decide"
	DutyDeliver = "deliver"
)

// choices are the outcomes that a duty knows. All but the last of a list end
// or carry on the case; a choice in needReason wants its reasons told.
var choices = map[string][]string{
	DutyAccept:  {"accept", "refuse"},
	DutyReview:  {"approve", "reject", "done"},
	DutyConsult: {"done"},
	DutyDecide:  {"approve", "reject"},
	DutyDeliver: {"done"},
}

var needReason = map[string]bool{"refuse": true, "reject": true}

// Outcome is what an officer says when a task is done. Note is shown to the
// applicant for a refusal or a rejection, where it is needed, and to the
// agencies otherwise.
type Outcome struct {
	Choice string
	Note   string
}

// maxNote is the most characters of a note, reason or question.
const maxNote = 2000

func checkNote(op, pointer, note string, needed bool) error {
	var wrong i18n.Text
	switch {
	case needed && strings.TrimSpace(note) == "":
		wrong = i18n.M("casework.noteNeeded")
	case utf8.RuneCountInString(note) > maxNote:
		wrong = i18n.M("casework.noteLong", "max", maxNote)
	case !utf8.ValidString(note) || strings.ContainsFunc(note, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' }):
		wrong = i18n.M("casework.noteControl")
	default:
		return nil
	}
	return fault.Fields(op, fault.Field{Pointer: pointer, Message: wrong})
}

// Complete does one task of a case and carries the case on: further tasks, the
// decision, the licence, the end, all in one transaction. Errors: NotFound,
// Denied, Invalid, and Conflict for a task that is done already or a case that
// stands still.
func (o *Office) Complete(ctx context.Context, pr policy.Principal, caseID, taskID string, out Outcome) (Case, error) {
	const op = "casework.Complete"
	return o.act(ctx, pr, op, caseID, func(ctx context.Context, r *run) error {
		if c, ok := r.st.Consults[taskID]; ok {
			return r.answerConsult(ctx, taskID, c, out)
		}
		if taskID == DutyDeliver {
			return r.deliver(ctx, out.Note)
		}
		token, err := r.liveTask(op, taskID)
		if err != nil {
			return err
		}
		duty := token.element.Attrs["duty"]
		res := r.case_()
		res.Type, res.Role, res.Agencies = "task", duty, []string{r.agencyOf(token.element)}
		if err := o.allow(pr, policy.TaskComplete, res); err != nil {
			return err
		}
		if err := checkOutcome(op, duty, out); err != nil {
			return err
		}
		return r.complete(ctx, op, token, duty, out)
	})
}

func checkOutcome(op, duty string, out Outcome) error {
	known := false
	for _, c := range choices[duty] {
		known = known || c == out.Choice
	}
	if !known {
		return fault.Fields(op, fault.Field{Pointer: "/choice", Message: i18n.M("casework.choice")})
	}
	return checkNote(op, "/note", out.Note, needReason[out.Choice])
}

// liveTask is an open user task of the process.
type liveTask struct {
	id      string
	element *process.Element
}

func (r *run) liveTasks() []liveTask {
	var live []liveTask
	for _, t := range r.st.Process.Tokens() {
		if e, ok := r.def.Element(t.Element); ok && e.Attrs["duty"] != "" {
			live = append(live, liveTask{t.ID, e})
		}
	}
	return live
}

func (r *run) liveTask(op, taskID string) (liveTask, error) {
	for _, t := range r.liveTasks() {
		if t.id == taskID {
			return t, nil
		}
	}
	return liveTask{}, fault.New(fault.Conflict, op, i18n.M("casework.taskDone"))
}

// complete moves the case as the duty demands, then the process.
func (r *run) complete(ctx context.Context, op string, token liveTask, duty string, out Outcome) error {
	vars := process.Vars{}
	switch {
	case duty == DutyAccept && out.Choice == "accept" && Status(r.row.Status) != Accepted: // the first of several, and not after silence
		from := r.now
		if r.silent() { // the worker is behind: the law is not
			from = at(r.st.ReceivedAt)
		}
		if err := r.accept(op, from, "accepted"); err != nil {
			return err
		}
	case duty == DutyAccept && out.Choice != "accept" && r.silent():
		return fault.New(fault.Conflict, op, i18n.M("casework.silence"))
	case duty == DutyAccept && out.Choice != "accept":
		return r.end(ctx, op, CmdRefuse, "refused", out.Note)
	case duty == DutyDecide:
		vars["decision"] = out.Choice
		if err := r.decide(ctx, op, out); err != nil {
			return err
		}
	default:
		if err := r.move(op, CmdWork); err != nil {
			return err
		}
		r.event("reviewed", map[string]string{"task.zh": token.element.Name.ZH, "task.en": token.element.Name.EN, "choice": out.Choice, "note": out.Note})
	}
	return r.advance(ctx, token, out, vars)
}

// advance ends the task's row and lets the process go on from its token.
func (r *run) advance(ctx context.Context, token liveTask, out Outcome, vars process.Vars) error {
	vars["outcome"] = out.Choice // becomes task.<element>.outcome
	st, effects, err := r.def.Complete(r.st.Process, token.id, vars)
	if err != nil {
		return err
	}
	r.st.Process = st
	if err := r.apply(ctx, effects); err != nil { // first, for it may have to read
		return err
	}
	return r.later.EndTask(ctx, store.EndTaskParams{Status: "done", DoneAt: ms(r.now), CaseID: r.row.ID, ID: token.id})
}

// accept starts the clock of the decision, from the given instant.
func (r *run) accept(op string, from time.Time, kind string) error {
	if err := r.move(op, CmdAccept); err != nil {
		return err
	}
	r.st.AcceptedAt = ms(from)
	if r.ver.Handling != "1" {
		r.row.DueAt = ms(r.o.City.Calendar.Deadline(from, r.limit()))
	}
	r.event(kind, map[string]string{"due": r.day(r.row.DueAt)})
	return nil
}

// silent reports of a submitted case whether the time to refuse it, or to ask
// for more, has run out: by law it is accepted, whether the worker has come to it
// or not. What is done at once has no such time, but for a supplement.
func (r *run) silent() bool {
	return (r.ver.Handling != "1" || r.st.Supplement != nil) && r.row.DueAt != 0 && !r.now.Before(at(r.row.DueAt))
}

// limit is the working days in which the case must be decided.
func (r *run) limit() int {
	switch l := r.ver.Limits; {
	case l.Committed > 0:
		return l.Committed
	case l.Statutory > 0:
		return l.Statutory
	case r.joint():
		return r.o.days(workday.JointDecision)
	default:
		return r.o.days(workday.Decision)
	}
}

// joint reports whether agencies besides the lead have a part in the service.
func (r *run) joint() bool {
	for _, agency := range r.ver.Agencies {
		if agency != r.svc.Agency {
			return true
		}
	}
	return false
}

// day is an instant as the last day on which it is not yet late.
func (r *run) day(due int64) string {
	if due == 0 {
		return ""
	}
	return workday.DateOf(at(due-1), r.o.City.Calendar.Zone()).String()
}

func (r *run) decide(ctx context.Context, op string, out Outcome) error {
	if out.Choice == "approve" {
		if err := r.approve(ctx, r.who.ID); err != nil {
			return err
		}
		r.st.Decision.Reasons = out.Note
		return nil
	}
	if err := r.move(op, CmdReject); err != nil {
		return err
	}
	r.against(out.Note)
	r.event("rejected", map[string]string{"note": out.Note})
	if err := r.later.EndTasks(ctx, store.EndTasksParams{DoneAt: ms(r.now), CaseID: r.row.ID}); err != nil {
		return err
	}
	return r.wake(ctx)
}

// against records a decision that the law wants reasons and remedies with.
func (r *run) against(reasons string) {
	r.st.DecidedAt = ms(r.now)
	agency, _ := r.o.City.Agency(r.svc.Agency)
	r.st.Decision = &Decision{Approve: false, Reasons: reasons, Remedies: i18n.M("casework.remedies", "agency", agency.Name),
		By: r.who.ID, Agency: r.svc.Agency, At: ms(r.now)}
}

// end stops the case before its process has ended.
func (r *run) end(ctx context.Context, op string, c Command, kind, note string) error {
	if err := r.move(op, c); err != nil {
		return err
	}
	if c != CmdWithdraw {
		r.against(note)
	}
	r.event(kind, map[string]string{"note": note})
	if err := r.later.EndTasks(ctx, store.EndTasksParams{DoneAt: ms(r.now), CaseID: r.row.ID}); err != nil {
		return err
	}
	if err := r.cancel(ctx); err != nil {
		return err
	}
	return r.wake(ctx)
}

// system is the principal of timers.
var system = policy.Principal{ID: "system", Kind: policy.System, Actor: party.Actor{}}

// acceptBySilence is the law's answer to an agency that said nothing in five
// working days: accepted, from the day of receipt (行政许可法 art. 32).
func (o *Office) acceptBySilence(ctx context.Context, tx db.Tx, job db.Job) error {
	const op = "casework.acceptBySilence"
	r, err := o.load(ctx, tx, system, op, job.Key)
	if err != nil || Status(r.row.Status) != Submitted {
		return err
	}
	before := r.row.DueAt
	if err := r.accept(op, at(r.st.ReceivedAt), "accepted-by-silence"); err != nil {
		return err
	}
	if err := r.later.PostponeTasks(ctx, store.PostponeTasksParams{NewDue: r.row.DueAt, CaseID: r.row.ID, OldDue: before}); err != nil {
		return err
	}
	for _, token := range r.liveTasks() { // those there are; a process may have none, or have it later
		if token.element.Attrs["duty"] != DutyAccept {
			continue
		}
		if err := r.advance(ctx, token, Outcome{Choice: "accept"}, process.Vars{}); err != nil {
			return err
		}
	}
	return r.finish(ctx)
}
