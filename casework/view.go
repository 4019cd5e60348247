package casework

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/form"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
	"github.com/tongban/tongban/process"

	"github.com/tongban/tongban/casework/internal/store"
)

// Case is a case as those may see it who ask: fields that the policy hides
// from them are left out. Times are zero where the thing has not happened.
type Case struct {
	ID          string
	Number      string
	Bundle      string // the submission it came with
	Event       string // the life event, if any
	Service     string
	Version     string // hash of the service version
	ServiceName i18n.Text
	Agency      string
	Subject     party.ID
	SubjectName string
	Holder      party.ID
	Actor       party.Actor
	Channel     string
	Delivery    string
	Status      Status
	Light       Light
	SubmittedAt time.Time
	AcceptedAt  time.Time
	DueAt       time.Time // the instant at which it is late
	StoppedAt   time.Time
	DecidedAt   time.Time
	ClosedAt    time.Time
	Remaining   int // working days, negative when late; 0 without a clock
	Procedure   string
	Extended    bool
	Scenario    map[string]string
	Form        map[string]any
	Filled      *form.Form // as it was when it was filled in; nil: there is none
	Provenance  map[string]form.Provenance
	Evidence    []Item
	Supplement  *Supplement
	Decision    *Decision
	Consults    []Consult
	Fees        []FeeShare
	Licences    []string
	Result      map[string]string
	Tasks       []Task // open ones
	Events      []Event
	Tokens      []process.Token
	Process     *process.Definition
	Rev         int64
}

// Task is one piece of work on a desk.
type Task struct {
	CaseID      string
	ID          string
	Element     string
	Name        i18n.Text
	Duty        string
	Agency      string
	Number      string
	Service     string
	ServiceName i18n.Text
	SubjectName string
	Question    string // of a consultation
	OpenedAt    time.Time
	DueAt       time.Time
	Light       Light
	Mine        bool // the asker may complete it
}

// Case reads one case whole. Errors: NotFound, also for a case that is none of
// pr's business; Unauthenticated.
func (o *Office) Case(ctx context.Context, pr policy.Principal, caseID string) (Case, error) {
	const op = "casework.Case"
	q := o.DB.Reader()
	row, err := o.rowOf(ctx, q, op, caseID)
	if fault.Is(err, fault.NotFound) && named(caseID) { // by the number that people read out
		if byNumber, found := queries(q).CaseByNumber(ctx, caseID); found == nil {
			row, err = byNumber, nil
		} else if !errors.Is(found, sql.ErrNoRows) {
			err = fault.Wrap(fault.Internal, op, i18n.Text{}, found)
		}
	}
	if err != nil {
		return Case{}, err
	}
	r, err := o.reader(ctx, q, pr, row)
	if err != nil {
		return Case{}, err
	}
	if err := o.seen(ctx, q, pr, op, r); err != nil {
		return Case{}, err
	}
	if r.def, err = o.definition(ctx, q, r.ver.Process, r.st.Definition); err != nil {
		return Case{}, err
	}
	res := r.case_()
	res.Role = r.part(pr.Agency)
	c, err := r.whole(ctx, q, res)
	if err != nil {
		return Case{}, err
	}
	c.Filled, err = o.filled(ctx, q, r.ver.Form, r.st.Form)
	return c, err
}

// reader is a run that only looks. It has no process definition: a summary
// needs none.
func (o *Office) reader(ctx context.Context, q db.Queryer, pr policy.Principal, row store.Case) (*run, error) {
	const op = "casework.Case"
	r := &run{o: o, row: row, who: pr, now: o.Clock()}
	if err := json.Unmarshal([]byte(row.State), &r.st); err != nil {
		return nil, fault.Wrap(fault.Internal, op, i18n.Text{}, err)
	}
	var err error
	r.svc, r.ver, err = o.pinned(ctx, q, row.Service, row.Version)
	return r, err
}

// summary is a case without its dossier, tasks and events.
func (r *run) summary() Case {
	row, due := r.row, at(r.row.DueAt)
	c := Case{ID: row.ID, Number: row.Number, Bundle: row.Bundle, Service: row.Service, Version: row.Version, ServiceName: r.svc.Name,
		Agency: row.Agency, Subject: party.ID(row.Subject), SubjectName: row.SubjectName, Holder: party.ID(row.Holder),
		Actor:   party.Actor{Party: party.ID(row.Agent), For: party.ID(row.Subject), Mandate: row.Mandate},
		Channel: row.Channel, Delivery: row.Delivery, Status: Status(row.Status), Light: LightOf(r.o.City.Calendar, r.now, due),
		SubmittedAt: at(row.SubmittedAt), AcceptedAt: at(r.st.AcceptedAt), DueAt: due, StoppedAt: at(r.st.StoppedAt),
		DecidedAt: at(r.st.DecidedAt), ClosedAt: at(row.ClosedAt), Procedure: r.st.Procedure, Extended: r.st.Extended,
		Supplement: r.st.Supplement, Decision: r.st.Decision, Licences: r.st.Licences, Result: r.st.Result, Rev: row.Rev}
	if !due.IsZero() {
		c.Remaining = r.o.City.Calendar.Remaining(r.now, due)
	}
	return c
}

