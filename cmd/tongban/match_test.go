package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats-server/v2/server"

	"github.com/tongban/tongban/eligibility"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/workday"
)

// asProgram, set in the environment, makes the test binary the program.
const asProgram = "TONGBAN_TEST_AS_PROGRAM"

func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	return cmd
}

// townOf is a snapshot of n residents of the sample city.
func townOf(t *testing.T, n int) string {
	t.Helper()
	city, err := loadCity("packs/shanghai")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "resident.tbp")
	first, _ := workday.ParseDate("1926-01-01")
	rows := func(yield func(eligibility.Row, error) bool) {
		for i := range n {
			facts := eligibility.Facts{"population.birth": first.AddDays(i * 7 % 36000), "population.alive": i%11 != 0,
				"population.hukou_city": []string{"上海", "杭州", "上海"}[i%3], "insurance.months": int64(i % 400)}
			if !yield(eligibility.Row{ID: party.ID(fmt.Sprintf("r%07d", i)), Facts: facts}, nil) {
				return
			}
		}
	}
	if err := eligibility.Build(t.Context(), path, eligibility.NewSchema(city.Attributes, "resident"), rows, nil); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestMatchOverThreeProcesses has three nodes count, kills one of them in the
// middle, and wants the answer of one that counts alone.
func TestMatchOverThreeProcesses(t *testing.T) {
	hub, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true})
	if err != nil {
		t.Fatal(err)
	}
	hub.Start()
	defer hub.Shutdown()
	if !hub.ReadyForConnections(20 * time.Second) {
		t.Fatal("the NATS server does not start")
	}
	snapshot := townOf(t, 200_000)
	same := []string{"--snapshot", snapshot, "--bus", hub.ClientURL(), "--as-of", "2026-11-23"}
	var nodes []*exec.Cmd
	for i := range 3 {
		node := program(t, append([]string{"match", "node", "--name", fmt.Sprint("node", i)}, same...)...)
		out, err := node.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		node.Stderr = os.Stderr
		if err := node.Start(); err != nil {
			t.Fatal(err)
		}
		defer func() {
			_ = node.Process.Kill()
			_ = node.Wait()
		}()
		if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || !strings.HasPrefix(line, "ready node") {
			t.Fatalf("node %d says %q, %v", i, line, err)
		}
		nodes = append(nodes, node)
	}
	gather := program(t, append([]string{"match", "gather", "--near", "--json", "--ranges", "48", "--at", "4", "--patience", "1s"}, same...)...)
	progress, err := gather.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	gather.Stdout = &out
	if err := gather.Start(); err != nil {
		t.Fatal(err)
	}
	by, killed := map[string]int{}, false
	for lines := bufio.NewScanner(progress); lines.Scan(); {
		_, node, ok := strings.Cut(lines.Text(), ", by ")
		if !ok {
			t.Errorf("gather says %q", lines.Text())
		}
		by[node]++
		if node == "node1" && !killed { // it has begun to answer, and the count goes on
			killed = true
			if err := nodes[1].Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := gather.Wait(); err != nil {
		t.Fatal(err)
	}
	if !killed || by["node1"] > 40 || len(by) < 2 {
		t.Errorf("ranges by node %v: want one of them killed while there was work for the others", by)
	}
	alone := counted(t, snapshot)
	var got struct {
		Subjects int
		Policies []matchCount
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(alone, got.Policies); diff != "" || got.Subjects != 200_000 {
		t.Errorf("%d subjects, and not as one alone counts: %s", got.Subjects, diff)
	}
}

// counted is the same by one process.
func counted(t *testing.T, snapshot string) []matchCount {
	t.Helper()
	city, err := loadCity("packs/shanghai")
	if err != nil {
		t.Fatal(err)
	}
	pop, err := eligibility.Open(snapshot, eligibility.NewSchema(city.Attributes, "resident"))
	if err != nil {
		t.Fatal(err)
	}
	defer pop.Close()
	day, _ := workday.ParseDate("2026-11-23")
	prog, err := eligibility.ProgramOf(city, "resident", day)
	if err != nil {
		t.Fatal(err)
	}
	counts, err := pop.Count(t.Context(), prog, eligibility.Options{Near: true})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := (matchOptions{json: true}).print(&out, city, day, counts, 0); err != nil {
		t.Fatal(err)
	}
	var whole struct{ Policies []matchCount }
	if err := json.Unmarshal(out.Bytes(), &whole); err != nil {
		t.Fatal(err)
	}
	yes := 0
	for _, p := range whole.Policies {
		yes += p.Yes
	}
	if yes == 0 {
		t.Error("nobody is entitled to anything: the test counts nothing")
	}
	return whole.Policies
}
