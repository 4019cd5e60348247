package browser

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/chromedp/chromedp"

	_ "embed"
)

// helper is the part that runs in the page: window.tb.
//
//go:embed helper.js
var helper string

// spot is a point to press.
type spot struct {
	X, Y    float64
	Found   bool
	Covered string // by what; empty: not covered
}

// call runs a function of helper.js.
func call[T any](w *Window, name string, args ...any) T {
	w.t.Helper()
	text, err := json.Marshal(append([]any{}, args...))
	if err != nil {
		w.t.Fatal(err)
	}
	return run(w, name, chromedp.Evaluate[T](fmt.Sprintf("(() => { %s\nreturn tb.%s(...%s); })()", helper, name, text), chromedp.EvalAwaitPromise))
}

func (w *Window) at(s spot, what string) {
	w.t.Helper()
	if !s.Found {
		w.fail("there is no %s", what)
	}
	if s.Covered != "" {
		w.fail("%s is covered by %s", what, s.Covered)
	}
	w.press(s.X, s.Y)
}

// Click presses the link or button that says the words, or begins with or
// contains them, and waits for the page that it leads to.
func (w *Window) Click(words string) {
	w.t.Helper()
	w.ClickIn("body", words)
}

// ClickIn is Click within the first element of a selector that has the words.
func (w *Window) ClickIn(scope, words string) {
	w.t.Helper()
	what := fmt.Sprintf("link or button %q in %s", words, scope)
	w.Loads(what, func() { w.at(call[spot](w, "action", scope, words), what) })
}

// ClickOn presses the first visible element of a selector and waits for the
// page that it leads to.
func (w *Window) ClickOn(selector string) {
	w.t.Helper()
	w.Loads(selector, func() { w.at(call[spot](w, "first", selector), selector) })
}

// Press is Click where no page follows.
func (w *Window) Press(words string) {
	w.t.Helper()
	w.at(call[spot](w, "action", "body", words), fmt.Sprintf("link or button %q", words))
}

// Control is one question of a form: a text, a list, or all radio buttons of
// one name.
type Control struct {
	Name, Type, Value, Label string
	Choices                  []string // values, of radio buttons and lists
}

// Controls are the questions of the forms in the main part.
func (w *Window) Controls() []Control {
	w.t.Helper()
	return call[[]Control](w, "controls")
}

// Fill answers questions by their names: types texts, chooses from lists (by
// value, or by a part of the words) and radio buttons, ticks boxes ("yes", or
// the value of one of several) or clears them ("no").
func (w *Window) Fill(answers map[string]string) {
	w.t.Helper()
	for _, name := range slices.Sorted(maps.Keys(answers)) {
		w.fill(name, answers[name])
	}
}

func (w *Window) fill(name, value string) {
	w.t.Helper()
	type field struct {
		spot
		How string
	}
	f := call[field](w, "field", name, value)
	switch f.How {
	case "press":
		w.at(f.spot, fmt.Sprintf("choice %s = %s", name, value))
	case "type":
		w.at(f.spot, "field "+name)
		call[bool](w, "selected", name)
		w.insert(value)
	case "done":
	default:
		w.fail("there is no field %q for %q", name, value)
	}
}

// Attach chooses a file for the first file input of a selector.
func (w *Window) Attach(selector, file string) {
	w.t.Helper()
	run(w, "attach", chromedp.SetUploadFiles(chromedp.CSS(selector), []string{file}))
}
