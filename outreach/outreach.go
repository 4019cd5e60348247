// Package outreach tells people things: what happened to their cases, and,
// later, what the city can offer them. A case leaves a notice as a job in its
// own transaction; the notice goes over the bus, and becomes a message here.
//
// Invariant: one notice becomes one message, however often it is delivered,
// because the message takes the notice's id.
package outreach

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/bus"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/outreach/internal/store"
	"github.com/tongban/tongban/party"
)

// Subject is the bus subject of notices: Subject + the event's kind.
const Subject = "case.notice."

// consumer is the durable name of the consumer that makes messages.
const consumer = "outreach-messages"

// Publisher is what a notice is handed to: the bus.
type Publisher interface {
	Publish(ctx context.Context, subject, msgID string, data []byte) error
}

// Message is what a party reads. ReadAt is zero while it is unread.
type Message struct {
	ID     string
	Kind   string // the event's
	CaseID string // empty: about no case
	Link   string // on the portal, where it leads; empty: to the case
	Title  i18n.Text
	Body   i18n.Text
	At     time.Time
	ReadAt time.Time
}

// Store keeps messages. It is safe for concurrent use.
type Store struct {
	db    *db.DB
	clock clock.Clock
	post  *Post // nil: messages stay on the portal
}

// New is a store over d.
func New(d *db.DB, clock clock.Clock) *Store { return &Store{db: d, clock: clock} }

// Relay hands the notices of cases to p. The job is done once p has taken the
// notice; a second delivery after a crash has the same message id.
func Relay(w *db.Worker, p Publisher) {
	w.HandleAll(casework.JobNotice, func(ctx context.Context, _ db.Tx, jobs []db.Job) error {
		for _, job := range jobs {
			var n casework.Notice
			if err := json.Unmarshal(job.Payload, &n); err != nil {
				return fmt.Errorf("outreach.Relay: %w", err)
			}
			if err := p.Publish(ctx, Subject+n.Kind, job.Key, job.Payload); err != nil {
				return fmt.Errorf("outreach.Relay: %w", err)
			}
		}
		return nil
	})
}

// Listen makes messages of the notices that come over the bus, until ctx ends.
func (s *Store) Listen(ctx context.Context, b *bus.Bus) error {
	return b.Subscribe(ctx, consumer, Subject+">", func(ctx context.Context, m bus.Message) error {
		return s.Receive(ctx, m.Data)
	})
}

// Receive makes a message of one notice; of a notice that came before, nothing.
func (s *Store) Receive(ctx context.Context, notice []byte) error {
	const op = "outreach.Receive"
	var n casework.Notice
	if err := json.Unmarshal(notice, &n); err != nil {
		return fault.Wrap(fault.Invalid, op, i18n.M("fault.invalid"), err)
	}
	title, err := json.Marshal(i18n.M(headline(n.Kind), "service", n.Name))
	if err != nil {
		return err
	}
	note := n.Note
	if n.Number != "" {
		note = i18n.M("outreach.body", "note", n.Note, "number", n.Number)
	}
	body, err := json.Marshal(note)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		id := fmt.Sprintf("%s/%d", n.CaseID, n.Seq)
		if err := s.announce(ctx, tx, n.To, id, "/cases/"+n.CaseID); err != nil {
			return err
		}
		return store.New(tx.Later()).InsertMessage(ctx, store.InsertMessageParams{ID: id, Party: string(n.To),
			Kind: n.Kind, CaseID: n.CaseID, Title: string(title), Body: string(body), At: n.At})
	})
}

// headlines say in two words what happened, by the event's kind.
var headlines = map[string]string{
	"submitted": "outreach.title.submitted", "accepted": "outreach.title.accepted", "accepted-by-silence": "outreach.title.accepted",
	"refused": "outreach.title.refused", "supplement": "outreach.title.supplement", "suspended": "outreach.title.suspended",
	"resumed": "outreach.title.resumed", "extended": "outreach.title.extended", "rejected": "outreach.title.rejected",
	"approved": "outreach.title.approved", "issued": "outreach.title.issued", "lapsed": "outreach.title.lapsed",
	"delivered": "outreach.title.delivered",
}

func headline(kind string) string {
	if key, ok := headlines[kind]; ok {
		return key
	}
	return "outreach.title"
}

// Messages are the party's, the latest first.
func (s *Store) Messages(ctx context.Context, to party.ID, limit int) ([]Message, error) {
	rows, err := store.New(s.db.Reader()).MessagesOf(ctx, store.MessagesOfParams{Party: string(to), Limit: int32(limit)})
	if err != nil {
		return nil, fmt.Errorf("outreach.Messages: %w", err)
	}
	list := make([]Message, 0, len(rows))
	for _, r := range rows {
		m := Message{ID: r.ID, Kind: r.Kind, CaseID: r.CaseID, Link: r.Link, At: time.UnixMilli(r.At).UTC()}
		if r.ReadAt != 0 {
			m.ReadAt = time.UnixMilli(r.ReadAt).UTC()
		}
		if err := json.Unmarshal([]byte(r.Title), &m.Title); err != nil {
			return nil, fmt.Errorf("outreach.Messages: %w", err)
		}
		if err := json.Unmarshal([]byte(r.Body), &m.Body); err != nil {
			return nil, fmt.Errorf("outreach.Messages: %w", err)
		}
		list = append(list, m)
	}
	return list, nil
}

// Unread counts the party's unread messages.
func (s *Store) Unread(ctx context.Context, to party.ID) (int, error) {
	n, err := store.New(s.db.Reader()).CountUnread(ctx, string(to))
	if err != nil {
		return 0, fmt.Errorf("outreach.Unread: %w", err)
	}
	return int(n), nil
}

// Read marks all of the party's messages as read.
func (s *Store) Read(ctx context.Context, to party.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		return store.New(tx.Later()).MarkRead(ctx, store.MarkReadParams{ReadAt: s.clock().UnixMilli(), Party: string(to)})
	})
}
