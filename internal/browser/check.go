package browser

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/chromedp/chromedp"
)

// axe is axe-core 4.14.1, as published.
//
//go:embed testdata/axe/axe.min.js
var axe string

// look is what helper.js gathers of a page.
type look struct {
	Lang, Title                              string
	Headings, Over, Main, Order, Small, Keys []string
	Elder                                    bool
}

// Check holds the page to the rules: a title, one heading, at most one main
// button, no sideways scrolling, targets large enough for a finger, focus in
// the order of reading, no words that a program left behind, and on an English
// page nothing in Chinese that is not marked as Chinese. Axe looks at each
// kind of page once in each language and type size. The picture of the page
// bears the kind's name.
func (w *Window) Check(kind string) {
	w.t.Helper()
	w.check(kind, 1)
}

// CheckList is Check for a page of several equals, each with a main button.
func (w *Window) CheckList(kind string) {
	w.t.Helper()
	w.check(kind, 1000)
}

func (w *Window) check(kind string, buttons int) {
	w.t.Helper()
	l := call[look](w, "look")
	key := fmt.Sprintf("%s %s elder=%t %s", kind, l.Lang, l.Elder, w.size.Name)
	bad := func(rule string, got any) {
		if w.browser.first(key + rule) { // said once, not on each of a hundred pages
			w.t.Errorf("%s (%s): %s: %v", w.where(), kind, rule, got)
		}
	}
	if l.Title == "" {
		bad("want a title, got", l.Title)
	}
	if len(l.Headings) != 1 || l.Headings[0] == "" {
		bad("want one main heading, got", fmt.Sprintf("%q", l.Headings))
	}
	if len(l.Main) > buttons {
		bad("want one main button, got", l.Main)
	}
	var foreign []string
	if l.Lang == "en" {
		foreign = call[[]string](w, "han")
	}
	for rule, list := range map[string][]string{"is in Chinese and not marked as such": foreign, "sticks out": l.Over, "takes the focus out of order": l.Order, "is too small to touch": l.Small, "shows what a program left": l.Keys} {
		if len(list) > 0 {
			bad(rule, strings.Join(list, "; "))
		}
	}
	if w.browser.first(fmt.Sprintf("axe %s %s elder=%t", kind, l.Lang, l.Elder)) {
		w.axe(kind, l.Elder)
	}
	if w.browser.first(key) {
		name := kind + "-" + l.Lang
		if l.Elder {
			name += "-elder"
		}
		w.Shot(name)
	}
	w.blame()
}

// violation is a finding of axe.
type violation struct {
	ID, Help string
	Nodes    []string
}

// axe runs every rule of axe-core that is on by default, WCAG 2.2's size of
// targets, and in elder mode the stronger contrast of level AAA.
func (w *Window) axe(kind string, elder bool) {
	w.t.Helper()
	// The call button floats; what it hides can be scrolled from under it.
	script := axe + fmt.Sprintf(`;document.querySelectorAll(".tb-call").forEach((e) => { e.style.position = "static"; });axe.run(document, {resultTypes: ["violations"], rules: {"target-size": {enabled: true}, "color-contrast-enhanced": {enabled: %t}}})
.then((r) => r.violations.map((v) => ({ID: v.id, Help: v.help, Nodes: v.nodes.slice(0, 4).map((n) => n.target.join(" ") + "\n      " + n.html.slice(0, 160) + "\n      " + n.failureSummary.replace(/\s+/g, " "))})))`, elder)
	// A long page has thousands of elements to look at.
	found := runFor(w, 6*patience, "axe", chromedp.Evaluate[[]violation](script, chromedp.EvalAwaitPromise))
	for _, v := range found {
		w.t.Errorf("%s (%s): axe: %s: %s\n    %s", w.where(), kind, v.ID, v.Help, strings.Join(v.Nodes, "\n    "))
	}
}

// Unfocused are the links and fields on which one cannot see the focus.
func (w *Window) Unfocused() []string {
	w.t.Helper()
	return call[[]string](w, "unfocused")
}
