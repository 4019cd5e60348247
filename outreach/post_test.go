package outreach

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/internal/testdb"
	"github.com/tongban/tongban/party"
)

// TestSend follows a letter to every channel that a party uses.
func TestSend(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		if n := w.tell(letter("l0")); n != 0 {
			t.Errorf("without an address: got %d sends, want none", n)
		}
		w.reach("chen", Mail, "chen@home.example")
		w.reach("chen", SMS, "13900000001")
		if n := w.tell(letter("l1")); n != 2 {
			t.Errorf("got %d sends, want 2", n)
		}
		w.tell(letter("l1")) // the same letter once more
		w.run()
		w.run()
		if got, want := w.ends("chen"), "l1/mail sent 1; l1/sms sent 1"; got != want {
			t.Errorf("sends: got %q, want %q", got, want)
		}
		if len(w.mail.taken) != 1 || len(w.sms.taken) != 1 {
			t.Fatalf("got %d mails and %d text messages, want one each", len(w.mail.taken), len(w.sms.taken))
		}
		text := w.mail.taken[0]
		if text.Key != "l1/mail" || text.Lang != i18n.ZH || text.Link != "https://ban.example/for-you" || w.mail.to[0].Address != "chen@home.example" {
			t.Errorf("mail: got %+v to %v", text, w.mail.to[0])
		}
		// the link in the letter ends mails, and nothing else
		_, token, _ := strings.Cut(text.Stop, "token=")
		w.must(w.post.Unsubscribe(w.ctx, token))
		w.must(w.post.Unsubscribe(w.ctx, token))
		if n := w.tell(letter("l2")); n != 1 {
			t.Errorf("after the link: got %d sends, want the text message alone", n)
		}
		if err := w.post.Unsubscribe(w.ctx, "forged."+token); !fault.Is(err, fault.NotFound) {
			t.Errorf("forged link: got %v, want not found", err)
		}
		left, err := db.Failures(w.ctx, d.Reader(), 10)
		if err != nil || len(left) != 0 {
			t.Errorf("failed jobs: got %v (%v), want none", left, err)
		}
	})
}

// TestQuietHours sees that a letter waits until they end, also when they begin
// while it waits.
func TestQuietHours(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.reach("chen", Mail, "chen@home.example")
		w.clock.Set(time.Date(2026, 11, 23, 21, 30, 0, 0, shanghai))
		w.tell(letter("late"))
		w.run()
		if len(w.mail.taken) != 0 {
			t.Fatal("sent at half past nine in the evening, want nothing before eight")
		}
		w.clock.Set(time.Date(2026, 11, 24, 7, 59, 59, 0, shanghai))
		w.run()
		if len(w.mail.taken) != 0 {
			t.Fatal("sent before eight")
		}
		w.clock.Set(time.Date(2026, 11, 24, 8, 0, 0, 0, shanghai))
		w.run()
		if got := w.ends("chen"); got != "late/mail sent 1" {
			t.Errorf("at eight: got %q, want it sent", got)
		}
		// a retry does not fall into the night
		w.clock.Set(time.Date(2026, 11, 24, 20, 59, 30, 0, shanghai))
		w.mail.fail = errLater
		w.tell(letter("retry"))
		w.run()
		w.mail.fail = nil
		w.clock.Set(time.Date(2026, 11, 24, 21, 5, 0, 0, shanghai))
		w.run()
		if got := w.ends("chen"); !strings.Contains(got, "retry/mail waiting 1") {
			t.Errorf("at night: got %q, want it to wait", got)
		}
		// whoever wants no quiet hours gets it at once
		w.must(w.db.Write(w.ctx, func(ctx context.Context, tx db.Tx) error {
			return w.post.put(ctx, tx, "chen", Preferences{Quiet: &Quiet{}, Weekly: CityWeekly})
		}))
		w.tell(letter("owl"))
		w.run()
		if got := w.ends("chen"); !strings.Contains(got, "owl/mail sent 1") {
			t.Errorf("without quiet hours: got %q, want it sent", got)
		}
	})
}

// TestCrash stops the process at each point between the letter and its record:
// nothing is lost, and what may be doubled carries the same key.
func TestCrash(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.reach("chen", Mail, "chen@home.example")
		// after the claim, before anything is sent
		w.tell(letter("a"))
		_, err := w.worker.RunDue(w.ctx)
		w.must(err)
		w.open()
		w.run()
		if len(w.mail.taken) != 0 {
			t.Fatal("sent while another may be at it")
		}
		w.clock.Add(lease)
		w.run()
		if got := w.ends("chen"); got != "a/mail sent 2" || len(w.mail.taken) != 1 {
			t.Errorf("crash before sending: got %q and %d mails, want one", got, len(w.mail.taken))
		}
		// after it is sent, before that is recorded
		w.tell(letter("b"))
		_, err = w.worker.RunDue(w.ctx)
		w.must(err)
		ctx, cancel := context.WithCancel(w.ctx)
		w.mail.during = cancel // the process dies with the mail in the server's hands
		w.post.Deliver(ctx)
		w.mail.during = nil
		w.open()
		w.clock.Add(lease)
		w.run()
		if got := w.ends("chen"); !strings.Contains(got, "b/mail sent 2") {
			t.Errorf("crash after sending: got %q, want it recorded", got)
		}
		if n := len(w.mail.taken); n != 3 || w.mail.taken[1].Key != w.mail.taken[2].Key {
			t.Errorf("crash after sending: got %d mails, want the same key twice", n)
		}
		w.clock.Add(24 * time.Hour)
		w.run()
		if len(w.mail.taken) != 3 {
			t.Error("sent again though it is recorded")
		}
	})
}

