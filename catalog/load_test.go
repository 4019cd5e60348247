package catalog_test

import (
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/workday"
)

// lakeside is the test city in memory, to be broken at will.
func lakeside(t testing.TB) fstest.MapFS {
	t.Helper()
	pack := fstest.MapFS{}
	root := os.DirFS("testdata/lakeside")
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

func load(t testing.TB, pack fs.FS) *catalog.City {
	t.Helper()
	c, problems := catalog.Load(pack)
	for _, p := range problems {
		t.Error(p)
	}
	return c
}

func day(t testing.TB, s string) workday.Date {
	t.Helper()
	d, err := workday.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// gone, as a slip's old text, takes the file out.
const gone = "\x00"

// slip is one change to a file of the test city and what Load says of it.
type slip struct {
	name, file, old, new string
	want                 []string
}

// TestLoadTells breaks the test city in one place at a time and holds what is
// said about it to the exact place and words.
func TestLoadTells(t *testing.T) {
	for _, tt := range broken() {
		t.Run(tt.name, func(t *testing.T) {
			pack := lakeside(t)
			switch file := pack[tt.file]; {
			case tt.old == gone:
				delete(pack, tt.file)
			case file == nil:
				pack[tt.file] = &fstest.MapFile{Data: []byte(tt.new)}
			default:
				if n := strings.Count(string(file.Data), tt.old); n != 1 {
					t.Fatalf("%q stands %d times in %s, want once", tt.old, n, tt.file)
				}
				pack[tt.file] = &fstest.MapFile{Data: []byte(strings.Replace(string(file.Data), tt.old, tt.new, 1))}
			}
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

// TestLoadTellsAll breaks many files at once: nothing stops at the first.
func TestLoadTellsAll(t *testing.T) {
	pack, faults := lakeside(t), 0
	for _, tt := range broken() {
		file := pack[tt.file]
		if file == nil || tt.old == gone || strings.Count(string(file.Data), tt.old) != 1 || tt.file != "people.yaml" ||
			strings.Contains(tt.name, "unknown register") { // which hides what is wrong with its fields
			continue
		}
		pack[tt.file] = &fstest.MapFile{Data: []byte(strings.Replace(string(file.Data), tt.old, tt.new, 1))}
		faults++
	}
	_, problems := catalog.Load(pack)
	if faults < 10 || len(problems) != faults {
		t.Errorf("%d faults gave %d problems: %v", faults, len(problems), problems)
	}
}

func TestLoadBounds(t *testing.T) {
	for _, tt := range []struct{ name, file, src, want string }{
		{"huge", "people.yaml", strings.Repeat("# x\n", 1<<19), "people.yaml:1:1 The file is too large"},
		{"deep", "synonyms.yaml", strings.Repeat("[", 50_000), "Nested too deeply"},
		{"an anchor", "synonyms.yaml", "- &a [x, y]\n- *a\n", "synonyms.yaml:1:3 Only plain values"},
		{"not text", "events/x.yaml", "id: \xff", "not UTF-8"},
		{"empty", "services/water/empty.yaml", "", "services/water/empty.yaml:1:1 The file is empty."},
		{"an XML bomb", "processes/bomb.bpmn", `<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><x>&b;</x>`, "processes/bomb.bpmn:1:"},
	} {
		pack := lakeside(t)
		pack[tt.file] = &fstest.MapFile{Data: []byte(tt.src)}
		_, problems := catalog.Load(pack)
		found := false
		for _, p := range problems {
			found = found || strings.Contains(p.String(), tt.want)
		}
		if !found {
			t.Errorf("%s: problems = %v, want %q among them", tt.name, problems, tt.want)
		}
	}
	if _, problems := catalog.Load(os.DirFS("testdata/nowhere")); len(problems) == 0 {
		t.Error("a folder that is not there has no problems")
	}
}

func TestLoad(t *testing.T) {
	c := load(t, lakeside(t))
	var order []string
	for _, s := range c.Services {
		order = append(order, s.ID)
	}
	if want := []string{"fishing", "boat-registration", "berth"}; !cmp.Equal(order, want) {
		t.Errorf("services = %v, want %v: by sector, then what is popular", order, want)
	}
	if c.Calendar.IsWorkday(day(t, "2026-10-02")) || !c.Calendar.IsWorkday(day(t, "2026-10-10")) {
		t.Error("calendar.yaml is not in force")
	}
	again := load(t, lakeside(t))
	pack := lakeside(t)
	pack["README.md"].Data = []byte("other words")
	if c.Version == "" || again.Version != c.Version || load(t, pack).Version != c.Version {
		t.Errorf("version %q changes without a change of the pack", c.Version)
	}
	pack["synonyms.yaml"].Data = []byte("- [a, b]\n")
	if load(t, pack).Version == c.Version {
		t.Error("version stays although the pack has changed")
	}
}

// TestShanghai holds the sample city itself: no problem in it.
func TestShanghai(t *testing.T) {
	c := load(t, os.DirFS("../packs/shanghai"))
	if len(c.Services) < 40 || len(c.Agencies) < 10 || len(c.Profile.Areas) != 16 {
		t.Errorf("%d services, %d agencies, %d areas; want 40, 10, 16", len(c.Services), len(c.Agencies), len(c.Profile.Areas))
	}
}

func TestLookup(t *testing.T) {
	c := load(t, lakeside(t))
	s, ok := c.Service("boat-registration")
	if !ok {
		t.Fatal("no boat-registration")
	}
	for _, tt := range []struct{ on, want string }{
		{"2019-12-31", ""}, {"2020-01-01", "2020-01-01"}, {"2025-12-31", "2020-01-01"}, {"2026-01-01", "2026-01-01"}, {"2999-01-01", "2026-01-01"},
	} {
		got := ""
		if v := s.At(day(t, tt.on)); v != nil {
			got = v.Effective.String()
		}
		if got != tt.want {
			t.Errorf("At(%s) = version of %q, want %q", tt.on, got, tt.want)
		}
	}
	if got := s.Latest().Effective; got != day(t, "2026-01-01") {
		t.Errorf("Latest is of %s", got)
	}
	if s.Versions[0].Online() || !s.Latest().Online() {
		t.Error("Online does not tell a version with form and process from one without")
	}
	for name, ok := range map[string]bool{
		"agency": found(c.Agency("fish")), "sector": found(c.Sector("water")), "licence": found(c.LicenceType("boat-licence")),
		"resource": found(c.Resource("boats")), "area": found(c.Area("339901")), "form": found(c.Form("boat")),
		"process": found(c.Process("review")), "event": found(c.Event("first-boat")), "officer": found(c.Officer("harbour-officer")),
		"person": found(c.Persona("old-wei")), "organisation": found(c.Persona("ferry")),
	} {
		if !ok {
			t.Errorf("%s is not found", name)
		}
	}
	for name, ok := range map[string]bool{
		"agency": found(c.Agency("")), "service": found(c.Service("x")), "event": found(c.Event("x")), "form": found(c.Form("x")),
		"process": found(c.Process("x")), "persona": found(c.Persona("x")),
	} {
		if ok {
			t.Errorf("%s is found though there is none", name)
		}
	}
	if got := c.EventsOf("berth"); len(got) != 1 || got[0].ID != "first-boat" {
		t.Errorf("EventsOf(berth) = %v", got)
	}
}

func found[T any](_ T, ok bool) bool { return ok }

// FuzzLoad puts any text in the place of one file; Load must tell of it and
// stay alive.
func FuzzLoad(f *testing.F) {
	for _, seed := range []struct{ file, src string }{
		{"services/water/fishing.yaml", "id: fishing\nversions:\n  - limits: {committed: -1}\n    when: 'a >'\n"},
		{"events/first-boat.yaml", "members: [{service: berth, after: [berth], feed: {a: b.c}}]"},
		{"people.yaml", "persons: [{facts: {boats: {count: 1.5}}}]\nmandates: [{}]"},
		{"agencies.yaml", "- {id: fish, code: 11339900TB0000002E}\n- ~\n- 3\n"},
		{"licences.yaml", "- claims: [{key: a}, {key: a}]\n  registers: {}\n"},
		{"forms/boat.yaml", "properties: {a: {type: string}}"},
		{"processes/review.bpmn", `<definitions><process id="review"/></definitions>`},
		{"city.yaml", "areas: [{code: \"\"}, {code: 1}]\nzone: ../etc\n"},
		{"synonyms.yaml", "- [a]\n- []\n"},
	} {
		f.Add(seed.file, []byte(seed.src))
	}
	f.Fuzz(func(t *testing.T, file string, src []byte) {
		pack := lakeside(t)
		if pack[file] == nil {
			file = "people.yaml"
		}
		pack[file] = &fstest.MapFile{Data: src}
		c, problems := catalog.Load(pack)
		for _, p := range problems {
			if p.Message.In(i18n.EN) == "" || p.File == "" || p.Line < 1 || p.Col < 1 {
				t.Errorf("a problem without place or message: %+v", p)
			}
		}
		if len(problems) > 0 {
			return
		}
		x, err := catalog.NewIndex(c) // a city without problems can be used
		if err != nil {
			t.Fatal(err)
		}
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
