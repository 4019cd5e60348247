package outreach

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/internal/bus"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/internal/testdb"
)

// TestTell puts a message on the portal once, and announces it without saying
// what it is.
func TestTell(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.reach("chen", Mail, "chen@home.example")
		s := New(d, w.clock.Now)
		m := Message{ID: "grant-1/4", Kind: "grant.told", Link: "/grants/grant-1", Title: i18n.Text{ZH: "困难补助", EN: "Hardship aid"}, Body: i18n.Text{ZH: "五天内可以拒绝", EN: "You may refuse within five days"}}
		tell := func() {
			w.must(d.Write(w.ctx, func(ctx context.Context, tx db.Tx) error { return s.Tell(ctx, tx, "chen", m) }))
		}
		tell()
		s.Over(w.post)
		m.ID = "grant-1/5"
		tell()
		tell()
		w.run()
		got, err := s.Messages(w.ctx, "chen", 10)
		w.must(err)
		want := []Message{m, m}
		want[1].ID = "grant-1/4"
		for i := range want {
			want[i].At = monday
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("messages (-want +got):\n%s", diff)
		}
		if len(w.mail.taken) != 1 {
			t.Fatalf("got %d mails, want one for the message told over channels", len(w.mail.taken))
		}
		if text := w.mail.taken[0]; strings.Contains(plain(text), "困难") || text.Link != "https://ban.example/grants/grant-1" || text.Settle != "" {
			t.Errorf("mail: got %s, want only that there is a message", plain(text))
		}
		if n, err := s.Unread(w.ctx, "chen"); err != nil || n != 2 {
			t.Errorf("unread: got %d (%v), want 2", n, err)
		}
		w.must(s.Read(w.ctx, "chen"))
		if n, err := s.Unread(w.ctx, "chen"); err != nil || n != 0 {
			t.Errorf("unread once read: got %d (%v), want 0", n, err)
		}
	})
}

// TestBus takes a case's notice from the job over the bus to the message, the
// letter and the offer.
func TestBus(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.reach("chen", Mail, "chen@home.example")
		w.know("chen", elder)
		w.look("chen")
		b, err := bus.Open(w.ctx, bus.Options{Dir: t.TempDir()})
		w.must(err)
		t.Cleanup(b.Close)
		s := New(d, w.clock.Now)
		s.Over(w.post)
		ctx, cancel := context.WithCancel(w.ctx)
		defer cancel()
		w.must(s.Listen(ctx, b))
		w.must(w.offers.Listen(ctx, b))
		Relay(w.worker, b)
		payload := w.submit("chen", "allowance")
		w.must(d.Write(w.ctx, func(ctx context.Context, tx db.Tx) error {
			return db.Enqueue(ctx, tx, db.Job{Kind: casework.JobNotice, Key: "case-1/1", Payload: payload})
		}))
		w.run()
		until(t, func() bool { return w.state("chen") == "allowance applied" }, func() string { return w.state("chen") })
		var got []Message
		until(t, func() bool {
			got, err = s.Messages(w.ctx, "chen", 10)
			return err != nil || len(got) == 1
		}, func() string { return "no message" })
		if diff := cmp.Diff([]Message{{ID: "case-1/1", Kind: "submitted", CaseID: "case-1"}}, got, cmpopts.IgnoreFields(Message{}, "Title", "Body", "At")); diff != "" {
			t.Errorf("messages (-want +got):\n%s", diff)
		}
		w.run()
		if len(w.mail.taken) != 1 || w.mail.taken[0].Link != "https://ban.example/cases/case-1" {
			t.Errorf("mails: got %+v, want one that leads to the case", w.mail.taken)
		}
	})
}

// until waits for what another goroutine brings about.
func until(t *testing.T, done func() bool, now func() string) {
	t.Helper()
	look, end := time.NewTicker(5*time.Millisecond), time.After(20*time.Second)
	defer look.Stop()
	for !done() {
		select {
		case <-look.C:
		case <-end:
			t.Fatalf("waited in vain: %s", now())
		}
	}
}

// TestRelayKeeps sees that a notice stays a job until the bus has taken it.
func TestRelayKeeps(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		Relay(w.worker, deaf{})
		for key, payload := range map[string]string{"good": `{"kind": "submitted"}`, "broken": "{"} {
			w.must(d.Write(w.ctx, func(ctx context.Context, tx db.Tx) error {
				return db.Enqueue(ctx, tx, db.Job{Kind: casework.JobNotice, Key: key, Payload: []byte(payload)})
			}))
		}
		w.run()
		failed, err := db.Failures(w.ctx, d.Reader(), 10)
		if err != nil || len(failed) != 2 {
			t.Errorf("got %v (%v), want both kept", failed, err)
		}
	})
}

// deaf is a bus that takes nothing.
type deaf struct{}

func (deaf) Publish(context.Context, string, string, []byte) error { return errors.New("nobody there") }
