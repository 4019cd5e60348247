package api_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/tongban/tongban/api"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
	"github.com/tongban/tongban/party"
)

// TestEntitlements: one's own, read now, with receipts, each answer explained.
func TestEntitlements(t *testing.T) {
	w := newWorld(t, testdb.Open(t, db.SQLite))
	all := read[api.Entitlements](w.send(request{who: "chen-guilan", method: "GET", path: "/api/v1/me/entitlements"}).want(http.StatusOK))
	find := func(id string) api.Entitlement {
		i := slices.IndexFunc(all.Items, func(e api.Entitlement) bool { return e.Policy == id })
		if i < 0 {
			t.Fatalf("no %s among %d", id, len(all.Items))
		}
		return all.Items[i]
	}
	e := find("elderly-allowance")
	if e.Verdict != "yes" || e.Amount == nil || *e.Amount != (api.EntitledAmount{Yuan: 150, Per: "month"}) || e.Agency.ID != "mzj" {
		t.Errorf("elderly allowance: %+v", e)
	}
	if len(e.Conditions) != 3 || e.Conditions[1].Verdict != "yes" || e.Conditions[1].Facts[0].Source.IsZero() || e.Conditions[1].Citation.IsZero() {
		t.Errorf("why: %+v", e.Conditions)
	}
	receipts, err := w.deps.Exchange.Receipts(w.ctx, w.db.Reader(), party.ID("chen-guilan"), 100)
	w.must(err)
	if len(receipts) != len(all.Receipts) || len(receipts) < 5 {
		t.Errorf("%d receipts are kept, %d are told, want the same", len(receipts), len(all.Receipts))
	}
	near := read[api.Entitlements](w.send(request{who: "chen-guilan", method: "GET", path: "/api/v1/me/entitlements?only=near"}))
	if len(near.Items) == 0 || len(near.Items) >= len(all.Items) {
		t.Errorf("%d near misses of %d", len(near.Items), len(all.Items))
	}
	for _, n := range near.Items {
		for _, c := range n.Conditions {
			if (c.Verdict == "yes") == (c.ID == n.Short) {
				t.Errorf("%s is short of %s, but %s is %s", n.Policy, n.Short, c.ID, c.Verdict)
			}
		}
	}
	w.send(request{who: "mzj-officer", method: "GET", path: "/api/v1/me/entitlements"}).want(http.StatusForbidden)
	w.send(request{method: "GET", path: "/api/v1/me/entitlements"}).want(http.StatusUnauthorized)
}

// TestOffersAndGrantsOfMine: an offer is made when one looks, and dismissed for
// good.
func TestOffersAndGrantsOfMine(t *testing.T) {
	w := newWorld(t, testdb.Open(t, db.SQLite))
	ask := func() api.Offers {
		return read[api.Offers](w.send(request{who: "chen-guilan", method: "GET", path: "/api/v1/me/offers"}).want(http.StatusOK))
	}
	first := ask()
	if len(first.Items) == 0 || first.Items[0].Gives.IsZero() || len(first.Items[0].Conditions) == 0 {
		t.Fatalf("offers: %+v", first)
	}
	one := first.Items[0]
	w.send(request{who: "zhang-min", method: "POST", path: "/api/v1/me/offers/" + one.ID + "/dismiss"}).want(http.StatusNotFound)
	w.send(request{who: "chen-guilan", method: "POST", path: "/api/v1/me/offers/" + one.ID + "/dismiss"}).want(http.StatusNoContent)
	then := ask()
	if len(then.Items) != len(first.Items)-1 || len(then.Dismissed) != 1 || then.Dismissed[0].ID != one.ID {
		t.Errorf("after the dismissal: %d offers, dismissed %+v", len(then.Items), then.Dismissed)
	}
	mine := read[list[api.AutoGrant]](w.send(request{who: "chen-guilan", method: "GET", path: "/api/v1/me/grants"}).want(http.StatusOK))
	if mine.Items == nil || len(mine.Items) != 0 {
		t.Errorf("grants before anything is matched: %+v", mine.Items)
	}
	w.send(request{who: "chen-guilan", method: "POST", path: "/api/v1/me/grants/nothing/refuse"}).want(http.StatusNotFound)
}

