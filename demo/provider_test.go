package demo_test

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/fault"
)

const origin = "http://127.0.0.1:1"

func newProvider(t *testing.T, keyFile string) *demo.Provider {
	t.Helper()
	city, problems := catalog.Load(os.DirFS("../packs/shanghai"))
	if len(problems) > 0 {
		t.Fatalf("pack: %s", problems[0])
	}
	p, err := demo.NewProvider(demo.ProviderOptions{URL: origin, City: city, KeyFile: keyFile, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func ask(p http.Handler, method, path string, form url.Values, header http.Header) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, origin+path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for key, values := range header {
		r.Header[key] = values
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w
}

// authorize is the address to which a gate sends people, with changes.
func authorize(changes map[string]string) string {
	sum := sha256.Sum256([]byte("a verifier that is long enough for the rule of 43 letters"))
	q := url.Values{"client_id": {"tongban"}, "redirect_uri": {origin + "/signin/callback"}, "response_type": {"code"}, "scope": {"openid profile"},
		"state": {"s"}, "nonce": {"n"}, "code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"}}
	for key, value := range changes {
		if q.Set(key, value); value == "" {
			q.Del(key)
		}
	}
	return "/demo/id/authorize?" + q.Encode()
}

var loginField = regexp.MustCompile(`name="id" value="([^"]+)"`)

func TestAuthorize(t *testing.T) {
	p := newProvider(t, "")
	for name, changes := range map[string]map[string]string{
		"another site": {"redirect_uri": "https://evil.example/"}, "another client": {"client_id": "x"}, "without a proof key": {"code_challenge": "", "code_challenge_method": ""},
		"with a plain one": {"code_challenge_method": "plain"}, "tokens in the address": {"response_type": "id_token token"},
	} {
		w := ask(p, "GET", authorize(changes), nil, nil)
		if to := w.Header().Get("Location"); w.Code < 400 && !strings.Contains(to, "error=") || strings.Contains(to, "/demo/id/login") {
			t.Errorf("%s: got %d to %q, want it refused", name, w.Code, to)
		}
	}
	w := ask(p, "GET", authorize(nil), nil, nil)
	to := w.Header().Get("Location")
	if !strings.HasPrefix(to, "/demo/id/login?id=") {
		t.Fatalf("got %d to %q, want the sign-in page", w.Code, to)
	}
	page := ask(p, "GET", to, nil, nil)
	id := loginField.FindStringSubmatch(page.Body.String())
	if page.Code != http.StatusOK || id == nil || page.Header().Get("Content-Security-Policy") == "" {
		t.Fatalf("sign-in page: got %d with headers %v", page.Code, page.Header())
	}
	for name, form := range map[string]url.Values{"nobody": {"id": {id[1]}, "user": {"nobody"}}, "by name": {"id": {id[1]}, "user": {"陈桂兰"}}, "no sign-in": {"id": {"x"}, "user": {"li-wei"}},
		"one who has died": {"id": {id[1]}, "user": {"huang-deshan"}}} {
		if w := ask(p, "POST", "/demo/id/login", form, nil); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: got %d, want 422", name, w.Code)
		}
	}
	fine := url.Values{"id": {id[1]}, "user": {"li-wei"}}
	if w := ask(p, "POST", "/demo/id/login", fine, http.Header{"Sec-Fetch-Site": {"cross-site"}}); w.Code != http.StatusForbidden {
		t.Errorf("from another site: got %d, want 403", w.Code)
	}
	if w := ask(p, "POST", "/demo/id/login", fine, nil); w.Code != http.StatusSeeOther {
		t.Errorf("li-wei: got %d, want 303", w.Code)
	}
}

// The page finds people by name, story and agency, in both languages.
func TestLoginPage(t *testing.T) {
	p := newProvider(t, "")
	to := ask(p, "GET", authorize(nil), nil, nil).Header().Get("Location")
	for _, tc := range []struct{ query, lang, want, not string }{
		{"", "zh", "以 陈桂兰 登录", "以 黄德山 登录"}, {"", "en", "Sign in as Chen Guilan", "陈桂兰 登录"}, {"桂兰", "zh", "以 陈桂兰 登录", "以 李伟 登录"},
		{"民政", "zh", "罗建平", "以 李伟 登录"}, {"new father", "en", "Sign in as Li Wei", "Chen Guilan"}, {"没有这样的人", "zh", "没有找到", "以 李伟 登录"},
	} {
		page := ask(p, "GET", to+"&"+url.Values{"q": {tc.query}, "lang": {tc.lang}}.Encode(), nil, nil).Body.String()
		if !strings.Contains(page, tc.want) || strings.Contains(page, tc.not) {
			t.Errorf("%q in %s: the page lacks %q or has %q", tc.query, tc.lang, tc.want, tc.not)
		}
	}
	if w := ask(p, "GET", "/demo/id/login?id=gone", nil, nil); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a sign-in that is over: got %d, want 422", w.Code)
	}
}

// A token outlives a restart where its key is kept, and the key is its owner's.
func TestKey(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keys", "login.pem")
	keys := func(p *demo.Provider) string { return ask(p, "GET", "/demo/id/keys", nil, nil).Body.String() }
	first, again, other := keys(newProvider(t, file)), keys(newProvider(t, file)), keys(newProvider(t, ""))
	if first != again || first == other || !strings.Contains(first, `"ES256"`) {
		t.Errorf("keys: got %s, then %s, and %s without a file", first, again, other)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: got %v, %v; want mode 0600", info.Mode(), err)
	}
	if strings.Contains(first, `"d"`) {
		t.Error("the private key is published")
	}
	for _, content := range []string{"", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"} {
		bad := filepath.Join(t.TempDir(), "bad.pem")
		if err := os.WriteFile(bad, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := demo.NewProvider(demo.ProviderOptions{URL: origin, City: &catalog.City{}, KeyFile: bad}); err == nil {
			t.Errorf("key %q: got no error", content)
		}
	}
}

// The provider is reached without a network, and nothing else is.
func TestClient(t *testing.T) {
	p := newProvider(t, "")
	resp, err := p.Client().Get(origin + "/demo/id/.well-known/openid-configuration")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || !strings.Contains(string(body), `"issuer":"`+origin+`/demo/id"`) {
		t.Errorf("discovery: got %s, %v", body, err)
	}
	if resp, err := p.Client().Get("http://elsewhere.example/"); err == nil {
		resp.Body.Close()
		t.Error("another host: got an answer")
	}
}

func TestTokenFor(t *testing.T) {
	p := newProvider(t, "")
	for who, want := range map[string]fault.Kind{"nobody": fault.NotFound, "": fault.NotFound, "pudong-noodle": fault.Invalid, "huang-deshan": fault.NotFound} {
		if _, _, err := p.Token(t.Context(), who); !fault.Is(err, want) {
			t.Errorf("%q: got %v, want %s", who, err, want)
		}
	}
}
