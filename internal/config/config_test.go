package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestLoad(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tongban.yaml")
	if err := os.WriteFile(file, []byte("addr: 127.0.0.1:9000\nlogin: {issuer: https://id.example, client-id: portal}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := Load(file, []string{"HOME=/x", "TONGBAN_LOGIN_CLIENT_SECRET=s", "TONGBAN_LIMITS_REQUEST=5s", "TONGBAN_OUTREACH_WEEKLY=5",
		"TONGBAN_OUTREACH_MAIL_SERVER=mail.example:587", "TONGBAN_TEST_POSTGRES=y"})
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.Addr = "127.0.0.1:9000"
	want.Login = Login{Issuer: "https://id.example", ClientID: "portal", ClientSecret: "s"}
	want.Limits.Request = 5 * time.Second
	want.Outreach.Weekly, want.Outreach.Mail.Server = 5, "mail.example:587"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Load (-want +got):\n%s", diff)
	}
}

func TestLoadRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		src  string
		env  []string
		want string
	}{
		"unknown key":      {src: "adr: 127.0.0.1:9000\n", want: "adr"},
		"unknown inner":    {src: "log:\n  colour: red\n", want: "colour"},
		"wrong type":       {src: "demo: [1]\n", want: "demo"},
		"unknown variable": {env: []string{"TONGBAN_ADR=x"}, want: "TONGBAN_ADR"},
		"wrong duration":   {env: []string{"TONGBAN_LIMITS_SESSION=soon"}, want: "duration"},
		"wrong number":     {env: []string{"TONGBAN_OUTREACH_WEEKLY=often"}, want: "number"},
		"wrong bool":       {env: []string{"TONGBAN_DEMO=perhaps"}, want: "true or false"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "c.yaml")
			if err := os.WriteFile(file, []byte(tt.src), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := Load(file, tt.env)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Load: got error %v, want one that names %q", err, tt.want)
			}
		})
	}
	if _, err := Load(filepath.Join(t.TempDir(), "none.yaml"), nil); err == nil {
		t.Error("Load of a missing file: got no error, want one")
	}
}

func TestCheck(t *testing.T) {
	demo := Default()
	demo.Demo = true
	if err := demo.Check(); err != nil {
		t.Errorf("Check of the demo: got %v, want nil", err)
	}
	c := Default()
	c.Addr, c.Pack, c.Data, c.Log.Level, c.Log.Format, c.URL = "8080", "", "", "loud", "xml", "example"
	c.Limits.Session, c.Limits.Request = 0, 0
	c.Outreach = Outreach{Weekly: -1, Quiet: "at night", Mail: Mail{Server: "mail", TLS: "perhaps", From: "nobody"}, SMS: SMS{URL: "http://sms.example", Secret: "short"}}
	err := c.Check()
	if err == nil {
		t.Fatal("Check: got nil, want faults")
	}
	for _, key := range []string{"addr", "url", "pack", "data", "log.level", "log.format", "login", "limits.session", "limits.request",
		"outreach.weekly", "outreach.quiet", "outreach.mail.server", "outreach.mail.tls", "outreach.mail.from", "outreach.sms.url", "outreach.sms.secret"} {
		if !strings.Contains(err.Error(), "config: "+key+":") {
			t.Errorf("Check: got %v, want a line for %s", err, key)
		}
	}
}

// TestCheckMail refuses e-mail in clear text beyond this machine.
func TestCheckMail(t *testing.T) {
	for server, want := range map[string]bool{"127.0.0.1:25": true, "localhost:25": true, "[::1]:25": true, "mail.example:25": false, "10.0.0.1:25": false} {
		c := Default()
		c.Demo = true
		c.Outreach.Mail = Mail{Server: server, TLS: "none", From: "通办 <tongban@city.example>"}
		if err := c.Check(); (err == nil) != want {
			t.Errorf("mail without TLS to %s: got %v, want it taken: %t", server, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("addr: x\nlogin: {issuer: y}\n"))
	f.Add([]byte("{"))
	f.Fuzz(func(t *testing.T, src []byte) {
		c := Default()
		if err := parse(src, &c); err == nil {
			_ = c.Check()
		}
	})
}
