package casework

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tongban/tongban/catalog"
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
	err := o.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
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

// AskSupplement tells the applicant once, and whole, what is missing (行政许可法
// art. 32). The case is the applicant's until it is answered. Errors: Conflict
// where a notice was already given.
func (o *Office) AskSupplement(ctx context.Context, pr policy.Principal, caseID string, items []SupplementItem, note string) (Case, error) {
	const op = "casework.AskSupplement"
	if len(items) == 0 {
		return Case{}, fault.Fields(op, fault.Field{Pointer: "/items", Message: i18n.M("casework.noItems")})
	}
	for i, it := range items {
		if err := checkNote(op, fmt.Sprintf("/items/%d/what", i), it.What, true); err != nil {
			return Case{}, err
		}
	}
	if err := checkNote(op, "/note", note, false); err != nil {
		return Case{}, err
	}
	return o.handle(ctx, pr, op, caseID, policy.CaseHandle, CmdSupplement, func(ctx context.Context, r *run) error {
		if r.st.Supplement != nil {
			return fault.New(fault.Conflict, op, i18n.M("casework.askedOnce"))
		}
		if r.silent() {
			return fault.New(fault.Conflict, op, i18n.M("casework.silence"))
		}
		if err := r.checkItems(op, items); err != nil {
			return err
		}
		r.st.Supplement = &Supplement{Items: items, Note: note, AskedAt: ms(r.now), Files: map[string]string{}}
		r.row.DueAt = 0
		r.event("supplement", map[string]string{"count": fmt.Sprint(len(items)), "note": note})
		if err := r.hold(ctx); err != nil {
			return err
		}
		return db.Cancel(ctx, r.tx, jobSilence, r.row.ID)
	})
}

// checkItems wants each item to be a document of the service, each once, or
// something that has no document.
func (r *run) checkItems(op string, items []SupplementItem) error {
	asked := map[string]bool{"": false}
	for i, it := range items {
		known := it.Requirement == "" || slices.ContainsFunc(r.ver.Evidence, func(req catalog.EvidenceRequirement) bool { return req.ID == it.Requirement })
		if !known || asked[it.Requirement] {
			return fault.Fields(op, fault.Field{Pointer: fmt.Sprintf("/items/%d/requirement", i), Message: i18n.M("casework.noRequirement")})
		}
		asked[it.Requirement] = it.Requirement != ""
	}
	return nil
}

// hold takes the open tasks off the desks; unhold puts them back.
func (r *run) hold(ctx context.Context) error {
	return r.later.MoveTasks(ctx, store.MoveTasksParams{NewStatus: "held", DueAt: 0, CaseID: r.row.ID, OldStatus: "open"})
}

func (r *run) unhold(ctx context.Context) error {
	return r.later.MoveTasks(ctx, store.MoveTasksParams{NewStatus: "open", DueAt: r.row.DueAt, CaseID: r.row.ID, OldStatus: "held"})
}

// Supply stores a document that a supplement notice asks for.
func (o *Office) Supply(ctx context.Context, pr policy.Principal, caseID, requirement string, f File) (Case, error) {
	const op = "casework.Supply"
	f, err := f.check(op)
	if err != nil {
		return Case{}, err
	}
	return o.act(ctx, pr, op, caseID, func(ctx context.Context, r *run) error {
		if err := o.allow(pr, policy.CaseAct, r.case_()); err != nil {
			return err
		}
		s := r.st.Supplement
		if Status(r.row.Status) != Supplementing || s == nil || requirement == "" ||
			!slices.ContainsFunc(s.Items, func(it SupplementItem) bool { return it.Requirement == requirement }) {
			return fault.New(fault.Conflict, op, i18n.M("casework.notAsked"))
		}
		if old, ok := s.Files[requirement]; ok {
			if err := r.later.DeleteFile(ctx, old); err != nil {
				return err
			}
		}
		fileID, err := o.keep(ctx, r.tx, owner(r.row), requirement, f)
		s.Files[requirement] = fileID
		return err
	})
}