func (r *run) whole(ctx context.Context, q db.Queryer, res policy.Resource) (Case, error) {
	const op = "casework.Case"
	c := r.summary()
	dossier, err := queries(q).DossierByCase(ctx, r.row.ID)
	if err != nil {
		return Case{}, fault.Wrap(fault.Internal, op, i18n.Text{}, err)
	}
	if err := r.readDossier(&c, dossier); err != nil {
		return Case{}, err
	}
	for i := range len(r.st.Consults) {
		c.Consults = append(c.Consults, r.st.Consults[consultID(i+1)])
	}
	r.hide(&c, res)
	c.Process, c.Tokens = r.def, r.st.Process.Tokens()
	tasks, err := queries(q).TasksOfCase(ctx, r.row.ID)
	if err != nil {
		return Case{}, fault.Wrap(fault.Internal, op, i18n.Text{}, err)
	}
	for _, t := range tasks {
		if t.Status == "open" || t.Status == "held" {
			c.Tasks = append(c.Tasks, r.o.task(r.who, t, res))
		}
	}
	if c.Events, err = r.history(ctx, q); err != nil {
		return Case{}, err
	}
	r.hideEvents(c.Events, res)
	return c, nil
}

func (r *run) readDossier(c *Case, d store.Dossier) error {
	const op = "casework.Case"
	var err error
	if c.Form, err = parse[map[string]any](op, d.Form); err != nil {
		return err
	}
	if c.Provenance, err = parse[map[string]form.Provenance](op, d.Provenance); err != nil {
		return err
	}
	if c.Evidence, err = parse[[]Item](op, d.Evidence); err != nil {
		return err
	}
	if c.Fees, err = parse[[]FeeShare](op, d.Fees); err != nil {
		return err
	}
	spot, err := parse[place](op, d.Member)
	c.Event, c.Scenario = spot.Event, spot.Scenario
	return err
}

func (r *run) history(ctx context.Context, q db.Queryer) ([]Event, error) {
	const op = "casework.Case"
	rows, err := queries(q).EventsOfCase(ctx, r.row.ID)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, op, i18n.Text{}, err)
	}
	names := map[string]string{}
	events := make([]Event, 0, len(rows))
	for _, row := range rows {
		data, err := parse[map[string]string](op, row.Data)
		if err != nil {
			return nil, err
		}
		events = append(events, Event{Seq: row.Seq, At: at(row.At), Kind: row.Kind, Actor: row.Actor, OnBehalf: row.OnBehalf, Agency: row.Agency,
			Note: sentence(row.Kind, row.Agency, data, r.o.City), Data: data, ActorName: r.actorName(ctx, q, names, row)})
	}
	return events, nil
}

func (r *run) actorName(ctx context.Context, q db.Queryer, names map[string]string, row store.Event) string {
	if row.Agency != "" || row.Actor == "system" {
		return ""
	}
	if _, ok := names[row.Actor]; !ok {
		names[row.Actor] = ""
		if p, err := r.o.Parties.Get(ctx, q, party.ID(row.Actor)); err == nil {
			names[row.Actor] = p.Name
		}
	}
	return names[row.Actor]
}

func (o *Office) task(pr policy.Principal, t store.Task, res policy.Resource) Task {
	var name i18n.Text
	if json.Unmarshal([]byte(t.Name), &name) != nil {
		name = i18n.Same(t.Element)
	}
	due := at(t.DueAt)
	view := Task{CaseID: t.CaseID, ID: t.ID, Element: t.Element, Name: name, Duty: t.Duty, Agency: t.Agency, Number: t.Number, Service: t.Service,
		SubjectName: t.SubjectName, Question: t.Question, OpenedAt: at(t.OpenedAt), DueAt: due, Light: LightOf(o.City.Calendar, o.Clock(), due)}
	if s, ok := o.City.Service(t.Service); ok {
		view.ServiceName = s.Name
	}
	res.Type, res.Role, res.Agencies, res.Area = "task", t.Duty, []string{t.Agency}, t.Area
	if name, _ := o.sees(pr, res); !name {
		view.SubjectName = ""
	}
	view.Mine = t.Status == "open" && o.allow(pr, policy.TaskComplete, res) == nil
	return view
}

// supplied puts a supplied file in the place of its requirement.
func supplied(items []Item, v *catalog.ServiceVersion, requirement string, f *FileInfo) []Item {
	for i := range items {
		if items[i].Requirement.ID == requirement {
			items[i].How, items[i].Grade, items[i].At, items[i].File = ByUpload, "C", f.At, f
			items[i].Source = i18n.M("casework.source.supplement")
			return items
		}
	}
	item := Item{Requirement: catalog.EvidenceRequirement{ID: requirement, Name: i18n.Same(requirement)}, How: ByUpload, Grade: "C", At: f.At, File: f,
		Source: i18n.M("casework.source.supplement")}
	for _, req := range v.Evidence {
		if req.ID == requirement {
			item.Requirement = req
		}
	}
	return append(items, item)
}
