package main

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"golang.org/x/net/html"
)

// TestWithoutScripts is the elderly allowance from the search to the licence,
// for the applicant and the two officers, in browsers that run no script.
func TestWithoutScripts(t *testing.T) {
	home := runCity(t)
	elder := newPlain(t)
	elder.signsIn(home, "chen-guilan")
	elder.open(home + "/search?q=" + url.QueryEscape("敬老卡"))
	elder.follow("老年综合津贴")
	elder.send("在线办理", nil)
	if elder.where.Path == "/apply" {
		elder.send("开始填写", nil)
	}
	for range 12 {
		switch at := elder.where.Path; {
		case strings.HasSuffix(at, "/check"):
			elder.sees("提交前请核对", "陈桂兰")
		case strings.HasSuffix(at, "/evidence"):
			elder.follow("核对全部内容")
			continue
		default:
			elder.send("保存并继续", url.Values{"bank": {"工商银行"}})
			continue
		}
		break
	}
	elder.send("提交申请", nil)
	elder.sees("提交成功", "上海市民政局")
	elder.follow("老年综合津贴")
	elder.sees("现在谁在办", "最晚到什么时候")
	page := elder.where.String()

	officer := newPlain(t)
	officer.signsIn(home, "mzj-officer")
	officer.sees("待办")
	officer.follow("老年综合津贴")
	officer.send("受理申请", nil)
	officer.follow("办下一件")
	officer.send("完成审查", nil)
	decider := newPlain(t)
	decider.signsIn(home, "mzj-decider")
	decider.follow("老年综合津贴")
	decider.follow("作出决定")
	decider.send("看决定书", nil)
	decider.send("签发：同意", nil)

	elder.open(page)
	elder.sees("办理结果", "同意", "您得到的证照")
	elder.follow("敬老卡")
	elder.sees("证照内容", "出示证照")
	elder.follow("看看对方会看到什么")
	elder.sees("真实有效")
	elder.open(home + "/messages")
	elder.sees("老年综合津贴")
}

// firstLoad is the most that the first load of the home page may weigh,
// compressed: what every mobile phone pays before it can search.
const firstLoad = 120_000

// TestFirstLoad weighs the home page with all that it loads: html, styles,
// scripts and pictures, as they go over the wire.
func TestFirstLoad(t *testing.T) {
	home := runCity(t)
	for _, encoding := range []string{"br", "gzip"} {
		total, page := weigh(t, home+"/", encoding)
		root, err := html.Parse(strings.NewReader(page))
		if err != nil {
			t.Fatal(err)
		}
		for e := range root.Descendants() {
			address := attr(e, "src")
			if e.Data == "link" {
				address = attr(e, "href")
			}
			if e.Type != html.ElementNode || address == "" || strings.HasPrefix(address, "data:") {
				continue
			}
			if !strings.HasPrefix(address, "/") {
				t.Errorf("the home page loads %s from elsewhere", address)
				continue
			}
			n, _ := weigh(t, home+address, encoding)
			t.Logf("%s %6d %s", encoding, n, address)
			total += n
		}
		t.Logf("%s %6d in all", encoding, total)
		if total > firstLoad {
			t.Errorf("first load of the home page (%s): got %d bytes, want at most %d", encoding, total, firstLoad)
		}
	}
}

// weigh gets an address as a browser does, and gives the bytes of its body on
// the wire and what they say.
func weigh(t *testing.T, address, encoding string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", encoding)
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", address, resp.Status, err)
	}
	var body io.Reader = strings.NewReader(string(raw))
	switch resp.Header.Get("Content-Encoding") {
	case "br":
		body = brotli.NewReader(body)
	case "gzip":
		if body, err = gzip.NewReader(body); err != nil {
			t.Fatal(err)
		}
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	return len(raw), string(text)
}
