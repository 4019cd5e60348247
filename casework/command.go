package casework

import (
	"context"
	"fmt"
	"time"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/internal/id"
	"github.com/tongban/tongban/policy"
	"github.com/tongban/tongban/workday"

	"github.com/tongban/tongban/casework/internal/store"
)

// act loads a case that pr may see, lets fn change it, writes it, and shows how
// it now stands: without its dossier, tasks and events, for which there is Case.
func (o *Office) act(ctx context.Context, pr policy.Principal, op, caseID string, fn func(ctx context.Context, r *run) error) (Case, error) {
	var c Case
	err := o.DB.WriteAhead(ctx, func(ctx context.Context, tx db.Tx) error {
		r, err := o.load(ctx, tx, pr, op, caseID)
		if err != nil {
			return err
		}
		if err := o.seen(ctx, tx, pr, op, r); err != nil {
			return err
		}
		if err := fn(ctx, r); err != nil {
			return err
		}
		if err := r.finish(ctx); err != nil {
			return err
		}
		c = r.summary()
		res := r.case_()
		res.Role = r.part(pr.Agency)
		r.hide(&c, res)
		return nil
	})
	if err != nil {
		return Case{}, err
	}
	return c, nil
}

// handle is act for what the handling agency does to the case as a whole.
func (o *Office) handle(ctx context.Context, pr policy.Principal, op, caseID string, a policy.Action, c Command, fn func(ctx context.Context, r *run) error) (Case, error) {
	return o.act(ctx, pr, op, caseID, func(ctx context.Context, r *run) error {
		res := r.case_()
		if pr.Kind == policy.Officer { // whoever was only asked for its opinion does not handle the case
			res.Agencies = r.handlers()
		}
		if err := o.allow(pr, a, res); err != nil {
			return err
		}
		if err := r.move(op, c); err != nil {
			return err
		}
		return fn(ctx, r)
	})
}

// Withdraw takes an application back before it is decided.
func (o *Office) Withdraw(ctx context.Context, pr policy.Principal, caseID, reason string) (Case, error) {
	const op = "casework.Withdraw"
	if err := checkNote(op, "/reason", reason, false); err != nil {
		return Case{}, err
	}
	return o.act(ctx, pr, op, caseID, func(ctx context.Context, r *run) error {
		if err := o.allow(pr, policy.CaseAct, r.case_()); err != nil {
			return err
		}
		if s := r.st.Supplement; s != nil && s.AnsweredAt == 0 { // supplied, and never handed over
			for _, file := range s.Files {
				if err := r.later.DeleteFile(ctx, file); err != nil {
					return err
				}
			}
		}
		return r.end(ctx, op, CmdWithdraw, "withdrawn", reason)
	})
}

// Suspend stops the clock for a special procedure: a hearing, a test, an
// inspection, an expert review. It is told in writing (行政许可法 art. 45).
func (o *Office) Suspend(ctx context.Context, pr policy.Principal, caseID, procedure, reason string) (Case, error) {
	const op = "casework.Suspend"
	name, ok := procedures[procedure]
	if !ok {
		return Case{}, fault.Fields(op, fault.Field{Pointer: "/procedure", Message: i18n.M("casework.choice")})
	}
	if err := checkNote(op, "/reason", reason, true); err != nil {
		return Case{}, err
	}
	return o.handle(ctx, pr, op, caseID, policy.CaseHandle, CmdSuspend, func(ctx context.Context, r *run) error {
		r.st.StoppedAt, r.st.Procedure = ms(r.now), procedure
		r.st.Left = o.City.Calendar.Remaining(r.now, at(r.row.DueAt)) // what is late stays as late as it is
		r.row.DueAt = 0
		told := i18n.M(name)
		r.event("suspended", map[string]string{"procedure.zh": told.ZH, "procedure.en": told.EN, "note": reason})
		return r.hold(ctx)
	})
}

// procedures are the special procedures that stop the clock.
var procedures = map[string]string{
	"hearing":    "casework.procedure.hearing",
	"test":       "casework.procedure.test",
	"inspection": "casework.procedure.inspection",
	"expert":     "casework.procedure.expert",
	"notice":     "casework.procedure.notice",
}

// Procedures are the special procedures that stop the clock, by id.
func Procedures() map[string]i18n.Text {
	named := map[string]i18n.Text{}
	for id, key := range procedures {
		named[id] = i18n.M(key)
	}
	return named
}