// TestPolicies are open to everybody, with their rules.
func TestPolicies(t *testing.T) {
	w := newWorld(t, testdb.Open(t, db.SQLite))
	page := read[list[api.PolicySummary]](w.send(request{method: "GET", path: "/api/v1/policies?audience=firm&limit=10"}).want(http.StatusOK))
	next := read[list[api.PolicySummary]](w.send(request{method: "GET", path: "/api/v1/policies?audience=firm&limit=10&after=" + page.Next}).want(http.StatusOK))
	if len(page.Items) != 10 || len(next.Items) == 0 || next.Items[0].ID == page.Items[0].ID || next.Items[0].Audience != "firm" {
		t.Errorf("pages: %d, then %+v", len(page.Items), next.Items)
	}
	w.send(request{method: "GET", path: "/api/v1/policies?after=nothing"}).want(http.StatusUnprocessableEntity)
	p := read[api.PolicyDetail](w.send(request{method: "GET", path: "/api/v1/policies/elderly-allowance"}).want(http.StatusOK))
	if p.Conditions[1].Rule != "conditions.age" || p.Conditions[1].When == "" || !p.Conditions[2].Fixed || p.Amount.Tables[0].Rows[4].Rule != "amount.band.4" {
		t.Errorf("elderly allowance: %+v", p)
	}
	p = read[api.PolicyDetail](w.send(request{method: "GET", path: "/api/v1/policies/residence-points"}).want(http.StatusOK))
	if len(p.Score) != 3 || p.Score[1].Pick != "max" || p.Score[1].Rows[2].Rule != "score.study.2" || p.Score[1].Rows[2].Value != "90" {
		t.Errorf("points: %+v", p.Score)
	}
	w.send(request{method: "GET", path: "/api/v1/policies/nothing"}).want(http.StatusNotFound)
}

// TestCountsAndDrafts: 503 until the populations are there; no figure below
// ten; a rule that is wrong is refused at its place.
func TestCountsAndDrafts(t *testing.T) {
	w := newWorld(t, testdb.Open(t, db.SQLite))
	const count, compare = "/api/v1/policies/elderly-allowance/count", "/api/v1/policies/elderly-allowance/compare"
	draft := func(rules map[string]string) request {
		return request{who: "mzj-decider", method: "POST", path: compare, body: text(map[string]any{"rules": rules}), header: map[string]string{"Accept-Language": "en"}}
	}
	cohort := func(rule, by string) request {
		return request{who: "dsj-supervisor", method: "GET", path: "/api/v1/cohorts?" + url.Values{"rule": {rule}, "by": {by}}.Encode()}
	}
	w.send(request{who: "mzj-officer", method: "GET", path: count}).want(http.StatusServiceUnavailable)
	w.must(w.deps.Engine.Open(w.ctx, nil))
	n := read[api.PolicyCount](w.send(request{who: "mzj-officer", method: "GET", path: count + "?as-of=2026-12-01"}).want(http.StatusOK))
	if n.AsOf.String() != "2026-12-01" || n.Entitled != (api.Figure{From: 0, To: 9}) || len(n.Near) != 3 || n.Cost != nil {
		t.Errorf("a handful of personas are counted: %+v", n)
	}
	for who, want := range map[string]int{"dsj-supervisor": 200, "gaj-officer": 403, "chen-guilan": 403, "": 401} {
		w.send(request{who: who, method: "GET", path: count}).want(want)
	}
	w.send(request{who: "mzj-officer", method: "GET", path: count + "?as-of=tomorrow"}).want(http.StatusUnprocessableEntity)
	w.send(request{who: "mzj-officer", method: "GET", path: count + "?as-of=2500-01-01"}).want(http.StatusUnprocessableEntity)

	r := draft(map[string]string{"conditions.age": "age(population.birth) >= 60", "amount.band.4.value": "100"})
	c := read[api.Comparison](w.send(r).want(http.StatusOK))
	if c.Total.Before != (api.Figure{From: 0, To: 9}) || c.Subjects == 0 || len(c.Ages) == 0 || len(c.Examples) == 0 || len(c.Examples[0].Wrong) == 0 {
		t.Errorf("a comparison: %+v", c)
	}
	r.who = "mzj-officer"
	w.send(r).want(http.StatusForbidden)
	p := read[api.Problem](w.send(draft(map[string]string{"conditions.age": "true &&\n population.shoes > 3"})).want(http.StatusUnprocessableEntity))
	if len(p.Errors) != 1 || p.Errors[0].Pointer != "/rules/conditions.age" || p.Errors[0].Line != 2 || p.Errors[0].Column != 2 || !strings.Contains(p.Errors[0].Message, "shoes") {
		t.Errorf("the mistake: %+v", p.Errors)
	}
	p = read[api.Problem](w.send(draft(map[string]string{"conditions.present": "true"})).want(http.StatusUnprocessableEntity))
	if len(p.Errors) != 1 || p.Errors[0].Pointer != "/rules/conditions.present" {
		t.Errorf("what is the city's: %+v", p.Errors)
	}

	all := read[api.Cohort](w.send(cohort("true", "population.hukou_city")).want(http.StatusOK))
	if all.Hidden || all.Total < 10 || !slices.ContainsFunc(all.Groups, func(g api.Group) bool { return g.Hidden }) {
		t.Errorf("everybody: %+v", all)
	}
	some := read[api.Cohort](w.send(cohort("age(population.birth) >= 65", "population.hukou_city")).want(http.StatusOK))
	for _, g := range append(some.Groups, api.Group{Count: some.Total, Hidden: some.Hidden}) {
		if !g.Hidden || g.Count != 0 {
			t.Errorf("a few elders are shown: %+v", some)
		}
	}
	p = read[api.Problem](w.send(cohort("age(population.shoes) > 3", "population.hukou_city")).want(http.StatusUnprocessableEntity))
	if len(p.Errors) != 1 || p.Errors[0].Parameter != "rule" || p.Errors[0].Column != 5 {
		t.Errorf("the mistake: %+v", p.Errors)
	}
	w.send(cohort("disability.grade == '一级'", "population.hukou_city")).want(http.StatusForbidden)
	w.send(cohort("true", "population.shoes")).want(http.StatusNotFound)
}

