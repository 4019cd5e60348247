package source_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/internal/source"
)

func TestParse(t *testing.T) {
	v, err := source.Parse("a.yaml", []byte("name: 通办\nlist:\n  - 1\n  - 2.5\n  - true\n  - null\nin: {a: [x, \"y\"], 2026: z}\nblock: |\n  one\n  two\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"name": "通办", "list": []any{int64(1), 2.5, true, nil},
		"in": map[string]any{"a": []any{"x", "y"}, "2026": "z"}, "block": "one\ntwo\n",
	}
	if diff := cmp.Diff(want, v.Plain()); diff != "" {
		t.Errorf("Plain (-want +got):\n%s", diff)
	}
	in := v.Get("in")
	if y := in.Get("a").Items[1]; y.Line != 7 || y.Col != 13 {
		t.Errorf("y stands at %d:%d, want 7:13", y.Line, y.Col)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, tt := range []struct{ name, src, want string }{
		{"empty", "", "f:1:1 The file is empty."},
		{"only a comment", "# nothing\n", "f:1:1 The file is empty."},
		{"not UTF-8", "a: \xff", "f:1:1 The file is not UTF-8 text."},
		{"duplicate", "a: 1\na: 2\n", "f:2:1 "},
		{"alias bomb", "a: &a [1, 1]\nb: [*a, *a]\n", "f:1:4 Only plain values"},
		{"two documents", "a: 1\n---\nb: 2\n", "one document"},
		{"brackets", strings.Repeat("[", 100000), "Nested too deeply"},
		{"dashes", strings.Repeat("- ", 100000), "Nested too deeply"},
		{"tags", strings.Repeat("!a ", 100000), "Nested too deeply"},
		{"indents", indents(60), "Nested too deeply"},
		{"broken", "a: [1,\nb: }", "Cannot be read"},
		{"huge number", "a: 18446744073709551615", "f:1:4 The number is too large."},
		{"huge file", strings.Repeat("a", source.MaxBytes+1), "at most 512 KB"},
	} {
		_, err := source.Parse("f", []byte(tt.src))
		if err == nil {
			t.Errorf("%s: taken, want a fault", tt.name)
			continue
		}
		if !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %q, want %q in it", tt.name, err, tt.want)
		}
	}
}

func indents(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

func TestDecoder(t *testing.T) {
	src := "name: 3\nflag: yes please\nmany: 2.5\nlabel: {zh: 好}\nodd: 1\nlist: {}\nwords: [a, 2]\n"
	v, err := source.Parse("f.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	d := &source.Decoder{File: "f.yaml"}
	d.Known(v, "name", "flag", "many", "label", "list", "words")
	d.Need(v, "gone")
	d.String(v.Get("name"))
	d.Bool(v.Get("flag"))
	d.Int(v.Get("many"))
	d.Text(v.Get("label"))
	d.List(v.Get("list"))
	d.Strings(v.Get("words"))
	d.Int(v.Get("absent"))
	if n, ok := d.Number(v.Get("many")); !ok || n != 2.5 {
		t.Errorf("Number = %v, %v; want 2.5", n, ok)
	}
	want := strings.Join([]string{
		`f.yaml:1:1 "gone" is missing.`,
		`f.yaml:1:7 Text is expected here (put numbers in quotes).`,
		`f.yaml:2:7 true or false is expected here.`,
		`f.yaml:3:7 A whole number is expected here.`,
		`f.yaml:4:8 Both languages (zh and en) are needed.`,
		`f.yaml:5:1 Unknown key "odd". Use one of: name, flag, many, label, list, words.`,
		`f.yaml:6:7 A list is expected here.`,
		`f.yaml:7:12 Text is expected here (put numbers in quotes).`,
	}, "\n")
	if diff := cmp.Diff(want, d.Problems.Err().Error()); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	if got := d.Problems[0].In(i18n.ZH); !strings.Contains(got, "缺少") {
		t.Errorf("Chinese = %q, want 缺少 in it", got)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"a: 1", "- a\n- {b: [c]}", `{"a": [1, 2.5, "x", null]}`, "a: |\n  b\n", "? a\n: b", "&a !b c", "<<: *a"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		v, err := source.Parse("f", src)
		if err == nil {
			v.Plain()
		}
	})
}
