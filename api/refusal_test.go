package api_test

import (
	"net/http"
	"strings"
	"testing"
	"unicode"

	"github.com/tongban/tongban/api"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
)

// problem checks that the answer is a whole problem of the kind, with a mistake
// at the pointer ("-" for none), and says the same in English and in Chinese.
func (w *world) problem(r request, status int, kind, at string) api.Problem {
	w.t.Helper()
	if r.header == nil {
		r.header = map[string]string{}
	}
	r.header["Accept-Language"] = "en-GB,en;q=0.8,zh;q=0.5"
	english := w.told(r, status, kind)
	r.header["Accept-Language"] = "fr, zh-CN;q=0.9"
	chinese := w.told(r, status, kind)
	if !han(chinese.Title) || han(english.Title) || !han(chinese.Detail) || han(english.Detail) {
		w.t.Errorf("words: got %q and %q in Chinese, %q and %q in English", chinese.Title, chinese.Detail, english.Title, english.Detail)
	}
	if at == "-" {
		return chinese
	}
	for _, p := range []api.Problem{english, chinese} {
		found := false
		for _, e := range p.Errors {
			if e.Pointer == at || "?"+e.Parameter == at {
				found = found || e.Message != ""
			}
		}
		if !found {
			w.t.Errorf("got errors %+v, want one at %s", p.Errors, at)
		}
	}
	for _, e := range english.Errors {
		if han(e.Message) && e.Message == e.MessageZH || !han(e.MessageZH) {
			w.t.Errorf("an error in English: got %q, in Chinese %q", e.Message, e.MessageZH)
		}
	}
	return chinese
}

func (w *world) told(r request, status int, kind string) api.Problem {
	w.t.Helper()
	a := w.send(r)
	if a.status != status || a.header.Get("Content-Type") != "application/problem+json" {
		w.t.Errorf("got %d %s, want %d as a problem: %.300s", a.status, a.header.Get("Content-Type"), status, a.body)
		return api.Problem{}
	}
	p := read[api.Problem](a)
	if p.Type != api.ProblemBase+kind || p.Status != status || p.Instance == "" {
		w.t.Errorf("got %+v, want type %s, status %d and an instance", p, kind, status)
	}
	return p
}

