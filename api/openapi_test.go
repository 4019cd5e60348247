package api_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
)

var update = flag.Bool("update", false, "write openapi.json anew")

// The description beside the code is what the server gives.
func TestOpenAPI(t *testing.T) {
	w := newWorld(t, testdb.Open(t, db.SQLite))
	a := w.send(request{method: "GET", path: "/openapi.json"}).want(http.StatusOK)
	var indented bytes.Buffer
	w.must(json.Indent(&indented, a.body, "", "  "))
	indented.WriteByte('\n')
	if *update {
		w.must(os.WriteFile("openapi.json", indented.Bytes(), 0o644))
	}
	golden, err := os.ReadFile("openapi.json")
	w.must(err)
	if !bytes.Equal(golden, indented.Bytes()) {
		t.Errorf("openapi.json is not what the server gives; go test ./api -update writes it anew")
	}
	if got := a.header.Get("Content-Type"); got != "application/openapi+json" {
		t.Errorf("content type: got %s", got)
	}
}

type operation struct {
	OperationID string                     `json:"operationId"`
	Summary     string                     `json:"summary"`
	Tags        []string                   `json:"tags"`
	Security    []map[string][]string      `json:"security"`
	Responses   map[string]json.RawMessage `json:"responses"`
}

// Every operation has a name, a tag, a summary and its problems; nothing of the
// library's own error model is left.
func TestEveryOperationIsDescribed(t *testing.T) {
	w := newWorld(t, testdb.Open(t, db.SQLite))
	a := w.send(request{method: "GET", path: "/openapi.json"})
	spec := read[struct {
		OpenAPI string                          `json:"openapi"`
		Paths   map[string]map[string]operation `json:"paths"`
	}](a)
	if !strings.HasPrefix(spec.OpenAPI, "3.1") {
		t.Errorf("openapi: got %s, want 3.1", spec.OpenAPI)
	}
	count := 0
	for path, methods := range spec.Paths {
		for method, op := range methods {
			count++
			if op.OperationID == "" || op.Summary == "" || len(op.Tags) != 1 {
				t.Errorf("%s %s: got id %q, summary %q, tags %v", method, path, op.OperationID, op.Summary, op.Tags)
			}
			if _, ok := op.Responses["500"]; !ok {
				t.Errorf("%s %s: no 500 among %v", method, path, op.Responses)
			}
			if _, ok := op.Responses["401"]; ok != (len(op.Security) > 0) {
				t.Errorf("%s %s: 401 described %v, secured %v", method, path, ok, len(op.Security) > 0)
			}
		}
	}
	if count < 45 {
		t.Errorf("got %d operations, want at least 45", count)
	}
	for _, name := range []string{"ErrorModel", "ErrorDetail"} {
		if bytes.Contains(a.body, []byte(name)) {
			t.Errorf("%s is in the description", name)
		}
	}
}

// The page for people stands alone.
func TestDocs(t *testing.T) {
	w := newWorld(t, testdb.Open(t, db.SQLite))
	for lang, want := range map[string]string{"": "接口说明", "en": "API reference"} {
		a := w.send(request{method: "GET", path: "/api/docs", header: map[string]string{"Accept-Language": lang}}).want(http.StatusOK)
		page := string(a.body)
		for _, part := range []string{want, "completeTask", `id="schema-Draft"`, "/api/v1/submissions"} {
			if !strings.Contains(page, part) {
				t.Errorf("%q: the page lacks %s", lang, part)
			}
		}
		for _, part := range []string{"<script", "style=", `src="http`, `href="http`} {
			if strings.Contains(page, part) {
				t.Errorf("%q: the page has %s", lang, part)
			}
		}
		if csp := a.header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") {
			t.Errorf("policy: got %s", csp)
		}
	}
	if a := w.send(request{method: "GET", path: "/api/docs.css"}); a.status != http.StatusOK || a.header.Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("style: got %d %s", a.status, a.header.Get("Content-Type"))
	}
}
