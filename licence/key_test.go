package licence

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// TestKeys: a key is made once, kept for its owner's eyes, and is the same for
// every node that opens the directory.
func TestKeys(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	var kids [4]string
	var group sync.WaitGroup
	for i := range kids {
		keys, err := OpenKeys(dir)
		if err != nil {
			t.Fatalf("OpenKeys = %v, want nil", err)
		}
		group.Go(func() {
			s, err := keys.signer("mzj")
			if err != nil {
				t.Errorf("signer = %v, want nil", err)
				return
			}
			kids[i] = s.jwk.Kid
		})
	}
	group.Wait()
	for _, kid := range kids {
		if kid == "" || kid != kids[0] {
			t.Errorf("keys = %q, want four times the same", kids)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != "mzj.pem" {
		t.Fatalf("directory = %v, %v, want mzj.pem alone", entries, err)
	}
	for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, "mzj.pem"): 0o600} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("mode of %s = %v, %v, want %o", path, info.Mode(), err, want)
		}
	}
}

func TestKeysRefuse(t *testing.T) {
	dir := t.TempDir()
	keys, err := OpenKeys(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{
		"garbled": "not a key",
		"other":   "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
		"broken":  "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
	}
	for name, src := range files {
		if err := os.WriteFile(filepath.Join(dir, name+".pem"), []byte(src), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := keys.signer(name); err == nil {
			t.Errorf("signer of a %s file = nil, want an error", name)
		}
	}
	if _, err := keys.signer("mzj"); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, "mzj.pem"), 0o644); err != nil {
		t.Fatal(err)
	}
	again, err := OpenKeys(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := again.signer("mzj"); err == nil || !strings.Contains(err.Error(), "0600") {
		t.Errorf("signer of a file that others can read = %v, want an error that says 0600", err)
	}
	for _, id := range []string{"", "../mzj", "a/b", "MZJ", strings.Repeat("a", 65)} {
		if _, err := keys.signer(id); err == nil {
			t.Errorf("signer(%q) = nil, want an error", id)
		}
	}
	if _, err := OpenKeys(filepath.Join(dir, "mzj.pem")); err == nil {
		t.Error("OpenKeys on a file = nil, want an error")
	}
}
