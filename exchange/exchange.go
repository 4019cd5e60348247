// Package exchange holds what agencies share of their registers and answers
// questions about one party at a time. A question has a purpose and an asker
// and leaves a receipt in the transaction of its answer, so that a party can
// see who read what and why. Only registers and fields of the city's directory
// (catalog.Resource) are kept and given out; which of the fields an asker may
// see is policy.Fields' answer, asked by the caller.
//
// Collection from agencies, agreements and signed answers come with a later
// issue; they fill the same entries and leave the same receipts.
//
// What is worked out from the registers (package eligibility) is told of every
// change by a job in the change's own transaction; see Changed.
package exchange

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/exchange/internal/store"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/internal/id"
	"github.com/tongban/tongban/party"
)

// Store is the registers' entries and the receipts. It is safe for concurrent
// use.
type Store struct {
	db        *db.DB
	clock     clock.Clock
	directory directory
}

// New is the store of a city's directory.
func New(d *db.DB, clock clock.Clock, resources []catalog.Resource, agencies []catalog.Agency) *Store {
	return &Store{db: d, clock: clock, directory: newDirectory(resources, agencies)}
}

// Question asks a register about one party. Fields are the keys that are
// wanted; none means all. Purpose says in plain words what for ("办理 老年综合津贴"),
// Asker is the agency's id or the name of who asks, CaseID the case or the
// draft that it is for, empty outside one.
type Question struct {
	Resource string
	Subject  party.ID
	Purpose  string
	CaseID   string
	Asker    string
	Fields   []string
}

// Answer is what the register has. Values are string, int64, float64 or bool;
// dates are strings in the form 2006-01-02. Source says for people where it
// comes from ("来自 市公安局人口库"), Request is the receipt's id, At the time of asking and AsOf the time
// at which the agency last wrote the entry. Found is false, and Values empty,
// where the register has nothing on the party.
type Answer struct {
	Values  map[string]any
	Source  i18n.Text
	Request string
	At      time.Time
	AsOf    time.Time
	Found   bool
}

// Put replaces what the register has on subject, as of at. An unknown register
// is NotFound; values that are not in the directory, or of the wrong type, are
// Invalid with a field each.
func (s *Store) Put(ctx context.Context, tx db.Tx, resource string, subject party.ID, values map[string]any, at time.Time) error {
	const op = "exchange.Put"
	r, err := s.directory.resource(op, resource)
	if err != nil {
		return err
	}
	return s.put(ctx, tx, op, r, subject, values, at)
}

// Amend writes some fields of an entry and keeps the others, a nil value takes a
// field away; it makes the entry where there is none. Faults are those of Put.
func (s *Store) Amend(ctx context.Context, tx db.Tx, resource string, subject party.ID, values map[string]any, at time.Time) error {
	const op = "exchange.Amend"
	r, err := s.directory.resource(op, resource)
	if err != nil {
		return err
	}
	merged, _, _, err := s.entry(ctx, tx, r, subject)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	maps.Copy(merged, values)
	return s.put(ctx, tx, op, r, subject, merged, at)
}

func (s *Store) put(ctx context.Context, tx db.Tx, op string, r catalog.Resource, subject party.ID, values map[string]any, at time.Time) error {
	if err := s.record(ctx, tx, op, r, Record{Subject: subject, Entry: Entry{Values: values, At: at}}); err != nil {
		return err
	}
	if err := changed(ctx, tx, subject); err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	return nil
}

// record replaces one entry.
func (s *Store) record(ctx context.Context, tx db.Tx, op string, r catalog.Resource, rec Record) error {
	if rec.Subject == "" {
		return fault.New(fault.Invalid, op, i18n.M("exchange.noSubject"))
	}
	clean, err := check(op, r, rec.Values)
	if err != nil {
		return err
	}
	src, err := encode(clean)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	err = store.New(tx.Later()).PutEntry(ctx, store.PutEntryParams{
		Resource: r.ID, Subject: string(rec.Subject), Fields: src, At: rec.At.UnixMilli(), ChangedAt: s.clock().UnixMilli(),
	})
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	return nil
}

// entry is what the register has on subject; an empty map where it has nothing.
func (s *Store) entry(ctx context.Context, q db.Queryer, r catalog.Resource, subject party.ID) (map[string]any, time.Time, bool, error) {
	row, err := store.New(q).GetEntry(ctx, store.GetEntryParams{Subject: string(subject), Resource: r.ID})
	if errors.Is(err, sql.ErrNoRows) {
		return map[string]any{}, time.Time{}, false, nil
	}
	if err != nil {
		return nil, time.Time{}, false, err
	}
	values, err := decode(r, row.Fields)
	return values, time.UnixMilli(row.At).UTC(), true, err
}

// Ask answers q and writes its receipt in tx: neither stands without the other.
// A question without purpose or asker, or for a field that the register does
// not have, is Invalid; an unknown register is NotFound. That the register has
// nothing on the party is an answer, not an error.
func (s *Store) Ask(ctx context.Context, tx db.Tx, q Question) (Answer, error) {
	const op = "exchange.Ask"
	r, err := s.directory.resource(op, q.Resource)
	if err != nil {
		return Answer{}, err
	}
	keys, err := q.keys(op, r)
	if err != nil {
		return Answer{}, err
	}
	values, asOf, found, err := s.entry(ctx, tx, r, q.Subject)
	if err != nil {
		return Answer{}, fmt.Errorf("%s: %w", op, err)
	}
	maps.DeleteFunc(values, func(key string, _ any) bool { return !slices.Contains(keys, key) })
	a := Answer{Values: values, Source: i18n.M("exchange.from", "source", s.directory.source(r)), Request: id.New(), At: s.clock(), AsOf: asOf, Found: found}
	if err := s.receipt(ctx, tx, q, keys, a); err != nil {
		return Answer{}, fmt.Errorf("%s: %w", op, err)
	}
	return a, nil
}

// keys checks the question and gives the fields that it asks for.
func (q Question) keys(op string, r catalog.Resource) ([]string, error) {
	switch {
	case q.Subject == "":
		return nil, fault.New(fault.Invalid, op, i18n.M("exchange.noSubject"))
	case q.Purpose == "" || q.Asker == "":
		return nil, fault.New(fault.Invalid, op, i18n.M("exchange.noPurpose"))
	}
	var all []string
	for _, f := range r.Fields {
		all = append(all, f.Key)
	}
	if len(q.Fields) == 0 {
		return all, nil
	}
	for _, key := range q.Fields {
		if !slices.Contains(all, key) {
			return nil, fault.Fields(op, mistake(key, i18n.M("exchange.unknownField", "field", key, "register", r.Name)))
		}
	}
	return q.Fields, nil
}

func (s *Store) receipt(ctx context.Context, tx db.Tx, q Question, keys []string, a Answer) error {
	fields, err := json.Marshal(keys)
	if err != nil {
		return err
	}
	return store.New(tx.Later()).InsertReceipt(ctx, store.InsertReceiptParams{
		Subject: string(q.Subject), ID: a.Request, Resource: q.Resource, Asker: q.Asker, Purpose: q.Purpose,
		CaseID: q.CaseID, Fields: string(fields), Found: a.Found, At: a.At.UnixMilli(),
	})
}
