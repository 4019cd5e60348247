package api_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/tongban/tongban/api"
	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/eligibility"
	"github.com/tongban/tongban/exchange"
	"github.com/tongban/tongban/grant"
	"github.com/tongban/tongban/identity"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/ledger"
	"github.com/tongban/tongban/licence"
	"github.com/tongban/tongban/outreach"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
)

// monday is a working day with a working week after it.
var monday = time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)

// world is the sample city behind its API, on one engine.
type world struct {
	t        *testing.T
	ctx      context.Context
	db       *db.DB
	deps     api.Deps
	provider *demo.Provider
	worker   *db.Worker
	clock    *clock.Fake
	notices  [][]byte
	handler  http.Handler
	tokens   map[string]string
}

func loadCity(t testing.TB) *catalog.City {
	t.Helper()
	city, problems := catalog.Load(os.DirFS("../packs/shanghai"))
	if len(problems) > 0 {
		t.Fatalf("pack: %s", problems[0])
	}
	return city
}

func newWorld(t testing.TB, d *db.DB) *world {
	t.Helper()
	const url = "http://city.example"
	w := &world{ctx: t.Context(), db: d, clock: clock.NewFake(monday), tokens: map[string]string{}}
	w.t, _ = t.(*testing.T)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%+v", err)
		}
	}
	city := loadCity(t)
	log := slog.New(slog.DiscardHandler)
	keys, err := licence.OpenKeys(t.TempDir())
	must(err)
	index, err := catalog.NewIndex(city)
	must(err)
	t.Cleanup(func() { _ = index.Close() })
	rules, err := policy.Load()
	must(err)
	private, public, err := note.GenerateKey(rand.Reader, "tongban/test")
	must(err)
	signer, err := note.NewSigner(private)
	must(err)
	parties := party.New(d, w.clock.Now)
	registers := exchange.New(d, w.clock.Now, city.Resources, city.Agencies)
	licences := licence.New(d, keys, w.clock.Now, url, city)
	must(demo.Seed(w.ctx, demo.Stores{DB: d, City: city, Parties: parties, Exchange: registers, Licences: licences, Now: monday}))
	must(d.Write(w.ctx, func(ctx context.Context, tx db.Tx) error { return catalog.Publish(ctx, tx, city) }))
	office := casework.New(casework.Deps{DB: d, City: city, Archive: catalog.NewArchive(), Parties: parties, Exchange: registers,
		Licences: licences, Policy: rules, Clock: w.clock.Now})
	w.worker = db.NewWorker(d, w.clock.Now, log)
	office.Jobs(w.worker)
	w.worker.Handle(casework.JobNotice, func(_ context.Context, _ db.Tx, job db.Job) error {
		w.notices = append(w.notices, job.Payload)
		return nil
	})
	w.provider, err = demo.NewProvider(demo.ProviderOptions{URL: url, City: city, Log: log})
	must(err)
	gate := identity.New(w.provider.Login(), identity.Deps{DB: d, Parties: parties, Policy: rules, Log: log})
	messages := outreach.New(d, w.clock.Now)
	book, err := eligibility.NewBook(city)
	must(err)
	engine := eligibility.NewEngine(eligibility.EngineDeps{DB: d, City: city, Exchange: registers, Dir: t.TempDir(), Clock: w.clock.Now, Log: log})
	t.Cleanup(func() { _ = engine.Close() })
	grants := grant.New(grant.Deps{DB: d, City: city, Book: book, Population: engine, Exchange: registers, Parties: parties, Office: office, Messages: messages,
		Policy: rules, Clock: w.clock.Now})
	grants.Jobs(w.worker)
	post := outreach.NewPost(outreach.PostDeps{DB: d, Parties: parties, Key: outreach.Key(strings.Repeat("k", 32)), Origin: url, Brand: city.Profile.Portal,
		Zone: city.Calendar.Zone(), Weekly: 2, Clock: w.clock.Now, Rand: rand.Reader, Log: log})
	post.Jobs(w.worker)
	offers := outreach.NewOffers(outreach.OfferDeps{DB: d, City: city, Book: book, Population: engine, Exchange: registers, Parties: parties, Cases: office,
		Grants: grants, Post: post, Asker: "dsj", Clock: w.clock.Now})
	offers.Jobs(w.worker)
	w.worker.Handle(exchange.Changed, func(context.Context, db.Tx, db.Job) error { return nil })
	w.deps = api.Deps{Office: office, City: city, Index: index, DB: d, Parties: parties, Licences: licences, Policy: rules,
		Messages: messages, Engine: engine, Book: book, Exchange: registers, Grants: grants, Offers: offers, Ledger: ledger.Open(d, signer, "tongban/test", w.clock.Now), LedgerKey: public,
		Gate: gate, Clock: w.clock.Now, Log: log, URL: url, Token: w.provider.Token}
	w.handler, err = api.New(w.deps)
	must(err)
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%+v", err)
	}
}

// settle runs what happens beside the requests: jobs, messages, the ledger.
func (w *world) settle() {
	w.t.Helper()
	_, err := w.worker.RunDue(w.ctx)
	w.must(err)
	for _, n := range w.notices {
		w.must(w.deps.Messages.Receive(w.ctx, n))
	}
	w.notices = nil
	_, err = w.deps.Ledger.Sequence(w.ctx)
	w.must(err)
}

// request is one to send; who is a persona or an officer, "" the public.
type request struct {
	who, method, path string
	body              string
	mediaType         string // of the body; empty: JSON
	header            map[string]string
}

// answer is what came back.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	body   []byte
}

func (w *world) send(r request) answer {
	w.t.Helper()
	req := httptest.NewRequest(r.method, r.path, strings.NewReader(r.body))
	if r.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.mediaType != "" {
		req.Header.Set("Content-Type", r.mediaType)
	}
	for key, value := range r.header {
		req.Header.Set(key, value)
	}
	if r.who != "" {
		req.Header.Set("Authorization", "Bearer "+w.token(r.who))
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, req)
	body, err := io.ReadAll(rec.Result().Body)
	w.must(err)
	return answer{w.t, rec.Code, rec.Header(), body}
}

func (w *world) token(who string) string {
	w.t.Helper()
	if w.tokens[who] == "" {
		token, _, err := w.provider.Token(w.ctx, who)
		w.must(err)
		w.tokens[who] = token
	}
	return w.tokens[who]
}

// upload puts a file.
func (w *world) upload(who, path, name string, data []byte) answer {
	w.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormFile("file", name)
	w.must(err)
	_, err = part.Write(data)
	w.must(err)
	w.must(form.Close())
	return w.send(request{who: who, method: "PUT", path: path, body: b.String(), mediaType: form.FormDataContentType()})
}

// want fails the test unless the status is that.
func (a answer) want(status int) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("got %d, want %d: %s", a.status, status, a.body)
	}
	return a
}

// read decodes the body.
func read[T any](a answer) T {
	a.t.Helper()
	var v T
	if err := json.Unmarshal(a.body, &v); err != nil {
		a.t.Fatalf("%v: %s", err, a.body)
	}
	return v
}

// list is a page of a list.
type list[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next"`
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // values of the test itself
	}
	return string(b)
}
