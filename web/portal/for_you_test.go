package portal_test

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/tongban/tongban/eligibility"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/outreach"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/web/ui/path"
)

// newBook compiles the sample city's policies once for all tests.
var newBook = sync.OnceValues(func() (*eligibility.Book, error) {
	city, _ := loadCity()
	return eligibility.NewBook(city)
})

// mailbox is the outside world: it keeps the letters that come.
type mailbox struct {
	mu   sync.Mutex // guards got
	got  []outreach.Text
	fail error
}

func (m *mailbox) Send(_ context.Context, _ outreach.To, text outreach.Text) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail == nil {
		m.got = append(m.got, text)
	}
	return m.fail
}

// outreach gives the world its offers and letters.
func (w *world) outreach(d *db.DB, now clock.Clock) {
	w.t.Helper()
	book, err := newBook()
	w.must(err)
	w.mail = &mailbox{}
	w.post = outreach.NewPost(outreach.PostDeps{DB: d, Parties: w.deps.Parties, Senders: map[outreach.Channel]outreach.Sender{outreach.Mail: w.mail, outreach.Webhook: w.mail},
		Key: outreach.Key(strings.Repeat("k", 32)), Origin: "https://city.example", Brand: w.deps.City.Profile.Portal, Zone: w.deps.City.Calendar.Zone(),
		Quiet: outreach.Quiet{From: 21 * 60, To: 8 * 60}, Weekly: 2, Clock: now, Rand: rand.Reader, Log: w.deps.Log})
	w.post.Jobs(w.worker)
	engine := eligibility.NewEngine(eligibility.EngineDeps{DB: d, City: w.deps.City, Exchange: w.deps.Exchange, Dir: w.t.TempDir(), Clock: now, Log: w.deps.Log})
	w.t.Cleanup(func() { _ = engine.Close() })
	w.must(engine.Open(w.ctx, nil))
	w.deps.Offers = outreach.NewOffers(outreach.OfferDeps{DB: d, City: w.deps.City, Book: book, Population: engine, Exchange: w.deps.Exchange,
		Parties: w.deps.Parties, Cases: w.deps.Office, Post: w.post, Asker: "dsj", Clock: now})
	w.deps.Offers.Jobs(w.worker)
	w.granting(book, engine)
}

// TestForYou follows one entitlement from the home page to the case.
func TestForYou(t *testing.T) {
	w := newWorld(t)
	v := w.signedIn("chen-guilan").open("/").wants(http.StatusOK)
	v.sees("看看您能享受什么").follow("看看您能享受什么").wants(http.StatusOK)
	v.sees("您能享受的政策", "老年综合津贴 每月 150 元", "为什么说您符合", "出生日期：1954年3月12日 · 人口库", "去申请，已替您填好", "不用交材料")
	v.sees("差一项", "长期护理保险 没有登记：照护需求等级", "补上以后：")
	v.open("/").sees("为您找到")
	v.open("/me").sees("查看能享受的政策")

	v.open("/for-you").send("去申请", nil).wants(http.StatusOK)
	if !strings.HasPrefix(v.where.Path, "/drafts/") {
		t.Fatalf("applying leads to %s, want the draft", v.where.Path)
	}
	v.sees("老年综合津贴", "陈桂兰")
	v.open("/for-you").sees("正在填写", "接着填")
	v.send("接着填", nil)
	v.fill(nil).send("提交申请", nil).wants(http.StatusOK)
	w.run()
	v.open("/for-you").wants(http.StatusOK)
	if strings.Contains(v.text(), "老年综合津贴 每月") {
		t.Errorf("applied for, and still offered: %s", v.text())
	}
}

