package outreach

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/outreach/internal/store"
	"github.com/tongban/tongban/party"
)

// PostDeps is what a Post works with. All but Senders is needed: a channel
// without a sender is not offered to anybody.
type PostDeps struct {
	DB      *db.DB
	Parties *party.Store
	Senders map[Channel]Sender
	Key     Key            // signs the links that end letters
	Origin  string         // of links: "https://ban.example"
	Brand   i18n.Text      // who writes: the portal's name
	Zone    *time.Location // of quiet hours
	Quiet   Quiet          // the city's
	Weekly  int            // how often a party is told in seven days, at most
	Clock   clock.Clock
	Rand    io.Reader // of codes and secrets
	Log     *slog.Logger
}

// Post sends letters. A letter is queued in the transaction that wants it sent,
// as a row for each channel and a job. The job only claims the row: it hands it
// over once it is committed that it will be tried again after the lease, so a crash
// at any point loses nothing; what the crash may double carries the same key. No
// transaction waits for a mail server.
type Post struct {
	PostDeps
	hand chan string // ids of claimed sends
}

const (
	jobSend = "outreach.send" // key: send id

	lease     = 3 * time.Minute // more than a sender takes
	mostSends = 8               // attempts; then a send has failed
	clerks    = 4               // sends under way at a time
	tray      = 256             // claimed sends that wait for a clerk
)

// How a send ends.
const (
	sendWaiting = "waiting"
	sendSent    = "sent"
	sendRefused = "refused" // the other side will not have it
	sendFailed  = "failed"  // tried often enough
	sendDropped = "dropped" // the party no longer wants it there
)

// NewPost is a post over deps.
func NewPost(deps PostDeps) *Post { return &Post{PostDeps: deps, hand: make(chan string, tray)} }

// Jobs gives the worker the sends that fall due. Run carries them out.
func (p *Post) Jobs(w *db.Worker) { w.Handle(jobSend, p.claim) }

// Run sends what is claimed until ctx ends, then waits for what is in hand.
func (p *Post) Run(ctx context.Context) {
	var all sync.WaitGroup
	for range clerks {
		all.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case id := <-p.hand:
					p.carry(ctx, id)
				}
			}
		})
	}
	all.Wait()
}

// Deliver carries out what has been claimed by now, for whoever runs no Run.
func (p *Post) Deliver(ctx context.Context) {
	for {
		select {
		case id := <-p.hand:
			p.carry(ctx, id)
		default:
			return
		}
	}
}

