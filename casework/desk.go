package casework

import (
	"context"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/policy"
	"github.com/tongban/tongban/workday"

	"github.com/tongban/tongban/casework/internal/store"
)

// measures are the commands that an agency gives to a case as a whole, each
// with what the policy must allow for it.
var measures = []struct {
	command Command
	action  policy.Action
}{
	{CmdSupplement, policy.CaseHandle},
	{CmdConsult, policy.CaseHandle},
	{CmdSuspend, policy.CaseHandle},
	{CmdResume, policy.CaseHandle},
	{CmdExtend, policy.CaseExtend},
}

// May lists the commands that pr may give to the case now, by policy and by how
// the case stands: supplement, consult, suspend, resume, extend. A desk offers
// these and no others. Errors: NotFound.
func (o *Office) May(ctx context.Context, pr policy.Principal, caseID string) ([]Command, error) {
	const op = "casework.May"
	q := o.DB.Reader()
	row, err := o.rowOf(ctx, q, op, caseID)
	if err != nil {
		return nil, err
	}
	r, err := o.reader(ctx, q, pr, row)
	if err != nil {
		return nil, err
	}
	if err := o.seen(ctx, q, pr, op, r); err != nil {
		return nil, err
	}
	res := r.case_()
	var able []Command
	for _, m := range measures {
		if Status(row.Status).Can(m.command) && !r.spent(m.command) && o.allow(pr, m.action, res) == nil {
			able = append(able, m.command)
		}
	}
	return able, nil
}

// spent reports whether a command that is given once only has been given.
func (r *run) spent(c Command) bool {
	return c == CmdSupplement && r.st.Supplement != nil || c == CmdExtend && r.st.Extended
}

// CountsOf counts those tasks of pr's inbox that the filter keeps, by light;
// the filter's own light and page do not matter.
func (o *Office) CountsOf(ctx context.Context, pr policy.Principal, f Filter) (Counts, error) {
	const op = "casework.CountsOf"
	if f.Duty == "" && f.Service == "" {
		return o.Counts(ctx, pr)
	}
	if err := o.allow(pr, policy.InboxView, policy.Resource{Type: policy.TypeInbox, Agencies: []string{pr.Agency}, Area: pr.Area}); err != nil {
		return Counts{}, err
	}
	if err := f.check(op); err != nil {
		return Counts{}, err
	}
	var c Counts
	for light, n := range map[Light]*int{NoLight: &c.All, Green: &c.Green, Amber: &c.Amber, Red: &c.Red} {
		from, to := o.span(light)
		count, err := queries(o.DB.Reader()).CountInbox(ctx, store.CountInboxParams{Agency: pr.Agency, Area: pr.Area, DueFrom: from, DueTo: to,
			Duty: f.Duty, Service: f.Service, Barred: barred(pr), N: CountLimit})
		if err != nil {
			return Counts{}, fault.Wrap(fault.Internal, op, i18n.Text{}, err)
		}
		*n = int(count)
	}
	return c, nil
}

// TakenIn lists the cases that the clerk took in at the counter today, the
// latest first, at most 200, without their dossiers. Whose they are is left
// out: with the applicant gone, a clerk knows them by number only.
func (o *Office) TakenIn(ctx context.Context, pr policy.Principal) ([]Case, error) {
	const op = "casework.TakenIn"
	if err := o.allow(pr, policy.IntakeStart, policy.Resource{Type: policy.TypeParty}); err != nil {
		return nil, err
	}
	zone := o.City.Calendar.Zone()
	since := workday.DateOf(o.Clock(), zone).In(zone)
	rows, err := queries(o.DB.Reader()).CasesTakenIn(ctx, store.CasesTakenInParams{Agent: string(pr.Actor.Party), Since: ms(since)})
	if err != nil {
		return nil, fault.Wrap(fault.Internal, op, i18n.Text{}, err)
	}
	cases, err := o.summaries(ctx, pr, rows)
	for i := range cases {
		cases[i].Subject, cases[i].SubjectName, cases[i].Holder, cases[i].Result = "", "", "", nil
	}
	return cases, err
}
