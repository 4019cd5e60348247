package party_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/internal/testdb"
	"github.com/tongban/tongban/party"
)

// months is a time after the start.
func months(n int) time.Time { return start().AddDate(0, n, 0) }

func (w *town) grant(m party.Mandate) error {
	return w.write(func(ctx context.Context, tx db.Tx) error { return w.Grant(ctx, tx, m) })
}

func (w *town) mustGrant(m party.Mandate) {
	w.Helper()
	if err := w.grant(m); err != nil {
		w.Fatalf("Grant(%s): %v", m.ID, err)
	}
}

func (w *town) revoke(id string, by party.ID) error {
	return w.write(func(ctx context.Context, tx db.Tx) error { return w.Revoke(ctx, tx, id, by) })
}

func helper() party.Mandate {
	return party.Mandate{ID: "helper", Principal: "elder", Agent: "niece", Kind: party.Helper, GrantedBy: "elder",
		Services: []string{"elderly-allowance"}, Until: months(12)}
}

func legal() party.Mandate {
	return party.Mandate{ID: "legal", Principal: "firm", Agent: "owner", Kind: party.LegalRepresentative, GrantedBy: party.System}
}

func parent() party.Mandate {
	return party.Mandate{ID: "parent", Principal: "child", Agent: "mother", Kind: party.Parent, GrantedBy: party.System}
}

func agent(by party.ID) party.Mandate {
	return party.Mandate{ID: "agent", Principal: "firm", Agent: "clerk", Kind: party.Agent, GrantedBy: by,
		Services: []string{"food-permit", "fire-check"}, Until: months(6)}
}

func TestGrant(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.mustGrant(legal())
		w.mustGrant(agent("owner"))
		w.mustGrant(parent())
		given, held, err := w.Mandates(t.Context(), d.Reader(), "firm")
		if err != nil {
			t.Fatal(err)
		}
		want := agent("owner")
		want.From = start()
		if diff := cmp.Diff(want, given[1]); diff != "" && cmp.Diff(want, given[0]) != "" {
			t.Errorf("mandates given by the firm lack (-want +got):\n%s", diff)
		}
		if len(given) != 2 || len(held) != 0 {
			t.Errorf("firm has given %d and holds %d, want 2 and 0", len(given), len(held))
		}
		_, held, err = w.Mandates(t.Context(), d.Reader(), "mother")
		if err != nil || len(held) != 1 {
			t.Fatalf("mother holds %v, %v; want one", held, err)
		}
		if got, want := held[0].Until.Format(time.RFC3339), "2037-06-14T16:00:00Z"; got != want {
			t.Errorf("a parent's mandate ends %s, want the 18th birthday %s", got, want)
		}
		if err := w.grant(legal()); !fault.Is(err, fault.Conflict) {
			t.Errorf("granting the same mandate again = %v, want Conflict", err)
		}
		w.mustGrant(party.Mandate{Principal: "elder", Agent: "niece", Kind: party.Helper, GrantedBy: "elder", Services: []string{"a"}, Until: months(1)})
		if _, held, _ := w.Mandates(t.Context(), d.Reader(), "niece"); len(held) != 1 || held[0].ID == "" {
			t.Errorf("a mandate without an id is kept as %+v", held)
		}
	})
}

