package portal_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/exchange"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/licence"
	"github.com/tongban/tongban/outreach"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
	"github.com/tongban/tongban/web/portal"
)

// monday is a working day with a working week after it.
var monday = time.Date(2026, 11, 23, 2, 32, 0, 0, time.UTC)

// loadCity reads the sample city once for all tests.
var loadCity = sync.OnceValues(func() (*catalog.City, []catalog.Problem) { return catalog.Load(os.DirFS("../../packs/shanghai")) })

var newIndex = sync.OnceValues(func() (*catalog.Index, error) {
	city, _ := loadCity()
	return catalog.NewIndex(city)
})

// world is a portal over the sample city.
type world struct {
	t      *testing.T
	ctx    context.Context
	server *httptest.Server
	deps   portal.Deps
	clock  *clock.Fake
	worker *db.Worker
	told   [][]byte // notices on their way, as the bus would hold them
	post   *outreach.Post
	mail   *mailbox
}

func newWorld(t *testing.T) *world {
	t.Helper()
	city, problems := loadCity()
	for _, p := range problems {
		t.Errorf("pack: %s", p)
	}
	w := &world{t: t, ctx: t.Context(), clock: clock.NewFake(monday)}
	index, err := newIndex()
	w.must(err)
	d, err := db.Open(w.ctx, "sqlite:"+t.TempDir()+"/portal.db")
	w.must(err)
	t.Cleanup(func() { _ = d.Close() })
	w.must(d.Migrate(w.ctx))
	keys, err := licence.OpenKeys(t.TempDir())
	w.must(err)
	p, err := policy.Load()
	w.must(err)
	now := w.clock.Now
	w.deps = portal.Deps{DB: d, City: city, Index: index, Parties: party.New(d, now), Exchange: exchange.New(d, now, city.Resources, city.Agencies),
		Licences: licence.New(d, keys, now, "https://city.example", city), Messages: outreach.New(d, now), Policy: p,
		Origin: "https://city.example", Clock: now, Log: slog.New(slog.DiscardHandler)}
	w.must(demo.Seed(w.ctx, demo.Stores{DB: d, City: city, Parties: w.deps.Parties, Exchange: w.deps.Exchange, Licences: w.deps.Licences, Now: monday}))
	w.must(d.Write(w.ctx, func(ctx context.Context, tx db.Tx) error { return catalog.Publish(ctx, tx, city) }))
	w.deps.Office = casework.New(casework.Deps{DB: d, City: city, Archive: catalog.NewArchive(), Parties: w.deps.Parties,
		Exchange: w.deps.Exchange, Licences: w.deps.Licences, Policy: p, Clock: now})
	w.worker = db.NewWorker(d, now, w.deps.Log)
	w.deps.Office.Jobs(w.worker)
	w.worker.Handle(casework.JobNotice, func(_ context.Context, _ db.Tx, job db.Job) error {
		w.told = append(w.told, job.Payload)
		return nil
	})
	w.outreach(d, now)
	w.deps.Sessions = sessions{w.deps}
	w.server = httptest.NewServer(portal.New(w.deps))
	t.Cleanup(w.server.Close)
	return w
}

// run does the jobs that are due, and delivers the messages.
func (w *world) run() {
	w.t.Helper()
	_, err := w.worker.RunDue(w.ctx)
	w.must(err)
	for _, notice := range w.told {
		w.must(w.deps.Messages.Receive(w.ctx, notice))
		w.must(w.deps.Offers.Receive(w.ctx, notice))
	}
	w.told = nil
	w.post.Deliver(w.ctx)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%+v", err)
	}
}

// sessions keeps who is signed in in a plain cookie, which only a test may.
type sessions struct{ deps portal.Deps }

func (s sessions) Current(r *http.Request) (portal.Session, bool) {
	c, err := r.Cookie("who")
	if err != nil {
		return portal.Session{}, false
	}
	self, err := s.deps.Parties.Get(r.Context(), s.deps.DB.Reader(), party.ID(c.Value))
	if err != nil {
		return portal.Session{}, false
	}
	out := portal.Session{Self: self, For: self}
	out.Principal = policy.Principal{ID: c.Value, Kind: policy.Citizen, Name: self.Name, Actor: party.Actor{Party: self.ID, For: self.ID}}
	if whom, err := r.Cookie("for"); err == nil && whom.Value != c.Value {
		s.act(r, &out, party.ID(whom.Value))
	}
	return out, true
}

func (s sessions) act(r *http.Request, out *portal.Session, whom party.ID) {
	actor, err := s.deps.Parties.Acting(r.Context(), s.deps.DB.Reader(), out.Self.ID, whom, "")
	if err != nil {
		return
	}
	out.Principal.Actor = actor
	out.Principal.Services, _ = s.deps.Parties.Covered(r.Context(), s.deps.DB.Reader(), out.Self.ID, whom)
	out.For, _ = s.deps.Parties.Get(r.Context(), s.deps.DB.Reader(), whom)
	_, held, _ := s.deps.Parties.Mandates(r.Context(), s.deps.DB.Reader(), out.Self.ID)
	for _, m := range held {
		if m.ID == actor.Mandate {
			out.Kind = m.Kind
		}
	}
}

