package bench

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/demo/crowd"
	"github.com/tongban/tongban/eligibility"
)

func smallMatch(t *testing.T, residents, policies int) *match {
	t.Helper()
	m, err := newMatch(MatchOptions{Residents: residents, Policies: policies, Runs: 1, Seed: 3, Sample: 40, Say: t.Logf})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.close(); err != nil {
			t.Error(err)
		}
	})
	if err := m.build(t.Context()); err != nil {
		t.Fatal(err)
	}
	return m
}

// TestMatchOracle holds the counts of the benchmark's people and policies
// against rules evaluated one by one, and each resident's facts in the snapshot
// against what was drawn.
func TestMatchOracle(t *testing.T) {
	m := smallMatch(t, crowd.BatchSize+300, 150)
	want := make([]int, len(m.policies))
	rules := m.compiled(t)
	for b := range m.crowd() {
		for row := range b.Len() {
			facts := b.Facts(row)
			vars := nested(facts)
			vars["today"] = m.day
			for i := range rules {
				if holds(rules[i], vars) {
					want[i]++
				}
			}
			stored, ok := m.people.Facts(m.id(b.First + row))
			if !ok || len(stored) != len(facts) {
				t.Fatalf("%s: got %d facts of %d, there %v", m.id(b.First+row), len(stored), len(facts), ok)
			}
			for name, value := range facts {
				if stored[name] != value {
					t.Fatalf("%s %s: got %v, want %v", m.id(b.First+row), name, stored[name], value)
				}
			}
		}
	}
	total := 0
	for _, kernel := range eligibility.Kernels() {
		_, got, err := m.count(t.Context(), eligibility.Options{Kernel: kernel})
		if err != nil {
			t.Fatal(err)
		}
		for i := range want {
			total += want[i]
			if got[i] != want[i] {
				t.Errorf("%s: %s: got %d, want %d", kernel, m.policies[i].ID, got[i], want[i])
			}
		}
	}
	if total == 0 {
		t.Error("nobody is entitled to anything")
	}
}

