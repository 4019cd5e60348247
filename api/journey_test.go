package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/api"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
	"github.com/tongban/tongban/ledger"
	"github.com/tongban/tongban/licence/verify"
	"golang.org/x/mod/sumdb/note"
)

// prepare opens a draft of the service and answers whatever it still asks.
func (w *world) prepare(who string, target api.Target) api.Draft {
	w.t.Helper()
	d := read[api.Draft](w.send(request{who: who, method: "POST", path: "/api/v1/drafts", body: text(target)}).want(http.StatusOK))
	for range 8 {
		check := read[api.DraftCheck](w.send(request{who: who, method: "GET", path: "/api/v1/drafts/" + d.ID + "/check"}).want(http.StatusOK))
		if check.Ready {
			return d
		}
		d = w.mend(who, d, check.Problems[0].Pointer)
	}
	w.t.Fatalf("draft of %+v: not ready after 8 steps", target)
	return d
}

// mend answers the one thing that stands in the way.
func (w *world) mend(who string, d api.Draft, at string) api.Draft {
	w.t.Helper()
	path := "/api/v1/drafts/" + d.ID
	switch kind, id, _ := strings.Cut(strings.TrimPrefix(at, "/"), "/"); kind {
	case "scenario":
		body := text(map[string]any{"rev": d.Rev, "answers": map[string]string{id: w.firstChoice(d, id)}})
		return read[api.Draft](w.send(request{who: who, method: "PUT", path: path + "/scenario", body: body}).want(http.StatusOK))
	case "evidence":
		return read[api.Draft](w.upload(who, path+"/evidence/"+id+"/file", "材料.pdf", []byte("%PDF-1.4 sample")).want(http.StatusOK))
	default:
		body := text(map[string]any{"rev": d.Rev, "values": map[string]any{kind: w.sample(d, kind)}})
		return read[api.Draft](w.send(request{who: who, method: "PATCH", path: path, body: body}).want(http.StatusOK))
	}
}

func (w *world) firstChoice(d api.Draft, question string) string {
	w.t.Helper()
	for _, member := range d.Members {
		service := read[api.Service](w.send(request{method: "GET", path: "/api/v1/services/" + member}).want(http.StatusOK))
		for _, q := range service.Detail.Scenarios {
			if q.ID == question {
				return q.Choices[0].Value
			}
		}
	}
	w.t.Fatalf("no question %s", question)
	return ""
}

// sample is a value that fits the field.
func (w *world) sample(d api.Draft, key string) any {
	w.t.Helper()
	i := slices.IndexFunc(d.Form.Fields, func(f api.FormField) bool { return f.Key == key })
	if i < 0 {
		w.t.Fatalf("no field %s", key)
	}
	f := d.Form.Fields[i]
	switch {
	case f.Type == "boolean":
		return true
	case f.Type == "integer" || f.Type == "number":
		if f.Min != nil {
			return *f.Min
		}
		return 1
	case len(f.Choices) > 0 && f.Type == "array":
		return []string{f.Choices[0].Value}
	case len(f.Choices) > 0:
		return f.Choices[0].Value
	}
	values := map[string]string{"date": "2026-11-01", "phone": "19900000001", "year-month": "2026-11", "email": "a@city.example", "citizen-id": "310106195403129925", "area": "310106"}
	if strings.HasPrefix(key, "until") {
		return "2027-10-31"
	}
	if v := values[f.Widget]; v != "" {
		return v
	}
	if f.MaxLength > 0 && f.MaxLength < 19 {
		return "310106195403129925"[:min(18, f.MaxLength)]
	}
	return "6222021001112223334"
}

// apply submits one draft and returns its case.
func (w *world) apply(who string, target api.Target) api.Case {
	w.t.Helper()
	d := w.prepare(who, target)
	a := w.send(request{who: who, method: "POST", path: "/api/v1/submissions", body: text(api.Submission{Drafts: []string{d.ID}}),
		header: map[string]string{"Idempotency-Key": "key-" + d.ID}}).want(http.StatusCreated)
	r := read[api.Receipt](a)
	if got := a.header.Get("Location"); got != "/api/v1/submissions/"+r.ID {
		w.t.Errorf("location: got %s", got)
	}
	w.settle()
	return r.Cases[0]
}

