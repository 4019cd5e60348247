package sdjwt

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func sign(t testing.TB, key *ecdsa.PrivateKey, plain map[string]any, hidden map[string]string) string {
	t.Helper()
	var list []Disclosure
	for _, name := range slices.Sorted(maps.Keys(hidden)) {
		d, err := NewDisclosure(rand.Reader, name, hidden[name])
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, d)
	}
	token, err := Sign(key, "k", plain, list)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// TestDisclosureVector is the example of RFC 9901 section 4.2.3.
func TestDisclosureVector(t *testing.T) {
	const text = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
	d, err := ParseDisclosure(text)
	if err != nil {
		t.Fatalf("ParseDisclosure = %v, want nil", err)
	}
	want := Disclosure{Salt: "_26bc4LT-ac6q2KI6cBW5es", Name: "family_name", Value: "Möbius", Text: text}
	if diff := cmp.Diff(want, d); diff != "" {
		t.Errorf("ParseDisclosure (-want +got)\n%s", diff)
	}
	if got, want := d.Digest(), "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"; got != want {
		t.Errorf("Digest = %q, want %q", got, want)
	}
}

// TestJWK: the P-256 key of RFC 7517 appendix A.1 keeps its
// coordinates through the key and back.
func TestJWK(t *testing.T) {
	k := JWK{Kty: "EC", Crv: "P-256", X: "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", Y: "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}
	public, err := k.Public()
	if err != nil {
		t.Fatalf("Public = %v, want nil", err)
	}
	got, err := NewJWK(public)
	if err != nil {
		t.Fatalf("NewJWK = %v, want nil", err)
	}
	if got.X != k.X || got.Y != k.Y || got.Kid != k.Thumbprint() || got.Alg != "ES256" {
		t.Errorf("NewJWK(Public) = %+v, want the coordinates of %+v", got, k)
	}
	bad := map[string]JWK{
		"RSA":         {Kty: "RSA"},
		"other curve": {Kty: "EC", Crv: "P-384", X: k.X, Y: k.Y},
		"off curve":   {Kty: "EC", Crv: "P-256", X: k.X, Y: k.X},
		"short":       {Kty: "EC", Crv: "P-256", X: k.X[:40], Y: k.Y},
		"garbled":     {Kty: "EC", Crv: "P-256", X: "*" + k.X[1:], Y: k.Y},
	}
	for name, k := range bad {
		if _, err := k.Public(); err == nil {
			t.Errorf("%s: Public = nil, want an error", name)
		}
	}
}

func TestSignParseSelect(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		key := newKey(t)
		name := rapid.StringMatching(`[a-z]{1,8}`)
		hidden := rapid.MapOfN(name, rapid.String(), 0, 6).Draw(r, "hidden")
		plain := map[string]any{}
		for k, v := range rapid.MapOfN(name, rapid.String(), 0, 4).Draw(r, "plain") {
			if _, taken := hidden[k]; !taken {
				plain[k] = v
			}
		}
		token := sign(t, key, plain, hidden)
		show := rapid.SliceOf(name).Draw(r, "show")
		for k := range hidden {
			if rapid.Bool().Draw(r, k) {
				show = append(show, k)
			}
		}
		selected, err := Select(token, show)
		if err != nil {
			r.Fatalf("Select = %v, want nil", err)
		}
		got, err := Parse(selected)
		if err != nil {
			r.Fatalf("Parse(Select) = %v, want nil", err)
		}
		if err := got.Verify(&key.PublicKey); err != nil {
			r.Fatalf("Verify = %v, want nil", err)
		}
		shown, want := map[string]string{}, map[string]string{}
		for _, d := range got.Disclosures {
			shown[d.Name] = d.Value
		}
		for k, v := range hidden {
			if slices.Contains(show, k) {
				want[k] = v
			}
		}
		if diff := cmp.Diff(want, shown); diff != "" {
			r.Fatalf("disclosed (-want +got)\n%s", diff)
		}
		if diff := cmp.Diff(plain, got.Payload); diff != "" {
			r.Fatalf("payload (-want +got)\n%s", diff)
		}
		if len(got.Digests) != len(hidden) || !slices.IsSorted(got.Digests) {
			r.Fatalf("Digests = %d, want %d in sorted order", len(got.Digests), len(hidden))
		}
		for k := range hidden {
			if !slices.Contains(show, k) && strings.Contains(selected, "~"+k) {
				r.Fatalf("withheld claim %q is in the token", k)
			}
		}
	})
}

