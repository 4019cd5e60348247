// Package pagecache keeps pages that read alike for everybody: rendered once,
// compressed once, then served as bytes with an ETag. The key names everything
// that a page depends on (version of the catalogue, path, language, elder
// mode), so nothing is ever stale; a new version uses new keys and the old
// ones fall out. The cache is bounded in bytes. It is safe for concurrent use,
// and a page that many ask for at once is rendered once.
package pagecache

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/tongban/tongban/web/ui/asset"
)

// Key is what a page depends on.
type Key struct {
	Version string
	Path    string
	Lang    string
	Elder   bool
}

// Cache holds pages up to a number of bytes.
type Cache struct {
	limit int

	mu    sync.RWMutex // guards what follows
	pages map[Key]*page
	order []Key // oldest first
	size  int
	runs  map[Key]*run
}

// page has its header values ready made, so that serving it allocates little.
type page struct {
	etag  []string
	plain body
	gzip  body
	br    body
}

type body struct {
	bytes    []byte
	length   []string
	encoding []string
}

type run struct {
	done chan struct{}
	page *page
	err  error
}

// New is an empty cache of at most limit bytes, all encodings counted.
func New(limit int) *Cache {
	return &Cache{limit: limit, pages: map[Key]*page{}, runs: map[Key]*run{}}
}

// errGone is what those get who waited for a rendering that panicked.
var errGone = errors.New("pagecache: rendering did not end")

var (
	htmlType = []string{"text/html; charset=utf-8"}
	noCache  = []string{"no-cache"}
	vary     = []string{"Cookie, Accept-Encoding"}
)

// Serve answers r with the page of the key, which render makes when the cache
// does not hold it. Where render fails, nothing is written or kept and its
// error is returned.
func (c *Cache) Serve(w http.ResponseWriter, r *http.Request, key Key, render func() ([]byte, error)) error {
	p, err := c.get(key, render)
	if err != nil {
		return err
	}
	p.serve(w, r)
	return nil
}

// Size is the number of bytes held.
func (c *Cache) Size() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.size
}

func (c *Cache) get(key Key, render func() ([]byte, error)) (*page, error) {
	c.mu.RLock()
	p, ok := c.pages[key]
	c.mu.RUnlock()
	if ok {
		return p, nil
	}
	c.mu.Lock()
	if p, ok := c.pages[key]; ok {
		c.mu.Unlock()
		return p, nil
	}
	if other, ok := c.runs[key]; ok {
		c.mu.Unlock()
		<-other.done
		return other.page, other.err
	}
	mine := &run{done: make(chan struct{}), err: errGone}
	c.runs[key] = mine
	c.mu.Unlock()
	defer c.finish(key, mine) // also when render panics: the others must not wait for ever
	html, err := render()
	if err != nil {
		mine.err = err
		return nil, err
	}
	mine.page, mine.err = newPage(html), nil
	return mine.page, nil
}

func (c *Cache) finish(key Key, r *run) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.runs, key)
	if r.err == nil {
		c.keep(key, r.page)
	}
	close(r.done)
}

// keep adds the page and lets the oldest go while there is too much. The
// caller holds mu.
func (c *Cache) keep(key Key, p *page) {
	if p.size() > c.limit {
		return
	}
	c.pages[key] = p
	c.order = append(c.order, key)
	c.size += p.size()
	for c.size > c.limit {
		oldest := c.order[0]
		c.order = c.order[1:]
		c.size -= c.pages[oldest].size()
		delete(c.pages, oldest)
	}
}

func newPage(html []byte) *page {
	sum := sha256.Sum256(html)
	return &page{
		etag:  []string{`W/"` + hex.EncodeToString(sum[:8]) + `"`},
		plain: newBody(html, ""),
		gzip:  newBody(asset.Gzip(html), "gzip"),
		br:    newBody(asset.Brotli(html), "br"),
	}
}

func newBody(b []byte, encoding string) body {
	made := body{bytes: b, length: []string{strconv.Itoa(len(b))}}
	if encoding != "" {
		made.encoding = []string{encoding}
	}
	return made
}

func (p *page) size() int { return len(p.plain.bytes) + len(p.gzip.bytes) + len(p.br.bytes) }

func (p *page) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h["Etag"] = p.etag
	h["Cache-Control"] = noCache
	h["Vary"] = vary
	if matches(r.Header.Get("If-None-Match"), p.etag[0]) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	b := &p.plain
	switch asset.Accepts(r.Header.Get("Accept-Encoding")) {
	case "br":
		b = &p.br
	case "gzip":
		b = &p.gzip
	}
	h["Content-Type"] = htmlType
	h["Content-Length"] = b.length
	if b.encoding != nil {
		h["Content-Encoding"] = b.encoding
	}
	if r.Method != http.MethodHead {
		_, _ = w.Write(b.bytes) // the reader may have gone; nobody is left to tell
	}
}

// matches compares weakly, as If-None-Match does (RFC 9110, 13.1.2).
func matches(header, etag string) bool {
	if header == "" {
		return false
	}
	want := strings.TrimPrefix(etag, "W/")
	for part := range strings.SplitSeq(header, ",") {
		part = strings.TrimSpace(part)
		if part == "*" || strings.TrimPrefix(part, "W/") == want {
			return true
		}
	}
	return false
}
