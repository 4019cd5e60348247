package casework

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/form"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/ledger"
	"github.com/tongban/tongban/policy"
	"github.com/tongban/tongban/process"
	"github.com/tongban/tongban/workday"

	"github.com/tongban/tongban/casework/internal/store"
)

// state is what the store keeps of a running case as JSON.
type state struct {
	Process    process.State
	Definition string // the process's hash
	Form       string `json:",omitempty"` // the form's
	ReceivedAt int64  `json:",omitempty"` // when the agency's turn began: whole, and with nothing to wait for
	AcceptedAt int64
	DecidedAt  int64
	Left       int    // working days left when the clock was stopped
	StoppedAt  int64  // 0: the clock runs
	Stood      int    `json:",omitempty"` // working days that the case has stood still in all
	Procedure  string // why it stands
	Extended   bool
	Supplement *Supplement
	Decision   *Decision
	Consults   map[string]Consult `json:",omitempty"` // by task id
	Result     map[string]string  // claims and numbers of what was issued
	Licences   []string
	Events     int64
	Alone      bool `json:",omitempty"` // the only case of its submission
}

// Supplement is the one whole notice of what is missing.
type Supplement struct {
	Items      []SupplementItem
	Note       string
	AskedAt    int64             // ms
	AnsweredAt int64             // ms; 0: not yet
	Files      map[string]string // requirement -> file
	Answer     string
}

// SupplementItem is one thing to hand in or to put right.
type SupplementItem struct {
	Requirement string
	What        string
}

// Decision is the outcome with what the law wants told.
type Decision struct {
	Approve  bool
	Reasons  string
	Remedies i18n.Text
	By       string // officer, or "rule" where the process decided by itself
	Agency   string
	At       int64 // ms
}

// Consult is a question to another agency.
type Consult struct {
	Agency   string
	Question string
	Answer   string
	By       string
	AskedAt  int64
	Answered int64
}

// run is one case in one transaction: what is to be written gathers here and
// is queued by finish, in one round trip.
type run struct {
	o      *Office
	tx     db.Tx
	later  *store.Queries
	row    store.Case
	st     state
	svc    *catalog.Service
	ver    *catalog.ServiceVersion
	def    *process.Definition
	who    policy.Principal
	now    time.Time
	events []store.InsertEventParams
	leaf   []leafEvent
	noted  []Notice
	taken  bool // it was submitted and is no longer: silence says nothing more
}

// leafEvent is what the ledger keeps of an event: enough to prove it, and no
// personal data.
type leafEvent struct {
	Seq  int64  `json:"seq"`
	Kind string `json:"kind"`
	At   int64  `json:"at"`
	Hash string `json:"hash"`
}

// load reads a case for a change.
func (o *Office) load(ctx context.Context, tx db.Tx, pr policy.Principal, op, caseID string) (*run, error) {
	row, err := o.rowOf(ctx, tx, op, caseID)
	if err != nil {
		return nil, err
	}
	r := &run{o: o, tx: tx, later: queries(tx.Later()), row: row, who: pr, now: o.Clock()}
	if err := json.Unmarshal([]byte(row.State), &r.st); err != nil {
		return nil, fault.Wrap(fault.Internal, op, i18n.Text{}, err)
	}
	if r.svc, r.ver, err = o.pinned(ctx, tx, row.Service, row.Version); err != nil {
		return nil, err
	}
	r.def, err = o.definition(ctx, tx, r.ver.Process, r.st.Definition)
	return r, err
}

// rowOf is the case's row. Errors: NotFound.
func (o *Office) rowOf(ctx context.Context, q db.Queryer, op, caseID string) (store.Case, error) {
	row, err := store.Case{}, sql.ErrNoRows
	if named(caseID) {
		row, err = queries(q).CaseByID(ctx, caseID)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return row, fault.New(fault.NotFound, op, i18n.M("casework.noCase"))
	}
	if err != nil {
		return row, fault.Wrap(fault.Internal, op, i18n.Text{}, err)
	}
	return row, nil
}

