package desk_test

import (
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/tongban/tongban/casework"
)

func target(service string) casework.Target { return casework.Target{Service: service} }

func TestOverview(t *testing.T) {
	w := newWorld(t)
	w.get("dsj-supervisor", "/desk/overview").wants(http.StatusOK).says("没有在办件", "没有超期办件")
	w.clock.Set(monday.AddDate(0, 0, -14))
	late := w.apply("chen-guilan", "elderly-allowance")
	w.clock.Set(monday)
	w.apply("chen-guilan", "elderly-allowance")
	w.apply("chen-guilan", "maternity-refund")
	p := w.get("dsj-supervisor", "/desk/overview").wants(http.StatusOK).says("上海市民政局 2 1", "上海市医疗保障局", "合计 3 1", late.Number, "超期")
	if strings.Contains(p.Body, "陈桂兰") {
		t.Error("the overview names an applicant")
	}
	bars := p.nodes(func(n *html.Node) bool { return n.Data == "rect" && n.Parent.Data == "svg" })
	if len(bars) < 3 || attribute(bars[0], "width") != "50.00%" {
		t.Errorf("bars: got %d, the first %v", len(bars), bars[0].Attr)
	}
	w.get("dsj-supervisor", at(late, "")).wants(http.StatusOK)
}

func TestCorrections(t *testing.T) {
	w := newWorld(t)
	w.get("gaj-officer", "/desk/corrections").wants(http.StatusOK).says("没有人反映数据有误")
	w.must(w.office.Correct(w.ctx, citizen("chen-guilan"), "draft", "address", "来自 市公安局人口库", "我去年搬了家。\n<b>新地址</b>"))
	w.must(w.office.Correct(w.ctx, citizen("chen-guilan"), "draft", "a_field_of_long_ago", "population", "老字段"))
	p := w.get("gaj-officer", "/desk/corrections").says("人口库", "陈桂兰", "我去年搬了家。 <b>新地址</b>", "今天 09:00", "a_field_of_long_ago")
	if strings.Contains(p.Body, "<b>") {
		t.Error("what was typed is taken for HTML")
	}
	w.get("rsj-officer", "/desk/corrections").silent("我去年搬了家")
	w.get("gaj-officer", "/desk/corrections?after=nonsense").wants(http.StatusUnprocessableEntity)
}
