package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

// invoke runs a command as the shell does and gives what it printed.
func invoke(t *testing.T, cmd *cobra.Command, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

const lakeside = "../../catalog/testdata/lakeside"

func TestCheck(t *testing.T) {
	out, err := invoke(t, checkCommand(), lakeside)
	if err != nil || !strings.Contains(out, "no problems (services 3, life events 1,") {
		t.Errorf("check of a sound pack: %q, %v", out, err)
	}
	broken := t.TempDir()
	if err := os.CopyFS(broken, os.DirFS(lakeside)); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(broken, "services", "water", "fishing.yaml")
	src, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	src = []byte(strings.NewReplacer("agency: fish", "agency: fisch", "handling: \"1\"", "handling: \"3\"").Replace(string(src)))
	if err := os.WriteFile(name, src, 0o644); err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string]string{
		"en": "services/water/fishing.yaml:5:9 There is no agency \"fisch\". Did you mean \"fish\"?\n" +
			"services/water/fishing.yaml:16:15 \"3\" is not one of the codes. Use one of: 1, 2.\n",
		"zh": "services/water/fishing.yaml:5:9 没有编号为“fisch”的部门。 是不是“fish”？\n" +
			"services/water/fishing.yaml:16:15 “3”不是可用的代码。 可以写：1, 2。\n",
	} {
		out, err := invoke(t, checkCommand(), broken, "--lang", lang)
		if diff := cmp.Diff(want, out); diff != "" {
			t.Errorf("check --lang %s (-want +got):\n%s", lang, diff)
		}
		if err == nil || err.Error() != "problems in "+broken+": 2" {
			t.Errorf("check --lang %s ends with %v, want 2 problems", lang, err)
		}
	}
	if _, err := invoke(t, checkCommand(), filepath.Join(broken, "nowhere")); err == nil {
		t.Error("a folder that is not there is taken")
	}
}

func TestCatalogueCompare(t *testing.T) {
	out, err := invoke(t, catalogueCommand(), "compare", lakeside, "boat-registration", "2025-06-01", "2026-06-01", "--json")
	want := `{"after":{"steps":2,"days":5,"documents":1,"visits":0,"cost":3000},"before":{"steps":3,"days":15,"documents":2,"visits":2,"cost":5000},` +
		`"less":{"steps":1,"days":10,"documents":1,"visits":2,"cost":2000}}` + "\n"
	if err != nil || out != want {
		t.Errorf("compare --json = %s, %v; want %s", out, err, want)
	}
	out, err = invoke(t, catalogueCommand(), "compare", lakeside, "boat-registration", "2025-06-01", "2026-06-01")
	if err != nil || !strings.Contains(out, "days               15          5       10") {
		t.Errorf("compare = %s, %v", out, err)
	}
	for _, args := range [][]string{
		{lakeside, "boat", "2025-06-01", "2026-06-01"}, {lakeside, "boat-registration", "2019-06-01", "2026-06-01"},
		{lakeside, "boat-registration", "June", "2026-06-01"}, {t.TempDir(), "boat-registration", "2025-06-01", "2026-06-01"},
	} {
		if out, err := invoke(t, catalogueCommand(), append([]string{"compare"}, args...)...); err == nil {
			t.Errorf("compare %v is taken: %s", args, out)
		}
	}
}

func TestCatalogueImport(t *testing.T) {
	dir := t.TempDir()
	list := filepath.Join(dir, "items.csv")
	if err := os.WriteFile(list, []byte("department,main_item,name,item_code,task_type,area_code,dept_code\n"+
		"区民政局,未分类,临时救助,511E0001000001-511600000000-000-1-1-00,5,511600000000,1\n"+
		"区民政局,未分类,旧码事项,G-000007-001-511600000000,5,511600000000,1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "fragment")
	args := []string{"import", list, "--map", "../../packs/maps/zwfw.yaml", "--out", out}
	printed, err := invoke(t, catalogueCommand(), args...)
	want := list + ":3 \"G-000007-001-511600000000\" in \"item_code\" is not of the form that is asked for.\n" +
		"services written to " + out + ": 1, rows refused: 1\n"
	if err != nil || printed != want {
		t.Errorf("import printed %q, %v; want %q", printed, err, want)
	}
	if _, err := os.Stat(filepath.Join(out, "services", "civil-affairs", "511e0001000001.yaml")); err != nil {
		t.Error(err)
	}
	if _, err := invoke(t, catalogueCommand(), args...); err == nil {
		t.Error("a second import into the same folder is taken")
	}
	if _, err := invoke(t, catalogueCommand(), "import", list, "--map", list, "--out", filepath.Join(dir, "x")); err == nil {
		t.Error("a list is taken for a mapping")
	}
}
