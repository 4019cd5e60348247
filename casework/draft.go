package casework

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
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

// Answer records the answers to the scenario questions. Errors: Invalid with a
// field "/scenario/ID" for an answer that is not offered.
func (o *Office) Answer(ctx context.Context, pr policy.Principal, draftID string, rev int64, scenario map[string]string) (Draft, error) {
	const op = "casework.Answer"
	return o.change(ctx, pr, draftID, rev, func(ctx context.Context, tx db.Tx, d *Draft) error {
		members, err := o.members(op, *d)
		if err != nil {
			return err
		}
		if wrong := checkScenario(members, scenario, false); len(wrong) > 0 {
			return fault.Fields(op, wrong...)
		}
		maps.Copy(d.Scenario, scenario)
		return nil
	})
}

// Save stores the values of one step and then checks that step: where the
// check finds faults the values are kept all the same, and the error is Invalid
// with a field for each. Fields of the step that values lacks are emptied. A
// step of -1 sets just the given values, and a nil value empties its field;
// fields that the form does not know, and other values for those that are never
// typed, are refused and nothing is stored.
func (o *Office) Save(ctx context.Context, pr policy.Principal, draftID string, rev int64, step int, values map[string]any) (Draft, error) {
	const op = "casework.Save"
	var wrong []fault.Field
	d, err := o.change(ctx, pr, draftID, rev, func(ctx context.Context, tx db.Tx, d *Draft) error {
		if refused := append(unknownFields(d.Form, values), fixedFields(d, values)...); len(refused) > 0 {
			return fault.Fields(op, refused...)
		}
		if step >= len(d.Form.Steps) || step < -1 {
			return fault.New(fault.NotFound, op, i18n.M("casework.noStep"))
		}
		if step >= 0 {
			for _, key := range d.Form.Steps[step].Fields {
				if !d.Form.Field(key).Readonly {
					set(d, key, values[key])
				}
			}
			wrong = d.Form.Step(d.Data, step)
			if len(wrong) == 0 && d.Step == step {
				d.Step = step + 1
			}
			return nil
		}
		for key, value := range values {
			set(d, key, value)
		}
		wrong = presentFaults(d.Form.Validate(d.Data), values)
		return nil
	})
	if err == nil && len(wrong) > 0 {
		err = fault.Fields(op, wrong...)
	}
	return d, err
}

// presentFaults keeps the faults of fields that values sets.
func presentFaults(all []fault.Field, values map[string]any) []fault.Field {
	return slices.DeleteFunc(all, func(f fault.Field) bool {
		v, ok := values[fieldKey(f.Pointer)]
		return !ok || v == nil
	})
}

func fieldKey(pointer string) string {
	if len(pointer) > 0 && pointer[0] == '/' {
		pointer = pointer[1:]
	}
	return pointer
}

func unknownFields(f *form.Form, values map[string]any) []fault.Field {
	known := map[string]bool{}
	for _, field := range f.Fields {
		known[field.Key] = true
	}
	var unknown []fault.Field
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if !known[key] && len(unknown) < maxUnknown {
			key = clip(key)
			unknown = append(unknown, fault.Field{Pointer: "/" + pointers.Replace(key), Message: i18n.M("casework.unknownField", "field", key)})
		}
	}
	return unknown
}

// fixedFields are the values that differ in fields that are shown and filled,
// and never typed.
func fixedFields(d *Draft, values map[string]any) []fault.Field {
	var fixed []fault.Field
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if f := d.Form.Field(key); f != nil && f.Readonly && !same(d.Data[key], values[key]) {
			fixed = append(fixed, fault.Field{Pointer: "/" + pointers.Replace(key), Message: i18n.M("casework.fixedField", "field", f.Label)})
		}
	}
	return fixed
}

// pointers writes a key in a JSON pointer (RFC 6901).
var pointers = strings.NewReplacer("~", "~0", "/", "~1")

// maxUnknown is the most unknown fields that are told of.
const maxUnknown = 20

// clip shortens what somebody else made up, for a message.
func clip(s string) string {
	if runes := []rune(s); len(runes) > 40 {
		return string(runes[:40]) + "…"
	}
	return s
}

// set stores one value; a prefilled field whose value changes is marked edited.
func set(d *Draft, key string, value any) {
	if p, ok := d.Provenance[key]; ok && !p.Edited && !same(d.Data[key], value) {
		p.Edited = true
		d.Provenance[key] = p
	}
	if value == nil {
		delete(d.Data, key)
		return
	}
	d.Data[key] = value
}

// same compares two values as JSON sees them: numbers by value.
func same(a, b any) bool {
	if x, ok := number(a); ok {
		y, ok := number(b)
		return ok && x == y
	}
	return reflect.DeepEqual(a, b)
}

func number(v any) (float64, bool) {
	switch n := v.(type) {
	case float64:
		return n, true
	case int64:
		return float64(n), true
	case int:
		return float64(n), true
	}
	return 0, false
}

// Pledge records, or takes back, the pledge that replaces a document. Errors:
// Invalid where the law allows no pledge for it.
func (o *Office) Pledge(ctx context.Context, pr policy.Principal, draftID, requirement string, agreed bool) (Draft, error) {
	const op = "casework.Pledge"
	return o.change(ctx, pr, draftID, 0, func(ctx context.Context, tx db.Tx, d *Draft) error {
		req, err := o.requirement(op, *d, requirement)
		if err != nil {
			return err
		}
		if req.Pledge.IsZero() {
			return fault.Fields(op, fault.Field{Pointer: "/evidence/" + requirement, Message: i18n.M("casework.noPledge")})
		}
		if !agreed {
			delete(d.body.Pledges, requirement)
			return nil
		}
		d.body.Pledges[requirement] = ms(o.Clock())
		return nil
	})
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
