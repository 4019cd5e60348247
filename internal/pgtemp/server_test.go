package pgtemp

import (
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestStartAndStop(t *testing.T) {
	dir, err := os.MkdirTemp("", "pg-*")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	// The second start finds what a killed owner left.
	for range 2 {
		if _, err := Start(t.Context(), dir); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Start(t.Context(), dir, "fsync=off")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), s.DSN("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	var fsync string
	if err := conn.QueryRow(t.Context(), "SHOW fsync").Scan(&fsync); err != nil || fsync != "off" {
		t.Errorf("fsync: got %q, %v, want off", fsync, err)
	}
	if err := conn.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	if answers(t.Context(), dir) {
		t.Error("answers after Stop")
	}
	if err := s.Stop(); err == nil {
		t.Error("second Stop: got nil error")
	}
}

func TestStartRefusesBadSettings(t *testing.T) {
	dir, err := os.MkdirTemp("", "pg-*")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if s, err := Start(t.Context(), dir, "nonsense=1"); err == nil {
		_ = s.Stop()
		t.Error("got nil error")
	}
}