func han(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

// Every bad input gets a fitting status and a clear error at its place, and
// nothing is lost or half-written.
func TestBadInput(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		world := newWorld(t, d)
		world.t = t
		const chen = "chen-guilan"
		draft := world.prepare(chen, api.Target{Service: "elderly-allowance"})
		path := "/api/v1/drafts/" + draft.ID
		rev := `"rev":` + text(draft.Rev)
		for _, tc := range []struct {
			name   string
			r      request
			status int
			kind   string
			at     string
		}{
			{"unknown member", request{who: chen, method: "POST", path: "/api/v1/drafts", body: `{"service":"elderly-allowance","extra":1}`}, 422, "invalid", "/extra"},
			{"unknown form field", request{who: chen, method: "PATCH", path: path, body: `{` + rev + `,"values":{"no_such":1}}`}, 422, "invalid", "/no_such"},
			{"wrong type of a member", request{who: chen, method: "PATCH", path: path, body: `{"rev":"one","values":{}}`}, 422, "invalid", "/rev"},
			{"missing member", request{who: chen, method: "PATCH", path: path, body: `{` + rev + `}`}, 422, "invalid", "/values"},
			{"neither service nor event", request{who: chen, method: "POST", path: "/api/v1/drafts", body: `{}`}, 422, "invalid", "/service"},
			{"no body", request{who: chen, method: "POST", path: "/api/v1/drafts"}, 400, "invalid", "-"},
			{"no revision", request{who: chen, method: "PATCH", path: path, body: `{"values":{}}`}, 422, "invalid", "/rev"},
			{"stale revision", request{who: chen, method: "PATCH", path: path, body: `{"rev":1,"values":{}}`}, 409, "conflict", "-"},
			{"stale If-Match", request{who: chen, method: "PATCH", path: path, body: `{"values":{}}`, header: map[string]string{"If-Match": `"1"`}}, 409, "conflict", "-"},
			{"an answer not offered", request{who: chen, method: "PUT", path: path + "/scenario", body: `{` + rev + `,"answers":{"nothing":"x"}}`}, 422, "invalid", "/scenario/nothing"},
			{"unknown query parameter", request{method: "GET", path: "/api/v1/services?colour=red"}, 422, "invalid", "?colour"},
			{"query out of range", request{method: "GET", path: "/api/v1/services?limit=5000"}, 422, "invalid", "?limit"},
			{"query of a wrong type", request{method: "GET", path: "/api/v1/services?limit=many"}, 422, "invalid", "?limit"},
			{"over-long query", request{method: "GET", path: "/api/v1/services?q=" + strings.Repeat("a", 101)}, 422, "invalid", "?q"},
			{"bad cursor", request{who: chen, method: "GET", path: "/api/v1/cases?after=%25%25"}, 422, "invalid", "?after"},
			{"a choice that is none", request{method: "GET", path: "/api/v1/services?audience=cats"}, 422, "invalid", "?audience"},
			{"broken JSON", request{who: chen, method: "POST", path: "/api/v1/drafts", body: `{"service":`}, 400, "invalid", "/service"},
			{"two JSON texts", request{who: chen, method: "POST", path: "/api/v1/drafts", body: `{}{}`}, 400, "invalid", ""},
			{"a member twice", request{who: chen, method: "POST", path: "/api/v1/drafts", body: `{"service":"a","service":"b"}`}, 400, "invalid", "/service"},
			{"a control character", request{who: chen, method: "PATCH", path: path, body: `{` + rev + `,"values":{"bank":"a\u0000b"}}`}, 400, "invalid", "/values/bank"},
			{"a lone surrogate", request{who: chen, method: "PATCH", path: path, body: `{` + rev + `,"values":{"bank":"\ud800"}}`}, 400, "invalid", "/values/bank"},
			{"not UTF-8", request{who: chen, method: "POST", path: "/api/v1/drafts", body: "{\"service\":\"\xff\"}"}, 400, "invalid", ""},
			{"deep JSON", request{who: chen, method: "POST", path: "/api/v1/drafts", body: strings.Repeat("[", 5000) + strings.Repeat("]", 5000)}, 400, "invalid", ""},
			{"a huge body", request{who: chen, method: "PATCH", path: path, body: `{"values":{"a":"` + strings.Repeat("x", 1<<20) + `"}}`}, 413, "too-large", "-"},
			{"wrong media type", request{who: chen, method: "POST", path: "/api/v1/drafts", body: `<a/>`, mediaType: "text/xml"}, 415, "unsupported", "-"},
			{"JSON in another charset", request{who: chen, method: "POST", path: "/api/v1/drafts", body: `{}`, mediaType: "application/json; charset=gbk"}, 415, "unsupported", "-"},
			{"an upload that is no form", request{who: chen, method: "PUT", path: path + "/evidence/identity/file", body: `{}`}, 415, "unsupported", "-"},
			{"a broken form", request{who: chen, method: "PUT", path: path + "/evidence/identity/file", body: "x", mediaType: "multipart/form-data; boundary=b"}, 400, "invalid", "-"},
			{"a form with a text in place of the file", request{who: chen, method: "PUT", path: path + "/evidence/identity/file", mediaType: "multipart/form-data; boundary=b",
				body: "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx\r\n--b--\r\n"}, 422, "invalid", "/file"},
			{"a form with another part", request{who: chen, method: "PUT", path: path + "/evidence/identity/file", mediaType: "multipart/form-data; boundary=b",
				body: "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n%PDF-\r\n--b\r\nContent-Disposition: form-data; name=\"more\"\r\n\r\nx\r\n--b--\r\n"}, 422, "invalid", "/more"},
			{"a NUL in an id", request{who: chen, method: "GET", path: "/api/v1/licences/a%00b"}, 404, "not-found", "-"},
			{"an id that is no text", request{who: chen, method: "GET", path: "/api/v1/cases/%ff"}, 404, "not-found", "-"},
			{"a NUL in a query", request{method: "GET", path: "/api/v1/services?q=a%00b"}, 422, "invalid", "?q"},
			{"for somebody who cannot be", request{who: chen, method: "GET", path: "/api/v1/cases", header: map[string]string{"Tongban-Acting-For": "\xff"}}, 403, "denied", "-"},
			{"an Idempotency-Key that is no text", request{who: chen, method: "POST", path: "/api/v1/submissions", body: `{"drafts":["` + draft.ID + `"]}`, header: map[string]string{"Idempotency-Key": "\xff\xfe345678"}}, 422, "invalid", "?Idempotency-Key"},
			{"nobody", request{method: "GET", path: "/api/v1/cases"}, 401, "unauthenticated", "-"},
			{"a bad token", request{method: "GET", path: "/api/v1/cases", header: map[string]string{"Authorization": "Bearer x.y.z"}}, 401, "unauthenticated", "-"},
			{"a bad token where none is needed", request{method: "GET", path: "/api/v1/services", header: map[string]string{"Authorization": "Bearer x.y.z"}}, 401, "unauthenticated", "-"},
			{"for somebody without a mandate", request{who: "li-wei", method: "GET", path: "/api/v1/cases", header: map[string]string{"Tongban-Acting-For": chen}}, 403, "denied", "-"},
			{"an officer's list for a citizen", request{who: chen, method: "GET", path: "/api/v1/tasks"}, 403, "denied", "-"},
			{"a supervisor's view for an officer", request{who: "mzj-officer", method: "GET", path: "/api/v1/overview"}, 403, "denied", "-"},
			{"another's draft", request{who: "li-wei", method: "GET", path: path}, 404, "not-found", "-"},
			{"a change of another's draft", request{who: "li-wei", method: "PATCH", path: path, body: `{` + rev + `,"values":{}}`}, 404, "not-found", "-"},
			{"another's submission", request{who: "li-wei", method: "POST", path: "/api/v1/submissions", body: `{"drafts":["` + draft.ID + `"]}`, header: map[string]string{"Idempotency-Key": "12345678"}}, 404, "not-found", "-"},
			{"a draft twice in a basket", request{who: chen, method: "POST", path: "/api/v1/submissions", body: `{"drafts":["a","a"]}`, header: map[string]string{"Idempotency-Key": "12345678"}}, 422, "invalid", "/drafts"},
			{"no Idempotency-Key", request{who: chen, method: "POST", path: "/api/v1/submissions", body: `{"drafts":["` + draft.ID + `"]}`}, 422, "invalid", "?Idempotency-Key"},
			{"no such service", request{method: "GET", path: "/api/v1/services/nothing"}, 404, "not-found", "-"},
			{"no such version", request{method: "GET", path: "/api/v1/services/elderly-allowance?version=abc"}, 404, "not-found", "-"},
			{"no such event", request{method: "GET", path: "/api/v1/events/nothing"}, 404, "not-found", "-"},
			{"no such case", request{who: chen, method: "GET", path: "/api/v1/cases/nothing"}, 404, "not-found", "-"},
			{"no such address", request{method: "GET", path: "/api/v1/nothing"}, 404, "not-found", "-"},
			{"a method that is not taken", request{method: "DELETE", path: "/api/v1/services"}, 405, "invalid", "-"},
			{"no licence at all", request{method: "POST", path: "/api/v1/verifications", body: `{"token":"abc"}`}, 422, "invalid", "-"},
			{"an agent by a wrong name", request{who: chen, method: "POST", path: "/api/v1/mandates", body: `{"kind":"agent","agent":{"idType":"111","idNumber":"310112199605209910","name":"李四"}}`}, 422, "invalid", "/agent"},
			{"a mandate for no such service", request{who: chen, method: "POST", path: "/api/v1/mandates", body: `{"kind":"agent","agent":{"id":"li-wei"},"services":["nothing"]}`}, 422, "invalid", "/services/0"},
			{"a kind of mandate that a register gives", request{who: chen, method: "POST", path: "/api/v1/mandates", body: `{"kind":"parent","agent":{"id":"li-wei"}}`}, 422, "invalid", "/kind"},
			{"a time that is none", request{who: chen, method: "POST", path: "/api/v1/mandates", body: `{"kind":"agent","agent":{"id":"li-wei"},"until":"tomorrow"}`}, 422, "invalid", "/until"},
			{"a token for nobody", request{method: "POST", path: "/api/v1/demo/token", body: `{"persona":"nobody"}`}, 404, "not-found", "-"},
			{"a token for a firm", request{method: "POST", path: "/api/v1/demo/token", body: `{"persona":"pudong-noodle"}`}, 422, "invalid", "/persona"},
		} {
			t.Run(tc.name, func(t *testing.T) {
				w := *world
				w.t = t
				w.problem(tc.r, tc.status, tc.kind, tc.at)
			})
		}
		now := read[api.Draft](world.send(request{who: chen, method: "GET", path: path}).want(http.StatusOK))
		if text(now) != text(draft) {
			t.Errorf("the draft after all that: got %s, want %s", text(now), text(draft))
		}
		if cases := read[list[api.Case]](world.send(request{who: chen, method: "GET", path: "/api/v1/cases"}).want(http.StatusOK)); len(cases.Items) != 0 {
			t.Errorf("cases after all that: got %d, want none", len(cases.Items))
		}
	})
}

