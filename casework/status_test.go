package casework_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
	"github.com/tongban/tongban/policy"
)

// standing is a way in which a case can stand: a status, and where in the
// process. Nearly all of what can be done depends on the status alone.
type standing struct {
	name   string
	status casework.Status
	reach  func(w *world) string
	want   map[casework.Command]casework.Status // what can be done, and where it leads
}

// take submits an application for the service and completes the given tasks.
func take(service string, steps ...[2]string) func(w *world) string {
	return func(w *world) string {
		w.t.Helper()
		caseID := w.submit(an, service).ID
		for _, s := range steps {
			w.do(caseID, s[0], s[1])
		}
		return caseID
	}
}

// then goes on with a reached case.
func then(reach func(w *world) string, do func(w *world, caseID string) error) func(w *world) string {
	return func(w *world) string {
		w.t.Helper()
		caseID := reach(w)
		w.must(do(w, caseID))
		return caseID
	}
}

var accepted = [2]string{"accept", "accept"}

func standings() []standing {
	none := map[casework.Command]casework.Status{}
	open := map[casework.Command]casework.Status{
		casework.CmdWork: casework.Accepted, casework.CmdSuspend: casework.Suspended, casework.CmdExtend: casework.Accepted,
		casework.CmdConsult: casework.Accepted, casework.CmdApprove: casework.Approved, casework.CmdReject: casework.Rejected,
		casework.CmdWithdraw: casework.Withdrawn,
	}
	return []standing{
		{"waiting", casework.Waiting, (*world).waiting, map[casework.Command]casework.Status{
			casework.CmdRelease: casework.Submitted, casework.CmdLapse: casework.Refused, casework.CmdWithdraw: casework.Withdrawn}},
		{"submitted", casework.Submitted, take("wide"), map[casework.Command]casework.Status{
			casework.CmdAccept: casework.Accepted, casework.CmdRefuse: casework.Refused, casework.CmdSupplement: casework.Supplementing,
			casework.CmdWithdraw: casework.Withdrawn}},
		{"submitted, decided at once", casework.Submitted, take("straight"), map[casework.Command]casework.Status{
			casework.CmdSupplement: casework.Supplementing, casework.CmdWithdraw: casework.Withdrawn,
			casework.CmdApprove: casework.Closed, casework.CmdReject: casework.Rejected}},
		{"supplement", casework.Supplementing, then(take("wide"), supplement), map[casework.Command]casework.Status{
			casework.CmdAnswer: casework.Submitted, casework.CmdWithdraw: casework.Withdrawn}},
		{"accepted", casework.Accepted, take("wide", accepted), open},
		{"suspended", casework.Suspended, then(take("wide", accepted), suspend), map[casework.Command]casework.Status{
			casework.CmdResume: casework.Accepted, casework.CmdWithdraw: casework.Withdrawn}},
		{"approved, more to do", casework.Approved, take("wide", accepted, [2]string{"decide", "approve"}), map[casework.Command]casework.Status{
			casework.CmdWork: casework.Approved}},
		{"approved, to be delivered", casework.Approved, take("wide", accepted, [2]string{"decide", "approve"}, [2]string{"review", "approve"}),
			map[casework.Command]casework.Status{casework.CmdDeliver: casework.Closed}},
		{"closed", casework.Closed, take("straight", [2]string{"decide", "approve"}), none},
		{"refused", casework.Refused, take("wide", [2]string{"accept", "refuse"}), none},
		{"rejected", casework.Rejected, take("wide", accepted, [2]string{"decide", "reject"}), none},
		{"withdrawn", casework.Withdrawn, then(take("wide"), withdraw), none},
	}
}

// waiting is the case of next in a life event, which waits for base and quick.
func (w *world) waiting() string {
	w.t.Helper()
	for _, c := range w.apply(w.citizen(an), casework.Target{Event: "move", Members: []string{"base", "next"}}).Cases {
		if c.Service == "next" {
			return c.ID
		}
	}
	w.t.Fatal("no case of next")
	return ""
}

