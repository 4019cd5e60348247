package casework_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/exchange"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/licence"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
)

// monday is a working day with a working week after it.
var monday = time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)

// world is the sample city with an office, on one engine.
type world struct {
	t        *testing.T
	ctx      context.Context
	db       *db.DB
	clock    *clock.Fake
	city     *catalog.City
	office   *casework.Office
	worker   *db.Worker
	licences *licence.Store
	parties  *party.Store
	exchange *exchange.Store
	policy   *policy.Policy
	notices  []casework.Notice
}

// shanghai is the sample city. It is read-only, so that one serves all tests.
var shanghai = sync.OnceValues(func() (*catalog.City, error) { return load("../packs/shanghai") })

func load(dir string) (*catalog.City, error) {
	city, problems := catalog.Load(os.DirFS(dir))
	var errs []error
	for _, p := range problems {
		errs = append(errs, fmt.Errorf("%s: %s", dir, p))
	}
	return city, errors.Join(errs...)
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	city, err := shanghai()
	if err != nil {
		t.Fatal(err)
	}
	return furnish(t, d, city)
}

// furnish puts the city's people into the database and opens its office.
func furnish(t *testing.T, d *db.DB, city *catalog.City) *world {
	t.Helper()
	w := &world{t: t, ctx: t.Context(), db: d, clock: clock.NewFake(monday), city: city}
	keys, err := licence.OpenKeys(t.TempDir())
	w.must(err)
	w.parties = party.New(d, w.clock.Now)
	w.exchange = exchange.New(d, w.clock.Now, w.city.Resources, w.city.Agencies)
	w.licences = licence.New(d, keys, w.clock.Now, "https://city.example", w.city)
	p, err := policy.Load()
	w.must(err)
	w.must(demo.Seed(w.ctx, demo.Stores{DB: d, City: w.city, Parties: w.parties, Exchange: w.exchange, Licences: w.licences, Now: monday}))
	w.policy = p
	w.open(w.city)
	return w
}

// open publishes the city and opens its office, beside or in place of an
// earlier one on the same database.
func (w *world) open(city *catalog.City) {
	w.t.Helper()
	w.city = city
	w.must(w.db.Write(w.ctx, func(ctx context.Context, tx db.Tx) error { return catalog.Publish(ctx, tx, city) }))
	w.office = casework.New(casework.Deps{DB: w.db, City: city, Archive: catalog.NewArchive(), Parties: w.parties, Exchange: w.exchange,
		Licences: w.licences, Policy: w.policy, Clock: w.clock.Now})
	w.worker = db.NewWorker(w.db, w.clock.Now, discard())
	w.office.Jobs(w.worker)
	w.worker.Handle(casework.JobNotice, func(_ context.Context, _ db.Tx, job db.Job) error {
		var n casework.Notice
		w.notices = append(w.notices, n)
		return json.Unmarshal(job.Payload, &w.notices[len(w.notices)-1])
	})
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%+v", err)
	}
}

// citizen is a persona acting for themself, or for another with a mandate.
func (w *world) citizen(id string, forWhom ...string) policy.Principal {
	w.t.Helper()
	actor := party.Actor{Party: party.ID(id), For: party.ID(id)}
	if len(forWhom) > 0 {
		actor.For = party.ID(forWhom[0])
	}
	return policy.Principal{ID: id, Kind: policy.Citizen, Actor: actor, Name: id}
}

// officer is someone of the agency with the roles.
func (w *world) officer(agency string, roles ...string) policy.Principal {
	if len(roles) == 0 {
		roles = []string{policy.RoleOfficer, policy.RoleDecider}
	}
	return policy.Principal{ID: agency + "-officer", Kind: policy.Officer, Agency: agency, Roles: roles, Name: agency,
		Actor: party.Actor{Party: party.ID(agency + "-officer")}}
}

// fill answers whatever a draft still asks, with the first answer that fits.
func (w *world) fill(pr policy.Principal, d casework.Draft) casework.Draft {
	w.t.Helper()
	answers := map[string]string{}
	for _, service := range d.Members {
		s, _ := w.city.Service(service)
		for _, q := range s.At(today(w)).Scenarios {
			answers[q.ID] = q.Choices[0].Value
		}
	}
	d, err := w.office.Answer(w.ctx, pr, d.ID, d.Rev, answers)
	w.must(err)
	values := map[string]any{}
	for range 3 { // a value may show further fields
		for _, f := range d.Form.Visible(d.Data) {
			if _, ok := d.Data[f.Key]; !ok && f.Required {
				values[f.Key] = sample(w.t, f)
			}
		}
		if len(values) > 0 {
			d, err = w.office.Save(w.ctx, pr, d.ID, d.Rev, -1, values)
			w.must(err)
		}
	}
	plan, err := w.office.Plan(w.ctx, pr, d.ID)
	w.must(err)
	for _, it := range plan.Items {
		if it.How != casework.Missing {
			continue
		}
		if it.PledgeOffered {
			d, err = w.office.Pledge(w.ctx, pr, d.ID, it.Requirement.ID, true)
		} else {
			d, err = w.office.Upload(w.ctx, pr, d.ID, it.Requirement.ID, casework.File{Name: "材料.pdf", Data: []byte("%PDF-1.4 sample")})
		}
		w.must(err)
	}
	return d
}

// apply opens, fills and submits.
func (w *world) apply(pr policy.Principal, t casework.Target) casework.Receipt {
	w.t.Helper()
	d, err := w.office.OpenDraft(w.ctx, pr, t)
	w.must(err)
	d = w.fill(pr, d)
	r, err := w.office.Submit(w.ctx, pr, "", nil, d.ID)
	w.must(err)
	return r
}

// work does the first open task of the case that no earlier officer did, with
// the choice that carries it on, and returns false when none is open.
func (w *world) work(caseID string) bool {
	w.t.Helper()
	pr := policy.Principal{ID: "dsj-supervisor", Kind: policy.System}
	c, err := w.office.Case(w.ctx, pr, caseID)
	w.must(err)
	if len(c.Tasks) == 0 {
		return false
	}
	task := c.Tasks[0]
	choice := map[string]string{"accept": "accept", "review": "approve", "decide": "approve", "deliver": "done", "consult": "done"}[task.Duty]
	_, err = w.office.Complete(w.ctx, w.officer(task.Agency), caseID, task.ID, casework.Outcome{Choice: choice, Note: "符合条件"})
	w.must(err)
	return true
}

// finish works until nothing is open.
func (w *world) finish(caseID string) casework.Case {
	w.t.Helper()
	for range 30 {
		if !w.work(caseID) {
			_, err := w.worker.RunDue(w.ctx)
			w.must(err)
			c, err := w.office.Case(w.ctx, policy.Principal{ID: "system", Kind: policy.System}, caseID)
			w.must(err)
			if len(c.Tasks) == 0 {
				return c
			}
		}
	}
	w.t.Fatalf("case %s: still open tasks after 30 steps", caseID)
	return casework.Case{}
}

func kinds(c casework.Case) []string {
	var list []string
	for _, e := range c.Events {
		list = append(list, e.Kind)
	}
	return list
}

func has(c casework.Case, kind string) bool { return slices.Contains(kinds(c), kind) }
