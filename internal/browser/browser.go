// Package browser drives a real Chromium through the pages, for tests: as a
// person does, by the words that stand on links and buttons, with the mouse
// where it really hits and typing where the focus is.
//
// Every page that a window comes to is held to the rules of the house: what
// was asked for stays on this site, nothing is said on the console, no content
// security rule is broken. Check holds it to the rest: one heading, one main
// button, no sideways scrolling, and no finding of axe-core.
//
// A browser that cannot be had fails the test; nothing is skipped.
package browser

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// Size is how large a window is, in CSS pixels; Touch makes it a phone.
type Size struct {
	Name          string
	Width, Height int64
	Touch         bool
}

// The sizes that pages are made for.
var (
	Phone   = Size{Name: "phone", Width: 360, Height: 740, Touch: true}
	Tablet  = Size{Name: "tablet", Width: 768, Height: 1024}
	Desktop = Size{Name: "desktop", Width: 1280, Height: 900}
)

// Browser is one running Chromium. Its windows may be used at the same time,
// each by one goroutine.
type Browser struct {
	ctx context.Context

	mu      sync.Mutex      // guards checked
	checked map[string]bool // page types that axe has looked at
}

// programs are the names that Chromium goes by.
var programs = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"}

// Open starts a browser that ends with the test.
func Open(t testing.TB) *Browser {
	t.Helper()
	program, err := find()
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.UserDataDir(t.TempDir()),
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.CombinedOutput(&said), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-dev-shm-usage", false), chromedp.Flag("lang", "zh-CN"),
		chromedp.Flag("disable-features", "Translate,BackForwardCache,SpareRendererForSitePerProcess,OptimizationHints,MediaRouter"))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Logf("browser: end: %v", err)
		}
		cancel()
		stop()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("browser: %s does not start: %v\n%s", program, err, said.String())
	}
	return &Browser{ctx: ctx, checked: map[string]bool{}}
}

func find() (string, error) {
	for _, name := range programs {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("browser: there is no Chromium on this machine (looked for %v): run make test, which installs it, or apt-get install chromium", programs)
}

// first reports whether a page type is seen for the first time.
func (b *Browser) first(kind string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	seen := b.checked[kind]
	b.checked[kind] = true
	return !seen
}
