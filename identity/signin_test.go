package identity_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/identity"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/id"
	"github.com/tongban/tongban/internal/testdb"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
)

func statusOf(err error) int { return fault.KindOf(err).Status() }

// A citizen signs in, acts for a child, and signs out.
func TestRoundTrip(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		if _, ok := s.who(); ok {
			t.Fatal("before signing in: got somebody, want nobody")
		}
		if resp := s.signIn("chen-guilan", "/who"); resp.Request.URL.Path != "/who" {
			t.Errorf("after signing in: got %s, want /who", resp.Request.URL.Path)
		}
		sitting, ok := s.who()
		want := policy.Principal{ID: "chen-guilan", Kind: policy.Citizen, Name: "陈桂兰", Actor: party.Actor{Party: "chen-guilan", For: "chen-guilan"}}
		if diff := cmp.Diff(want, sitting.Principal); !ok || diff != "" {
			t.Errorf("principal (-want +got):\n%s", diff)
		}
		if sitting.Self.Name != "陈桂兰" || !sitting.Self.Elder || sitting.For.ID != "chen-guilan" {
			t.Errorf("sitting: got self %+v for %s", sitting.Self, sitting.For.ID)
		}
		if got := s.post("/signout", nil); got != http.StatusOK {
			t.Errorf("sign-out: got %d, want 200 at home", got)
		}
		if _, ok := s.who(); ok {
			t.Error("after signing out: got somebody, want nobody")
		}
	})
}

func TestActFor(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		mandate := id.New()
		s.grant(party.Mandate{ID: mandate, Principal: "chen-guilan", Agent: "huang-mei", Kind: party.Helper, GrantedBy: "chen-guilan",
			Services: []string{"elderly-allowance"}, Until: clock.System().Add(30 * 24 * time.Hour)})
		s.signIn("huang-mei", "/")
		if got := s.post("/act", url.Values{"for": {"li-wei"}}); got != http.StatusForbidden {
			t.Errorf("for a stranger: got %d, want 403", got)
		}
		if got := s.post("/act", url.Values{"for": {"chen-guilan"}}); got != http.StatusNoContent {
			t.Fatalf("for the principal: got %d, want 204", got)
		}
		sitting, _ := s.who()
		want := party.Actor{Party: "huang-mei", For: "chen-guilan", Mandate: mandate}
		if sitting.Principal.Actor != want || sitting.Kind != party.Helper || sitting.For.Name != "陈桂兰" {
			t.Errorf("acting: got %+v as %q for %s, want %+v", sitting.Principal.Actor, sitting.Kind, sitting.For.Name, want)
		}
		if len(sitting.Principal.Roles) != 0 {
			t.Errorf("roles of a helper: got %v, want none", sitting.Principal.Roles)
		}
		s.revoke(mandate, "chen-guilan")
		if got := s.post("/do", nil); got != http.StatusForbidden {
			t.Errorf("a change after the mandate ended: got %d, want 403", got)
		}
		if sitting, _ = s.who(); sitting.Lapsed != "陈桂兰" || !sitting.Principal.Actor.Self() {
			t.Errorf("the page after: got lapsed %q acting %+v, want 陈桂兰 and oneself", sitting.Lapsed, sitting.Principal.Actor)
		}
		if sitting, _ = s.who(); sitting.Lapsed != "" {
			t.Errorf("the page after that: got lapsed %q, want it told once", sitting.Lapsed)
		}
		if got := s.post("/do", nil); got != http.StatusNoContent {
			t.Errorf("a change as oneself: got %d, want 204", got)
		}
	})
}

