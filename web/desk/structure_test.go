package desk_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/tongban/tongban/casework"
)

// kinds are pages of every kind, with who reads them. It makes the cases that
// they show.
func (w *world) kinds() map[string][2]string {
	w.t.Helper()
	w.must(w.engine.Open(w.ctx, nil))
	stopped := w.stopped("qian-fu")
	w.clock.Set(monday)
	submitted := w.apply("zhang-min", "public-rental-housing")
	review, decide, closed := w.apply("chen-guilan", "elderly-allowance"), w.apply("chen-guilan", "elderly-allowance"), w.apply("chen-guilan", "elderly-allowance")
	for _, c := range []casework.Case{review, decide, closed} {
		w.does("mzj-officer", c, casework.DutyAccept, "accept", "")
	}
	for _, c := range []casework.Case{decide, closed} {
		w.does("mzj-officer", c, casework.DutyReview, "approve", "符合")
	}
	_, err := w.office.Consult(w.ctx, w.officer("mzj-officer"), decide.ID, "gaj", "户籍是否在本市？")
	w.must(err)
	w.does("mzj-decider", closed, casework.DutyDecide, "approve", "")
	asked := w.apply("zhang-min", "public-rental-housing")
	_, err = w.office.AskSupplement(w.ctx, w.officer("fgj-officer"), asked.ID, []casework.SupplementItem{{What: "劳动合同"}}, "")
	w.must(err)
	w.must(w.office.Correct(w.ctx, citizen("chen-guilan"), "draft", "address", "population", "搬家了"))
	batch := w.listed(aid, "wu-bo")
	w.found("winter-aid", "wu-bo")
	return map[string][2]string{
		"grants":            {"mzj-officer", "/desk/grants"},
		"grants-supervisor": {"dsj-supervisor", "/desk/grants"},
		"grants-policy":     {"mzj-officer", "/desk/grants/policies/winter-aid"},
		"grants-nobody":     {"mzj-officer", "/desk/grants/policies/winter-aid?status=told"},
		"batch":             {"mzj-decider", "/desk/grants/batches/" + batch.ID},
		"batch-own":         {"mzj-officer", "/desk/grants/batches/" + batch.ID + "?done=list"},
		"grant":             {"mzj-officer", "/desk/grants/" + w.grantOf("wu-bo", aid).ID},
		"grant-stopped":     {"mzj-decider", "/desk/grants/" + stopped.ID},
		"inbox":             {"mzj-decider", "/desk"},
		"inbox-empty":       {"cl-officer", "/desk"},
		"inbox-filtered":    {"mzj-officer", "/desk?duty=review&light=red"},
		"case-accept":       {"fgj-officer", at(submitted, "")},
		"case-review":       {"mzj-officer", at(review, "")},
		"case-decide":       {"mzj-decider", at(decide, "?done=review")},
		"case-consult":      {"gaj-officer", at(decide, "")},
		"case-closed":       {"mzj-officer", at(closed, "")},
		"case-asked":        {"fgj-officer", at(asked, "")},
		"case-supervisor":   {"dsj-supervisor", at(decide, "")},
		"supplement":        {"fgj-officer", at(submitted, "/supplement")},
		"notice":            {"fgj-officer", at(asked, "/notice")},
		"refuse":            {"fgj-officer", at(submitted, "/tasks/t1/decision")},
		"decision":          {"mzj-decider", at(decide, "/tasks/t3/decision")},
		"letter":            {"mzj-officer", at(closed, "/letter")},
		"consult":           {"mzj-officer", at(review, "/consult")},
		"suspend":           {"mzj-officer", at(review, "/suspend")},
		"extend":            {"mzj-decider", at(review, "/extend")},
		"overtaken":         {"mzj-officer", at(closed, "/extend")},
		"intake":            {"sq-clerk", "/desk/intake"},
		"intake-found":      {"sq-clerk", "/desk/intake?q=chen"},
		"intake-present":    {"sq-clerk@chen-guilan", "/desk/intake"},
		"overview":          {"dsj-supervisor", "/desk/overview"},
		"corrections":       {"gaj-officer", "/desk/corrections"},
		"policies":          {"mzj-officer", "/desk/policies"},
		"policies-all":      {"dsj-supervisor", "/desk/policies"},
		"policy":            {"mzj-officer", "/desk/policies/home-adaptation"},
		"policy-draft":      {"mzj-decider", "/desk/policies/elderly-allowance"},
		"denied":            {"sq-clerk", "/desk/overview"},
		"not-found":         {"mzj-officer", "/desk/nothing"},
	}
}

