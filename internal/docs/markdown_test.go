package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

// document is a Markdown file, taken apart.
type document struct {
	name     string // from the root, with slashes
	headings []heading
	blocks   []block
	links    []string // targets
	spans    []string // inline code
}

type heading struct {
	level int
	text  string
}

// block is a fenced block; info is what stands behind the fence.
type block struct {
	info string
	text string
	line int
}

var (
	linkPattern = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	spanPattern = regexp.MustCompile("`([^`\n]+)`")
)

func readDocument(t *testing.T, name string) document {
	t.Helper()
	src, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return parseDocument(name, string(src))
}

func parseDocument(name, src string) document {
	d := document{name: name}
	var open *block
	for i, line := range strings.Split(src, "\n") {
		if fence, ok := strings.CutPrefix(strings.TrimSpace(line), "```"); ok {
			if open == nil {
				open = &block{info: strings.TrimSpace(fence), line: i + 1}
				continue
			}
			d.blocks = append(d.blocks, *open)
			open = nil
			continue
		}
		if open != nil {
			open.text += line + "\n"
			continue
		}
		if text := strings.TrimLeft(line, "#"); text != line && strings.HasPrefix(text, " ") {
			d.headings = append(d.headings, heading{level: len(line) - len(text), text: strings.TrimSpace(text)})
		}
		for _, m := range linkPattern.FindAllStringSubmatch(line, -1) {
			d.links = append(d.links, m[1])
		}
		for _, m := range spanPattern.FindAllStringSubmatch(line, -1) {
			d.spans = append(d.spans, m[1])
		}
	}
	return d
}

func TestParseDocument(t *testing.T) {
	d := parseDocument("x.md", "# A `b`\n\n```sh run\nmake test\n# no heading\n```\n[c](d/e.md) #no\n## F\n")
	if len(d.headings) != 2 || d.headings[1] != (heading{2, "F"}) {
		t.Errorf("headings: got %v, want A and F", d.headings)
	}
	if len(d.blocks) != 1 || d.blocks[0] != (block{"sh run", "make test\n# no heading\n", 3}) {
		t.Errorf("blocks: got %+v, want one", d.blocks)
	}
	if !slices.Equal(d.links, []string{"d/e.md"}) || !slices.Equal(d.spans, []string{"b"}) {
		t.Errorf("got links %v, spans %v; want d/e.md and b", d.links, d.spans)
	}
}

// documents are every Markdown file that people are sent to.
func documents(t *testing.T) []document {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(root, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(filepath.Join(root, "docs"), func(name string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(name, ".md") {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var all []document
	for _, name := range names {
		rel, err := filepath.Rel(root, name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, readDocument(t, filepath.ToSlash(rel)))
	}
	if len(all) < 20 {
		t.Fatalf("got %d documents, want all of them", len(all))
	}
	return all
}