// compiled are the conditions of each policy as rules.
func (m *match) compiled(t *testing.T) [][]*criterion.Rule {
	t.Helper()
	all := make([][]*criterion.Rule, len(m.policies))
	for i, p := range m.policies {
		dict, err := m.city.PolicyDict(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range p.ConditionsOn(m.day) {
			rule, err := criterion.Compile(c.When, dict)
			if err != nil {
				t.Fatalf("%s: %s: %v", p.ID, c.When, err)
			}
			all[i] = append(all[i], rule)
		}
	}
	return all
}

func holds(rules []*criterion.Rule, vars map[string]any) bool {
	for _, r := range rules {
		if r.Eval(vars).Verdict != criterion.Yes {
			return false
		}
	}
	return true
}

// nested are facts as rules take them: RESOURCE to FIELD to value.
func nested(facts eligibility.Facts) map[string]any {
	vars := map[string]any{}
	for id, value := range facts {
		resource, field, _ := strings.Cut(id, ".")
		fields, ok := vars[resource].(map[string]any)
		if !ok {
			fields = map[string]any{}
			vars[resource] = fields
		}
		fields[field] = value
	}
	return vars
}

// TestMatchCelGo holds the peer's programs against the engine: celGo fails where
// a single answer differs.
func TestMatchCelGo(t *testing.T) {
	m := smallMatch(t, 2*crowd.BatchSize, 400)
	if err := m.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := m.celGo(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"cel_go", "one_change_cel_go", "memory_read"} {
		if len(m.ratios[name]) == 0 || median(m.ratios[name]) <= 0 {
			t.Errorf("ratio %s: got %v", name, m.ratios[name])
		}
	}
	m.counts[7]++
	if err := m.same("a peer", append(append([]int{}, m.counts[:7]...), append([]int{m.counts[7] - 1}, m.counts[8:]...)...)); err == nil || !strings.Contains(err.Error(), m.policies[7].ID) {
		t.Errorf("one count differs: got %v, want it to name %s", err, m.policies[7].ID)
	}
}

// TestMatchPolicies holds that the policies are many, different and of three
// to six conditions, with the city's own among them.
func TestMatchPolicies(t *testing.T) {
	m, err := newMatch(MatchOptions{Residents: 1, Policies: 1000, Runs: 1, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer m.close()
	own, clauses := 0, map[string]bool{}
	for _, p := range m.policies {
		if _, ok := m.city.Policy(p.ID); ok {
			own++
			continue
		}
		if n := len(p.ConditionsOn(m.day)); n < 3 || n > 7 {
			t.Errorf("%s has %d conditions", p.ID, n)
		}
		for _, c := range p.Conditions {
			clauses[c.When] = true
		}
	}
	if len(m.policies) != 1000 || own < 80 || len(clauses) < 400 {
		t.Errorf("got %d policies, %d of the city's own, %d clauses", len(m.policies), own, len(clauses))
	}
	if n := len(variablesOf(m.rules)); n < 60 {
		t.Errorf("the rules read %d attributes", n)
	}
}

// TestSpan holds the peers' form of a comparison of dates against the rule's
// own, around every day on which it may turn.
func TestSpan(t *testing.T) {
	dict := criterion.New(map[string]criterion.Type{"d": criterion.Date})
	day := crowd.DateOf(739921) // 2026-11-01
	for _, when := range []string{
		"age(d) >= 65", "age(d) < 18", "age(d) <= 0", "age(d) == 30", "age(d) != 30", "age(d) > 120", "16 <= age(d)",
		"months(d, today()) >= 12", "months(today(), d) < 6", "months(today(), d) == 0", "days(d, today()) <= 30", "days(today(), d) > -365",
		"d < date('1960-02-29')", "d >= today()", "today() > d", "d == date('2024-02-29')", "d != today()",
		"months(d, date('2024-02-29')) == 12", "age(d, date('2025-02-28')) >= 17",
	} {
		rule, err := criterion.Compile(when, dict)
		if err != nil {
			t.Fatal(err)
		}
		f, err := rule.Formula()
		if err != nil {
			t.Fatal(err)
		}
		s, ok := spanOf(f.(criterion.Compare), day)
		if !ok {
			t.Errorf("%s: no span", when)
			continue
		}
		for _, at := range []int64{1, s.from - 1, s.from, s.from + 1, s.to - 1, s.to, s.to + 1, crowd.DayOf(day), lastDay} {
			if at < 1 || at > lastDay {
				continue
			}
			got := (at >= s.from && at <= s.to) != s.outside
			want := rule.Eval(map[string]any{"d": crowd.DateOf(at), "today": day}).Verdict == criterion.Yes
			if got != want {
				t.Errorf("%s on %s: got %v, want %v", when, crowd.DateOf(at), got, want)
			}
		}
	}
}

// TestScaled holds the whole numbers that stand for doubles.
func TestScaled(t *testing.T) {
	for _, op := range []string{"==", "!=", "<", "<=", ">", ">="} {
		for _, limit := range []float64{0, 0.6, 1, 1.25, 1.255, -1.255, 2.999} {
			newOp, n, never := scaled(op, limit, 2)
			for v := int64(-300); v <= 300; v++ {
				got := compares(newOp, float64(v), float64(n))
				if never {
					got = op == "!="
				}
				if want := compares(op, float64(v)/100, limit); got != want {
					t.Errorf("%d/100 %s %v: got %v (%s %d), want %v", v, op, limit, got, newOp, n, want)
				}
			}
		}
	}
}

func compares(op string, a, b float64) bool {
	switch op {
	case "==":
		return a == b
	case "!=":
		return a != b
	case "<":
		return a < b
	case "<=":
		return a <= b
	case ">":
		return a > b
	}
	return a >= b
}

// TestMatchTask holds the shape of what the peers get.
func TestMatchTask(t *testing.T) {
	m := smallMatch(t, 1000, 120)
	if err := m.task(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(m.dir, "task.json"))
	if err != nil {
		t.Fatal(err)
	}
	var got task
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if got.Residents != 1000 || len(got.Policies) != 120 || len(got.Atoms) < 100 {
		t.Errorf("got %d residents, %d policies, %d atoms", got.Residents, len(got.Policies), len(got.Atoms))
	}
	for _, c := range got.Columns {
		info, err := os.Stat(filepath.Join(m.dir, c.File))
		if err != nil || info.Size() != 4*1000+128 && info.Size() != 4*1000+64 {
			t.Errorf("%s: %v, %v", c.File, info, err)
		}
	}
	for _, p := range got.Policies {
		if p.SQL == "" || p.NumPy == "" {
			t.Errorf("%s has no rule", p.ID)
		}
	}
}

// TestMatchRefuses holds what is refused before any work.
func TestMatchRefuses(t *testing.T) {
	if _, err := Match(context.Background(), MatchOptions{}); err == nil {
		t.Error("no residents: not refused")
	}
	if got := unset(t.TempDir()); !strings.Contains(got, "setup.sh") {
		t.Errorf("no peers: got %q, want what to run", got)
	}
	r := rand.New(rand.NewPCG(1, 2))
	if got := changed(r, "population.sex == '男'"); got != "population.sex == '男'" {
		t.Errorf("a rule without numbers changed: %s", got)
	}
}
