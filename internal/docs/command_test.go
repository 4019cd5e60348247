package docs

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// work is where the binary is built; TestMain makes and removes it.
var work string

func TestMain(m *testing.M) {
	var err error
	if work, err = os.MkdirTemp("", "tongban-docs-*"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(work) // it is in the temporary folder
	os.Exit(code)
}

// program is the binary, built once for all tests.
var program = sync.OnceValues(func() (string, error) {
	name := filepath.Join(work, "tongban")
	cmd := exec.Command("go", "build", "-o", name, "./cmd/tongban")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return name, nil
})

func built(t *testing.T) string {
	t.Helper()
	name, err := program()
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// help is what the program says of a command.
var help = func() func(bin string, command ...string) (string, error) {
	var mu sync.Mutex // guards known
	known := map[string]string{}
	return func(bin string, command ...string) (string, error) {
		mu.Lock()
		defer mu.Unlock()
		key := strings.Join(command, " ")
		if text, ok := known[key]; ok {
			return text, nil
		}
		out, err := exec.Command(bin, append(slices.Clone(command), "--help")...).CombinedOutput()
		if err != nil {
			return "", fmt.Errorf("tongban %s --help: %w\n%s", key, err, out)
		}
		known[key] = string(out)
		return known[key], nil
	}
}()

var (
	subcommands = regexp.MustCompile(`(?s)Available Commands:\n(.*?)\n\n`)
	flagName    = regexp.MustCompile(`--([a-z][a-z-]*)`)
)

// checkCommand holds the words behind "tongban" to the program's own help.
func checkCommand(bin string, words []string) error {
	var command []string
	for {
		text, err := help(bin, command...)
		if err != nil {
			return err
		}
		m := subcommands.FindStringSubmatch(text + "\n\n")
		if m == nil {
			return checkFlags(text, words)
		}
		if len(words) == 0 {
			return nil // a group, named as such
		}
		if strings.HasPrefix(words[0], "-") { // a group that also does something itself
			return checkFlags(text, words)
		}
		known := false
		for line := range strings.Lines(m[1]) {
			fields := strings.Fields(line)
			known = known || len(fields) > 0 && fields[0] == words[0]
		}
		if !known {
			return fmt.Errorf("tongban %s has no command %q", strings.Join(command, " "), words[0])
		}
		command, words = append(command, words[0]), words[1:]
	}
}

func checkFlags(text string, words []string) error {
	var known []string
	for _, m := range flagName.FindAllStringSubmatch(text, -1) {
		known = append(known, m[1])
	}
	for _, w := range words {
		if name, ok := strings.CutPrefix(w, "--"); ok && name != "" {
			name, _, _ = strings.Cut(name, "=")
			if !slices.Contains(known, name) {
				return fmt.Errorf("there is no flag --%s; there are %v", name, known)
			}
		}
	}
	return nil
}

// lines are the commands of a shell block, each on one line.
func lines(b block) []string {
	var list []string
	for line := range strings.Lines(strings.ReplaceAll(b.text, "\\\n", " ")) {
		line, _, _ = strings.Cut(line, " #")
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			list = append(list, line)
		}
	}
	return list
}

// plain are the other programs that the documents call.
var plain = []string{"cd", "cp", "createdb", "createuser", "curl", "git", "mkdir", "pg_dump", "pg_restore", "tar", "export", "sudo"}

// TestCommands holds every command in a shell block to what there is: the
// program's subcommands and flags, make's targets, Go's packages.
func TestCommands(t *testing.T) {
	bin := built(t)
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, d := range documents(t) {
		for _, b := range d.blocks {
			if lang, _, _ := strings.Cut(b.info, " "); lang != "sh" {
				continue
			}
			for _, line := range lines(b) {
				seen++
				if err := checkLine(bin, string(makefile), line); err != nil {
					t.Errorf("%s:%d: %s: %v", d.name, b.line, line, err)
				}
			}
		}
	}
	if seen < 20 {
		t.Errorf("got %d commands in all documents, want more: are the fences still marked sh?", seen)
	}
}

func checkLine(bin, makefile, line string) error {
	words := strings.Fields(line)
	for strings.Contains(words[0], "=") && len(words) > 1 { // VAR=value before a command
		words = words[1:]
	}
	switch {
	case words[0] == "tongban" || words[0] == "bin/tongban":
		return checkCommand(bin, words[1:])
	case words[0] == "make":
		for _, target := range words[1:] {
			if !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(target) + `:`).MatchString(makefile) {
				return fmt.Errorf("make has no target %s", target)
			}
		}
	case words[0] == "go" && len(words) > 2 && words[1] == "run" && words[2] == "./cmd/tongban":
		return checkCommand(bin, words[3:])
	case words[0] == "go":
		for _, w := range words[1:] {
			name, ok := strings.CutPrefix(w, "./")
			if !ok {
				continue
			}
			if _, err := os.Stat(filepath.Join(root, strings.TrimSuffix(name, "..."))); err != nil {
				return err
			}
		}
	case !slices.Contains(plain, words[0]):
		return errors.New("a program that these documents do not speak of elsewhere")
	}
	return nil
}