// AnswerSupplement hands the case back to the agency with what was supplied.
// Its five working days begin anew.
func (o *Office) AnswerSupplement(ctx context.Context, pr policy.Principal, caseID, note string) (Case, error) {
	const op = "casework.AnswerSupplement"
	if err := checkNote(op, "/note", note, false); err != nil {
		return Case{}, err
	}
	return o.handle(ctx, pr, op, caseID, policy.CaseAct, CmdAnswer, func(ctx context.Context, r *run) error {
		s := r.st.Supplement
		for _, it := range s.Items {
			if _, ok := s.Files[it.Requirement]; !ok && it.Requirement != "" {
				return fault.Fields(op, fault.Field{Pointer: "/items/" + it.Requirement, Message: i18n.M("casework.stillMissing", "what", it.What)})
			}
		}
		s.AnsweredAt, s.Answer, r.st.ReceivedAt = ms(r.now), note, ms(r.now)
		r.stood(s.AskedAt)
		if err := r.mergeSupplied(ctx, s); err != nil {
			return err
		}
		due := o.City.Calendar.Deadline(r.now, o.days(workday.Supplement))
		r.row.DueAt = ms(due)
		r.event("supplied", map[string]string{"note": note})
		if err := r.unhold(ctx); err != nil {
			return err
		}
		return db.Enqueue(ctx, r.tx, db.Job{Kind: jobSilence, Key: r.row.ID, RunAt: due})
	})
}

// mergeSupplied puts the supplied files into the case's evidence.
func (r *run) mergeSupplied(ctx context.Context, s *Supplement) error {
	const op = "casework.AnswerSupplement"
	row, err := queries(r.tx).DossierByCase(ctx, r.row.ID)
	if err != nil {
		return fault.Wrap(fault.Internal, op, i18n.Text{}, err)
	}
	items, err := parse[[]Item](op, row.Evidence)
	if err != nil {
		return err
	}
	for requirement, fileID := range s.Files {
		f, err := queries(r.tx).FileInfo(ctx, fileID)
		if err != nil {
			return fault.Wrap(fault.Internal, op, i18n.Text{}, err)
		}
		if err := r.later.UseFile(ctx, fileID); err != nil {
			return err
		}
		items = supplied(items, r.ver, requirement, &FileInfo{ID: f.ID, Name: f.Name, MediaType: f.MediaType, Size: f.Size, At: f.At})
	}
	return r.later.UpdateDossier(ctx, store.UpdateDossierParams{Form: row.Form, Provenance: row.Provenance, Evidence: text(items), CaseID: r.row.ID})
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

// Consult asks another agency a question; it appears on that agency's desks as
// a task, and the clock runs on.
func (o *Office) Consult(ctx context.Context, pr policy.Principal, caseID, agency, question string) (Case, error) {
	const op = "casework.Consult"
	asked, ok := o.City.Agency(agency)
	if !ok {
		return Case{}, fault.Fields(op, fault.Field{Pointer: "/agency", Message: i18n.M("casework.noAgency")})
	}
	if err := checkNote(op, "/question", question, true); err != nil {
		return Case{}, err
	}
	return o.handle(ctx, pr, op, caseID, policy.CaseHandle, CmdConsult, func(ctx context.Context, r *run) error {
		if r.st.Consults == nil {
			r.st.Consults = map[string]Consult{}
		}
		taskID := consultID(len(r.st.Consults) + 1)
		r.st.Consults[taskID] = Consult{Agency: agency, Question: question, AskedAt: ms(r.now)}
		r.event("consulted", map[string]string{"asked": agency, "agency.zh": asked.Name.ZH, "agency.en": asked.Name.EN})
		return r.insertTask(ctx, taskID, "", i18n.M("casework.task.consult"), DutyConsult, agency, at(r.row.DueAt), question)
	})
}

// consultID is the task of a case's n-th question.
func consultID(n int) string { return fmt.Sprintf("consult%d", n) }

func (r *run) answerConsult(ctx context.Context, taskID string, c Consult, out Outcome) error {
	const op = "casework.Complete"
	res := r.case_()
	res.Type, res.Role, res.Agencies = "task", DutyConsult, []string{c.Agency}
	if err := r.o.allow(r.who, policy.TaskComplete, res); err != nil {
		return err
	}
	switch {
	case c.Answered != 0:
		return fault.New(fault.Conflict, op, i18n.M("casework.taskDone"))
	case Status(r.row.Status) != Accepted: // decided, or it stands still
		return fault.New(fault.Conflict, op, i18n.M("casework.notNow", "status", Status(r.row.Status).Name()))
	}
	if err := checkNote(op, "/note", out.Note, true); err != nil {
		return err
	}
	c.Answer, c.By, c.Answered = out.Note, r.who.ID, ms(r.now)
	r.st.Consults[taskID] = c
	r.event("answered", map[string]string{"note": out.Note})
	return r.later.EndTask(ctx, store.EndTaskParams{Status: "done", DoneAt: ms(r.now), CaseID: r.row.ID, ID: taskID})
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
