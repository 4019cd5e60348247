package casework

import (
	"time"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/workday"
)

// Status says where a case stands and whose turn is next.
type Status string

// The statuses, each with whose turn it is.
const (
	Waiting       Status = "waiting"    // another case of the same life event must end first
	Submitted     Status = "submitted"  // the agency's: accept, refuse or ask for a supplement, in 5 working days
	Supplementing Status = "supplement" // the applicant's: hand in what the one notice names
	Accepted      Status = "accepted"   // the agencies': review and decide before the clock runs out
	Suspended     Status = "suspended"  // a special procedure's: hearing, test, inspection; the clock stands
	Approved      Status = "approved"   // the agency's: deliver what was issued
	Closed        Status = "closed"     // nobody's: ended well
	Refused       Status = "refused"    // nobody's: not accepted, with reasons and remedies
	Rejected      Status = "rejected"   // nobody's: decided against, with reasons and remedies
	Withdrawn     Status = "withdrawn"  // nobody's: taken back by the applicant
)

// Turn is who must act next: "applicant", "agency", "other-case" or "nobody".
func (s Status) Turn() string {
	switch s {
	case Supplementing:
		return "applicant"
	case Submitted, Accepted, Suspended, Approved:
		return "agency"
	case Waiting:
		return "other-case"
	default:
		return "nobody"
	}
}

// Ended reports whether nothing more will happen to the case.
func (s Status) Ended() bool { return s.Turn() == "nobody" }

// Command is what can be done to a case as a whole.
type Command string

// The commands.
const (
	CmdRelease    Command = "release"    // what the case waited for has ended well
	CmdLapse      Command = "lapse"      // what the case waited for has failed
	CmdAccept     Command = "accept"     // by an officer, or by the silence of the law
	CmdRefuse     Command = "refuse"     // not accepted
	CmdSupplement Command = "supplement" // the one whole notice
	CmdAnswer     Command = "answer"     // the applicant hands in what was asked
	CmdWork       Command = "work"       // a task other than acceptance and decision is done
	CmdSuspend    Command = "suspend"    // a special procedure begins
	CmdResume     Command = "resume"     // it ends
	CmdExtend     Command = "extend"     // the one extension
	CmdConsult    Command = "consult"    // another agency is asked
	CmdApprove    Command = "approve"    // decided for
	CmdReject     Command = "reject"     // decided against
	CmdDeliver    Command = "deliver"    // handed over
	CmdClose      Command = "close"      // the process ended well and nothing is left to deliver
	CmdWithdraw   Command = "withdraw"   // the applicant takes it back
)

// moves is the whole life of a case: a command in a status leads to a status;
// what is not in the table is refused as a conflict.
var moves = map[Status]map[Command]Status{
	Waiting:       {CmdRelease: Submitted, CmdLapse: Refused, CmdWithdraw: Withdrawn},
	Submitted:     {CmdAccept: Accepted, CmdRefuse: Refused, CmdSupplement: Supplementing, CmdWithdraw: Withdrawn, CmdApprove: Approved, CmdReject: Rejected},
	Supplementing: {CmdAnswer: Submitted, CmdWithdraw: Withdrawn},
	Accepted: {CmdWork: Accepted, CmdSuspend: Suspended, CmdExtend: Accepted, CmdConsult: Accepted, CmdApprove: Approved,
		CmdReject: Rejected, CmdWithdraw: Withdrawn},
	Suspended: {CmdResume: Accepted, CmdWithdraw: Withdrawn},
	Approved:  {CmdWork: Approved, CmdDeliver: Closed, CmdClose: Closed},
}

// next is the status that command c leads to from s.
func next(op string, s Status, c Command) (Status, error) {
	to, ok := moves[s][c]
	if !ok {
		return s, fault.New(fault.Conflict, op, i18n.M("casework.notNow", "status", s.Name()))
	}
	return to, nil
}

// Can reports whether the command is possible in the status.
func (s Status) Can(c Command) bool { _, ok := moves[s][c]; return ok }

var statusNames = map[Status]string{
	Waiting:       "casework.status.waiting",
	Submitted:     "casework.status.submitted",
	Supplementing: "casework.status.supplement",
	Accepted:      "casework.status.accepted",
	Suspended:     "casework.status.suspended",
	Approved:      "casework.status.approved",
	Closed:        "casework.status.closed",
	Refused:       "casework.status.refused",
	Rejected:      "casework.status.rejected",
	Withdrawn:     "casework.status.withdrawn",
}

// Name is the status in plain words.
func (s Status) Name() i18n.Text { return i18n.M(statusNames[s]) }

// Light is the colour of a running clock. It is always shown with a word.
type Light string

// The lights. A case without a running clock has none.
const (
	NoLight Light = ""
	Green   Light = "green" // more than soonDays working days are left
	Amber   Light = "amber" // due within soonDays working days
	Red     Light = "red"   // late
)

// soonDays is when a light turns amber, in working days before the deadline.
const soonDays = 2

// LightOf is the light at now of something due at due; zero due gives none.
func LightOf(c *workday.Calendar, now, due time.Time) Light {
	switch {
	case due.IsZero():
		return NoLight
	case !now.Before(due):
		return Red
	case due.Before(soon(c, now)):
		return Amber
	default:
		return Green
	}
}

// soon is the first instant whose deadlines are still green at now.
func soon(c *workday.Calendar, now time.Time) time.Time {
	return c.Deadline(now, soonDays).Add(time.Millisecond)
}