// TestDismissOffer takes an offer off the list and puts it back, twice over.
func TestDismissOffer(t *testing.T) {
	w := newWorld(t)
	v := w.signedIn("chen-guilan").open("/for-you")
	card := func() bool { return strings.Contains(v.text(), "老年综合津贴 每月") }
	form, _ := v.form("不需要 : 老年综合津贴")
	if form == nil || !card() {
		t.Fatalf("no card with a way to say no: %s", v.text())
	}
	v.send("不需要 : 老年综合津贴", nil).wants(http.StatusOK).sees("已不再显示：老年综合津贴", "您说不需要的（1 项）")
	if card() {
		t.Error("dismissed, and still there")
	}
	v.open(attr(form, "action")) // a link where only a form leads
	v.wants(http.StatusNotFound)
	v.open("/for-you").send("恢复", nil).wants(http.StatusOK)
	if !card() {
		t.Errorf("put back, and not there: %s", v.text())
	}
	other := w.signedIn("ma-lin")
	other.open("/for-you")
	res, err := other.client.PostForm(other.base+attr(form, "action"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if other.took(res, nil).status != http.StatusNotFound {
		t.Errorf("another's offer: got status %d, want 404", other.status)
	}
}

// TestForYouOfAnother shows entitlements to who may do everything for another,
// and to nobody else.
func TestForYouOfAnother(t *testing.T) {
	w := newWorld(t)
	stranger := w.visitor().open("/for-you")
	if stranger.where.Path != "/signin" {
		t.Errorf("not signed in: got %s, want the sign-in page", stranger.where.Path)
	}
	until := w.clock.Now().AddDate(0, 1, 0)
	w.must(w.deps.DB.Write(w.ctx, func(ctx context.Context, tx db.Tx) error {
		return w.deps.Parties.Grant(ctx, tx, party.Mandate{Principal: "chen-guilan", Agent: "ma-lin", Kind: party.Helper, GrantedBy: "chen-guilan",
			Services: []string{"elderly-allowance"}, Until: until})
	}))
	helper := w.signedIn("ma-lin")
	w.acts(helper, "chen-guilan")
	helper.open("/").wants(http.StatusOK)
	if strings.Contains(helper.text(), "为您找到") || strings.Contains(helper.text(), "看看您能享受什么") {
		t.Error("a helper in one service is told what the home page found")
	}
	for _, at := range []string{"/for-you", "/for-you/preferences"} {
		helper.open(at).wants(http.StatusForbidden).sees("只有本人")
	}
	if got, err := w.deps.Exchange.Receipts(w.ctx, w.deps.DB.Reader(), "chen-guilan", 10); err != nil || len(got) != 0 {
		t.Errorf("receipts: got %v (%v), want none: nothing was read", got, err)
	}
}

// acts lets the visitor act for another.
func (w *world) acts(v *visitor, whom string) {
	w.t.Helper()
	u, err := url.Parse(w.server.URL)
	w.must(err)
	v.client.Jar.SetCookies(u, []*http.Cookie{{Name: "for", Value: whom, Path: "/"}})
}

// TestPreferences settles what to be told and how.
func TestPreferences(t *testing.T) {
	w := newWorld(t)
	v := w.signedIn("chen-guilan").open("/for-you/preferences").wants(http.StatusOK)
	v.send("保存", url.Values{"without": {"medical"}, "weekly": {"1"}, "quiet": {"own"}, "from": {"12:00"}, "to": {"14:00"}}).wants(http.StatusOK).sees("已保存")
	got, err := w.post.Preferences(w.ctx, w.deps.DB.Reader(), "chen-guilan")
	w.must(err)
	if got.Off || len(got.Sectors) != 1 || got.Weekly != 1 || got.Quiet == nil || got.Quiet.String() != "12:00-14:00" {
		t.Errorf("kept: got %+v", got)
	}
	again := fieldsOf(first(v.form("保存")))
	for key, want := range map[string]string{"offers": "on", "without": "medical", "weekly": "1", "quiet": "own", "from": "12:00", "to": "14:00"} {
		if again.Get(key) != want {
			t.Errorf("%s: the page shows %q, want %q", key, again.Get(key), want)
		}
	}
	v.send("保存", url.Values{"quiet": {"own"}, "from": {"12:00"}, "to": {"12:00"}}).wants(http.StatusUnprocessableEntity).sees("请选两个不同的时间")
	v.send("保存", url.Values{"without": {"none"}}).wants(http.StatusUnprocessableEntity)
	v.open("/for-you/preferences").send("保存", url.Values{"offers": {"off"}, "quiet": {"none"}}).wants(http.StatusOK)
	v.open("/for-you").wants(http.StatusOK).sees("您关闭了提示", "没有读取您的登记信息")
	v.open("/for-you/preferences").send("保存", url.Values{"offers": {"on"}, "quiet": {"city"}})
	v.open("/for-you").sees("老年综合津贴")
}

// TestContact names an address, proves it, and gets rid of it again.
func TestContact(t *testing.T) {
	w := newWorld(t)
	v := w.signedIn("chen-guilan").open("/for-you/preferences")
	if strings.Contains(v.text(), "企业系统接口") {
		t.Error("a person is offered a firm's webhook")
	}
	v.send("发送验证码", url.Values{"mail-address": {"not an address"}}).wants(http.StatusUnprocessableEntity).sees("请填写完整的邮箱地址")
	v.send("发送验证码", url.Values{"mail-address": {"chen@home.example"}}).wants(http.StatusOK).sees("chen@home.example", "等您输入验证码")
	v.send("发送验证码", url.Values{"mail-address": {"chen@home.example"}}).wants(http.StatusUnprocessableEntity).sees("请过一分钟再试")
	w.run()
	if len(w.mail.got) != 1 {
		t.Fatalf("got %d letters, want the code", len(w.mail.got))
	}
	v.send("确认", url.Values{"mail-code": {"000000"}}).wants(http.StatusUnprocessableEntity).sees("验证码不对")
	v.send("确认", url.Values{"mail-code": {w.mail.got[0].Code}}).wants(http.StatusOK).sees("在用")

	// a match is told of by letter, which ends letters without signing in
	w.must(w.deps.DB.Write(w.ctx, func(ctx context.Context, tx db.Tx) error { return w.deps.Offers.Consider(ctx, tx, "chen-guilan") }))
	w.run()
	if len(w.mail.got) != 2 {
		t.Fatalf("got %d letters, want one about offers", len(w.mail.got))
	}
	v.open("/messages").sees("为您找到 6 项可以享受的政策").follow("为您找到 6 项").wants(http.StatusOK).sees("您能享受的政策")
	stop, err := url.Parse(w.mail.got[1].Stop)
	w.must(err)
	reader := w.visitor().open(stop.RequestURI()).wants(http.StatusOK).sees("电子邮件")
	reader.send("不再发给我", nil).wants(http.StatusOK).sees("已停止：电子邮件")
	v.open("/for-you/preferences").sees("已停用")
	w.visitor().open("/unsubscribe?token=forged").wants(http.StatusNotFound)

	v.send("删除", nil).wants(http.StatusOK)
	if strings.Contains(v.text(), "chen@home.example") {
		t.Error("removed, and still shown")
	}
	if v.open("/for-you/preferences/pigeon"); v.status != http.StatusNotFound {
		t.Errorf("a page for a channel: got status %d, want 404", v.status)
	}
}

// TestOneClick takes the post that a mail program makes: no cookie, no page
// (RFC 8058).
func TestOneClick(t *testing.T) {
	w := newWorld(t)
	w.must(w.post.SetContact(w.ctx, "chen-guilan", outreach.Mail, "chen@home.example"))
	w.run()
	w.must(w.post.Confirm(w.ctx, "chen-guilan", outreach.Mail, w.mail.got[0].Code))
	token := w.post.Key.Token(outreach.Stop{Party: "chen-guilan", Channel: outreach.Mail})
	for token, want := range map[string]int{token: http.StatusOK, "forged": http.StatusNotFound, "": http.StatusNotFound} {
		res, err := http.PostForm(w.server.URL+"/unsubscribe?"+url.Values{"token": {token}}.Encode(), url.Values{"List-Unsubscribe": {"One-Click"}})
		w.must(err)
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("token %q: got status %d, want %d", token, res.StatusCode, want)
		}
	}
	wants, err := w.post.Preferences(w.ctx, w.deps.DB.Reader(), "chen-guilan")
	w.must(err)
	if c, _ := wants.Contact(outreach.Mail); c.Live {
		t.Error("still in use after the click")
	}
}

// TestLetterPaths holds the addresses in letters to the pages.
func TestLetterPaths(t *testing.T) {
	for got, want := range map[string]string{outreach.OffersPath: path.ForYou, outreach.PreferencesPath: path.Settings, outreach.StopPath: path.Unsubscribe} {
		if got != want {
			t.Errorf("letters lead to %s, the page is %s", got, want)
		}
	}
}

func first[A, B any](a A, _ B) A { return a }
