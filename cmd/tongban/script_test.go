package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/pgtemp"
)

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" { // a test runs itself as the program
		main()
		return
	}
	testscript.Main(m, map[string]func(){"tongban": main})
}

// The journeys of testdata/script: the command line, and HTTP against a demo
// city whose address is $URL. Beside testscript's own commands they have:
//
//	http [-token T] [-header K:V] [-until STATUS] METHOD PATH [BODY]
//	                                                   prints the status and the body; asks again until the status
//	upload TOKEN PATH FILE                             sends a file as a form does
//	blob FILE BYTES [BEGINNING]                        makes a file of a size
//	json VARIABLE PATH                                 takes a value of the last body: items.0.id
//	save FILE                                          keeps the last body
//	serve FILE                                         migrates and serves, $SERVED is its address
//
// BODY is JSON, or a file of the script as @name; $VARIABLES are filled in.
func TestScript(t *testing.T) {
	var last sync.Map // script name -> the last body
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("URL", runCity(t))
			env.Setenv("ROOT", root)
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"http": func(ts *testscript.TestScript, neg bool, args []string) {
				last.Store(ts.Name(), request(ts, neg, args))
			},
			"upload": func(ts *testscript.TestScript, neg bool, args []string) { upload(ts, neg, args) },
			"blob":   func(ts *testscript.TestScript, _ bool, args []string) { blob(ts, args) },
			"json":   func(ts *testscript.TestScript, _ bool, args []string) { take(ts, bodyOf(ts, &last), args) },
			"save": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Check(os.WriteFile(ts.MkAbs(args[0]), bodyOf(ts, &last), 0o600))
			},
			"serve": func(ts *testscript.TestScript, neg bool, args []string) { serveCity(ts, neg, args) },
		},
	})
}

func bodyOf(ts *testscript.TestScript, last *sync.Map) []byte {
	body, ok := last.Load(ts.Name())
	if !ok {
		ts.Fatalf("nothing was asked by http yet")
	}
	return body.([]byte)
}

// request sends one request and prints its answer.
func request(ts *testscript.TestScript, neg bool, args []string) []byte {
	header, until := http.Header{"Accept-Language": {"en"}}, ""
	for len(args) > 1 && strings.HasPrefix(args[0], "-") {
		switch args[0] {
		case "-token":
			header.Set("Authorization", "Bearer "+args[1])
		case "-until":
			until = args[1]
		case "-header":
			key, value, _ := strings.Cut(args[1], ":")
			header.Set(key, strings.TrimSpace(value))
		default:
			ts.Fatalf("http: unknown flag %s", args[0])
		}
		args = args[2:]
	}
	if len(args) < 2 {
		ts.Fatalf("usage: http [-token T] [-header K:V] METHOD PATH [BODY]")
	}
	var body []byte
	if len(args) > 2 {
		body = []byte(args[2])
		if name, ok := strings.CutPrefix(args[2], "@"); ok {
			body = []byte(ts.ReadFile(name))
		}
		if header.Get("Content-Type") == "" {
			header.Set("Content-Type", "application/json")
		}
	}
	resp, answer := send(ts, args[0], args[1], header, body)
	for end := time.Now().Add(20 * time.Second); until != "" && strconv.Itoa(resp.StatusCode) != until && time.Now().Before(end); {
		resp, answer = send(ts, args[0], args[1], header, body)
	}
	tell(ts, neg, resp, answer)
	return answer
}

// tell prints an answer. A status of 400 and more fails the command, and is
// what ! asks for.
func tell(ts *testscript.TestScript, neg bool, resp *http.Response, answer []byte) {
	fmt.Fprintf(ts.Stdout(), "%d %s\n%s\n", resp.StatusCode, resp.Header.Get("Content-Type"), answer)
	if bad := resp.StatusCode >= 400; bad != neg {
		ts.Fatalf("%s %s answers %s: %s", resp.Request.Method, resp.Request.URL, resp.Status, answer)
	}
}

