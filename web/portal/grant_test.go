package portal_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/eligibility"
	"github.com/tongban/tongban/grant"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
)

const (
	priceAid  = "price-subsidy" // by the month
	winterAid = "winter-aid"    // once
)

// granting gives the world what is given without an application.
func (w *world) granting(book *eligibility.Book, engine *eligibility.Engine) {
	d := w.deps
	w.deps.Grants = grant.New(grant.Deps{DB: d.DB, City: d.City, Book: book, Population: engine, Exchange: d.Exchange, Parties: d.Parties, Office: d.Office,
		Messages: d.Messages, Policy: d.Policy, Clock: d.Clock})
	w.deps.Grants.Jobs(w.worker)
}

// toldOf brings a persona's grant of a civil affairs policy so far that they
// were told of it.
func (w *world) toldOf(persona, policyID string) grant.Grant {
	w.t.Helper()
	w.must(w.deps.DB.Write(w.ctx, func(ctx context.Context, tx db.Tx) error {
		return w.deps.Grants.Match(ctx, tx, party.ID(persona), policyID)
	}))
	w.run()
	b, err := w.deps.Grants.Propose(w.ctx, servant("one"), policyID)
	w.must(err)
	w.must(w.deps.Grants.Confirm(w.ctx, servant("two"), b.ID))
	w.run()
	return w.grantOf(persona, policyID)
}

func servant(id string) policy.Principal {
	return policy.Principal{ID: id, Kind: policy.Officer, Agency: "mzj", Roles: []string{policy.RoleOfficer, policy.RoleDecider}, Actor: party.Actor{Party: party.ID(id)}}
}

func (w *world) grantOf(persona, policyID string) grant.Grant {
	w.t.Helper()
	who := policy.Principal{ID: persona, Kind: policy.Citizen, Actor: party.Actor{Party: party.ID(persona), For: party.ID(persona)}}
	all, err := w.deps.Grants.Of(w.ctx, who, party.ID(persona))
	w.must(err)
	for _, g := range all {
		if g.Policy == policyID {
			return g
		}
	}
	w.t.Fatalf("%s has no grant of %s", persona, policyID)
	return grant.Grant{}
}

// TestGrantRefused tells of a grant and takes no for an answer, without a
// script.
func TestGrantRefused(t *testing.T) {
	w := newWorld(t)
	v := w.signedIn("wu-bo").open("/grants").wants(http.StatusOK).sees("现在没有主动为您办的", "看为您找到的政策")
	g := w.toldOf("wu-bo", priceAid)
	v.open("/messages").sees("物价补贴", "不用申请").follow("物价补贴").wants(http.StatusOK)
	if v.where.Path != "/grants/"+g.ID {
		t.Fatalf("the message leads to %s, want the grant", v.where.Path)
	}
	v.sees("每月 60 元", "您什么也不用做", "最晚哪天说不要", "2026年11月26日", "为什么给您", "上海户口", "低保、特困或低收入家庭", "上海市民政局", "还没有发钱", "另一位工作人员已复核同意")
	v.open("/grants").sees("快给您了，可以说不要", "2026年11月26日").follow("物价补贴")
	v.follow("我不需要").wants(http.StatusOK).sees("不需要“物价补贴”", "不影响您的其他待遇")
	v.send("确认，我不需要", nil).wants(http.StatusOK).sees("已记下：您不需要这一项", "您说了不需要")
	if got := w.grantOf("wu-bo", priceAid).Status; got != grant.Refused {
		t.Errorf("status: got %s, want refused", got)
	}
	v.open("/grants/" + g.ID + "/refuse") // too late: the page of how it stands
	if v.where.Path != "/grants/"+g.ID || strings.Contains(v.text(), "我不需要") {
		t.Errorf("declined twice: got %s: %s", v.where, v.text())
	}
	res, err := v.client.PostForm(v.base+"/grants/"+g.ID+"/refuse", url.Values{})
	v.took(res, err).wants(http.StatusConflict).sees("不能这样操作")
}

