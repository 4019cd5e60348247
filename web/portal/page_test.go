package portal_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode"

	"github.com/andybalholm/brotli"
	"golang.org/x/net/html"

	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/web/ui"
)

// publicPages are one of each kind that everybody may read.
var publicPages = []string{"/", "/residents", "/firms", "/search", "/search?q=护照", "/search?q=zzzzqqq", "/sectors/medical", "/events/new-born",
	"/services/residence-points", "/services/marriage-registration", "/about", "/accessibility", "/privacy", "/offline", "/verify", "/signin"}

// ownPages are those of one who is signed in.
var ownPages = []string{"/", "/services/residence-points", "/apply?service=residence-points", "/basket", "/cases", "/licences", "/messages", "/me", "/for-you", "/for-you/preferences",
	"/me/mandates", "/me/profile"}

// TestExamples holds the words under the search box to finding something, in
// the language of the page.
func TestExamples(t *testing.T) {
	w := newWorld(t)
	for _, lang := range []string{"zh", "en"} {
		v := w.visitor()
		v.open("/?lang=" + lang)
		links := all(class(v.page, "tb-examples")[0], "a")
		if len(links) != 6 {
			t.Errorf("%s: got %d examples, want 6", lang, len(links))
		}
		for _, a := range links {
			word := textOf(a)
			if han := strings.ContainsFunc(word, func(r rune) bool { return unicode.Is(unicode.Han, r) }); han != (lang == "zh") {
				t.Errorf("%s: got the example %q", lang, word)
			}
			v.open(attr(a, "href")).wants(http.StatusOK)
			if len(class(v.page, "tb-empty")) > 0 || len(class(v.page, "tb-list")) == 0 {
				t.Errorf("%s: %q finds nothing", lang, word)
			}
		}
	}
}

// TestPages holds every page to what all pages must be, in both languages and
// in elder mode.
func TestPages(t *testing.T) {
	w := newWorld(t)
	for _, look := range []string{"lang=zh&elder=off", "lang=en&elder=off", "lang=zh&elder=on"} {
		v, own := w.visitor(), w.signedIn("ma-lin")
		v.open("/?" + look)
		own.open("/?" + look)
		for _, path := range publicPages {
			v.open(path).wants(http.StatusOK)
			v.holds(look)
		}
		for _, path := range ownPages {
			own.open(path).wants(http.StatusOK)
			own.holds(look)
		}
		v.open("/no/such/page").wants(http.StatusNotFound)
		v.holds(look)
	}
}

// holds checks the structure of a page: its language, one main heading, labels,
// names, unique ids, nothing inline.
func (v *visitor) holds(look string) {
	v.t.Helper()
	fail := func(format string, args ...any) {
		v.t.Helper()
		v.t.Errorf(v.where.String()+" ("+look+"): "+format, args...)
	}
	root := all(v.page, "html")[0]
	if want := i18n.ParseLang(strings.TrimPrefix(look, "lang=")).Tag(); attr(root, "lang") != want {
		fail("lang: got %q, want %q", attr(root, "lang"), want)
	}
	if elder := attr(root, "class") == "elder"; elder != strings.Contains(look, "elder=on") {
		fail("elder: got %t", elder)
	}
	for name, want := range map[string]int{"h1": 1, "main": 1, "title": 1, "style": 0} {
		if got := len(all(v.page, name)); got != want {
			fail("%s: got %d, want %d", name, got, want)
		}
	}
	v.holdsNames(fail)
	v.holdsHeadings(fail)
	if strings.Contains(look, "lang=en") {
		v.holdsEnglish(fail)
	}
}

func (v *visitor) holdsNames(fail func(string, ...any)) {
	ids, labels := map[string]bool{}, map[string]bool{}
	for _, l := range all(v.page, "label") {
		labels[attr(l, "for")] = true
	}
	for d := range v.page.Descendants() {
		if d.Type != html.ElementNode {
			continue
		}
		if id := attr(d, "id"); id != "" && ids[id] {
			fail("id %q stands twice", id)
		} else if id != "" {
			ids[id] = true
		}
		for _, a := range d.Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
				fail("inline %s on %s: the policy refuses it", a.Key, d.Data)
			}
		}
		switch d.Data {
		case "input", "select", "textarea":
			if attr(d, "type") != "hidden" && !labels[attr(d, "id")] {
				fail("%s %q has no label", d.Data, attr(d, "name"))
			}
		case "script":
			if attr(d, "src") == "" {
				fail("inline script")
			}
		case "img":
			if attr(d, "alt") == "" {
				fail("picture without words: %s", attr(d, "src"))
			}
		case "a", "button":
			if textOf(d) == "" {
				fail("%s without words: %v", d.Data, d.Attr)
			}
		}
		for _, key := range []string{"src", "href", "action"} {
			if u, err := url.Parse(attr(d, key)); err != nil || u.Host != "" {
				fail("%s leads elsewhere: %s", key, attr(d, key))
			}
		}
	}
	for d := range v.page.Descendants() {
		for _, id := range strings.Fields(attr(d, "aria-describedby") + " " + attr(d, "aria-labelledby")) {
			if !ids[id] {
				fail("%s refers to %q, which is not there", d.Data, id)
			}
		}
		if href := attr(d, "href"); d.Data == "a" && len(href) > 1 && href[0] == '#' && !ids[href[1:]] {
			fail("link to %q, which is not there", href)
		}
	}
}

