package asset_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"

	"github.com/tongban/tongban/web/ui/asset"
)

func TestSet(t *testing.T) {
	s := asset.New("/assets/", map[string][]byte{"a.css": []byte("a{color:red}"), "b.js": []byte("1")})
	url := s.URL("a.css")
	if !regexp.MustCompile(`^/assets/a\.[0-9a-f]{12}\.css$`).MatchString(url) {
		t.Errorf("address: got %s, want a hash in it", url)
	}
	if other := asset.New("/assets/", map[string][]byte{"a.css": []byte("a{}")}).URL("a.css"); other == url {
		t.Errorf("other content: got the same address %s", other)
	}
	tests := []struct {
		name, method, path, accepts string
		status                      int
		encoding                    string
	}{
		{"plain", "GET", url, "", 200, ""},
		{"brotli", "GET", url, "br", 200, "br"},
		{"gzip", "GET", url, "gzip", 200, "gzip"},
		{"head", "HEAD", url, "", 200, ""},
		{"without hash", "GET", "/assets/a.css", "", 404, ""},
		{"post", "POST", url, "", 404, ""},
	}
	for _, tt := range tests {
		r := httptest.NewRequest(tt.method, tt.path, nil)
		r.Header.Set("Accept-Encoding", tt.accepts)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != tt.status || w.Header().Get("Content-Encoding") != tt.encoding {
			t.Errorf("%s: got status %d, encoding %q, want %d, %q", tt.name, w.Code, w.Header().Get("Content-Encoding"), tt.status, tt.encoding)
		}
		if tt.status == http.StatusOK && w.Header().Get("Cache-Control") != "public, max-age=31536000, immutable" {
			t.Errorf("%s: got Cache-Control %q, want for ever", tt.name, w.Header().Get("Cache-Control"))
		}
	}
}