// Resume lets the clock run on with the working days that were left.
func (o *Office) Resume(ctx context.Context, pr policy.Principal, caseID, note string) (Case, error) {
	const op = "casework.Resume"
	if err := checkNote(op, "/note", note, false); err != nil {
		return Case{}, err
	}
	return o.handle(ctx, pr, op, caseID, policy.CaseHandle, CmdResume, func(ctx context.Context, r *run) error {
		r.stood(r.st.StoppedAt)
		r.row.DueAt = ms(o.City.Calendar.Deadline(r.now, r.st.Left))
		r.st.StoppedAt, r.st.Left, r.st.Procedure = 0, 0, ""
		r.event("resumed", map[string]string{"due": r.day(r.row.DueAt), "note": note})
		return r.unhold(ctx)
	})
}

// Extend moves the deadline once, by the days that the law allows, with reasons
// (行政许可法 art. 42): 10 working days, 15 where several agencies handle it.
func (o *Office) Extend(ctx context.Context, pr policy.Principal, caseID, reason string) (Case, error) {
	const op = "casework.Extend"
	if err := checkNote(op, "/reason", reason, true); err != nil {
		return Case{}, err
	}
	return o.handle(ctx, pr, op, caseID, policy.CaseExtend, CmdExtend, func(ctx context.Context, r *run) error {
		if r.st.Extended {
			return fault.New(fault.Conflict, op, i18n.M("casework.extendedOnce"))
		}
		days := o.days(workday.DecisionExtension)
		if r.joint() {
			days = o.days(workday.JointExtension)
		}
		before := r.row.DueAt
		r.st.Extended = true
		r.row.DueAt = ms(o.City.Calendar.Deadline(at(before).Add(-time.Millisecond), days))
		r.event("extended", map[string]string{"days": fmt.Sprint(days), "due": r.day(r.row.DueAt), "note": reason})
		return r.later.PostponeTasks(ctx, store.PostponeTasksParams{NewDue: r.row.DueAt, CaseID: r.row.ID, OldDue: before})
	})
}

// Deliver records that the result is in the applicant's hands.
func (o *Office) Deliver(ctx context.Context, pr policy.Principal, caseID, note string) (Case, error) {
	return o.act(ctx, pr, "casework.Deliver", caseID, func(ctx context.Context, r *run) error { return r.deliver(ctx, note) })
}

func (r *run) deliver(ctx context.Context, note string) error {
	const op = "casework.Deliver"
	res := r.case_()
	res.Type, res.Role, res.Agencies = "task", DutyDeliver, []string{r.svc.Agency}
	if err := r.o.allow(r.who, policy.TaskComplete, res); err != nil {
		return err
	}
	if err := checkNote(op, "/note", note, false); err != nil {
		return err
	}
	if !r.st.Process.Done() {
		return fault.New(fault.Conflict, op, i18n.M("casework.notNow", "status", Status(r.row.Status).Name()))
	}
	if err := r.move(op, CmdDeliver); err != nil {
		return err
	}
	r.event("delivered", map[string]string{"way": r.row.Delivery, "note": note})
	return r.later.EndTask(ctx, store.EndTaskParams{Status: "done", DoneAt: ms(r.now), CaseID: r.row.ID, ID: "deliver"})
}

// Correct reports that a prefilled value is wrong, to whoever keeps the
// register it came from. The draft or case goes on with what the applicant
// typed.
func (o *Office) Correct(ctx context.Context, pr policy.Principal, matter, field, source, says string) error {
	const op = "casework.Correct"
	if err := checkNote(op, "/says", says, true); err != nil {
		return err
	}
	for pointer, name := range map[string]string{"/matter": matter, "/field": field, "/source": source} {
		if !named(name) {
			return fault.Fields(op, fault.Field{Pointer: pointer, Message: i18n.M("casework.noteControl")})
		}
	}
	if err := o.allow(pr, policy.FactCorrect, policy.Resource{Type: "fact", ID: field, Owner: pr.Actor.For}); err != nil {
		return err
	}
	return o.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		return queries(tx.Later()).InsertCorrection(ctx, store.InsertCorrectionParams{ID: id.New(), Subject: string(pr.Actor.For), Matter: matter,
			Field: field, Source: source, Says: says, At: ms(o.Clock())})
	})
}
