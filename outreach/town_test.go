package outreach

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/eligibility"
	"github.com/tongban/tongban/exchange"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/workday"
)

// town is a world with registers, policies and offers.
type town struct {
	*world
	city   *catalog.City
	book   *eligibility.Book
	engine *eligibility.Engine
	x      *exchange.Store
	cases  *files
	grants given
	offers *Offers
}

// files are the cases of the town.
type files struct{ all []casework.Standing }

func (f *files) Standings(_ context.Context, _ db.Queryer, subject party.ID) ([]casework.Standing, error) {
	return slices.DeleteFunc(slices.Clone(f.all), func(c casework.Standing) bool { return c.Subject != subject }), nil
}

func (f *files) Standing(_ context.Context, _ db.Queryer, id string) (casework.Standing, error) {
	i := slices.IndexFunc(f.all, func(c casework.Standing) bool { return c.CaseID == id })
	if i < 0 {
		return casework.Standing{}, fault.New(fault.NotFound, "files", i18n.Text{})
	}
	return f.all[i], nil
}

// given are the policies that somebody is given.
type given map[string]bool

func (g given) Given(_ context.Context, _ db.Queryer, subject party.ID, policy, period string) (bool, error) {
	return g[string(subject)+"/"+policy+"/"+period], nil
}

func say(s string) i18n.Text { return i18n.Text{ZH: s, EN: "the " + s} }

// market are the policies of the town. Of the steps 1 to 7 everybody gets as
// many as the register "steps" says.
func market(t testing.TB) *catalog.City {
	from := day(t, "2020-01-01")
	amount := func(per string, yuan int64) *catalog.Amount {
		return &catalog.Amount{Per: per, Tables: []catalog.Table{{ID: "sum", Pick: catalog.PickFirst, Rows: []catalog.TableRow{{Value: fmt.Sprint(yuan)}}}}}
	}
	here := catalog.PolicyCondition{ID: "hukou", Label: say("hukou"), When: "people.hukou == '本市'", Fix: say("move your hukou")}
	policies := []*catalog.Policy{
		{ID: "allowance", Sector: "old-age", Service: "allowance", Amount: amount("month", 75), Held: "people.paid",
			Conditions: []catalog.PolicyCondition{{ID: "age", Label: say("age"), When: "age(people.birth) >= 65"}, here}},
		{ID: "study", Sector: "education", Service: "study", Amount: amount("year", 3000),
			Conditions: []catalog.PolicyCondition{{ID: "enrolled", Label: say("enrolled"), When: "people.enrolled"}}},
		{ID: "aid", Sector: "old-age", Amount: amount("once", 500), Sensitive: []catalog.SensitiveUse{{Attribute: "people.grade"}},
			Conditions: []catalog.PolicyCondition{{ID: "grade", Label: say("grade"), When: "people.grade >= 1"}}},
		{ID: "heat", Sector: "old-age", Amount: amount("once", 300), Grant: &catalog.AutoGrant{Days: 5, Pays: true},
			Conditions: []catalog.PolicyCondition{{ID: "cold", Label: say("cold"), When: "people.cold"}, here}},
		{ID: "subsidy", Sector: "firms", Audience: "firm", Service: "subsidy", Until: day(t, "2026-12-31"), Amount: amount("once", 100_000),
			Conditions: []catalog.PolicyCondition{{ID: "small", Label: say("small"), When: "firms.staff <= 30"}}},
	}
	for n := 1; n <= 7; n++ {
		policies = append(policies, &catalog.Policy{ID: fmt.Sprintf("step-%d", n), Sector: "steps", Amount: amount("once", int64(100*n)),
			Conditions: []catalog.PolicyCondition{{ID: "steps", Label: say("steps"), When: fmt.Sprintf("people.steps >= %d", n)}}})
	}
	for _, p := range policies {
		p.Name, p.Summary, p.Effective = say(p.ID), say("what "+p.ID+" gives"), from
		if p.Audience == "" {
			p.Audience = "resident"
		}
	}
	service := func(id string, papers int) *catalog.Service {
		v := catalog.ServiceVersion{Effective: from}
		for n := range papers {
			v.Evidence = append(v.Evidence, catalog.EvidenceRequirement{ID: fmt.Sprint(n)})
		}
		v.Evidence = append(v.Evidence, catalog.EvidenceRequirement{ID: "id", Licence: "citizen-id"})
		return &catalog.Service{ID: id, Name: say(id), Versions: []catalog.ServiceVersion{v}}
	}
	city := &catalog.City{Version: "1", Calendar: workday.New(shanghai, nil, nil), Policies: policies,
		Services: []*catalog.Service{service("allowance", 0), service("study", 2), service("subsidy", 1)},
		Resources: []catalog.Resource{
			{ID: "people", Name: say("people"), Fields: []catalog.ResourceField{{Key: "birth", Type: "date"}, {Key: "hukou", Type: "string"}, {Key: "paid", Type: "bool"},
				{Key: "enrolled", Type: "bool"}, {Key: "grade", Type: "int"}, {Key: "cold", Type: "bool"}, {Key: "steps", Type: "int"}}},
			{ID: "firms", Name: say("firms"), Fields: []catalog.ResourceField{{Key: "staff", Type: "int"}}},
		},
		Attributes: []catalog.Attribute{
			{ID: "people.birth", Type: criterion.Date}, {ID: "people.hukou", Type: criterion.String}, {ID: "people.paid", Type: criterion.Bool},
			{ID: "people.enrolled", Type: criterion.Bool}, {ID: "people.grade", Type: criterion.Int, Sensitive: true}, {ID: "people.cold", Type: criterion.Bool},
			{ID: "people.steps", Type: criterion.Int}, {ID: "firms.staff", Type: criterion.Int, Audience: "firm"},
		}}
	for _, id := range []string{"old-age", "education", "firms", "steps"} {
		city.Sectors = append(city.Sectors, catalog.Sector{ID: id, Name: say(id)})
	}
	for i, a := range city.Attributes {
		city.Attributes[i].Label = say(a.ID)
		if a.Audience == "" {
			city.Attributes[i].Audience = "resident"
		}
	}
	return city
}

