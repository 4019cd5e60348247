package bench

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/pgtemp"
)

// The victim is this test binary, started again with these in its environment.
const (
	victimDSN  = "TONGBAN_CRASH_DSN"
	victimFrom = "TONGBAN_CRASH_FROM" // its first resident
)

const (
	crashes = 20 // on each engine
	perRun  = 30 // cases that a victim begins with
	clients = 8  // of a victim, at the same time
)

func TestMain(m *testing.M) {
	if dsn := os.Getenv(victimDSN); dsn != "" {
		fmt.Fprintln(os.Stderr, victim(dsn, os.Getenv(victimFrom)))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// victim runs whole cases on as many clients, and writes a line to file 3 for
// each command that was answered; then it waits to be killed.
func victim(dsn, first string) error {
	ctx := context.Background()
	from, err := strconv.Atoi(first)
	if err != nil {
		return err
	}
	w, err := open(ctx, engineOf(dsn), dsn)
	if err != nil {
		return err
	}
	defer w.close()
	w.tell()
	w.work(ctx)
	drafts, err := w.drafts(ctx, from, perRun)
	if err != nil {
		return err
	}
	acks := os.NewFile(3, "acks")
	fmt.Fprintln(acks, "ready")
	if err := parallel(clients, perRun, func(_, n int) error { return w.acknowledge(ctx, acks, from+n, drafts[n]) }); err != nil {
		fmt.Fprintln(os.Stderr, err) // the server was killed: so are we, soon
	}
	<-ctx.Done()
	return nil
}

func engineOf(dsn string) db.Engine {
	if dsn[:6] == "sqlite" {
		return db.SQLite
	}
	return db.Postgres
}

// tell makes the sending of a notice an effect in the database, to be counted.
func (w *world) tell() {
	w.worker.HandleAll(casework.JobNotice, func(ctx context.Context, tx db.Tx, jobs []db.Job) error {
		for _, job := range jobs {
			if _, err := tx.Later().ExecContext(ctx, "INSERT INTO crash_told (key) VALUES ($1)", job.Key); err != nil {
				return err
			}
		}
		return nil
	})
}

// acknowledge takes one case from its draft to its licence and writes down
// each answer: "CASE NUMBER COMMANDS".
func (w *world) acknowledge(ctx context.Context, acks io.Writer, n int, draft string) error {
	r, err := w.office.Submit(ctx, citizen(n), "", nil, draft)
	if err != nil {
		return err
	}
	c := r.Cases[0]
	fmt.Fprintln(acks, c.ID, c.Number, 1)
	for i, choice := range []string{"accept", "approve", "approve", "approve", "approve"} {
		if _, err := w.office.Complete(ctx, officer, c.ID, fmt.Sprintf("t%d", i+1), casework.Outcome{Choice: choice}); err != nil {
			return err
		}
		fmt.Fprintln(acks, c.ID, c.Number, i+2)
	}
	return nil
}

// ack is the last thing that a victim was told of a case.
type ack struct {
	number   string
	commands int
}

// kill starts a victim on the database and kills it after so many answers; it
// gives every answer that the victim got. before is run just before the blow.
func kill(t *testing.T, dsn string, from, after int, before func()) map[string]ack {
	t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victimDSN+"="+dsn, victimFrom+"="+strconv.Itoa(from))
	cmd.ExtraFiles, cmd.Stderr = []*os.File{writer}, os.Stderr
	if before != nil {
		cmd.Stderr = nil // it complains of a server that is gone
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	writer.Close()
	acks := map[string]ack{}
	lines := bufio.NewScanner(reader)
	for n := 0; lines.Scan(); n++ {
		if n == after {
			if before != nil {
				before()
			}
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
		var caseID string
		var a ack
		if _, err := fmt.Sscan(lines.Text(), &caseID, &a.number, &a.commands); err != nil {
			continue // "ready", or the line that the blow cut off
		}
		acks[caseID] = a
	}
	if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != -1 {
		t.Fatalf("the victim ended by itself: %v", err)
	}
	reader.Close()
	return acks
}

// A process that is killed in the middle of everything loses nothing that it
// has acknowledged, and leaves nothing half done.
func TestCrashSQLite(t *testing.T) {
	t.Parallel()
	dsn := "sqlite:" + filepath.Join(t.TempDir(), "crash.db")
	crash(t, dsn, func(int) func() { return nil }, func() {})
}

// The same on PostgreSQL: the client is killed, and now and then the server.
func TestCrashPostgres(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "tongban-crash-*")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil { // as root, the server runs as another user
		t.Fatal(err)
	}
	server, err := pgtemp.Start(t.Context(), filepath.Join(dir, "pg"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	down := false
	blow := func(run int) func() {
		if run%7 != 3 {
			return nil
		}
		return func() { killServer(t, filepath.Join(dir, "pg")); down = true }
	}
	crash(t, server.DSN("postgres"), blow, func() {
		if down {
			startServer(t, filepath.Join(dir, "pg"))
			down = false
		}
		endSessions(t, server.DSN("postgres"))
	})
}

// crash kills one victim after the other on the same database, and looks it
// over after each.
func crash(t *testing.T, dsn string, blow func(run int) func(), recover func()) {
	w, err := open(t.Context(), engineOf(dsn), dsn)
	if err != nil {
		t.Fatal(err)
	}
	statement(t, w, "CREATE TABLE crash_told (key TEXT NOT NULL PRIMARY KEY)")
	if err := w.close(); err != nil {
		t.Fatal(err)
	}
	all := map[string]ack{}
	chance := rand.New(rand.NewPCG(1, 2)) // the same moments each time, as far as a machine repeats itself
	for run := range crashes {
		after := 1 + chance.IntN(perRun*perCase*3/4)
		acks := kill(t, dsn, run*perRun, after, blow(run))
		for caseID, a := range acks {
			all[caseID] = a
		}
		recover()
		w, err := open(t.Context(), engineOf(dsn), dsn)
		if err != nil {
			t.Fatalf("run %d: after the crash: %v", run, err)
		}
		audit(t, w, all, (run+1)*perRun)
		if run == crashes-1 {
			goOn(t, w, all, (run+1)*perRun)
		}
		if err := w.close(); err != nil {
			t.Errorf("run %d: close: %v", run, err)
		}
		if t.Failed() {
			t.Fatalf("run %d of %d, killed after %d answers, %d cases acknowledged", run, crashes, after, len(acks))
		}
	}
}
