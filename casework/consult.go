package casework

import (
	"context"
	"fmt"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/policy"

	"github.com/tongban/tongban/casework/internal/store"
)

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
