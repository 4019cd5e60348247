package casework

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/form"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/internal/id"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"

	"github.com/tongban/tongban/casework/internal/store"
)

// Target is what a draft is for: one service, or a life event with those of
// its members that the applicant chose (nil: all that are not optional).
type Target struct {
	Service string
	Event   string
	Members []string
}

func (t Target) key() string {
	if t.Event != "" {
		return "event:" + t.Event
	}
	return "service:" + t.Service
}

// Draft is an application in the making. There is one for each subject and
// target; it can be taken up on another device. Rev grows with every change,
// and a change must name the Rev that it saw.
type Draft struct {
	ID         string
	Service    string
	Event      string
	Members    []string // the services it will submit
	Subject    party.ID
	Owner      party.ID
	Form       *form.Form              // of a life event: the members' forms merged
	Version    *catalog.ServiceVersion // of a single service
	Scenario   map[string]string
	Data       map[string]any
	Provenance map[string]form.Provenance
	Step       int // the first step not yet done
	Rev        int64
	SavedAt    time.Time

	body draftBody
}

// draftBody is what the store keeps of a draft as JSON.
type draftBody struct {
	Service    string
	Event      string
	Members    []string
	Scenario   map[string]string
	Data       map[string]any
	Provenance map[string]form.Provenance
	Step       int
	Files      map[string]string // requirement -> file
	Pledges    map[string]int64  // requirement -> when, ms
}

// OpenDraft takes up the subject's draft for the target, or begins one with
// every field filled that the city already knows. A draft that is taken up with
// other members than it has changes to those. The subject is whom pr acts for.
// Errors: NotFound, Denied, Invalid with a field "/members".
func (o *Office) OpenDraft(ctx context.Context, pr policy.Principal, t Target) (Draft, error) {
	const op = "casework.OpenDraft"
	subject := pr.Actor.For
	if err := o.allow(pr, policy.DraftEdit, policy.Resource{Type: "draft", Owner: subject}); err != nil {
		return Draft{}, err
	}
	if err := o.exists(op, t); err != nil {
		return Draft{}, err
	}
	var d Draft
	err := o.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		row, err := queries(tx).DraftByTarget(ctx, store.DraftByTargetParams{Subject: string(subject), Target: t.key()})
		if err == nil {
			if d, err = o.takeUp(ctx, tx, pr, op, row); err != nil || t.Members == nil || slices.Equal(t.Members, d.Members) {
				return err
			}
			return o.choose(ctx, tx, pr, &d, t.Members)
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return fault.Wrap(fault.Internal, op, i18n.Text{}, err)
		}
		d, err = o.beginDraft(ctx, tx, pr, t)
		return err
	})
	if db.IsUnique(err) { // begun on another device in the same instant
		row, err := queries(o.DB.Reader()).DraftByTarget(ctx, store.DraftByTargetParams{Subject: string(subject), Target: t.key()})
		if err != nil {
			return Draft{}, fault.Wrap(fault.Internal, op, i18n.Text{}, err)
		}
		return o.takeUp(ctx, o.DB.Reader(), pr, op, row)
	}
	return d, err
}

// exists checks that the target is one of the city's.
func (o *Office) exists(op string, t Target) error {
	if t.Event == "" {
		_, _, err := o.service(op, t.Service)
		return err
	}
	if _, ok := o.City.Event(t.Event); !ok {
		return fault.New(fault.NotFound, op, i18n.M("casework.noEvent"))
	}
	return nil
}

// takeUp reads a stored draft for someone who may have it.
func (o *Office) takeUp(ctx context.Context, q db.Queryer, pr policy.Principal, op string, row store.Draft) (Draft, error) {
	d, err := o.readDraft(op, row)
	if err == nil {
		err = o.covered(ctx, q, pr, d.Members...)
	}
	if err != nil {
		return Draft{}, err
	}
	return d, nil
}