// upload sends a file of the script as the form field "file".
func upload(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: upload TOKEN PATH FILE")
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", filepath.Base(args[2]))
	ts.Check(err)
	_, err = io.WriteString(part, ts.ReadFile(args[2]))
	ts.Check(errors.Join(err, form.Close()))
	header := http.Header{"Authorization": {"Bearer " + args[0]}, "Content-Type": {form.FormDataContentType()}, "Accept-Language": {"en"}}
	resp, answer := send(ts, http.MethodPut, args[1], header, body.Bytes())
	tell(ts, neg, resp, answer)
}

// blob makes a file of so many bytes.
func blob(ts *testscript.TestScript, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: blob FILE BYTES [BEGINNING]")
	}
	size, err := strconv.Atoi(args[1])
	ts.Check(err)
	beginning := strings.Join(args[2:], " ")
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(beginning+strings.Repeat("x", size-len(beginning))), 0o600))
}

// send asks the demo, or another host where the address names one.
func send(ts *testscript.TestScript, method, address string, header http.Header, body []byte) (*http.Response, []byte) {
	if !strings.HasPrefix(address, "http") {
		address = ts.Getenv("URL") + address
	}
	req, err := http.NewRequest(method, address, bytes.NewReader(body))
	ts.Check(err)
	req.Header = header
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	ts.Check(err)
	return resp, answer
}

// take sets an environment variable to a value of a JSON body.
func take(ts *testscript.TestScript, body []byte, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: json VARIABLE PATH")
	}
	var value any
	ts.Check(json.Unmarshal(body, &value))
	for step := range strings.SplitSeq(args[1], ".") {
		switch v := value.(type) {
		case map[string]any:
			value = v[step]
		case []any:
			n, err := strconv.Atoi(step)
			if err != nil || n >= len(v) {
				ts.Fatalf("json: no %s in a list of %d", step, len(v))
			}
			value = v[n]
		default:
			ts.Fatalf("json: nothing at %s in %s", step, body)
		}
	}
	if value == nil {
		ts.Fatalf("json: nothing at %s in %s", args[1], body)
	}
	text, ok := value.(string)
	if !ok {
		raw, err := json.Marshal(value)
		ts.Check(err)
		text = string(raw)
	}
	ts.Setenv(args[0], text)
}

// freeAddress is an address where nobody listens now.
func freeAddress(ts *testscript.TestScript) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	defer l.Close()
	return l.Addr().String()
}

// serveCity serves the configuration on a PostgreSQL of its own until the
// script ends.
func serveCity(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: serve FILE")
	}
	ctx, cancel := context.WithCancel(context.Background())
	dir, err := os.MkdirTemp("", "tongban-pg-*")
	ts.Check(err)
	ts.Check(os.Chmod(dir, 0o755)) // as root, PostgreSQL runs as another user
	server, err := pgtemp.Start(ctx, filepath.Join(dir, "pg"))
	ts.Check(err)
	cfg, err := config.Load(ts.MkAbs(args[0]), nil)
	ts.Check(err)
	cfg.Database = server.DSN("postgres")
	cfg.Data = ts.MkAbs("data")
	cfg.Addr = freeAddress(ts)
	cfg.URL = "http://" + cfg.Addr
	cfg.Pack = filepath.Join(ts.Getenv("ROOT"), "packs", "shanghai")
	screen, ended := newConsole(), make(chan error, 1)
	early := serve(ctx, cfg, screen, screen)
	if early == nil || !strings.Contains(early.Error(), "tongban migrate") {
		ts.Fatalf("serve on an empty database: got %v, want to be told of tongban migrate", early)
	}
	ts.Check(migrate(ctx, cfg.Database))
	go func() { ended <- serve(ctx, cfg, screen, screen) }()
	select {
	case <-screen.ready:
		ts.Setenv("SERVED", "http://"+cfg.Addr)
	case err := <-ended:
		ts.Fatalf("serve: %v\n%s", err, screen)
	}
	ts.Defer(func() {
		cancel()
		if err := errors.Join(<-ended, server.Stop(), os.RemoveAll(dir)); err != nil {
			ts.Logf("serve: %v", err)
		}
	})
}