// The head of a firm acts with the role that lets them give mandates.
func TestLegalRepresentative(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		const firm = "pudong-noodle"
		s.grant(party.Mandate{Principal: firm, Agent: "li-wei", Kind: party.LegalRepresentative, GrantedBy: party.System})
		s.signIn("li-wei", "/")
		if got := s.post("/act", url.Values{"for": {firm}}); got != http.StatusNoContent {
			t.Fatalf("got %d, want 204", got)
		}
		sitting, _ := s.who()
		if !sitting.Principal.Has(policy.RoleLegalRepresentative) {
			t.Errorf("roles: got %v, want legal-representative", sitting.Principal.Roles)
		}
		if got := s.post("/leave", nil); got != http.StatusNoContent {
			t.Fatalf("leave: got %d, want 204", got)
		}
		if sitting, _ = s.who(); !sitting.Principal.Actor.Self() || len(sitting.Principal.Roles) != 0 {
			t.Errorf("after leaving: got %+v", sitting.Principal)
		}
	})
}

func TestOfficer(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		if resp := s.signIn("mzj-decider", "/"); resp.Request.URL.Path != "/desk" {
			t.Errorf("an officer's home: got %s, want /desk", resp.Request.URL.Path)
		}
		sitting, _ := s.who()
		want := policy.Principal{ID: "mzj-decider", Kind: policy.Officer, Name: "罗建平", Agency: "mzj", Roles: []string{"officer", "decider"},
			Actor: party.Actor{Party: "mzj-decider"}}
		if diff := cmp.Diff(want, sitting.Principal); diff != "" {
			t.Errorf("principal (-want +got):\n%s", diff)
		}
		if got := s.post("/intake", url.Values{"for": {"chen-guilan"}}); got != http.StatusForbidden {
			t.Errorf("intake by no clerk: got %d, want 403", got)
		}
		if got := s.post("/act", url.Values{"for": {"chen-guilan"}}); got != http.StatusForbidden {
			t.Errorf("acting under a mandate: got %d, want 403", got)
		}
		s.Client = s.browser()
		s.signIn("sq-clerk", "/")
		if got := s.post("/intake", url.Values{"for": {"chen-guilan"}}); got != http.StatusNoContent {
			t.Fatalf("intake by a clerk: got %d, want 204", got)
		}
		if sitting, _ = s.who(); sitting.Principal.Actor.For != "chen-guilan" || sitting.For.Name != "陈桂兰" {
			t.Errorf("at the counter: got %+v", sitting.Principal.Actor)
		}
		if got := s.post("/intake", url.Values{"for": {"nobody"}}); got != http.StatusForbidden {
			t.Errorf("intake of nobody: got %d, want 403", got)
		}
		s.post("/leave", nil)
		if sitting, _ = s.who(); sitting.Principal.Actor.For != "" {
			t.Errorf("after leaving: got %+v", sitting.Principal.Actor)
		}
	})
}

func TestSessionCookie(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		planted := &http.Cookie{Name: "tongban", Value: "planted-by-somebody-else", Path: "/"}
		u, _ := url.Parse(s.server.URL)
		s.Jar.SetCookies(u, []*http.Cookie{planted})
		s.signIn("chen-guilan", "/")
		first := s.cookie()
		if first == nil || first.Value == planted.Value {
			t.Fatalf("after signing in: got cookie %v, want a fresh one", first)
		}
		s.signIn("li-wei", "/")
		if second := s.cookie(); second.Value == first.Value {
			t.Error("signing in again kept the session's token")
		}
		var rows int
		s.must(d.Reader().QueryRowContext(t.Context(), "SELECT COUNT(*) FROM sessions WHERE token = $1", s.cookie().Value).Scan(&rows))
		if rows != 0 {
			t.Error("the database holds the cookie itself, want its hash")
		}
		s.Jar.SetCookies(u, []*http.Cookie{{Name: "tongban", Value: first.Value, Path: "/"}})
		if sitting, ok := s.who(); ok {
			t.Errorf("the first session after signing in again: got %s, want nobody", sitting.Principal.ID)
		}
	})
}

