package demo

import (
	"context"
	"fmt"

	"github.com/tongban/tongban/demo/crowd"
	"github.com/tongban/tongban/exchange"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/workday"
)

// townSeed draws the same town in every demo.
const townSeed = 20190218

// townPart is how many residents one transaction settles.
const townPart = 250

// Settle puts n synthetic residents into the stores beside the pack's people,
// so that counts of the whole city count something. Nobody of them signs in, and
// their registers are delivered in bulk: whoever calls rebuilds what is worked out
// from the registers. Residents who are there already stay as they are.
func Settle(ctx context.Context, s Stores, n int) error {
	if n <= 0 {
		return nil
	}
	_, err := s.Parties.Get(ctx, s.DB.Reader(), resident(n-1))
	if err == nil || !fault.Is(err, fault.NotFound) {
		return err
	}
	day := workday.DateOf(s.Now, s.City.Calendar.Zone())
	for b := range crowd.Draw(townSeed, n, day, s.City.AttributesOf("resident")) {
		for row := 0; row < b.Len(); row += townPart {
			end := min(row+townPart, b.Len())
			if err := s.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error { return s.settle(ctx, tx, b, row, end) }); err != nil {
				return fmt.Errorf("demo.Settle: %w", err)
			}
		}
	}
	return nil
}

func resident(i int) party.ID { return party.ID(fmt.Sprintf("resident-%06d", i)) }

// settle writes the residents of the rows from and before end.
func (s Stores) settle(ctx context.Context, tx db.Tx, b *crowd.Batch, from, end int) error {
	delivery := map[string][]exchange.Record{}
	for row := from; row < end; row++ {
		i := b.First + row
		p := party.Party{ID: resident(i), Kind: party.Person, Name: fmt.Sprintf("示例居民%06d", i), IDType: "414", IDNumber: fmt.Sprintf("TB%07d", i)}
		entries := b.Entries(row)
		if birth, ok := entries["population"]["birth"].(workday.Date); ok {
			p.Birth = birth
		}
		if err := s.Parties.Put(ctx, tx, p); err != nil {
			return err
		}
		for resource, values := range entries {
			delivery[resource] = append(delivery[resource], exchange.Record{Subject: p.ID, Entry: exchange.Entry{Values: values, At: s.Now}})
		}
	}
	for _, r := range s.City.Resources { // in the directory's order
		if err := s.Exchange.Collect(ctx, tx, r.ID, delivery[r.ID]); err != nil {
			return err
		}
	}
	return nil
}