func supplement(w *world, caseID string) error {
	_, err := w.office.AskSupplement(w.ctx, w.officer("one"), caseID, []casework.SupplementItem{{What: "照片"}}, "")
	return err
}

func suspend(w *world, caseID string) error {
	_, err := w.office.Suspend(w.ctx, w.officer("one"), caseID, "inspection", "要到现场看")
	return err
}

func withdraw(w *world, caseID string) error {
	_, err := w.office.Withdraw(w.ctx, w.citizen(an), caseID, "不办了")
	return err
}

// task completes the task at the element, or the one that an officer would
// think is there.
func task(element, choice string) func(w *world, caseID string) error {
	return func(w *world, caseID string) error {
		taskID := "t77"
		for _, t := range w.see(caseID).Tasks {
			if t.Element == element {
				taskID = t.ID
			}
		}
		_, err := w.office.Complete(w.ctx, w.officer("one"), caseID, taskID, casework.Outcome{Choice: choice, Note: "理由"})
		return err
	}
}

// wakeAfter lets the cases before the case end so, and wakes it.
func wakeAfter(base string) func(w *world, caseID string) error {
	return func(w *world, caseID string) error {
		if w.see(caseID).Status == casework.Waiting {
			siblings, err := w.office.Bundle(w.ctx, w.citizen(an), w.see(caseID).Bundle)
			w.must(err)
			for _, s := range siblings {
				if s.Service == "base" && base == "refuse" {
					w.do(s.ID, "accept", "refuse")
				} else if s.Service == "base" {
					w.do(s.ID, "accept", "accept")
					w.do(s.ID, "decide", "approve")
					w.do(s.ID, "make", "done")
				}
			}
		}
		w.must(w.db.Write(w.ctx, func(ctx context.Context, tx db.Tx) error {
			return db.Enqueue(ctx, tx, db.Job{Kind: "case.release", Key: caseID, RunAt: monday})
		}))
		w.run()
		return nil
	}
}

// commands are the ways in which each command is given. What no task or case
// takes is refused as a Conflict; a job that comes too late does nothing.
var commands = map[casework.Command]func(w *world, caseID string) error{
	casework.CmdRelease:    wakeAfter("finish"),
	casework.CmdLapse:      wakeAfter("refuse"),
	casework.CmdAccept:     task("accept", "accept"),
	casework.CmdRefuse:     task("accept", "refuse"),
	casework.CmdSupplement: supplement,
	casework.CmdAnswer: func(w *world, caseID string) error {
		_, err := w.office.AnswerSupplement(w.ctx, w.citizen(an), caseID, "")
		return err
	},
	casework.CmdWork:    task("review", "approve"),
	casework.CmdSuspend: suspend,
	casework.CmdResume: func(w *world, caseID string) error {
		_, err := w.office.Resume(w.ctx, w.officer("one"), caseID, "")
		return err
	},
	casework.CmdExtend: func(w *world, caseID string) error {
		_, err := w.office.Extend(w.ctx, w.officer("one"), caseID, "情况复杂")
		return err
	},
	casework.CmdConsult: func(w *world, caseID string) error {
		_, err := w.office.Consult(w.ctx, w.officer("one"), caseID, "two", "可以吗？")
		return err
	},
	casework.CmdApprove: task("decide", "approve"),
	casework.CmdReject:  task("decide", "reject"),
	casework.CmdDeliver: func(w *world, caseID string) error {
		_, err := w.office.Deliver(w.ctx, w.officer("one"), caseID, "签收")
		return err
	},
	casework.CmdWithdraw: withdraw,
}

// job reports whether a command comes by the worker, which has nobody to refuse.
func job(c casework.Command) bool { return c == casework.CmdRelease || c == casework.CmdLapse }

