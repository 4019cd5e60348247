package pagecache_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/andybalholm/brotli"

	"github.com/tongban/tongban/web/ui/pagecache"
)

var page = []byte("<!doctype html><title>通办</title>" + strings.Repeat("<p>一网通办，一次办好。</p>", 400))

func ask(t *testing.T, c *pagecache.Cache, key pagecache.Key, header http.Header) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, key.Path, nil)
	r.Header = header
	w := httptest.NewRecorder()
	if err := c.Serve(w, r, key, func() ([]byte, error) { return page, nil }); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestEncodings(t *testing.T) {
	c := pagecache.New(1 << 20)
	open := map[string]func(io.Reader) (io.Reader, error){
		"":     func(r io.Reader) (io.Reader, error) { return r, nil },
		"gzip": func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
		"br":   func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil },
	}
	tests := []struct{ accepts, want string }{
		{"", ""}, {"identity", ""}, {"gzip", "gzip"}, {"gzip, deflate, br", "br"}, {"br;q=0, gzip;q=0.5", "gzip"}, {"zstd", ""}, {"br;q=0.000", ""},
	}
	for _, tt := range tests {
		w := ask(t, c, pagecache.Key{Path: "/"}, http.Header{"Accept-Encoding": {tt.accepts}})
		if got := w.Header().Get("Content-Encoding"); got != tt.want {
			t.Errorf("Accept-Encoding %q: got encoding %q, want %q", tt.accepts, got, tt.want)
			continue
		}
		if got, want := w.Header().Get("Content-Length"), fmt.Sprint(w.Body.Len()); got != want {
			t.Errorf("Accept-Encoding %q: got length %s, want %s", tt.accepts, got, want)
		}
		r, err := open[tt.want](w.Body)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(got, page) {
			t.Errorf("Accept-Encoding %q: got %d bytes (%v), want the page's %d", tt.accepts, len(got), err, len(page))
		}
	}
}

func TestUnchanged(t *testing.T) {
	c := pagecache.New(1 << 20)
	etag := ask(t, c, pagecache.Key{Path: "/"}, http.Header{}).Header().Get("ETag")
	for _, header := range []string{etag, `"other", ` + etag, strings.TrimPrefix(etag, "W/"), "*"} {
		w := ask(t, c, pagecache.Key{Path: "/"}, http.Header{"If-None-Match": {header}})
		if w.Code != http.StatusNotModified || w.Body.Len() != 0 {
			t.Errorf("If-None-Match %s: got status %d and %d bytes, want 304 and none", header, w.Code, w.Body.Len())
		}
	}
	if w := ask(t, c, pagecache.Key{Path: "/"}, http.Header{"If-None-Match": {`"other"`}}); w.Code != http.StatusOK {
		t.Errorf("other ETag: got status %d, want 200", w.Code)
	}
}

func TestBounded(t *testing.T) {
	const limit = 200 << 10
	c := pagecache.New(limit)
	for i := range 200 {
		ask(t, c, pagecache.Key{Path: fmt.Sprintf("/services/%d", i)}, http.Header{})
		if got := c.Size(); got > limit {
			t.Fatalf("after %d pages: got %d bytes, want at most %d", i+1, got, limit)
		}
	}
	small := pagecache.New(10)
	if w := ask(t, small, pagecache.Key{Path: "/"}, http.Header{}); w.Body.Len() != len(page) || small.Size() != 0 {
		t.Errorf("page over the limit: got %d bytes served and %d kept, want %d and 0", w.Body.Len(), small.Size(), len(page))
	}
}

func TestErrorsAreNotKept(t *testing.T) {
	c := pagecache.New(1 << 20)
	key, gone := pagecache.Key{Path: "/nowhere"}, errors.New("gone")
	r := httptest.NewRequest(http.MethodGet, "/nowhere", nil)
	w := httptest.NewRecorder()
	if err := c.Serve(w, r, key, func() ([]byte, error) { return nil, gone }); !errors.Is(err, gone) {
		t.Errorf("got error %v, want %v", err, gone)
	}
	if w.Body.Len() != 0 || len(w.Header()) != 0 || c.Size() != 0 {
		t.Errorf("got %d bytes written, header %v, %d bytes kept, want nothing", w.Body.Len(), w.Header(), c.Size())
	}
}

// TestTogether asks for one page from many sides at once: it is rendered once,
// and a rendering that panics leaves nobody waiting.
func TestTogether(t *testing.T) {
	c := pagecache.New(1 << 20)
	var rendered atomic.Int32
	release := make(chan struct{})
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			_ = c.Serve(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil), pagecache.Key{Path: "/"}, func() ([]byte, error) {
				rendered.Add(1)
				<-release
				return page, nil
			})
		})
	}
	close(release)
	all.Wait()
	if got := rendered.Load(); got != 1 {
		t.Errorf("got %d renderings, want 1", got)
	}
	func() {
		defer func() { _ = recover() }()
		_ = c.Serve(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/x", nil), pagecache.Key{Path: "/x"}, func() ([]byte, error) { panic("broken") })
	}()
	if w := ask(t, c, pagecache.Key{Path: "/x"}, http.Header{}); w.Code != http.StatusOK {
		t.Errorf("after a panic: got status %d, want 200", w.Code)
	}
}

// BenchmarkServe compares with a file server that holds the same page
// compressed on disk.
func BenchmarkServe(b *testing.B) {
	header := http.Header{"Accept-Encoding": {"gzip, br"}}
	b.Run("cache", func(b *testing.B) {
		c := pagecache.New(1 << 20)
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header = header
		b.ReportAllocs()
		for b.Loop() {
			_ = c.Serve(discard{http.Header{}}, r, pagecache.Key{Path: "/"}, func() ([]byte, error) { return page, nil })
		}
	})
	b.Run("files", func(b *testing.B) {
		dir := b.TempDir()
		if err := os.WriteFile(dir+"/page.html", page[:3000], 0o600); err != nil {
			b.Fatal(err)
		}
		files := http.FileServer(http.Dir(dir))
		r := httptest.NewRequest(http.MethodGet, "/page.html", nil)
		r.Header = header
		b.ReportAllocs()
		for b.Loop() {
			files.ServeHTTP(discard{http.Header{}}, r)
		}
	})
}

type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}
