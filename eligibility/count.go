package eligibility

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/tongban/tongban/eligibility/internal/kernel"
)

// Range is a part of a population's blocks: Blocks of them from block First on.
// The zero Range is all. What ranges count adds up to what the whole counts.
type Range struct{ First, Blocks int }

// Options are how a run goes. The zero Options are the usual ones.
type Options struct {
	Workers  int    // 0: one for each processor
	Range    Range  // the zero Range: all
	Near     bool   // count near misses too
	Amounts  bool   // add up amounts too
	Kernel   string // "avx512", "avx2" or "portable"; "": TONGBAN_KERNEL, else the best of the machine
	Progress func(done, total int)
}

// Count is what one policy comes to.
type Count struct {
	Policy string
	Yes    int
	Held   int      // of Yes, who has it already
	Near   []Missed // with Options.Near: one for each condition, in order
	Amount Amount   // with Options.Amounts
}

// Amount is what the entitled get together, once, a month or a year as the
// policy has it.
type Amount struct {
	Yuan  int64
	Known int // of the entitled, for how many it is known; 0 where the policy has no amount
}

// Missed is how many meet every condition but this one, which they do not meet
// or of which it is unknown.
type Missed struct {
	Condition string
	Count     int
}

// Counts is what a run comes to.
type Counts struct {
	Subjects int // in the range
	Policies []Count
}

// Add adds the counts of another range by the same program.
func (c *Counts) Add(other Counts) {
	if c.Policies == nil {
		c.Policies = make([]Count, len(other.Policies))
	}
	c.Subjects += other.Subjects
	for i, o := range other.Policies {
		to := &c.Policies[i]
		to.Policy = o.Policy
		to.Yes += o.Yes
		to.Held += o.Held
		to.Amount.add(o.Amount)
		for j, missed := range o.Near {
			if j == len(to.Near) {
				to.Near = append(to.Near, Missed{Condition: missed.Condition})
			}
			to.Near[j].Count += missed.Count
		}
	}
}

// tally is what one worker has counted, by policy.
type tally struct {
	subjects int
	yes      []int
	held     []int
	near     [][]uint64 // place 0 is yes again
	amounts  []Amount
}

// Count runs the program over the population.
func (p *Population) Count(ctx context.Context, prog *Program, o Options) (Counts, error) {
	total := Counts{Policies: make([]Count, len(prog.entries))}
	for i, e := range prog.entries {
		total.Policies[i].Policy = e.ID
		for _, c := range e.Conditions {
			if o.Near {
				total.Policies[i].Near = append(total.Policies[i].Near, Missed{Condition: c.ID})
			}
		}
	}
	var mu sync.Mutex // guards total
	err := p.run(ctx, "eligibility.Count", prog, o, func() visitor {
		t := newTally(prog)
		return visitor{
			block: func(r *runner, _ int) { t.block(r, o) },
			done: func() {
				mu.Lock()
				defer mu.Unlock()
				t.into(&total)
			},
		}
	})
	if err != nil {
		return Counts{}, err
	}
	return total, nil
}

func newTally(prog *Program) *tally {
	t := &tally{yes: make([]int, len(prog.entries)), held: make([]int, len(prog.entries)), near: make([][]uint64, len(prog.entries)),
		amounts: make([]Amount, len(prog.entries))}
	for i, e := range prog.entries {
		t.near[i] = make([]uint64, len(e.Conditions)+1)
	}
	return t
}

func (t *tally) block(r *runner, o Options) {
	t.subjects += r.k.AndCount(r.arena, []uint32{r.b.slots[everyone]})
	for i := range r.b.policies {
		p := r.policy(i)
		switch {
		case !o.Near:
			t.yes[i] += r.k.AndCount(r.arena, p.all)
		case len(p.near) > 1:
			r.k.Near(r.arena, p.near, t.near[i])
		}
		if p.held != nil {
			t.held[i] += r.k.AndCount(r.arena, p.held)
		}
		if o.Amounts {
			t.amounts[i].add(r.amount(i))
		}
	}
}

