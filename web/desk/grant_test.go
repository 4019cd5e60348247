package desk_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/tongban/tongban/grant"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/party"
)

const (
	officer = "mzj-officer"
	decider = "mzj-decider"
	aid     = "price-subsidy" // by the month, of the civil affairs bureau
)

// found begins a policy's grants for personas, and checks them.
func (w *world) found(policyID string, personas ...string) {
	w.t.Helper()
	w.must(w.db.Write(w.ctx, func(ctx context.Context, tx db.Tx) error {
		for _, who := range personas {
			if err := w.grants.Match(ctx, tx, party.ID(who), policyID); err != nil {
				return err
			}
		}
		return nil
	}))
	w.run()
}

// run does the jobs that are due.
func (w *world) run() {
	w.t.Helper()
	_, err := w.worker.RunDue(w.ctx)
	w.must(err)
	failed, err := db.Failures(w.ctx, w.db.Reader(), 10)
	w.must(err)
	for _, f := range failed {
		w.t.Errorf("job %s failed: %s", f.Job.Kind, f.Error)
	}
}

// grantOf is a persona's grant of a policy.
func (w *world) grantOf(persona, policyID string) grant.Grant {
	w.t.Helper()
	all, err := w.grants.Of(w.ctx, citizen(persona), party.ID(persona))
	w.must(err)
	for _, g := range all {
		if g.Policy == policyID {
			return g
		}
	}
	w.t.Fatalf("%s has no grant of %s", persona, policyID)
	return grant.Grant{}
}

// listed is a batch of the found grants, proposed by the officer.
func (w *world) listed(policyID string, personas ...string) grant.Batch {
	w.t.Helper()
	w.found(policyID, personas...)
	b, err := w.grants.Propose(w.ctx, w.officer(officer), policyID)
	w.must(err)
	return b
}

// given brings a persona's grant to the end of the days to refuse.
func (w *world) given(policyID, persona string) grant.Grant {
	w.t.Helper()
	b := w.listed(policyID, persona)
	w.must(w.grants.Confirm(w.ctx, w.officer(decider), b.ID))
	w.run()
	w.clock.Add(10 * 24 * time.Hour)
	w.run()
	g := w.grantOf(persona, policyID)
	if g.Status != grant.Given {
		w.t.Fatalf("grant: got %s (%s), want given", g.Status, g.Reason.EN)
	}
	return g
}

// stopped is a grant of which a month was paid too much: the register learned
// late that the hardship had ended.
func (w *world) stopped(persona string) grant.Grant {
	w.t.Helper()
	g := w.given(aid, persona)
	ended := w.clock.Now()
	w.clock.Add(30 * 24 * time.Hour)
	w.run()
	w.must(w.db.Write(w.ctx, func(ctx context.Context, tx db.Tx) error {
		if err := w.exchange.Amend(ctx, tx, "hardship", party.ID(persona), map[string]any{"kind": "支出型贫困"}, ended); err != nil {
			return err
		}
		return w.grants.Review(ctx, tx, party.ID(persona))
	}))
	w.run()
	if g = w.grantOf(persona, aid); g.Status != grant.Stopped || g.Overpaid == 0 {
		w.t.Fatalf("grant: got %s with %d yuan overpaid, want stopped", g.Status, g.Overpaid)
	}
	return g
}

func do(command string) url.Values { return url.Values{"do": {command}} }

