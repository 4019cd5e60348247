package grant

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/internal/id"
	"github.com/tongban/tongban/ledger"
	"github.com/tongban/tongban/outreach"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"

	"github.com/tongban/tongban/grant/internal/store"
)

// life is one grant in one transaction.
type life struct {
	s   *Store
	tx  db.Tx
	row store.Grant
	p   *catalog.Policy
	who policy.Principal
	now time.Time
	new bool
}

// system is who acts where nobody does.
var system = policy.Principal{ID: "system", Kind: policy.System}

// take reads a grant for a change.
func (s *Store) take(ctx context.Context, tx db.Tx, pr policy.Principal, op, grantID string) (*life, error) {
	row, err := s.row(ctx, tx, op, grantID)
	if err != nil {
		return nil, err
	}
	return s.lead(tx, pr, op, row)
}

func (s *Store) lead(tx db.Tx, pr policy.Principal, op string, row store.Grant) (*life, error) {
	p, err := s.policy(op, row.Policy)
	if err != nil {
		return nil, err
	}
	return &life{s: s, tx: tx, row: row, p: p, who: pr, now: s.Clock()}, nil
}

// Match begins the grants of a subject that the rules have just found, each
// unless the subject has one, refused one before, or was given what is given
// once. Policies that are not given without an application are passed over.
func (s *Store) Match(ctx context.Context, tx db.Tx, subject party.ID, policies ...string) error {
	const op = "grant.Match"
	for _, id := range policies {
		p, ok := s.City.Policy(id)
		if !ok || p.Grant == nil {
			continue
		}
		if err := s.match(ctx, tx, subject, p); err != nil {
			return fmt.Errorf("%s: %s: %w", op, id, err)
		}
	}
	return nil
}

func (s *Store) match(ctx context.Context, tx db.Tx, subject party.ID, p *catalog.Policy) error {
	last, err := queries(tx).LastRound(ctx, store.LastRoundParams{Subject: string(subject), Policy: p.ID})
	switch {
	case errors.Is(err, sql.ErrNoRows):
	case err != nil:
		return err
	case !again(Status(last.Status)):
		return nil
	}
	who, err := s.Parties.Get(ctx, tx, subject)
	if err != nil {
		return err
	}
	l := &life{s: s, tx: tx, p: p, who: system, now: s.Clock(), new: true, row: store.Grant{Subject: string(subject), Policy: p.ID,
		Round: last.Round + 1, ID: id.New(), Name: who.Name, Agency: p.Agency, Status: string(Matched), MatchedAt: ms(s.Clock())}}
	if err := l.job(ctx, jobCheck, l.now); err != nil {
		return err
	}
	return l.write(ctx, "match", i18n.M("grant.event.match"))
}

// again reports whether a subject whose last grant stands so may have another.
// One that is given stays given; it may end, and then come again.
func again(s Status) bool { return s == Dropped || s == Ended || s == Recovered }

// do makes the grant take a command.
func (l *life) do(ctx context.Context, op string, c Command, note i18n.Text) error {
	to, err := next(op, Status(l.row.Status), c)
	if err != nil {
		return err
	}
	l.row.Status = string(to)
	if to.Over() {
		l.row.EndedAt = ms(l.now)
	}
	return l.write(ctx, string(c), note)
}

// close is do for what ends a life early: the reason is kept.
func (l *life) close(ctx context.Context, op string, c Command, reason i18n.Text) error {
	l.row.Reason = text(reason)
	return l.do(ctx, op, c, reason)
}

// leaf is what the ledger keeps of a command, and no personal data.
type leaf struct {
	Grant  string `json:"grant"`
	Seq    int32  `json:"seq"`
	Kind   string `json:"kind"`
	Policy string `json:"policy"`
	Status string `json:"status"`
	Amount int64  `json:"amount"`
	Actor  string `json:"actor"`
	At     int64  `json:"at"`
}

// write queues the row, the event and its ledger leaf.
func (l *life) write(ctx context.Context, kind string, note i18n.Text) error {
	l.row.Events++
	r, q := l.row, queries(l.tx.Later())
	var err error
	if l.new {
		l.new = false
		err = q.Insert(ctx, store.InsertParams(r))
	} else {
		err = q.Update(ctx, store.UpdateParams{Status: r.Status, Amount: r.Amount, Batch: r.Batch, CaseID: r.CaseID, Reason: r.Reason, Until: r.Until,
			Overpaid: r.Overpaid, GivenAt: r.GivenAt, EndedAt: r.EndedAt, Events: r.Events, Subject: r.Subject, Policy: r.Policy, Round: r.Round})
	}
	if err != nil {
		return err
	}
	actor := actorOf(l.who)
	if err := q.InsertEvent(ctx, store.InsertEventParams{GrantID: r.ID, Seq: r.Events, At: ms(l.now), Kind: kind, Actor: actor, Agency: l.who.Agency, Note: text(note)}); err != nil {
		return err
	}
	body, err := json.Marshal(leaf{Grant: r.ID, Seq: r.Events, Kind: kind, Policy: r.Policy, Status: r.Status, Amount: r.Amount, Actor: actor, At: ms(l.now)})
	if err != nil {
		return err
	}
	return ledger.Append(ctx, l.tx, ledger.Leaf{ID: fmt.Sprintf("%s/%d", r.ID, r.Events), Kind: "grant." + kind, Subject: r.ID, At: l.now, Body: body})
}

func actorOf(pr policy.Principal) string {
	switch {
	case pr.Kind == policy.Citizen:
		return string(pr.Actor.Party)
	case pr.Kind == policy.System:
		return "system"
	}
	return pr.ID
}

// tell sends the subject a message about what just happened.
func (l *life) tell(ctx context.Context, kind string, body i18n.Text) error {
	return l.s.Messages.Tell(ctx, l.tx, party.ID(l.row.Subject), outreach.Message{
		ID: fmt.Sprintf("%s/%d", l.row.ID, l.row.Events), Kind: "grant." + kind, Link: "/grants/" + l.row.ID,
		Title: l.p.Name, Body: body, At: l.now})
}

// job sets a timer of the grant.
func (l *life) job(ctx context.Context, kind string, at time.Time) error {
	return db.Enqueue(ctx, l.tx, db.Job{Kind: kind, Key: l.row.ID, Payload: []byte(l.row.ID), RunAt: at})
}
