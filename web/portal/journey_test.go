package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/policy"
)

var picture = []byte("\x89PNG\r\n\x1a\nsample")

// apply begins an application and fills what is asked until it can be checked.
func (v *visitor) apply(kind, id string, answers url.Values) *visitor {
	v.t.Helper()
	v.open("/apply?"+kind+"="+id).wants(http.StatusOK).send("开始填写", nil).wants(http.StatusOK)
	return v.fill(answers)
}

// fill fills what a draft asks until it can be checked.
func (v *visitor) fill(answers url.Values) *visitor {
	v.t.Helper()
	for range 20 {
		switch at := v.where.Path; {
		case strings.HasSuffix(at, "/scenario"):
			v.send("保存并继续", v.choices(answers))
		case strings.Contains(at, "/steps/"):
			v.send("保存并继续", v.choices(answers))
		case strings.HasSuffix(at, "/evidence"):
			v.prove()
			return v.follow("核对全部内容").wants(http.StatusOK)
		default:
			v.t.Fatalf("lost at %s: %s", at, v.text())
		}
		if v.status != http.StatusOK && v.status != http.StatusUnprocessableEntity {
			v.t.Fatalf("%s: status %d: %s", v.where, v.status, v.text())
		}
	}
	v.t.Fatalf("%s: no end: %s", v.where, v.text())
	return v
}

// choices are the given answers to what the page asks, and the first choice
// wherever a choice must be made and none is.
func (v *visitor) choices(answers url.Values) url.Values {
	values := url.Values{}
	form, _ := v.form("保存并继续")
	made := fieldsOf(form)
	for _, in := range append(all(form, "input"), all(form, "textarea")...) {
		name := attr(in, "name")
		if given, ok := answers[name]; ok {
			values[name] = given
		} else if attr(in, "type") == "radio" && !made.Has(name) && !values.Has(name) {
			values.Set(name, attr(in, "value"))
		}
	}
	for _, list := range all(form, "select") {
		name := attr(list, "name")
		if given, ok := answers[name]; ok {
			values[name] = given
		} else if options := all(list, "option"); made.Get(name) == "" && len(options) > 1 {
			values.Set(name, attr(options[1], "value"))
		}
	}
	return values
}

// prove hands in whatever is still needed.
func (v *visitor) prove() {
	v.t.Helper()
	for range 10 {
		missing := class(v.page, "tb-todo")
		if len(missing) == 0 {
			return
		}
		if strings.Contains(textOf(missing[0]), "我承诺") {
			v.send("提交承诺", url.Values{"agree": {"yes"}})
		} else {
			v.page = missing[0]
			v.upload("上传", "材料.png", picture)
		}
		v.wants(http.StatusOK)
	}
}

// finish lets the agencies do all open work on a case.
func (w *world) finish(number string) casework.Case {
	w.t.Helper()
	system := policy.Principal{ID: "system", Kind: policy.System}
	choice := map[string]string{"accept": "accept", "review": "approve", "decide": "approve", "deliver": "done", "consult": "done"}
	for range 30 {
		c, err := w.deps.Office.Case(w.ctx, system, number)
		w.must(err)
		if len(c.Tasks) == 0 {
			w.run()
			if c, err = w.deps.Office.Case(w.ctx, system, number); err != nil || len(c.Tasks) == 0 {
				w.must(err)
				return c
			}
		}
		officer := policy.Principal{ID: "officer", Kind: policy.Officer, Agency: c.Tasks[0].Agency, Roles: []string{policy.RoleOfficer, policy.RoleDecider}}
		_, err = w.deps.Office.Complete(w.ctx, officer, c.ID, c.Tasks[0].ID, casework.Outcome{Choice: choice[c.Tasks[0].Duty], Note: "符合条件"})
		w.must(err)
	}
	w.t.Fatal("the case does not end")
	return casework.Case{}
}

// TestElderlyAllowance is the main job with no script: found, applied for with
// what the city knows filled in, followed, and a licence in hand that anybody
// can verify.
func TestElderlyAllowance(t *testing.T) {
	w := newWorld(t)
	v := w.signedIn("chen-guilan")
	v.open("/search?q=敬老卡").wants(http.StatusOK).follow("老年综合津贴").wants(http.StatusOK)
	v.sees("这次不用您交任何材料")
	v.apply("service", "elderly-allowance", nil)
	v.sees("提交前请核对", "陈桂兰", "来自 市公安局人口库")
	v.send("提交申请", nil).wants(http.StatusOK)
	if !strings.HasPrefix(v.where.Path, "/receipts/") {
		t.Fatalf("after submission: got %s, want a receipt: %s", v.where, v.text())
	}
	v.sees("提交成功", "您的办件编号", "上海市民政局")
	number := textOf(class(v.page, "tb-receipt__number")[0])
	v.follow("查看办件进度").sees(number).follow("老年综合津贴").wants(http.StatusOK)
	v.sees("现在谁在办", "最晚到什么时候", "您填写的内容")

	c := w.finish(number)
	if c.Status != casework.Closed && c.Status != casework.Approved {
		t.Fatalf("case: got status %s, want closed or approved", c.Status)
	}
	v.open("/cases/"+c.ID).sees("办理结果", "同意", "您得到的证照", "敬老卡")
	v.follow("敬老卡").wants(http.StatusOK).sees("证照内容", "出示证照")
	if len(class(v.page, "tb-qr")) != 1 {
		t.Errorf("licence page: got no QR code, want one")
	}
	v.follow("看看对方会看到什么").wants(http.StatusOK).sees("真实有效", "敬老卡")
	v.open("/messages").wants(http.StatusOK).sees("老年综合津贴")
	v.open("/me").wants(http.StatusOK).sees("谁看过我的数据", "市公安局人口库", "老年综合津贴")
}