// TestGrantGiven follows a grant by the month until it is declined, and one that
// is given once, which cannot be.
func TestGrantGiven(t *testing.T) {
	w := newWorld(t)
	month, once := w.toldOf("wu-bo", priceAid), w.toldOf("wu-bo", winterAid)
	w.clock.Add(9 * 24 * time.Hour)
	w.run()
	v := w.signedIn("wu-bo").open("/grants/"+month.ID).sees("已经给您", "2026年12月", "60 元", "已通知财政发放")
	v.follow("我不要再领").sees("已经发的不用退").send("确认，我不需要", nil).sees("不再发放", "已记下")
	v.open("/grants/"+once.ID).sees("已经给您", "一次性", "500 元")
	if strings.Contains(v.text(), "我不要再领") {
		t.Errorf("what was given once can be declined: %s", v.text())
	}
	res, err := v.client.PostForm(v.base+"/grants/"+once.ID+"/refuse", url.Values{})
	v.took(res, err).wants(http.StatusConflict).sees("已经一次给完")
}

// TestGrantPaidBack says how much is to be paid back, why, and whom to call.
func TestGrantPaidBack(t *testing.T) {
	w := newWorld(t)
	g := w.toldOf("wu-bo", priceAid)
	w.clock.Add(9 * 24 * time.Hour)
	w.run()
	ended := w.clock.Now()
	w.clock.Add(31 * 24 * time.Hour)
	w.run()
	w.must(w.deps.DB.Write(w.ctx, func(ctx context.Context, tx db.Tx) error {
		if err := w.deps.Exchange.Amend(ctx, tx, "hardship", "wu-bo", map[string]any{"kind": "支出型贫困"}, ended); err != nil {
			return err
		}
		return w.deps.Grants.Review(ctx, tx, "wu-bo")
	}))
	v := w.signedIn("wu-bo").open("/grants/"+g.ID).sees("要退回 60 元", "条件变了以后", "登记信息显示，条件已经不符合", "请打", "多发了", "停止发放", "要符合的条件")
	w.must(w.deps.Grants.Recover(w.ctx, servant("one"), g.ID))
	v.open("/grants/"+g.ID).sees("请退回多发的钱", "要退回 60 元", "请把 60 元退给上海市民政局")
	w.must(w.deps.Grants.Repaid(w.ctx, servant("one"), g.ID))
	v.open("/grants/"+g.ID).sees("多发的钱已退回", "这件事办完了")
}

// TestGrantOfOthers is not there for a stranger, nor for who is not signed in.
func TestGrantOfOthers(t *testing.T) {
	w := newWorld(t)
	g := w.toldOf("wu-bo", priceAid)
	stranger := w.signedIn("ma-lin")
	for _, address := range []string{"/grants/" + g.ID, "/grants/" + g.ID + "/refuse", "/grants/none"} {
		if stranger.open(address).wants(http.StatusNotFound); strings.Contains(stranger.text(), "物价补贴") {
			t.Errorf("%s tells a stranger what it is: %s", address, stranger.text())
		}
	}
	res, err := stranger.client.PostForm(stranger.base+"/grants/"+g.ID+"/refuse", url.Values{})
	stranger.took(res, err).wants(http.StatusNotFound)
	stranger.open("/grants").wants(http.StatusOK).sees("现在没有主动为您办的")
	if w.visitor().open("/grants/"+g.ID).where.Path == "/grants/"+g.ID {
		t.Error("a grant is shown to who is not signed in")
	}
}

// TestGrantPages holds the pages to what all pages must be.
func TestGrantPages(t *testing.T) {
	w := newWorld(t)
	g := w.toldOf("wu-bo", priceAid)
	for _, look := range []string{"lang=zh&elder=off", "lang=en&elder=off", "lang=zh&elder=on"} {
		v := w.signedIn("wu-bo")
		v.open("/?" + look)
		for _, address := range []string{"/grants", "/grants/" + g.ID, "/grants/" + g.ID + "/refuse"} {
			v.open(address).wants(http.StatusOK).holds(look)
		}
	}
}