// officer is who may complete the task.
func (w *world) officer(task api.Task) string {
	w.t.Helper()
	role := "officer"
	if task.Duty == "decide" {
		role = "decider"
	}
	for _, o := range w.deps.City.Officers {
		if o.Agency == task.Agency.ID && slices.Contains(o.Roles, role) && o.Area == "" {
			return o.ID
		}
	}
	w.t.Fatalf("nobody of %s may %s", task.Agency.ID, task.Duty)
	return ""
}

// work completes tasks until the case is done.
func (w *world) work(id, applicant string) api.Case {
	w.t.Helper()
	choice := map[string]string{"accept": "accept", "review": "approve", "decide": "approve", "deliver": "done", "consult": "done"}
	for range 20 {
		c := read[api.Case](w.send(request{who: applicant, method: "GET", path: "/api/v1/cases/" + id}).want(http.StatusOK))
		if len(c.Tasks) == 0 {
			return c
		}
		task := c.Tasks[0]
		w.send(request{who: w.officer(task), method: "POST", path: "/api/v1/cases/" + id + "/tasks/" + task.ID + "/complete",
			body: text(api.Outcome{Choice: choice[task.Duty], Note: "符合条件"})}).want(http.StatusOK)
		w.settle()
	}
	w.t.Fatal("still open after 20 tasks")
	return api.Case{}
}

// From a search in a reader's own words to a licence that verifies, and that
// no longer does when it is revoked.
func TestJourney(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.t = t
		found := read[list[api.ServiceSummary]](w.send(request{method: "GET", path: "/api/v1/services?q=%E8%80%81%E5%B9%B4&limit=5"}).want(http.StatusOK))
		if !slices.ContainsFunc(found.Items, func(s api.ServiceSummary) bool { return s.ID == "elderly-allowance" }) {
			t.Errorf("search for 老年: got %+v, want elderly-allowance among them", found.Items)
		}
		const chen = "陈桂兰"
		c := w.apply(chen, api.Target{Service: "elderly-allowance"})
		if c.Status != "submitted" || c.Turn != "agency" || c.Light == "none" {
			t.Errorf("case: got %s, turn %s, light %s; want submitted, agency and a light", c.Status, c.Turn, c.Light)
		}
		w.inTheInbox(c)
		c = w.work(c.ID, chen)
		if c.Status != "closed" || len(c.Licences) != 1 || c.Decision == nil || !c.Decision.Approve {
			t.Fatalf("case: got %s, licences %v, decision %+v; want closed with one", c.Status, c.Licences, c.Decision)
		}
		w.history(chen, c)
		w.licence(chen, c.Licences[0])
		messages := read[api.Messages](w.send(request{who: chen, method: "GET", path: "/api/v1/messages"}).want(http.StatusOK))
		if len(messages.Items) == 0 || messages.Unread != len(messages.Items) {
			t.Errorf("messages: got %d, %d unread; want some, all unread", len(messages.Items), messages.Unread)
		}
		w.send(request{who: chen, method: "POST", path: "/api/v1/messages/read"}).want(http.StatusNoContent)
		if messages = read[api.Messages](w.send(request{who: chen, method: "GET", path: "/api/v1/messages"})); messages.Unread != 0 {
			t.Errorf("after reading: got %d unread", messages.Unread)
		}
	})
}

