package grant

import (
	"context"
	"fmt"

	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/policy"

	"github.com/tongban/tongban/grant/internal/store"
)

// Recover asks back what was paid too much; the subject is told how much and
// why. Errors of this and the next two: NotFound, Denied, Conflict.
func (s *Store) Recover(ctx context.Context, pr policy.Principal, grantID string) error {
	const op = "grant.Recover"
	return s.recovery(ctx, pr, op, grantID, func(ctx context.Context, l *life) error {
		if err := l.do(ctx, op, CmdRecover, i18n.M("grant.event.recover", "amount", i18n.Number(l.row.Overpaid))); err != nil {
			return err
		}
		return l.tell(ctx, "recovering", i18n.M("grant.told.recovering", "amount", i18n.Number(l.row.Overpaid), "why", words(l.row.Reason)))
	})
}

// Repaid records that the money has come back.
func (s *Store) Repaid(ctx context.Context, pr policy.Principal, grantID string) error {
	const op = "grant.Repaid"
	return s.recovery(ctx, pr, op, grantID, func(ctx context.Context, l *life) error {
		orders, err := queries(l.tx).Orders(ctx, grantID)
		if err != nil {
			return fmt.Errorf("%s: %w", op, err)
		}
		for _, o := range orders {
			if o.Status != Overpaid {
				continue
			}
			if err := queries(l.tx.Later()).MarkOrder(ctx, store.MarkOrderParams{Status: PaidBack, GrantID: grantID, Period: o.Period}); err != nil {
				return err
			}
		}
		if err := l.do(ctx, op, CmdRepay, i18n.M("grant.event.repay", "amount", i18n.Number(l.row.Overpaid))); err != nil {
			return err
		}
		return l.tell(ctx, "recovered", i18n.M("grant.told.recovered", "amount", i18n.Number(l.row.Overpaid)))
	})
}

// Waive lets the money be, with the reason why; Invalid without one.
func (s *Store) Waive(ctx context.Context, pr policy.Principal, grantID, reason string) error {
	const op = "grant.Waive"
	if err := reasoned(op, reason); err != nil {
		return err
	}
	return s.recovery(ctx, pr, op, grantID, func(ctx context.Context, l *life) error {
		if err := l.do(ctx, op, CmdWaive, i18n.M("grant.event.waive", "reason", reason)); err != nil {
			return err
		}
		return l.tell(ctx, "waived", i18n.M("grant.told.waived", "amount", i18n.Number(l.row.Overpaid)))
	})
}

func (s *Store) recovery(ctx context.Context, pr policy.Principal, op, grantID string, step func(context.Context, *life) error) error {
	return s.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		l, err := s.take(ctx, tx, pr, op, grantID)
		if err != nil {
			return err
		}
		if err := s.Policy.Allow(pr, policy.GrantRecover, resourceOf(l.row)); err != nil {
			return err
		}
		return step(ctx, l)
	})
}

// TakeUp is how many grants of each policy stand in each status, and what they
// bring a period in all. Errors: Denied.
type TakeUp struct {
	Policy string
	Counts map[Status]int
	Amount map[Status]int64
}

// TakeUps is the take-up of the policies that pr may see, in the pack's order.
func (s *Store) TakeUps(ctx context.Context, pr policy.Principal) ([]TakeUp, error) {
	const op = "grant.TakeUps"
	rows, err := queries(s.DB.Reader()).CountByStatus(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	var list []TakeUp
	for _, p := range s.City.Policies {
		if p.Grant == nil || s.Policy.Allow(pr, policy.GrantView, policy.Resource{Type: policy.TypeGrant, Agencies: []string{p.Agency}}) != nil {
			continue
		}
		t := TakeUp{Policy: p.ID, Counts: map[Status]int{}, Amount: map[Status]int64{}}
		for _, row := range rows {
			if row.Policy == p.ID {
				t.Counts[Status(row.Status)], t.Amount[Status(row.Status)] = int(row.Number), row.Amount
			}
		}
		list = append(list, t)
	}
	return list, nil
}
