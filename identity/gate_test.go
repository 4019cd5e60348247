package identity_test

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"testing"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/identity"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
)

// site is a small site behind a gate, with the demo's provider in it.
type site struct {
	t        *testing.T
	db       *db.DB
	parties  *party.Store
	gate     *identity.Gate
	provider *demo.Provider
	server   *httptest.Server
	*http.Client
}

func newSite(t *testing.T, d *db.DB) *site {
	t.Helper()
	city, problems := catalog.Load(os.DirFS("../packs/shanghai"))
	if len(problems) > 0 {
		t.Fatalf("pack: %s", problems[0])
	}
	s := &site{t: t, db: d, parties: party.New(d, clock.System), server: httptest.NewUnstartedServer(nil)}
	origin := "http://" + s.server.Listener.Addr().String()
	log := slog.New(slog.DiscardHandler)
	var err error
	s.provider, err = demo.NewProvider(demo.ProviderOptions{URL: origin, City: city, Log: log})
	s.must(err)
	rules, err := policy.Load()
	s.must(err)
	s.seed(city)
	s.gate = identity.New(s.provider.Login(), identity.Deps{DB: d, Parties: s.parties, Policy: rules, Log: log})
	s.server.Config.Handler = s.routes()
	s.server.Start()
	t.Cleanup(s.server.Close)
	s.Client = s.browser()
	return s
}

func (s *site) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("%+v", err)
	}
}

func (s *site) seed(city *catalog.City) {
	s.must(s.db.Write(s.t.Context(), func(ctx context.Context, tx db.Tx) error {
		for _, p := range append(city.People.Persons, city.People.Organisations...) {
			if err := s.parties.Put(ctx, tx, demo.PartyOf(p)); err != nil {
				return err
			}
		}
		return nil
	}))
}

func (s *site) grant(m party.Mandate) {
	s.t.Helper()
	s.must(s.db.Write(s.t.Context(), func(ctx context.Context, tx db.Tx) error { return s.parties.Grant(ctx, tx, m) }))
}

func (s *site) revoke(mandate string, by party.ID) {
	s.t.Helper()
	s.must(s.db.Write(s.t.Context(), func(ctx context.Context, tx db.Tx) error { return s.parties.Revoke(ctx, tx, mandate, by) }))
}

// browser is one with cookies of its own.
func (s *site) browser() *http.Client {
	jar, err := cookiejar.New(nil)
	s.must(err)
	return &http.Client{Jar: jar}
}

func (s *site) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/demo/id/", s.provider)
	gate := s.gate.Handler()
	for _, path := range []string{identity.SignInPath, identity.CallbackPath, identity.SignOutPath} {
		mux.Handle(path, gate)
	}
	mux.HandleFunc("GET /who", func(w http.ResponseWriter, r *http.Request) {
		sitting, ok := identity.From(r.Context())
		if !ok {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_ = json.NewEncoder(w).Encode(sitting)
	})
	mux.HandleFunc("POST /do", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("POST /act", func(w http.ResponseWriter, r *http.Request) {
		s.answer(w, s.gate.ActFor(r.Context(), party.ID(r.FormValue("for"))))
	})
	mux.HandleFunc("POST /intake", func(w http.ResponseWriter, r *http.Request) {
		s.answer(w, s.gate.Intake(r.Context(), party.ID(r.FormValue("for"))))
	})
	mux.HandleFunc("POST /leave", func(w http.ResponseWriter, r *http.Request) { s.answer(w, s.gate.Leave(r.Context())) })
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "home") })
	mux.HandleFunc("GET /desk", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "desk") })
	return s.gate.Sessions(mux)
}

func (s *site) answer(w http.ResponseWriter, err error) {
	if err != nil {
		http.Error(w, err.Error(), statusOf(err))
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *site) get(path string) (*http.Response, string) {
	s.t.Helper()
	resp, err := s.Get(s.server.URL + path)
	s.must(err)
	return resp, s.read(resp)
}

func (s *site) read(resp *http.Response) string {
	s.t.Helper()
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	s.must(err)
	return string(body)
}

func (s *site) post(path string, form url.Values) int {
	s.t.Helper()
	resp, err := s.PostForm(s.server.URL+path, form)
	s.must(err)
	s.read(resp)
	return resp.StatusCode
}

var requestField = regexp.MustCompile(`name="id" value="([^"]+)"`)

// signIn goes through the provider's page as the user and returns where it led.
func (s *site) signIn(user, back string) *http.Response {
	s.t.Helper()
	resp, page := s.get(identity.SignInPath + "?" + url.Values{"return": {back}}.Encode())
	found := requestField.FindStringSubmatch(page)
	if found == nil {
		s.t.Fatalf("no sign-in page at %s: %d %s", resp.Request.URL, resp.StatusCode, page)
	}
	resp, err := s.PostForm(s.server.URL+"/demo/id/login", url.Values{"id": {html.UnescapeString(found[1])}, "user": {user}})
	s.must(err)
	body := s.read(resp)
	if resp.StatusCode >= 400 {
		s.t.Fatalf("sign-in as %s ended at %s: %d %s", user, resp.Request.URL, resp.StatusCode, body)
	}
	return resp
}

func (s *site) who() (identity.Sitting, bool) {
	s.t.Helper()
	resp, body := s.get("/who")
	if resp.StatusCode == http.StatusUnauthorized {
		return identity.Sitting{}, false
	}
	var sitting identity.Sitting
	s.must(json.Unmarshal([]byte(body), &sitting))
	return sitting, true
}

func (s *site) cookie() *http.Cookie {
	s.t.Helper()
	u, err := url.Parse(s.server.URL)
	s.must(err)
	for _, c := range s.Jar.Cookies(u) {
		if c.Name == "tongban" {
			return c
		}
	}
	return nil
}