func TestGrantRefuses(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	w.mustGrant(legal())
	w.mustGrant(agent("owner"))
	for _, tt := range []struct {
		name    string
		mandate party.Mandate
		change  func(m *party.Mandate)
		kind    fault.Kind
		pointer string
	}{
		{"a kind that is not there", helper(), func(m *party.Mandate) { m.Kind = "friend" }, fault.Invalid, "/kind"},
		{"principal not there", helper(), func(m *party.Mandate) { m.Principal = "nobody" }, fault.NotFound, ""},
		{"agent not there", helper(), func(m *party.Mandate) { m.Agent = "nobody" }, fault.NotFound, ""},
		{"granted by the agent", helper(), func(m *party.Mandate) { m.GrantedBy = "niece" }, fault.Denied, ""},
		{"granted by a stranger", helper(), func(m *party.Mandate) { m.GrantedBy = "owner" }, fault.Denied, ""},
		{"granted by nobody", helper(), func(m *party.Mandate) { m.GrantedBy = "" }, fault.Denied, ""},
		{"an agent's by the system", helper(), func(m *party.Mandate) { m.GrantedBy = party.System }, fault.Denied, ""},
		{"a firm's by the firm itself", agent("firm"), nil, fault.Denied, ""},
		{"a chain: by another agent of the firm", agent("clerk"), func(m *party.Mandate) { m.Agent = "niece" }, fault.Denied, ""},
		{"legal representative by himself", legal(), func(m *party.Mandate) { m.GrantedBy = "owner" }, fault.Denied, ""},
		{"parent by herself", parent(), func(m *party.Mandate) { m.GrantedBy = "mother" }, fault.Denied, ""},
		{"to oneself", helper(), func(m *party.Mandate) { m.Agent = "elder" }, fault.Invalid, "/agent"},
		{"to a child", helper(), func(m *party.Mandate) { m.Agent = "child" }, fault.Invalid, "/agent"},
		{"to a firm", helper(), func(m *party.Mandate) { m.Agent = "firm" }, fault.Invalid, "/agent"},
		{"by a child", helper(), func(m *party.Mandate) { m.Principal, m.GrantedBy = "child", "child" }, fault.Invalid, "/principal"},
		{"helper of a firm", helper(), func(m *party.Mandate) { m.Principal, m.GrantedBy = "firm", "owner" }, fault.Invalid, "/principal"},
		{"legal representative of a person", legal(), func(m *party.Mandate) { m.Principal = "elder" }, fault.Invalid, "/principal"},
		{"parent of an adult", parent(), func(m *party.Mandate) { m.Principal, m.Until = "elder", months(1) }, fault.Invalid, "/principal"},
		{"no services", helper(), func(m *party.Mandate) { m.Services = nil }, fault.Invalid, "/services"},
		{"a service that cannot be", helper(), func(m *party.Mandate) { m.Services = []string{"x", "../y"} }, fault.Invalid, "/services"},
		{"too many services", helper(), func(m *party.Mandate) { m.Services = make([]string, 201) }, fault.Invalid, "/services"},
		{"no end", helper(), func(m *party.Mandate) { m.Until = time.Time{} }, fault.Invalid, "/until"},
		{"too long", helper(), func(m *party.Mandate) { m.Until = months(25) }, fault.Invalid, "/until"},
		{"ended before it began", helper(), func(m *party.Mandate) { m.From, m.Until = months(2), months(1) }, fault.Invalid, "/until"},
		{"ended in the past", helper(), func(m *party.Mandate) { m.From, m.Until = months(-2), months(-1) }, fault.Invalid, "/until"},
	} {
		m := tt.mandate
		m.ID = ""
		if tt.change != nil {
			tt.change(&m)
		}
		kind, message, fields := fault.Shown(w.grant(m))
		if kind != tt.kind || message.IsZero() {
			t.Errorf("%s: got %v (%s), want %v", tt.name, kind, message.EN, tt.kind)
			continue
		}
		if tt.pointer != "" && (len(fields) == 0 || fields[0].Pointer != tt.pointer) {
			t.Errorf("%s: got fields %+v, want the first at %s", tt.name, fields, tt.pointer)
		}
	}
}

func TestRevoke(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		for _, m := range []party.Mandate{helper(), legal(), parent(), agent("owner")} {
			w.mustGrant(m)
		}
		for _, tt := range []struct {
			name, id string
			by       party.ID
			want     fault.Kind
		}{
			{"a stranger", "helper", "owner", fault.NotFound},
			{"not there", "gone", "elder", fault.NotFound},
			{"legal representative lays it down by hand", "legal", "owner", fault.Denied},
			{"parent lays it down by hand", "parent", "mother", fault.Denied},
			{"another agent of the firm", "agent", "niece", fault.NotFound},
		} {
			if err := w.revoke(tt.id, tt.by); !fault.Is(err, tt.want) {
				t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
			}
		}
		for id, by := range map[string]party.ID{"helper": "elder", "agent": "owner", "parent": party.System} {
			if err := w.revoke(id, by); err != nil {
				t.Errorf("Revoke(%s) by %s: %v", id, by, err)
			}
			if err := w.revoke(id, by); !fault.Is(err, fault.Conflict) {
				t.Errorf("Revoke(%s) again = %v, want Conflict", id, err)
			}
		}
		given, _, err := w.Mandates(t.Context(), d.Reader(), "elder")
		if err != nil || len(given) != 1 || given[0].RevokedBy != "elder" || !given[0].RevokedAt.Equal(start()) {
			t.Errorf("Mandates after = %+v, %v; want it kept with who revoked it and when", given, err)
		}
		second := helper()
		second.ID = "second"
		w.mustGrant(second)
		if err := w.revoke("second", "niece"); err != nil {
			t.Errorf("the helper lays her mandate down: %v", err)
		}
	})
}

func TestRevokeByFormerRepresentative(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	w.mustGrant(legal())
	w.mustGrant(agent("owner"))
	if err := w.revoke("legal", party.System); err != nil {
		t.Fatal(err)
	}
	if err := w.revoke("agent", "owner"); !fault.Is(err, fault.NotFound) {
		t.Errorf("Revoke by a former representative = %v, want NotFound", err)
	}
	m := agent("owner")
	m.ID = "later"
	if err := w.grant(m); !fault.Is(err, fault.Denied) {
		t.Errorf("Grant by a former representative = %v, want Denied", err)
	}
}