// TestBatches: one proposes, another confirms, and the subject refuses.
func TestBatches(t *testing.T) {
	w := newWorld(t, testdb.Open(t, db.SQLite))
	w.must(w.deps.Engine.Open(w.ctx, nil))
	w.must(w.deps.Grants.Sweep(w.ctx))
	for range 6 {
		w.settle()
	}
	const batches = "/api/v1/grants/batches"
	var officer, decider, at string
	for _, p := range w.deps.City.Policies {
		if p.Grant == nil || at != "" {
			continue
		}
		officer, decider = p.Agency+"-officer", p.Agency+"-decider"
		if a := w.send(request{who: officer, method: "POST", path: batches, body: text(map[string]any{"policy": p.ID})}); a.status == http.StatusCreated {
			at = batches + "/" + read[api.GrantBatch](a).ID
		}
	}
	if at == "" {
		t.Fatal("nobody in the sample city is to be given anything")
	}
	w.send(request{who: officer, method: "POST", path: at + "/confirm"}).want(http.StatusForbidden)
	w.send(request{who: "chen-guilan", method: "GET", path: at}).want(http.StatusForbidden)
	w.send(request{who: decider, method: "POST", path: at + "/return", body: `{"reason": ""}`}).want(http.StatusUnprocessableEntity)
	full := read[api.GrantBatch](w.send(request{who: decider, method: "GET", path: at}).want(http.StatusOK))
	if full.Status != "proposed" || full.Members != len(full.Grants) || full.Grants[0].Status != "listed" || full.Grants[0].Turn != "officer" {
		t.Fatalf("the batch: %+v", full)
	}
	if b := read[api.GrantBatch](w.send(request{who: decider, method: "POST", path: at + "/confirm"}).want(http.StatusOK)); b.Status != "confirmed" || b.DecidedBy != decider {
		t.Errorf("confirmed: %+v", b)
	}
	w.send(request{who: decider, method: "POST", path: at + "/confirm"}).want(http.StatusConflict)
	w.settle()
	if all := read[list[api.GrantBatch]](w.send(request{who: officer, method: "GET", path: batches}).want(http.StatusOK)); len(all.Items) != 1 {
		t.Errorf("batches: %+v", all.Items)
	}
	who := request{who: full.Grants[0].Subject, method: "GET", path: "/api/v1/me/grants"}
	mine := read[list[api.AutoGrant]](w.send(who).want(http.StatusOK))
	told := slices.IndexFunc(mine.Items, func(g api.AutoGrant) bool { return g.ID == full.Grants[0].ID })
	if told < 0 || mine.Items[told].Status != "told" || mine.Items[told].RefuseUntil.IsZero() {
		t.Fatalf("what they are told: %+v", mine.Items)
	}
	g := read[api.AutoGrant](w.send(request{who: who.who, method: "POST", path: who.path + "/" + mine.Items[told].ID + "/refuse"}).want(http.StatusOK))
	if g.Status != "refused" || len(g.Events) == 0 {
		t.Errorf("refused: %+v", g)
	}
}
