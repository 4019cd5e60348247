// Package asset serves files that never change under their address: the
// address carries the first digits of the content's SHA-256, so a browser may
// keep the file for ever. Each file is compressed once, with brotli and gzip,
// when the set is made.
package asset

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/andybalholm/brotli"
)

const forever = "public, max-age=31536000, immutable"

// Set is a read-only set of files under one prefix; safe for concurrent use.
type Set struct {
	prefix string
	urls   map[string]string // name -> address
	files  map[string]*file  // address -> file
}

type file struct {
	mediaType string
	plain     []byte
	gzip      []byte
	brotli    []byte
}

// New makes the set of the given files, by name, with addresses under prefix
// ("/assets/").
func New(prefix string, content map[string][]byte) *Set {
	s := &Set{prefix: prefix, urls: map[string]string{}, files: map[string]*file{}}
	for name, body := range content {
		sum := sha256.Sum256(body)
		ext := path.Ext(name)
		url := prefix + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
		s.urls[name] = url
		s.files[url] = &file{mediaType: mediaType(ext), plain: body, gzip: Gzip(body), brotli: Brotli(body)}
	}
	return s
}

// URL is the address of a file, with its hash. A name that is not in the set
// gives an address that is not found.
func (s *Set) URL(name string) string {
	if url, ok := s.urls[name]; ok {
		return url
	}
	return s.prefix + name
}

// ServeHTTP answers GET and HEAD for the set's addresses.
func (s *Set) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := s.files[r.URL.Path]
	if !ok || r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.mediaType)
	h.Set("Cache-Control", forever)
	h.Set("Vary", "Accept-Encoding")
	h.Set("X-Content-Type-Options", "nosniff")
	body, encoding := f.plain, Accepts(r.Header.Get("Accept-Encoding"))
	switch encoding {
	case "br":
		body = f.brotli
	case "gzip":
		body = f.gzip
	}
	if encoding != "" {
		h.Set("Content-Encoding", encoding)
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // the reader may have gone; nobody is left to tell
	}
}

// Accepts is the best encoding that an Accept-Encoding header takes: "br",
// "gzip" or "" for none. A coding with q=0 is refused (RFC 9110, 12.5.3).
func Accepts(header string) string {
	gzip := false
	for part := range strings.SplitSeq(header, ",") {
		name, parameter, _ := strings.Cut(strings.TrimSpace(part), ";")
		if refused(parameter) {
			continue
		}
		switch strings.TrimSpace(name) {
		case "br":
			return "br"
		case "gzip":
			gzip = true
		}
	}
	if gzip {
		return "gzip"
	}
	return ""
}

func refused(parameter string) bool {
	value, ok := strings.CutPrefix(strings.TrimSpace(parameter), "q=")
	return ok && strings.Trim(value, "0.") == ""
}

// Brotli is body, compressed once and well.
func Brotli(body []byte) []byte {
	var b bytes.Buffer
	w := brotli.NewWriterLevel(&b, 9)
	_, _ = w.Write(body) // a bytes.Buffer takes everything
	_ = w.Close()
	return b.Bytes()
}

// Gzip is body, compressed once and well.
func Gzip(body []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is a valid one
	_, _ = w.Write(body)
	_ = w.Close()
	return b.Bytes()
}

func mediaType(ext string) string {
	switch ext {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	if t := mime.TypeByExtension(ext); t != "" {
		return t
	}
	return "application/octet-stream"
}
