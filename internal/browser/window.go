package browser

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long a page may take on a loaded machine.
const patience = 30 * time.Second

// Window is one person's window, with cookies of its own. All its methods fail
// the test, and say where the window was, when what they need is not there.
type Window struct {
	t       testing.TB
	browser *Browser
	ctx     context.Context
	origin  string
	size    Size
	loaded  chan struct{}

	mu     sync.Mutex // guards what follows, which the browser's messages fill
	faults []string
}

// Window opens an empty window onto the site at origin.
func (b *Browser) Window(t testing.TB, origin string, size Size) *Window {
	t.Helper()
	w := &Window{t: t, browser: b, origin: origin, size: size, loaded: make(chan struct{}, 1)}
	var cancel context.CancelFunc
	w.ctx, cancel = chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(w.hear))
	t.Cleanup(cancel)
	var emulate []chromedp.EmulateViewportOption
	if size.Touch {
		emulate = append(emulate, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulatePortrait)
	}
	if err := chromedp.Do(w.ctx, chromedp.EmulateViewport(size.Width, size.Height, emulate...)); err != nil {
		t.Fatalf("browser: window: %v", err)
	}
	return w
}

// hear is called by the browser's messages.
func (w *Window) hear(ev any) {
	switch ev := ev.(type) {
	case *page.EventLoadEventFired:
		select {
		case w.loaded <- struct{}{}:
		default:
		}
	case *network.EventRequestWillBeSent:
		if u, err := url.Parse(ev.Request.URL); err != nil || (u.Scheme != "data" && u.Scheme+"://"+u.Host != w.origin) {
			w.fault("asks a third party: %s", ev.Request.URL)
		}
	case *runtime.EventConsoleAPICalled:
		if ev.Type == runtime.ConsoleAPICalledTypeError || ev.Type == runtime.ConsoleAPICalledTypeWarning {
			var words []string
			for _, a := range ev.Args {
				words = append(words, string(a.Value)+a.Description)
			}
			w.fault("console: %s", strings.Join(words, " "))
		}
	case *runtime.EventExceptionThrown:
		w.fault("exception: %s %s", ev.ExceptionDetails.Text, described(ev.ExceptionDetails.Exception))
	case *log.EventEntryAdded:
		// A page of an error has its status on the console too; that is not the page's fault.
		if ev.Entry.Level == log.EntryLevelError && !strings.HasPrefix(ev.Entry.Text, "Failed to load resource: the server responded with a status of 4") {
			w.fault("console: %s: %s (%s)", ev.Entry.Source, ev.Entry.Text, ev.Entry.URL)
		}
	}
}

func described(o *runtime.RemoteObject) string {
	if o == nil {
		return ""
	}
	return o.Description
}

func (w *Window) fault(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults = append(w.faults, fmt.Sprintf(format, args...))
}

// blame reports the faults that the pages had since the last call.
func (w *Window) blame() {
	w.t.Helper()
	w.mu.Lock()
	faults := w.faults
	w.faults = nil
	w.mu.Unlock()
	for _, f := range faults {
		w.t.Errorf("%s: %s", w.where(), f)
	}
}

// run is one action with the window's patience.
func run[T any](w *Window, what string, action chromedp.Action[T]) T {
	w.t.Helper()
	return runFor(w, patience, what, action)
}

// runFor is run with a patience of its own.
func runFor[T any](w *Window, patience time.Duration, what string, action chromedp.Action[T]) T {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, action)
	if err != nil {
		w.fail("%s: %v", what, err)
	}
	return v
}

// fail ends the test with what stands in the window.
func (w *Window) fail(format string, args ...any) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, 5*time.Second)
	defer cancel()
	text, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`document.body.innerText.replace(/\s*\n\s*/g, "\n").slice(0, 2000)`)) // an empty page says enough
	w.Shot("failed-" + filepath.Base(w.t.Name()))
	w.t.Fatalf("%s: %s\n--- the page ---\n%s", w.where(), fmt.Sprintf(format, args...), text)
}

func (w *Window) where() string {
	ctx, cancel := context.WithTimeout(w.ctx, 5*time.Second)
	defer cancel()
	at, err := chromedp.Run(ctx, chromedp.Location())
	if err != nil {
		return "window: " + err.Error()
	}
	return w.size.Name + " " + strings.TrimPrefix(at, w.origin)
}

