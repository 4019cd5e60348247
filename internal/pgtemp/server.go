// Package pgtemp runs PostgreSQL from the machine's own binaries for tests and
// benchmarks. Nothing has to be set up: it finds initdb and postgres, makes a
// cluster in a directory and listens on a socket in it, never on the network.
// Started as root, it hands the cluster to the user postgres, because the
// server refuses to run as root.
package pgtemp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"sort"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Bin is the folder of the newest PostgreSQL on this machine, or that of the
// initdb on the path.
func Bin() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	sort.Slice(found, func(i, j int) bool { return version(found[i]) < version(found[j]) })
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1]), nil
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		return "", errors.New("pgtemp: PostgreSQL is not installed; on Debian: apt-get install postgresql")
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return "", err
	}
	return filepath.Dir(path), nil
}

func version(path string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
	return n
}

// Server is a cluster in a directory.
type Server struct {
	dir string
	bin string
}

// Start makes a fresh cluster in dir, which is emptied first, and starts it with
// the given settings ("fsync=off"). The path is short enough for a socket (80
// bytes) and, for root, passable for the user postgres. The caller calls Stop.
func Start(ctx context.Context, dir string, settings ...string) (*Server, error) {
	bin, err := Bin()
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, bin: bin}
	if err := s.start(ctx, settings); err != nil {
		return nil, fmt.Errorf("pgtemp.Start: %w", err)
	}
	return s, nil
}

func (s *Server) start(ctx context.Context, settings []string) error {
	_ = s.Stop() // one that a killed owner left behind
	if err := s.empty(); err != nil {
		return err
	}
	if err := s.run(ctx, "initdb", "-D", s.data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"); err != nil {
		return err
	}
	options := "-c listen_addresses= -c unix_socket_directories=" + s.dir
	for _, setting := range settings {
		options += " -c " + setting
	}
	return s.run(ctx, "pg_ctl", "-D", s.data(), "-l", filepath.Join(s.dir, "log"), "-o", options, "-t", "60", "-w", "start")
}

// Stop ends the server at once and waits for it. A server that does not run is
// an error.
func (s *Server) Stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return s.run(ctx, "pg_ctl", "-D", s.data(), "-m", "fast", "-w", "stop")
}

// DSN is the address of a database of the server.
func (s *Server) DSN(database string) string { return dsn(s.dir, database) }

// Dir is the folder of the server's socket, for psql -h and pgbench -h.
func (s *Server) Dir() string { return s.dir }

func dsn(dir, database string) string {
	u := url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/" + database,
		RawQuery: url.Values{"host": {dir}}.Encode()}
	return u.String()
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// answers reports whether the server in dir takes connections.
func answers(ctx context.Context, dir string) bool {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn(dir, "postgres"))
	if err != nil {
		return false
	}
	return conn.Close(ctx) == nil
}

// empty removes the old cluster and gives the folder to the server's user.
func (s *Server) empty() error {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	if err := os.RemoveAll(s.data()); err != nil {
		return err
	}
	if who, err := s.credential(); err != nil || who == nil {
		return err
	} else if err := os.Chown(s.dir, int(who.Uid), int(who.Gid)); err != nil {
		return err
	}
	return nil
}

// run runs one of PostgreSQL's programs as the server's user.
func (s *Server) run(ctx context.Context, program string, args ...string) error {
	who, err := s.credential()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, program), args...)
	cmd.Dir = s.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: who, Setsid: true}
	// A file and not a pipe: the server inherits it and outlives the program.
	out, err := os.CreateTemp("", "tongban-pg-*")
	if err != nil {
		return err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		said, _ := os.ReadFile(out.Name())
		log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
		return fmt.Errorf("%s: %w: %s%s", program, err, bytes.TrimSpace(said), log)
	}
	return nil
}

// credential is the user postgres when this process is root, else nil.
func (s *Server) credential() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("root cannot run PostgreSQL, and there is no user postgres: %w", err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}
