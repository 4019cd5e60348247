package grant

import (
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
)

// Status says where a grant stands and whose turn is next.
type Status string

// The statuses, each with whose turn it is.
const (
	Matched    Status = "matched"    // the city's: read the registers afresh
	Checked    Status = "checked"    // an officer's: put it on a list
	Listed     Status = "listed"     // a second person's: confirm the list or return it
	Confirmed  Status = "confirmed"  // the city's: tell the subject
	Told       Status = "told"       // the subject's: refuse, or wait until the last day
	Given      Status = "given"      // nobody's; looked at again before each period
	Stopped    Status = "stopped"    // an officer's: more was paid than due; ask it back or let it be
	Recovering Status = "recovering" // the subject's: pay back
	Recovered  Status = "recovered"  // nobody's: paid back
	Ended      Status = "ended"      // nobody's: was given, is given no more, nothing is owed
	Refused    Status = "refused"    // nobody's: the subject did not want it
	Dropped    Status = "dropped"    // nobody's: fell away before anything was given
)

// Statuses are all of them, in the order of a life.
var Statuses = []Status{Matched, Checked, Listed, Confirmed, Told, Given, Stopped, Recovering, Recovered, Ended, Refused, Dropped}

// Turn is who must act next: "city", "officer", "subject" or "nobody".
func (s Status) Turn() string {
	switch s {
	case Matched, Confirmed:
		return "city"
	case Checked, Listed, Stopped:
		return "officer"
	case Told, Recovering:
		return "subject"
	default:
		return "nobody"
	}
}

// Over reports whether nothing more will happen to the grant.
func (s Status) Over() bool { return len(moves[s]) == 0 }

// Command is what can be done to a grant.
type Command string

// The commands.
const (
	CmdCheck   Command = "check"   // the registers, read afresh, say yes
	CmdDrop    Command = "drop"    // they no longer do, or an officer takes it off the list
	CmdList    Command = "list"    // an officer proposes it
	CmdReturn  Command = "return"  // the second person sends the list back
	CmdConfirm Command = "confirm" // the second person agrees
	CmdTell    Command = "tell"    // the subject is told
	CmdRefuse  Command = "refuse"  // the subject does not want it, or no more of it
	CmdGive    Command = "give"    // given
	CmdPay     Command = "pay"     // a further period is ordered
	CmdStop    Command = "stop"    // the conditions have ended, and something was paid for later
	CmdEnd     Command = "end"     // the conditions have ended, and nothing is owed
	CmdRecover Command = "recover" // what was paid too much is asked back
	CmdRepay   Command = "repay"   // it has come back
	CmdWaive   Command = "waive"   // it is let be
)

// Commands are all of them.
var Commands = []Command{CmdCheck, CmdDrop, CmdList, CmdReturn, CmdConfirm, CmdTell, CmdRefuse, CmdGive, CmdPay, CmdStop, CmdEnd, CmdRecover, CmdRepay, CmdWaive}

// moves is the whole life of a grant: a command in a status leads to a status;
// what is not in the table is refused as a conflict.
var moves = map[Status]map[Command]Status{
	Matched:    {CmdCheck: Checked, CmdDrop: Dropped},
	Checked:    {CmdList: Listed, CmdDrop: Dropped},
	Listed:     {CmdConfirm: Confirmed, CmdReturn: Checked, CmdDrop: Dropped},
	Confirmed:  {CmdTell: Told, CmdDrop: Dropped},
	Told:       {CmdGive: Given, CmdRefuse: Refused, CmdDrop: Dropped},
	Given:      {CmdPay: Given, CmdStop: Stopped, CmdEnd: Ended, CmdRefuse: Ended},
	Stopped:    {CmdRecover: Recovering, CmdWaive: Ended},
	Recovering: {CmdRepay: Recovered, CmdWaive: Ended},
}

// next is the status that command c leads to from s.
func next(op string, s Status, c Command) (Status, error) {
	to, ok := moves[s][c]
	if !ok {
		return s, fault.New(fault.Conflict, op, i18n.M("grant.conflict", "status", s.Name()))
	}
	return to, nil
}

// Name is the status in words.
func (s Status) Name() i18n.Text { return i18n.M("grant.status." + string(s)) }
