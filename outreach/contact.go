package outreach

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/big"
	"time"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/internal/id"
	"github.com/tongban/tongban/outreach/internal/store"
	"github.com/tongban/tongban/party"
)

const (
	codeLife  = 30 * time.Minute
	codePause = time.Minute // before another code is sent to a party over the same channel
	mostTries = 5           // wrong codes; then a new one is needed
)

// SetContact names the party's address on a channel and sends a code there,
// which proves by Confirm that the address is the party's: until then nothing
// else goes there. The same address again, once confirmed, is only switched on.
// Errors: Invalid with a field "/address"; Unavailable where the city has not
// set the channel up, or a code was sent a moment ago.
func (p *Post) SetContact(ctx context.Context, of party.ID, c Channel, address string) error {
	const op = "outreach.SetContact"
	if p.Senders[c] == nil {
		return fault.New(fault.Unavailable, op, i18n.M("offer.contact.none"))
	}
	address, ok := clean(c, address)
	if !ok {
		return fault.Fields(op, fault.Field{Pointer: "/address", Message: i18n.M("offer.contact.wrong." + string(c))})
	}
	return p.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		one, err := p.Parties.Get(ctx, tx, of)
		if err != nil {
			return err
		}
		if c == Webhook && one.Kind != party.Organisation {
			return fault.New(fault.Denied, op, i18n.M("offer.contact.firms"))
		}
		row, err := contact(ctx, tx, of, c)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if err == nil && row.Address == address && row.ConfirmedAt != 0 && row.FailedAt == 0 {
			row.Live = true
			return putContact(ctx, tx, row)
		}
		return p.begin(ctx, tx, row, of, c, address)
	})
}

// begin sends the code to a new address, or to one that failed.
func (p *Post) begin(ctx context.Context, tx db.Tx, old store.OutreachChannel, of party.ID, c Channel, address string) error {
	now := p.Clock()
	if old.CodeUntil > now.Add(codeLife-codePause).UnixMilli() {
		return fault.New(fault.Unavailable, "outreach.SetContact", i18n.M("offer.contact.soon"))
	}
	code, err := p.code()
	if err != nil {
		return err
	}
	row := store.OutreachChannel{Party: string(of), Channel: string(c), Address: address, Live: true, Secret: old.Secret, Code: code,
		CodeUntil: now.Add(codeLife).UnixMilli()}
	if c == Webhook && row.Secret == "" {
		if row.Secret, err = p.secret(); err != nil {
			return err
		}
	}
	if err := putContact(ctx, tx, row); err != nil {
		return err
	}
	l := Letter{ID: id.New(), To: of, Kind: KindCode, Code: code, Title: i18n.M("offer.code.title"), Path: PreferencesPath,
		Body: i18n.M("offer.code.body", "code", code, "minutes", int(codeLife.Minutes()))}
	return p.queue(ctx, tx, l, toContact(row), now)
}

// Confirm takes the code that was sent to the address. Errors: NotFound where no
// code is waited for; Invalid with a field "/code" where it is another, or too
// old, or was tried too often.
func (p *Post) Confirm(ctx context.Context, of party.ID, c Channel, code string) error {
	const op = "outreach.Confirm"
	var wrong error
	err := p.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		wrong = nil
		row, err := contact(ctx, tx, of, c)
		if err != nil {
			return err
		}
		if row.Code == "" {
			return fault.New(fault.NotFound, op, i18n.M("offer.contact.noCode"))
		}
		switch {
		case p.Clock().UnixMilli() >= row.CodeUntil || row.Tries >= mostTries:
			wrong = fault.Fields(op, fault.Field{Pointer: "/code", Message: i18n.M("offer.contact.oldCode")})
			return nil
		case subtle.ConstantTimeCompare([]byte(code), []byte(row.Code)) != 1:
			wrong = fault.Fields(op, fault.Field{Pointer: "/code", Message: i18n.M("offer.contact.wrongCode")})
			row.Tries++ // kept, though it is refused
		default:
			row.Code, row.ConfirmedAt = "", p.Clock().UnixMilli()
		}
		return putContact(ctx, tx, row)
	})
	return errors.Join(err, wrong)
}

// RemoveContact forgets the party's address on a channel; what waits to be sent
// there is dropped. Nothing happens where there is none.
func (p *Post) RemoveContact(ctx context.Context, of party.ID, c Channel) error {
	return p.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		return store.New(tx.Later()).DeleteChannel(ctx, store.DeleteChannelParams{Party: string(of), Channel: string(c)})
	})
}

// Unsubscribe ends letters over a channel by the token of a letter's link, for
// whoever holds it: nobody need sign in. Done twice it is done once. Errors:
// NotFound where the city has not signed the token.
func (p *Post) Unsubscribe(ctx context.Context, token string) error {
	stop, err := p.Key.Read(token)
	if err != nil {
		return err
	}
	return p.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		row, err := contact(ctx, tx, stop.Party, stop.Channel)
		if fault.Is(err, fault.NotFound) {
			return nil // forgotten already
		}
		if err != nil {
			return err
		}
		row.Live = false
		return putContact(ctx, tx, row)
	})
}

func contact(ctx context.Context, q db.Queryer, of party.ID, c Channel) (store.OutreachChannel, error) {
	row, err := store.New(q).Channel(ctx, store.ChannelParams{Party: string(of), Channel: string(c)})
	if errors.Is(err, sql.ErrNoRows) {
		return row, fault.New(fault.NotFound, "offer.contact", i18n.M("offer.contact.noCode"))
	}
	if err != nil {
		return row, fmt.Errorf("offer.contact: %w", err)
	}
	return row, nil
}

func putContact(ctx context.Context, tx db.Tx, r store.OutreachChannel) error {
	return store.New(tx.Later()).PutChannel(ctx, store.PutChannelParams(r))
}

// code is six digits.
func (p *Post) code() (string, error) {
	n, err := rand.Int(p.Rand, big.NewInt(1_000_000))
	if err != nil {
		return "", fmt.Errorf("offer.code: %w", err)
	}
	return fmt.Sprintf("%06d", n), nil
}

// secret is what a webhook's posts are signed with.
func (p *Post) secret() (string, error) {
	raw := make([]byte, 24)
	if _, err := io.ReadFull(p.Rand, raw); err != nil {
		return "", fmt.Errorf("outreach.secret: %w", err)
	}
	return hex.EncodeToString(raw), nil
}
