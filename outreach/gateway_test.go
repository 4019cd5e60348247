package outreach

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/internal/i18n"
)

// receiver answers with a status and keeps what it was sent.
type receiver struct {
	server *httptest.Server
	status int
	header http.Header
	body   []byte
	posts  int
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{status: http.StatusAccepted}
	r.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.posts++
		r.header = req.Header
		r.body, _ = io.ReadAll(req.Body)
		if r.status == http.StatusFound {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(r.status)
		_, _ = io.WriteString(w, "said so")
	}))
	t.Cleanup(r.server.Close)
	return r
}

func standing() time.Time { return monday }

func TestGateway(t *testing.T) {
	r := newReceiver(t)
	g := &Gateway{URL: r.server.URL, Secret: "0123456789abcdef", Client: Client(), Clock: standing}
	if err := g.Send(t.Context(), To{Address: "13900000000"}, sample(i18n.ZH)); err != nil {
		t.Fatal(err)
	}
	if !Signed(g.Secret, r.header.Get(HeaderSignature), r.body, monday.Add(time.Minute), 5*time.Minute) {
		t.Errorf("signature %q does not hold", r.header.Get(HeaderSignature))
	}
	if got := r.header.Get(HeaderKey); got != "l1/mail" {
		t.Errorf("%s: got %q, want the text's", HeaderKey, got)
	}
	var got map[string]string
	if err := json.Unmarshal(r.body, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"to": "13900000000", "lang": "zh-CN",
		"text": "【示例通办】为您找到 2 项可以享受的政策。查看：https://ban.example/for-you 设置：https://ban.example/for-you/preferences"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("posted (-want +got):\n%s", diff)
	}
	code := sample(i18n.EN)
	code.Kind, code.Body = KindCode, "Your code is 123456."
	if err := g.Send(t.Context(), To{Address: "13900000000"}, code); err != nil || !strings.Contains(string(r.body), "[Sample Tongban] Your code is 123456.") {
		t.Errorf("code: got %s (%v)", r.body, err)
	}
}

// TestAnswers goes through what the other side may say.
func TestAnswers(t *testing.T) {
	type result int
	const (
		taken result = iota
		later
		refused
		badAddress
	)
	tests := []struct {
		status     int
		sms, hooks result
	}{
		{200, taken, taken}, {204, taken, taken}, {302, refused, later}, {400, refused, later}, {401, refused, later}, {404, refused, badAddress},
		{408, later, later}, {410, refused, badAddress}, {422, badAddress, later}, {429, later, later}, {500, later, later}, {503, later, later},
	}
	r := newReceiver(t)
	g := &Gateway{URL: r.server.URL, Secret: "s", Client: Client(), Clock: standing}
	h := &Hook{Client: Client(), Clock: standing}
	of := func(err error) result {
		switch said := refusal(err); {
		case err == nil:
			return taken
		case said == nil:
			return later
		case said.Address:
			return badAddress
		default:
			return refused
		}
	}
	for _, tt := range tests {
		r.status, r.posts = tt.status, 0
		if got := of(g.Send(t.Context(), To{Address: "1"}, sample(i18n.ZH))); got != tt.sms {
			t.Errorf("gateway says %d: got %d, want %d", tt.status, got, tt.sms)
		}
		if got := of(h.Send(t.Context(), To{Address: r.server.URL, Secret: "s"}, sample(i18n.ZH))); got != tt.hooks {
			t.Errorf("webhook says %d: got %d, want %d", tt.status, got, tt.hooks)
		}
		if r.posts != 2 {
			t.Errorf("%d: got %d posts, want one each, and no redirect followed", tt.status, r.posts)
		}
	}
}

