package grant

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/internal/id"
	"github.com/tongban/tongban/policy"

	"github.com/tongban/tongban/grant/internal/store"
)

// MaxBatch is how many grants one batch has at most: as many as a person can
// be asked to look over.
const MaxBatch = 500

// The statuses of a batch.
const (
	Proposed = "proposed" // a second person's: confirm or return
	Agreed   = "confirmed"
	Returned = "returned"
)

// Batch is a list of grants of one policy that one person proposed. Amount is
// what it costs for the first period.
type Batch struct {
	ID         string
	Policy     string
	Agency     string
	Status     string
	Members    int
	Amount     int64
	ProposedBy string // officer id
	ProposedAt time.Time
	DecidedBy  string // officer id; empty: waits
	DecidedAt  time.Time
	Reason     string // why it was returned
}

// Propose puts the checked grants of a policy, the oldest first and MaxBatch at
// most, on a list for another person. Errors: NotFound where nothing waits,
// Denied.
func (s *Store) Propose(ctx context.Context, pr policy.Principal, policyID string) (Batch, error) {
	const op = "grant.Propose"
	p, err := s.policy(op, policyID)
	if err != nil {
		return Batch{}, err
	}
	if err := s.Policy.Allow(pr, policy.GrantPropose, policy.Resource{Type: policy.TypeGrant, Agencies: []string{p.Agency}}); err != nil {
		return Batch{}, err
	}
	var b store.GrantBatch
	err = s.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		rows, err := queries(tx).OfPolicy(ctx, store.OfPolicyParams{Policy: policyID, Status: string(Checked), Limit: MaxBatch})
		if err != nil {
			return fmt.Errorf("%s: %w", op, err)
		}
		if len(rows) == 0 {
			return fault.New(fault.NotFound, op, i18n.M("grant.nothing"))
		}
		b = store.GrantBatch{ID: id.New(), Policy: policyID, Agency: p.Agency, Status: Proposed, ProposedBy: pr.ID, ProposedAt: ms(s.Clock())}
		for _, row := range rows {
			l, err := s.lead(tx, pr, op, row)
			if err != nil {
				return err
			}
			l.row.Batch = b.ID
			if err := l.do(ctx, op, CmdList, i18n.M("grant.event.list")); err != nil {
				return err
			}
			b.Members++
			b.Amount += row.Amount
		}
		return queries(tx.Later()).InsertBatch(ctx, store.InsertBatchParams(b))
	})
	return batchOf(b), err
}

// Exclude takes one grant off, with the reason why. Errors: NotFound, Denied,
// Conflict, Invalid without a reason.
func (s *Store) Exclude(ctx context.Context, pr policy.Principal, grantID, reason string) error {
	const op = "grant.Exclude"
	if err := reasoned(op, reason); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		l, err := s.take(ctx, tx, pr, op, grantID)
		if err != nil {
			return err
		}
		if err := s.Policy.Allow(pr, policy.GrantPropose, resourceOf(l.row)); err != nil {
			return err
		}
		if from := Status(l.row.Status); from != Checked && from != Listed {
			return fault.New(fault.Conflict, op, i18n.M("grant.conflict", "status", from.Name()))
		}
		return l.close(ctx, op, CmdDrop, i18n.Same(reason))
	})
}

// Confirm is the second person's agreement: the members will be told. Who is
// off the list by now stays off. Errors: NotFound, Denied (also for who
// proposed it, and for a member), Conflict where it was decided before.
func (s *Store) Confirm(ctx context.Context, pr policy.Principal, batchID string) error {
	const op = "grant.Confirm"
	return s.settle(ctx, pr, op, batchID, Agreed, "", func(ctx context.Context, l *life) error {
		if l.row.Subject == string(pr.Actor.Party) {
			return fault.New(fault.Denied, op, i18n.M("grant.own"))
		}
		if err := l.do(ctx, op, CmdConfirm, i18n.M("grant.event.confirm")); err != nil {
			return err
		}
		return l.job(ctx, jobTell, l.now)
	})
}

// Return sends the list back; its members wait for another one. Errors: as
// Confirm, and Invalid without a reason.
func (s *Store) Return(ctx context.Context, pr policy.Principal, batchID, reason string) error {
	const op = "grant.Return"
	if err := reasoned(op, reason); err != nil {
		return err
	}
	return s.settle(ctx, pr, op, batchID, Returned, reason, func(ctx context.Context, l *life) error {
		l.row.Batch = ""
		return l.do(ctx, op, CmdReturn, i18n.M("grant.event.return", "reason", reason))
	})
}

