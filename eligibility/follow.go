package eligibility

import (
	"context"
	"maps"
	"time"

	"github.com/tongban/tongban/party"
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
	seen := map[party.ID]time.Time{}
	ticker := time.NewTicker(followEvery)
	defer ticker.Stop()
	for {
		if err := e.catchUp(ctx, seen); err != nil && ctx.Err() == nil {
			e.Log.WarnContext(ctx, "populations are behind the registers", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// catchUp refreshes whoever changed since the populations were built. seen is
// who was refreshed for which change.
func (e *Engine) catchUp(ctx context.Context, seen map[party.ID]time.Time) error {
	from := e.Clock()
	for _, c := range e.crowds {
		c.mu.RLock()
		if c.pop == nil {
			c.mu.RUnlock()
			return nil // nothing to keep current yet
		}
		from = earlier(from, c.built)
		c.mu.RUnlock()
	}
	for at := from.Add(-followBack); ; {
		changes, err := e.Exchange.Since(ctx, at, followPage)
		if err != nil {
			return err
		}
		for _, ch := range changes {
			at = ch.At
			if !seen[ch.Subject].Before(ch.At) {
				continue
			}
			if _, err := e.Refresh(ctx, ch.Subject); err != nil {
				return err
			}
			seen[ch.Subject] = ch.At
		}
		if len(changes) < followPage {
			e.mark(at)
			maps.DeleteFunc(seen, func(_ party.ID, t time.Time) bool { return t.Before(at.Add(-2 * followBack)) })
			return nil
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
