package identity_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/identity"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
)

func answerOf(g *identity.Gate, url string) int {
	w := httptest.NewRecorder()
	g.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, url, nil))
	return w.Code
}

func (s *site) bearer(token, actingFor string) (identity.Sitting, error) {
	r := httptest.NewRequest(http.MethodGet, "/api/v1/cases", nil)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if actingFor != "" {
		r.Header.Set(identity.ActingFor, actingFor)
	}
	return s.gate.Bearer(r)
}

func TestBearer(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.grant(party.Mandate{Principal: "chen-guilan", Agent: "huang-mei", Kind: party.Helper, GrantedBy: "chen-guilan",
			Services: []string{"elderly-allowance"}, Until: clock.System().Add(30 * 24 * time.Hour)})
		token := func(who string) string {
			token, life, err := s.provider.Token(t.Context(), who)
			s.must(err)
			if life <= 0 {
				t.Errorf("life of a token: got %v", life)
			}
			return token
		}
		for _, tc := range []struct {
			name, who, acting string
			want              party.Actor
			kind              policy.Kind
			fault             fault.Kind
		}{
			{name: "nobody", kind: policy.Public},
			{name: "by id", who: "huang-mei", want: party.Actor{Party: "huang-mei", For: "huang-mei"}, kind: policy.Citizen},
			{name: "by name", who: "陈桂兰", want: party.Actor{Party: "chen-guilan", For: "chen-guilan"}, kind: policy.Citizen},
			{name: "by latin name", who: "li wei", want: party.Actor{Party: "li-wei", For: "li-wei"}, kind: policy.Citizen},
			{name: "an officer", who: "mzj-officer", want: party.Actor{Party: "mzj-officer"}, kind: policy.Officer},
			{name: "a clerk with an applicant", who: "sq-clerk", acting: "chen-guilan", want: party.Actor{Party: "sq-clerk", For: "chen-guilan"}, kind: policy.Officer},
			{name: "no clerk with an applicant", who: "mzj-officer", acting: "chen-guilan", fault: fault.Denied},
			{name: "without a mandate", who: "li-wei", acting: "chen-guilan", fault: fault.Denied},
			{name: "for nobody", who: "li-wei", acting: "nobody", fault: fault.Denied},
			{name: "acting as nobody", acting: "chen-guilan", fault: fault.Unauthenticated},
		} {
			t.Run(tc.name, func(t *testing.T) {
				bearer := ""
				if tc.who != "" {
					bearer = token(tc.who)
				}
				got, err := s.bearer(bearer, tc.acting)
				if tc.fault != 0 {
					if !fault.Is(err, tc.fault) {
						t.Fatalf("got %v, want %s", err, tc.fault)
					}
					return
				}
				s.must(err)
				if got.Principal.Actor != tc.want || got.Principal.Kind != tc.kind {
					t.Errorf("got %+v of kind %q, want %+v of kind %q", got.Principal.Actor, got.Principal.Kind, tc.want, tc.kind)
				}
			})
		}
		got, err := s.bearer(token("huang-mei"), "chen-guilan")
		s.must(err)
		if got.Principal.Actor.Mandate == "" || got.Kind != party.Helper {
			t.Errorf("under a mandate: got %+v of kind %q", got.Principal.Actor, got.Kind)
		}
	})
}

func TestBearerRefusals(t *testing.T) {
	s := newSite(t, testdb.Open(t, db.SQLite))
	good, _, err := s.provider.Token(t.Context(), "chen-guilan")
	s.must(err)
	dot := strings.LastIndex(good, ".")
	elsewhere := newSite(t, testdb.Open(t, db.SQLite))
	foreign, _, err := elsewhere.provider.Token(t.Context(), "chen-guilan")
	s.must(err)
	for name, token := range map[string]string{
		"no token at all":        "abc",
		"three empty parts":      "..",
		"without signature":      good[:dot+1],
		"changed signature":      good[:dot+1] + "AAAA" + good[dot+5:],
		"changed claims":         "e" + good,
		"alg none":               "eyJhbGciOiJub25lIn0." + strings.Split(good, ".")[1] + ".",
		"of another provider":    foreign,
		"endless":                strings.Repeat("a", 1<<20),
		"a session's ID token":   s.idToken(),
		"spaces":                 good + " " + good,
		"another provider's key": foreign[:strings.LastIndex(foreign, ".")] + good[dot:],
	} {
		if got, err := s.bearer(token, ""); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%s: got %+v, %v; want unauthenticated", name, got.Principal, err)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Authorization", "Basic "+good)
	if _, err := s.gate.Bearer(r); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("basic: got %v, want unauthenticated", err)
	}
	if _, _, err := s.provider.Token(t.Context(), "没有这个人"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a token for nobody: got %v, want not found", err)
	}
}

// idToken is what the provider says of somebody at a sign-in: good for the
// gate, not for the API.
func (s *site) idToken() string {
	s.t.Helper()
	s.signIn("chen-guilan", "/")
	s.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := s.Post(s.server.URL+"/signout", "", nil)
	s.must(err)
	s.read(resp)
	to, err := resp.Location()
	s.must(err)
	token := to.Query().Get("id_token_hint")
	if strings.Count(token, ".") != 2 {
		s.t.Fatalf("sign-out leads to %s, want an id token in it", to)
	}
	return token
}
