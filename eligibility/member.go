package eligibility

import (
	"context"

	"github.com/tongban/tongban/eligibility/internal/kernel"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/party"
)

// Members lists who is entitled to a policy, at most limit of them, from the
// place after on: 0 at first, then the next that the page before gave. next is 0
// on the last page. Places hold until the population is built anew. It fails with
// NotFound where the program has no such policy.
func (p *Population) Members(ctx context.Context, prog *Program, policy string, after, limit int) (ids []party.ID, next int, err error) {
	const op = "eligibility.Members"
	i, ok := prog.at[policy]
	if !ok {
		return nil, 0, noPolicy(op, policy)
	}
	return p.page(ctx, op, prog.alone(i), after, limit, false, func(r *runner) kernel.Bitmap {
		var out kernel.Bitmap
		r.k.And(&out, r.arena, r.policy(0).all)
		return out
	})
}

// NearMembers lists who meets every condition of a policy but one, by pages as
// Members does.
func (p *Population) NearMembers(ctx context.Context, prog *Program, policy, condition string, after, limit int) (ids []party.ID, next int, err error) {
	const op = "eligibility.NearMembers"
	i, ok := prog.at[policy]
	if !ok {
		return nil, 0, noPolicy(op, policy)
	}
	missing := -1
	for j, c := range prog.entries[i].Conditions {
		if c.ID == condition {
			missing = j
		}
	}
	if missing < 0 {
		return nil, 0, fault.New(fault.NotFound, op, i18n.M("population.condition", "policy", policy, "id", condition))
	}
	return p.page(ctx, op, prog.alone(i), after, limit, true, func(r *runner) kernel.Bitmap {
		var out kernel.Bitmap
		ops := r.policy(0).near
		others := append(append([]uint32{}, ops[:missing+1]...), ops[missing+2:]...)
		r.k.And(&out, r.arena, others)
		r.k.AndNot(&out, &out, &r.arena[ops[missing+1]])
		return out
	})
}

// page walks the blocks until it has enough.
func (p *Population) page(ctx context.Context, op string, prog *Program, after, limit int, near bool, who func(*runner) kernel.Bitmap) (ids []party.ID, next int, err error) {
	k, err := kernelOf(op, Options{}.kernel())
	if err != nil {
		return nil, 0, err
	}
	r, row := newRunner(k), max(0, after)
	for block := row / Lanes; block < p.Blocks(); block++ {
		if err := context.Cause(ctx); err != nil {
			return nil, 0, err
		}
		full := false
		p.visit(r, prog, answers{near: near}, block, visitor{block: func(r *runner, block int) {
			found := who(r)
			for w, rest := range found {
				for ; rest != 0; rest &= rest - 1 {
					at := block*Lanes + w*64 + trailing(rest)
					switch {
					case at < row:
					case len(ids) == limit:
						next, full = at, true
						return
					default:
						ids = append(ids, p.party(at))
					}
				}
			}
		}})
		if full {
			return ids, next, nil
		}
	}
	return ids, 0, nil
}