// Open goes to an address of the site, as one does who types it.
func (w *Window) Open(path string) {
	w.t.Helper()
	w.Loads("opening "+path, func() {
		run(w, "open "+path, chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
			_, err := chromedp.Call(ctx, page.Navigate, page.NavigateParams{URL: w.origin + path})
			return err
		}))
	})
}

// Path is where the window is, without host, query and fragment.
func (w *Window) Path() string {
	w.t.Helper()
	return run(w, "path", chromedp.Evaluate[string](`location.pathname`))
}

// Text is what one can read, with single spaces.
func (w *Window) Text() string {
	w.t.Helper()
	return strings.Join(strings.Fields(run(w, "text", chromedp.Evaluate[string](`document.body.innerText`))), " ")
}

// Sees fails unless each of the words can be read.
func (w *Window) Sees(words ...string) {
	w.t.Helper()
	text := w.Text()
	for _, word := range words {
		if !strings.Contains(text, word) {
			w.fail("does not see %q", word)
		}
	}
}

// Has reports whether an element is there.
func (w *Window) Has(selector string) bool {
	w.t.Helper()
	return run(w, selector, chromedp.Evaluate[bool](fmt.Sprintf(`document.querySelector(%q) !== null`, selector)))
}

// Wait waits until a JavaScript expression is true.
func (w *Window) Wait(expression string) {
	w.t.Helper()
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for end := time.After(patience); ; {
		ctx, cancel := context.WithTimeout(w.ctx, patience)
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("Boolean("+expression+")"))
		cancel()
		if err == nil && ok {
			return
		}
		select {
		case <-look.C:
		case <-end:
			w.fail("waits in vain for %s (%v)", expression, err)
		}
	}
}

// Eval is the value of a JavaScript expression.
func Eval[T any](w *Window, expression string) T {
	w.t.Helper()
	return run(w, "evaluate", chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// Key presses keys, as in "j" or "\r".
func (w *Window) Key(keys string) {
	w.t.Helper()
	run(w, "keys", chromedp.KeyEvent(keys))
}

// Loads waits for the page that doing something leads to: until another
// document than the present one is complete.
func (w *Window) Loads(what string, do func()) {
	w.t.Helper()
	before, _ := w.document()
	do()
	look := time.NewTicker(100 * time.Millisecond) // in case the message came before its page could be asked
	defer look.Stop()
	for end := time.After(patience); ; {
		select {
		case <-w.loaded:
		case <-look.C:
		case <-end:
			w.fail("%s leads to no page", what)
		}
		if now, complete := w.document(); complete && now != before {
			w.blame()
			return
		}
	}
}

// document tells documents apart, and whether the one in the window is there
// as a whole. Between two documents there is none.
func (w *Window) document() (birth float64, complete bool) {
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	birth, err := chromedp.Run(ctx, chromedp.Evaluate[float64](`document.readyState === "complete" ? performance.timeOrigin : 0`))
	return birth, err == nil && birth > 0
}

// shots is where pictures go; without it none are taken.
const shots = "TONGBAN_TEST_SHOTS"

// Shot takes a picture of the whole page into the folder that
// TONGBAN_TEST_SHOTS names.
func (w *Window) Shot(name string) {
	dir := os.Getenv(shots)
	if dir == "" {
		return
	}
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		w.t.Logf("picture of %s: %v", name, err)
		return
	}
	file := fmt.Sprintf("%s-%d.png", strings.ReplaceAll(name, "/", "_"), w.size.Width)
	if err := os.WriteFile(filepath.Join(dir, file), picture, 0o600); err != nil {
		w.t.Logf("picture: %v", err)
	}
}

// press hits a point with the mouse, or with a finger.
func (w *Window) press(x, y float64) {
	w.t.Helper()
	if w.size.Touch {
		run(w, "tap", chromedp.TapXY(x, y))
		return
	}
	run(w, "click", chromedp.MouseClickXY(x, y))
}

// insert types into what has the focus.
func (w *Window) insert(text string) {
	w.t.Helper()
	run(w, "type", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, input.InsertText, input.InsertTextParams{Text: text})
		return err
	}))
}
