package party

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/party/identifier"
	"github.com/tongban/tongban/party/internal/store"
	"github.com/tongban/tongban/workday"
)

// Store keeps parties and mandates. It is safe for concurrent use. Nothing here
// decides whether the caller may see a party: policy does.
type Store struct{ clock clock.Clock }

// New is the store; clock tells which mandates are live. It needs no connection
// of its own: every call says on which one it runs.
func New(_ *db.DB, clock clock.Clock) *Store { return &Store{clock: clock} }

// Put adds a party or replaces what is known of it. For a holder of a citizen
// id, Birth and Sex are taken from it where they are empty. It fails with
// Invalid (one field for each mistake) and with Conflict where another party has
// the identifier.
func (s *Store) Put(ctx context.Context, tx db.Tx, p Party) error {
	p.IDNumber = identifier.Canonical(p.IDNumber)
	if born, sex := identifier.BirthOf(p.IDNumber); p.IDType == identifier.CitizenID {
		if p.Birth.IsZero() {
			p.Birth = born
		}
		if p.Sex == "" {
			p.Sex = sex
		}
	}
	if err := p.check(); err != nil {
		return err
	}
	taken := func(err error) error {
		return fault.Wrap(fault.Conflict, "party.Put", i18n.M("party.taken"), err)
	}
	switch other, err := s.ByIdentifier(ctx, tx, p.IDType, p.IDNumber); {
	case err == nil && other.ID != p.ID:
		return taken(nil)
	case err != nil && !fault.Is(err, fault.NotFound):
		return err
	}
	q := store.New(tx)
	err := q.PutParty(ctx, store.PutPartyParams{
		ID: string(p.ID), Kind: string(p.Kind), Name: p.Name, Latin: p.Latin, IDType: p.IDType, IDNumber: p.IDNumber,
		Birth: p.Birth.String(), Sex: p.Sex, Phone: p.Phone, Address: p.Address, Area: p.Area, Lang: string(p.Lang),
		Elder: p.Elder, UpdatedAt: s.clock().UnixMilli(),
	})
	if db.IsUnique(err) {
		return taken(err)
	}
	if err != nil {
		return fmt.Errorf("party.Put: %w", err)
	}
	if err := q.DropKeys(ctx, string(p.ID)); err != nil {
		return fmt.Errorf("party.Put: %w", err)
	}
	for _, key := range keys(p) {
		if err := q.PutKey(ctx, store.PutKeyParams{Party: string(p.ID), Key: []byte(key)}); err != nil {
			return fmt.Errorf("party.Put: %w", err)
		}
	}
	return nil
}

// Get is a party, or a NotFound fault.
func (s *Store) Get(ctx context.Context, q db.Queryer, id ID) (Party, error) {
	row, err := store.New(q).Party(ctx, string(id))
	return found("party.Get", row, err)
}

// ByIdentifier is the party with the identifier, or a NotFound fault. The number
// may be written with spaces, hyphens or small letters.
func (s *Store) ByIdentifier(ctx context.Context, q db.Queryer, idType, number string) (Party, error) {
	row, err := store.New(q).PartyByIdentifier(ctx, store.PartyByIdentifierParams{IDNumber: identifier.Canonical(number), IDType: idType})
	return found("party.ByIdentifier", row, err)
}

func found(op string, row store.Party, err error) (Party, error) {
	if errors.Is(err, sql.ErrNoRows) {
		return Party{}, fault.New(fault.NotFound, op, i18n.M("party.notFound"))
	}
	if err != nil {
		return Party{}, fmt.Errorf("%s: %w", op, err)
	}
	p, err := fromRow(row)
	if err != nil {
		return Party{}, fmt.Errorf("%s: %w", op, err)
	}
	return p, nil
}

func fromRow(r store.Party) (Party, error) {
	p := Party{
		ID: ID(r.ID), Kind: Kind(r.Kind), Name: r.Name, Latin: r.Latin, IDType: r.IDType, IDNumber: r.IDNumber,
		Sex: r.Sex, Phone: r.Phone, Address: r.Address, Area: r.Area, Lang: i18n.Lang(r.Lang), Elder: r.Elder,
	}
	if r.Birth == "" {
		return p, nil
	}
	var err error
	p.Birth, err = workday.ParseDate(r.Birth)
	return p, err
}

// The bounds of a search.
const (
	maxFound  = 100
	maxQuery  = 60
	minNumber = 6 // characters of a whole identifier
)

// Search finds parties for the clerk at a counter: by a whole identifier number
// of any type, else by the beginning of a name, in Chinese or in Latin letters
// (of any word of it). At most limit parties (1 to 100) come back, in order of
// name; none for an empty query.
func (s *Store) Search(ctx context.Context, q db.Queryer, query string, limit int) ([]Party, error) {
	limit = max(1, min(limit, maxFound))
	queries := store.New(q)
	if number := identifier.Canonical(query); len(number) >= minNumber && len(number) <= maxQuery && strings.ContainsAny(number, "0123456789") {
		rows, err := queries.PartiesByNumber(ctx, store.PartiesByNumberParams{IDNumber: number, Limit: int32(limit)})
		if err != nil || len(rows) > 0 {
			return fromRows(rows, err)
		}
	}
	key := []byte(fold(query))
	if len(key) == 0 || len([]rune(query)) > maxQuery {
		return nil, nil
	}
	rows, err := queries.PartiesByKey(ctx, store.PartiesByKeyParams{Key: key, Key_2: after(key), Limit: int32(limit)})
	return fromRows(rows, err)
}

func fromRows(rows []store.Party, err error) ([]Party, error) {
	if err != nil {
		return nil, fmt.Errorf("party.Search: %w", err)
	}
	parties := make([]Party, len(rows))
	for i, row := range rows {
		if parties[i], err = fromRow(row); err != nil {
			return nil, fmt.Errorf("party.Search: %w", err)
		}
	}
	return parties, nil
}

// after is the first key behind all those that begin with prefix. UTF-8 has no
// byte 0xff, so one at the end is behind every continuation.
func after(prefix []byte) []byte { return append([]byte(string(prefix)), 0xff) }

// keys are what a party is found by: its name, and its name in Latin letters
// from each word on.
func keys(p Party) []string {
	all := []string{fold(p.Name)}
	words := strings.Fields(p.Latin)
	for i := range words {
		all = append(all, fold(strings.Join(words[i:], "")))
	}
	return all
}

// fold makes names comparable: no case, no spaces, dots, hyphens or other marks.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, strings.ToValidUTF8(s, ""))
}
