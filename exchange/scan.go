package exchange

import (
	"context"
	"fmt"
	"time"

	"github.com/tongban/tongban/exchange/internal/store"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/party"
)

// Entry is what one register has on a subject. At is when the agency last said
// so; the values are those of an Answer.
type Entry struct {
	Values map[string]any
	At     time.Time
}

// scanRows is how many entries Each reads with one statement.
const scanRows = 5000

// Each hands the entries of every subject to fn, by register, in the order of
// subjects, until fn fails. It is how whole-city figures are made: nobody looks
// at a person, so there is no receipt; whoever shows one person's data calls
// Ask or Look.
func (s *Store) Each(ctx context.Context, fn func(subject party.ID, entries map[string]Entry) error) error {
	after := ""
	for {
		rows, err := store.New(s.db.Reader()).ScanEntries(ctx, store.ScanEntriesParams{Subject: after, Limit: scanRows})
		if err != nil {
			return fmt.Errorf("exchange.Each: %w", err)
		}
		// The last subject of a full page may go on in the next one.
		end := len(rows)
		if len(rows) == scanRows {
			for end > 0 && rows[end-1].Subject == rows[len(rows)-1].Subject {
				end--
			}
		}
		if end == 0 {
			return nil
		}
		for from := 0; from < end; {
			subject := rows[from].Subject
			entries := map[string]Entry{}
			for ; from < end && rows[from].Subject == subject; from++ {
				if err := s.read(entries, rows[from].Resource, rows[from].Fields, rows[from].At); err != nil {
					return fmt.Errorf("exchange.Each: %w", err)
				}
			}
			if err := fn(party.ID(subject), entries); err != nil {
				return err
			}
		}
		after = rows[end-1].Subject
	}
}

// Entries is all that the registers have on one subject, by register, without a
// receipt, as Each gives it.
func (s *Store) Entries(ctx context.Context, q db.Queryer, subject party.ID) (map[string]Entry, error) {
	rows, err := store.New(q).ListEntries(ctx, string(subject))
	if err != nil {
		return nil, fmt.Errorf("exchange.Entries: %w", err)
	}
	entries := make(map[string]Entry, len(rows))
	for _, row := range rows {
		if err := s.read(entries, row.Resource, row.Fields, row.At); err != nil {
			return nil, fmt.Errorf("exchange.Entries: %w", err)
		}
	}
	return entries, nil
}

// read adds one stored entry. A register that has left the directory is passed
// over.
func (s *Store) read(entries map[string]Entry, resource, fields string, at int64) error {
	r, ok := s.directory.resources[resource]
	if !ok {
		return nil
	}
	values, err := decode(r, fields)
	if err != nil {
		return err
	}
	entries[resource] = Entry{Values: values, At: time.UnixMilli(at).UTC()}
	return nil
}

// Look asks several registers the same question about one subject, each with
// its receipt in tx; fields names the wanted keys by register. Faults are those
// of Ask.
func (s *Store) Look(ctx context.Context, tx db.Tx, subject party.ID, fields map[string][]string, asker, purpose string) (map[string]Answer, error) {
	answers := make(map[string]Answer, len(fields))
	for _, resource := range s.directory.order {
		keys, ok := fields[resource]
		if !ok {
			continue
		}
		a, err := s.Ask(ctx, tx, Question{Resource: resource, Subject: subject, Purpose: purpose, Asker: asker, Fields: keys})
		if err != nil {
			return nil, err
		}
		answers[resource] = a
	}
	return answers, nil
}
