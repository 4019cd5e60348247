package desk_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestDoors is who may use which page.
func TestDoors(t *testing.T) {
	w := newWorld(t)
	c := w.apply("chen-guilan", "elderly-allowance")
	one := "/desk/cases/" + c.ID
	const ok, away, no, gone = http.StatusOK, http.StatusSeeOther, http.StatusForbidden, http.StatusNotFound
	names := []string{"", "chen-guilan", "mzj-officer", "mzj-decider", "gaj-officer", "lhsr-officer", "sq-clerk", "dsj-supervisor", "dsj-steward"}
	for _, tt := range []struct {
		page string
		want []int // in the order of names
	}{
		{"/desk", []int{away, no, ok, ok, ok, ok, away, away, no}},
		{"/desk/inbox.csv", []int{away, no, ok, ok, ok, ok, no, no, no}},
		{"/desk/next", []int{away, no, away, away, away, away, no, no, no}},
		{"/desk/find?number=" + c.Number, []int{away, no, away, away, gone, gone, gone, away, gone}},
		{"/desk/intake", []int{away, no, no, no, no, no, ok, no, no}},
		{"/desk/overview", []int{away, no, no, no, no, no, no, ok, no}},
		{"/desk/corrections", []int{away, no, ok, ok, ok, ok, no, no, no}},
		{one, []int{away, no, ok, ok, gone, gone, gone, ok, gone}},
		{one + "/process", []int{away, no, ok, ok, gone, gone, gone, ok, gone}},
		{one + "/supplement", []int{away, no, ok, ok, gone, gone, gone, no, gone}},
		{one + "/tasks/t1/decision", []int{away, no, ok, ok, gone, gone, gone, no, gone}},
		{one + "/letter", []int{away, no, gone, gone, gone, gone, gone, gone, gone}},
		{"/desk/no/such/page", []int{away, no, gone, gone, gone, gone, gone, gone, gone}},
	} {
		for i, who := range names {
			if got := w.get(who, tt.page).Status; got != tt.want[i] {
				t.Errorf("%s for %q: got %d, want %d", tt.page, who, got, tt.want[i])
			}
		}
	}
}

// The bar leads to what one may use, and to nothing else.
func TestNavigation(t *testing.T) {
	w := newWorld(t)
	places := map[string]string{"/desk": "待办", "/desk/intake": "窗口收件", "/desk/overview": "督办总览", "/desk/corrections": "数据纠错"}
	for who, want := range map[string]string{
		"gaj-officer": "/desk /desk/corrections", "lhsr-officer": "/desk", "sq-clerk": "/desk/intake", "dsj-supervisor": "/desk/overview",
	} {
		at := strings.Fields(want)[0]
		p := w.get(who, at).wants(http.StatusOK)
		for href, word := range places {
			may := strings.Contains(" "+want+" ", " "+href+" ")
			if got := strings.Contains(p.Body, `<a href="`+href+`"`) && strings.Contains(p.text(), word); got != may {
				t.Errorf("%s: leads to %s: got %t, want %t", who, href, got, may)
			}
		}
		if !strings.Contains(p.text(), "退出") {
			t.Errorf("%s: cannot sign out", who)
		}
	}
	w.get("sq-clerk", "/desk").to("/desk/intake")
	w.get("dsj-supervisor", "/desk").to("/desk/overview")
}

func TestSignIn(t *testing.T) {
	w := newWorld(t)
	w.get("", "/desk?light=red").to("/signin?return=%2Fdesk%3Flight%3Dred")
	r := httptest.NewRequestWithContext(w.ctx, http.MethodPost, "http://desk.example/desk/cases/x/extend", strings.NewReader("reason=x"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Referer", "http://desk.example/desk/cases/x/extend")
	w.send("", r).to("/signin?return=%2Fdesk%2Fcases%2Fx%2Fextend")
	w.post("", "/desk/intake/end", nil).to("/signin?return=%2Fdesk")
}

func TestDenied(t *testing.T) {
	w := newWorld(t)
	w.get("chen-guilan", "/desk").wants(http.StatusForbidden).says("工作台只给工作人员用", "去办事门户").silent("您可以用")
	w.get("sq-clerk", "/desk/overview").wants(http.StatusForbidden).says("您的岗位不能用这一页", "您可以用", "窗口收件")
	w.get("sq-clerk", "/desk/overview?lang=en").says("Your role does not cover this page", "Counter intake")
	w.get("dsj-steward", "/desk").wants(http.StatusForbidden).says("您的岗位在工作台还没有可用的功能")
}

// Posts from elsewhere are refused, as are those that are too large or broken.
func TestBadPosts(t *testing.T) {
	w := newWorld(t)
	c := w.apply("chen-guilan", "elderly-allowance")
	send := func(body, header, value string) page {
		r := httptest.NewRequestWithContext(w.ctx, http.MethodPost, "/desk/cases/"+c.ID+"/tasks/t2", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set(header, value)
		return w.send("mzj-officer", r)
	}
	send("choice=accept", "Sec-Fetch-Site", "cross-site").wants(http.StatusForbidden)
	send("note="+strings.Repeat("x", 300<<10), "X", "").wants(http.StatusRequestEntityTooLarge).says("写的内容太长了")
	send("choice=%zz", "X", "").wants(http.StatusUnprocessableEntity).says("提交的内容读不出来")
	w.get("mzj-officer", "/desk/cases/"+c.ID).says("受理申请") // nothing happened
}

func TestHeaders(t *testing.T) {
	w := newWorld(t)
	p := w.get("mzj-officer", "/desk")
	if csp := p.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
		t.Errorf("content security policy: got %q", csp)
	}
	if got := p.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("cache: got %q, want no-store", got)
	}
	for _, one := range strings.Split(p.Body, `"`) {
		if strings.HasPrefix(one, "/desk/assets/") {
			if got := w.get("", one); got.Status != http.StatusOK || !strings.Contains(got.Header.Get("Cache-Control"), "immutable") {
				t.Errorf("%s: got %d %s", one, got.Status, got.Header.Get("Cache-Control"))
			}
		}
	}
	if strings.Contains(p.Body, "viewer.") {
		t.Error("the inbox asks for the diagram's viewer")
	}
}

func TestLook(t *testing.T) {
	w := newWorld(t)
	p := w.get("mzj-officer", "/desk?lang=en&elder=on").says("Inbox", "All done")
	if !strings.Contains(p.Body, `class="elder"`) {
		t.Error("elder mode: the page is not in it")
	}
	kept := strings.Join(p.Header.Values("Set-Cookie"), "\n")
	for _, want := range []string{"lang=en; Path=/;", "elder=on; Path=/;"} {
		if !strings.Contains(kept, want) {
			t.Errorf("cookies: got %s, want %s", kept, want)
		}
	}
	w.with("mzj-officer", "/desk", "lang=en;").says("Inbox")
}