func TestSignRefusesTakenNames(t *testing.T) {
	key := newKey(t)
	for _, name := range []string{"iss", "_sd", "_sd_alg", "..."} {
		d, err := NewDisclosure(rand.Reader, name, "x")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Sign(key, "k", map[string]any{"iss": "a"}, []Disclosure{d}); err == nil {
			t.Errorf("Sign with hidden %q = nil, want an error", name)
		}
	}
}

// raw builds a token of the given parts, signed with key whatever they say.
func raw(t *testing.T, key *ecdsa.PrivateKey, header Header, payload map[string]any, tail string) string {
	t.Helper()
	jwt, err := signJWT(key, header, payload)
	if err != nil {
		t.Fatal(err)
	}
	return jwt + tail
}

func TestParseRefuses(t *testing.T) {
	key := newKey(t)
	good := Header{Alg: "ES256", Typ: Type, Kid: "k"}
	whole := sign(t, key, map[string]any{"iss": "a"}, map[string]string{"name": "Chen", "sex": "f"})
	parts := strings.Split(whole, "~")
	enc := base64.RawURLEncoding.EncodeToString
	own := func(json string) (string, string) { text := enc([]byte(json)); return text, Digest(text) }
	array, arrayDigest := own(`["salt","value"]`)
	object, objectDigest := own(`["salt","name",{"a":1}]`)
	null, nullDigest := own(`["salt",null,"x"]`)
	iss, issDigest := own(`["salt","iss","b"]`)
	sd, sdDigest := own(`["salt","_sd","b"]`)
	twice, twiceDigest := own(`["salt2","name","b"]`)
	once, onceDigest := own(`["salt1","name","a"]`)
	tests := []struct {
		name, token string
		want        error // nil: any
	}{
		{"empty", "", nil},
		{"no tilde", parts[0], nil},
		{"two parts", "a.b~", nil},
		{"not base64", "*.*.*~", nil},
		{"padded", strings.Replace(parts[0], ".", "=.", 1) + "~", nil},
		{"not JSON", enc([]byte("x")) + "." + enc([]byte("{}")) + ".AA~", nil},
		{"two JSON values", enc([]byte(`{"alg":"ES256","typ":"dc+sd-jwt"}{}`)) + "." + enc([]byte("{}")) + ".AA~", nil},
		{"too large", strings.Repeat("a", MaxSize+1), ErrSize},
		{"too many disclosures", parts[0] + strings.Repeat("~a", 300) + "~", ErrSize},
		{"alg none", raw(t, key, Header{Alg: "none", Typ: Type}, map[string]any{}, "~"), ErrAlgorithm},
		{"alg HS256", raw(t, key, Header{Alg: "HS256", Typ: Type}, map[string]any{}, "~"), ErrAlgorithm},
		{"critical extension", raw(t, key, Header{Alg: "ES256", Typ: Type, Crit: []string{"b64"}}, map[string]any{}, "~"), ErrAlgorithm},
		{"other typ", raw(t, key, Header{Alg: "ES256", Typ: "JWT"}, map[string]any{}, "~"), ErrKind},
		{"other hash", raw(t, key, good, map[string]any{"_sd_alg": "md5"}, "~"), ErrAlgorithm},
		{"key binding", whole + "a.b.c", ErrKeyBinding},
		{"_sd is no list", raw(t, key, good, map[string]any{"_sd": "x"}, "~"), ErrDisclosure},
		{"_sd holds a number", raw(t, key, good, map[string]any{"_sd": []any{1}}, "~"), ErrDisclosure},
		{"digest twice", raw(t, key, good, map[string]any{"_sd": []any{"x", "x"}}, "~"), ErrDisclosure},
		{"nested", raw(t, key, good, map[string]any{"address": map[string]any{"_sd": []any{"x"}}}, "~"), ErrDisclosure},
		{"nested in array", raw(t, key, good, map[string]any{"a": []any{map[string]any{"...": "x"}}}, "~"), ErrDisclosure},
		{"foreign disclosure", whole + array + "~", ErrDisclosure},
		{"disclosure twice", whole + parts[1] + "~", ErrDisclosure},
		{"altered disclosure", strings.Replace(whole, parts[1], enc([]byte(`["s","name","Li"]`)), 1), ErrDisclosure},
		{"array disclosure", raw(t, key, good, map[string]any{"_sd": []any{arrayDigest}}, "~"+array+"~"), ErrDisclosure},
		{"object value", raw(t, key, good, map[string]any{"_sd": []any{objectDigest}}, "~"+object+"~"), ErrDisclosure},
		{"null name", raw(t, key, good, map[string]any{"_sd": []any{nullDigest}}, "~"+null+"~"), ErrDisclosure},
		{"overwrites a plain claim", raw(t, key, good, map[string]any{"iss": "a", "_sd": []any{issDigest}}, "~"+iss+"~"), ErrDisclosure},
		{"discloses _sd", raw(t, key, good, map[string]any{"_sd": []any{sdDigest}}, "~"+sd+"~"), ErrDisclosure},
		{"one name twice", raw(t, key, good, map[string]any{"_sd": []any{onceDigest, twiceDigest}}, "~"+once+"~"+twice+"~"), ErrDisclosure},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Parse(tt.token)
			if err == nil {
				t.Fatalf("Parse = %+v, want an error", got)
			}
			if tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("Parse = %v, want %v", err, tt.want)
			}
		})
	}
}

