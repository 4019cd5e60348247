package outreach

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/outreach/internal/store"
	"github.com/tongban/tongban/party"
)

// KindNews is the kind of letters that say that there is a message.
const KindNews = "news"

// Over has every message from now on announced over the channels that its party
// uses. What a message says stays on the portal: the letter says only that there
// is one, since a line may be read by others. Call it before anything is told.
func (s *Store) Over(p *Post) { s.post = p }

// Tell puts a message on the portal in the caller's transaction. Of a message
// whose ID came before, nothing. A message without a time is of now.
func (s *Store) Tell(ctx context.Context, tx db.Tx, to party.ID, m Message) error {
	title, err := json.Marshal(m.Title)
	if err != nil {
		return fmt.Errorf("outreach.Tell: %w", err)
	}
	body, err := json.Marshal(m.Body)
	if err != nil {
		return fmt.Errorf("outreach.Tell: %w", err)
	}
	if m.At.IsZero() {
		m.At = s.clock()
	}
	link := m.Link
	if link == "" && m.CaseID != "" {
		link = "/cases/" + m.CaseID
	}
	if err := s.announce(ctx, tx, to, m.ID, link); err != nil {
		return err
	}
	return store.New(tx.Later()).InsertMessage(ctx, store.InsertMessageParams{ID: m.ID, Party: string(to), Kind: m.Kind, CaseID: m.CaseID, Link: m.Link,
		Title: string(title), Body: string(body), At: m.At.UnixMilli()})
}

// announce queues the letter that says that there is a message.
func (s *Store) announce(ctx context.Context, tx db.Tx, to party.ID, message, link string) error {
	if s.post == nil {
		return nil
	}
	_, err := s.post.Tell(ctx, tx, Letter{ID: message, To: to, Kind: KindNews, Title: i18n.M("offer.news.title"), Body: i18n.M("offer.news.body"), Path: link})
	return err
}