func TestHook(t *testing.T) {
	r := newReceiver(t)
	h := &Hook{Client: Client(), Clock: standing}
	if err := h.Send(t.Context(), To{Address: r.server.URL, Secret: "shared"}, sample(i18n.EN)); err != nil {
		t.Fatal(err)
	}
	if !Signed("shared", r.header.Get(HeaderSignature), r.body, monday, time.Minute) {
		t.Errorf("signature %q does not hold", r.header.Get(HeaderSignature))
	}
	var got HookEvent
	if err := json.Unmarshal(r.body, &got); err != nil {
		t.Fatal(err)
	}
	want := HookEvent{ID: "l1/mail", Kind: KindOffer, At: monday, Title: "2 things you are entitled to", Body: i18n.T(i18n.EN, "offer.letter.body"),
		URL:   "https://ban.example/for-you",
		Items: []HookItem{{"allowance", "Old-age allowance", "75 yuan a month"}, {"card", "<b>Card</b>", "free rides"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("posted (-want +got):\n%s", diff)
	}
	for _, bad := range []string{"http://127.0.0.1:1/", "https://%zz"} {
		if err := h.Send(t.Context(), To{Address: bad}, sample(i18n.EN)); err == nil || refusal(err) != nil {
			t.Errorf("%s: got %v, want an error to try again after", bad, err)
		}
	}
}

func TestSigned(t *testing.T) {
	body := []byte(`{"a":1}`)
	good := Sign("secret", monday, body)
	tests := []struct {
		name, secret, signature string
		body                    []byte
		now                     time.Time
		want                    bool
	}{
		{"right", "secret", good, body, monday, true},
		{"a little late", "secret", good, body, monday.Add(4 * time.Minute), true},
		{"played again later", "secret", good, body, monday.Add(6 * time.Minute), false},
		{"from the future", "secret", good, body, monday.Add(-6 * time.Minute), false},
		{"other secret", "guess", good, body, monday, false},
		{"other body", "secret", good, []byte(`{"a":2}`), monday, false},
		{"other time", "secret", strings.Replace(good, "t=1", "t=2", 1), body, monday, false},
		{"empty", "secret", "", body, monday, false},
		{"no hex", "secret", "t=" + good[2:12] + ",v1=zz", body, monday, false},
	}
	for _, tt := range tests {
		if got := Signed(tt.secret, tt.signature, tt.body, tt.now, 5*time.Minute); got != tt.want {
			t.Errorf("%s: got %t, want %t", tt.name, got, tt.want)
		}
	}
}

// TestPublicClient keeps a webhook from reaching what is behind the firewall.
func TestPublicClient(t *testing.T) {
	r := newReceiver(t)
	h := &Hook{Client: PublicClient(), Clock: standing}
	local := strings.Replace(r.server.URL, "127.0.0.1", "localhost", 1)
	for _, address := range []string{r.server.URL, local} {
		if err := h.Send(t.Context(), To{Address: address}, sample(i18n.ZH)); err == nil || !strings.Contains(err.Error(), "no public address") {
			t.Errorf("%s: got %v, want it refused", address, err)
		}
	}
	if r.posts != 0 {
		t.Errorf("got %d posts, want none", r.posts)
	}
	for address, want := range map[string]bool{"8.8.8.8": true, "2001:4860:4860::8888": true, "127.0.0.1": false, "::1": false, "10.1.2.3": false,
		"172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false, "100.64.0.1": false, "0.0.0.0": false, "224.0.0.1": false,
		"fe80::1": false, "fd00::1": false, "::ffff:10.0.0.1": false} {
		if got := public(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s is public: got %t, want %t", address, got, want)
		}
	}
}

func TestClean(t *testing.T) {
	tests := []struct {
		channel     Channel
		typed, want string
		ok          bool
	}{
		{Mail, " chen@home.example ", "chen@home.example", true}, {Mail, "Chen <chen@home.example>", "", false}, {Mail, "chen", "", false},
		{Mail, "chen@home.example\r\nBcc: x@y.example", "", false}, {Mail, strings.Repeat("a", 250) + "@home.example", "", false},
		{SMS, "139 0000-0000", "13900000000", true}, {SMS, "+8613900000000", "+8613900000000", true}, {SMS, "phone", "", false}, {SMS, "12", "", false},
		{Webhook, "https://firm.example/hook?x=1", "https://firm.example/hook?x=1", true}, {Webhook, "http://firm.example/", "", false},
		{Webhook, "https://user:pass@firm.example/", "", false}, {Webhook, "https:///", "", false}, {Webhook, "https://firm.example/#x", "", false},
		{"pigeon", "home", "", false},
	}
	for _, tt := range tests {
		got, ok := clean(tt.channel, tt.typed)
		if ok != tt.ok || ok && got != tt.want {
			t.Errorf("%s %q: got %q, %t, want %q, %t", tt.channel, tt.typed, got, ok, tt.want, tt.ok)
		}
	}
}
