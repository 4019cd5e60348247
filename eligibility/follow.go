package eligibility

import (
	"context"
	"maps"
	"time"

	"github.com/tongban/tongban/exchange"
)

// followEvery is how often Follow asks what has changed, and followBack how far
// it looks back each time, for transactions that took long.
const (
	followEvery = 2 * time.Second
	followBack  = time.Minute
	followPage  = 5000
)

// Follow keeps the populations current until ctx ends: what any process writes
// into the registers is here within a few seconds.
func (e *Engine) Follow(ctx context.Context) error {
	var f follower
	ticker := time.NewTicker(followEvery)
	defer ticker.Stop()
	for {
		if _, err := e.catchUp(ctx, &f); err != nil && ctx.Err() == nil {
			e.Log.WarnContext(ctx, "populations are behind the registers", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// follower is which changes are in the populations already, though they are
// still looked back at.
type follower struct {
	loads int64 // of the engine, at the time
	seen  map[exchange.Change]struct{}
}

// catchUp refreshes whatever changed since the populations were built, and gives
// how many changes it has looked at.
func (e *Engine) catchUp(ctx context.Context, f *follower) (looked int, err error) {
	if loads := e.loads.Load(); f.seen == nil || loads != f.loads { // a new population may know less
		f.loads, f.seen = loads, map[exchange.Change]struct{}{}
	}
	began := e.Clock()
	from := began
	for _, c := range e.crowds {
		c.mu.RLock()
		if c.pop == nil {
			c.mu.RUnlock()
			return 0, nil // nothing to keep current yet
		}
		from = earlier(from, c.built)
		c.mu.RUnlock()
	}
	for last := (exchange.Change{At: from.Add(-followBack)}); ; {
		all, err := e.Exchange.Since(ctx, last, followPage)
		if err != nil {
			return looked, err
		}
		looked += len(all)
		for _, news := range all {
			last = news.Change
			if _, ok := f.seen[last]; ok {
				continue
			}
			if _, err := e.Refresh(ctx, news); err != nil {
				return looked, err
			}
			f.seen[last] = struct{}{}
		}
		if len(all) < followPage {
			e.mark(began)
			maps.DeleteFunc(f.seen, func(c exchange.Change, _ struct{}) bool { return c.At.Before(began.Add(-2 * followBack)) })
			return looked, nil
		}
	}
}

// mark notes up to when the populations are current.
func (e *Engine) mark(at time.Time) {
	for _, c := range e.crowds {
		c.mu.Lock()
		if at.After(c.built) {
			c.built = at
		}
		c.mu.Unlock()
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
