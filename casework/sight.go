package casework

import (
	"context"
	"slices"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
)

// covered checks that whoever acts for another by mandate may do so in each of
// the services. Nobody else needs a mandate: the policy has decided.
func (o *Office) covered(ctx context.Context, q db.Queryer, pr policy.Principal, services ...string) error {
	if pr.Kind != policy.Citizen || pr.Actor.Party == pr.Actor.For {
		return nil
	}
	for _, service := range services {
		if _, err := o.Parties.Acting(ctx, q, pr.Actor.Party, pr.Actor.For, service); err != nil {
			return err
		}
	}
	return nil
}

// ServiceOf is the service of a case, for who decides whether a reader's mandate
// covers it. Errors: NotFound.
func (o *Office) ServiceOf(ctx context.Context, caseID string) (string, error) {
	row, err := o.rowOf(ctx, o.DB.Reader(), "casework.ServiceOf", caseID)
	return row.Service, err
}

// seen turns "may not see" into "not there": that a case exists is nobody
// else's business.
func (o *Office) seen(ctx context.Context, q db.Queryer, pr policy.Principal, op string, r *run) error {
	err := o.allow(pr, policy.CaseView, r.case_())
	if err == nil {
		err = o.covered(ctx, q, pr, r.row.Service)
	}
	if fault.Is(err, fault.Denied) {
		return fault.New(fault.NotFound, op, i18n.M("casework.noCase"))
	}
	return err
}

// part is the duty of the open task that the agency has in the case, the one
// that needs to see the most; empty between tasks.
func (r *run) part(agency string) string {
	var duties []string
	for _, t := range r.liveTasks() {
		if r.agencyOf(t.element) == agency {
			duties = append(duties, t.element.Attrs["duty"])
		}
	}
	for _, c := range r.st.Consults {
		if c.Agency == agency && c.Answered == 0 && !Status(r.row.Status).Ended() {
			duties = append(duties, DutyConsult)
		}
	}
	for _, duty := range []string{DutyAccept, DutyDecide, DutyReview, DutyDeliver, DutyConsult} {
		if slices.Contains(duties, duty) {
			return duty
		}
	}
	return ""
}

// probe has a field of each class, to learn what somebody sees who asks for a
// case without a form.
var probe = []string{"name", "address", "account", "matter"}

// sees reports whether pr sees the name of whose affair it is, and whether it
// sees anything of what the affair is about.
func (o *Office) sees(pr policy.Principal, res policy.Resource) (name, matter bool) {
	visible := o.Policy.Fields(pr, res, probe)
	return slices.Contains(visible, probe[0]), len(visible) > 0
}

// proof is the field, for the policy, of what names the document behind a piece
// of evidence.
const proof = "evidence_source"

// unsigned are the items without what names the documents behind them.
func unsigned(items []Item) []Item {
	items = slices.Clone(items)
	for i := range items {
		items[i].Source, items[i].Licence, items[i].Request = i18n.Text{}, "", ""
	}
	return items
}

// hide leaves out what the policy says pr may not see.
func (r *run) hide(c *Case, res policy.Resource) {
	keys := slices.Collect(keysOf(c.Form))
	visible := r.o.Policy.Fields(r.who, res, keys)
	for _, key := range keys {
		if !slices.Contains(visible, key) {
			delete(c.Form, key)
			delete(c.Provenance, key)
		}
	}
	if len(r.o.Policy.Fields(r.who, res, []string{proof})) == 0 {
		c.Evidence = unsigned(c.Evidence)
	}
	name, matter := r.o.sees(r.who, res)
	if !name {
		c.SubjectName, c.Subject, c.Holder, c.Actor = "", "", "", party.Actor{}
	}
	if !matter {
		c.blind()
	}
}

// blind leaves how the case stands, and nothing of what it is about.
func (c *Case) blind() {
	c.SubjectName, c.Subject, c.Holder, c.Actor = "", "", "", party.Actor{}
	c.Form, c.Provenance, c.Scenario, c.Evidence, c.Result, c.Licences = nil, nil, nil, nil, nil, nil
	if c.Supplement != nil {
		c.Supplement = &Supplement{AskedAt: c.Supplement.AskedAt, AnsweredAt: c.Supplement.AnsweredAt}
	}
	if c.Decision != nil {
		told := *c.Decision
		told.Reasons = ""
		c.Decision = &told
	}
	c.Consults = slices.Clone(c.Consults)
	for i := range c.Consults {
		c.Consults[i].Question, c.Consults[i].Answer = "", ""
	}
}

// private are the data of an event that may name people or tell of their affairs.
var private = []string{"note", "name", "number", "licence"}

// hideEvents leaves out who the applicant is, and what was said of the matter.
func (r *run) hideEvents(events []Event, res policy.Resource) {
	name, matter := r.o.sees(r.who, res)
	for i := range events {
		e := &events[i]
		if !name && e.Agency == "" && e.Actor != "system" {
			e.Actor, e.OnBehalf, e.ActorName = "", "", ""
		}
		if !name {
			e.OnBehalf = ""
		}
		if matter {
			continue
		}
		for _, key := range private {
			if _, ok := e.Data[key]; ok {
				e.Data[key] = "…"
			}
		}
		e.Note = sentence(e.Kind, e.Agency, e.Data, r.o.City)
	}
}