// What was typed is kept though it does not pass, and the answer says so.
func TestInvalidValuesAreKept(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.t = t
		draft := read[api.Draft](w.send(request{who: "li-wei", method: "POST", path: "/api/v1/drafts", body: `{"service":"lease-filing"}`}).want(http.StatusOK))
		for _, f := range draft.Form.Fields {
			if f.Widget != "phone" && f.Widget != "citizen-id" || f.Readonly {
				continue
			}
			body := text(map[string]any{"rev": draft.Rev, "values": map[string]any{f.Key: "123"}})
			a := w.send(request{who: "li-wei", method: "PATCH", path: "/api/v1/drafts/" + draft.ID, body: body}).want(http.StatusUnprocessableEntity)
			p := read[api.Problem](a)
			if !p.Saved || p.Rev != draft.Rev+1 || len(p.Errors) != 1 || p.Errors[0].Pointer != "/"+f.Key {
				t.Errorf("%s: got %+v, want it saved as revision %d with one error", f.Key, p, draft.Rev+1)
			}
			now := read[api.Draft](w.send(request{who: "li-wei", method: "GET", path: "/api/v1/drafts/" + draft.ID}))
			if now.Values[f.Key] != "123" || now.Rev != p.Rev {
				t.Errorf("%s: got %v at revision %d, want what was typed at %d", f.Key, now.Values[f.Key], now.Rev, p.Rev)
			}
			a = w.send(request{who: "li-wei", method: "PATCH", path: "/api/v1/drafts/" + draft.ID, body: body}).want(http.StatusConflict)
			if p := read[api.Problem](a); p.Saved || p.Rev != now.Rev {
				t.Errorf("stale: got %+v, want the revision now, %d", p, now.Rev)
			}
			return
		}
		t.Fatalf("the form has no field with a check: %+v", draft.Form.Fields)
	})
}