func TestVerifyRefuses(t *testing.T) {
	key := newKey(t)
	whole := sign(t, key, map[string]any{"iss": "a"}, nil)
	token, err := Parse(whole)
	if err != nil {
		t.Fatal(err)
	}
	if err := token.Verify(&newKey(t).PublicKey); err == nil {
		t.Error("Verify with another key = nil, want an error")
	}
	for name, sig := range map[string][]byte{"empty": nil, "short": token.signature[:63], "long": append(slices.Clone(token.signature), 0), "zero": make([]byte, 64)} {
		altered := *token
		altered.signature = sig
		if err := altered.Verify(&key.PublicKey); err == nil {
			t.Errorf("Verify with %s signature = nil, want an error", name)
		}
	}
	parts := strings.Split(whole, ".")
	forged := parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"iss":"b"}`)) + "." + parts[2]
	other, err := Parse(forged)
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Verify(&key.PublicKey); err == nil {
		t.Error("Verify of an altered payload = nil, want an error")
	}
}

func FuzzParse(f *testing.F) {
	key := newKey(f)
	whole := sign(f, key, map[string]any{"iss": "a"}, map[string]string{"name": "陈桂兰"})
	for _, seed := range []string{"", "~", "a.b.c~", whole, strings.ReplaceAll(whole, "~", "~~"), whole + "x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		got, err := Parse(token)
		if err != nil {
			return
		}
		if again := join(got.JWT, got.Disclosures); again != token {
			t.Errorf("Parse(%q) is written again as %q", token, again)
		}
		if got.Verify(&key.PublicKey) == nil && got.JWT != strings.Split(whole, "~")[0] {
			t.Errorf("a token that was never signed passes: %q", token)
		}
	})
}