func (w *world) inTheInbox(c api.Case) {
	w.t.Helper()
	tasks := read[list[api.Task]](w.send(request{who: "mzj-officer", method: "GET", path: "/api/v1/tasks?duty=accept&service=elderly-allowance"}).want(http.StatusOK))
	if len(tasks.Items) != 1 || tasks.Items[0].Case != c.ID || !tasks.Items[0].Mine {
		w.t.Fatalf("inbox: got %+v, want the one task of %s", tasks.Items, c.Number)
	}
	if light := tasks.Items[0].Light; light != "none" {
		same := read[list[api.Task]](w.send(request{who: "mzj-officer", method: "GET", path: "/api/v1/tasks?light=" + light}).want(http.StatusOK))
		none := read[list[api.Task]](w.send(request{who: "mzj-officer", method: "GET", path: "/api/v1/tasks?light=red"}).want(http.StatusOK))
		if len(same.Items) != 1 || len(none.Items) != 0 {
			w.t.Errorf("by light: got %d that are %s and %d red, want 1 and 0", len(same.Items), light, len(none.Items))
		}
	}
	counts := read[api.Counts](w.send(request{who: "mzj-officer", method: "GET", path: "/api/v1/tasks/counts"}).want(http.StatusOK))
	if counts.All != 1 || counts.Green+counts.Amber != 1 {
		w.t.Errorf("counts: got %+v, want one, not late", counts)
	}
	if others := read[list[api.Task]](w.send(request{who: "rsj-officer", method: "GET", path: "/api/v1/tasks"}).want(http.StatusOK)); len(others.Items) != 0 {
		w.t.Errorf("another agency's inbox: got %+v, want nothing", others.Items)
	}
}

// history has no gap, and every act of it is in the ledger.
func (w *world) history(who string, c api.Case) {
	w.t.Helper()
	events := read[list[api.Event]](w.send(request{who: who, method: "GET", path: "/api/v1/cases/" + c.ID + "/events"}).want(http.StatusOK))
	for i, e := range events.Items {
		if e.Seq != int64(i+1) || e.Note.IsZero() {
			w.t.Errorf("event %d: got seq %d, note %+v", i, e.Seq, e.Note)
		}
	}
	verifier, err := note.NewVerifier(w.deps.LedgerKey)
	w.must(err)
	for _, event := range []string{"", "?event=2"} {
		proof := read[api.CaseProof](w.send(request{who: who, method: "GET", path: "/api/v1/cases/" + c.ID + "/proof" + event}).want(http.StatusOK))
		if err := ledger.VerifyProof(proof.Proof, verifier); err != nil || !strings.HasPrefix(proof.Leaf, c.ID) {
			w.t.Errorf("proof of event %q: leaf %s, %v", event, proof.Leaf, err)
		}
	}
	w.send(request{who: who, method: "GET", path: "/api/v1/cases/" + c.ID + "/proof?event=999"}).want(http.StatusNotFound)
	checkpoint := w.send(request{method: "GET", path: "/api/v1/ledger/checkpoint"}).want(http.StatusOK)
	if !strings.HasPrefix(string(checkpoint.body), "tongban/test\n") {
		w.t.Errorf("checkpoint: got %s", checkpoint.body)
	}
	bundle := read[list[api.Case]](w.send(request{who: who, method: "GET", path: "/api/v1/cases/" + c.ID + "/bundle"}).want(http.StatusOK))
	mine := read[list[api.Case]](w.send(request{who: who, method: "GET", path: "/api/v1/cases"}).want(http.StatusOK))
	if len(bundle.Items) != 1 || len(mine.Items) != 1 || mine.Items[0].ID != c.ID {
		w.t.Errorf("lists: got %d in the bundle, %d of mine; want one each", len(bundle.Items), len(mine.Items))
	}
}

