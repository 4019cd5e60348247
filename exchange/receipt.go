package exchange

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tongban/tongban/exchange/internal/store"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/party"
)

// maxReceipts is how many receipts one call gives at most.
const maxReceipts = 500

// Receipt is one reading of a party's data. Source and Who are for people: the
// register with its agency, and the agency that asked. Labels are the names of
// the Fields, in the same order.
type Receipt struct {
	ID       string
	Subject  party.ID
	Resource string
	Source   i18n.Text
	Asker    string
	Who      i18n.Text
	Purpose  string
	CaseID   string
	Fields   []string
	Labels   []i18n.Text
	Found    bool
	At       time.Time
}

// Receipts is who read the subject's data, newest first, limit at most.
func (s *Store) Receipts(ctx context.Context, q db.Queryer, subject party.ID, limit int) ([]Receipt, error) {
	limit = max(0, min(limit, maxReceipts))
	rows, err := store.New(q).ListReceipts(ctx, store.ListReceiptsParams{Subject: string(subject), Limit: int32(limit)})
	if err != nil {
		return nil, fmt.Errorf("exchange.Receipts: %w", err)
	}
	receipts := make([]Receipt, len(rows))
	for i, row := range rows {
		receipts[i] = Receipt{
			ID: row.ID, Subject: subject, Resource: row.Resource, Asker: row.Asker, Purpose: row.Purpose,
			CaseID: row.CaseID, Found: row.Found, At: time.UnixMilli(row.At).UTC(),
		}
		if err := json.Unmarshal([]byte(row.Fields), &receipts[i].Fields); err != nil {
			return nil, fmt.Errorf("exchange.Receipts: %s: %w", row.ID, err)
		}
		s.directory.describe(&receipts[i])
	}
	return receipts, nil
}

// describe adds the names; what has left the directory keeps its key.
func (d directory) describe(r *Receipt) {
	r.Who = d.who(r.Asker)
	r.Source = i18n.Same(r.Resource)
	labels := map[string]i18n.Text{}
	if resource, ok := d.resources[r.Resource]; ok {
		r.Source = d.source(resource)
		for _, f := range resource.Fields {
			labels[f.Key] = f.Label
		}
	}
	for _, key := range r.Fields {
		label, ok := labels[key]
		if !ok {
			label = i18n.Same(key)
		}
		r.Labels = append(r.Labels, label)
	}
}
