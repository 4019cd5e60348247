package desk_test

import (
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/tongban/tongban/casework"
)

// Facts stand with who says so, since when, and how far they can be trusted;
// documents with how they came.
func TestCasePage(t *testing.T) {
	w := newWorld(t)
	c := w.apply("zhang-min", "public-rental-housing")
	p := w.get("fgj-officer", at(c, "")).wants(http.StatusOK)
	p.says("公共租赁住房", c.Number, "张敏", "已提交，等受理", "还剩 5 个工作日", "上海市房屋管理局",
		"来自 申请人的实名账户 · 今天 09:00", "来自 市公安局人口库", "申请人填写", // facts
		"电子证照", "告知承诺", "申请人上传", "材料.pdf", "部门数据", // evidence
		"现在在这一步：", "受理 · 市房管局", "提交申请").silent("您的实名账户", "desk.", "casework.", "<nil>")
	grades := map[string]int{}
	for _, n := range p.nodes(func(n *html.Node) bool { return strings.HasPrefix(attribute(n, "class"), "dk-grade ") }) {
		grades[strings.TrimSpace(n.LastChild.Data)]++
	}
	if grades["A"] < 5 || grades["C"] < 5 || grades["D"] < 2 {
		t.Errorf("grades: got %v, want some A, C and D", grades)
	}
	w.get("fgj-officer", at(c, "?lang=en")).says("Public rental housing", "Typed by the applicant", "From the applicant's verified account", "What to do now")
}

func TestEditedFact(t *testing.T) {
	w := newWorld(t)
	pr := citizen("chen-guilan")
	d, err := w.office.OpenDraft(w.ctx, pr, casework.Target{Service: "elderly-allowance"})
	w.must(err)
	d, err = w.fill(pr, d)
	w.must(err)
	d, err = w.office.Save(w.ctx, pr, d.ID, d.Rev, -1, map[string]any{"phone": "19900000099"})
	w.must(err)
	r, err := w.office.Submit(w.ctx, pr, "", nil, d.ID)
	w.must(err)
	w.get("mzj-officer", at(r.Cases[0], "")).says("19900000099", "申请人已修改")
}

func TestFile(t *testing.T) {
	w := newWorld(t)
	c := w.apply("zhang-min", "public-rental-housing")
	var file string
	for _, l := range w.get("fgj-officer", at(c, "")).links() {
		if strings.Contains(l, "/files/") {
			file = l
		}
	}
	p := w.get("fgj-officer", file).wants(http.StatusOK)
	if p.Header.Get("Content-Type") != "application/pdf" || p.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(p.Body, "%PDF-") {
		t.Errorf("file: got %v, %q", p.Header, p.Body)
	}
	if got := p.Header.Get("Content-Disposition"); got != "inline; filename*=UTF-8''%E6%9D%90%E6%96%99.pdf" {
		t.Errorf("file: got disposition %q", got)
	}
	w.get("gaj-officer", file).wants(http.StatusNotFound)
	w.get("dsj-supervisor", file).wants(http.StatusNotFound)
	w.get("fgj-officer", at(c, "/files/no-such-file")).wants(http.StatusNotFound)
}

func TestDiagram(t *testing.T) {
	w := newWorld(t)
	c := w.apply("chen-guilan", "elderly-allowance")
	p := w.get("mzj-officer", at(c, "/process")).wants(http.StatusOK)
	if p.Header.Get("Content-Type") != "application/xml; charset=utf-8" || !strings.Contains(p.Body, "BPMNDiagram") {
		t.Errorf("diagram: got %v, %d bytes", p.Header, len(p.Body))
	}
	boxes := w.get("mzj-officer", at(c, "")).nodes(func(n *html.Node) bool { return attribute(n, "data-diagram") != "" })
	if len(boxes) != 1 || attribute(boxes[0], "data-live") != "accept" || attribute(boxes[0], "data-diagram") != at(c, "/process") {
		t.Errorf("the page's diagram: got %v", boxes)
	}
}

// A supervisor sees how a case stands, and nobody's name.
func TestSupervisorsCase(t *testing.T) {
	w, c := allowance(t, casework.DutyDecide)
	_, err := w.office.Consult(w.ctx, w.officer("mzj-officer"), c.ID, "gaj", "陈桂兰的户籍？")
	w.must(err)
	p := w.get("dsj-supervisor", at(c, "")).wants(http.StatusOK)
	p.says("老年综合津贴", "不显示", "您的岗位只看办件进度", "正在办的", "决定 · 市民政局", "督办总览")
	if strings.Contains(p.Body, "陈桂兰") || strings.Contains(p.Body, "310106195403129925") {
		t.Errorf("the page names the applicant:\n%s", p.text())
	}
}

// A case that waits for another one, and one that was withdrawn, ask nothing of
// the desk.
func TestNothingToDo(t *testing.T) {
	w, c := allowance(t, casework.DutyReview)
	_, err := w.office.Withdraw(w.ctx, citizen("chen-guilan"), c.ID, "不办了")
	w.must(err)
	w.get("mzj-officer", at(c, "")).says("已撤回", "这个办件已经结束", "流程已经走完", "申请人撤回", "不办了").silent("完成审查", "还可以")
	w.post("mzj-officer", at(c, "/tasks/t2"), posted("choice-t2", "approve")).wants(http.StatusConflict)
	w.get("mzj-officer", at(c, "/consult")).wants(http.StatusConflict)
}