// TestSpans holds commands in running text to the program: code that begins
// with "tongban ". Decision records may speak of what is to come.
func TestSpans(t *testing.T) {
	bin := built(t)
	for _, d := range documents(t) {
		if strings.HasPrefix(d.name, "docs/adr/") {
			continue
		}
		for _, span := range d.spans {
			if command, ok := strings.CutPrefix(span, "tongban "); ok {
				if err := checkCommand(bin, strings.Fields(command)); err != nil {
					t.Errorf("%s: `%s`: %v", d.name, span, err)
				}
			}
		}
	}
}

// TestRun runs the blocks that are marked "sh run", as they stand.
func TestRun(t *testing.T) {
	bin := built(t)
	ran := 0
	for _, d := range documents(t) {
		if strings.HasSuffix(d.name, ".zh-CN.md") {
			continue // the same, see TestLanguages
		}
		for _, b := range d.blocks {
			if b.info != "sh run" {
				continue
			}
			ran++
			script := strings.ReplaceAll(b.text, "go run ./cmd/tongban", bin)
			cmd := exec.Command("bash", "-euo", "pipefail", "-c", script)
			cmd.Dir = root
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s:%d: %v\n%s", d.name, b.line, err, out)
			}
		}
	}
	if ran == 0 {
		t.Error("no block is marked sh run")
	}
}

// TestDemo starts the demo as the README says, on a free port.
func TestDemo(t *testing.T) {
	readme := readDocument(t, "README.md")
	if !slices.ContainsFunc(readme.blocks, func(b block) bool { return slices.Contains(lines(b), "go run ./cmd/tongban demo") }) {
		t.Fatal("the README does not say how to start the demo")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, built(t), "demo", "--addr", "127.0.0.1:0")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	var log strings.Builder
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	url, ready := strings.CutPrefix(strings.TrimSpace(line), "ready ")
	if err != nil || !ready {
		cancel()
		_ = cmd.Wait() // the line says more
		t.Fatalf("the demo printed %q (%v), want ready URL\n%s", line, err, log.String())
	}
	for _, tt := range []struct{ page, want string }{
		{"/", "想办什么事"}, {"/?lang=en", "What do you need to do"}, {"/openapi.json", `"openapi"`},
		{"/metrics", "tongban_http"}, // last: it counts the others
	} {
		if body, err := fetch(url + tt.page); err != nil || !strings.Contains(body, tt.want) {
			t.Errorf("GET %s: got %d bytes, %v; want %q in it", tt.page, len(body), err, tt.want)
		}
	}
	cancel()
	if err := cmd.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("the demo ended with %v, want it to end well\n%s", err, log.String())
	}
}

func fetch(url string) (string, error) {
	r, err := http.Get(url)
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err == nil && r.StatusCode != http.StatusOK {
		err = errors.New(r.Status)
	}
	return string(body), err
}
