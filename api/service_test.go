package api_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/tongban/tongban/api"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
)

func TestServices(t *testing.T) {
	w := newWorld(t, testdb.Open(t, db.SQLite))
	services := func(query string) list[api.ServiceSummary] {
		t.Helper()
		return read[list[api.ServiceSummary]](w.send(request{method: "GET", path: "/api/v1/services" + query}).want(http.StatusOK))
	}
	all := services("?limit=200")
	if len(all.Items) < 40 || all.Next != "" {
		t.Fatalf("all: got %d and next %q, want 40 or more on one page", len(all.Items), all.Next)
	}
	var paged []api.ServiceSummary
	for next := ""; ; {
		page := services("?limit=7&after=" + url.QueryEscape(next))
		paged = append(paged, page.Items...)
		if next = page.Next; next == "" {
			break
		}
	}
	if text(paged) != text(all.Items) {
		t.Errorf("by pages: got %d services, want the same %d in the same order", len(paged), len(all.Items))
	}
	for query, fits := range map[string]func(api.ServiceSummary) bool{
		"?audience=firm":  func(s api.ServiceSummary) bool { return slices.Contains(s.Audience, "firm") },
		"?sector=medical": func(s api.ServiceSummary) bool { return s.Sector == "medical" },
		"?online=true":    func(s api.ServiceSummary) bool { return s.Online },
	} {
		got := services(query + "&limit=200").Items
		if len(got) == 0 || len(got) == len(all.Items) || slices.ContainsFunc(got, func(s api.ServiceSummary) bool { return !fits(s) }) {
			t.Errorf("%s: got %d of %d, want those that fit", query, len(got), len(all.Items))
		}
	}
	for _, q := range []string{"低保", "护照", "passport", "lnjt"} {
		if got := services("?limit=5&q=" + url.QueryEscape(q)).Items; len(got) == 0 {
			t.Errorf("%s: found nothing", q)
		}
	}
	w.problem(request{method: "GET", path: "/api/v1/services?after=no-such-service"}, http.StatusUnprocessableEntity, "invalid", "?after")
}

// Every service can be read whole, in the version in force and by its hash.
func TestEveryService(t *testing.T) {
	w := newWorld(t, testdb.Open(t, db.SQLite))
	for _, s := range w.deps.City.Services {
		got := read[api.Service](w.send(request{method: "GET", path: "/api/v1/services/" + s.ID}).want(http.StatusOK))
		if got.ID != s.ID || len(got.Versions) != len(s.Versions) || !got.Detail.Current || got.Agency.Name.IsZero() || got.Online != (got.Form != nil) {
			t.Errorf("%s: got %+v with %d versions, current %v, form %v", s.ID, got.ServiceSummary, len(got.Versions), got.Detail.Current, got.Form != nil)
		}
		for _, v := range got.Versions {
			old := read[api.Service](w.send(request{method: "GET", path: "/api/v1/services/" + s.ID + "?version=" + v.Version}).want(http.StatusOK))
			if old.Version != v.Version || old.Detail.Version != v.Version {
				t.Errorf("%s at %s: got %s", s.ID, v.Version, old.Version)
			}
		}
	}
	a := w.send(request{method: "GET", path: "/api/v1/events"}).want(http.StatusOK)
	if events := read[list[api.LifeEvent]](a); len(events.Items) < 5 || strings.Contains(string(a.body), "null") {
		t.Errorf("events: got %d, want 5 or more and no null in %.200s", len(events.Items), a.body)
	}
}
