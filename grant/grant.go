package grant

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/eligibility"
	"github.com/tongban/tongban/exchange"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/outreach"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"

	"github.com/tongban/tongban/grant/internal/store"
)

// Deps is what a Store works with; all are needed.
type Deps struct {
	DB         *db.DB
	City       *catalog.City
	Book       *eligibility.Book
	Population Population
	Exchange   *exchange.Store
	Parties    *party.Store
	Office     *casework.Office
	Messages   *outreach.Store
	Policy     *policy.Policy
	Clock      clock.Clock
}

// Store keeps grants and carries them through their lives. It is safe for
// concurrent use.
type Store struct{ Deps }

// New is a store over deps.
func New(deps Deps) *Store { return &Store{deps} }

// Grant is one grant of a policy to a subject. Amount is what a period brings, 0
// where nothing is paid. Until is the last moment to refuse, zero until the
// subject is told. Reason says why it ended early. The times of what has not
// happened are zero.
type Grant struct {
	ID        string
	Subject   party.ID
	Name      string // the subject's
	Policy    string
	Round     int
	Agency    string
	Status    Status
	Amount    int64
	Batch     string
	CaseID    string
	Reason    i18n.Text
	Until     time.Time
	Overpaid  int64
	MatchedAt time.Time
	GivenAt   time.Time
	EndedAt   time.Time
	Events    []Event        // of Get alone
	Orders    []PaymentOrder // of Get alone
}

// Event is one line of a grant's history.
type Event struct {
	Seq    int
	At     time.Time
	Kind   Command // or "match", with which a life begins
	Actor  string  // party or officer id, "system"
	Agency string
	Note   i18n.Text
}

// The statuses of a payment order.
const (
	Ordered   = "ordered"
	Overpaid  = "overpaid"  // for a time after the conditions had ended
	PaidBack  = "recovered" // has come back
	onceOrder = "once"
)

// PaymentOrder tells the treasury to pay one period: "once", a month "2026-11"
// or a year "2026".
type PaymentOrder struct {
	Period string
	Amount int64
	Status string
	At     time.Time
}

// When is the period in words.
func (o PaymentOrder) When() i18n.Text {
	switch {
	case o.Period == onceOrder:
		return i18n.M("grant.period.once")
	case len(o.Period) == len("2026"):
		return i18n.M("grant.period.year", "year", o.Period)
	default:
		return i18n.Written(o.Period)
	}
}

// Get is a grant with its history. Errors: NotFound, Denied.
func (s *Store) Get(ctx context.Context, pr policy.Principal, id string) (Grant, error) {
	const op = "grant.Get"
	row, err := s.row(ctx, s.DB.Reader(), op, id)
	if err != nil {
		return Grant{}, err
	}
	if err := s.Policy.Allow(pr, policy.GrantView, resourceOf(row)); err != nil {
		return Grant{}, err
	}
	g := grantOf(row)
	q := queries(s.DB.Reader())
	events, err := q.Events(ctx, id)
	if err != nil {
		return Grant{}, fmt.Errorf("%s: %w", op, err)
	}
	for _, e := range events {
		g.Events = append(g.Events, Event{Seq: int(e.Seq), At: at(e.At), Kind: Command(e.Kind), Actor: e.Actor, Agency: e.Agency, Note: words(e.Note)})
	}
	orders, err := q.Orders(ctx, id)
	if err != nil {
		return Grant{}, fmt.Errorf("%s: %w", op, err)
	}
	for _, o := range orders {
		g.Orders = append(g.Orders, PaymentOrder{Period: o.Period, Amount: o.Amount, Status: o.Status, At: at(o.At)})
	}
	return g, nil
}

// Of is the grants of whom pr acts for, newest first. Errors: Denied.
func (s *Store) Of(ctx context.Context, pr policy.Principal, subject party.ID) ([]Grant, error) {
	const op = "grant.Of"
	if err := s.Policy.Allow(pr, policy.GrantView, policy.Resource{Type: policy.TypeGrant, Owner: subject}); err != nil {
		return nil, err
	}
	rows, err := queries(s.DB.Reader()).OfSubject(ctx, string(subject))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	return grants(rows), nil
}

// Waiting is the grants of a policy in a status, by id, after the one given;
// limit at most. They name people: only who may put them on a list reads them.
// Errors: NotFound, Denied.
func (s *Store) Waiting(ctx context.Context, pr policy.Principal, policyID string, status Status, after string, limit int) ([]Grant, error) {
	const op = "grant.Waiting"
	p, err := s.policy(op, policyID)
	if err != nil {
		return nil, err
	}
	if err := s.Policy.Allow(pr, policy.GrantPropose, policy.Resource{Type: policy.TypeGrant, Agencies: []string{p.Agency}}); err != nil {
		return nil, err
	}
	rows, err := queries(s.DB.Reader()).OfPolicy(ctx, store.OfPolicyParams{Policy: policyID, Status: string(status), ID: after, Limit: int32(limit)})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	return grants(rows), nil
}

// policy is a policy of the city that is given without an application.
func (s *Store) policy(op, id string) (*catalog.Policy, error) {
	p, ok := s.City.Policy(id)
	if !ok || p.Grant == nil {
		return nil, fault.New(fault.NotFound, op, i18n.M("grant.noPolicy"))
	}
	return p, nil
}

func (s *Store) row(ctx context.Context, q db.Queryer, op, id string) (store.Grant, error) {
	row, err := queries(q).ByID(ctx, id)
	if errors.Is(err, sql.ErrNoRows) {
		return row, fault.New(fault.NotFound, op, i18n.M("grant.none"))
	}
	if err != nil {
		return row, fmt.Errorf("%s: %w", op, err)
	}
	return row, nil
}

func resourceOf(row store.Grant) policy.Resource {
	return policy.Resource{Type: policy.TypeGrant, ID: row.ID, Owner: party.ID(row.Subject), Agencies: []string{row.Agency}, Status: row.Status}
}

func grants(rows []store.Grant) []Grant {
	list := make([]Grant, len(rows))
	for i, row := range rows {
		list[i] = grantOf(row)
	}
	return list
}

func grantOf(r store.Grant) Grant {
	return Grant{ID: r.ID, Subject: party.ID(r.Subject), Name: r.Name, Policy: r.Policy, Round: int(r.Round), Agency: r.Agency, Status: Status(r.Status),
		Amount: r.Amount, Batch: r.Batch, CaseID: r.CaseID, Reason: words(r.Reason), Until: at(r.Until), Overpaid: r.Overpaid,
		MatchedAt: at(r.MatchedAt), GivenAt: at(r.GivenAt), EndedAt: at(r.EndedAt)}
}

func queries(q db.Queryer) *store.Queries { return store.New(q) }

func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func at(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// text is a sentence as the store keeps it; none is empty.
func text(t i18n.Text) string {
	if t.IsZero() {
		return ""
	}
	src, err := json.Marshal(t)
	if err != nil {
		panic("grant: encode: " + err.Error()) // two strings always encode
	}
	return string(src)
}

// words reads what text wrote.
func words(src string) i18n.Text {
	var t i18n.Text
	if src != "" && json.Unmarshal([]byte(src), &t) != nil {
		return i18n.Same(src)
	}
	return t
}
