package desk

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"sync"

	"github.com/tongban/tongban/web/ui"
	"github.com/tongban/tongban/web/ui/asset"
)

//go:embed assets/*.css assets/*.js
var assetFiles embed.FS

// assets are the desk's style sheet and script, what only the pages of policies
// need, and the viewer of process diagrams, which only a case's page asks for.
var assets = sync.OnceValue(func() *asset.Set {
	read := func(name string) []byte {
		b, err := fs.ReadFile(assetFiles, "assets/"+name)
		if err != nil {
			panic("desk: " + err.Error()) // embedded when the program was built
		}
		return b
	}
	return asset.New(pathAssets, map[string][]byte{
		"desk.css":    ui.Squeeze(read("desk.css")),
		"desk.js":     read("desk.js"),
		"rule.css":    ui.Squeeze(read("rule.css")),
		"rule.js":     read("rule.js"),
		"diagram.js":  read("diagram.js"),
		"viewer.js":   read("bpmn-navigated-viewer.production.min.js"),
		"diagram.css": append(read("diagram-js.css"), read("bpmn-js.css")...),
	})
})

// assetURL is the address of one of the desk's files.
func assetURL(name string) string { return assets().URL(name) }

// diagram sends the process that the case runs on, as it was drawn.
func (d *desk) diagram(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	c, err := d.Office.Case(ctx, visitor(ctx).Principal, r.PathValue("case"))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(c.Process.Source()) // the reader may have gone; nobody is left to tell
	return nil
}