// pinned is the version that a case began with: today's, one of the pack, or
// one that only the archive still has.
func (o *Office) pinned(ctx context.Context, q db.Queryer, service, hash string) (*catalog.Service, *catalog.ServiceVersion, error) {
	if p, ok := o.versions[hash]; ok && p.service.ID == service {
		return p.service, p.version, nil
	}
	return o.Archive.Version(ctx, q, hash)
}

func (o *Office) definition(ctx context.Context, q db.Queryer, id, hash string) (*process.Definition, error) {
	if d, ok := o.City.Processes[id]; ok && d.Hash == hash {
		return d, nil
	}
	return o.Archive.Process(ctx, q, hash)
}

// filled is the form that a case was filled in on; nil where there is none any
// more.
func (o *Office) filled(ctx context.Context, q db.Queryer, id, hash string) (*form.Form, error) {
	if f, ok := o.City.Forms[id]; hash == "" || ok && f.Hash == hash { // no hash: a case older than this
		return f, nil
	}
	return o.Archive.Form(ctx, q, hash)
}

// handlers are the agencies that handle the case, before and after their tasks:
// the lead first, then whoever has a role in the service.
func (r *run) handlers() []string {
	agencies := []string{r.row.Agency}
	for _, agency := range r.ver.Agencies {
		agencies = append(agencies, agency)
	}
	return agencies
}

func (r *run) case_() policy.Resource {
	res := policy.Resource{Type: "case", ID: r.row.ID, Owner: owner(r.row), Area: r.row.Area, Status: r.row.Status, Agencies: r.handlers()}
	for _, c := range r.st.Consults {
		res.Agencies = append(res.Agencies, c.Agency)
	}
	return res
}

// agencyOf is who does a task: the process names a role, the version the agency.
func (r *run) agencyOf(e *process.Element) string { return agencyFor(r.svc, r.ver, e) }

func agencyFor(svc *catalog.Service, ver *catalog.ServiceVersion, e *process.Element) string {
	role := e.Attrs["agency"]
	if agency, ok := ver.Agencies[role]; ok {
		return agency
	}
	return svc.Agency
}

// move makes the case take a command, or fails with a Conflict.
func (r *run) move(op string, c Command) error {
	to, err := next(op, Status(r.row.Status), c)
	if err != nil {
		return err
	}
	r.taken = r.taken || Status(r.row.Status) == Submitted && to != Submitted
	r.row.Status = string(to)
	if to.Ended() {
		r.row.ClosedAt, r.row.DueAt = ms(r.now), 0
	}
	return nil
}

// event appends one line to the case's history. data holds what the line's
// sentence names, and is shown to whoever may see the case.
func (r *run) event(kind string, data map[string]string) {
	if data == nil {
		data = map[string]string{}
	}
	r.st.Events++
	actor, behalf := r.who.ID, ""
	if r.who.Kind == policy.Citizen {
		actor = string(r.who.Actor.Party)
	}
	if r.who.Actor.For != "" && r.who.Actor.For != r.who.Actor.Party {
		behalf = string(r.who.Actor.For)
	}
	if r.who.Kind == policy.System {
		actor = "system"
	}
	body := text(data)
	r.events = append(r.events, store.InsertEventParams{CaseID: r.row.ID, Seq: r.st.Events, At: ms(r.now), Kind: kind, Actor: actor,
		OnBehalf: behalf, Agency: r.who.Agency, Data: body})
	r.leaf = append(r.leaf, leafEvent{Seq: r.st.Events, Kind: kind, At: ms(r.now), Hash: digest(r.row.ID, kind, actor, behalf, r.who.Agency, body)})
	if told[kind] || kind == "approved" && len(r.ver.Outputs) == 0 { // where something is issued, that is told
		r.noted = append(r.noted, Notice{CaseID: r.row.ID, Seq: r.st.Events, To: owner(r.row), Kind: kind, Number: r.row.Number,
			Name: r.svc.Name, Note: sentence(kind, r.who.Agency, data, r.o.City), At: ms(r.now)})
	}
}

