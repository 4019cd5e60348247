package main

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/tongban/tongban/internal/config"
)

// console is what a program prints; it tells the address of the line "ready".
type console struct {
	ready chan string

	mu   sync.Mutex // guards said
	said bytes.Buffer
}

func newConsole() *console { return &console{ready: make(chan string, 1)} }

// Write implements io.Writer. The program writes a whole line at a time.
func (c *console) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.said.Write(p)
	for line := range strings.Lines(string(p)) {
		if url, ok := strings.CutPrefix(strings.TrimSpace(line), "ready "); ok {
			c.ready <- url
		}
	}
	return len(p), nil
}

func (c *console) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.said.String()
}

// runCity runs the demo in this process until the test ends, and gives its
// address. An error in its log fails the test.
func runCity(t *testing.T) string {
	t.Helper()
	cfg := config.Default()
	cfg.Addr, cfg.Pack, cfg.Data, cfg.Demo, cfg.Log.Level = "127.0.0.1:0", "../../packs/shanghai", t.TempDir(), true, "warn"
	ctx, cancel := context.WithCancel(context.Background())
	screen, ended := newConsole(), make(chan error, 1)
	go func() { ended <- runDemo(ctx, cfg, townResidents, screen, screen) }()
	select {
	case url := <-screen.ready:
		t.Cleanup(func() {
			cancel()
			if err := <-ended; err != nil {
				t.Errorf("the demo ends with %v", err)
			}
			if said := screen.String(); strings.Contains(said, "level=ERROR") {
				t.Errorf("the demo's log has errors:\n%s", said)
			}
		})
		return url
	case err := <-ended:
		cancel()
		t.Fatalf("the demo does not start: %v\n%s", err, screen)
		return ""
	}
}

// townResidents is how many synthetic residents a test city has: enough for
// counts that may be shown.
const townResidents = 300
