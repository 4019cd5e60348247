package outreach

import (
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
)

// Status says where an offer stands and whose turn is next.
type Status string

// The statuses, each with whose turn it is.
const (
	Open      Status = "open"      // the party's: to look, apply or say no
	Opened    Status = "opened"    // the party's: has begun to apply, and may go on or say no
	Applied   Status = "applied"   // the agency's: a case of the service is there
	Dismissed Status = "dismissed" // nobody's: not wanted; the party may take that back
	Expired   Status = "expired"   // nobody's: its last day has gone by unused
	Withdrawn Status = "withdrawn" // nobody's: the match has ended, or the party has it or wants no offers; a new match opens it again
)

// Event is what can happen to an offer.
type Event string

// The events.
const (
	EventOpen    Event = "open"    // the party begins to apply
	EventApply   Event = "apply"   // a case of the service is submitted
	EventDismiss Event = "dismiss" // the party does not want it
	EventUndo    Event = "undo"    // the party takes that back
	EventExpire  Event = "expire"  // the last day has gone by
	EventEnd     Event = "end"     // the match ends, or what it offers is had already
	EventRenew   Event = "renew"   // there is a match again
)

// moves is the whole life of an offer: an event in a status leads to a status;
// what is not in the table is refused as a conflict.
var moves = map[Status]map[Event]Status{
	Open:      {EventOpen: Opened, EventApply: Applied, EventDismiss: Dismissed, EventExpire: Expired, EventEnd: Withdrawn},
	Opened:    {EventOpen: Opened, EventApply: Applied, EventDismiss: Dismissed, EventExpire: Expired, EventEnd: Withdrawn},
	Dismissed: {EventUndo: Open, EventApply: Applied, EventExpire: Expired, EventEnd: Withdrawn},
	Withdrawn: {EventRenew: Open},
}

// Next is the status that e leads to from s; a Conflict where it leads nowhere.
func (s Status) Next(e Event) (Status, error) {
	to, ok := moves[s][e]
	if !ok {
		return s, fault.New(fault.Conflict, "outreach.Next", i18n.M("offer.notNow", "status", s.Name()))
	}
	return to, nil
}

// Can reports whether e is possible in the status.
func (s Status) Can(e Event) bool { _, ok := moves[s][e]; return ok }

// Live reports whether the offer can be taken up.
func (s Status) Live() bool { return s == Open || s == Opened }

var statusNames = map[Status]string{
	Open:      "offer.status.open",
	Opened:    "offer.status.opened",
	Applied:   "offer.status.applied",
	Dismissed: "offer.status.dismissed",
	Expired:   "offer.status.expired",
	Withdrawn: "offer.status.withdrawn",
}

// Name is the status in plain words.
func (s Status) Name() i18n.Text { return i18n.M(statusNames[s]) }
