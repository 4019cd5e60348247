package ui

import (
	"embed"
	"io/fs"
	"net/http"
	"strings"
	"sync"

	"github.com/tongban/tongban/web/ui/asset"
)

//go:embed assets/*.css assets/*.js assets/*.svg
var assetFiles embed.FS

// assets are the theme, the script and the seal; the two style sheets are
// served as one.
var assets = sync.OnceValue(func() *asset.Set {
	read := func(name string) []byte {
		b, err := fs.ReadFile(assetFiles, "assets/"+name)
		if err != nil {
			panic("ui: " + err.Error()) // embedded when the program was built
		}
		return b
	}
	css := append(read("govuk.css"), Squeeze(read("theme.css"))...)
	return asset.New("/assets/", map[string][]byte{
		"tongban.css": css,
		"tongban.js":  read("tongban.js"),
		"seal.svg":    read("seal.svg"),
	})
})

// Asset is the address of one of the shared files.
func Asset(name string) string { return assets().URL(name) }

// Assets serves the shared files, under /assets/.
func Assets() http.Handler { return assets() }

// Worker serves the service worker, at /sw.js: it stands at the root, so that
// it may answer for every page when there is no network.
func Worker() http.Handler {
	src, err := assetFiles.ReadFile("assets/sw.js")
	if err != nil {
		panic("ui: " + err.Error()) // embedded when the program was built
	}
	body := strings.NewReplacer("{css}", Asset("tongban.css"), "{seal}", Asset("seal.svg")).Replace(string(src))
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = w.Write([]byte(body)) // the reader may have gone; nobody is left to tell
	})
}

// Squeeze takes comments, line ends and indents out of a style sheet. It knows
// no strings with such things in them, and ours have none.
func Squeeze(css []byte) []byte {
	var b strings.Builder
	rest := string(css)
	for {
		before, after, found := strings.Cut(rest, "/*")
		for line := range strings.SplitSeq(before, "\n") {
			b.WriteString(strings.TrimSpace(line))
		}
		if !found {
			return []byte(b.String())
		}
		_, rest, _ = strings.Cut(after, "*/")
	}
}
