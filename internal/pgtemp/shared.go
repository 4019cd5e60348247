package pgtemp

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// Shared is the address function of a throw-away server that all processes of
// this user share; the first one starts it. Two locked files in its folder keep
// order: "lock" is held while the server is started or stopped, "users" is held
// shared by each process for as long as it lives. A watcher stops the server
// when nobody holds "users" any more, so a killed test run leaves nothing behind.
// Its data do not survive a crash of the machine (fsync is off).
func Shared(ctx context.Context) (func(database string) string, error) {
	dir, err := shared()
	if err != nil {
		return nil, fmt.Errorf("pgtemp.Shared: %w", err)
	}
	return func(database string) string { return dsn(dir, database) }, nil
}

var shared = sync.OnceValues(func() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	home := filepath.Join(os.TempDir(), "tongban-postgres-"+strconv.Itoa(os.Getuid()))
	if err := os.MkdirAll(home, 0o711); err != nil {
		return "", err
	}
	if err := mine(home); err != nil {
		return "", err
	}
	lock, err := flock(filepath.Join(home, "lock"), syscall.LOCK_EX)
	if err != nil {
		return "", err
	}
	defer syscall.Close(lock)
	// Never closed: the kernel lets go of it when this process ends.
	if _, err := flock(filepath.Join(home, "users"), syscall.LOCK_SH); err != nil {
		return "", err
	}
	dir := filepath.Join(home, "server")
	if answers(ctx, dir) {
		return dir, nil
	}
	server, err := Start(ctx, dir, "fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=500", "shared_buffers=64MB")
	if err != nil {
		return "", err
	}
	return dir, server.watch(home)
})

// flock opens and locks a file. It deals in bare descriptors because an os.File
// that nobody refers to is closed, and the lock is lost with it.
func flock(path string, how int) (int, error) {
	fd, err := syscall.Open(path, syscall.O_CREAT|syscall.O_RDWR|syscall.O_CLOEXEC, 0o600)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	for {
		err := syscall.Flock(fd, how)
		if err == nil {
			return fd, nil
		}
		if !errors.Is(err, syscall.EINTR) {
			return 0, errors.Join(fmt.Errorf("%s: %w", path, err), syscall.Close(fd))
		}
	}
}

// mine refuses a folder that somebody else made in the common temporary one.
func mine(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || int(stat.Uid) != os.Getuid() {
		return fmt.Errorf("%s belongs to somebody else", dir)
	}
	return nil
}

// watch starts the watcher: it looks every half minute whether any process
// still uses the server, so that the packages of one test run find it alive.
func (s *Server) watch(home string) error {
	const script = `while sleep 30; do
  flock -n "$1/lock" flock -n -x "$1/users" "$2/pg_ctl" -D "$3" -m immediate -w stop && exit
  [ -e "$3/postmaster.pid" ] || exit
done`
	as := []string{"sh", "-c", script, "watch", home, s.bin, s.data()}
	if os.Getuid() == 0 { // pg_ctl refuses root too
		as[2] = `while sleep 30; do
  flock -n "$1/lock" flock -n -x "$1/users" setpriv --reuid=postgres --regid=postgres --clear-groups "$2/pg_ctl" -D "$3" -m immediate -w stop && exit
  [ -e "$3/postmaster.pid" ] || exit
done`
	}
	cmd := exec.Command(as[0], as[1:]...)
	cmd.Dir = home
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	return cmd.Process.Release()
}