func TestUploads(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.t = t
		draft := w.prepare("chen-guilan", api.Target{Service: "elderly-allowance"})
		plan := read[api.EvidencePlan](w.send(request{who: "chen-guilan", method: "GET", path: "/api/v1/drafts/" + draft.ID + "/evidence"}).want(http.StatusOK))
		if len(plan.Items) == 0 {
			t.Fatal("no evidence")
		}
		path := "/api/v1/drafts/" + draft.ID + "/evidence/" + plan.Items[0].ID + "/file"
		for name, tc := range map[string]struct {
			who, path string
			data      []byte
			status    int
		}{
			"huge":             {"chen-guilan", path, make([]byte, 12<<20), 413},
			"a little too big": {"chen-guilan", path, append([]byte("%PDF-1.4"), make([]byte, 10<<20)...), 413},
			"empty":            {"chen-guilan", path, nil, 422},
			"a program":        {"chen-guilan", path, []byte("MZ\x90\x00 not a document"), 415},
			"a page":           {"chen-guilan", path, []byte("<html><script>alert(1)</script>"), 415},
			"no requirement":   {"chen-guilan", "/api/v1/drafts/" + draft.ID + "/evidence/nothing/file", []byte("%PDF-1.4"), 404},
			"another's":        {"li-wei", path, []byte("%PDF-1.4"), 404},
			"fine":             {"chen-guilan", path, []byte("%PDF-1.4 fine"), 200},
		} {
			if a := w.upload(tc.who, tc.path, "../../材料\u202e.pdf", tc.data); a.status != tc.status {
				t.Errorf("%s: got %d, want %d: %.300s", name, a.status, tc.status, a.body)
			}
		}
		w.send(request{who: "chen-guilan", method: "DELETE", path: path}).want(http.StatusOK)
	})
}

// A submission sent again gives the same receipt, and a file of its case goes
// only to those who may see it.
func TestSubmitOnce(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.t = t
		const tenant = "li-wei"
		draft := w.prepare(tenant, api.Target{Service: "lease-filing"})
		submit := request{who: tenant, method: "POST", path: "/api/v1/submissions", body: text(api.Submission{Drafts: []string{draft.ID}}),
			header: map[string]string{"Idempotency-Key": "once-and-again"}}
		first := read[api.Receipt](w.send(submit).want(http.StatusCreated))
		again := read[api.Receipt](w.send(submit).want(http.StatusCreated))
		if again.ID != first.ID || len(again.Cases) != 1 || again.Cases[0].ID != first.Cases[0].ID {
			t.Errorf("sent again: got %+v, want the receipt %s", again, first.ID)
		}
		if cases := read[list[api.Case]](w.send(request{who: tenant, method: "GET", path: "/api/v1/cases"})); len(cases.Items) != 1 {
			t.Errorf("cases: got %d, want one", len(cases.Items))
		}
		w.send(request{who: "chen-guilan", method: "GET", path: "/api/v1/submissions/" + first.ID}).want(http.StatusNotFound)
		c := read[api.Case](w.send(request{who: tenant, method: "GET", path: "/api/v1/cases/" + first.Cases[0].ID}).want(http.StatusOK))
		for _, it := range c.Evidence {
			if it.File == nil {
				continue
			}
			file := "/api/v1/cases/" + c.ID + "/files/" + it.File.ID
			a := w.send(request{who: tenant, method: "GET", path: file}).want(http.StatusOK)
			if string(a.body) != "%PDF-1.4 sample" || a.header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(a.header.Get("Content-Disposition"), "attachment") {
				t.Errorf("file: got %s %s %s", a.header.Get("Content-Type"), a.header.Get("Content-Disposition"), a.body)
			}
			w.send(request{who: "chen-guilan", method: "GET", path: file}).want(http.StatusNotFound)
			return
		}
		t.Errorf("evidence: got %+v, want a file among it", c.Evidence)
	})
}
