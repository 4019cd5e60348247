package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestSignInFirst sends whoever is not signed in to sign in, and back.
func TestSignInFirst(t *testing.T) {
	w := newWorld(t)
	v := w.visitor()
	for _, path := range []string{"/cases", "/licences", "/basket", "/me", "/messages", "/drafts/x", "/apply?service=residence-points"} {
		v.open(path).wants(http.StatusOK)
		if v.where.Path != "/signin" || v.where.Query().Get("return") != path {
			t.Errorf("%s: got %s, want the sign-in page that leads back", path, v.where)
		}
	}
	v.open("/services/residence-points").send("在线办理", nil)
	if want := "/apply?service=residence-points"; v.where.Query().Get("return") != want {
		t.Errorf("start without being signed in: got %s, want a way back to %s", v.where, want)
	}
}

// TestNoOpenRedirect keeps the way back on this site.
func TestNoOpenRedirect(t *testing.T) {
	w := newWorld(t)
	v := w.signedIn("ma-lin")
	for _, bad := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, "javascript:alert(1)", "evil", ""} {
		v.open("/signin?return=" + url.QueryEscape(bad))
		if v.where.Host != strings.TrimPrefix(w.server.URL, "http://") || v.where.Path != "/" {
			t.Errorf("return=%q: got %s, want the home page", bad, v.where)
		}
	}
}

// TestOthersAffairs shows nobody another person's draft, case or licence: it
// is as if it were not there.
func TestOthersAffairs(t *testing.T) {
	w := newWorld(t)
	owner := w.signedIn("chen-guilan")
	owner.apply("service", "elderly-allowance", nil)
	draft := strings.TrimSuffix(owner.where.Path, "/check")
	held, err := w.deps.Licences.Held(w.ctx, w.deps.DB.Reader(), "chen-guilan")
	w.must(err)
	owner.send("提交申请", nil).follow("查看办件进度").follow("老年综合津贴")
	stranger := w.signedIn("ma-lin")
	for _, path := range []string{draft, draft + "/steps/1", owner.where.Path, owner.where.Path + "/withdraw", "/licences/" + held[0].ID, "/receipts/none"} {
		if stranger.open(path); stranger.status != http.StatusNotFound {
			t.Errorf("%s: got status %d, want 404", path, stranger.status)
		}
		if strings.Contains(stranger.text(), "陈桂兰") {
			t.Errorf("%s names its owner to a stranger", path)
		}
	}
}

// TestCrossSitePosts refuses what another site makes a browser send.
func TestCrossSitePosts(t *testing.T) {
	w := newWorld(t)
	r, err := http.NewRequest(http.MethodPost, w.server.URL+"/apply", strings.NewReader("service=residence-points"))
	w.must(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	res, err := http.DefaultClient.Do(r)
	w.must(err)
	defer res.Body.Close()
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("got status %d, want 403", res.StatusCode)
	}
}

// TestMistakes brings a step back with a summary, a message at the field, and
// what was typed.
func TestMistakes(t *testing.T) {
	w := newWorld(t)
	v := w.signedIn("ma-lin")
	v.open("/apply?service=residence-points").send("开始填写", nil)
	v.send("保存并继续", nil).wants(http.StatusUnprocessableEntity).sees("有几处需要修改")
	v.send("保存并继续", v.choices(nil)).wants(http.StatusOK)
	draft := strings.TrimSuffix(v.where.Path, "/steps/1")
	field := ""
	for _, in := range all(v.page, "input") {
		if attr(in, "type") == "tel" {
			field = attr(in, "name")
		}
	}
	v.send("保存并继续", url.Values{field: {"12<3"}}).wants(http.StatusUnprocessableEntity)
	if got := class(v.page, "govuk-error-summary"); len(got) != 1 || len(all(got[0], "a")) == 0 || attr(all(got[0], "a")[0], "href") != "#"+field {
		t.Errorf("got no summary that leads to %s: %s", field, v.text())
	}
	for _, in := range all(v.page, "input") {
		if attr(in, "name") == field && attr(in, "value") != "12<3" {
			t.Errorf("typed text: got %q, want what was typed", attr(in, "value"))
		}
	}
	if !strings.HasPrefix(textOf(all(v.page, "title")[0]), "有错误") {
		t.Errorf("title: got %q, want it to say that there are mistakes", textOf(all(v.page, "title")[0]))
	}
	stale := url.Values{"rev": {"1"}, field: {"19900000012"}}
	v.send("保存并继续", stale).wants(http.StatusUnprocessableEntity).sees("这份草稿在别处改过了")
	v.open(draft + "/steps/99").wants(http.StatusNotFound)
	v.open(draft + "/correct?field=nothing").wants(http.StatusNotFound)
}

// TestCorrection says that what the city knows is wrong, and goes on.
func TestCorrection(t *testing.T) {
	w := newWorld(t)
	v := w.signedIn("ma-lin")
	v.open("/apply?service=residence-points").send("开始填写", nil).send("保存并继续", v.choices(nil))
	v.follow("这不对").wants(http.StatusOK).send("提交更正请求", nil).wants(http.StatusUnprocessableEntity)
	v.send("提交更正请求", url.Values{"says": {"名字里的字写错了"}}).wants(http.StatusOK).sees("更正请求已提交")
}

