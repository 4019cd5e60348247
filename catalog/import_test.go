package catalog_test

import (
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/tongban/tongban/catalog"
)

const mapping = `
id: {column: code, match: '^([A-Z0-9]+)-'}
local-code: {column: code}
code: {column: code, match: '^([0-9]{12})-', optional: true}
name: {column: item}
english: "{name} of {agency} (no English yet)"
type: {column: kind, values: {"1": "01", "20": "20"}}
sector: {column: office, values: {港务局: boats}, otherwise: water}
agency: {column: office, values: {港务局: harbour, 渔业局: fish}}
audience: [resident]
version:
  effective: 2026-01-01
  source: imported
  summary: {zh: "办理{name}。", en: "{name}."}
  who: {zh: "问{agency}。", en: Ask the agency.}
  outcome: {zh: "问{agency}。", en: Ask the agency.}
  channels: ["1"]
  handling: "2"
  limits: {statutory: 20, committed: 20}
  visits: {count: 1, reason: {zh: 还没有网上办理。, en: Not online yet.}}
  steps: [{zh: "到{agency}。", en: Come to the agency.}]
  basis: [{title: {zh: 行政许可法, en: Administrative Licensing Law}}]
`

func parseMapping(t testing.TB, src string) *catalog.Mapping {
	t.Helper()
	m, problems := catalog.ParseMapping("map.yaml", []byte(src))
	for _, p := range problems {
		t.Fatal(p)
	}
	return m
}

