package outreach

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
	"github.com/tongban/tongban/party"
)

// TestOffersProperty plays random lives: whatever comes, there is one offer for
// a policy and period, nothing live that the party has or does not want or does
// not match, and never more letters in seven days than allowed.
func TestOffersProperty(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		life := 0
		rapid.Check(t, func(r *rapid.T) {
			life++
			p := &player{town: w, r: r, who: party.ID(fmt.Sprintf("p%03d", life)), facts: map[string]any{"enrolled": true}}
			w.settle(life)
			w.clock.Set(monday)
			for range rapid.IntRange(3, 12).Draw(r, "length") {
				p.step()
				p.check()
			}
		})
	})
}

// player is one party in its random life.
type player struct {
	*town
	r     *rapid.T
	who   party.ID
	facts map[string]any
}

func (p *player) step() {
	one := func() (Offer, bool) {
		rows, err := p.offers.of(p.ctx, p.db.Reader(), p.who)
		p.must(err)
		if len(rows) == 0 {
			return Offer{}, false
		}
		return rows[rapid.IntRange(0, len(rows)-1).Draw(p.r, "which")], true
	}
	switch rapid.SampledFrom([]string{"facts", "facts", "look", "dismiss", "undo", "begin", "case", "ends", "settle", "time"}).Draw(p.r, "step") {
	case "facts":
		p.facts = map[string]any{"enrolled": rapid.Bool().Draw(p.r, "enrolled"), "steps": rapid.IntRange(0, 7).Draw(p.r, "steps"), "paid": rapid.Bool().Draw(p.r, "paid"),
			"birth": rapid.SampledFrom([]string{"1961-03-12", "1961-12-10", "1990-01-01"}).Draw(p.r, "birth"), "hukou": rapid.SampledFrom([]string{"本市", "外地"}).Draw(p.r, "hukou")}
		p.know(p.who, p.facts)
		p.changed(p.who)
	case "look":
		_, err := p.offers.Look(p.ctx, self(p.who))
		p.must(err)
	case "dismiss":
		if o, ok := one(); ok && o.Status.Can(EventDismiss) {
			p.must(p.offers.Dismiss(p.ctx, self(p.who), o.ID))
		}
	case "undo":
		if o, ok := one(); ok && o.Status.Can(EventUndo) {
			p.must(p.offers.Undo(p.ctx, self(p.who), o.ID))
		}
	case "begin":
		if o, ok := one(); ok && o.Status.Can(EventOpen) {
			_, err := p.offers.Begin(p.ctx, self(p.who), o.ID)
			p.must(err)
		}
	case "case":
		p.must(p.offers.Receive(p.ctx, p.submit(p.who, rapid.SampledFrom([]string{"allowance", "study"}).Draw(p.r, "service"))))
	case "ends":
		for i, c := range p.cases.all {
			if c.Subject == p.who && !c.Status.Ended() {
				p.cases.all[i].Status = rapid.SampledFrom([]casework.Status{casework.Closed, casework.Rejected, casework.Withdrawn}).Draw(p.r, "end")
				p.must(p.offers.Receive(p.ctx, fmt.Appendf(nil, `{"case": %q}`, c.CaseID)))
				break
			}
		}
	case "settle":
		wants := Preferences{Off: rapid.IntRange(0, 3).Draw(p.r, "off") == 0, Weekly: rapid.SampledFrom([]int{CityWeekly, 0, 1, 7}).Draw(p.r, "weekly")}
		if rapid.Bool().Draw(p.r, "some") {
			wants.Sectors = []string{rapid.SampledFrom([]string{"education", "steps", "old-age"}).Draw(p.r, "sector")}
		}
		p.must(p.offers.SavePreferences(p.ctx, self(p.who), wants))
	case "time": // stays within the year
		p.clock.Add(time.Duration(rapid.IntRange(1, 70).Draw(p.r, "hours")) * time.Hour)
	}
	p.run()
}

// check holds the party's offers to what must always be so.
func (p *player) check() {
	p.t.Helper()
	rows, err := p.offers.of(p.ctx, p.db.Reader(), p.who)
	p.must(err)
	wants, err := p.post.Preferences(p.ctx, p.db.Reader(), p.who)
	p.must(err)
	seen := map[string]bool{}
	for _, o := range rows {
		key := o.Policy + "@" + o.Period
		if seen[key] {
			p.r.Fatalf("%s is offered twice: %s", key, p.state(p.who))
		}
		seen[key] = true
		policy, _ := p.city.Policy(o.Policy)
		if o.Status.Live() && !wants.Wants(policy.Sector) {
			p.r.Fatalf("%s is offered to one who does not want it", o.Policy)
		}
		enrolled, _ := p.facts["enrolled"].(bool)
		if o.Status.Live() && o.Policy == "study" && !enrolled {
			p.r.Fatalf("study is offered to one who does not match: %s", p.state(p.who))
		}
		if o.Status.Live() && slices.ContainsFunc(p.cases.all, func(c casework.Standing) bool {
			return c.Subject == p.who && c.Service == o.Service && c.Stands() && o.Service != ""
		}) {
			p.r.Fatalf("%s is offered though there is a case", o.Policy)
		}
	}
	var times []time.Time
	for _, m := range p.told(p.who) {
		times = append(times, m.At)
	}
	slices.SortFunc(times, time.Time.Compare)
	for i := range times {
		if i >= p.post.Weekly && times[i].Sub(times[i-p.post.Weekly]) < week {
			p.r.Fatalf("told at %v: more than %d in seven days", times, p.post.Weekly)
		}
	}
}
