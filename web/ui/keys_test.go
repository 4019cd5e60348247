package ui_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/i18n"
)

const root = "../.."

var (
	// call is a use of a key as a literal: i18n.M("x.y"), i18n.T(l, "x.y"), ui.T(ctx, "x.y").
	call = regexp.MustCompile(`\b(?:i18n\.M\(|i18n\.T\([^,"]+,\s*|\bT\([^,"]+,\s*)"([a-z][\w-]*(?:\.[\w-]+)+)"`)
	// text is any literal that has the form of a key: keys stand in tables too.
	text = regexp.MustCompile(`"([a-z][a-z0-9]*(?:\.[A-Za-z0-9-]+)+)"`)
	// stem is a literal that the rest of a key is added to: "fault." + kind.
	stem = regexp.MustCompile(`"([a-z][a-z0-9]*(?:\.[A-Za-z0-9-]+)*\.)"\s*\+`)
	hole = regexp.MustCompile(`\{\w+\}`)
)

// sources are the Go files and templates of the repository that people write.
func sources(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && path != root && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "testdata") {
			return filepath.SkipDir
		}
		written := slices.Contains([]string{".go", ".templ", ".html"}, filepath.Ext(name))
		if d.IsDir() || !written || strings.HasSuffix(name, "_templ.go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		src, err := os.ReadFile(path)
		files[path] = string(src)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestKeys holds code and messages together: what is said exists, and what
// exists is said.
func TestKeys(t *testing.T) {
	keys, err := i18n.Keys()
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	var stems []string
	for path, src := range sources(t) {
		for _, m := range call.FindAllStringSubmatch(src, -1) {
			if !slices.Contains(keys, m[1]) {
				t.Errorf("%s: key %q has no message", path, m[1])
			}
		}
		for _, m := range text.FindAllStringSubmatch(src, -1) {
			used[m[1]] = true
		}
		for _, m := range stem.FindAllStringSubmatch(src, -1) {
			stems = append(stems, m[1])
		}
	}
	for _, key := range keys {
		if !used[key] && !slices.ContainsFunc(stems, func(s string) bool { return strings.HasPrefix(key, s) }) {
			t.Errorf("message %q is said nowhere", key)
		}
	}
}

// TestPlaceholders holds the two languages of a message together.
func TestPlaceholders(t *testing.T) {
	keys, err := i18n.Keys()
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		m := i18n.M(key)
		if m.ZH == "" || m.EN == "" {
			t.Errorf("%s: got zh %q, en %q, want both", key, m.ZH, m.EN)
		}
		zh, en := hole.FindAllString(m.ZH, -1), hole.FindAllString(m.EN, -1)
		slices.Sort(zh)
		slices.Sort(en)
		if !slices.Equal(slices.Compact(zh), slices.Compact(en)) {
			t.Errorf("%s: placeholders differ: zh %v, en %v", key, zh, en)
		}
	}
}

// TestArguments holds the placeholders of a message to what its callers give.
func TestArguments(t *testing.T) {
	withArgs := regexp.MustCompile(`\b(?:i18n\.M\(|ui\.T\(ctx,\s*|[^.\w]T\(ctx,\s*)"([a-z][\w-]*(?:\.[\w-]+)+)"([^()\n]*(?:\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)[^()\n]*)*)\)`)
	name := regexp.MustCompile(`(?:^|,)\s*"(\w+)"\s*,`)
	for path, src := range sources(t) {
		for _, m := range withArgs.FindAllStringSubmatch(src, -1) {
			given := map[string]bool{}
			for _, arg := range name.FindAllStringSubmatch(m[2], -1) {
				given["{"+arg[1]+"}"] = true
			}
			if strings.Contains(m[2], "...") {
				continue
			}
			for _, want := range hole.FindAllString(i18n.M(m[1]).ZH, -1) {
				if !given[want] {
					t.Errorf("%s: %s is said without %s: got%s", path, m[1], want, m[2])
				}
			}
		}
	}
}