// In each status each command leads where the table says, or is refused as a
// conflict and leaves no trace.
func TestStatusTable(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	checkStandings(t, w, standings())
}

// The same on PostgreSQL for those standings that touch the most tables.
func TestStatusTablePostgres(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.Postgres))
	all := standings()
	checkStandings(t, w, []standing{all[0], all[4], all[7]})
}

func checkStandings(t *testing.T, w *world, all []standing) {
	for _, s := range all {
		t.Run(s.name, func(t *testing.T) {
			w := *w
			w.t = t
			still := s.reach(&w)
			if got := w.see(still).Status; got != s.status {
				t.Fatalf("got %s, want %s; events %v", got, s.status, kinds(w.see(still)))
			}
			for command, give := range commands {
				if to, ok := s.want[command]; ok {
					w.leads(s, command, give, to)
					continue
				}
				if job(command) {
					w.nothing(string(command), still, give)
					continue
				}
				w.refused(string(command), fault.Conflict, func() error { return give(&w, still) })
			}
		})
	}
}

// leads checks that a command is taken by a case of its own, and told in the
// case's history.
func (w *world) leads(s standing, command casework.Command, give func(*world, string) error, to casework.Status) {
	w.t.Helper()
	caseID := s.reach(w)
	before := w.see(caseID)
	w.must(give(w, caseID))
	after := w.see(caseID)
	if after.Status != to {
		w.t.Errorf("%s: got %s, want %s; events %v", command, after.Status, to, kinds(after))
	}
	if len(after.Events) <= len(before.Events) || after.Rev <= before.Rev {
		w.t.Errorf("%s: got %d events after %d, rev %d after %d; want more", command, len(after.Events), len(before.Events), after.Rev, before.Rev)
	}
	if !s.status.Can(command) {
		w.t.Errorf("%s was taken in %s, where Can says no", command, s.status)
	}
	if after.Status.Ended() && (len(after.Tasks) > 0 || !after.DueAt.IsZero() || after.ClosedAt.IsZero()) {
		w.t.Errorf("%s: ended with tasks %v, due %v, closed %v", command, tasks(after), after.DueAt, after.ClosedAt)
	}
	w.close(caseID)
}

// close withdraws what is left open of a submission, so that the next one can
// begin.
func (w *world) close(caseID string) {
	w.t.Helper()
	c := w.see(caseID)
	siblings, err := w.office.Bundle(w.ctx, policy.Principal{Kind: policy.System}, c.Bundle)
	w.must(err)
	for _, s := range siblings {
		if s.Status.Can(casework.CmdWithdraw) {
			w.must(withdraw(w, s.ID))
		}
	}
	w.run()
}

// nothing checks that a late job changes nothing of the case.
func (w *world) nothing(what, caseID string, give func(*world, string) error) {
	w.t.Helper()
	w.run()
	before := w.snapshot()
	w.must(give(w, caseID))
	if diff := cmp.Diff(before, w.snapshot()); diff != "" {
		w.t.Errorf("%s changed (-before +after):\n%s", what, diff)
	}
}

func TestTurn(t *testing.T) {
	for status, want := range map[casework.Status]string{
		casework.Waiting: "other-case", casework.Submitted: "agency", casework.Supplementing: "applicant", casework.Accepted: "agency",
		casework.Suspended: "agency", casework.Approved: "agency", casework.Closed: "nobody", casework.Refused: "nobody",
		casework.Rejected: "nobody", casework.Withdrawn: "nobody",
	} {
		if got := status.Turn(); got != want || status.Ended() != (want == "nobody") {
			t.Errorf("%s: got the turn of %s, ended %v; want %s", status, got, status.Ended(), want)
		}
		if name := status.Name(); name.ZH == "" || name.EN == "" || name.ZH == name.EN {
			t.Errorf("%s: got the name %+v, want one in each language", status, name)
		}
	}
}
