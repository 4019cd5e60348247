package desk_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/party"
)

const (
	elderly = "/desk/policies/elderly-allowance"
	age     = "conditions.age"
)

// peopled is the world with 40 people of 60 and 37 of 75 in its registers
// beside the personas, and its populations open. Most live in one district, three
// of those of 60 in another and twelve of those of 75 in a third.
func peopled(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.must(w.db.Write(w.ctx, func(ctx context.Context, tx db.Tx) error {
		for i := range 77 {
			birth, area := "1966-02-03", "徐汇区"
			if i >= 40 {
				birth = "1951-02-03"
			}
			if i < 3 {
				area = "崇明区"
			}
			if i >= 65 {
				area = "静安区"
			}
			err := w.exchange.Put(ctx, tx, "population", party.ID(fmt.Sprintf("crowd-%d", i)),
				map[string]any{"birth": birth, "hukou_city": "上海", "hukou_area": area}, monday)
			if err != nil {
				return err
			}
		}
		return nil
	}))
	w.must(w.engine.Open(w.ctx, nil))
	return w
}

func TestPoliciesOfAnAgency(t *testing.T) {
	w := peopled(t)
	p := w.get("mzj-officer", "/desk/policies").wants(http.StatusOK).says("政策 上海市民政局", "老年综合津贴", "少于 10", "不到10人的数字不显示")
	p.holds()
	p.silent("上海市公安局")
	w.get("dsj-supervisor", "/desk/policies").wants(http.StatusOK).says("老年综合津贴", "民政局", "人社局").holds()
	w.get("sq-clerk", "/desk/policies").wants(http.StatusForbidden)
	w.get("gaj-officer", elderly).wants(http.StatusForbidden)
	w.get("mzj-officer", "/desk/policies/nothing").wants(http.StatusNotFound)
	w.post("mzj-officer", elderly, url.Values{}).wants(http.StatusForbidden) // no decider
}

// TestNotReady: before the populations are there, the page says so.
func TestNotReady(t *testing.T) {
	w := newWorld(t)
	w.get("mzj-officer", "/desk/policies").wants(http.StatusServiceUnavailable).says("正在准备")
}

func TestPolicyAsItStands(t *testing.T) {
	w := peopled(t)
	p := w.get("mzj-officer", elderly).wants(http.StatusOK).says("老年综合津贴 上海市民政局", "上海户口", "满65岁", "age(population.birth) >= 65", "满65岁起发", "按年龄", "按区", "徐汇区")
	p.holds()
	if len(p.nodes(func(n *html.Node) bool { return n.Data == "textarea" })) > 0 {
		t.Error("an officer who may not draft finds fields")
	}
	d := w.get("mzj-decider", elderly).wants(http.StatusOK).says("什么都不会保存")
	d.holds()
	if got := len(d.nodes(func(n *html.Node) bool { return n.Data == "textarea" })); got != 2+10 {
		t.Errorf("%d rules can be drafted, want the two conditions and ten of the amounts", got)
	}
}

// TestDraftWithoutScript: the page comes back with what would change, and with
// what was typed; nothing small can be read off it.
func TestDraftWithoutScript(t *testing.T) {
	w := peopled(t)
	form := url.Values{age: {"age(population.birth) >= 60"}, "amount.band.4.when": {"age(population.birth) >= 60"}}
	p := w.post("mzj-decider", elderly, form).wants(http.StatusOK).says("改了以后", "新增", "不再符合 少于 10", "60–69 岁", "毫秒", "个答案变了")
	p.holds()
	field := p.nodes(func(n *html.Node) bool { return attribute(n, "id") == age })
	if len(field) != 1 || field[0].FirstChild.Data != form.Get(age) {
		t.Error("what was typed is lost")
	}
	gain := p.nodes(func(n *html.Node) bool { return has(n, "data-gain") })
	if len(gain) != 1 || content(gain[0]) != "40" {
		t.Errorf("how many gain: %d elements, want one with 40", len(gain))
	}
	p.says("徐汇区 25 ", "组人数太少").silent("崇明区")
	w.get("mzj-decider", elderly).says("age(population.birth) >= 65") // nothing is kept
	live := w.post("mzj-decider", elderly+"/counts", form).wants(http.StatusOK).says("改了以后")
	if strings.Contains(live.Body, "<html") {
		t.Error("the fragment is a whole page")
	}
}

