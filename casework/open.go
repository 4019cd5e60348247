package casework

import (
	"context"
	"slices"
	"strings"

	"github.com/tongban/tongban/form"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/id"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
	"github.com/tongban/tongban/workday"

	"github.com/tongban/tongban/casework/internal/store"
)

// The channels by which a case comes in, by their codes in GB/T 39554.
const (
	atCounter = "1"
	atPortal  = "3"
)

// place is where a case stands in its life event.
type place struct {
	Event    string
	After    []string
	Feed     map[string]string
	Scenario map[string]string
}

// open creates the case of one member.
func (o *Office) open(ctx context.Context, tx db.Tx, pr policy.Principal, actor party.Actor, subject party.Party, bundle, delivery string, f filing, m member) (Case, error) {
	r := o.newRun(tx, pr, actor, subject, bundle, delivery, m)
	r.st.Alone = len(f.members) == 1
	own := m.form.Prune(dataOf(m, f.keys, f.draft.Data))
	vars := f.vars[m.service.ID]
	fees, err := o.fees(m, vars)
	if err != nil {
		return Case{}, err
	}
	r.event("submitted", nil)
	if e, ok := o.City.Event(f.draft.Event); ok { // one submission, one message
		if m.service.ID != f.members[0].service.ID {
			r.noted = nil
		} else {
			r.noted[0].Name, r.noted[0].Number = e.Name, ""
		}
	}
	if len(m.after) > 0 {
		r.row.Status = string(Waiting)
		r.event("waiting", nil)
	} else if err := r.begin(ctx, vars); err != nil {
		return Case{}, err
	}
	stands := place{Event: f.draft.Event, After: m.after, Feed: m.feed, Scenario: f.draft.Scenario}
	if err := r.file(ctx, own, dataOf(m, f.keys, f.draft.Provenance), itemsFor(f.items, m.service.ID), fees, stands); err != nil {
		return Case{}, err
	}
	if err := r.create(ctx); err != nil {
		return Case{}, err
	}
	c := r.summary()
	c.Event, c.Fees, c.Scenario = f.draft.Event, fees, f.draft.Scenario
	return c, nil
}

// newRun is the case of a member at its very beginning.
func (o *Office) newRun(tx db.Tx, pr policy.Principal, actor party.Actor, subject party.Party, bundle, delivery string, m member) *run {
	now, caseID := o.Clock(), id.New()
	channel := atPortal
	if pr.Kind == policy.Officer {
		channel = atCounter
	}
	if !slices.Contains(m.version.Delivery, delivery) {
		delivery = "online"
		if len(m.version.Delivery) > 0 {
			delivery = m.version.Delivery[0]
		}
	}
	r := &run{o: o, tx: tx, later: queries(tx.Later()), svc: m.service, ver: m.version, def: m.process, who: pr, now: now}
	r.row = store.Case{ID: caseID, Number: caseNumber(caseID, workday.DateOf(now, o.City.Calendar.Zone())), Bundle: bundle, Service: m.service.ID, Version: o.versions[versionKey(m.service.ID, m.version.Effective)].hash,
		Agency: m.service.Agency, Area: subject.Area, Subject: string(subject.ID), SubjectName: subject.Name, Holder: string(subject.ID),
		Agent: string(actor.Party), Mandate: actor.Mandate, Channel: channel, Delivery: delivery, Status: string(Submitted), SubmittedAt: ms(now)}
	r.st.Definition, r.st.Form = m.process.Hash, m.form.Hash
	return r
}

// file queues what the case rests on.
func (r *run) file(ctx context.Context, data map[string]any, provenance map[string]form.Provenance, items []Item, fees []FeeShare, stands place) error {
	return r.later.InsertDossier(ctx, store.InsertDossierParams{CaseID: r.row.ID, Form: text(data), Provenance: text(provenance),
		Evidence: text(items), Fees: text(fees), Member: text(stands)})
}

// begin sets the clock of acceptance and starts the process.
func (r *run) begin(ctx context.Context, vars map[string]any) error {
	r.st.ReceivedAt = ms(r.now)
	if r.ver.Handling == "1" { // instant: today
		r.row.DueAt = ms(r.o.City.Calendar.Deadline(r.now, 0))
	} else {
		due := r.o.City.Calendar.Deadline(r.now, r.o.days(workday.Supplement))
		r.row.DueAt = ms(due)
		if err := db.Enqueue(ctx, r.tx, db.Job{Kind: jobSilence, Key: r.row.ID, RunAt: due}); err != nil {
			return err
		}
	}
	return r.start(ctx, vars)
}

// create queues the new case's row and its events.
func (r *run) create(ctx context.Context) error {
	c := r.row
	err := r.later.InsertCase(ctx, store.InsertCaseParams{ID: c.ID, Number: c.Number, Bundle: c.Bundle, Service: c.Service, Version: c.Version,
		Agency: c.Agency, Area: c.Area, Subject: c.Subject, SubjectName: c.SubjectName, Holder: c.Holder, Agent: c.Agent, Mandate: c.Mandate,
		Channel: c.Channel, Delivery: c.Delivery, Status: c.Status, Rev: 1, SubmittedAt: c.SubmittedAt, DueAt: c.DueAt, ClosedAt: c.ClosedAt, State: text(r.st)})
	if err != nil {
		return err
	}
	return r.record(ctx)
}

// automatic reports whether everything that the case rests on comes from the
// city's own records, unchanged: a process may then decide by rule.
func automatic(items []Item, prov map[string]form.Provenance) bool {
	for _, it := range items {
		if it.Grade != "A" && it.How != Optional {
			return false
		}
	}
	for _, p := range prov {
		if p.Edited {
			return false
		}
	}
	return true
}

func itemsFor(items []Item, service string) []Item {
	var own []Item
	for _, it := range items {
		if slices.Contains(it.Services, service) {
			own = append(own, it)
		}
	}
	return own
}

// caseNumber is what people read out on the phone: the date, and eight
// characters without look-alikes out of the case's random id.
func caseNumber(caseID string, day workday.Date) string {
	const alphabet = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
	hex := strings.ReplaceAll(caseID, "-", "")
	var n uint64
	for _, c := range hex[len(hex)-16:] {
		n = n<<4 | uint64(strings.IndexRune("0123456789abcdef", c))
	}
	var b strings.Builder
	b.WriteString(strings.ReplaceAll(day.String(), "-", ""))
	for i := range 8 {
		if i%4 == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(alphabet[n%uint64(len(alphabet))])
		n /= uint64(len(alphabet))
	}
	return b.String()
}
