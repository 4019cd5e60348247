package desk_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"

	"golang.org/x/net/html"
)

func TestIntakeFindsPeople(t *testing.T) {
	w := newWorld(t)
	for query, want := range map[string]string{
		"陈桂":                 "陈桂兰",
		"chen":               "陈桂兰",
		"310106195403129925": "陈桂兰",
		"没有这个人":              "没有找到",
	} {
		p := w.get("sq-clerk", "/desk/intake?q="+url.QueryEscape(query)).wants(http.StatusOK).says(want)
		if query != "310106195403129925" {
			p.silent("310106195403129925")
		}
	}
	w.get("sq-clerk", "/desk/intake?q=chen").says("身份证", "•", "9925", "1954-03-12", "开始接待")
	w.get("sq-clerk", "/desk/intake").says("谁来办事", "今天还没有收件")
}

// The clerk takes up who came, chooses the service, and lets them go.
func TestIntake(t *testing.T) {
	w := newWorld(t)
	w.post("sq-clerk", "/desk/intake", posted("for", "no-such-person")).wants(http.StatusNotFound).says("没有找到这个人或单位")
	w.post("mzj-officer", "/desk/intake", posted("for", "chen-guilan")).wants(http.StatusForbidden)
	if w.present != "" {
		t.Fatalf("an officer has begun an intake for %s", w.present)
	}
	w.post("sq-clerk", "/desk/intake", posted("for", "chen-guilan")).to("/desk/intake")
	p := w.get("sq-clerk", "/desk/intake").says("为 陈桂兰 办理", "您正在代为办理：", "申请人在窗口", "要办什么", "开始办理", "办完了，结束接待 陈桂兰")
	if !slices.Contains(p.links(), "/apply") || !slices.Contains(p.links(), "/desk/intake/end") {
		t.Errorf("links: got %v, want /apply and the end of the intake", p.links())
	}
	starts := p.nodes(func(n *html.Node) bool { return n.Data == "input" && attribute(n, "name") == "service" })
	if len(starts) == 0 {
		t.Error("no service to start")
	}
	found := w.get("sq-clerk", "/desk/intake?q="+url.QueryEscape("敬老")).says("老年综合津贴")
	if !slices.ContainsFunc(found.nodes(func(n *html.Node) bool { return n.Data == "input" }), func(n *html.Node) bool {
		return attribute(n, "name") == "service" && attribute(n, "value") == "elderly-allowance"
	}) {
		t.Error("the allowance cannot be started")
	}
	w.get("sq-clerk", "/desk/intake?q="+url.QueryEscape("新生儿")).says("一件事")
	w.get("sq-clerk", "/desk/intake?q=zzzzzz").says("没有找到能办的事项")
	w.post("sq-clerk", "/desk/intake/end", nil).to("/desk/intake")
	w.get("sq-clerk", "/desk/intake").says("谁来办事").silent("您正在代为办理")
}

// What was begun can be taken up; what was taken in stands in the day's list,
// by number only.
func TestTakenInToday(t *testing.T) {
	w := newWorld(t)
	w.present = "chen-guilan"
	with := w.sitting(w.officer("sq-clerk")).Principal
	c, err := w.submit(with, "elderly-allowance")
	w.must(err)
	_, err = w.office.OpenDraft(w.ctx, citizen("chen-guilan"), target("social-security-card"))
	w.must(err)
	w.get("sq-clerk", "/desk/intake").says("没办完的申请", "社会保障卡", c.Number)
	w.present = ""
	w.get("sq-clerk", "/desk/intake").says("今天收的件", "共 1 件", c.Number, "已提交，等受理").silent("陈桂兰", "没办完的申请")
	w.get("mzj-officer", at(c, "")).says("窗口", "社区受理中心 唐晓，代陈桂兰")
}