func (a *Amount) add(o Amount) {
	a.Yuan += o.Yuan
	a.Known += o.Known
}

func (t *tally) into(total *Counts) {
	total.Subjects += t.subjects
	for i := range total.Policies {
		to := &total.Policies[i]
		to.Yes += t.yes[i] + int(t.near[i][0])
		to.Held += t.held[i]
		to.Amount.add(t.amounts[i])
		for j := range to.Near {
			to.Near[j].Count += int(t.near[i][j+1])
		}
	}
}

// visitor is what a worker does with the blocks that it is given, and at the
// end.
type visitor struct {
	block func(r *runner, block int)
	done  func()
}

// run lets workers pull the blocks of a range. With each block the arena has the
// bitmaps of the program's nodes.
func (p *Population) run(ctx context.Context, op string, prog *Program, o Options, worker func() visitor) error {
	k, err := kernelOf(op, o.kernel())
	if err != nil {
		return err
	}
	first, total := o.blocks(p.Blocks())
	var next, done atomic.Int64
	var progress sync.Mutex // serialises o.Progress
	var workers sync.WaitGroup
	for range o.workers(total) {
		workers.Go(func() {
			v, r := worker(), newRunner(k)
			defer v.done()
			for ctx.Err() == nil {
				i := int(next.Add(1) - 1)
				if i >= total {
					return
				}
				p.visit(r, prog, answers{o.Near, o.Amounts}, first+i, v)
				if n := done.Add(1); o.Progress != nil && (n%64 == 0 || int(n) == total) {
					progress.Lock()
					o.Progress(int(n), total)
					progress.Unlock()
				}
			}
		})
	}
	workers.Wait()
	return context.Cause(ctx)
}

// visit runs one block under the lock of reading.
func (p *Population) visit(r *runner, prog *Program, a answers, block int, v visitor) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if block >= len(p.blocks) {
		return
	}
	if r.b == nil || r.b.epoch != p.epoch {
		r.bind(p.bound(prog), a)
	}
	r.block(p.blocks[block], p.columns, p.strays[block])
	v.block(r, block)
}

// blocks is the range within so many blocks.
func (o Options) blocks(all int) (first, total int) {
	if o.Range == (Range{}) {
		return 0, all
	}
	first = max(0, min(o.Range.First, all))
	return first, max(0, min(o.Range.Blocks, all-first))
}

func (o Options) workers(blocks int) int {
	n := o.Workers
	if n <= 0 {
		n = runtime.GOMAXPROCS(0)
	}
	return max(1, min(n, blocks))
}

// Read reads the columns that the program reads, does nothing with them, and
// gives how many bytes that were: the time that memory alone costs a Count.
func (p *Population) Read(ctx context.Context, prog *Program, o Options) (bytes int64, err error) {
	k, err := kernelOf("eligibility.Read", o.kernel())
	if err != nil {
		return 0, err
	}
	first, total := o.blocks(p.Blocks())
	var next, read atomic.Int64
	var mixed atomic.Uint64 // what was read has to go somewhere
	var workers sync.WaitGroup
	for range o.workers(total) {
		workers.Go(func() {
			var mix uint64
			var n int64
			for ctx.Err() == nil {
				i := int(next.Add(1) - 1)
				if i >= total {
					break
				}
				p.mu.RLock()
				if first+i < len(p.blocks) {
					block := p.blocks[first+i]
					for _, col := range p.bound(prog).columns {
						planes := p.columns[col].planes(block)
						mix ^= k.Read(planes)
						n += int64(len(planes)) * kernel.Bytes
					}
				}
				p.mu.RUnlock()
			}
			read.Add(n)
			mixed.Add(mix)
		})
	}
	workers.Wait()
	return read.Load(), context.Cause(ctx)
}