func TestActing(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		future := helper()
		future.ID, future.Principal, future.GrantedBy, future.From = "future", "guest", "guest", months(1)
		for _, m := range []party.Mandate{helper(), legal(), parent(), agent("owner"), future} {
			w.mustGrant(m)
		}
		for _, tt := range []struct {
			name, service    string
			at               time.Time
			agent, principal party.ID
			mandate, refusal string
		}{
			{"for herself", "x", start(), "elder", "elder", "", ""},
			{"helper", "elderly-allowance", start(), "niece", "elder", "helper", ""},
			{"helper at the last moment", "elderly-allowance", months(12).Add(-1), "niece", "elder", "helper", ""},
			{"helper, anything", "", start(), "niece", "elder", "helper", ""},
			{"representative, any service", "food-permit", start(), "owner", "firm", "legal", ""},
			{"agent of the firm", "fire-check", start(), "clerk", "firm", "agent", ""},
			{"parent", "school-enrolment", start(), "mother", "child", "parent", ""},
			{"a firm by itself", "x", start(), "firm", "firm", "", "party.acting.organisation"},
			{"a stranger", "x", start(), "owner", "elder", "", "party.acting.none"},
			{"for someone who is not there", "x", start(), "owner", "nobody", "", "party.acting.none"},
			{"somebody who is not there, as himself", "x", start(), "nobody", "nobody", "", "party.acting.none"},
			{"the other way round", "elderly-allowance", start(), "elder", "niece", "", "party.acting.none"},
			{"a chain: the clerk of the owner's firm for the owner", "x", start(), "clerk", "owner", "", "party.acting.none"},
			{"another service", "school-enrolment", start(), "niece", "elder", "", "party.acting.scope"},
			{"not begun", "elderly-allowance", start(), "niece", "guest", "", "party.acting.future"},
			{"just ended", "elderly-allowance", months(12), "niece", "elder", "", "party.acting.ended"},
			{"the child is 18", "x", time.Date(2037, 6, 14, 16, 0, 0, 0, time.UTC), "mother", "child", "", "party.acting.ended"},
			{"a day before", "x", time.Date(2037, 6, 14, 15, 59, 59, 0, time.UTC), "mother", "child", "parent", ""},
		} {
			w.clock.Set(tt.at)
			got, err := w.Acting(t.Context(), d.Reader(), tt.agent, tt.principal, tt.service)
			checkActing(t, tt.name, got, err, party.Actor{Party: tt.agent, For: tt.principal, Mandate: tt.mandate}, tt.refusal)
		}
		w.clock.Set(start())
		if err := w.revoke("helper", "elder"); err != nil {
			t.Fatal(err)
		}
		got, err := w.Acting(t.Context(), d.Reader(), "niece", "elder", "elderly-allowance")
		checkActing(t, "revoked", got, err, party.Actor{}, "party.acting.revoked")
	})
}

func checkActing(t *testing.T, name string, got party.Actor, err error, want party.Actor, refusal string) {
	t.Helper()
	if refusal == "" {
		if err != nil || got != want {
			t.Errorf("%s: got %+v, %v; want %+v", name, got, err, want)
		}
		return
	}
	kind, message, _ := fault.Shown(err)
	if kind != fault.Denied || message != i18n.M(refusal) || message == i18n.Same(refusal) || got != (party.Actor{}) {
		t.Errorf("%s: got %+v, %v (%s); want Denied with %s", name, got, err, message.EN, refusal)
	}
}

// A register that corrects a date of birth ends a parent's mandate at once.
func TestActingForGrownChild(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	young := party.Party{ID: "pupil", Kind: party.Person, Name: "Mia Okafor", IDType: "414", IDNumber: "A1234567", Birth: day("2012-01-01")}
	w.put(young)
	m := parent()
	m.Principal = "pupil"
	w.mustGrant(m)
	young.Birth = day("2002-01-01")
	w.put(young)
	got, err := w.Acting(t.Context(), w.db.Reader(), "mother", "pupil", "")
	checkActing(t, "grown", got, err, party.Actor{}, "party.acting.grown")
}

func TestActingPrefers(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	short, long := helper(), helper()
	short.ID, short.Until, long.ID = "short", months(1), "long"
	wide := helper()
	wide.ID, wide.Kind, wide.Services, wide.Until = "appointed", party.Agent, []string{"other"}, months(20)
	for _, m := range []party.Mandate{short, long, wide} {
		w.mustGrant(m)
	}
	for service, want := range map[string]string{"elderly-allowance": "long", "other": "appointed", "": "appointed"} {
		got, err := w.Acting(t.Context(), w.db.Reader(), "niece", "elder", service)
		if err != nil || got.Mandate != want || got.Self() {
			t.Errorf("Acting in %q = %+v, %v; want under %s", service, got, err, want)
		}
	}
}

func TestRules(t *testing.T) {
	for _, r := range party.Rules() {
		if r.Citation == "" || r.EffectiveDate.IsZero() || r.Name.ZH == "" || r.Name.EN == "" || r.Name.ZH == r.Name.EN {
			t.Errorf("rule of %s lacks citation, date or name: %+v", r.Kind, r)
		}
		if got, ok := party.RuleOf(r.Kind); !ok || got.Kind != r.Kind {
			t.Errorf("RuleOf(%s) = %+v, %v", r.Kind, got, ok)
		}
	}
}
