package desk_test

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/eligibility"
	"github.com/tongban/tongban/exchange"
	"github.com/tongban/tongban/form"
	"github.com/tongban/tongban/grant"
	"github.com/tongban/tongban/identity"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
	"github.com/tongban/tongban/licence"
	"github.com/tongban/tongban/outreach"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
	"github.com/tongban/tongban/web/desk"
	"github.com/tongban/tongban/workday"
)

// monday is a working day with a working week after it, in the morning.
var monday = time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)

// world is the sample city with a desk, on SQLite: the desk has no SQL of its
// own.
type world struct {
	t        *testing.T
	ctx      context.Context
	clock    *clock.Fake
	city     *catalog.City
	office   *casework.Office
	parties  *party.Store
	worker   *db.Worker
	handler  http.Handler
	db       *db.DB
	exchange *exchange.Store
	grants   *grant.Store
	engine   *eligibility.Engine // without populations until a test opens it
	present  party.ID            // who is at the clerk's counter
}

// Intake and Leave make the world a desk.Counter.
func (w *world) Intake(_ context.Context, applicant party.ID) error {
	w.present = applicant
	return nil
}

func (w *world) Leave(context.Context) error {
	w.present = ""
	return nil
}

// town is the pack with its index and its rules.
type town struct {
	city  *catalog.City
	index *catalog.Index
	book  *eligibility.Book
}

// sampleTown is read once: nobody changes it.
var sampleTown = sync.OnceValues(func() (town, error) {
	city, problems := catalog.Load(os.DirFS("../../packs/shanghai"))
	if len(problems) > 0 {
		return town{}, fmt.Errorf("pack: %v", problems)
	}
	index, err := catalog.NewIndex(city)
	if err != nil {
		return town{}, err
	}
	book, err := eligibility.NewBook(city)
	return town{city, index, book}, err
})

func newWorld(t *testing.T) *world {
	t.Helper()
	d := testdb.Open(t, db.SQLite)
	w := &world{t: t, ctx: t.Context(), db: d, clock: clock.NewFake(monday)}
	sample, err := sampleTown()
	w.must(err)
	city, index := sample.city, sample.index
	w.city = city
	keys, err := licence.OpenKeys(t.TempDir())
	w.must(err)
	p, err := policy.Load()
	w.must(err)
	archive := catalog.NewArchive()
	w.parties = party.New(d, w.clock.Now)
	registers := exchange.New(d, w.clock.Now, city.Resources, city.Agencies)
	licences := licence.New(d, keys, w.clock.Now, "https://city.example", city)
	w.must(demo.Seed(w.ctx, demo.Stores{DB: d, City: city, Parties: w.parties, Exchange: registers, Licences: licences, Now: monday}))
	w.must(d.Write(w.ctx, func(ctx context.Context, tx db.Tx) error { return catalog.Publish(ctx, tx, city) }))
	w.office = casework.New(casework.Deps{DB: d, City: city, Archive: archive, Parties: w.parties, Exchange: registers, Licences: licences,
		Policy: p, Clock: w.clock.Now})
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	w.worker = db.NewWorker(d, w.clock.Now, quiet)
	w.office.Jobs(w.worker)
	w.worker.Handle(casework.JobNotice, func(context.Context, db.Tx, db.Job) error { return nil })
	w.exchange = registers
	w.engine = eligibility.NewEngine(eligibility.EngineDeps{DB: d, City: city, Exchange: registers, Dir: t.TempDir(), Clock: w.clock.Now, Log: quiet})
	t.Cleanup(func() { _ = w.engine.Close() })
	w.grants = grant.New(grant.Deps{DB: d, City: city, Book: sample.book, Exchange: registers, Parties: w.parties, Office: w.office,
		Messages: outreach.New(d, w.clock.Now), Policy: p, Clock: w.clock.Now, Population: w.engine})
	w.grants.Jobs(w.worker)
	w.handler = desk.New(desk.Deps{DB: d, City: city, Archive: archive, Index: index, Office: w.office, Parties: w.parties, Grants: w.grants,
		Engine: w.engine, Book: sample.book,
		Policy: p, Counter: w, Clock: w.clock.Now, Log: quiet})
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%+v", err)
	}
}

// officer is one of the pack's public servants.
func (w *world) officer(id string) policy.Principal {
	w.t.Helper()
	o, ok := w.city.Officer(id)
	if !ok {
		w.t.Fatalf("no officer %s", id)
	}
	return policy.Principal{ID: o.ID, Kind: policy.Officer, Name: o.Name, Agency: o.Agency, Area: o.Area, Roles: o.Roles,
		Actor: party.Actor{Party: party.ID(o.ID)}}
}

func citizen(id string) policy.Principal {
	return policy.Principal{ID: id, Kind: policy.Citizen, Name: id, Actor: party.Actor{Party: party.ID(id), For: party.ID(id)}}
}

// who is the principal of a name: an officer of the pack, a persona, or nobody.
// "sq-clerk@chen-guilan" is the clerk with the persona at the counter.
func (w *world) who(name string) policy.Principal {
	name, guest, _ := strings.Cut(name, "@")
	if name == "" {
		return policy.Principal{}
	}
	if _, ok := w.city.Officer(name); ok {
		pr := w.officer(name)
		pr.Actor.For = party.ID(guest)
		return pr
	}
	return citizen(name)
}