// licence presents, verifies, revokes and verifies again.
func (w *world) licence(who, id string) {
	w.t.Helper()
	path := "/api/v1/licences/" + id
	l := read[api.Licence](w.send(request{who: who, method: "GET", path: path}).want(http.StatusOK))
	if !l.Good || l.Token == "" {
		w.t.Fatalf("licence: got good %v, token %q", l.Good, l.Token)
	}
	shown := read[api.Presentation](w.send(request{who: who, method: "POST", path: path + "/present", body: `{"claims":[]}`}).want(http.StatusOK))
	if len(shown.Token) >= len(l.Token) {
		w.t.Errorf("presenting nothing by choice: got %d bytes of %d", len(shown.Token), len(l.Token))
	}
	check := func(want bool) {
		w.t.Helper()
		result := read[verify.Result](w.send(request{method: "POST", path: "/api/v1/verifications", body: text(api.ShownToken(shown))}).want(http.StatusOK))
		if result.Valid != want {
			w.t.Errorf("verification: got valid %v, want %v: %+v", result.Valid, want, result.Checks)
		}
	}
	check(true)
	w.send(request{who: who, method: "POST", path: path + "/revoke", body: `{"reason":"x"}`}).want(http.StatusForbidden)
	w.send(request{who: "li-wei", method: "GET", path: path}).want(http.StatusNotFound)
	w.send(request{who: "rsj-decider", method: "POST", path: path + "/revoke", body: `{"reason":"x"}`}).want(http.StatusNotFound)
	w.send(request{who: "mzj-officer", method: "POST", path: path + "/revoke", body: `{"reason":"x"}`}).want(http.StatusForbidden)
	w.send(request{who: "mzj-decider", method: "POST", path: path + "/revoke", body: `{"reason":""}`}).want(http.StatusUnprocessableEntity)
	revoked := read[api.Licence](w.send(request{who: "mzj-decider", method: "POST", path: path + "/revoke", body: `{"reason":"发放有误"}`}).want(http.StatusOK))
	if revoked.Status != "revoked" || revoked.Token != "" {
		w.t.Errorf("revoked: got %s, token %q to the officer", revoked.Status, revoked.Token)
	}
	check(false)
	w.send(request{who: "mzj-decider", method: "POST", path: path + "/revoke", body: `{"reason":"again"}`}).want(http.StatusConflict)
	w.send(request{who: who, method: "POST", path: path + "/present", body: `{"claims":[]}`}).want(http.StatusConflict)
	trust, err := verify.ParseTrust(w.send(request{method: "GET", path: "/api/v1/trust"}).want(http.StatusOK).body)
	w.must(err)
	if !slices.Contains(trust.Revoked, id) {
		w.t.Errorf("trust file: %s is not among the revoked %v", id, trust.Revoked)
	}
	w.settle()
	w.send(request{method: "GET", path: "/api/v1/ledger/licences/" + id}).want(http.StatusOK)
}