// TestLargeUpload stops at the limit with a page that says so.
func TestLargeUpload(t *testing.T) {
	w := newWorld(t)
	v := w.signedIn("ma-lin")
	v.open("/apply?service=residence-points").send("开始填写", nil).send("保存并继续", v.choices(nil))
	draft := strings.TrimSuffix(v.where.Path, "/steps/1")
	v.open(draft + "/evidence").wants(http.StatusOK)
	v.upload("上传", "大.png", append(picture, make([]byte, 12<<20)...))
	if v.status != http.StatusRequestEntityTooLarge {
		t.Errorf("got status %d, want 413: %s", v.status, v.text())
	}
	v.sees("10 MB")
}

// TestMandate lets a daughter act for her mother in one service, and takes it
// back.
func TestMandate(t *testing.T) {
	w := newWorld(t)
	mother := w.signedIn("chen-guilan")
	helper, err := w.deps.Parties.Get(w.ctx, w.deps.DB.Reader(), "ma-lin")
	w.must(err)
	mother.open("/me/mandates")
	form := url.Values{"name": {"某人"}, "number": {helper.IDNumber}, "kind": {"helper"}, "months": {"6"}, "services": {"elderly-allowance"}}
	mother.send("确认授权", form).wants(http.StatusUnprocessableEntity).sees("对不上")
	form.Set("name", helper.Name)
	mother.send("确认授权", form).wants(http.StatusOK).sees("已保存", "马琳", "生效中")

	v := w.signedIn("ma-lin")
	v.open("/apply?service=elderly-allowance").sees("为谁办", "陈桂兰")
	v.send("开始填写", url.Values{"for": {"chen-guilan"}}).wants(http.StatusOK)
	v.sees("您正在代为办理", "陈桂兰", "亲友代办")
	v.send("改为本人办理", nil).wants(http.StatusOK)
	if strings.Contains(v.text(), "您正在代为办理") {
		t.Errorf("still acting after leaving: %s", v.text())
	}
	mother.open("/me/mandates").send("收回授权", nil).wants(http.StatusOK)
	v.open("/apply?service=elderly-allowance").send("开始填写", url.Values{"for": {"chen-guilan"}}).wants(http.StatusForbidden)
}

// TestVerify tells a genuine licence from a changed one, for anybody.
func TestVerify(t *testing.T) {
	w := newWorld(t)
	held, err := w.deps.Licences.Held(w.ctx, w.deps.DB.Reader(), "ma-lin")
	w.must(err)
	v := w.visitor()
	v.open("/verify").send("核验", url.Values{"token": {held[0].Token}}).wants(http.StatusOK).sees("真实有效")
	v.open("/verify").send("核验", url.Values{"token": {"https://city.example/verify?token=" + url.QueryEscape(held[0].Token)}}).wants(http.StatusOK).sees("真实有效")
	dot := strings.LastIndex(held[0].Token, ".")
	changed := held[0].Token[:dot+5] + "AAAA" + held[0].Token[dot+9:]
	v.open("/verify").send("核验", url.Values{"token": {changed}}).wants(http.StatusOK).sees("不能使用", "未通过")
	v.open("/verify").send("核验", url.Values{"token": {"<script>"}}).wants(http.StatusUnprocessableEntity).sees("有几处需要修改")
	v.open("/verify").send("核验", nil).wants(http.StatusUnprocessableEntity)
}

// TestLicenceDisclosure shows of a licence just what its holder chose.
func TestLicenceDisclosure(t *testing.T) {
	w := newWorld(t)
	v := w.signedIn("ma-lin")
	v.open("/licences").wants(http.StatusOK).follow("上海市居住证").wants(http.StatusOK)
	page := v.where.String()
	v.follow("看看对方会看到什么").sees("真实有效", "没有出示其余")
	v.open(page)
	boxes := url.Values{}
	for _, in := range all(v.page, "input") {
		if attr(in, "name") == "show" {
			boxes.Add("show", attr(in, "value"))
		}
	}
	v.send("更新二维码", boxes).wants(http.StatusOK).follow("看看对方会看到什么").sees("真实有效")
	if strings.Contains(v.text(), "没有出示其余") {
		t.Errorf("everything chosen, and something is withheld: %s", v.text())
	}
}

// TestProfile keeps language and type size with the person.
func TestProfile(t *testing.T) {
	w := newWorld(t)
	v := w.signedIn("ma-lin")
	v.open("/me/profile").send("保存", url.Values{"phone": {"abc"}}).wants(http.StatusUnprocessableEntity)
	v.send("保存", url.Values{"phone": {"19900000012"}, "lang": {"en"}, "elder": {"on"}}).wants(http.StatusOK).sees("Saved")
	fresh := w.signedIn("ma-lin")
	fresh.open("/").sees("What do you need to do?", "Call for help")
}
