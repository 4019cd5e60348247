package bench

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tongban/tongban/internal/pgtemp"
)

// killServer kills a PostgreSQL with all its processes, and waits until they
// are dead.
func killServer(t *testing.T, dir string) {
	t.Helper()
	file := filepath.Join(dir, "data", "postmaster.pid")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	postmaster, err := strconv.Atoi(first)
	if err != nil {
		t.Fatal(err)
	}
	pids := append(children(t, postmaster), postmaster)
	for _, pid := range pids {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && err != syscall.ESRCH {
			t.Fatal(err)
		}
	}
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for _, pid := range pids {
		for alive(pid) {
			select {
			case <-look.C:
			case <-t.Context().Done():
				t.Fatal("the server does not die")
			}
		}
	}
	for _, lock := range []string{file, filepath.Join(dir, ".s.PGSQL.5432.lock")} { // its number may still stand in the table of processes
		if err := os.Remove(lock); err != nil {
			t.Fatal(err)
		}
	}
}

// children are the processes whose parent is pid.
func children(t *testing.T, pid int) []int {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	var list []int
	for _, file := range stats {
		if id, _, parent := stat(file); parent == pid {
			list = append(list, id)
		}
	}
	return list
}

func alive(pid int) bool {
	_, state, _ := stat(fmt.Sprintf("/proc/%d/stat", pid))
	return state != "" && state != "Z"
}

// stat is a process's number, state and parent; a process that is gone has no
// state.
func stat(file string) (pid int, state string, parent int) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, "", 0
	}
	end := strings.LastIndexByte(string(text), ')') // the name before it may hold anything
	if _, err := fmt.Sscan(string(text[end+1:]), &state, &parent); err != nil {
		return 0, "", 0
	}
	if _, err := fmt.Sscan(string(text), &pid); err != nil {
		return 0, "", 0
	}
	return pid, state, parent
}

// startServer starts the cluster of a killed server again.
func startServer(t *testing.T, dir string) {
	t.Helper()
	bin, err := pgtemp.Bin()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(bin, "pg_ctl"), "-D", filepath.Join(dir, "data"), "-l", filepath.Join(dir, "log"),
		"-o", "-c listen_addresses= -c unix_socket_directories="+dir, "-t", "60", "-w", "start")
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if os.Getuid() == 0 { // the server refuses root
		who, err := user.Lookup("postgres")
		if err != nil {
			t.Fatal(err)
		}
		uid, err := strconv.ParseUint(who.Uid, 10, 32)
		if err != nil {
			t.Fatal(err)
		}
		gid, err := strconv.ParseUint(who.Gid, 10, 32)
		if err != nil {
			t.Fatal(err)
		}
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	if err := cmd.Run(); err != nil { // without pipes: the server would keep them open
		log, _ := os.ReadFile(filepath.Join(dir, "log"))
		t.Fatalf("pg_ctl start: %v\n%s", err, log)
	}
}

// endSessions ends what a killed client left running in the server.
func endSessions(t *testing.T, dsn string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	const end = `SELECT COUNT(pg_terminate_backend(pid, 30000)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`
	if _, err := conn.Exec(ctx, end); err != nil {
		t.Fatal(err)
	}
}