// start begins the process of a case with its variables.
func (r *run) start(ctx context.Context, vars map[string]any) error {
	st, effects, err := r.def.Start(r.o.needed(r.svc, r.ver, r.def, vars))
	if err != nil {
		return err
	}
	r.st.Process = st
	return r.apply(ctx, effects)
}

// apply carries out what the process asks for, until it only waits.
func (r *run) apply(ctx context.Context, effects []process.Effect) error {
	for len(effects) > 0 {
		e := effects[0]
		effects = effects[1:]
		more, err := r.effect(ctx, e)
		if err != nil {
			return err
		}
		effects = append(effects, more...)
	}
	return r.settle(ctx)
}

// effect carries out one. A case that has ended opens nothing more.
func (r *run) effect(ctx context.Context, e process.Effect) ([]process.Effect, error) {
	if r.ended() && (e.Kind == process.OpenTask || e.Kind == process.SetTimer) {
		return nil, nil
	}
	switch e.Kind {
	case process.OpenTask:
		return nil, r.openTask(ctx, e)
	case process.CloseTask:
		return nil, r.later.EndTask(ctx, store.EndTaskParams{Status: "cancelled", DoneAt: ms(r.now), CaseID: r.row.ID, ID: e.Token})
	case process.CallService:
		return r.call(ctx, e)
	case process.SetTimer:
		return nil, r.setTimer(ctx, e)
	case process.ClearTimer:
		return nil, db.Cancel(ctx, r.tx, jobTimer, r.row.ID+"/"+e.Token)
	case process.AwaitMessage, process.Ended:
		return nil, nil
	}
	return nil, fault.Wrap(fault.Internal, "casework.effect", i18n.Text{}, fmt.Errorf("unknown effect %v", e.Kind))
}

func (r *run) openTask(ctx context.Context, e process.Effect) error {
	due := at(r.row.DueAt)
	if days := e.Element.Attrs["days"]; days != "" {
		n, err := workday.ParsePeriod("P" + days + "WD")
		if err != nil {
			return err
		}
		if own := r.o.City.Calendar.After(r.now, n); due.IsZero() || own.Before(due) {
			due = own
		}
	}
	return r.insertTask(ctx, e.Token, e.Element.ID, e.Element.Name, e.Element.Attrs["duty"], r.agencyOf(e.Element), due, "")
}

func (r *run) insertTask(ctx context.Context, id, element string, name i18n.Text, duty, agency string, due time.Time, question string) error {
	return r.later.InsertTask(ctx, store.InsertTaskParams{CaseID: r.row.ID, ID: id, Element: element, Name: text(name), Duty: duty,
		Agency: agency, Area: r.row.Area, Status: "open", OpenedAt: ms(r.now), DueAt: ms(due), Number: r.row.Number, Service: r.row.Service,
		SubjectName: r.row.SubjectName, Question: question})
}

// call does a service task and completes its token.
func (r *run) call(ctx context.Context, e process.Effect) ([]process.Effect, error) {
	name, arg, _ := strings.Cut(e.Element.Attrs["call"], ":")
	out := process.Vars{}
	switch name {
	case "issue":
		if r.ended() { // decided against: there is nothing to issue
			break
		}
		if err := r.issue(ctx); err != nil {
			return nil, err
		}
		result := map[string]any{}
		for k, v := range r.st.Result {
			result[k] = v
		}
		out["result"] = result
	case "fact":
		answer, err := r.inquire().ask(ctx, arg)
		if err != nil {
			return nil, err
		}
		if answer.Found {
			out[arg] = answer.Values
		}
		r.event("asked", map[string]string{"resource": arg, "source.zh": answer.Source.ZH, "source.en": answer.Source.EN})
	case "notify":
		r.event("notified", nil)
	default:
		return nil, fault.Wrap(fault.Internal, "casework.call", i18n.Text{}, fmt.Errorf("element %s: unknown call %q", e.Element.ID, name))
	}
	st, effects, err := r.def.Complete(r.st.Process, e.Token, out)
	r.st.Process = st
	return effects, err
}

