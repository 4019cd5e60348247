package catalog

import (
	"strings"
	"testing"

	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/internal/i18n"
)

// TestWithin finds X in a value, however YAML has it written.
func TestWithin(t *testing.T) {
	for _, src := range []string{
		"a: b && X > 1",
		"a: X",
		"a:   b && X  # a note",
		"a: 'it''s && X'",
		"a: \"q \\\"b\\\" \\u4e2d\\x41 \\t 中 X\"",
		"a: 中文 == X",
		"a: >-\n  b &&\n  c ||\n\n  X > 1",
		"a: |\n    b &&\n      c || X",
		"a: |\n    b &&\n\n    X",
		"a: >-   # a note\n\n  b X",
		"a: b\n  && c\n  || X",
		"a:\n  b || X",
		"a: \"b ||\n  c \\\n  || X\"",
		"a: 'b\n\n  X'",
		"c: 1\na: {b: 2}\n",
	} {
		d := open("f.yaml", []byte(src))
		if v := d.at["a"]; v != nil && v.Scalar != nil {
			text := v.Scalar.(string)
			before, _, _ := strings.Cut(text, "X")
			pos := criterion.Pos{Line: 1 + strings.Count(before, "\n"), Col: 1 + len([]rune(before[strings.LastIndexByte(before, '\n')+1:]))}
			d.within("a", text, pos, i18n.Same("here"), i18n.Text{})
		} else {
			d.within("a", "b X", criterion.Pos{Line: 1, Col: 3}, i18n.Same("here"), i18n.Text{})
			if p := d.Problems[0]; p.Line != 2 || p.Col != 4 {
				t.Errorf("%q: got %s, want the value's own place", src, p)
			}
			continue
		}
		before, _, _ := strings.Cut(src, "X")
		line, col := 1+strings.Count(before, "\n"), 1+len([]rune(before[strings.LastIndexByte(before, '\n')+1:]))
		if p := d.Problems[0]; p.Line != line || p.Col != col {
			t.Errorf("%q: got %s, want %d:%d", src, p, line, col)
		}
	}
}

// A place after the end of a value, or of a file, is where it ends.
func TestWithinEnd(t *testing.T) {
	for src, want := range map[string]string{"a: b &&": "f.yaml:1:8 here", "a: 'b &&'": "f.yaml:1:9 here", "a: |\n  b &&\n": "f.yaml:2:7 here"} {
		d := open("f.yaml", []byte(src))
		d.within("a", "b &&", criterion.Pos{Line: 1, Col: 99}, i18n.Same("here"), i18n.Text{})
		if got := d.Problems[0].String(); got != want {
			t.Errorf("%q: got %s, want %s", src, got, want)
		}
	}
}