// The notice and its answer, a consultation, a special procedure, the one
// extension, and withdrawal.
func TestDesk(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.t = t
		const chen, officer, decider = "chen-guilan", "mzj-officer", "mzj-decider"
		c := w.apply(chen, api.Target{Service: "elderly-allowance"})
		path := "/api/v1/cases/" + c.ID
		requirement := read[api.Case](w.send(request{who: chen, method: "GET", path: path})).Evidence[0].ID
		ask := text(api.SupplementRequest{Items: []api.SupplementItem{{Requirement: requirement, What: "请补交清晰的复印件"}}})
		w.send(request{who: chen, method: "POST", path: path + "/supplement", body: ask}).want(http.StatusForbidden)
		if c = read[api.Case](w.send(request{who: officer, method: "POST", path: path + "/supplement", body: ask}).want(http.StatusOK)); c.Turn != "applicant" {
			t.Errorf("after the notice: got turn %s, want applicant", c.Turn)
		}
		w.send(request{who: officer, method: "POST", path: path + "/supplement", body: ask}).want(http.StatusConflict)
		w.upload(chen, path+"/supplement/"+requirement+"/file", "复印件.png", []byte("\x89PNG\r\n\x1a\n sample")).want(http.StatusOK)
		c = read[api.Case](w.send(request{who: chen, method: "POST", path: path + "/supplement/answer", body: `{"note":"已补"}`}).want(http.StatusOK))
		if c.Turn != "agency" || c.Supplement == nil || len(c.Supplement.Supplied) != 1 {
			t.Errorf("after the answer: got turn %s, %+v", c.Turn, c.Supplement)
		}
		w.send(request{who: officer, method: "POST", path: path + "/tasks/" + c.Tasks[0].ID + "/complete", body: `{"choice":"accept"}`}).want(http.StatusOK)
		w.send(request{who: officer, method: "POST", path: path + "/tasks/" + c.Tasks[0].ID + "/complete", body: `{"choice":"accept"}`}).want(http.StatusConflict)
		w.send(request{who: officer, method: "POST", path: path + "/consult", body: `{"agency":"rsj","question":"是否领取养老金？"}`}).want(http.StatusOK)
		tasks := read[list[api.Task]](w.send(request{who: "rsj-officer", method: "GET", path: "/api/v1/tasks?duty=consult"}).want(http.StatusOK))
		if len(tasks.Items) != 1 || tasks.Items[0].Question == "" {
			t.Fatalf("the other agency's inbox: got %+v, want the question", tasks.Items)
		}
		w.consulted(path, officer, "rsj-officer")
		w.send(request{who: "rsj-officer", method: "POST", path: path + "/tasks/" + tasks.Items[0].ID + "/complete", body: `{"choice":"done","note":"是"}`}).want(http.StatusOK)
		c = read[api.Case](w.send(request{who: officer, method: "POST", path: path + "/suspend", body: `{"procedure":"hearing","reason":"需要听证"}`}).want(http.StatusOK))
		if c.Status != "suspended" {
			t.Errorf("special procedure: got %s, want suspended", c.Status)
		}
		w.send(request{who: officer, method: "POST", path: path + "/resume", body: `{"note":"已结束"}`}).want(http.StatusOK)
		w.send(request{who: officer, method: "POST", path: path + "/extend", body: `{"reason":"情况复杂"}`}).want(http.StatusForbidden)
		c = read[api.Case](w.send(request{who: decider, method: "POST", path: path + "/extend", body: `{"reason":"情况复杂"}`}).want(http.StatusOK))
		if !c.Extended || len(c.Consults) != 1 || c.Consults[0].Answer != "是" {
			t.Errorf("got extended %v, consults %+v", c.Extended, c.Consults)
		}
		w.send(request{who: decider, method: "POST", path: path + "/extend", body: `{"reason":"再延"}`}).want(http.StatusConflict)
		w.send(request{who: "li-wei", method: "POST", path: path + "/withdraw", body: `{"reason":"x"}`}).want(http.StatusNotFound)
		c = read[api.Case](w.send(request{who: chen, method: "POST", path: path + "/withdraw", body: `{"reason":"不办了"}`}).want(http.StatusOK))
		if c.Status != "withdrawn" || c.Turn != "nobody" {
			t.Errorf("withdrawn: got %s, turn %s", c.Status, c.Turn)
		}
		w.send(request{who: chen, method: "POST", path: path + "/withdraw", body: `{"reason":"再撤"}`}).want(http.StatusConflict)
	})
}

// consulted holds what an agency reads of a case that it is only asked about: no
// number of the applicant, not in the form and not in the sources of the
// evidence, which the agency in charge does read.
func (w *world) consulted(path, lead, other string) {
	w.t.Helper()
	const number = "310106195403129925"
	sources := func(who string) (known, all int) {
		a := w.send(request{who: who, method: "GET", path: path}).want(http.StatusOK)
		c := read[api.Case](a)
		for _, it := range c.Evidence {
			if !it.Source.IsZero() || it.Licence != "" || it.Request != "" {
				known++
			}
		}
		if who == other && (strings.Contains(string(a.body), number) || c.Subject != "") {
			w.t.Errorf("%s: got the number or the name of the applicant: %s", who, a.body)
		}
		return known, len(c.Evidence)
	}
	if known, all := sources(lead); known == 0 || all == 0 {
		w.t.Errorf("%s: got %d sources of %d pieces of evidence, want some", lead, known, all)
	}
	if known, all := sources(other); known != 0 || all == 0 {
		w.t.Errorf("%s: got %d sources of %d pieces of evidence, want none", other, known, all)
	}
}

