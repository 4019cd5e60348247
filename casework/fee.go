package casework

import (
	"context"
	"slices"
	"strings"

	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/policy"
)

// fees are a member's charges that apply.
func (o *Office) fees(m member, vars map[string]any) ([]FeeShare, error) {
	var list []FeeShare
	for _, fee := range m.version.Fees {
		due, err := o.holds(fee.When, vars)
		if err != nil {
			return nil, err
		}
		if due == criterion.Yes {
			list = append(list, FeeShare{Agency: fee.Agency, Name: fee.Name, Amount: fee.Amount})
		}
	}
	return list, nil
}

// Fees are the charges that a draft would bring, split by agency.
func (o *Office) Fees(ctx context.Context, pr policy.Principal, draftID string) ([]FeeShare, error) {
	var list []FeeShare
	err := o.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		d, err := o.loadDraft(ctx, tx, pr, draftID)
		if err != nil {
			return err
		}
		f, err := o.file(ctx, tx, pr, d)
		if err != nil {
			return err
		}
		list = nil
		for _, m := range f.members {
			own, err := o.fees(m, f.vars[m.service.ID])
			if err != nil {
				return err
			}
			list = append(list, own...)
		}
		return nil
	})
	return split(list), err
}

// split sums charges by agency, in order of first appearance, with all their
// names.
func split(list []FeeShare) []FeeShare {
	var sums []FeeShare
	for _, fee := range list {
		i := slices.IndexFunc(sums, func(s FeeShare) bool { return s.Agency == fee.Agency })
		if i < 0 {
			sums = append(sums, FeeShare{Agency: fee.Agency, Name: fee.Name, Amount: fee.Amount})
			continue
		}
		if sums[i].Amount += fee.Amount; !slices.Contains(strings.Split(sums[i].Name.ZH, "、"), fee.Name.ZH) {
			sums[i].Name = i18n.Text{ZH: sums[i].Name.ZH + "、" + fee.Name.ZH, EN: sums[i].Name.EN + ", " + fee.Name.EN}
		}
	}
	return sums
}
