package desk_test

import (
	"encoding/csv"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/tongban/tongban/casework"
)

// rows are the numbers in the list, from top to bottom.
func (p page) rows() []string {
	var list []string
	for _, n := range p.nodes(func(n *html.Node) bool { return n.Data == "td" && attribute(n, "data-label") == "编号" }) {
		list = append(list, n.FirstChild.FirstChild.Data)
	}
	return list
}

// tabs are the counts of all, red, amber, green.
func (p page) tabs() []string {
	var list []string
	for _, n := range p.nodes(func(n *html.Node) bool { return attribute(n, "class") == "dk-n" }) {
		list = append(list, n.FirstChild.Data)
	}
	return list
}

// busy is a world with three cases at the civil affairs bureau: one late, one
// due soon, one in time.
func busy(t *testing.T) (w *world, late, soon, fine casework.Case) {
	w = newWorld(t)
	w.clock.Set(monday.AddDate(0, 0, -14))
	late = w.apply("chen-guilan", "elderly-allowance")
	w.clock.Set(monday)
	soon = w.apply("chen-guilan", "elderly-allowance")
	fine = w.apply("chen-guilan", "elderly-allowance")
	w.does("mzj-officer", fine, casework.DutyAccept, "accept", "")
	return w, late, soon, fine
}

func TestInbox(t *testing.T) {
	w, late, soon, fine := busy(t)
	for _, tt := range []struct {
		name, query string
		rows        []casework.Case
		tabs        []string
	}{
		{"all, the most urgent first", "", []casework.Case{late, soon, fine}, []string{"3", "1", "1", "1"}},
		{"red", "?light=red", []casework.Case{late}, []string{"3", "1", "1", "1"}},
		{"amber", "?light=amber", []casework.Case{soon}, []string{"3", "1", "1", "1"}},
		{"green", "?light=green", []casework.Case{fine}, []string{"3", "1", "1", "1"}},
		{"a duty: its counts too", "?duty=accept", []casework.Case{late, soon}, []string{"2", "1", "1", "0"}},
		{"a duty and a light", "?duty=accept&light=red", []casework.Case{late}, []string{"2", "1", "1", "0"}},
		{"another duty", "?duty=decide", nil, []string{"0", "0", "0", "0"}},
		{"the service", "?service=elderly-allowance&duty=review", []casework.Case{fine}, []string{"1", "0", "0", "1"}},
		{"a service that nobody has", "?service=no-such-service", nil, []string{"0", "0", "0", "0"}},
		{"unknown values filter nothing", "?light=purple&duty=dance", []casework.Case{late, soon, fine}, []string{"3", "1", "1", "1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := w.get("mzj-officer", "/desk"+tt.query).wants(http.StatusOK)
			var want []string
			for _, c := range tt.rows {
				want = append(want, c.Number)
			}
			if got := p.rows(); !slices.Equal(got, want) {
				t.Errorf("rows: got %v, want %v", got, want)
			}
			if got := p.tabs(); !slices.Equal(got, tt.tabs) {
				t.Errorf("tabs: got %v, want %v", got, tt.tabs)
			}
		})
	}
	w.get("mzj-officer", "/desk").says("陈桂兰", "已超期", "即将到期", "按时", "超期", "市民政局").silent("desk.", "ui.")
	w.get("gaj-officer", "/desk").says("都办完了")
	w.get("mzj-officer", "/desk?duty=decide").says("这样筛选没有待办", "清除筛选")
	w.get("mzj-officer", "/desk").silent("决定")
	w.get("mzj-decider", "/desk").says("决定")
	w.get("mzj-officer", "/desk?after=nonsense").wants(http.StatusUnprocessableEntity).says("翻页的位置不对")
}

