package outreach

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/internal/testdb"
	"github.com/tongban/tongban/party"
)

// TestContact proves an address, and refuses what proves nothing.
func TestContact(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		for name, tt := range map[string]struct {
			who     string
			channel Channel
			address string
			kind    fault.Kind
		}{
			"no address":         {"chen", Mail, "home", fault.Invalid},
			"no number":          {"chen", SMS, "home", fault.Invalid},
			"a person's webhook": {"chen", Webhook, "https://home.example/", fault.Denied},
			"clear text":         {"firm", Webhook, "http://firm.example/", fault.Invalid},
			"no such channel":    {"chen", "pigeon", "home", fault.Unavailable},
			"nobody":             {"none", Mail, "a@b.example", fault.NotFound},
		} {
			if err := w.post.SetContact(w.ctx, party.ID(tt.who), tt.channel, tt.address); !fault.Is(err, tt.kind) {
				t.Errorf("%s: got %v, want %s", name, err, tt.kind)
			}
		}
		if err := w.post.Confirm(w.ctx, "chen", Mail, "123456"); !fault.Is(err, fault.NotFound) {
			t.Errorf("no code waited for: got %v, want not found", err)
		}
		w.clock.Set(time.Date(2026, 11, 23, 23, 0, 0, 0, shanghai)) // a code is sent at night too: somebody waits for it
		w.must(w.post.SetContact(w.ctx, "li", Mail, "li@home.example"))
		if err := w.post.SetContact(w.ctx, "li", Mail, "li@home.example"); !fault.Is(err, fault.Unavailable) {
			t.Errorf("at once again: got %v, want it put off", err)
		}
		w.run()
		if len(w.mail.taken) != 1 {
			t.Fatalf("got %d mails, want the code", len(w.mail.taken))
		}
		text := w.mail.taken[0]
		if text.Kind != KindCode || text.Lang != i18n.EN || len(text.Code) != 6 || !strings.Contains(text.Body, text.Code) || text.Stop != "" {
			t.Errorf("code: got %+v, want six digits in English, and nothing to stop", text)
		}
		if n := w.tell(Letter{ID: "early", To: "li", Kind: KindOffer}); n != 0 {
			t.Errorf("before it is proved: got %d sends, want none", n)
		}
		for range mostTries {
			if err := w.post.Confirm(w.ctx, "li", Mail, "000000"); !fault.Is(err, fault.Invalid) {
				t.Fatalf("wrong code: got %v, want invalid", err)
			}
		}
		if err := w.post.Confirm(w.ctx, "li", Mail, text.Code); !fault.Is(err, fault.Invalid) {
			t.Errorf("right code after five wrong ones: got %v, want invalid", err)
		}
		w.clock.Add(codePause + time.Second)
		w.must(w.post.SetContact(w.ctx, "li", Mail, "li@home.example"))
		w.clock.Add(codeLife)
		if err := w.post.Confirm(w.ctx, "li", Mail, w.code("li", Mail)); !fault.Is(err, fault.Invalid) {
			t.Errorf("after half an hour: got %v, want invalid", err)
		}
		w.must(w.post.SetContact(w.ctx, "li", Mail, "li@home.example"))
		w.must(w.post.Confirm(w.ctx, "li", Mail, w.code("li", Mail)))
		if n := w.tell(Letter{ID: "now", To: "li", Kind: KindOffer}); n != 1 {
			t.Errorf("once proved: got %d sends, want one", n)
		}
		// off and on again without a new code
		w.must(w.post.Unsubscribe(w.ctx, w.post.Key.Token(Stop{"li", Mail})))
		w.must(w.post.SetContact(w.ctx, "li", Mail, "li@home.example"))
		if n := w.tell(Letter{ID: "on", To: "li", Kind: KindOffer}); n != 1 {
			t.Errorf("on again: got %d sends, want one", n)
		}
		w.must(w.post.RemoveContact(w.ctx, "li", Mail))
		w.must(w.post.Unsubscribe(w.ctx, w.post.Key.Token(Stop{"li", Mail}))) // a link in an old letter
	})
}

// TestHookSecret sees that a firm's posts are signed with a secret of its own,
// which stays when the address changes.
func TestHookSecret(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.must(w.post.SetContact(w.ctx, "firm", Webhook, "https://firm.example/a"))
		w.run()
		if len(w.hook.to) != 1 || len(w.hook.to[0].Secret) != 48 || w.hook.taken[0].Code == "" {
			t.Fatalf("got %v, want a code, signed", w.hook.to)
		}
		secret := w.hook.to[0].Secret
		w.must(w.post.Confirm(w.ctx, "firm", Webhook, w.hook.taken[0].Code))
		w.clock.Add(time.Hour)
		w.must(w.post.SetContact(w.ctx, "firm", Webhook, "https://firm.example/b"))
		w.run()
		if got := w.hook.to[1].Secret; got != secret {
			t.Errorf("secret after a change of address: got %q, want %q", got, secret)
		}
	})
}

func TestPreferencesKept(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		got, err := w.post.Preferences(w.ctx, d.Reader(), "chen")
		w.must(err)
		if diff := cmp.Diff(Preferences{Weekly: CityWeekly}, got); diff != "" {
			t.Errorf("of one who has said nothing (-want +got):\n%s", diff)
		}
		want := Preferences{Sectors: []string{"medical", "housing", "medical"}, Quiet: &Quiet{From: 60, To: 120}, Weekly: 1}
		w.must(d.Write(w.ctx, func(ctx context.Context, tx db.Tx) error { return w.post.put(ctx, tx, "chen", want) }))
		got, err = w.post.Preferences(w.ctx, d.Reader(), "chen")
		w.must(err)
		want.Sectors = []string{"housing", "medical"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("kept (-want +got):\n%s", diff)
		}
		if got.Wants("medical") || !got.Wants("education") {
			t.Error("got medical wanted or education not, want it the other way")
		}
		for n, want := range map[int]int{CityWeekly: 2, 0: 0, 1: 1, 7: 2} {
			if got := w.post.weekly(Preferences{Weekly: n}); got != want {
				t.Errorf("weekly %d where the city allows 2: got %d, want %d", n, got, want)
			}
		}
	})
}
