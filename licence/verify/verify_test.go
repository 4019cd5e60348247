package verify

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/licence/sdjwt"
)

const origin = "https://ban.example"

var (
	issued = time.Date(2026, 3, 5, 2, 0, 0, 0, time.UTC)
	until  = time.Date(2027, 3, 4, 16, 0, 0, 0, time.UTC)
	now    = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
)

// town is an issuer with its key and a trust file.
type town struct {
	key   *ecdsa.PrivateKey
	jwk   sdjwt.JWK
	trust Trust
}

func newTown(t testing.TB) town {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	jwk, err := sdjwt.NewJWK(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return town{key, jwk, Trust{
		Origin: origin, At: now,
		Issuers: map[string]Issuer{
			"mzj": {Name: i18n.Text{ZH: "市民政局", EN: "Civil Affairs"}, Keys: []sdjwt.JWK{jwk}},
			"gaj": {Name: i18n.Text{ZH: "市公安局", EN: "Police"}},
		},
		Types: map[string]Type{
			"elderly-card": {Name: i18n.Text{ZH: "敬老卡", EN: "Elderly card"}, Issuer: "mzj", Claims: map[string]i18n.Text{"name": {ZH: "姓名", EN: "Name"}}},
			"passport":     {Name: i18n.Text{ZH: "护照", EN: "Passport"}, Issuer: "gaj"},
		},
		Revoked: []string{"gone"},
	}}
}

func body() map[string]any {
	return map[string]any{
		"iss": Iss(origin, "mzj"), "vct": VCT(origin, "elderly-card"), "jti": "id-1", "identifier": "1.2.156.3005.2.T.I.S.001.X",
		"iat": issued.Unix(), "nbf": issued.Unix(), "exp": until.Unix(), "name": "陈桂兰",
	}
}

// token signs body() with the changes: a nil value takes a claim away.
func (w town) token(t testing.TB, changes map[string]any) string {
	t.Helper()
	b := body()
	for k, v := range changes {
		b[k] = v
		if v == nil {
			delete(b, k)
		}
	}
	var hidden []sdjwt.Disclosure
	for _, claim := range [][2]string{{"monthly", "150"}, {"id_number", "TE"}} {
		d, err := sdjwt.NewDisclosure(rand.Reader, claim[0], claim[1])
		if err != nil {
			t.Fatal(err)
		}
		hidden = append(hidden, d)
	}
	token, err := sdjwt.Sign(w.key, w.jwk.Kid, b, hidden)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestVerifyGood(t *testing.T) {
	w := newTown(t)
	shown, err := sdjwt.Select(w.token(t, nil), []string{"monthly"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := Verify("\n "+shown+"\n", w.trust, now)
	if err != nil {
		t.Fatalf("Verify = %v, want nil", err)
	}
	for _, c := range got.Checks {
		if !c.Pass || c.Line.ZH == "" || c.Line.EN == "" || c.Line.ZH == c.Line.EN {
			t.Errorf("check %s = %+v, want a pass with a line in both languages", c.ID, c)
		}
	}
	want := Result{
		Valid: true, ID: "id-1", Identifier: "1.2.156.3005.2.T.I.S.001.X",
		Type: i18n.Text{ZH: "敬老卡", EN: "Elderly card"}, Issuer: i18n.Text{ZH: "市民政局", EN: "Civil Affairs"},
		IssuedAt: issued, ValidFrom: issued, ValidUntil: until,
		Claims: []Claim{
			{Key: "name", Label: i18n.Text{ZH: "姓名", EN: "Name"}, Value: "陈桂兰"},
			{Key: "monthly", Label: i18n.Same("monthly"), Value: "150", Chosen: true},
		},
		Withheld: 1, AsOf: now, Checks: got.Checks,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Verify (-want +got)\n%s", diff)
	}
}

// TestVerifyChecks: each way of being no good fails its own checks and no
// other.
func TestVerifyChecks(t *testing.T) {
	w := newTown(t)
	stranger := newTown(t)
	resigned := stranger
	resigned.jwk.Kid = w.jwk.Kid
	parts := strings.Split(w.token(t, nil), ".")
	forged := parts[0] + "." + base64.RawURLEncoding.EncodeToString(mustJSON(t, body())) + "." + parts[2][:strings.IndexByte(parts[2], '~')+1]
	young := w.trust
	young.At = issued.Add(-time.Hour)
	tests := []struct {
		name  string
		token string
		trust Trust
		now   time.Time
		fail  []string
	}{
		{"good", w.token(t, nil), w.trust, now, nil},
		{"no end", w.token(t, map[string]any{"exp": nil}), w.trust, now.AddDate(50, 0, 0), nil},
		{"first instant", w.token(t, nil), w.trust, issued, nil},
		{"last second", w.token(t, nil), w.trust, until.Add(-time.Second), nil},
		{"younger than the trust file", w.token(t, nil), young, now, nil},
		{"too early", w.token(t, nil), w.trust, issued.Add(-time.Second), []string{CheckDates}},
		{"expired", w.token(t, nil), w.trust, until, []string{CheckDates}},
		{"revoked", w.token(t, map[string]any{"jti": "gone"}), w.trust, now, []string{CheckStatus}},
		{"status list", w.token(t, map[string]any{"status": map[string]any{"status_list": map[string]any{"idx": 1}}}), w.trust, now, []string{CheckStatus}},
		{"altered payload", forged, w.trust, now, []string{CheckSignature}},
		{"signed by a stranger", stranger.token(t, nil), w.trust, now, []string{CheckSignature}},
		{"signed by a stranger under the issuer's kid", resigned.token(t, nil), w.trust, now, []string{CheckSignature}},
		{"unknown issuer", w.token(t, map[string]any{"iss": "https://evil.example/agency/mzj"}), w.trust, now, []string{CheckSignature, CheckIssuer}},
		{"issuer of another city", w.token(t, nil), Trust{Origin: "https://other.example", At: now, Issuers: w.trust.Issuers, Types: w.trust.Types}, now, []string{CheckSignature, CheckIssuer}},
		{"unknown type", w.token(t, map[string]any{"vct": VCT(origin, "diploma")}), w.trust, now, []string{CheckIssuer}},
		{"another agency's type", w.token(t, map[string]any{"vct": VCT(origin, "passport")}), w.trust, now, []string{CheckIssuer}},
		{"bound to a key", w.token(t, map[string]any{"cnf": map[string]any{"jwk": w.jwk}}), w.trust, now, []string{CheckPresentation}},
		{"empty trust", w.token(t, nil), Trust{}, now, []string{CheckSignature, CheckIssuer}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Verify(tt.token, tt.trust, tt.now)
			if err != nil {
				t.Fatalf("Verify = %v, want a result", err)
			}
			var ids, failed []string
			for _, c := range got.Checks {
				ids = append(ids, c.ID)
				if !c.Pass {
					failed = append(failed, c.ID)
				}
				if c.Line.ZH == c.Line.EN {
					t.Errorf("check %s has no line of its own in both languages: %+v", c.ID, c.Line)
				}
			}
			if diff := cmp.Diff([]string{CheckSignature, CheckIssuer, CheckDates, CheckStatus, CheckDisclosures, CheckPresentation}, ids); diff != "" {
				t.Errorf("checks (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(tt.fail, failed); diff != "" {
				t.Errorf("failed checks (-want +got)\n%s", diff)
			}
			if want := len(tt.fail) == 0; got.Valid != want {
				t.Errorf("Valid = %v, want %v", got.Valid, want)
			}
		})
	}
}

func mustJSON(t testing.TB, v any) []byte {
	t.Helper()
	src, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// TestVerifyRefuses: what is no licence at all is an Invalid fault that says
// why in both languages.
func TestVerifyRefuses(t *testing.T) {
	w := newTown(t)
	good := w.token(t, nil)
	parts := strings.Split(good, "~")
	swapped := parts[0] + "~" + base64.RawURLEncoding.EncodeToString([]byte(`["s","monthly","9999"]`)) + "~"
	tests := map[string]string{
		"empty":               "",
		"words":               "我的证照",
		"plain JWT":           parts[0],
		"cut":                 good[:len(good)-1],
		"altered disclosure":  swapped,
		"key binding":         good + "a.b.c",
		"too large":           strings.Repeat("x", sdjwt.MaxSize+1),
		"no issuer":           w.token(t, map[string]any{"iss": nil}),
		"no id":               w.token(t, map[string]any{"jti": nil}),
		"empty id":            w.token(t, map[string]any{"jti": ""}),
		"no begin":            w.token(t, map[string]any{"nbf": nil}),
		"end is a text":       w.token(t, map[string]any{"exp": "2099"}),
		"end is no whole":     w.token(t, map[string]any{"exp": 1.5}),
		"end is out of range": w.token(t, map[string]any{"exp": int64(1) << 60}),
	}
	for name, token := range tests {
		got, err := Verify(token, w.trust, now)
		if !fault.Is(err, fault.Invalid) || got.Valid {
			t.Errorf("%s: Verify = %+v, %v, want an Invalid fault", name, got, err)
		}
		if _, message, _ := fault.Shown(err); message.ZH == message.EN {
			t.Errorf("%s: message = %+v, want both languages", name, message)
		}
	}
}

// TestTampering flips every byte of a licence in turn: none stays good, unless
// it still says the very same.
func TestTampering(t *testing.T) {
	w := newTown(t)
	good := w.token(t, nil)
	for i := range len(good) {
		for _, c := range []byte{'A', 'z', '~', '.'} {
			if good[i] == c {
				continue
			}
			altered := good[:i] + string(c) + good[i+1:]
			if got, err := Verify(altered, w.trust, now); err == nil && got.Valid {
				t.Fatalf("byte %d as %q: Valid = true, want false\n%s", i, c, altered)
			}
		}
	}
}

func TestParseTrust(t *testing.T) {
	w := newTown(t)
	got, err := ParseTrust(mustJSON(t, w.trust))
	if err != nil {
		t.Fatalf("ParseTrust = %v, want nil", err)
	}
	if diff := cmp.Diff(w.trust, got); diff != "" {
		t.Errorf("ParseTrust (-want +got)\n%s", diff)
	}
	bad := map[string]string{
		"empty":     "",
		"no object": "[]",
		"no origin": `{"at":"2026-01-01T00:00:00Z","issuers":{"a":{}}}`,
		"no time":   `{"origin":"x","issuers":{"a":{}}}`,
		"no issuer": `{"origin":"x","at":"2026-01-01T00:00:00Z"}`,
		"bad key":   `{"origin":"x","at":"2026-01-01T00:00:00Z","issuers":{"a":{"keys":[{"kty":"EC","crv":"P-256","x":"a","y":"b"}]}}}`,
	}
	for name, src := range bad {
		if got, err := ParseTrust([]byte(src)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: ParseTrust = %+v, %v, want an Invalid fault", name, got, err)
		}
	}
	if _, err := ParseTrust([]byte(`{"origin":"x","at":"2026-01-01T00:00:00Z","issuers":{"a":{}},"witnesses":[]}`)); err != nil {
		t.Errorf("a newer trust file: ParseTrust = %v, want nil", err)
	}
}

// TestNoDatabase holds the package to its promise: nothing that it imports,
// however far down, can open a database.
func TestNoDatabase(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, out)
	}
	for _, dep := range strings.Fields(string(out)) {
		for _, banned := range []string{"database/sql", "modernc.org/", "github.com/jackc/", "github.com/tongban/tongban/internal/db", "github.com/tongban/tongban/catalog"} {
			if dep == strings.TrimSuffix(banned, "/") || strings.HasPrefix(dep, banned) && strings.HasSuffix(banned, "/") {
				t.Errorf("licence/verify depends on %s", dep)
			}
		}
	}
}

func FuzzVerify(f *testing.F) {
	w := newTown(f)
	good := w.token(f, nil)
	jwt := strings.Split(good, "~")[0]
	for _, seed := range []string{"", good, jwt + "~", "~~", "a.b.c~", strings.ReplaceAll(good, "~", "~~")} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		got, err := Verify(token, w.trust, now)
		if err == nil && got.Valid && !strings.HasPrefix(strings.TrimSpace(token), jwt) {
			t.Errorf("Verify(%q) is valid, and the issuer never signed it", token)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	w := newTown(b)
	token := w.token(b, nil)
	for b.Loop() {
		if got, err := Verify(token, w.trust, now); err != nil || !got.Valid {
			b.Fatal(err)
		}
	}
}