func (s sessions) Begin(w http.ResponseWriter, r *http.Request, back string) {
	http.SetCookie(w, &http.Cookie{Name: "who", Value: r.URL.Query().Get("who"), Path: "/"})
	http.Redirect(w, r, back, http.StatusSeeOther)
}

func (s sessions) Act(w http.ResponseWriter, _ *http.Request, actor party.Actor) error {
	http.SetCookie(w, &http.Cookie{Name: "for", Value: string(actor.For), Path: "/"})
	return nil
}

func (s sessions) End(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{Name: "who", MaxAge: -1, Path: "/"})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// visitor is a reader with a browser that runs no scripts.
type visitor struct {
	t      *testing.T
	base   string
	client *http.Client
	where  *url.URL
	status int
	header http.Header
	page   *html.Node
}

func (w *world) visitor() *visitor {
	jar, _ := cookiejar.New(nil)
	return &visitor{t: w.t, base: w.server.URL, client: &http.Client{Jar: jar}}
}

// signedIn is the persona at their own browser.
func (w *world) signedIn(persona string) *visitor {
	v := w.visitor()
	v.open("/signin/start?return=/&who=" + persona)
	return v
}

func (v *visitor) open(path string) *visitor {
	v.t.Helper()
	target := path
	if !strings.HasPrefix(path, "http") {
		target = v.base + path
	}
	res, err := v.client.Get(target)
	return v.took(res, err)
}

func (v *visitor) took(res *http.Response, err error) *visitor {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	v.where, v.status, v.header = res.Request.URL, res.StatusCode, res.Header
	if v.page, err = html.Parse(bytes.NewReader(body)); err != nil {
		v.t.Fatal(err)
	}
	return v
}

func (v *visitor) wants(status int) *visitor {
	v.t.Helper()
	if v.status != status {
		v.t.Fatalf("%s: got status %d, want %d: %s", v.where.Path, v.status, status, v.text())
	}
	return v
}

// send posts a form of the page, found by the words on its button. What is in
// values replaces what the form holds; a list replaces all of one name.
func (v *visitor) send(button string, values url.Values) *visitor {
	v.t.Helper()
	form, pressed := v.form(button)
	if form == nil {
		v.t.Fatalf("%s: no form with a button %q: %s", v.where, button, v.text())
	}
	data := fieldsOf(form)
	if name := attr(pressed, "name"); name != "" {
		data.Set(name, attr(pressed, "value"))
	}
	for name, list := range values {
		data[name] = list
	}
	target := v.target(form)
	if attr(form, "method") != "post" {
		target.RawQuery = data.Encode()
		return v.open(target.String())
	}
	res, err := v.client.PostForm(target.String(), data)
	return v.took(res, err)
}

// upload posts the form with the button and a file.
func (v *visitor) upload(button, name string, content []byte) *visitor {
	v.t.Helper()
	form, pressed := v.form(button)
	if form == nil {
		v.t.Fatalf("%s: no form with a button %q", v.where, button)
	}
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	data := fieldsOf(form)
	if attr(pressed, "name") != "" {
		data.Set(attr(pressed, "name"), attr(pressed, "value"))
	}
	for key, list := range data {
		for _, value := range list {
			_ = m.WriteField(key, value)
		}
	}
	file, _ := m.CreateFormFile("file", name)
	_, _ = file.Write(content)
	_ = m.Close()
	res, err := v.client.Post(v.target(form).String(), m.FormDataContentType(), &body)
	return v.took(res, err)
}

func (v *visitor) target(form *html.Node) *url.URL {
	action, err := url.Parse(attr(form, "action"))
	if err != nil {
		v.t.Fatal(err)
	}
	if attr(form, "action") == "" {
		u := *v.where
		return &u
	}
	return v.where.ResolveReference(action)
}

func (v *visitor) form(button string) (form, pressed *html.Node) {
	for _, f := range all(v.page, "form") {
		for _, b := range all(f, "button") {
			if strings.Contains(textOf(b), button) {
				return f, b
			}
		}
	}
	return nil, nil
}

func (v *visitor) text() string { return textOf(v.page) }

func (v *visitor) sees(words ...string) *visitor {
	v.t.Helper()
	for _, word := range words {
		if !strings.Contains(v.text(), word) {
			v.t.Errorf("%s: page does not say %q: %s", v.where, word, v.text())
		}
	}
	return v
}

// follow opens the first link with the words.
func (v *visitor) follow(words string) *visitor {
	v.t.Helper()
	for _, a := range all(v.page, "a") {
		if strings.Contains(textOf(a), words) {
			href, err := url.Parse(attr(a, "href"))
			if err != nil {
				v.t.Fatal(err)
			}
			return v.open(v.where.ResolveReference(href).String())
		}
	}
	v.t.Fatalf("%s: no link %q: %s", v.where, words, v.text())
	return v
}