// A long list comes in pages; each task is on one of them.
func TestInboxPages(t *testing.T) {
	w := newWorld(t)
	var want []string
	for range 53 {
		want = append(want, w.apply("chen-guilan", "elderly-allowance").Number)
		w.clock.Add(time.Second)
	}
	first := w.get("mzj-officer", "/desk?duty=accept")
	at := slices.IndexFunc(first.links(), func(l string) bool { return strings.Contains(l, "after=") })
	if at < 0 || len(first.rows()) != 50 {
		t.Fatalf("first page: got %d rows, links %v", len(first.rows()), first.links())
	}
	second := w.get("mzj-officer", first.links()[at]).says("回到第一页")
	if got := second.tabs()[0]; got != "53" {
		t.Errorf("count on the second page: got %s, want 53", got)
	}
	got := append(first.rows(), second.rows()...)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("both pages: got %d numbers, want %d", len(got), len(want))
	}
	if rows := w.csv("mzj-officer", "/desk/inbox.csv"); len(rows) != 54 {
		t.Errorf("export: got %d rows, want 53 and the heading", len(rows))
	}
}

// The filter looked at last is the way back, and what the next task is taken
// from.
func TestFilterIsKept(t *testing.T) {
	w, _, soon, fine := busy(t)
	w.get("mzj-officer", "/desk/next").to("/desk/cases/" + w.first() + "#task-t1")
	for query, want := range map[string]casework.Case{"?light=amber": soon, "?duty=review": fine} {
		cookie := w.get("mzj-officer", "/desk"+query).Header.Get("Set-Cookie")
		p := w.with("mzj-officer", "/desk/next", cookie)
		if got := p.Header.Get("Location"); !strings.HasPrefix(got, "/desk/cases/"+want.ID+"#task-") {
			t.Errorf("next after %s: got %q, want case %s", query, got, want.ID)
		}
		if links := w.with("mzj-officer", "/desk/cases/"+want.ID, cookie).links(); !slices.Contains(links, "/desk"+query) {
			t.Errorf("the case's way back after %s: got %v", query, links)
		}
	}
	cookie := w.get("mzj-officer", "/desk?duty=decide").Header.Get("Set-Cookie")
	w.with("mzj-officer", "/desk/next", cookie).to("/desk?duty=decide")
	w.with("mzj-officer", "/desk/next", "desk-filter=%25zz;").wants(http.StatusSeeOther)
}

func (w *world) first() string {
	tasks, _, err := w.office.Inbox(w.ctx, w.officer("mzj-officer"), casework.Filter{})
	w.must(err)
	return tasks[0].CaseID
}

// with asks for a page with a cookie that an earlier answer set.
func (w *world) with(as, address, cookie string) page {
	r := httptest.NewRequestWithContext(w.ctx, http.MethodGet, address, nil)
	pair, _, _ := strings.Cut(cookie, ";")
	r.Header.Set("Cookie", pair)
	return w.send(as, r)
}

func (w *world) csv(as, address string) [][]string {
	w.t.Helper()
	p := w.get(as, address).wants(http.StatusOK)
	body, marked := strings.CutPrefix(p.Body, "\uFEFF")
	if !marked || p.Header.Get("Content-Type") != "text/csv; charset=utf-8" || p.Header.Get("Cache-Control") != "no-store" {
		w.t.Errorf("export: got headers %v, mark %t", p.Header, marked)
	}
	rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	w.must(err)
	return rows
}

func TestExport(t *testing.T) {
	w, late, _, _ := busy(t)
	rows := w.csv("mzj-officer", "/desk/inbox.csv?light=red")
	if len(rows) != 2 || len(rows[0]) != 9 {
		t.Fatalf("got %v, want the heading and one row of nine", rows)
	}
	want := []string{"已超期", "-9", "2026-11-10", "老年综合津贴（敬老卡）", "陈桂兰", late.Number, "受理", "受理", "2026-11-09"}
	if !slices.Equal(rows[1], want) {
		t.Errorf("row: got %v, want %v", rows[1], want)
	}
	if head := w.csv("mzj-officer", "/desk/inbox.csv?lang=en")[0]; head[0] != "Light" {
		t.Errorf("English heading: got %v", head)
	}
}

func TestFind(t *testing.T) {
	w, late, _, _ := busy(t)
	w.get("mzj-officer", "/desk/find?number=+"+strings.ToLower(late.Number)+"+").to("/desk/cases/" + late.ID)
	w.get("mzj-officer", "/desk/find?number=20260101-AAAA-AAAA").wants(http.StatusNotFound).says("没有编号是“20260101-AAAA-AAAA”的办件")
	w.get("gaj-officer", "/desk/find?number="+late.Number).wants(http.StatusNotFound)
}
