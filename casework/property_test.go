package casework_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
	"github.com/tongban/tongban/policy"
)

// paths are the steps that a status may take, written down anew from the life
// of a case in law; one command may take two (decided and closed).
var paths = map[casework.Status][]casework.Status{
	casework.Waiting:       {casework.Submitted, casework.Refused, casework.Withdrawn, casework.Closed, casework.Approved},
	casework.Submitted:     {casework.Accepted, casework.Refused, casework.Supplementing, casework.Withdrawn, casework.Approved, casework.Rejected, casework.Closed},
	casework.Supplementing: {casework.Submitted, casework.Withdrawn},
	casework.Accepted:      {casework.Suspended, casework.Approved, casework.Rejected, casework.Withdrawn, casework.Closed},
	casework.Suspended:     {casework.Accepted, casework.Withdrawn},
	casework.Approved:      {casework.Closed},
}

// actors are those who try things: applicants, their helpers, clerks, officers
// of each agency, and a supervisor.
func (w *world) actors() []policy.Principal {
	list := []policy.Principal{w.citizen(an), w.citizen(bo), w.citizen(hu, an), w.with(an), w.with(bo), {},
		w.officer("one", policy.RoleOfficer), w.officer("one", policy.RoleSupervisor), in(w.officer("one"), district1)}
	for _, agency := range []string{"one", "one", "one", "two", "three"} {
		list = append(list, w.officer(agency))
	}
	return list
}

// tries are everything that can be tried on a case.
var tries = []string{"complete", "complete", "complete", "complete", "supplement", "supply", "answer", "suspend", "resume", "extend", "consult", "deliver",
	"withdraw", "time", "time"}

// try does one of them, with whatever is drawn.
func (w *world) try(t *rapid.T, what string, pr policy.Principal, c casework.Case) error {
	o, id := w.office, c.ID
	text := rapid.SampledFrom([]string{"理由", "理由", "理由", "", "\x00"}).Draw(t, "text")
	switch what {
	case "complete":
		taskID := "t1"
		if len(c.Tasks) > 0 {
			taskID = c.Tasks[rapid.IntRange(0, len(c.Tasks)-1).Draw(t, "task")].ID
		}
		choice := rapid.SampledFrom([]string{"approve", "accept", "done", "approve", "accept", "done", "reject", "refuse", ""}).Draw(t, "choice")
		_, err := o.Complete(w.ctx, pr, id, taskID, casework.Outcome{Choice: choice, Note: text})
		return err
	case "supplement":
		_, err := o.AskSupplement(w.ctx, pr, id, []casework.SupplementItem{{What: text}}, "")
		return err
	case "supply":
		_, err := o.Supply(w.ctx, pr, id, "photo", casework.File{Data: png})
		return err
	case "answer":
		_, err := o.AnswerSupplement(w.ctx, pr, id, text)
		return err
	case "suspend":
		_, err := o.Suspend(w.ctx, pr, id, "test", text)
		return err
	case "resume":
		_, err := o.Resume(w.ctx, pr, id, text)
		return err
	case "extend":
		_, err := o.Extend(w.ctx, pr, id, text)
		return err
	case "consult":
		_, err := o.Consult(w.ctx, pr, id, rapid.SampledFrom([]string{"one", "two", "three"}).Draw(t, "agency"), text)
		return err
	case "deliver":
		_, err := o.Deliver(w.ctx, pr, id, text)
		return err
	case "withdraw":
		_, err := o.Withdraw(w.ctx, pr, id, text)
		return err
	}
	w.clock.Add(time.Duration(rapid.IntRange(1, 100).Draw(t, "hours")) * time.Hour)
	_, err := w.worker.RunDue(w.ctx)
	return err
}

