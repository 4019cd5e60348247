package path_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/tongban/tongban/web/ui/path"
)

func TestLocal(t *testing.T) {
	tests := []struct{ in, want string }{
		{"/cases", "/cases"}, {"/search?q=%E6%8A%A4&for=firm#x", "/search?q=%E6%8A%A4&for=firm#x"}, {"", "/"}, {"cases", "/"},
		{"//evil.example", "/"}, {`/\evil.example`, "/"}, {"https://evil.example/", "/"}, {"javascript:alert(1)", "/"}, {"/\t/evil.example", "/"},
	}
	for _, tt := range tests {
		if got := path.Local(tt.in); got != tt.want {
			t.Errorf("Local(%q): got %q, want %q", tt.in, got, tt.want)
		}
	}
}

// FuzzLocal lets nothing through that a browser might take to another host.
func FuzzLocal(f *testing.F) {
	for _, s := range []string{"/", "//x", `/\x`, "/a//b", "http:x", "/\n//x", "/%2f/x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := path.Local(s)
		u, err := url.Parse(got)
		if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(got, "/") || strings.HasPrefix(got, "//") || strings.HasPrefix(got, `/\`) {
			t.Errorf("Local(%q): got %q, want a path of this site", s, got)
		}
		if strings.ContainsAny(got, "\t\r\n") {
			t.Errorf("Local(%q): got %q, with a control character that browsers drop", s, got)
		}
	})
}

func TestEscapes(t *testing.T) {
	tests := []struct{ got, want string }{
		{path.Service("a/b?c"), "/services/a%2Fb%3Fc"}, {path.Find("护照&x"), "/search?q=%E6%8A%A4%E7%85%A7%26x"},
		{path.SignInTo("/apply?service=x"), "/signin?return=%2Fapply%3Fservice%3Dx"}, {path.Step("d", 2), "/drafts/d/steps/2"},
		{path.Upload("d", "id"), "/drafts/d/evidence/id"}, {path.File("c", "f"), "/cases/c/files/f"}, {path.Revoke("m"), "/me/mandates/m/revoke"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}