func TestGrantsProposeAndConfirm(t *testing.T) {
	w := newWorld(t)
	w.get(officer, "/desk/grants").wants(http.StatusOK).says("免申即享", "现在没有等着列入名单的人", "还没有提交过名单")
	w.found(aid, "wu-bo")
	p := w.get(officer, "/desk/grants").says("物价补贴", "1 人符合条件", "60 元", "提交名单复核").silent("吴波")
	if !strings.Contains(p.row("物价补贴"), "1 0 1 0 0 0 0 0 0 0%") {
		t.Errorf("take-up: got %q, want one who waits", p.row("物价补贴"))
	}
	w.get(officer, "/desk/grants/policies/"+aid).says("吴波", "60 元", "核对过了，等列入名单", "提交名单复核")

	to := w.post(officer, "/desk/grants/policies/"+aid, url.Values{}).wants(http.StatusSeeOther).Header.Get("Location")
	w.get(officer, to).wants(http.StatusOK).says("名单已提交", "等复核", "吴波", "60 元", "何晓燕", "这份名单是您提交的", "从名单去掉").silent("同意，告知本人")
	batch, _, _ := strings.Cut(to, "?")
	w.post(officer, batch, do("confirm")).wants(http.StatusForbidden).says("不归您的部门或者辖区")
	w.get(decider, batch).says("同意，告知本人", "3 个工作日", "退回名单")
	w.post(decider, batch, do("confirm")).to(batch + "?done=confirm")
	w.get(decider, batch+"?done=confirm").says("已同意", "已复核同意", "罗建平").silent("退回名单")
	w.post(decider, batch, do("confirm")).wants(http.StatusConflict).says("没有办成", "已经处理过了")
	w.run()
	g := w.grantOf("wu-bo", aid)
	w.get(officer, "/desk/grants/"+g.ID).wants(http.StatusOK).says("吴波", "物价补贴", "已告知本人", "本人（吴波）", "每月 60 元", "低保、特困或低收入家庭",
		"另一位工作人员已复核同意", "市民政局 罗建平", "还没有发钱").silent("从名单去掉")
	w.get(officer, "/desk/grants").says("已复核同意")
	w.post(officer, "/desk/grants/policies/"+aid, url.Values{}).wants(http.StatusNotFound).says("没有等着列入名单的人")
}

// row is what a row of a table reads, found by its heading.
func (p page) row(head string) string {
	p.t.Helper()
	for _, th := range p.nodes(func(n *html.Node) bool { return attribute(n, "scope") == "row" }) {
		if text := textIn(th.Parent); strings.HasPrefix(text, head) {
			return text
		}
	}
	p.t.Fatalf("no row %q: %s", head, p.text())
	return ""
}

func textIn(n *html.Node) string {
	var words []string
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			words = append(words, strings.Fields(d.Data)...)
		}
	}
	return strings.Join(words, " ")
}

func TestGrantsReturnAndExclude(t *testing.T) {
	w := newWorld(t)
	b := w.listed(aid, "wu-bo")
	batch, one := "/desk/grants/batches/"+b.ID, "/desk/grants/"+w.grantOf("wu-bo", aid).ID
	w.post(decider, batch, do("return")).wants(http.StatusUnprocessableEntity).says("有几处需要修改", "请写明原因")
	w.post(decider, batch, url.Values{"do": {"return"}, "reason": {"金额<b>要</b>重算"}}).to(batch + "?done=return")
	w.get(officer, batch+"?done=return").says("名单已退回", "已退回", "金额<b>要</b>重算", "回到“等着列入名单”")
	w.get(officer, one).says("核对过了，等列入名单", "名单被退回：金额<b>要</b>重算", "从名单去掉")
	w.post(officer, one, do("drop")).wants(http.StatusUnprocessableEntity).says("请写明原因")
	long := url.Values{"do": {"drop"}, "reason": {strings.Repeat("长", 700)}}
	w.post(officer, one, long).wants(http.StatusUnprocessableEntity).says("原因太长了", "长长长")
	w.post(officer, one, url.Values{"do": {"drop"}, "reason": {"已经搬走"}}).to(one + "?done=drop")
	w.get(officer, one+"?done=drop").says("已从名单去掉", "没有给予", "不用再办", "不给了", "已经搬走").silent("为什么去掉")
	w.post(officer, one, url.Values{"do": {"drop"}, "reason": {"再来"}}).wants(http.StatusConflict).says("没有办成", "不能这样操作")
	w.post(officer, one, do("dance")).wants(http.StatusUnprocessableEntity)
	w.post(decider, batch, do("dance")).wants(http.StatusUnprocessableEntity)
}

