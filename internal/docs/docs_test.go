// Package docs holds what is written to what is there: commands, flags, make
// targets, paths, links, settings and tables in the documents. It has only
// tests. With -update it writes the tables that come from code anew.
package docs

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestLinks follows every link inside the tree.
func TestLinks(t *testing.T) {
	for _, d := range documents(t) {
		for _, link := range d.links {
			target, _, _ := strings.Cut(link, "#")
			if target == "" || strings.Contains(target, "://") {
				continue
			}
			name := path.Join(path.Dir(d.name), target)
			if _, err := os.Stat(filepath.Join(root, name)); err != nil {
				t.Errorf("%s: link to %s: there is no %s", d.name, link, name)
			}
		}
	}
}

// TestPaths looks for every path that stands as code in the text: one that
// begins with a folder or file of the root, and is there or, as internal/store
// is, in some package. Placeholders have capitals, as in
// services/SECTOR/ID.yaml, or one of …*{<.
func TestPaths(t *testing.T) {
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	top := map[string]bool{}
	for _, e := range entries {
		top[e.Name()] = true
	}
	placeholder := regexp.MustCompile(`[…*{<]|/[A-Z]{2,}(/|\.[a-z]+$|$)|NNNN`)
	for _, d := range documents(t) {
		for _, span := range d.spans {
			first, _, nested := strings.Cut(span, "/")
			if !nested || !top[first] || strings.ContainsAny(span, " ,(") || placeholder.MatchString(span) {
				continue
			}
			here, err := filepath.Glob(filepath.Join(root, span))
			if err != nil {
				t.Fatal(err)
			}
			inside, err := filepath.Glob(filepath.Join(root, "*", span))
			if err != nil {
				t.Fatal(err)
			}
			if len(here)+len(inside) == 0 {
				t.Errorf("%s names %s, which is not there", d.name, span)
			}
		}
	}
}

// TestLanguages holds each pair of documents to the same headings, the same
// code and the same links.
func TestLanguages(t *testing.T) {
	pairs := 0
	for _, zh := range documents(t) {
		base, ok := strings.CutSuffix(zh.name, ".zh-CN.md")
		if !ok {
			continue
		}
		pairs++
		en := readDocument(t, base+".md")
		if diff := cmp.Diff(levels(en), levels(zh)); diff != "" {
			t.Errorf("headings of %s and %s (-en +zh):\n%s", en.name, zh.name, diff)
		}
		if diff := cmp.Diff(code(en), code(zh)); diff != "" {
			t.Errorf("code of %s and %s (-en +zh):\n%s", en.name, zh.name, diff)
		}
		if diff := cmp.Diff(targets(en), targets(zh)); diff != "" {
			t.Errorf("links of %s and %s (-en +zh):\n%s", en.name, zh.name, diff)
		}
	}
	if pairs != 4 {
		t.Errorf("got %d documents in two languages, want the README and three guides", pairs)
	}
}

func levels(d document) []int {
	var list []int
	for _, h := range d.headings {
		list = append(list, h.level)
	}
	return list
}

// code is the fenced blocks, without comments.
func code(d document) []string {
	var list []string
	for _, b := range d.blocks {
		lines := []string{b.info}
		for line := range strings.Lines(b.text) {
			line, _, _ = strings.Cut(line, "#")
			lines = append(lines, strings.TrimRight(line, " \n"))
		}
		list = append(list, strings.Join(lines, "\n"))
	}
	return list
}

// targets are where links lead, whatever the language, sorted.
func targets(d document) []string {
	var list []string
	for _, link := range d.links {
		link = strings.Replace(link, ".zh-CN.md", ".md", 1)
		if link != path.Base(strings.Replace(d.name, ".zh-CN.md", ".md", 1)) { // the other language
			list = append(list, link)
		}
	}
	slices.Sort(list)
	return list
}

// TestFolders holds the plan of the house to the folders that there are.
func TestFolders(t *testing.T) {
	src, err := os.ReadFile(filepath.Join(root, "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		has, err := filepath.Glob(filepath.Join(root, e.Name(), "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		if len(has) > 0 && !strings.Contains(string(src), "| `"+e.Name()+"` |") {
			t.Errorf("ARCHITECTURE.md has no row for the folder %s", e.Name())
		}
	}
}

// TestDecisions holds each decision record to its form.
func TestDecisions(t *testing.T) {
	names, err := filepath.Glob(filepath.Join(root, "docs", "adr", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range names {
		number := strings.TrimLeft(filepath.Base(name)[:4], "0")
		d := readDocument(t, "docs/adr/"+filepath.Base(name))
		var parts []string
		for _, h := range d.headings {
			parts = append(parts, h.text)
		}
		if len(parts) == 0 || !strings.HasPrefix(parts[0], number+". ") {
			t.Errorf("%s begins with %q, want %q and the decision", d.name, parts, "# "+number+". ")
			continue
		}
		if diff := cmp.Diff([]string{"Context", "Decision", "Consequences"}, parts[1:]); diff != "" {
			t.Errorf("parts of %s (-want +got):\n%s", d.name, diff)
		}
		if want := filepath.Base(name)[:4]; want != leading(i+1) {
			t.Errorf("%s: got number %s, want %s: numbers have no gap", d.name, want, leading(i+1))
		}
	}
}

func leading(n int) string {
	return string([]byte{'0', '0', byte('0' + n/10), byte('0' + n%10)})
}

// TestNotice finds every licence text in the tree named in NOTICE.
func TestNotice(t *testing.T) {
	notice, err := os.ReadFile(filepath.Join(root, "NOTICE"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	err = filepath.WalkDir(root, func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() && (e.Name() == ".git" || e.Name() == "node_modules" || e.Name() == "bin" || e.Name() == "venv") {
			return filepath.SkipDir
		}
		rel, _ := filepath.Rel(root, name)
		rel = filepath.ToSlash(rel)
		upper := strings.ToUpper(e.Name())
		if e.IsDir() || rel == "LICENSE" || !strings.Contains(upper, "LICENSE") && !strings.Contains(upper, "COPYING") && !strings.Contains(upper, ".MIN.JS") {
			return nil
		}
		found++
		if !strings.Contains(string(notice), rel) {
			t.Errorf("NOTICE does not name %s", rel)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found == 0 {
		t.Error("no licence texts found, want those of vendored files")
	}
}