var leftBehind = regexp.MustCompile(`\b(ui|desk|casework|policy|party)\.[a-z]\w*|%!|\{[a-z]+\}|<nil>|0001-01-01`)

// TestStructure holds every kind of page, in both languages, to the rules that
// can be read off its HTML.
func TestStructure(t *testing.T) {
	w := newWorld(t)
	for kind, one := range w.kinds() {
		for _, lang := range []string{"zh", "en"} {
			t.Run(kind+"-"+lang, func(t *testing.T) {
				p := w.with(one[0], one[1], "lang="+lang)
				p.t = t
				p.holds()
			})
		}
	}
}

func (p page) holds() {
	p.t.Helper()
	if p.Status >= 500 {
		p.t.Fatalf("got status %d", p.Status)
	}
	if got := len(p.nodes(func(n *html.Node) bool { return n.Data == "h1" })); got != 1 {
		p.t.Errorf("got %d main headings, want 1", got)
	}
	if found := leftBehind.FindAllString(p.text(), -1); found != nil {
		p.t.Errorf("the page shows what a program left behind: %v", found)
	}
	for _, n := range p.nodes(func(n *html.Node) bool {
		return n.Data == "style" || attribute(n, "style") != "" || n.Data == "script" && attribute(n, "src") == "" || attribute(n, "onclick") != ""
	}) {
		p.t.Errorf("a script or style stands inside the page: <%s %v>", n.Data, n.Attr)
	}
	ids := map[string]int{}
	for _, n := range p.nodes(func(n *html.Node) bool { return attribute(n, "id") != "" }) {
		ids[attribute(n, "id")]++
	}
	for id, n := range ids {
		if n > 1 {
			p.t.Errorf("%d elements have the id %q", n, id)
		}
	}
	p.labelled(ids)
}

// labelled wants a label for every field, and an element for every reference.
func (p page) labelled(ids map[string]int) {
	p.t.Helper()
	labels := map[string]bool{}
	for _, n := range p.nodes(func(n *html.Node) bool { return n.Data == "label" }) {
		labels[attribute(n, "for")] = true
	}
	for _, n := range p.nodes(func(n *html.Node) bool {
		return (n.Data == "input" && attribute(n, "type") != "hidden") || n.Data == "select" || n.Data == "textarea"
	}) {
		if !labels[attribute(n, "id")] {
			p.t.Errorf("no label for <%s %v>", n.Data, n.Attr)
		}
	}
	for _, n := range p.nodes(func(n *html.Node) bool { return true }) {
		for _, key := range []string{"aria-labelledby", "aria-describedby"} {
			for _, id := range strings.Fields(attribute(n, key)) {
				if ids[id] == 0 {
					p.t.Errorf("<%s> is %s %q, which is not there", n.Data, key, id)
				}
			}
		}
		if href := attribute(n, "href"); len(href) > 1 && href[0] == '#' && ids[href[1:]] == 0 {
			p.t.Errorf("a link leads to %s, which is not there", href)
		}
	}
}

// Links of the desk lead somewhere.
func TestLinks(t *testing.T) {
	w := newWorld(t)
	for kind, one := range w.kinds() {
		p := w.get(one[0], one[1])
		for _, href := range p.links() {
			href, _, _ = strings.Cut(href, "#")
			if p.Status != http.StatusOK || !strings.HasPrefix(href, "/desk") || href == "/desk/find" || strings.HasSuffix(href, "/end") {
				continue
			}
			if strings.Contains(href, "/tasks/") && !strings.Contains(href, "/decision") {
				continue // posted to only
			}
			if got := w.get(one[0], href); got.Status >= http.StatusBadRequest {
				t.Errorf("%s: %s answers %d", kind, href, got.Status)
			}
		}
	}
}
