package grant_test

import (
	"context"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/eligibility"
	"github.com/tongban/tongban/exchange"
	"github.com/tongban/tongban/grant"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/licence"
	"github.com/tongban/tongban/outreach"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
)

// monday is a working day with a working week after it, late in a month.
var monday = time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)

// town is the small town of the cases' tests with three policies that are given
// without applying: a stipend by the month, an annuity by the year, and a bonus.
var town = sync.OnceValues(func() (*catalog.City, error) {
	pack := fstest.MapFS{}
	base := os.DirFS("../casework/testdata/city")
	err := fs.WalkDir(base, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		src, err := fs.ReadFile(base, name)
		pack[name] = &fstest.MapFile{Data: src}
		return err
	})
	if err != nil {
		return nil, err
	}
	files, err := os.ReadDir("testdata")
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		src, err := os.ReadFile("testdata/" + f.Name())
		if err != nil {
			return nil, err
		}
		switch f.Name() {
		case "resources.yaml":
			pack[f.Name()].Data = append(pack[f.Name()].Data, src...)
		case "attributes.yaml":
			pack[f.Name()] = &fstest.MapFile{Data: src}
		default:
			pack["policies/general/"+f.Name()] = &fstest.MapFile{Data: src}
		}
	}
	city, problems := catalog.Load(pack)
	var all []string
	for _, p := range problems {
		all = append(all, p.String())
	}
	if all != nil {
		return nil, os.NewSyscallError(strings.Join(all, "\n"), fs.ErrInvalid)
	}
	return city, nil
})

type world struct {
	t        *testing.T
	db       *db.DB
	clock    *clock.Fake
	city     *catalog.City
	parties  *party.Store
	exchange *exchange.Store
	engine   *eligibility.Engine
	grants   *grant.Store
	messages *outreach.Store
	licences *licence.Store
	worker   *db.Worker
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{t: t, db: d, clock: clock.NewFake(monday)}
	var err error
	w.city, err = town()
	w.must(err)
	keys, err := licence.OpenKeys(t.TempDir())
	w.must(err)
	book, err := eligibility.NewBook(w.city)
	w.must(err)
	rules, err := policy.Load()
	w.must(err)
	now := w.clock.Now
	w.parties = party.New(d, now)
	w.exchange = exchange.New(d, now, w.city.Resources, w.city.Agencies)
	w.licences = licence.New(d, keys, now, "https://town.example", w.city)
	w.messages = outreach.New(d, now)
	office := casework.New(casework.Deps{DB: d, City: w.city, Archive: catalog.NewArchive(), Parties: w.parties, Exchange: w.exchange, Licences: w.licences, Policy: rules, Clock: now})
	w.write(func(ctx context.Context, tx db.Tx) error { return catalog.Publish(ctx, tx, w.city) })
	w.engine = eligibility.NewEngine(eligibility.EngineDeps{DB: d, City: w.city, Exchange: w.exchange, Dir: t.TempDir(), Clock: now, Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() { w.must(w.engine.Close()) })
	w.grants = grant.New(grant.Deps{DB: d, City: w.city, Book: book, Population: w.engine, Exchange: w.exchange, Parties: w.parties, Office: office, Messages: w.messages,
		Policy: rules, Clock: now})
	w.worker = db.NewWorker(d, now, slog.New(slog.DiscardHandler))
	office.Jobs(w.worker)
	w.grants.Jobs(w.worker)
	w.worker.Handle(exchange.Changed, func(ctx context.Context, tx db.Tx, job db.Job) error {
		return w.grants.Review(ctx, tx, party.ID(job.Payload))
	})
	for _, who := range []party.ID{"an", "bo", "cai"} {
		w.person(who)
	}
	w.run()
	return w
}

// person is an elder of the town.
func (w *world) person(who party.ID) party.ID {
	w.t.Helper()
	w.write(func(ctx context.Context, tx db.Tx) error {
		return w.parties.Put(ctx, tx, party.Party{ID: who, Kind: party.Person, Name: string(who) + "老人", IDType: "414", IDNumber: "T" + string(who), Area: "310101"})
	})
	w.says(who, "1950-01-01", true, true)
	return who
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%+v", err)
	}
}

func (w *world) write(fn func(ctx context.Context, tx db.Tx) error) {
	w.t.Helper()
	w.must(w.db.Write(w.t.Context(), fn))
}

// says puts what the register has on somebody, as of now.
func (w *world) says(who party.ID, birth string, local, alive bool) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx db.Tx) error {
		return w.exchange.Put(ctx, tx, "elders", who, map[string]any{"birth": birth, "local": local, "alive": alive}, w.clock.Now())
	})
}

// run works through what is due.
func (w *world) run() {
	w.t.Helper()
	_, err := w.worker.RunDue(w.t.Context())
	w.must(err)
	failed, err := db.Failures(w.t.Context(), w.db.Reader(), 10)
	w.must(err)
	for _, f := range failed {
		w.t.Errorf("job %s failed: %s", f.Job.Kind, f.Error)
	}
}

// match begins the policies' grants.
func (w *world) match(who party.ID, policies ...string) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx db.Tx) error { return w.grants.Match(ctx, tx, who, policies...) })
	w.run()
}

func citizen(who party.ID) policy.Principal {
	return policy.Principal{ID: string(who), Kind: policy.Citizen, Actor: party.Actor{Party: who, For: who}}
}

func officer(id string, roles ...string) policy.Principal {
	return policy.Principal{ID: id, Kind: policy.Officer, Agency: "one", Roles: roles, Actor: party.Actor{Party: party.ID(id)}}
}

// The two persons of the agency.
func clerk() policy.Principal   { return officer("he", policy.RoleOfficer) }
func decider() policy.Principal { return officer("luo", policy.RoleOfficer, policy.RoleDecider) }

// of is the one grant that somebody has of a policy, with its history.
func (w *world) of(who party.ID, policyID string) grant.Grant {
	w.t.Helper()
	all, err := w.grants.Of(w.t.Context(), citizen(who), who)
	w.must(err)
	for _, g := range all {
		if g.Policy == policyID {
			g, err = w.grants.Get(w.t.Context(), citizen(who), g.ID)
			w.must(err)
			return g
		}
	}
	w.t.Fatalf("%s has no grant of %s", who, policyID)
	return grant.Grant{}
}

// reach brings a grant of the policy to a status by the usual way.
func (w *world) reach(who party.ID, policyID string, want grant.Status) grant.Grant {
	w.t.Helper()
	w.match(who, policyID)
	if g := w.of(who, policyID); want == grant.Checked {
		return g
	}
	b, err := w.grants.Propose(w.t.Context(), clerk(), policyID)
	w.must(err)
	if want == grant.Listed {
		return w.of(who, policyID)
	}
	w.must(w.grants.Confirm(w.t.Context(), decider(), b.ID))
	if want == grant.Confirmed {
		return w.of(who, policyID)
	}
	w.run()
	if want == grant.Told {
		return w.of(who, policyID)
	}
	w.clock.Add(8 * 24 * time.Hour) // 5 working days and a weekend
	w.run()
	return w.of(who, policyID)
}

func (w *world) number(query string, args ...any) int {
	w.t.Helper()
	var n int
	w.must(w.db.Reader().QueryRowContext(w.t.Context(), query, args...).Scan(&n))
	return n
}