// Who acts in some services only reads the licences and messages of these, and
// marks nothing as read.
func TestLimitedMandate(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.t = t
		w.apply("chen-guilan", api.Target{Service: "elderly-allowance"})
		w.settle()
		own := read[list[api.Licence]](w.send(request{who: "chen-guilan", method: "GET", path: "/api/v1/licences"}).want(http.StatusOK))
		if len(own.Items) == 0 {
			t.Fatal("the holder has no licence to try with")
		}
		id := own.Items[0].ID
		acting := map[string]string{"Tongban-Acting-For": "chen-guilan"}
		get := func(path string) answer {
			return w.send(request{who: "li-wei", method: "GET", path: path, header: acting})
		}
		services := w.deps.City.IssuedBy(own.Items[0].Type)
		for _, tt := range []struct {
			name     string
			services []string
			licences []string
			messages int
		}{
			{"another service", []string{"no-crime-record"}, nil, 0},
			{"the service applied for", []string{"elderly-allowance"}, nil, 1},
			{"what issues the licence, too", append([]string{"elderly-allowance"}, services...), []string{id}, 1},
		} {
			m := read[api.Mandate](w.send(request{who: "chen-guilan", method: "POST", path: "/api/v1/mandates", body: text(map[string]any{
				"agent": map[string]string{"id": "li-wei"}, "kind": "agent", "services": tt.services, "until": monday.Add(90 * 24 * time.Hour).Format(time.RFC3339)})}).want(http.StatusCreated))
			seen := read[list[api.Licence]](get("/api/v1/licences").want(http.StatusOK))
			var ids []string
			for _, l := range seen.Items {
				if slices.ContainsFunc(own.Items[:1], func(o api.Licence) bool { return o.Type == l.Type }) {
					ids = append(ids, l.ID)
				} else if !slices.ContainsFunc(w.deps.City.IssuedBy(l.Type), func(s string) bool { return slices.Contains(tt.services, s) }) {
					t.Errorf("%s: got licence of type %s", tt.name, l.Type)
				}
			}
			if !slices.Equal(ids, tt.licences) {
				t.Errorf("%s: licences: got %v, want %v", tt.name, ids, tt.licences)
			}
			status := http.StatusNotFound
			if len(tt.licences) > 0 {
				status = http.StatusOK
			}
			get("/api/v1/licences/" + id).want(status)
			w.send(request{who: "li-wei", method: "POST", path: "/api/v1/licences/" + id + "/present", body: `{"claims":[]}`, header: acting}).want(status)
			told := read[api.Messages](get("/api/v1/messages").want(http.StatusOK))
			if len(told.Items) != tt.messages || told.Unread != 0 {
				t.Errorf("%s: messages: got %d, %d unread; want %d and none to mark", tt.name, len(told.Items), told.Unread, tt.messages)
			}
			w.send(request{who: "li-wei", method: "POST", path: "/api/v1/messages/read", header: acting}).want(http.StatusForbidden)
			w.send(request{who: "chen-guilan", method: "POST", path: "/api/v1/mandates/" + m.ID + "/revoke"}).want(http.StatusOK)
		}
		if all := read[api.Messages](w.send(request{who: "chen-guilan", method: "GET", path: "/api/v1/messages"}).want(http.StatusOK)); all.Unread == 0 {
			t.Error("the holder's messages: got none unread")
		}
	})
}