// Whatever anybody tries, in whatever order, every case keeps its word.
func TestInvariants(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	actors := w.actors()
	rapid.Check(t, func(t *rapid.T) {
		w.clock.Set(monday)
		applicant := w.citizen(rapid.SampledFrom([]string{an, bo}).Draw(t, "applicant"))
		target := casework.Target{Service: rapid.SampledFrom([]string{"permit", "wide", "joint", "pair", "quick", "timed", "base", "gift", "straight", "branchy"}).Draw(t, "service")}
		if rapid.IntRange(0, 3).Draw(t, "event") == 0 {
			target = casework.Target{Event: "move"}
		}
		var cases []casework.Case
		for _, c := range w.apply(applicant, target).Cases {
			cases = append(cases, w.see(c.ID))
		}
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			i := rapid.IntRange(0, len(cases)-1).Draw(t, "case")
			what := rapid.SampledFrom(tries).Draw(t, "what")
			pr := actors[rapid.IntRange(0, len(actors)-1).Draw(t, "actor")]
			err := w.try(t, what, pr, cases[i])
			if fault.Is(err, fault.Internal) || fault.Is(err, fault.Unavailable) {
				t.Fatalf("%s by %s: %v", what, pr.ID, err)
			}
			for k, before := range cases {
				cases[k] = w.see(before.ID)
				if k == i && err != nil && cases[k].Rev != before.Rev {
					t.Fatalf("%s by %s was refused (%v) and went from rev %d to %d", what, pr.ID, err, before.Rev, cases[k].Rev)
				}
				if fault := w.broken(before, cases[k]); fault != "" {
					t.Fatalf("%s of %s by %s (%v): %s; events %v", what, before.Service, pr.ID, err, fault, kinds(cases[k]))
				}
			}
		}
		if dead, err := db.Failures(w.ctx, w.db.Reader(), 1); err != nil || len(dead) > 0 {
			t.Fatalf("a job failed: %+v, %v", dead, err)
		}
		for _, c := range cases { // the next check begins with nothing open
			if c.Status.Can(casework.CmdWithdraw) {
				if _, err := w.office.Withdraw(w.ctx, applicant, c.ID, ""); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

// broken says which rule the case breaks that was before, and is now.
func (w *world) broken(before, c casework.Case) string {
	stands := c.Status == casework.Supplementing || c.Status == casework.Suspended || c.Status == casework.Waiting
	leaves := w.leaves(c.ID)
	switch {
	case c.Status != before.Status && !slices.Contains(paths[before.Status], c.Status):
		return fmt.Sprintf("went from %s to %s", before.Status, c.Status)
	case !slices.EqualFunc(c.Events[:min(len(before.Events), len(c.Events))], before.Events, func(a, b casework.Event) bool { return a.Seq == b.Seq && a.Kind == b.Kind && a.Actor == b.Actor }):
		return "what had happened has changed"
	case len(leaves) == 0 || leaves[len(leaves)-1] != len(c.Events):
		return fmt.Sprintf("has %d events and leaves at %v", len(c.Events), leaves)
	case len(c.Events) > len(before.Events) && before.Rev < c.Rev && leaves[len(leaves)-1] == len(before.Events):
		return "has events without a leaf"
	case c.Status.Ended() && (len(c.Tasks) > 0 || len(c.Tokens) > 0):
		return fmt.Sprintf("has ended %s with tasks %v, tokens %v", c.Status, tasks(c), c.Tokens)
	case c.Status.Ended() != !c.ClosedAt.IsZero():
		return fmt.Sprintf("is %s and closed at %v", c.Status, c.ClosedAt)
	case c.DueAt.IsZero() != (c.Status.Ended() || stands):
		return fmt.Sprintf("is %s and due at %v", c.Status, c.DueAt)
	case (c.Status == casework.Rejected || c.Status == casework.Refused) && (c.Decision == nil || c.Decision.Approve || c.Decision.Reasons == "" || c.Decision.Remedies.ZH == ""):
		return fmt.Sprintf("is %s by %+v", c.Status, c.Decision)
	case (c.Status == casework.Approved || c.Status == casework.Closed) && (c.Decision == nil || !c.Decision.Approve):
		return fmt.Sprintf("is %s by %+v", c.Status, c.Decision)
	case len(c.Licences) > 0 && c.Status != casework.Approved && c.Status != casework.Closed:
		return fmt.Sprintf("is %s and has issued %v", c.Status, c.Licences)
	}
	for i, e := range c.Events {
		if e.Seq != int64(i+1) {
			return fmt.Sprintf("event %d has number %d", i+1, e.Seq)
		}
	}
	if jobs := w.number("SELECT COUNT(*) FROM jobs WHERE kind = 'case.silence' AND key = $1", c.ID); (jobs == 1) != (c.Status == casework.Submitted && w.silent(c)) {
		return fmt.Sprintf("is %s with %d jobs of silence", c.Status, jobs)
	}
	return w.taskFault(c)
}

// silent reports whether the case would be accepted by silence: not where it
// is an instant service that was never supplemented.
func (w *world) silent(c casework.Case) bool {
	s, _ := w.city.Service(c.Service)
	return s.Versions[0].Handling != "1" || c.Supplement != nil
}

// taskFault compares the open tasks with what the process waits for, the
// questions that are not answered, and the delivery.
func (w *world) taskFault(c casework.Case) string {
	var want, got []string
	for _, token := range c.Tokens {
		if e, ok := c.Process.Element(token.Element); ok && e.Attrs["duty"] != "" {
			want = append(want, token.ID)
		}
	}
	for i, q := range c.Consults {
		if q.Answered == 0 && (c.Status == casework.Accepted || c.Status == casework.Suspended) {
			want = append(want, fmt.Sprintf("consult%d", i+1))
		}
	}
	if c.Status == casework.Approved && len(c.Tokens) == 0 {
		want = append(want, casework.DutyDeliver)
	}
	held := c.Status == casework.Supplementing || c.Status == casework.Suspended
	for _, t := range c.Tasks {
		got = append(got, t.ID)
		if t.DueAt.IsZero() != held {
			return fmt.Sprintf("is %s with task %s due %v", c.Status, t.ID, t.DueAt)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		return fmt.Sprintf("waits for %v and has open %v", want, got)
	}
	return ""
}