func TestCookieFlags(t *testing.T) {
	d := testdb.Open(t, db.SQLite)
	for _, tc := range []struct {
		url, name string
		secure    bool
	}{{"http://127.0.0.1:1", "tongban", false}, {"https://ban.example", "__Host-tongban", true}} {
		g := identity.New(identity.Options{URL: tc.url}, identity.Deps{DB: d})
		if got := identity.CookieOf(g); got.Name != tc.name || got.Secure != tc.secure || !got.HttpOnly || got.SameSite != http.SameSiteLaxMode || got.Path != "/" {
			t.Errorf("%s: got %+v", tc.url, got)
		}
	}
}

// Nothing leads to another site, and nothing works without the attempt's own
// cookie.
func TestSignInRefusals(t *testing.T) {
	s := newSite(t, testdb.Open(t, db.SQLite))
	for _, back := range []string{"https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""} {
		s.Client = s.browser()
		if resp := s.signIn("chen-guilan", back); resp.Request.URL.Path != "/" || resp.Request.URL.Host != strings.TrimPrefix(s.server.URL, "http://") {
			t.Errorf("return=%q: got %s, want home", back, resp.Request.URL)
		}
	}
	s.Client = s.browser()
	for _, query := range []string{"", "?state=abcdefghijkl&code=x", "?state=short", "?error=access_denied"} {
		if resp, body := s.get("/signin/callback" + query); resp.StatusCode != http.StatusUnprocessableEntity && resp.StatusCode != http.StatusBadRequest {
			t.Errorf("callback%s: got %d %s, want it refused", query, resp.StatusCode, body)
		}
	}
	// Another browser's answer from the provider is refused here: the state is
	// not this browser's.
	other := s.browser()
	other.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if r.URL.Path == "/signin/callback" {
			return http.ErrUseLastResponse
		}
		return nil
	}
	s.Client = other
	resp := s.signIn("li-wei", "/")
	callback, err := resp.Location()
	s.must(err)
	s.Client = s.browser()
	if resp, _ := s.get(callback.RequestURI()); resp.StatusCode < 400 {
		t.Errorf("another's callback: got %d, want it refused", resp.StatusCode)
	}
	if _, ok := s.who(); ok {
		t.Error("another's callback signed somebody in")
	}
	// A code is good once.
	s.Client = other
	other.CheckRedirect = nil
	cookies := other.Jar.Cookies(callback)
	if resp, _ := s.get(callback.RequestURI()); resp.StatusCode != http.StatusOK {
		t.Errorf("the callback itself: got %d, want 200 at home", resp.StatusCode)
	}
	other.Jar.SetCookies(callback, cookies)
	if resp, _ := s.get(callback.RequestURI()); resp.StatusCode < 400 {
		t.Errorf("the callback again: got %d, want it refused", resp.StatusCode)
	}
}

func TestSignOutNeedsPost(t *testing.T) {
	s := newSite(t, testdb.Open(t, db.SQLite))
	s.signIn("chen-guilan", "/")
	if resp, _ := s.get("/signout"); resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET: got %d, want 405", resp.StatusCode)
	}
	req, _ := http.NewRequest(http.MethodPost, s.server.URL+"/signout", nil)
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	resp, err := s.Do(req)
	s.must(err)
	s.read(resp)
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("from another site: got %d, want 403", resp.StatusCode)
	}
	if _, ok := s.who(); !ok {
		t.Error("another site signed the reader out")
	}
}

// A provider that is away leaves the public pages as they are.
func TestProviderAway(t *testing.T) {
	s := newSite(t, testdb.Open(t, db.SQLite))
	away := identity.New(identity.Options{URL: s.server.URL, Issuer: s.server.URL + "/demo/id",
		Client: &http.Client{Transport: broken{}}}, s.gate.Deps)
	for path, want := range map[string]int{"/signin/start": http.StatusServiceUnavailable, "/other": http.StatusNotFound} {
		w := answerOf(away, s.server.URL+path)
		if w != want {
			t.Errorf("%s: got %d, want %d", path, w, want)
		}
	}
}

type broken struct{}

func (broken) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New("no route") }