// TestNewBorn applies for a whole life event at once: one form, one submission,
// several cases, each starting by itself when the one before has ended.
func TestNewBorn(t *testing.T) {
	w := newWorld(t)
	v := w.signedIn("zhang-min")
	v.open("/events/new-born").wants(http.StatusOK).sees("一次办完", "先办什么，后办什么")
	v.apply("event", "new-born", url.Values{"baby_name": {"李小满"}, "child_name": {"李小满"}})
	v.sees("提交前请核对")
	v.send("提交申请", nil).wants(http.StatusOK).sees("提交成功", "件事", "等前面一件事办好")
	if got := len(class(v.page, "tb-list")); got != 1 {
		t.Fatalf("receipt: got %d lists of cases, want 1: %s", got, v.text())
	}
	v.open("/cases").wants(http.StatusOK).sees("出生医学证明")
}

// TestBasket submits two services in one go, and nothing when one of them
// lacks something.
func TestBasket(t *testing.T) {
	w := newWorld(t)
	v := w.signedIn("chen-guilan")
	v.open("/basket").wants(http.StatusOK).sees("办事篮是空的")
	v.open("/services/elderly-allowance").send("加入办事篮", nil).wants(http.StatusOK).sees("老年综合津贴", "还差")
	v.send("一起提交", nil).wants(http.StatusUnprocessableEntity)
	v.apply("service", "elderly-allowance", nil)
	v.apply("service", "resident-insurance", url.Values{"beneficiary": {"self"}})
	v.open("/basket").wants(http.StatusOK).sees("老年综合津贴", "居民医保")
	v.send("一起提交", nil).wants(http.StatusOK).sees("提交成功", "2 件事")
	v.open("/basket").sees("办事篮是空的")
	v.open("/cases").sees("老年综合津贴", "居民医保")
}

// TestSupplementAndWithdrawal answers the agency's one notice, then takes the
// case back.
func TestSupplementAndWithdrawal(t *testing.T) {
	w := newWorld(t)
	v := w.signedIn("chen-guilan")
	v.apply("service", "elderly-allowance", nil).send("提交申请", nil)
	number := textOf(class(v.page, "tb-receipt__number")[0])
	system := policy.Principal{ID: "system", Kind: policy.System}
	c, err := w.deps.Office.Case(w.ctx, system, number)
	w.must(err)
	officer := policy.Principal{ID: "officer", Kind: policy.Officer, Agency: c.Agency, Roles: []string{policy.RoleOfficer}}
	requirement := c.Evidence[0].Requirement.ID
	_, err = w.deps.Office.AskSupplement(w.ctx, officer, c.ID, []casework.SupplementItem{{Requirement: requirement, What: "请补交清晰的照片"}}, "")
	w.must(err)

	v.open("/cases/" + c.ID).sees("等您补正材料").follow("补正材料").sees("请补交清晰的照片")
	v.upload("上传", "身份证.txt", []byte("no picture")).wants(http.StatusUnsupportedMediaType)
	if len(class(v.page, "govuk-error-summary")) != 1 {
		t.Errorf("wrong file: got no error summary, want one: %s", v.text())
	}
	v.upload("上传", "身份证.png", picture).wants(http.StatusOK).sees("已收到这份材料")
	v.send("提交补正", url.Values{"note": {"已补交"}}).wants(http.StatusOK).sees("已经收到")
	v.follow("撤回申请").send("撤回申请", url.Values{"reason": {"不办了"}}).wants(http.StatusOK).sees("已经收到")
	if c, err = w.deps.Office.Case(w.ctx, system, number); err != nil || c.Status != casework.Withdrawn {
		t.Errorf("case: got status %s (%v), want withdrawn", c.Status, err)
	}
}

// TestRejection tells why, and what may be done about it.
func TestRejection(t *testing.T) {
	w := newWorld(t)
	v := w.signedIn("chen-guilan")
	v.apply("service", "elderly-allowance", nil).send("提交申请", nil)
	number := textOf(class(v.page, "tb-receipt__number")[0])
	c, err := w.deps.Office.Case(w.ctx, policy.Principal{ID: "system", Kind: policy.System}, number)
	w.must(err)
	for len(c.Tasks) > 0 {
		task := c.Tasks[0]
		out := casework.Outcome{Choice: map[string]string{"accept": "accept", "review": "approve", "decide": "reject"}[task.Duty], Note: "户口不在本市，不符合条件"}
		officer := policy.Principal{ID: "officer-" + task.Duty, Kind: policy.Officer, Agency: task.Agency, Roles: []string{policy.RoleOfficer, policy.RoleDecider}}
		_, err = w.deps.Office.Complete(w.ctx, officer, c.ID, task.ID, out)
		w.must(err)
		c, err = w.deps.Office.Case(w.ctx, policy.Principal{ID: "system", Kind: policy.System}, number)
		w.must(err)
	}
	v.open("/cases/"+c.ID).wants(http.StatusOK).sees("未同意", "户口不在本市", "不服这个决定")
}

// TestLate says that a case is late, and what may be claimed.
func TestLate(t *testing.T) {
	w := newWorld(t)
	v := w.signedIn("chen-guilan")
	v.apply("service", "elderly-allowance", nil).send("提交申请", nil)
	v.follow("查看办件进度").follow("老年综合津贴").sees("还有 5 个工作日", "按时")
	at := v.where.Path
	w.clock.Add(40 * 24 * time.Hour)
	w.run() // nobody answered: accepted by silence
	w.clock.Add(60 * 24 * time.Hour)
	v.open(at).sees("已超期", "没有按时办完", "12345")
	v.open("/cases").sees("已超期")
}