func (r *run) ended() bool { return Status(r.row.Status).Ended() }

// settle closes a case whose process has ended, and the process of a case that
// has.
func (r *run) settle(ctx context.Context) error {
	if r.ended() {
		return r.cancel(ctx)
	}
	if !r.st.Process.Done() {
		return nil
	}
	status := Status(r.row.Status)
	if status == Accepted || status == Submitted { // it ended without a decision of its own: the rules decided
		if err := r.approve(ctx, "rule"); err != nil {
			return err
		}
	}
	if err := r.wake(ctx); err != nil {
		return err
	}
	if r.row.Delivery == "online" {
		if err := r.move("casework.settle", CmdClose); err != nil {
			return err
		}
		r.event("closed", nil)
		return nil
	}
	return r.insertTask(ctx, DutyDeliver, "", i18n.M("casework.task.deliver"), DutyDeliver, r.svc.Agency, at(r.row.DueAt), r.row.Delivery)
}

// cancel ends what is left of the process.
func (r *run) cancel(ctx context.Context) error {
	st, effects := r.def.Cancel(r.st.Process)
	r.st.Process = st
	for _, e := range effects {
		if _, err := r.effect(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// approve records a decision for the applicant. From now on the clock is that
// of delivery (行政许可法 art. 44).
func (r *run) approve(ctx context.Context, by string) error {
	if err := r.move("casework.approve", CmdApprove); err != nil {
		return err
	}
	r.st.DecidedAt = ms(r.now)
	r.row.DueAt = ms(r.o.City.Calendar.Deadline(r.now, r.o.days(workday.Delivery)))
	r.st.Decision = &Decision{Approve: true, By: by, Agency: r.svc.Agency, At: ms(r.now)}
	r.event("approved", map[string]string{"by": by})
	return r.endConsults(ctx)
}

// endConsults takes back the questions that nobody answered: the decision is made.
func (r *run) endConsults(ctx context.Context) error {
	for taskID, c := range r.st.Consults {
		if c.Answered != 0 {
			continue
		}
		if err := r.later.EndTask(ctx, store.EndTaskParams{Status: "cancelled", DoneAt: ms(r.now), CaseID: r.row.ID, ID: taskID}); err != nil {
			return err
		}
	}
	return nil
}

// finish queues everything that the transaction has to write.
func (r *run) finish(ctx context.Context) error {
	if err := queries(r.tx.Held()).UpdateCase(ctx, store.UpdateCaseParams{Holder: r.row.Holder, Status: r.row.Status, NewRev: r.row.Rev + 1, DueAt: r.row.DueAt,
		ClosedAt: r.row.ClosedAt, State: text(r.st), ID: r.row.ID, OldRev: r.row.Rev}); err != nil {
		return err
	}
	r.row.Rev++
	return r.record(ctx)
}

// record queues the events, their ledger leaf and what the applicant is told,
// and forgets the job of silence, which lasts as long as the case is submitted.
func (r *run) record(ctx context.Context) error {
	if r.taken {
		if err := db.Cancel(ctx, r.tx, jobSilence, r.row.ID); err != nil {
			return err
		}
	}
	if len(r.events) == 0 {
		return nil
	}
	for _, e := range r.events {
		if err := r.later.InsertEvent(ctx, e); err != nil {
			return err
		}
	}
	leaf := ledger.Leaf{ID: fmt.Sprintf("%s/%d", r.row.ID, r.st.Events), Kind: "case", Subject: r.row.ID, At: r.now, Body: []byte(text(r.leaf))}
	if err := ledger.Append(ctx, r.tx, leaf); err != nil {
		return err
	}
	for _, n := range r.noted {
		job := db.Job{Kind: JobNotice, Key: fmt.Sprintf("%s/%d", n.CaseID, n.Seq), Payload: []byte(text(n)), RunAt: r.now}
		if err := db.Enqueue(ctx, r.tx, job); err != nil {
			return err
		}
	}
	return nil
}
