package ui

import (
	"bytes"
	"context"
	"embed"
	"io"
	"io/fs"
	"strings"
	"sync"

	"github.com/a-h/templ"
)

//go:embed icons/*.svg
var iconFiles embed.FS

// icons are the drawings inside the svg elements, by Lucide's names.
var icons = sync.OnceValue(func() map[string]string {
	drawings := map[string]string{}
	entries, err := fs.ReadDir(iconFiles, "icons")
	if err != nil {
		return drawings
	}
	for _, entry := range entries {
		src, err := fs.ReadFile(iconFiles, "icons/"+entry.Name())
		if err != nil {
			continue
		}
		drawings[strings.TrimSuffix(entry.Name(), ".svg")] = drawing(src)
	}
	return drawings
})

func drawing(src []byte) string {
	_, inner, _ := bytes.Cut(src, []byte("stroke-linejoin=\"round\"\n>"))
	inner, _, _ = bytes.Cut(inner, []byte("</svg>"))
	return string(bytes.Join(bytes.Fields(inner), []byte(" ")))
}

// HasIcon reports whether there is an icon of that name, for the check of a
// city pack.
func HasIcon(name string) bool { return icons()[name] != "" }

// Icon draws a Lucide icon (ISC), hidden from screen readers: words stand
// beside it always. An unknown name gives a plain sheet of paper.
func Icon(name string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		inner, ok := icons()[name]
		if !ok {
			inner = icons()["file-text"]
		}
		_, err := io.WriteString(w, `<svg class="tb-icon" viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">`+inner+`</svg>`)
		return err
	})
}
