package casework

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"

	"github.com/tongban/tongban/casework/internal/store"
)

// Correction is somebody's word that a register is wrong about them.
type Correction struct {
	ID       string
	At       time.Time
	Register i18n.Text
	Field    string    // key
	Label    i18n.Text // the field's, where a form of today still has it
	Says     string    // what they say is right
	Subject  party.ID
	Name     string // of the subject
}

// Corrections lists what was reported wrong in the registers that pr's agency
// keeps, the latest first, and the cursor of the next page. Errors: Denied for
// who does not handle anything there.
func (o *Office) Corrections(ctx context.Context, pr policy.Principal, page Page) ([]Correction, string, error) {
	const op = "casework.Corrections"
	if err := o.allow(pr, policy.FactAsk, policy.Resource{Type: policy.TypeFact, Agencies: []string{pr.Agency}, Area: pr.Area}); err != nil {
		return nil, "", err
	}
	from, err := readCursor(op, page.After, cursor{At: math.MaxInt64, Case: "~"})
	if err != nil {
		return nil, "", err
	}
	n := page.limit()
	var list []Correction
	for _, reg := range o.City.Resources {
		if reg.Agency != pr.Agency {
			continue
		}
		for _, source := range o.sourceNames(reg) {
			rows, err := queries(o.DB.Reader()).CorrectionsOfSource(ctx, store.CorrectionsOfSourceParams{Source: source, BeforeAt: from.At,
				BeforeID: from.Case, N: int32(n + 1)})
			if err != nil {
				return nil, "", fault.Wrap(fault.Internal, op, i18n.Text{}, err)
			}
			for _, row := range rows {
				list = append(list, Correction{ID: row.ID, At: at(row.At), Register: reg.Name, Field: row.Field, Label: o.fieldLabel(reg.ID, row.Field),
					Says: row.Says, Subject: party.ID(row.Subject)})
			}
		}
	}
	slices.SortFunc(list, func(a, b Correction) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.ID, a.ID)) })
	next := ""
	if len(list) > n {
		list = list[:n]
		next = cursor{At: ms(list[n-1].At), Case: list[n-1].ID}.String()
	}
	return list, next, o.nameSubjects(ctx, list)
}

// sourceNames are the ways in which a correction names a register: by its id,
// or as the form said it to the applicant.
func (o *Office) sourceNames(reg catalog.Resource) []string {
	agency, _ := o.City.Agency(reg.Agency)
	said := i18n.M("exchange.source", "agency", agency.Short, "register", reg.Name)
	return []string{reg.ID, said.ZH, i18n.M("exchange.from", "source", said).ZH}
}

// fieldLabel is how a form asks for a field that it fills from the register.
func (o *Office) fieldLabel(register, key string) i18n.Text {
	for _, f := range o.City.Forms {
		if field := f.Field(key); field != nil && strings.HasPrefix(field.Fill, register+".") {
			return field.Label
		}
	}
	return i18n.Text{}
}

func (o *Office) nameSubjects(ctx context.Context, list []Correction) error {
	for i, c := range list {
		p, err := o.Parties.Get(ctx, o.DB.Reader(), c.Subject)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		list[i].Name = p.Name
	}
	return nil
}