func (o *Office) beginDraft(ctx context.Context, tx db.Tx, pr policy.Principal, t Target) (Draft, error) {
	const op = "casework.OpenDraft"
	body := draftBody{Service: t.Service, Event: t.Event, Members: t.Members, Scenario: map[string]string{},
		Data: map[string]any{}, Provenance: map[string]form.Provenance{}, Files: map[string]string{}, Pledges: map[string]int64{}}
	if t.Event != "" && t.Members == nil {
		body.Members = o.defaultMembers(t.Event)
	} else if t.Event == "" {
		body.Members = []string{t.Service}
	}
	d := Draft{ID: id.New(), Subject: pr.Actor.For, Owner: pr.Actor.Party, Rev: 1, SavedAt: o.Clock(), body: body}
	if err := o.spread(op, &d); err != nil {
		return Draft{}, err
	}
	for _, service := range d.Members {
		if _, err := o.mandate(ctx, tx, pr, service); err != nil {
			return Draft{}, err
		}
	}
	if err := o.prefill(ctx, tx, pr, &d); err != nil {
		return Draft{}, err
	}
	return d, o.storeDraft(ctx, tx, d, true)
}

// choose changes the members of a life event's draft, and keeps what was typed.
func (o *Office) choose(ctx context.Context, tx db.Tx, pr policy.Principal, d *Draft, members []string) error {
	const op = "casework.OpenDraft"
	d.body.Members = members
	if err := o.spread(op, d); err != nil {
		return err
	}
	if err := o.covered(ctx, tx, pr, members...); err != nil {
		return err
	}
	if err := o.prefill(ctx, tx, pr, d); err != nil {
		return err
	}
	d.Owner, d.Rev, d.SavedAt, d.Step = pr.Actor.Party, d.Rev+1, o.Clock(), 0
	return o.storeDraft(ctx, tx, *d, false)
}

func (o *Office) defaultMembers(event string) []string {
	var services []string
	if e, ok := o.City.Event(event); ok {
		for _, m := range e.Members {
			if !m.Optional {
				services = append(services, m.Service)
			}
		}
	}
	return services
}

// spread fills what a draft shows from its body and the city.
func (o *Office) spread(op string, d *Draft) error {
	b := &d.body
	d.Service, d.Event, d.Members = b.Service, b.Event, b.Members
	d.Scenario, d.Data, d.Provenance, d.Step = b.Scenario, b.Data, b.Provenance, b.Step
	members, err := o.members(op, *d)
	if err != nil {
		return err
	}
	if d.Event == "" {
		d.Form, d.Version = members[0].form, members[0].version
		return nil
	}
	d.Form, _, err = mergeForms(d.Event, members)
	return err
}

func (o *Office) readDraft(op string, row store.Draft) (Draft, error) {
	body, err := parse[draftBody](op, row.Body)
	if err != nil {
		return Draft{}, err
	}
	if body.Members = o.offered(body.Event, body.Members); len(body.Members) == 0 {
		return Draft{}, fault.New(fault.NotFound, op, i18n.M("casework.noDraft"))
	}
	d := Draft{ID: row.ID, Subject: party.ID(row.Subject), Owner: party.ID(row.Owner), Rev: row.Rev, SavedAt: at(row.SavedAt), body: body}
	return d, o.spread(op, &d)
}

// offered are those of a stored draft's members that the life event still has
// and that can still be applied for.
func (o *Office) offered(event string, members []string) []string {
	e, ok := o.City.Event(event)
	if !ok {
		return members
	}
	return slices.DeleteFunc(members, func(service string) bool {
		_, _, err := o.service("casework.Draft", service)
		return err != nil || !slices.ContainsFunc(e.Members, func(m catalog.EventMember) bool { return m.Service == service })
	})
}

func (o *Office) storeDraft(ctx context.Context, tx db.Tx, d Draft, fresh bool) error {
	d.body.Scenario, d.body.Data, d.body.Provenance, d.body.Step = d.Scenario, d.Data, d.Provenance, d.Step
	body := text(d.body)
	if fresh {
		return queries(tx).InsertDraft(ctx, store.InsertDraftParams{ID: d.ID, Subject: string(d.Subject),
			Target: Target{Service: d.Service, Event: d.Event}.key(), Owner: string(d.Owner), Rev: d.Rev, SavedAt: ms(d.SavedAt), Body: body})
	}
	return queries(tx).UpdateDraft(ctx, store.UpdateDraftParams{Owner: string(d.Owner), Rev: d.Rev, SavedAt: ms(d.SavedAt), Body: body, ID: d.ID})
}

