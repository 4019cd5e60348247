package identity

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/identity/internal/store"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
)

// shelf keeps sessions in the city's database, so that any node serves them.
// Times are the machine's: scs gives deadlines by it.
type shelf struct{ db *db.DB }

// manager is scs over the shelf. The cookie ends with the browser, since many
// share a machine, and at the latest after a session's life; over https its
// name makes browsers refuse one that a subdomain has set.
func (g *Gate) manager() *scs.SessionManager {
	m := scs.New()
	m.Store = shelf{g.DB}
	m.Lifetime = g.Life
	m.HashTokenInStore = true
	m.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) { g.Fail(w, r, err) }
	m.Cookie.Name = "tongban"
	if g.https {
		m.Cookie.Name, m.Cookie.Secure = "__Host-tongban", true
	}
	m.Cookie.HttpOnly, m.Cookie.SameSite = true, http.SameSiteLaxMode
	m.Cookie.Persist = false
	return m
}

// FindCtx is the data of a live session.
func (s shelf) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	data, err := store.New(s.db.Reader()).FindSession(ctx, store.FindSessionParams{Token: token, ExpiresAt: clock.System().UnixMilli()})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	return data, err == nil, trouble("identity.session.find", err)
}

// CommitCtx stores a session and throws out those that have ended.
func (s shelf) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		q := store.New(tx.Later())
		if err := q.SweepSessions(ctx, clock.System().UnixMilli()); err != nil {
			return err
		}
		return q.PutSession(ctx, store.PutSessionParams{Token: token, Data: data, ExpiresAt: expiry.UnixMilli()})
	})
	return trouble("identity.session.commit", err)
}

// DeleteCtx forgets a session.
func (s shelf) DeleteCtx(ctx context.Context, token string) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		return store.New(tx.Later()).DeleteSession(ctx, token)
	})
	return trouble("identity.session.delete", err)
}

// Find is FindCtx without a context; scs wants it and does not call it.
func (s shelf) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a context; scs wants it and does not call it.
func (s shelf) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx without a context; scs wants it and does not call it.
func (s shelf) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

func trouble(op string, err error) error {
	if err == nil {
		return nil
	}
	return fault.Wrap(fault.KindOf(err), op, i18n.Text{}, err)
}
