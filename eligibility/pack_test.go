package eligibility

import (
	"context"
	"io/fs"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/packs"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/workday"
)

func sampleCity(t *testing.T) *catalog.City {
	root, err := fs.Sub(packs.Files, "shanghai")
	if err != nil {
		t.Fatal(err)
	}
	city, problems := catalog.Load(root)
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	return city
}

// TestBook holds the whole sample city's policies over synthetic people against
// one decision by CEL for each of them.
func TestBook(t *testing.T) {
	city := sampleCity(t)
	book, err := NewBook(city)
	if err != nil {
		t.Fatal(err)
	}
	for _, audience := range audiences() {
		w := &world{schema: NewSchema(city.Attributes, audience), words: map[string][]string{}}
		for _, a := range w.schema.attributes {
			w.words[a.ID] = append([]string{"another"}, a.Values...)
		}
		w.words["population.hukou_city"] = []string{"上海", "杭州"}
		w.words["enterprise.status"] = []string{"存续", "存续", "注销"}
		for _, date := range []string{"2026-03-12", "2028-02-29"} {
			w.day = day(date)
			prog, err := ProgramOf(city, audience, w.day)
			if err != nil {
				t.Fatal(err)
			}
			p := &people{w: w, facts: map[party.ID]Facts{}}
			r := rand.New(rand.NewPCG(3, uint64(len(audience))))
			for i := range 150 {
				p.order = append(p.order, personID(i))
				p.facts[personID(i)] = w.sample(r)
			}
			population := p.open(t, snapshotPath(t))
			got, err := population.Count(context.Background(), prog, Options{Near: true})
			if err != nil {
				t.Fatal(err)
			}
			reached := 0
			for _, c := range got.Policies {
				reached += b2i(c.Yes > 0)
			}
			if reached < len(got.Policies)/2 {
				t.Errorf("%s on %s: of %d policies only %d reach somebody", audience, date, len(got.Policies), reached)
			}
			if diff := cmp.Diff(decided(book, city, p, prog), got); diff != "" {
				t.Errorf("%s on %s (-CEL +bitmaps)\n%s", audience, date, diff)
			}
		}
	}
}

// sample is facts that policies are likely to hold for.
func (w *world) sample(r *rand.Rand) Facts {
	facts := w.facts(r, []int64{3, 100, 500, 100_000}[r.IntN(4)])
	for _, a := range w.schema.attributes {
		if _, ok := facts[a.ID]; ok && a.Type == criterion.Date {
			facts[a.ID] = w.day.AddDays(-r.IntN(38_000) + 200)
			if r.IntN(4) == 0 { // on a birthday
				y, m, d := w.day.Date()
				if on, ok := workday.DateFrom(y-[]int{0, 1, 16, 18, 60, 65, 70, 80}[r.IntN(8)], time.Month(m), d+r.IntN(2)); ok {
					facts[a.ID] = on
				}
			}
		}
	}
	return facts
}

func decided(book *Book, city *catalog.City, p *people, prog *Program) Counts {
	out := Counts{Subjects: len(p.facts)}
	for _, e := range prog.Entries() {
		policy, _ := city.Policy(e.ID)
		c := Count{Policy: e.ID}
		for _, x := range e.Conditions {
			c.Near = append(c.Near, Missed{Condition: x.ID})
		}
		for _, facts := range p.facts {
			d := book.Decide(policy, facts, p.w.day)
			if d.Verdict == criterion.Yes {
				c.Yes++
				c.Held += b2i(d.Held)
			}
			for j := range c.Near {
				if c.Near[j].Condition == d.Short {
					c.Near[j].Count++
				}
			}
		}
		out.Policies = append(out.Policies, c)
	}
	return out
}
