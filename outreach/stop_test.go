package outreach

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tongban/tongban/fault"
)

func TestKey(t *testing.T) {
	file := filepath.Join(t.TempDir(), "outreach.key")
	key, err := OpenKey(file)
	if err != nil {
		t.Fatal(err)
	}
	again, err := OpenKey(file)
	if err != nil || !bytes.Equal(key, again) {
		t.Fatalf("opened again: got another key (%v)", err)
	}
	stop := Stop{Party: "chen-guilan", Channel: Mail}
	token := key.Token(stop)
	got, err := key.Read(token)
	if err != nil || got != stop {
		t.Fatalf("Read: got %v (%v), want %v", got, err, stop)
	}
	other := key.Token(Stop{Party: "li-na", Channel: Mail})
	text, _, _ := strings.Cut(other, ".")
	_, sum, _ := strings.Cut(token, ".")
	unknown := Key(key).Token(Stop{Party: "chen-guilan", Channel: "pigeon"})
	for name, forged := range map[string]string{"empty": "", "no sum": text, "another's sum": text + "." + sum, "cut": token[:len(token)-2], "not base64": "!." + sum,
		"unknown channel": unknown} {
		if got, err := key.Read(forged); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: got %v (%v), want not found", name, got, err)
		}
	}
	foreign, err := OpenKey(filepath.Join(t.TempDir(), "outreach.key"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := foreign.Read(token); !fault.Is(err, fault.NotFound) {
		t.Errorf("another key: got %v, want not found", err)
	}
}

func TestOpenKeyRefuses(t *testing.T) {
	short := filepath.Join(t.TempDir(), "short.key")
	if err := os.WriteFile(short, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{short, filepath.Join(t.TempDir(), "no", "such", "folder")} {
		if _, err := OpenKey(file); err == nil {
			t.Errorf("%s: got a key, want an error", file)
		}
	}
}

// FuzzRead takes no token that the key has not made.
func FuzzRead(f *testing.F) {
	key := Key(strings.Repeat("k", 32))
	for _, s := range []string{"", ".", "bWFpbDp4.", key.Token(Stop{"chen", Mail})} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if stop, err := key.Read(s); err == nil && key.Token(stop) != s {
			t.Errorf("%q is read as %v, whose token is %q", s, stop, key.Token(stop))
		}
	})
}
