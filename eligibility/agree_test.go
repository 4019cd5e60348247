package eligibility_test

import (
	"io/fs"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/eligibility"
	"github.com/tongban/tongban/packs"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/workday"
)

// crowd draws subjects from the examples of a city's policies: the facts of a
// few of them laid over one another, some lost.
func crowd(r *rand.Rand, city *catalog.City, audience string, n int) []eligibility.Row {
	var examples []catalog.PolicyExample
	for _, p := range city.Policies {
		if p.Audience == audience {
			examples = append(examples, p.Examples...)
		}
	}
	rows := make([]eligibility.Row, n)
	for i := range rows {
		facts := eligibility.Facts{}
		for range 1 + r.IntN(12) {
			maps.Copy(facts, examples[r.IntN(len(examples))].Facts)
		}
		for id := range facts {
			if r.IntN(8) == 0 {
				delete(facts, id)
			}
		}
		rows[i] = eligibility.Row{ID: party.NewID(), Facts: facts}
	}
	return rows
}

// program is the policies in force on a day, with their amounts.
func program(t *testing.T, city *catalog.City, audience string, day workday.Date) *eligibility.Program {
	t.Helper()
	var entries []eligibility.Entry
	for _, p := range city.Policies {
		if p.Audience != audience || !p.InForce(day) {
			continue
		}
		e, err := eligibility.EntryOf(city, p, day)
		if err != nil {
			t.Fatal(err)
		}
		if src := p.AmountRule(); src != "" {
			dict, err := city.PolicyDict(p)
			if err != nil {
				t.Fatal(err)
			}
			rule, err := criterion.Compile(src, dict)
			if err != nil {
				t.Fatal(err)
			}
			if e.Amount, err = rule.Number(); err != nil {
				t.Fatal(err)
			}
		}
		entries = append(entries, e)
	}
	return eligibility.NewProgram(day, entries)
}

// TestAgree holds the two ways to an answer to one another over the sample
// city: a Population counts whom the Book says yes to, who has it already, who
// is short of which one condition, and adds up the same amounts.
func TestAgree(t *testing.T) {
	inside, err := fs.Sub(packs.Files, "shanghai")
	if err != nil {
		t.Fatal(err)
	}
	city := loaded(t, inside)
	b, err := eligibility.NewBook(city)
	if err != nil {
		t.Fatal(err)
	}
	day := on(t, "2026-11-20")
	r := rand.New(rand.NewPCG(3, 5))
	for _, audience := range []string{"resident", "firm"} {
		rows := crowd(r, city, audience, 150)
		schema := eligibility.NewSchema(city.Attributes, audience)
		path := filepath.Join(t.TempDir(), audience)
		if err := eligibility.Build(t.Context(), path, schema, func(yield func(eligibility.Row, error) bool) {
			for _, row := range rows {
				if !yield(row, nil) {
					return
				}
			}
		}, nil); err != nil {
			t.Fatal(err)
		}
		pop, err := eligibility.Open(path, schema)
		if err != nil {
			t.Fatal(err)
		}
		counts, err := pop.Count(t.Context(), program(t, city, audience, day), eligibility.Options{Near: true, Amounts: true})
		if err != nil {
			t.Fatal(err)
		}
		yes := 0
		for _, got := range counts.Policies {
			p := policy(t, city, got.Policy)
			want, near := eligibility.Count{Policy: p.ID}, map[string]int{}
			for _, row := range rows {
				d := b.Decide(p, row.Facts, day)
				if d.Verdict == criterion.Yes {
					want.Yes++
					if d.Held {
						want.Held++
					}
					if d.Amount != nil {
						want.Amount.Yuan += *d.Amount
						want.Amount.Known++
					}
				}
				near[d.Short]++
			}
			yes += want.Yes
			if got.Yes != want.Yes || got.Held != want.Held {
				t.Errorf("%s: the population counts %d yes and %d held, the book %d and %d", p.ID, got.Yes, got.Held, want.Yes, want.Held)
			}
			if got.Amount != want.Amount {
				t.Errorf("%s: the population adds up %+v, the book %+v", p.ID, got.Amount, want.Amount)
			}
			for _, missed := range got.Near {
				if missed.Count != near[missed.Condition] {
					t.Errorf("%s: the population counts %d short of %s alone, the book %d", p.ID, missed.Count, missed.Condition, near[missed.Condition])
				}
			}
		}
		if yes < len(rows)/2 {
			t.Errorf("%d answers of yes among %d %ss, too few to tell", yes, len(rows), audience)
		}
		if err := pop.Close(); err != nil {
			t.Error(err)
		}
	}
}