// sitting is the session of a principal, as identity would give it.
func (w *world) sitting(pr policy.Principal) identity.Sitting {
	s := identity.Sitting{Principal: pr, Self: party.Party{ID: party.ID(pr.ID), Name: pr.Name}}
	s.For = s.Self
	if guest := cmp.Or(pr.Actor.For, w.present); pr.Has(policy.RoleClerk) && guest != "" {
		whom, err := w.parties.Get(w.ctx, w.db.Reader(), guest)
		w.must(err)
		s.For, s.Principal.Actor.For = whom, whom.ID
	}
	return s
}

// apply opens, fills and submits a service for a persona.
func (w *world) apply(persona, service string) casework.Case {
	w.t.Helper()
	c, err := w.submit(citizen(persona), service)
	w.must(err)
	return c
}

func (w *world) submit(pr policy.Principal, service string) (casework.Case, error) {
	d, err := w.office.OpenDraft(w.ctx, pr, casework.Target{Service: service})
	if err != nil {
		return casework.Case{}, err
	}
	if d, err = w.fill(pr, d); err != nil {
		return casework.Case{}, err
	}
	r, err := w.office.Submit(w.ctx, pr, "", nil, d.ID)
	if err != nil {
		return casework.Case{}, err
	}
	return r.Cases[0], nil
}

// fill answers whatever a draft still asks, with the first answer that fits.
func (w *world) fill(pr policy.Principal, d casework.Draft) (casework.Draft, error) {
	answers := map[string]string{}
	for _, id := range d.Members {
		s, _ := w.city.Service(id)
		for _, q := range s.At(workday.DateOf(w.clock.Now(), w.city.Calendar.Zone())).Scenarios {
			answers[q.ID] = q.Choices[0].Value
		}
	}
	d, err := w.office.Answer(w.ctx, pr, d.ID, d.Rev, answers)
	if err != nil {
		return d, err
	}
	values := map[string]any{}
	for range 3 { // a value may show further fields
		for _, f := range d.Form.Visible(d.Data) {
			if _, ok := d.Data[f.Key]; !ok && f.Required {
				values[f.Key] = sample(f)
			}
		}
		if len(values) > 0 {
			if d, err = w.office.Save(w.ctx, pr, d.ID, d.Rev, -1, values); err != nil {
				return d, err
			}
		}
	}
	return w.handIn(pr, d)
}

func (w *world) handIn(pr policy.Principal, d casework.Draft) (casework.Draft, error) {
	plan, err := w.office.Plan(w.ctx, pr, d.ID)
	for _, it := range plan.Items {
		if it.How != casework.Missing || err != nil {
			continue
		}
		if it.PledgeOffered {
			d, err = w.office.Pledge(w.ctx, pr, d.ID, it.Requirement.ID, true)
		} else {
			d, err = w.office.Upload(w.ctx, pr, d.ID, it.Requirement.ID, casework.File{Name: "材料.pdf", Data: []byte("%PDF-1.4 sample")})
		}
	}
	return d, err
}

// sample is a value that the field takes.
func sample(f *form.Field) any {
	special := map[string]any{"account": "6222020000000001", "certificate_no": "X999000001", "from_day": "2026-12-01", "until_day": "2027-11-30",
		"firm_kind": "one", "holder_count": int64(1)}
	if v, ok := special[f.Key]; ok {
		return v
	}
	if f.Widget == "checkboxes" {
		var all []string
		for _, c := range f.Choices {
			all = append(all, c.Value)
		}
		return all
	}
	if len(f.Choices) > 0 {
		return f.Choices[0].Value
	}
	byWidget := map[string]any{"date": "2026-11-02", "year-month": "2026-11", "phone": "19900000001", "email": "someone@example.com",
		"citizen-id": "11010519491231002X", "uscc": "91350100M000100Y43", "area": "310115", "checkbox": true, "money": int64(1), "number": int64(1)}
	if v, ok := byWidget[f.Widget]; ok {
		if f.Min != nil && *f.Min > 1 {
			return int64(*f.Min)
		}
		return v
	}
	if f.Type == "integer" || f.Type == "number" {
		return int64(1)
	}
	return "示例内容"
}

// does completes the open task of a duty as the officer.
func (w *world) does(officer string, c casework.Case, duty, choice, note string) {
	w.t.Helper()
	_, err := w.office.Complete(w.ctx, w.officer(officer), c.ID, w.task(officer, c, duty).ID, casework.Outcome{Choice: choice, Note: note})
	w.must(err)
}

// task is the case's open task of a duty.
func (w *world) task(officer string, c casework.Case, duty string) casework.Task {
	w.t.Helper()
	now, err := w.office.Case(w.ctx, w.officer(officer), c.ID)
	w.must(err)
	for _, t := range now.Tasks {
		if t.Duty == duty {
			return t
		}
	}
	w.t.Fatalf("case %s has no open task %q: %+v", c.Number, duty, now.Tasks)
	return casework.Task{}
}