// Tell queues a letter over every channel that the party uses; its portal
// message is the caller's. Quiet hours hold it back; opt-outs and the weekly cap
// are the caller's too. It reports how many channels it goes over.
func (p *Post) Tell(ctx context.Context, tx db.Tx, l Letter) (int, error) {
	wants, err := p.Preferences(ctx, tx, l.To)
	if err != nil {
		return 0, err
	}
	n := 0
	at := p.quiet(wants).After(p.Clock(), p.Zone)
	for _, c := range wants.Contacts {
		if p.Senders[c.Channel] == nil || !c.Usable() {
			continue
		}
		if err := p.queue(ctx, tx, l, c, at); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func (p *Post) queue(ctx context.Context, tx db.Tx, l Letter, c Contact, at time.Time) error {
	letter, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("outreach.queue: %w", err)
	}
	id := l.ID + "/" + string(c.Channel)
	err = store.New(tx.Later()).InsertSend(ctx, store.InsertSendParams{ID: id, Party: string(l.To), Channel: string(c.Channel), Address: c.Address,
		Letter: string(letter), MadeAt: p.Clock().UnixMilli()})
	if err != nil {
		return fmt.Errorf("outreach.queue: %w", err)
	}
	return db.Enqueue(ctx, tx, db.Job{Kind: jobSend, Key: id, RunAt: at})
}

// claim decides in a transaction whether a send is to be tried now.
func (p *Post) claim(ctx context.Context, tx db.Tx, job db.Job) error {
	q := store.New(tx)
	row, err := q.Send(ctx, job.Key)
	if errors.Is(err, sql.ErrNoRows) || err == nil && row.Status != sendWaiting {
		return nil
	}
	if err != nil {
		return err
	}
	l, err := letterOf(row)
	if err != nil {
		return err
	}
	wants, err := p.Preferences(ctx, tx, l.To)
	if err != nil {
		return err
	}
	now := p.Clock()
	c, known := wants.Contact(Channel(row.Channel))
	switch {
	case !known || c.Address != row.Address || l.Kind != KindCode && (!c.Usable() || l.Kind == KindOffer && wants.Off):
		return q.EndSend(ctx, store.EndSendParams{Status: sendDropped, DoneAt: now.UnixMilli(), ID: row.ID})
	case row.Attempts >= mostSends:
		return q.EndSend(ctx, store.EndSendParams{Status: sendFailed, DoneAt: now.UnixMilli(), Error: row.Error, ID: row.ID})
	}
	if l.Kind != KindCode {
		if at := p.quiet(wants).After(now, p.Zone); at.After(now) {
			return db.Enqueue(ctx, tx, db.Job{Kind: jobSend, Key: row.ID, RunAt: at})
		}
	}
	if err := q.TrySend(ctx, store.TrySendParams{Attempts: row.Attempts + 1, ID: row.ID}); err != nil {
		return err
	}
	if err := db.Enqueue(ctx, tx, db.Job{Kind: jobSend, Key: row.ID, RunAt: now.Add(lease)}); err != nil {
		return err
	}
	db.AfterCommit(tx, func() {
		select {
		case p.hand <- row.ID:
		default: // the tray is full: the lease runs out and the job comes again
		}
	})
	return nil
}

// carry tries a claimed send once and records what came of it.
func (p *Post) carry(ctx context.Context, id string) {
	if err := p.try(ctx, id); err != nil && ctx.Err() == nil {
		p.Log.ErrorContext(ctx, "a letter is not recorded", "send", id, "error", err)
	}
}

func (p *Post) try(ctx context.Context, id string) error {
	row, err := store.New(p.DB.Reader()).Send(ctx, id)
	if err != nil {
		return err
	}
	if row.Status != sendWaiting {
		return nil
	}
	to, text, err := p.address(ctx, row)
	if err != nil {
		return err
	}
	sender := p.Senders[Channel(row.Channel)]
	if sender == nil {
		return p.record(ctx, row, errors.New("the channel is not set up"))
	}
	return p.record(ctx, row, sender.Send(ctx, to, text))
}

// address makes of a send what a sender takes.
func (p *Post) address(ctx context.Context, row store.OutreachSend) (To, Text, error) {
	l, err := letterOf(row)
	if err != nil {
		return To{}, Text{}, err
	}
	one, err := p.Parties.Get(ctx, p.DB.Reader(), l.To)
	if err != nil {
		return To{}, Text{}, err
	}
	c, err := contact(ctx, p.DB.Reader(), l.To, Channel(row.Channel))
	if err != nil && !fault.Is(err, fault.NotFound) {
		return To{}, Text{}, err
	}
	lang, stop := one.Lang, ""
	if lang == "" {
		lang = i18n.ZH
	}
	if l.Kind != KindCode {
		stop = stopLink(p.Origin, p.Key.Token(Stop{Party: l.To, Channel: Channel(row.Channel)}))
	}
	text := l.in(lang, p.Brand, p.Origin, stop)
	text.Key = row.ID
	return To{Address: row.Address, Secret: c.Secret}, text, nil
}

// record writes what came of an attempt: the end, or when it is tried again.
func (p *Post) record(ctx context.Context, row store.OutreachSend, result error) error {
	now := p.Clock()
	return p.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		q := store.New(tx.Later())
		end := func(status, said string) error {
			if err := q.EndSend(ctx, store.EndSendParams{Status: status, DoneAt: now.UnixMilli(), Error: said, ID: row.ID}); err != nil {
				return err
			}
			return db.Cancel(ctx, tx, jobSend, row.ID)
		}
		r := refusal(result)
		switch {
		case result == nil:
			return end(sendSent, "")
		case r != nil:
			if r.Address {
				if err := q.RefuseAddress(ctx, store.RefuseAddressParams{FailedAt: now.UnixMilli(), Failure: r.Said, Party: row.Party, Channel: row.Channel,
					Address: row.Address}); err != nil {
					return err
				}
			}
			return end(sendRefused, r.Said)
		case int(row.Attempts) >= mostSends:
			return end(sendFailed, brief(result.Error()))
		}
		if err := q.NoteSend(ctx, store.NoteSendParams{Error: brief(result.Error()), ID: row.ID}); err != nil {
			return err
		}
		return db.Enqueue(ctx, tx, db.Job{Kind: jobSend, Key: row.ID, RunAt: now.Add(pause(int(row.Attempts)))})
	})
}

// pause is how long to wait after the n-th attempt: one minute, then four times
// as long each time, to half a day.
func pause(n int) time.Duration {
	d := time.Minute
	for range min(n, 8) - 1 {
		d *= 4
	}
	return min(d, 12*time.Hour)
}

func letterOf(row store.OutreachSend) (Letter, error) {
	var l Letter
	if err := json.Unmarshal([]byte(row.Letter), &l); err != nil {
		return l, fmt.Errorf("outreach: send %s: %w", row.ID, err)
	}
	return l, nil
}
