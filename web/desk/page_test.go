package desk_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/tongban/tongban/identity"
	"github.com/tongban/tongban/policy"
)

// page is an answer of the desk.
type page struct {
	t      *testing.T
	Status int
	Header http.Header
	Body   string
}

// get asks for a page as the named one; "" is nobody.
func (w *world) get(as, address string) page { return w.ask(as, http.MethodGet, address, nil) }

// post sends a form as the named one.
func (w *world) post(as, address string, form url.Values) page {
	return w.ask(as, http.MethodPost, address, form)
}

func (w *world) ask(as, method, address string, form url.Values) page {
	w.t.Helper()
	r := httptest.NewRequestWithContext(w.ctx, method, address, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return w.send(as, r)
}

func (w *world) send(as string, r *http.Request) page {
	w.t.Helper()
	if pr := w.who(as); pr.Kind != policy.Public {
		r = r.WithContext(identity.With(r.Context(), w.sitting(pr)))
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	return page{w.t, rec.Code, rec.Header(), rec.Body.String()}
}

// wants fails the test where the status differs.
func (p page) wants(status int) page {
	p.t.Helper()
	if p.Status != status {
		p.t.Fatalf("got status %d, want %d; to %q; page:\n%s", p.Status, status, p.Header.Get("Location"), p.text())
	}
	return p
}

// says fails the test where the page does not have all of the words.
func (p page) says(words ...string) page {
	p.t.Helper()
	text := p.text()
	for _, one := range words {
		if !strings.Contains(text, one) {
			p.t.Errorf("the page does not say %q:\n%s", one, text)
		}
	}
	return p
}

// silent fails the test where the page has any of the words.
func (p page) silent(words ...string) page {
	p.t.Helper()
	text := p.text()
	for _, one := range words {
		if strings.Contains(text, one) {
			p.t.Errorf("the page says %q:\n%s", one, text)
		}
	}
	return p
}

// to fails the test where the page does not redirect there.
func (p page) to(address string) page {
	p.t.Helper()
	p.wants(http.StatusSeeOther)
	if got := p.Header.Get("Location"); got != address {
		p.t.Errorf("redirects to %q, want %q", got, address)
	}
	return p
}

// text is what a reader reads of the page.
func (p page) text() string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(p.Body))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return strings.Join(strings.Fields(b.String()), " ")
		case html.TextToken:
			b.Write(z.Text())
			b.WriteByte(' ')
		}
	}
}

// nodes lists the elements that keep reports, in order.
func (p page) nodes(keep func(*html.Node) bool) []*html.Node {
	p.t.Helper()
	doc, err := html.Parse(strings.NewReader(p.Body))
	if err != nil {
		p.t.Fatalf("html: %v", err)
	}
	var found []*html.Node
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && keep(n) {
			found = append(found, n)
		}
	}
	return found
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// links are the addresses that the page leads or posts to.
func (p page) links() []string {
	var list []string
	for _, n := range p.nodes(func(n *html.Node) bool { return n.Data == "a" || n.Data == "form" }) {
		list = append(list, attribute(n, "href")+attribute(n, "action"))
	}
	return list
}
