// Package clock is the injected time. Nothing in the domain calls time.Now;
// edges and tests decide what time it is.
package clock

import (
	"sync"
	"time"
)

// Clock tells the time in UTC.
type Clock func() time.Time

// System is the machine's clock, cut to the millisecond that the stores keep.
func System() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

// Fake is a clock that stands still until it is moved. It is safe for
// concurrent use.
type Fake struct {
	mu  sync.Mutex // guards now
	now time.Time
}

// NewFake is a clock that stands at t.
func NewFake(t time.Time) *Fake { return &Fake{now: t.UTC()} }

// Now is the time at which the clock stands; its method value is a Clock.
func (f *Fake) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

// Set moves the clock to t.
func (f *Fake) Set(t time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = t.UTC()
}

// Add moves the clock by d.
func (f *Fake) Add(d time.Duration) { f.Set(f.Now().Add(d)) }