func TestImport(t *testing.T) {
	list := "office,item,code,kind\n" +
		"港务局,船舶检验,000102030499-339900,1\n" +
		"渔业局, 捕捞许可 ,3A1-339900,20\n" + // spaces around are nothing
		"气象局,看天气,3A2-339900,20\n" +
		"渔业局,放生,3A3-339900,7\n" +
		"渔业局,放生\n" +
		"渔业局,,3A4-339900,1\n" +
		"渔业局,养殖,G_1-339900,1\n" +
		"渔业局,养殖,3A1-339902,1\n" +
		"渔业局,捕捞许可,3A5-339900,1\n" +
		"渔业局,养\u0007殖,3A6-339900,1\n" +
		"渔业局,\"养\"殖,3A7-339900,1\n" +
		"渔业局," + strings.Repeat("养", 201) + ",3A8-339900,1\n" +
		"渔业局,\"垂钓,\n管理\",3A9-339900,1\n" +
		"渔业局,鱼苗,3B0-339900,1\n"
	services, refused := catalog.Import(strings.NewReader(list), parseMapping(t, mapping))
	var got []string
	for _, s := range services {
		got = append(got, fmt.Sprintf("%s %s %q %s %s %s %s", s.ID, s.Sector, s.Code, s.Type, s.Agency, s.Name.ZH, s.Versions[0].Summary.ZH))
	}
	want := []string{
		`000102030499 boats "000102030499" 01 harbour 船舶检验 办理船舶检验。`,
		`3a1 water "" 20 fish 捕捞许可 办理捕捞许可。`,
		`3b0 water "" 01 fish 鱼苗 办理鱼苗。`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("services (-want +got):\n%s", diff)
	}
	if got, want := services[1].Name.EN, "捕捞许可 of 渔业局 (no English yet)"; got != want {
		t.Errorf("English name = %q, want %q", got, want)
	}
	got = nil
	for _, r := range refused {
		got = append(got, r.String())
	}
	want = []string{
		`row 4: "气象局" in "office" has no counterpart in the mapping.`,
		`row 5: "7" in "kind" has no counterpart in the mapping.`,
		`row 6: It has 2 cells where the header has 4.`,
		`row 7: "item" is empty.`,
		`row 8: "G_1-339900" in "code" is not of the form that is asked for.`,
		`row 9: The id "3a1" is that of row 3.`,
		`row 10: The same agency has "捕捞许可" in row 3 already.`,
		`row 11: Cell 2 is too long or has control characters.`,
		`row 12: The quotes do not match; the row cannot be read.`,
		`row 13: The name is too long; at most 200 characters.`,
		`row 14: Cell 2 is too long or has control characters.`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
}

func TestImportWhole(t *testing.T) {
	m := parseMapping(t, mapping)
	for _, tt := range []struct{ name, list, want string }{
		{"nothing", "", "row 1: The list has no header. Put the columns' names into the first row."},
		{"a column missing", "office,item,code\n", `row 1: The list lacks the column "kind".`},
		{"not text", "office,item\xff\xff\xff,code,kind\n", "row 0: The list is neither UTF-8 nor GB 18030. Save it as CSV in UTF-8."},
	} {
		services, refused := catalog.Import(strings.NewReader(tt.list), m)
		if len(services) != 0 || len(refused) != 1 || refused[0].String() != tt.want {
			t.Errorf("%s: %d services, refused %v, want %q", tt.name, len(services), refused, tt.want)
		}
	}
	list := "\ufeffoffice,item,code,kind\r\n港务局,船舶检验,000102030499-339900,1\r\n"
	office, err := simplifiedchinese.GB18030.NewEncoder().String(list[3:])
	if err != nil {
		t.Fatal(err)
	}
	for name, list := range map[string]string{"with a byte order mark": list, "in GB 18030": office} {
		services, refused := catalog.Import(strings.NewReader(list), m)
		if len(services) != 1 || services[0].Name.ZH != "船舶检验" || len(refused) != 0 {
			t.Errorf("%s: services %v, refused %v", name, services, refused)
		}
	}
}

// TestImportLoads takes a list all the way: imported, written, read as part of
// a pack without a problem.
func TestImportLoads(t *testing.T) {
	list := "office,item,code,kind\n港务局,船舶检验: \"丙\" #1,000102030499-339900,1\n渔业局,捕捞许可,512012002012-339900,20\n"
	list = strings.Replace(list, `船舶检验: "丙" #1`, `"船舶检验: ""丙"" #1"`, 1)
	services, refused := catalog.Import(strings.NewReader(list), parseMapping(t, mapping))
	if len(refused) > 0 || len(services) != 2 {
		t.Fatalf("%d services, refused %v", len(services), refused)
	}
	dir := t.TempDir()
	if err := catalog.WriteServices(dir, services); err != nil {
		t.Fatal(err)
	}
	pack := lakeside(t)
	written := os.DirFS(dir)
	if err := fs.WalkDir(written, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		src, err := fs.ReadFile(written, name)
		pack[name] = &fstest.MapFile{Data: src}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	c := load(t, pack)
	s, ok := c.Service("000102030499")
	if !ok || s.Name.ZH != `船舶检验: "丙" #1` || s.Versions[0].Hash() != services[0].Versions[0].Hash() {
		t.Errorf("read back %+v, want %+v", s, services[0])
	}
	if err := catalog.WriteServices(dir, services); err == nil {
		t.Error("a folder that has files is written over")
	}
	services[0].Sector = "../up"
	if err := catalog.WriteServices(t.TempDir(), services); err == nil {
		t.Error("a sector that leads out of the folder is written")
	}
}

func TestParseMapping(t *testing.T) {
	for _, tt := range []struct{ name, old, new, want string }{
		{"a broken expression", `'^([A-Z0-9]+)-'`, `'([A-Z'`, "map.yaml:2:27 This is not a usable regular expression."},
		{"two groups", `'^([A-Z0-9]+)-'`, `'(a)(b)'`, "map.yaml:2:27 This is not a usable regular expression."},
		{"no column", "name: {column: item}", "name: {}", `map.yaml:5:7 "column" is missing.`},
		{"an unknown key", "audience:", "audiences:", `map.yaml:10:1 There is no key "audiences" here. Did you mean "audience"?`},
		{"no English", "english: \"{name} of {agency} (no English yet)\"\n", "", `"english" is missing.`},
		{"an unknown encoding", "audience: [resident]", "audience: [resident]\nencoding: big5", `map.yaml:11:11 "big5" is not one of the codes.`},
	} {
		_, problems := catalog.ParseMapping("map.yaml", []byte(strings.Replace(mapping, tt.old, tt.new, 1)))
		found := false
		for _, p := range problems {
			found = found || strings.Contains(p.String(), tt.want)
		}
		if !found {
			t.Errorf("%s: problems = %v, want %q", tt.name, problems, tt.want)
		}
	}
}

// TestMaps holds the mappings that come with the sample packs.
func TestMaps(t *testing.T) {
	files, err := fs.Glob(os.DirFS("../packs/maps"), "*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("maps = %v, %v", files, err)
	}
	for _, name := range files {
		src, err := os.ReadFile("../packs/maps/" + name)
		if err != nil {
			t.Fatal(err)
		}
		m := parseMapping(t, string(src))
		list := "department,main_item,name,item_code,task_type,area_code,dept_code\n" +
			"区民政局,未分类,临时救助,511E0001000001-511600000000-000-1-1-00,5,511600000000,1\n"
		services, refused := catalog.Import(strings.NewReader(list), m)
		if len(services) != 1 || len(refused) != 0 {
			t.Errorf("%s: %d services, refused %v; want 1 and none", name, len(services), refused)
		}
	}
}

func FuzzImport(f *testing.F) {
	f.Add([]byte("office,item,code,kind\n港务局,船舶检验,000102030499-339900,1\n"))
	f.Add([]byte("office,item,code,kind\n\"a\nb\",,\"\"\"\",\n\r\n,,,\n"))
	f.Add([]byte("\ufeffkind;item\n"))
	f.Add([]byte("office,item,code,kind,kind\n渔业局,x,A-,1,20\n渔业局,x,A-,1,20\n"))
	m := parseMapping(f, mapping)
	f.Fuzz(func(t *testing.T, src []byte) {
		services, refused := catalog.Import(strings.NewReader(string(src)), m)
		rows := map[int]bool{}
		for _, r := range refused {
			if r.Message.EN == "" || r.Message.ZH == "" || rows[r.Row] && r.Row > 1 {
				t.Errorf("refusal %+v: no message, or the row twice", r)
			}
			rows[r.Row] = true
		}
		ids := map[string]bool{}
		for _, s := range services {
			if ids[s.ID] || s.Name.ZH == "" || s.Agency == "" {
				t.Errorf("service %+v is not whole or not the only one", s)
			}
			ids[s.ID] = true
		}
	})
}
