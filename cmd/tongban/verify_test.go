package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/licence/sdjwt"
	"github.com/tongban/tongban/licence/verify"
)

// TestVerifyCommand runs the command as a user does: token, file and standard
// input, both languages, good and not.
func TestVerifyCommand(t *testing.T) {
	dir := t.TempDir()
	token := sampleLicence(t, dir)
	trust := filepath.Join(dir, "trust.json")
	file := filepath.Join(dir, "licence.txt")
	if err := os.WriteFile(file, []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	forged := strings.Replace(token, ".", ".e30", 1)
	flipped := token[:len(token)-3] + "A~"
	tests := []struct {
		name, stdin string
		args        []string
		want        []string // on standard output, or in the error
		fail        bool
	}{
		{name: "token", args: []string{token}, want: []string{"ok    signature", "Issued by Civil Affairs", "Name: Chen", "The licence is good"}},
		{name: "file", args: []string{file}, want: []string{"The licence is good"}},
		{name: "standard input", args: []string{"-"}, stdin: token, want: []string{"The licence is good"}},
		{name: "Chinese", args: []string{token, "--lang", "zh"}, want: []string{"签名正确", "证照有效", "姓名: Chen"}},
		{name: "forged", args: []string{forged}, fail: true, want: []string{"not an electronic licence"}},
		{name: "altered, Chinese", args: []string{flipped, "--lang", "zh"}, fail: true, want: []string{"证照"}},
		{name: "no such file", args: []string{filepath.Join(dir, "none")}, fail: true, want: []string{"none"}},
		{name: "no argument", fail: true, want: []string{"arg"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := runVerify(tt.stdin, append(tt.args, "--trust", trust)...)
			if (err != nil) != tt.fail {
				t.Fatalf("error = %v, want one: %v\n%s", err, tt.fail, got)
			}
			if err != nil {
				got += err.Error()
			}
			for _, want := range tt.want {
				if !strings.Contains(got, want) {
					t.Errorf("got %q, want it to contain %q", got, want)
				}
			}
		})
	}
	if _, err := runVerify("", token); err == nil || !strings.Contains(err.Error(), "trust") {
		t.Errorf("without --trust: error = %v, want one that names the flag", err)
	}
	if _, err := runVerify("", token, "--trust", file); err == nil || !strings.Contains(err.Error(), "trust file") {
		t.Errorf("with a trust file that is none: error = %v, want one that says so", err)
	}
}

func TestVerifyCommandRevoked(t *testing.T) {
	dir := t.TempDir()
	token := sampleLicence(t, dir, "id-1")
	got, err := runVerify("", token, "--trust", filepath.Join(dir, "trust.json"))
	if err == nil || !strings.Contains(got, "FAIL  status") || strings.Contains(got, "Chen") {
		t.Errorf("revoked: output %q, error %v, want a failed status and no claims", got, err)
	}
}

func runVerify(stdin string, args ...string) (string, error) {
	cmd := verifyCommand()
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	var out bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SetIn(strings.NewReader(stdin))
	cmd.SetArgs(args)
	err := cmd.Execute()
	return out.String(), err
}

// sampleLicence signs a licence with a fresh key and writes the trust file that
// goes with it to dir/trust.json.
func sampleLicence(t *testing.T, dir string, revoked ...string) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	jwk, err := sdjwt.NewJWK(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	const origin = "https://ban.example"
	name := i18n.Text{ZH: "姓名", EN: "Name"}
	trust, err := json.Marshal(verify.Trust{
		Origin: origin, At: time.Now(), Revoked: revoked,
		Issuers: map[string]verify.Issuer{"mzj": {Name: i18n.Text{ZH: "市民政局", EN: "Civil Affairs"}, Keys: []sdjwt.JWK{jwk}}},
		Types:   map[string]verify.Type{"card": {Name: i18n.Text{ZH: "敬老卡", EN: "Elderly card"}, Issuer: "mzj", Claims: map[string]i18n.Text{"name": name}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "trust.json"), trust, 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := sdjwt.NewDisclosure(rand.Reader, "name", "Chen")
	if err != nil {
		t.Fatal(err)
	}
	token, err := sdjwt.Sign(key, jwk.Kid, map[string]any{
		"iss": verify.Iss(origin, "mzj"), "vct": verify.VCT(origin, "card"), "jti": "id-1", "identifier": "1.2.156.3005.2",
		"iat": time.Now().Unix() - 60, "nbf": time.Now().Unix() - 60,
	}, []sdjwt.Disclosure{d})
	if err != nil {
		t.Fatal(err)
	}
	return token
}