// Draft reads a draft of whom pr acts for. Errors: NotFound (also for another
// person's draft), Denied.
func (o *Office) Draft(ctx context.Context, pr policy.Principal, draftID string) (Draft, error) {
	return o.loadDraft(ctx, o.DB.Reader(), pr, draftID)
}

func (o *Office) loadDraft(ctx context.Context, q db.Queryer, pr policy.Principal, draftID string) (Draft, error) {
	const op = "casework.Draft"
	row, err := store.Draft{}, sql.ErrNoRows
	if named(draftID) {
		row, err = queries(q).DraftByID(ctx, draftID)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return Draft{}, fault.New(fault.NotFound, op, i18n.M("casework.noDraft"))
	}
	if err != nil {
		return Draft{}, fault.Wrap(fault.Internal, op, i18n.Text{}, err)
	}
	if err := o.allow(pr, policy.DraftEdit, policy.Resource{Type: "draft", ID: row.ID, Owner: party.ID(row.Subject)}); err != nil {
		if fault.Is(err, fault.Denied) { // that the draft exists is nobody else's business
			return Draft{}, fault.New(fault.NotFound, op, i18n.M("casework.noDraft"))
		}
		return Draft{}, err
	}
	return o.takeUp(ctx, q, pr, op, row)
}

// Drafts lists the drafts of whom pr acts for, the latest first. A draft whose
// service is no longer offered, or not covered by pr's mandate, is left out.
func (o *Office) Drafts(ctx context.Context, pr policy.Principal) ([]Draft, error) {
	const op = "casework.Drafts"
	if err := o.allow(pr, policy.DraftEdit, policy.Resource{Type: "draft", Owner: pr.Actor.For}); err != nil {
		return nil, err
	}
	rows, err := queries(o.DB.Reader()).DraftsOf(ctx, string(pr.Actor.For))
	if err != nil {
		return nil, fault.Wrap(fault.Internal, op, i18n.Text{}, err)
	}
	var drafts []Draft
	for _, row := range rows {
		d, err := o.takeUp(ctx, o.DB.Reader(), pr, op, row)
		if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Denied) {
			continue
		}
		if err != nil {
			return nil, err
		}
		drafts = append(drafts, d)
	}
	return drafts, nil
}

// change loads a draft, lets fn change it, and stores it. A rev other than the
// stored one is a Conflict, and the draft returned is the one now stored; rev 0
// takes whatever is there.
func (o *Office) change(ctx context.Context, pr policy.Principal, draftID string, rev int64, fn func(ctx context.Context, tx db.Tx, d *Draft) error) (Draft, error) {
	const op = "casework.change"
	var d Draft
	err := o.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		var err error
		if d, err = o.loadDraft(ctx, tx, pr, draftID); err != nil {
			return err
		}
		if rev != 0 && rev != d.Rev {
			return fault.New(fault.Conflict, op, i18n.M("casework.staleDraft"))
		}
		if err := fn(ctx, tx, &d); err != nil {
			return err
		}
		d.Owner, d.Rev, d.SavedAt = pr.Actor.Party, d.Rev+1, o.Clock()
		return o.storeDraft(ctx, tx, d, false)
	})
	return d, err
}

// Discard throws a draft away.
func (o *Office) Discard(ctx context.Context, pr policy.Principal, draftID string) error {
	return o.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		d, err := o.loadDraft(ctx, tx, pr, draftID)
		if err != nil {
			return err
		}
		for _, file := range d.body.Files {
			if err := queries(tx.Later()).DeleteFile(ctx, file); err != nil {
				return err
			}
		}
		return queries(tx.Later()).DeleteDraft(ctx, d.ID)
	})
}