// settle decides a batch and does each to every member that is still listed.
func (s *Store) settle(ctx context.Context, pr policy.Principal, op, batchID, status, reason string, each func(context.Context, *life) error) error {
	return s.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		b, err := s.batch(ctx, tx, op, batchID)
		if err != nil {
			return err
		}
		if err := s.Policy.Allow(pr, policy.GrantConfirm, policy.Resource{Type: policy.TypeGrant, Agencies: []string{b.Agency}}); err != nil {
			return err
		}
		if b.Status != Proposed {
			return fault.New(fault.Conflict, op, i18n.M("grant.decided"))
		}
		if b.ProposedBy == pr.ID {
			return fault.New(fault.Denied, op, i18n.M("grant.samePerson"))
		}
		rows, err := queries(tx).OfBatch(ctx, store.OfBatchParams{Batch: batchID, Limit: MaxBatch})
		if err != nil {
			return fmt.Errorf("%s: %w", op, err)
		}
		b.Members, b.Amount = 0, 0
		for _, row := range rows {
			if Status(row.Status) != Listed {
				continue
			}
			b.Members++
			b.Amount += row.Amount
			l, err := s.lead(tx, pr, op, row)
			if err != nil {
				return err
			}
			if err := each(ctx, l); err != nil {
				return err
			}
		}
		return queries(tx.Later()).UpdateBatch(ctx, store.UpdateBatchParams{Status: status, Members: b.Members, Amount: b.Amount, DecidedBy: pr.ID,
			DecidedAt: ms(s.Clock()), Reason: reason, ID: b.ID})
	})
}

// Batch is a batch with its members, by id, after the one given; limit at most.
// It names people, as Waiting does. Errors: NotFound, Denied.
func (s *Store) Batch(ctx context.Context, pr policy.Principal, batchID, after string, limit int) (Batch, []Grant, error) {
	const op = "grant.Batch"
	b, err := s.batch(ctx, s.DB.Reader(), op, batchID)
	if err != nil {
		return Batch{}, nil, err
	}
	if err := s.Policy.Allow(pr, policy.GrantPropose, policy.Resource{Type: policy.TypeGrant, Agencies: []string{b.Agency}}); err != nil {
		return Batch{}, nil, err
	}
	rows, err := queries(s.DB.Reader()).OfBatch(ctx, store.OfBatchParams{Batch: batchID, ID: after, Limit: int32(limit)})
	if err != nil {
		return Batch{}, nil, fmt.Errorf("%s: %w", op, err)
	}
	return batchOf(b), grants(rows), nil
}

// Batches are an agency's, newest first. Errors: Denied.
func (s *Store) Batches(ctx context.Context, pr policy.Principal, agency string, limit int) ([]Batch, error) {
	const op = "grant.Batches"
	if err := s.Policy.Allow(pr, policy.GrantView, policy.Resource{Type: policy.TypeGrant, Agencies: []string{agency}}); err != nil {
		return nil, err
	}
	rows, err := queries(s.DB.Reader()).BatchesOfAgency(ctx, store.BatchesOfAgencyParams{Agency: agency, Limit: int32(limit)})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	list := make([]Batch, len(rows))
	for i, row := range rows {
		list[i] = batchOf(row)
	}
	return list, nil
}

func (s *Store) batch(ctx context.Context, q db.Queryer, op, batchID string) (store.GrantBatch, error) {
	b, err := queries(q).BatchByID(ctx, batchID)
	if errors.Is(err, sql.ErrNoRows) {
		return b, fault.New(fault.NotFound, op, i18n.M("grant.noBatch"))
	}
	if err != nil {
		return b, fmt.Errorf("%s: %w", op, err)
	}
	return b, nil
}

func batchOf(b store.GrantBatch) Batch {
	return Batch{ID: b.ID, Policy: b.Policy, Agency: b.Agency, Status: b.Status, Members: int(b.Members), Amount: b.Amount, ProposedBy: b.ProposedBy,
		ProposedAt: at(b.ProposedAt), DecidedBy: b.DecidedBy, DecidedAt: at(b.DecidedAt), Reason: b.Reason}
}

// maxReason is how long a reason may be, in bytes.
const maxReason = 2000

func reasoned(op, reason string) error {
	switch {
	case strings.TrimSpace(reason) == "":
		return fault.Fields(op, fault.Field{Pointer: "/reason", Message: i18n.M("grant.reason")})
	case len(reason) > maxReason:
		return fault.Fields(op, fault.Field{Pointer: "/reason", Message: i18n.M("grant.reasonLong")})
	}
	return nil
}
