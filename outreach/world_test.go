package outreach

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/outreach/internal/store"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/party/identifier"
)

// monday is 10:32 in Shanghai, on a working day.
var monday = time.Date(2026, 11, 23, 2, 32, 0, 0, time.UTC)

var shanghai = time.FixedZone("UTC+8", 8*60*60)

// carrier is the outside world on one channel: it keeps what it takes and fails
// as it is told to.
type carrier struct {
	mu     sync.Mutex // guards what follows
	taken  []Text
	to     []To
	fail   error
	during func() // called while a text is under way
}

func (c *carrier) Send(_ context.Context, to To, text Text) error {
	if c.during != nil {
		c.during()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fail != nil {
		return c.fail
	}
	c.taken, c.to = append(c.taken, text), append(c.to, to)
	return nil
}

// world is a post office with two people and a firm.
type world struct {
	t       *testing.T
	ctx     context.Context
	db      *db.DB
	clock   *clock.Fake
	parties *party.Store
	post    *Post
	worker  *db.Worker
	mail    *carrier
	sms     *carrier
	hook    *carrier
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{t: t, ctx: t.Context(), db: d, clock: clock.NewFake(monday), mail: &carrier{}, sms: &carrier{}, hook: &carrier{}}
	w.parties = party.New(d, w.clock.Now)
	w.open()
	people := []party.Party{
		{ID: "chen", Kind: party.Person, Name: "陈一", IDType: identifier.Passport, IDNumber: "X1000001", Birth: day(t, "1961-03-12")},
		{ID: "li", Kind: party.Person, Name: "李二", IDType: identifier.Passport, IDNumber: "X1000002", Birth: day(t, "1990-01-01"), Lang: i18n.EN},
		{ID: "firm", Kind: party.Organisation, Name: "示例公司", IDType: identifier.USCC, IDNumber: "91310115MA1K4A1B0B"},
	}
	w.must(d.Write(w.ctx, func(ctx context.Context, tx db.Tx) error {
		for _, p := range people {
			if err := w.parties.Put(ctx, tx, p); err != nil {
				return err
			}
		}
		return nil
	}))
	return w
}

// open starts the post and its worker, as after a crash.
func (w *world) open() {
	seed := [32]byte{1}
	w.post = NewPost(PostDeps{DB: w.db, Parties: w.parties, Senders: map[Channel]Sender{Mail: w.mail, SMS: w.sms, Webhook: w.hook},
		Key: Key(strings.Repeat("k", 32)), Origin: "https://ban.example", Brand: i18n.Text{ZH: "示例通办", EN: "Sample Tongban"}, Zone: shanghai,
		Quiet: Quiet{From: 21 * 60, To: 8 * 60}, Weekly: 2, Clock: w.clock.Now, Rand: rand.NewChaCha8(seed), Log: slog.New(slog.DiscardHandler)})
	w.worker = db.NewWorker(w.db, w.clock.Now, slog.New(slog.DiscardHandler))
	w.post.Jobs(w.worker)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%+v", err)
	}
}

// run does the jobs that are due, and delivers.
func (w *world) run() {
	w.t.Helper()
	_, err := w.worker.RunDue(w.ctx)
	w.must(err)
	w.post.Deliver(w.ctx)
}

// reach gives a party an address that is proved.
func (w *world) reach(whose party.ID, c Channel, address string) {
	w.t.Helper()
	w.must(w.post.SetContact(w.ctx, whose, c, address))
	if code := w.code(whose, c); code != "" {
		w.must(w.post.Confirm(w.ctx, whose, c, code))
	}
	w.run() // the code itself
	for _, one := range []*carrier{w.mail, w.sms, w.hook} {
		one.taken, one.to = nil, nil
	}
}

// code is what was sent to prove an address.
func (w *world) code(whose party.ID, c Channel) string {
	w.t.Helper()
	row, err := store.New(w.db.Reader()).Channel(w.ctx, store.ChannelParams{Party: string(whose), Channel: string(c)})
	w.must(err)
	return row.Code
}

// tell queues a letter and reports over how many channels.
func (w *world) tell(l Letter) int {
	w.t.Helper()
	n := 0
	w.must(w.db.Write(w.ctx, func(ctx context.Context, tx db.Tx) (err error) {
		n, err = w.post.Tell(ctx, tx, l)
		return err
	}))
	return n
}

// ends are how the sends to a party stand, the latest first.
func (w *world) ends(whose party.ID) string {
	w.t.Helper()
	rows, err := store.New(w.db.Reader()).SendsOf(w.ctx, store.SendsOfParams{Party: string(whose), Limit: 50})
	w.must(err)
	var all []string
	for _, r := range rows {
		if strings.Contains(r.Letter, `"kind":"code"`) {
			continue
		}
		all = append(all, fmt.Sprintf("%s %s %d", r.ID, r.Status, r.Attempts))
	}
	return strings.Join(all, "; ")
}

func letter(id string) Letter {
	return Letter{ID: id, To: "chen", Kind: KindOffer, Title: i18n.M("offer.letter.one"), Body: i18n.M("offer.letter.body"), Path: OffersPath}
}

var errLater = errors.New("not now")