// Names are for the policy's own agency; who watches over all reads numbers.
func TestGrantsWhoMay(t *testing.T) {
	w := newWorld(t)
	b := w.listed(aid, "wu-bo")
	g := w.grantOf("wu-bo", aid)
	pages := []string{"/desk/grants/policies/" + aid, "/desk/grants/batches/" + b.ID, "/desk/grants/" + g.ID}
	for _, address := range pages {
		w.get(officer, address).wants(http.StatusOK)
		for _, who := range []string{"gaj-officer", "rsj-decider", "dsj-supervisor", "sq-clerk", "wu-bo"} {
			w.get(who, address).wants(http.StatusForbidden).silent("吴波")
		}
	}
	w.get("dsj-supervisor", "/desk/grants").wants(http.StatusOK).says("享受情况", "物价补贴").silent("吴波", "提交名单复核", "何晓燕")
	w.get("gaj-officer", "/desk/grants").wants(http.StatusForbidden)
	for who, want := range map[string]bool{officer: true, "dsj-supervisor": true, "gaj-officer": false, "sq-clerk": false} {
		home := w.get(who, "/desk")
		if home.Status == http.StatusSeeOther {
			home = w.get(who, home.Header.Get("Location"))
		}
		if got := strings.Contains(home.text(), "免申即享"); got != want {
			t.Errorf("the place of %s: got %t, want %t", who, got, want)
		}
	}
	w.post("gaj-officer", pages[0], url.Values{}).wants(http.StatusForbidden)
	w.post("rsj-decider", pages[1], do("confirm")).wants(http.StatusForbidden)
	w.post("sq-clerk", pages[2], url.Values{"do": {"drop"}, "reason": {"不"}}).wants(http.StatusForbidden)
	w.get(officer, "/desk/grants/none").wants(http.StatusNotFound)
	w.get(officer, "/desk/grants/batches/none").wants(http.StatusNotFound)
	w.get(officer, "/desk/grants/policies/none").wants(http.StatusNotFound)
	w.get(officer, "/desk/grants/policies/elderly-allowance").wants(http.StatusNotFound)
}

func TestGrantRecovery(t *testing.T) {
	w := newWorld(t)
	g := w.stopped("wu-bo")
	one := "/desk/grants/" + g.ID
	w.get(officer, one).says("已停止，有多发的钱", "一共多发 60 元", "由有签发权的同事决定", "多发了").silent("通知本人退回 ")
	w.post(officer, one, do("recover")).wants(http.StatusForbidden)
	w.post(decider, one, do("repay")).wants(http.StatusConflict).says("没有办成")
	w.get(decider, one).says("通知本人退回", "不用退")
	w.post(decider, one, do("waive")).wants(http.StatusUnprocessableEntity).says("请写明原因")
	w.post(decider, one, do("recover")).to(one + "?done=recover")
	w.get(decider, one+"?done=recover").says("已通知本人退回", "正在退回多发的钱", "钱已退回")
	w.post(decider, one, do("repay")).to(one + "?done=repay")
	w.get(decider, one).says("多发的钱已退回", "不用再办", "已退回").silent("不用退了")
	if got := w.get(officer, "/desk/grants").row("物价补贴"); !strings.Contains(got, "1 0 0 0 0 0 1 0 0 100%") {
		t.Errorf("take-up: got %q, want one who got it and gets it no more", got)
	}
}

// Who decides may propose too, and then another decider must confirm.
func TestGrantsOwnList(t *testing.T) {
	w := newWorld(t)
	w.found(aid, "wu-bo")
	to, _, _ := strings.Cut(w.post(decider, "/desk/grants/policies/"+aid, url.Values{}).Header.Get("Location"), "?")
	w.get(decider, to).wants(http.StatusOK).says("自己提交的不能自己复核").silent("同意，告知本人")
	w.post(decider, to, do("confirm")).wants(http.StatusForbidden).says("不能自己提、自己批")
	w.get(officer, to).says("要由有签发权的同事复核")
}

func TestGrantWaive(t *testing.T) {
	w := newWorld(t)
	one := "/desk/grants/" + w.stopped("wu-bo").ID
	w.post(decider, one, url.Values{"do": {"waive"}, "reason": {"家里有重病"}}).to(one + "?done=waive")
	w.get(decider, one+"?done=waive").says("不用退了", "家里有重病", "已结束")
}