func newTown(t *testing.T, d *db.DB) *town {
	t.Helper()
	w := &town{world: newWorld(t, d), city: market(t), cases: &files{}, grants: given{}}
	var err error
	w.book, err = eligibility.NewBook(w.city)
	w.must(err)
	w.x = exchange.New(d, w.clock.Now, w.city.Resources, nil)
	w.engine = eligibility.NewEngine(eligibility.EngineDeps{DB: d, City: w.city, Exchange: w.x, Dir: t.TempDir(), Clock: w.clock.Now, Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() { _ = w.engine.Close() })
	w.must(w.engine.Open(w.ctx, nil))
	w.restart()
	return w
}

// restart is the town after a crash.
func (w *town) restart() {
	w.open()
	w.offers = NewOffers(OfferDeps{DB: w.db, City: w.city, Book: w.book, Population: w.engine, Exchange: w.x, Parties: w.parties, Cases: w.cases,
		Grants: w.grants, Post: w.post, Asker: "dsj", Clock: w.clock.Now})
	w.offers.Jobs(w.worker)
}

// know puts what the register says of a party.
func (w *town) know(whose party.ID, values map[string]any) {
	w.t.Helper()
	register := "people"
	if whose == "firm" {
		register = "firms"
	}
	w.must(w.db.Write(w.ctx, func(ctx context.Context, tx db.Tx) error {
		return w.x.Put(ctx, tx, register, whose, values, w.clock.Now())
	}))
}

// changed tells what the registers now say of a party.
func (w *town) changed(whose party.ID) {
	w.t.Helper()
	w.must(w.db.Write(w.ctx, func(ctx context.Context, tx db.Tx) error {
		entries, err := w.x.Entries(ctx, tx, whose)
		if err != nil {
			return err
		}
		audience := "resident"
		if whose == "firm" {
			audience = "firm"
		}
		now := w.clock.Now()
		var entitled []string
		for _, d := range w.book.DecideAll(audience, w.book.Facts(audience, entries, now), workday.DateOf(now, shanghai)) {
			if matched(d) {
				entitled = append(entitled, d.Policy)
			}
		}
		return w.offers.Match(ctx, tx, whose, entitled...)
	}))
	w.run()
}

// state is the party's offers in short, in order of policy and period.
func (w *town) state(whose party.ID) string {
	w.t.Helper()
	rows, err := w.offers.of(w.ctx, w.db.Reader(), whose)
	w.must(err)
	var all []string
	for _, one := range rows {
		s := one.Policy
		if one.Period != "" {
			s += "@" + one.Period
		}
		s += " " + string(one.Status)
		if one.Reason != "" {
			s += "(" + one.Reason + ")"
		}
		all = append(all, s)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func (w *town) wantState(whose party.ID, when, want string) {
	w.t.Helper()
	if got := w.state(whose); got != want {
		w.t.Errorf("%s: got %q, want %q", when, got, want)
	}
}

func (w *town) offer(whose party.ID, policy string) Offer {
	w.t.Helper()
	rows, err := w.offers.of(w.ctx, w.db.Reader(), whose)
	w.must(err)
	for _, one := range rows {
		if one.Policy == policy {
			return one
		}
	}
	w.t.Fatalf("%s has no offer of %s: %s", whose, policy, w.state(whose))
	return Offer{}
}

// told are the messages to a party about offers, the latest first.
func (w *town) told(whose party.ID) []Message {
	w.t.Helper()
	all, err := New(w.db, w.clock.Now).Messages(w.ctx, whose, 100)
	w.must(err)
	return slices.DeleteFunc(all, func(m Message) bool { return m.Kind != KindOffer })
}

// receipts are for what the party's registers were read, the latest first.
func (w *town) receipts(whose party.ID) []string {
	w.t.Helper()
	all, err := w.x.Receipts(w.ctx, w.db.Reader(), whose, 1000)
	w.must(err)
	var out []string
	for _, r := range all {
		out = append(out, r.Asker+":"+r.Purpose)
	}
	return out
}

func self(id party.ID) party.Actor { return party.Actor{Party: id, For: id} }

func (w *town) look(whose party.ID) View {
	w.t.Helper()
	v, err := w.offers.Look(w.ctx, self(whose))
	w.must(err)
	return v
}

func names(cards []Card) string {
	var all []string
	for _, c := range cards {
		all = append(all, c.Policy.ID)
	}
	return strings.Join(all, " ")
}

// submit files a case and gives its notice.
func (w *town) submit(whose party.ID, service string) []byte {
	w.t.Helper()
	id := fmt.Sprintf("case-%d", len(w.cases.all)+1)
	w.cases.all = append(w.cases.all, casework.Standing{CaseID: id, Service: service, Subject: whose, Status: casework.Submitted, SubmittedAt: w.clock.Now()})
	return []byte(fmt.Sprintf(`{"case": %q, "seq": 1, "to": %q, "kind": "submitted"}`, id, whose))
}

var elder = map[string]any{"birth": "1961-03-12", "hukou": "本市"}

const daily = 24 * time.Hour

// crowd are n students.
func (w *town) crowd(n int) {
	w.t.Helper()
	for i := range n {
		w.settle(i)
	}
}

// settle lets the n-th student move in.
func (w *town) settle(n int) {
	w.t.Helper()
	w.must(w.db.Write(w.ctx, func(ctx context.Context, tx db.Tx) error {
		id := party.ID(fmt.Sprintf("p%03d", n))
		if err := w.parties.Put(ctx, tx, party.Party{ID: id, Kind: party.Person, Name: string(id), IDType: "passport", IDNumber: fmt.Sprintf("Y%07d", n)}); err != nil {
			return err
		}
		return w.x.Put(ctx, tx, "people", id, map[string]any{"enrolled": true}, w.clock.Now())
	}))
}
