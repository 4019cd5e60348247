package catalog_test

import (
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/criterion"
)

// shore is the test city with its policies.
func shore(t testing.TB) fstest.MapFS {
	t.Helper()
	pack := lakeside(t)
	root := os.DirFS("testdata/shore")
	if err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		src, err := fs.ReadFile(root, name)
		pack[name] = &fstest.MapFile{Data: src}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return pack
}

func TestPolicies(t *testing.T) {
	c := load(t, shore(t))
	if len(c.Policies) != 2 || c.Policies[0].ID != "fleet-aid" || c.Policies[1].ID != "mooring-aid" {
		t.Fatalf("got %d policies, want fleet-aid and mooring-aid in the order of sectors", len(c.Policies))
	}
	p, ok := c.Policy("mooring-aid")
	if !ok || p.File != "policies/boats/mooring-aid.yaml" || p.Conditions[2].Line != 23 || p.Examples[2].Line != 75 {
		t.Errorf("got %v %q, condition at line %d, example at line %d", ok, p.File, p.Conditions[2].Line, p.Examples[2].Line)
	}
	for _, tt := range []struct {
		day  string
		want []string
	}{
		{"2016-04-30", nil},
		{"2016-05-01", []string{"age", "shore"}},
		{"2019-12-31", []string{"age", "shore"}},
		{"2020-01-01", []string{"age", "shore", "boat"}},
		{"2029-12-31", []string{"age", "shore", "boat", "points"}},
		{"2030-01-01", nil},
	} {
		var got []string
		for _, condition := range p.ConditionsOn(day(t, tt.day)) {
			got = append(got, condition.ID)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("conditions on %s (-want +got):\n%s", tt.day, diff)
		}
		if p.InForce(day(t, tt.day)) != (tt.want != nil) {
			t.Errorf("InForce(%s) = %v", tt.day, tt.want == nil)
		}
	}
}

func TestRules(t *testing.T) {
	c := load(t, shore(t))
	p, _ := c.Policy("mooring-aid")
	f, _ := c.Policy("fleet-aid")
	for _, tt := range []struct{ name, got, want string }{
		{"a score: the first row, and the greatest, sorted", p.ScoreRule(),
			"((age(people.birth) >= 80) ? (20) : (age(people.birth) >= 70) ? (15) : 0) + ((people.income < 10000) ? (10) : (people.income < 20000) ? (5) : 0)"},
		{"an amount: else, a sum, a cap", p.AmountRule(),
			"min(((age(people.birth) >= 80) ? (90) : (30)) + (((people.income < 20000) ? (5) : 0) + ((people.income < 10000) ? (10) : 0)), 100)"},
		{"the greatest of what is worked out", f.AmountRule(),
			"(max(((fleet.boats > 0) ? (fleet.boats * 1000) : 0), (fleet.boats >= 10) ? (15000) : 0))"},
		{"none", f.ScoreRule(), ""},
		{"no amount", (&catalog.Policy{}).AmountRule(), ""},
		{"a comment does not hide what follows", catalog.Table{Rows: []catalog.TableRow{{When: "a // b", Value: "1"}}}.Rule(), "(a // b\n) ? (1) : 0"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, tt.got, tt.want)
		}
	}
	dict, err := c.PolicyDict(p)
	if err != nil {
		t.Fatal(err)
	}
	r, err := criterion.Compile("score() + 1", dict)
	if err != nil {
		t.Fatal(err)
	}
	given := map[string]any{"today": "2026-01-01", "people": map[string]any{"birth": "1950-01-01", "income": 9000}}
	if got, err := r.Value(given); got != int64(26) || err != nil {
		t.Errorf("score() + 1 = %v, %v; want 26", got, err)
	}
}

func TestFit(t *testing.T) {
	c := load(t, shore(t))
	for _, tt := range []struct {
		id    string
		value any
		want  any
	}{
		{"people.birth", "1961-03-12", day(t, "1961-03-12")},
		{"people.birth", day(t, "1961-03-12"), day(t, "1961-03-12")},
		{"people.birth", "1961-02-30", nil},
		{"people.birth", 1961, nil},
		{"people.shore", "east", "east"},
		{"people.shore", 3, nil},
		{"people.income", 1234.567, 1234.57},
		{"people.income", int64(7), 7.0},
		{"people.income", "7", nil},
		{"people.income", 1e300, nil},
		{"boats.length_m", 12.04, 12.0},
		{"fleet.boats", 3.0, int64(3)},
		{"fleet.boats", 3.5, nil},
		{"fleet.boats", true, nil},
		{"boats.safe", true, true},
		{"boats.safe", "yes", nil},
		{"boats.safe", nil, nil},
	} {
		a, ok := c.Attribute(tt.id)
		if !ok {
			t.Fatalf("no attribute %s", tt.id)
		}
		got, ok := a.Fit(tt.value)
		if !ok {
			got = nil
		}
		if got != tt.want {
			t.Errorf("%s of %v (%T) = %v (%T), want %v", tt.id, tt.value, tt.value, got, got, tt.want)
		}
	}
}

// TestPolicyTells breaks the policies in one place at a time.
func TestPolicyTells(t *testing.T) {
	for _, tt := range brokenPolicies() {
		t.Run(tt.name, func(t *testing.T) {
			pack := shore(t)
			file := pack[tt.file]
			if n := strings.Count(string(file.Data), tt.old); n != 1 {
				t.Fatalf("%q stands %d times in %s, want once", tt.old, n, tt.file)
			}
			pack[tt.file] = &fstest.MapFile{Data: []byte(strings.Replace(string(file.Data), tt.old, tt.new, 1))}
			_, problems := catalog.Load(pack)
			var got []string
			for _, p := range problems {
				got = append(got, p.String())
				if p.Message.ZH == "" || p.Message.ZH == p.Message.EN {
					t.Errorf("no Chinese message: %s", p)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}