// An act shows who acted for whom, under which mandate; a mandate given over the
// API works at once and stops at once.
func TestMandates(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.t = t
		grant := func(agent string) string {
			return text(map[string]any{"agent": map[string]string{"id": agent}, "kind": "agent", "services": []string{"elderly-allowance"},
				"until": monday.Add(90 * 24 * time.Hour).Format(time.RFC3339)})
		}
		m := read[api.Mandate](w.send(request{who: "chen-guilan", method: "POST", path: "/api/v1/mandates", body: grant("li-wei")}).want(http.StatusCreated))
		if !m.Live || m.Agent.Name != "李伟" || m.Principal.ID != "chen-guilan" {
			t.Errorf("mandate: got %+v", m)
		}
		for2 := map[string]string{"Tongban-Acting-For": "chen-guilan"}
		me := read[api.Me](w.send(request{who: "li-wei", method: "GET", path: "/api/v1/me", header: for2}).want(http.StatusOK))
		if me.For.ID != "chen-guilan" || me.Under != "agent" {
			t.Errorf("me: got %+v", me)
		}
		draft := read[api.Draft](w.send(request{who: "li-wei", method: "POST", path: "/api/v1/drafts", body: `{"service":"elderly-allowance"}`, header: for2}).want(http.StatusOK))
		if draft.Subject != "chen-guilan" {
			t.Errorf("draft: got subject %s", draft.Subject)
		}
		w.send(request{who: "li-wei", method: "POST", path: "/api/v1/mandates", body: grant("huang-mei"), header: for2}).want(http.StatusForbidden)
		w.send(request{who: "zhang-min", method: "POST", path: "/api/v1/mandates/" + m.ID + "/revoke"}).want(http.StatusNotFound)
		held := read[api.Mandates](w.send(request{who: "li-wei", method: "GET", path: "/api/v1/mandates"}).want(http.StatusOK))
		if !slices.ContainsFunc(held.Held, func(h api.Mandate) bool { return h.ID == m.ID }) {
			t.Errorf("held: got %+v, want %s among them", held.Held, m.ID)
		}
		gone := read[api.Mandate](w.send(request{who: "chen-guilan", method: "POST", path: "/api/v1/mandates/" + m.ID + "/revoke"}).want(http.StatusOK))
		if gone.Live {
			t.Errorf("revoked: got %+v", gone)
		}
		w.send(request{who: "li-wei", method: "GET", path: "/api/v1/me", header: for2}).want(http.StatusForbidden)
		w.send(request{who: "chen-guilan", method: "POST", path: "/api/v1/mandates/" + m.ID + "/revoke"}).want(http.StatusConflict)
	})
}

// A life event is one draft, one submission and several cases.
func TestLifeEvent(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.t = t
		event := read[api.LifeEvent](w.send(request{method: "GET", path: "/api/v1/events/new-born"}).want(http.StatusOK))
		if len(event.Members) < 3 || event.Members[0].Name.IsZero() {
			t.Fatalf("event: got %+v", event)
		}
		c := w.apply("li-wei", api.Target{Event: "new-born"})
		r := read[api.Receipt](w.send(request{who: "li-wei", method: "GET", path: "/api/v1/submissions/" + c.Submission}).want(http.StatusOK))
		if len(r.Cases) < 3 {
			t.Errorf("cases: got %d, want one for each member", len(r.Cases))
		}
		waiting := 0
		for _, c := range r.Cases {
			if c.Event != "new-born" {
				t.Errorf("%s: got event %q", c.Service, c.Event)
			}
			if c.Status == "waiting" {
				waiting++
			}
		}
		if waiting == 0 {
			t.Errorf("none of %d cases waits for another's result", len(r.Cases))
		}
		page := read[list[api.Case]](w.send(request{who: "li-wei", method: "GET", path: "/api/v1/cases?limit=2"}).want(http.StatusOK))
		if len(page.Items) != 2 || page.Next == "" {
			t.Fatalf("first page: got %d and next %q", len(page.Items), page.Next)
		}
		seen := len(page.Items)
		for page.Next != "" {
			page = read[list[api.Case]](w.send(request{who: "li-wei", method: "GET", path: "/api/v1/cases?limit=2&after=" + page.Next}).want(http.StatusOK))
			seen += len(page.Items)
		}
		if seen != len(r.Cases) {
			t.Errorf("by pages: got %d cases, want %d", seen, len(r.Cases))
		}
	})
}
