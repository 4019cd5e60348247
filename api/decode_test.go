package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tongban/tongban/api"
	"github.com/tongban/tongban/identity"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
)

// FuzzBody sends any body to an endpoint: it is never a failure of the server,
// and every refusal is a whole problem.
func FuzzBody(f *testing.F) {
	for _, seed := range []string{`{"token":"a.b.c"}`, `{"token":1}`, `{"token":"a","token":"b"}`, `[[[]]]`, `{"token":"\ud800"}`, "\xff", `{"a":{"b":[1e999]}}`, ``, `null`,
		`{"Token":"x"}`, `{"token":"` + strings.Repeat("~", 300) + `"}`, `{"token":null}`, `"`, "{\"\x00\":1}"} {
		f.Add([]byte(seed))
	}
	w := newWorld(f, testdb.Open(f, db.SQLite))
	f.Fuzz(func(t *testing.T, body []byte) {
		req := httptest.NewRequest("POST", "/api/v1/verifications", strings.NewReader(string(body)))
		req.Header.Set("Content-Type", "application/json")
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, req)
		if rec.Code >= 500 {
			t.Fatalf("%q: got %d %s", body, rec.Code, rec.Body)
		}
		if rec.Code == http.StatusOK {
			return
		}
		var p api.Problem
		if err := json.Unmarshal(rec.Body.Bytes(), &p); err != nil || p.Status != rec.Code || p.Title == "" || p.Type == "" {
			t.Fatalf("%q: got %d %s, want a problem", body, rec.Code, rec.Body)
		}
	})
}

type panics struct{}

func (panics) Bearer(*http.Request) (identity.Sitting, error) { panic("broken inside: secret") }

// A panic is a problem that tells nothing of what is inside.
func TestPanic(t *testing.T) {
	w := newWorld(t, testdb.Open(t, db.SQLite))
	w.deps.Gate = panics{}
	handler, err := api.New(w.deps)
	w.must(err)
	w.handler = handler
	a := w.send(request{method: "GET", path: "/api/v1/services"}).want(http.StatusInternalServerError)
	if p := read[api.Problem](a); p.Type != api.ProblemBase+"internal" || strings.Contains(string(a.body), "secret") || a.header.Get("X-Request-Id") == "" {
		t.Errorf("got %s", a.body)
	}
}

// Outside the demo nobody gets a token for the asking.
func TestNoTokenOutsideTheDemo(t *testing.T) {
	w := newWorld(t, testdb.Open(t, db.SQLite))
	w.deps.Token = nil
	handler, err := api.New(w.deps)
	w.must(err)
	w.handler = handler
	w.send(request{method: "POST", path: "/api/v1/demo/token", body: `{"persona":"chen-guilan"}`}).want(http.StatusNotFound)
}

// The demo gives tokens by id, name and officer's id.
func TestDemoToken(t *testing.T) {
	w := newWorld(t, testdb.Open(t, db.SQLite))
	for _, who := range []string{"chen-guilan", "陈桂兰", "mzj-officer"} {
		token := read[api.DemoToken](w.send(request{method: "POST", path: "/api/v1/demo/token", body: text(api.DemoTokenRequest{Persona: who})}).want(http.StatusOK))
		if token.TokenType != "Bearer" || token.ExpiresIn <= 0 {
			t.Errorf("%s: got %+v", who, token)
		}
		me := w.send(request{method: "GET", path: "/api/v1/me", header: map[string]string{"Authorization": "Bearer " + token.AccessToken}}).want(http.StatusOK)
		if got := read[api.Me](me); got.ID == "" || got.Name == "" {
			t.Errorf("%s: got %+v", who, got)
		}
	}
}