// TestRetry sees pauses that grow, and an end to trying.
func TestRetry(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.must(w.db.Write(w.ctx, func(ctx context.Context, tx db.Tx) error {
			return w.post.put(ctx, tx, "chen", Preferences{Quiet: &Quiet{}, Weekly: CityWeekly})
		}))
		w.reach("chen", Mail, "chen@home.example")
		w.mail.fail = errLater
		w.tell(letter("x"))
		w.run()
		for n, want := range []time.Duration{time.Minute, 4 * time.Minute, 16 * time.Minute, 64 * time.Minute, 256 * time.Minute, 12 * time.Hour, 12 * time.Hour} {
			w.clock.Add(want - time.Second)
			w.run()
			if got := w.ends("chen"); got != "x/mail waiting "+string(rune('1'+n)) {
				t.Fatalf("a second before attempt %d: got %q", n+2, got)
			}
			w.clock.Add(time.Second)
			w.run()
		}
		if got := w.ends("chen"); got != "x/mail failed 8" {
			t.Errorf("at last: got %q, want it given up", got)
		}
		rows := w.post.sends(t, "chen")
		if !strings.Contains(rows, "not now") {
			t.Errorf("record: got %q, want what went wrong", rows)
		}
		w.mail.fail = nil
		w.tell(letter("y"))
		w.run()
		if got := w.ends("chen"); !strings.Contains(got, "y/mail sent 1") {
			t.Errorf("the next letter: got %q, want it sent: a server that was down blames no address", got)
		}
	})
}

func (p *Post) sends(t *testing.T, whose string) string {
	t.Helper()
	var said string
	if err := p.DB.Reader().QueryRowContext(t.Context(), `SELECT error FROM outreach_sends WHERE party = $1 AND status = 'failed'`, whose).Scan(&said); err != nil {
		t.Fatal(err)
	}
	return said
}

// TestRefused sees that a bad address is noted, shown, and left alone until it
// is changed.
func TestRefused(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.reach("chen", Mail, "chen@home.example")
		w.mail.fail = &Refusal{Said: "554 spam"}
		w.tell(letter("spam"))
		w.run()
		if got := w.ends("chen"); got != "spam/mail refused 1" {
			t.Errorf("a letter refused: got %q", got)
		}
		w.mail.fail = &Refusal{Said: "550 no such user", Address: true}
		w.tell(letter("bounce"))
		w.run()
		wants, err := w.post.Preferences(w.ctx, d.Reader(), "chen")
		w.must(err)
		c, _ := wants.Contact(Mail)
		if c.Failure != "550 no such user" || c.FailedAt.IsZero() || c.Usable() {
			t.Errorf("address: got %+v, want it noted as bad", c)
		}
		w.mail.fail = nil
		w.clock.Add(time.Hour)
		if n := w.tell(letter("after")); n != 0 {
			t.Errorf("to a bad address: got %d sends, want none", n)
		}
		w.reach("chen", Mail, "chen@work.example")
		if n := w.tell(letter("again")); n != 1 {
			t.Errorf("to a new address: got %d sends, want one", n)
		}
	})
}

// TestDropped sees that what waits is not sent where it is no longer wanted.
func TestDropped(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		drop := map[string]func(){
			"address removed":     func() { w.must(w.post.RemoveContact(w.ctx, "chen", Mail)) },
			"switched off":        func() { w.must(w.post.Unsubscribe(w.ctx, w.post.Key.Token(Stop{"chen", Mail}))) },
			"another address":     func() { w.must(w.post.SetContact(w.ctx, "chen", Mail, "chen@work.example")) },
			"wants no offers now": func() { w.off("chen") },
		}
		for _, name := range []string{"address removed", "switched off", "another address", "wants no offers now"} {
			w.clock.Add(24 * time.Hour)
			w.reach("chen", Mail, "chen@home.example")
			w.tell(letter(name))
			drop[name]()
			w.run()
			if got := w.ends("chen"); !strings.Contains(got, name+"/mail dropped") {
				t.Errorf("%s: got %q, want it dropped", name, got)
			}
		}
	})
}

func (w *world) off(whose party.ID) {
	w.must(w.db.Write(w.ctx, func(ctx context.Context, tx db.Tx) error {
		return w.post.put(ctx, tx, whose, Preferences{Off: true, Weekly: CityWeekly})
	}))
}

// TestRun sends with the worker and the post at work beside each other.
func TestRun(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.reach("chen", Mail, "chen@home.example")
		ctx, cancel := context.WithCancel(w.ctx)
		done := make(chan struct{}, 2)
		sent := make(chan struct{}, 64)
		w.mail.during = func() { sent <- struct{}{} }
		go func() { w.post.Run(ctx); done <- struct{}{} }()
		go func() { _ = w.worker.Run(ctx); done <- struct{}{} }()
		for _, id := range []string{"a", "b", "c", "d", "e", "f"} {
			w.tell(letter(id))
		}
		for range 6 {
			select {
			case <-sent:
			case <-time.After(20 * time.Second):
				t.Fatalf("got %q, want six letters", w.ends("chen"))
			}
		}
		cancel()
		<-done
		<-done
		w.open()
		w.clock.Add(lease)
		w.mail.during = nil
		w.run() // what was recorded too late is tried again with its key
		keys := map[string]bool{}
		for _, text := range w.mail.taken {
			keys[text.Key] = true
		}
		if len(keys) != 6 || strings.Count(w.ends("chen"), " sent ") != 6 {
			t.Errorf("got %d letters: %s; want six sent", len(keys), w.ends("chen"))
		}
	})
}
