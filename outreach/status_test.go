package outreach

import (
	"testing"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
)

// TestNext goes through every status with every event: what is not named here
// is refused.
func TestNext(t *testing.T) {
	statuses := []Status{Open, Opened, Applied, Dismissed, Expired, Withdrawn}
	events := []Event{EventOpen, EventApply, EventDismiss, EventUndo, EventExpire, EventEnd, EventRenew}
	want := map[Status]map[Event]Status{
		Open:      {EventOpen: Opened, EventApply: Applied, EventDismiss: Dismissed, EventExpire: Expired, EventEnd: Withdrawn},
		Opened:    {EventOpen: Opened, EventApply: Applied, EventDismiss: Dismissed, EventExpire: Expired, EventEnd: Withdrawn},
		Dismissed: {EventUndo: Open, EventApply: Applied, EventExpire: Expired, EventEnd: Withdrawn},
		Withdrawn: {EventRenew: Open},
	}
	for _, s := range statuses {
		if name := s.Name(); name.ZH == "" || name.EN == "" || name == i18n.Same("") {
			t.Errorf("%s has no name", s)
		}
		if got, want := s.Live(), s == Open || s == Opened; got != want {
			t.Errorf("%s is live: got %t, want %t", s, got, want)
		}
		for _, e := range events {
			to, allowed := want[s][e]
			got, err := s.Next(e)
			switch {
			case allowed && (err != nil || got != to):
				t.Errorf("%s in %s: got %s (%v), want %s", e, s, got, err, to)
			case !allowed && (!fault.Is(err, fault.Conflict) || got != s):
				t.Errorf("%s in %s: got %s (%v), want a conflict", e, s, got, err)
			}
			if s.Can(e) != allowed {
				t.Errorf("%s can %s: got %t, want %t", s, e, s.Can(e), allowed)
			}
		}
	}
}