// holdsHeadings sees that no level of heading is left out.
func (v *visitor) holdsHeadings(fail func(string, ...any)) {
	last := 0
	for d := range v.page.Descendants() {
		if d.Type != html.ElementNode || len(d.Data) != 2 || d.Data[0] != 'h' || d.Data[1] < '1' || d.Data[1] > '6' {
			continue
		}
		level := int(d.Data[1] - '0')
		if level > last+1 {
			fail("heading %q of level %d after level %d", textOf(d), level, last)
		}
		last = level
	}
}

// holdsEnglish sees that an English page has no Chinese left but names and
// what a reader typed.
func (v *visitor) holdsEnglish(fail func(string, ...any)) {
	for _, place := range []string{"h1", "h2", "button", "label", "dt", "th"} {
		for _, n := range all(v.page, place) {
			if words := textOf(n); hasHan(words) && attr(n, "lang") != "zh-CN" && v.where.Query().Get("q") == "" {
				fail("%s in Chinese: %q", place, words)
			}
		}
	}
}

func hasHan(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r >= 0x4e00 && r <= 0x9fff })
}

// TestLinks follows every link of the public pages one step.
func TestLinks(t *testing.T) {
	w := newWorld(t)
	v, seen := w.visitor(), map[string]bool{}
	for _, path := range publicPages {
		v.open(path)
		for _, a := range all(v.page, "a") {
			u, err := url.Parse(attr(a, "href"))
			if err != nil {
				t.Errorf("%s: link %q: %v", path, attr(a, "href"), err)
				continue
			}
			if u.Scheme == "" && u.Path != "" {
				seen[u.RequestURI()] = true
			}
		}
	}
	for path := range seen {
		if v.open(path); v.status != http.StatusOK {
			t.Errorf("link %s: got status %d, want 200", path, v.status)
		}
	}
}

// TestFirstLoad holds the weight of the home page with all that it needs: 120
// KB compressed, and none of it from elsewhere.
func TestFirstLoad(t *testing.T) {
	w := newWorld(t)
	v := w.visitor().open("/")
	total := fetched(t, w.server.URL+"/")
	for _, n := range append(all(v.page, "link"), all(v.page, "script")...) {
		address := attr(n, "href") + attr(n, "src")
		if !strings.HasPrefix(address, "/assets/") {
			t.Errorf("home page needs %s, want only our own files", address)
		}
		total += fetched(t, w.server.URL+address)
	}
	if most := 120 << 10; total > most {
		t.Errorf("first load: got %d bytes, want at most %d", total, most)
	}
	t.Logf("first load: %d bytes", total)
}

// fetched is how many bytes come over the wire, with brotli.
func fetched(t *testing.T, address string) int {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "br")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK || res.Header.Get("Content-Encoding") != "br" {
		t.Fatalf("%s: got status %d, encoding %q (%v)", address, res.StatusCode, res.Header.Get("Content-Encoding"), err)
	}
	if _, err := io.Copy(io.Discard, brotli.NewReader(strings.NewReader(string(body)))); err != nil {
		t.Fatal(err)
	}
	return len(body)
}

// TestCachedPages sees that what everybody reads alike carries nothing of
// anybody: no query, no name, and a tag to ask again with.
func TestCachedPages(t *testing.T) {
	w := newWorld(t)
	v := w.visitor().open("/about?q=secret")
	if strings.Contains(v.text()+attr(all(v.page, "a")[2], "href"), "secret") {
		t.Errorf("cached page carries the query of its first reader")
	}
	etag := v.header.Get("ETag")
	if etag == "" || v.header.Get("Cache-Control") != "no-cache" {
		t.Errorf("public page: got ETag %q, Cache-Control %q", etag, v.header.Get("Cache-Control"))
	}
	own := w.signedIn("ma-lin").open("/about")
	if got := own.header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("own page: got Cache-Control %q, want no-store", got)
	}
	own.sees("马琳")
	if strings.Contains(w.visitor().open("/about").text(), "马琳") {
		t.Error("a public page names someone who is signed in")
	}
	// the cookie of a choice is set even where the page comes from the cache
	v = w.visitor()
	v.open("/about?lang=en")
	v.open("/about").sees("About")
	v.open("/").sees("What do you need to do?")
}

// TestIconsOfThePack sees that the city names no icon that there is not.
func TestIconsOfThePack(t *testing.T) {
	city, _ := loadCity()
	for _, s := range city.Sectors {
		if !ui.HasIcon(s.Icon) {
			t.Errorf("sector %s: no icon %q", s.ID, s.Icon)
		}
	}
	for _, e := range city.Events {
		if !ui.HasIcon(e.Icon) {
			t.Errorf("life event %s: no icon %q", e.ID, e.Icon)
		}
	}
}
