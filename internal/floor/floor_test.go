// Package floor holds the plan of the house: a package may import its own floor
// and those below, never one above. Only cmd wires everything.
package floor

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/tongban/tongban/"

// floors are the packages by floor; a folder stands for all that is in it.
var floors = [][]string{
	{"fault", "workday", "criterion", "process", "ledger", "internal", "packs"},
	{"party", "catalog", "form", "policy"},
	{"exchange", "licence", "eligibility"},
	{"casework", "outreach", "grant"},
	{"identity", "demo", "api", "web"},
	{"bench"},
	{"cmd"},
}

// exceptions are imports that go up, each with its reason.
var exceptions = map[string]string{}

func floorOf(pkg string) int {
	top, _, _ := strings.Cut(pkg, "/")
	for n, names := range floors {
		for _, name := range names {
			if name == top {
				return n
			}
		}
	}
	return -1
}

type listed struct {
	ImportPath string
	Imports    []string
}

func list(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestFloors(t *testing.T) {
	packages := list(t)
	if len(packages) < 20 {
		t.Fatalf("go list: got %d packages, want the whole house", len(packages))
	}
	used := map[string]bool{}
	for _, p := range packages {
		from := strings.TrimPrefix(p.ImportPath, module)
		if floorOf(from) < 0 {
			t.Errorf("%s stands on no floor: give it one", from)
		}
		for _, imported := range p.Imports {
			to, ours := strings.CutPrefix(imported, module)
			if !ours || floorOf(to) <= floorOf(from) {
				continue
			}
			edge := from + " -> " + to
			used[edge] = true
			if exceptions[edge] == "" {
				t.Errorf("%s (floor %d) imports %s (floor %d): imports go down", from, floorOf(from), to, floorOf(to))
			}
		}
	}
	for edge := range exceptions {
		if !used[edge] {
			t.Errorf("the exception %s is not needed any more", edge)
		}
	}
}

// What verifies a licence must run anywhere, so it has no database in it.
func TestVerifyHasNoDatabase(t *testing.T) {
	cmd := exec.Command("go", "list", "-deps", "./licence/verify")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for _, dep := range strings.Fields(string(out)) {
		if dep == module+"internal/db" || dep == "database/sql" || strings.HasPrefix(dep, "modernc.org/") {
			t.Errorf("licence/verify depends on %s, want no database", dep)
		}
	}
}