// TestDraftRefused: each mistake at its exact place, in both languages.
func TestDraftRefused(t *testing.T) {
	w := peopled(t)
	tests := []struct{ typed, zh, en, pre string }{
		{"age(population.birth) >= 65 &&\n  population.shoes > 3", "第 2 行第 3 个字：", "Line 2, character 3:", "  population.shoes > 3\n  ^"},
		{"  population.hukou_city == '上海' && 3", "第 1 行第 ", "Line 1, character ", ""},
		{"disability.grade == '一级'", "敏感信息", "no legal basis", "disability.grade == '一级'\n^"},
		{"population.hukou_city in ['上海', '苏州'].map(c, c)", "写出值的列表", "Write out the values", ""},
		{"", "要写一条规则", "A rule is needed", "\n^"},
	}
	for _, tt := range tests {
		form := url.Values{age: {tt.typed}}
		p := w.post("mzj-decider", elderly, form).wants(http.StatusUnprocessableEntity).says("规则不能用", tt.zh)
		p.holds()
		if field := p.nodes(func(n *html.Node) bool { return attribute(n, "id") == age }); tt.typed != "" && strings.TrimRight(field[0].FirstChild.Data, "\n") != tt.typed {
			t.Errorf("%q became %q", tt.typed, field[0].FirstChild.Data)
		}
		en := w.ask("mzj-decider", http.MethodPost, elderly+"?lang=en", form).wants(http.StatusUnprocessableEntity).says(tt.en)
		en.holds()
		live := w.post("mzj-decider", elderly+"/counts", form).wants(http.StatusOK).says(tt.zh)
		pre := live.nodes(func(n *html.Node) bool { return n.Data == "pre" })
		if len(pre) != 1 || tt.pre != "" && content(pre[0]) != tt.pre {
			t.Errorf("%q: the place is %q, want %q", tt.typed, content(pre[0]), tt.pre)
		}
	}
}

// TestDraftFile is a file of a pack, with the new texts and without what the
// city adds by itself.
func TestDraftFile(t *testing.T) {
	w := peopled(t)
	p := w.post("mzj-decider", elderly+"/draft.yaml", url.Values{age: {"age(population.birth) >= 60"}, "conditions.present": {"true"}}).wants(http.StatusOK)
	if got := p.Header.Get("Content-Disposition"); got != `attachment; filename="elderly-allowance.yaml"` {
		t.Errorf("disposition: %s", got)
	}
	var got catalog.Policy
	if err := yaml.UnmarshalWithOptions([]byte(p.Body), &got, yaml.Strict()); err != nil {
		t.Fatalf("%v\n%s", err, p.Body)
	}
	want, _ := w.city.Policy("elderly-allowance")
	file := *want
	file.Conditions = append([]catalog.PolicyCondition(nil), want.Conditions[:2]...)
	file.Conditions[1].When = "age(population.birth) >= 60"
	for i := range file.Conditions {
		file.Conditions[i].Line = 0
	}
	file.File, file.Examples, got.Examples = "", nil, nil
	if diff := cmp.Diff(file, got); diff != "" {
		t.Errorf("the file differs: %s", diff)
	}
	w.post("mzj-decider", elderly+"/draft.yaml", url.Values{age: {"nonsense("}}).wants(http.StatusUnprocessableEntity).says("规则不能用")
	w.post("mzj-officer", elderly+"/draft.yaml", url.Values{}).wants(http.StatusForbidden)
}

func has(n *html.Node, key string) bool {
	for _, a := range n.Attr {
		if a.Key == key {
			return true
		}
	}
	return false
}

func content(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}
