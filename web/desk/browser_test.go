package desk_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/tongban/tongban/identity"
	"github.com/tongban/tongban/internal/browser"
	"github.com/tongban/tongban/policy"
	"github.com/tongban/tongban/web/ui"
)

// site serves the desk to a browser, whose cookie "as" says who is signed in.
func (w *world) site() string {
	mux := http.NewServeMux()
	mux.Handle("/assets/", ui.Assets())
	mux.Handle("/sw.js", ui.Worker())
	mux.HandleFunc("/as/{who}", func(rw http.ResponseWriter, r *http.Request) {
		http.SetCookie(rw, &http.Cookie{Name: "as", Value: r.PathValue("who"), Path: "/"})
		http.Redirect(rw, r, r.URL.Query().Get("to"), http.StatusSeeOther)
	})
	mux.HandleFunc("/desk/", w.signedIn)
	mux.HandleFunc("/desk", w.signedIn)
	mux.HandleFunc("/favicon.ico", func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusNoContent) })
	s := httptest.NewServer(mux)
	w.t.Cleanup(s.Close)
	return s.URL
}

func (w *world) signedIn(rw http.ResponseWriter, r *http.Request) {
	if c, err := r.Cookie("as"); err == nil {
		if pr := w.who(c.Value); pr.Kind != policy.Public {
			r = r.WithContext(identity.With(r.Context(), w.sitting(pr)))
		}
	}
	w.handler.ServeHTTP(rw, r)
}

// TestPages holds every kind of page to the rules of the house and to axe: in
// Chinese on a phone, in English on a desktop, and those that tell most in large
// type.
func TestPages(t *testing.T) {
	w := newWorld(t)
	kinds := w.kinds()
	origin := w.site()
	b := browser.Open(t)
	large := []string{"inbox", "case-review", "decision", "overview"}
	for _, tt := range []struct {
		name  string
		size  browser.Size
		look  string
		kinds []string
	}{
		{"phone", browser.Phone, "lang=zh&elder=off", slices.Sorted(maps.Keys(kinds))},
		{"desktop", browser.Desktop, "lang=en&elder=off", slices.Sorted(maps.Keys(kinds))},
		{"tablet-large-type", browser.Tablet, "lang=zh&elder=on", large},
	} {
		t.Run(tt.name, func(t *testing.T) {
			win := b.Window(t, origin, tt.size)
			for _, kind := range tt.kinds {
				win.Open("/as/" + kinds[kind][0] + "?to=" + url.QueryEscape(with(kinds[kind][1], tt.look)))
				if strings.HasPrefix(kind, "case") {
					win.Wait(`document.querySelector("[data-diagram] svg .djs-element") !== null`)
				}
				if kind == "intake-found" || kind == "intake-present" { // one button for each
					win.CheckList(kind)
				} else {
					win.Check(kind)
				}
			}
		})
	}
}

// with adds to an address's query.
func with(address, query string) string {
	if strings.Contains(address, "?") {
		return address + "&" + query
	}
	return address + "?" + query
}

// The keys go down and up the list and open a case; they can be switched off.
func TestKeys(t *testing.T) {
	w := newWorld(t)
	first, second := w.apply("chen-guilan", "elderly-allowance"), w.apply("chen-guilan", "elderly-allowance")
	win := browser.Open(t).Window(t, w.site(), browser.Desktop)
	win.Open("/as/mzj-officer?to=/desk")
	at := func(want string) {
		t.Helper()
		if got := browser.Eval[string](win, `document.activeElement.closest("tr")?.innerText ?? ""`); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("the focus is on %q, want the row of %q", got, want)
		}
	}
	win.Key("j")
	at(first.Number)
	win.Key("j")
	at(second.Number)
	win.Key("j")
	at(second.Number)
	win.Key("k")
	at(first.Number)
	win.Press("关闭按键")
	win.Key("j")
	at("")
	win.Open("/desk")
	win.Key("j")
	at("")
	win.Press("打开按键")
	win.Key("j")
	win.Loads("Enter", func() { win.Key("\r") })
	if got := win.Path(); got != "/desk/cases/"+first.ID {
		t.Errorf("Enter opens %s, want the first case", got)
	}
}

// The diagram is drawn with a mark on the step where the case is, in the
// page's language, with the drawer's own mark in sight.
func TestDiagramDrawn(t *testing.T) {
	w := newWorld(t)
	c := w.apply("chen-guilan", "elderly-allowance")
	win := browser.Open(t).Window(t, w.site(), browser.Desktop)
	for lang, words := range map[string][2]string{"zh": {"现在在这里", "审查材料"}, "en": {"It is here", "Review"}} {
		win.Open("/as/mzj-officer?to=" + at(c, "?lang="+lang))
		win.Wait(`document.querySelector("[data-diagram] .dk-live[data-element-id=accept]") !== null`)
		if got := browser.Eval[string](win, `document.querySelector(".dk-here").textContent`); got != words[0] {
			t.Errorf("%s: the mark says %q, want %q", lang, got, words[0])
		}
		if got := browser.Eval[string](win, `document.querySelector("[data-diagram]").textContent`); !strings.Contains(strings.ReplaceAll(got, "\n", ""), words[1]) {
			t.Errorf("%s: the drawing says %q, want %q", lang, got, words[1])
		}
		if !win.Has(".bjs-powered-by") {
			t.Error("the drawer's mark is gone")
		}
	}
}
