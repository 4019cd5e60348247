package casework_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
	"github.com/tongban/tongban/policy"
)

// complete does the task as the officer, with the choice and the note.
func (w *world) complete(pr policy.Principal, caseID, taskID, choice, note string) error {
	_, err := w.office.Complete(w.ctx, pr, caseID, taskID, casework.Outcome{Choice: choice, Note: note})
	return err
}

// taskAt is the open task at the element.
func (w *world) taskAt(caseID, element string) casework.Task {
	w.t.Helper()
	for _, t := range w.see(caseID).Tasks {
		if t.Element == element || t.ID == element {
			return t
		}
	}
	w.t.Fatalf("no open task at %s; open %v", element, tasks(w.see(caseID)))
	return casework.Task{}
}

// A decision against somebody names its reasons and what can be done about it
// (行政许可法 art. 38).
func TestDecidedAgainst(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		for _, tt := range []struct {
			element, choice string
			reach           func(w *world) string
			want            casework.Status
		}{
			{"accept", "refuse", take("wide"), casework.Refused},
			{"decide", "reject", take("wide", accepted), casework.Rejected},
		} {
			caseID := tt.reach(w)
			taskID := w.taskAt(caseID, tt.element).ID
			for name, note := range map[string]string{"no reasons": "", "blank": " \n\t", "control characters": "理由\x00", "not text": "\xff",
				"over-long": strings.Repeat("长", 2001)} {
				w.refused(tt.choice+" "+name, fault.Invalid, func() error {
					err := w.complete(w.officer("one"), caseID, taskID, tt.choice, note)
					if diff := cmp.Diff([]string{"/note"}, pointers(err)); diff != "" {
						t.Errorf("faults (-want +got)\n%s", diff)
					}
					return err
				})
			}
			w.must(w.complete(w.officer("one"), caseID, taskID, tt.choice, strings.Repeat("𠮷", 2000)))
			c, err := w.office.Case(w.ctx, w.citizen(an), caseID)
			w.must(err)
			if c.Status != tt.want || len(c.Tasks) > 0 || len(c.Licences) > 0 || len(c.Tokens) > 0 || c.ClosedAt.IsZero() {
				t.Errorf("got %s with tasks %v, licences %v, tokens %v; want %s and nothing left", c.Status, tasks(c), c.Licences, c.Tokens, tt.want)
			}
			dec := c.Decision
			if dec == nil || dec.Approve || dec.Reasons != strings.Repeat("𠮷", 2000) || dec.By != "one-officer" || dec.Agency != "one" || dec.At != monday.UnixMilli() {
				t.Fatalf("got the decision %+v, want it with its reasons", dec)
			}
			for _, say := range []string{"六十日", "行政复议", "六个月", "起诉", "第一局"} {
				if !strings.Contains(dec.Remedies.ZH, say) {
					t.Errorf("got the remedies %q, want %s named", dec.Remedies.ZH, say)
				}
			}
			if !strings.Contains(dec.Remedies.EN, "review") || !strings.Contains(dec.Remedies.EN, "suit") {
				t.Errorf("got the remedies %q, want review and suit named", dec.Remedies.EN)
			}
			if !w.run_().told(caseID, string(tt.want)) {
				t.Errorf("%s: the applicant was not told", tt.want)
			}
		}
	})
}

// run_ is run, to be followed by a question.
func (w *world) run_() *world { w.t.Helper(); w.run(); return w }

// An officer does the work of the own agency and district, with choices that
// the duty knows, and nobody does it who sits for the applicant.
func TestCompleteRefuses(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	caseID := take("joint", accepted)(w)
	review := w.taskAt(caseID, "review2")
	in := func(pr policy.Principal, area string) policy.Principal { pr.Area = area; return pr }
	own := w.officer("two")
	own.Actor.Party = an
	for _, tt := range []struct {
		name   string
		pr     policy.Principal
		taskID string
		choice string
		want   fault.Kind
	}{
		{"another agency's task", w.officer("three"), review.ID, "approve", fault.Denied},
		{"the lead agency", w.officer("one"), review.ID, "approve", fault.Denied},
		{"another district", in(w.officer("two"), district2), review.ID, "approve", fault.NotFound},
		{"a clerk", w.officer("two", policy.RoleClerk), review.ID, "approve", fault.NotFound},
		{"a supervisor", w.officer("two", policy.RoleSupervisor), review.ID, "approve", fault.Denied},
		{"in one's own affair", own, review.ID, "approve", fault.Denied},
		{"the applicant", w.citizen(an), review.ID, "approve", fault.Denied},
		{"the public", policy.Principal{}, review.ID, "approve", fault.Unauthenticated},
		{"no choice", w.officer("two"), review.ID, "", fault.Invalid},
		{"a choice of another duty", w.officer("two"), review.ID, "accept", fault.Invalid},
		{"no such task", w.officer("two"), "t99", "approve", fault.Conflict},
		{"a task that is done", w.officer("one"), "t1", "accept", fault.Conflict},
		{"no task", w.officer("two"), "", "approve", fault.Conflict},
		{"nothing to deliver", w.officer("one"), "deliver", "done", fault.Conflict},
	} {
		w.refused(tt.name, tt.want, func() error { return w.complete(tt.pr, caseID, tt.taskID, tt.choice, "理由") })
	}
	w.must(w.complete(in(w.officer("two"), district1), caseID, review.ID, "approve", ""))
	decider := take("straight")(w)
	w.refused("an officer who does not decide", fault.Denied, func() error {
		return w.complete(w.officer("one", policy.RoleOfficer), decider, w.taskAt(decider, "decide").ID, "approve", "")
	})
}

// Another agency is asked; it sees the question and what it needs, and its
// answer comes back. The clock runs on.
func TestConsult(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		caseID := take("wide", accepted)(w)
		ask := func(agency, question string) error {
			_, err := w.office.Consult(w.ctx, w.officer("one"), caseID, agency, question)
			return err
		}
		w.refused("no such agency", fault.Invalid, func() error { return ask("nine", "可以吗？") })
		w.refused("no question", fault.Invalid, func() error { return ask("three", "") })
		w.refused("by an agency without a part", fault.NotFound, func() error {
			_, err := w.office.Consult(w.ctx, w.officer("three"), caseID, "two", "可以吗？")
			return err
		})
		due := w.see(caseID).DueAt
		w.must(ask("three", "这里能开店吗？"))
		w.must(ask("two", "有人投诉吗？"))
		for agency, want := range map[string]string{"three": "这里能开店吗？", "two": "有人投诉吗？"} {
			inbox, _, err := w.office.Inbox(w.ctx, w.officer(agency), casework.Filter{Duty: casework.DutyConsult})
			w.must(err)
			if len(inbox) != 1 || inbox[0].Question != want || !inbox[0].DueAt.Equal(due) || !inbox[0].Mine || inbox[0].SubjectName != "" {
				t.Fatalf("%s: got the inbox %+v, want the question, without a name", agency, inbox)
			}
		}
		question := w.taskAt(caseID, "consult1").ID
		w.refused("no answer", fault.Invalid, func() error { return w.complete(w.officer("three"), caseID, question, "done", " ") })
		w.refused("by the agency that asks", fault.Denied, func() error { return w.complete(w.officer("one"), caseID, question, "done", "能") })
		w.refused("by another that was asked", fault.Denied, func() error { return w.complete(w.officer("two"), caseID, question, "done", "能") })
		w.must(w.complete(w.officer("three"), caseID, question, "done", "能"))
		w.refused("answered twice", fault.Conflict, func() error { return w.complete(w.officer("three"), caseID, question, "done", "不能") })
		c := w.see(caseID)
		if got := c.Consults[0]; got.Answer != "能" || got.By != "three-officer" || got.Answered != monday.UnixMilli() || !c.DueAt.Equal(due) {
			t.Errorf("got %+v due %v, want the answer, and the clock as it was", got, c.DueAt)
		}
		w.must(suspend(w, caseID))
		open := "consult2"
		w.refused("while the case stands still", fault.Conflict, func() error { return w.complete(w.officer("two"), caseID, open, "done", "没有") })
		w.must(commands[casework.CmdResume](w, caseID))
		w.must(w.complete(w.officer("one"), caseID, w.taskAt(caseID, "decide").ID, "approve", ""))
		w.refused("after the decision", fault.Conflict, func() error { return w.complete(w.officer("two"), caseID, open, "done", "没有") })
		w.must(w.complete(w.officer("one"), caseID, w.taskAt(caseID, "review").ID, "approve", ""))
		if c = w.do(caseID, "deliver", "done"); c.Status != casework.Closed || len(c.Tasks) > 0 {
			t.Errorf("got %s with tasks %v, want closed and none: what nobody answered is taken back", c.Status, tasks(c))
		}
		if inbox, _, err := w.office.Inbox(w.ctx, w.officer("two"), casework.Filter{}); err != nil || len(inbox) != 0 {
			t.Errorf("got %d tasks left with the agency, %v; want none", len(inbox), err)
		}
	})
}

// A branch that goes on beside the decision ends with a rejection, its timer
// too, and nothing is issued.
func TestRejectEndsBranches(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		for _, tt := range []struct {
			service string
			before  func(caseID string)
		}{
			{"branchy", func(string) {}},                                    // the pause has not ended
			{"branchy", func(string) { w.clock.Add(72 * 3600e9); w.run() }}, // the branch has a task of its own
			{"wide", func(string) {}},                                       // the drawing leads on to the licence even so
			{"wide", func(id string) { w.do(id, "review", "approve") }},
		} {
			w.clock.Set(monday)
			caseID := take(tt.service, accepted)(w)
			tt.before(caseID)
			c := w.do(caseID, "decide", "reject")
			w.clock.Add(30 * 24 * 3600e9)
			w.run()
			after := w.see(caseID)
			if after.Status != casework.Rejected || len(after.Tasks)+len(after.Tokens)+len(after.Licences) > 0 || after.Rev != c.Rev {
				t.Errorf("%s: got %s, tasks %v, tokens %v, licences %v, rev %d after %d", tt.service, after.Status, tasks(after), after.Tokens,
					after.Licences, after.Rev, c.Rev)
			}
			if n := w.number("SELECT COUNT(*) FROM jobs WHERE kind LIKE 'case.%'"); n != 0 {
				t.Errorf("%s: got %d jobs left, want none", tt.service, n)
			}
		}
	})
}

// A withdrawal ends whatever was going on.
func TestWithdraw(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	reach := map[string]func(w *world) string{
		"submitted": take("permit"), "supplement": then(take("permit"), supplement), "accepted": take("joint", accepted),
		"suspended": then(take("joint", accepted), suspend), "waiting": (*world).waiting, "with a timer": take("timed", accepted),
		"with a question": then(take("wide", accepted), commands[casework.CmdConsult]),
	}
	for name, reach := range reach {
		caseID := reach(w)
		for reason, bad := range map[string]string{"control characters": "\x07", "over-long": strings.Repeat("x", 2001)} {
			w.refused(name+" "+reason, fault.Invalid, func() error {
				_, err := w.office.Withdraw(w.ctx, w.citizen(an), caseID, bad)
				return err
			})
		}
		for who, pr := range map[string]policy.Principal{"another": w.citizen(bo), "a clerk with another": w.with(bo)} {
			w.refused(name+" by "+who, fault.NotFound, func() error {
				_, err := w.office.Withdraw(w.ctx, pr, caseID, "")
				return err
			})
		}
		w.refused(name+" by the agency", fault.Denied, func() error {
			_, err := w.office.Withdraw(w.ctx, w.officer("one"), caseID, "")
			return err
		})
		c, err := w.office.Withdraw(w.ctx, w.citizen(an), caseID, "不办了")
		w.must(err)
		whole := w.see(caseID)
		if c.Status != casework.Withdrawn || len(whole.Tasks)+len(whole.Tokens) > 0 || whole.ClosedAt.IsZero() || !whole.DueAt.IsZero() || whole.Decision != nil {
			t.Errorf("%s: got %s, tasks %v, tokens %v, closed %v, due %v", name, c.Status, tasks(whole), whole.Tokens, whole.ClosedAt, whole.DueAt)
		}
		if n := w.number("SELECT COUNT(*) FROM jobs WHERE kind IN ('case.silence', 'case.timer') AND key LIKE $1", caseID+"%"); n != 0 {
			t.Errorf("%s: got %d jobs left, want none", name, n)
		}
		w.close(caseID)
	}
}

// What is wrong in a register is told to whoever keeps it, in plain text.
func TestCorrect(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		long := strings.Repeat("x", 2001)
		for _, tt := range []struct {
			name                        string
			pr                          policy.Principal
			matter, field, source, says string
			kind                        fault.Kind
			want                        []string
		}{
			{"nothing said", w.citizen(an), "m", "address", "population", "", fault.Invalid, []string{"/says"}},
			{"over-long", w.citizen(an), "m", "address", "population", long, fault.Invalid, []string{"/says"}},
			{"control characters", w.citizen(an), "m", "address", "population", "a\x00", fault.Invalid, []string{"/says"}},
			{"a field that cannot be", w.citizen(an), "m", "a\x00", "population", "x", fault.Invalid, []string{"/field"}},
			{"a matter that cannot be", w.citizen(an), long, "address", "population", "x", fault.Invalid, []string{"/matter"}},
			{"a source that cannot be", w.citizen(an), "m", "address", "\xff", "x", fault.Invalid, []string{"/source"}},
			{"the public", policy.Principal{}, "m", "address", "population", "x", fault.Unauthenticated, nil},
			{"an officer", w.officer("one"), "m", "address", "population", "x", fault.Denied, nil},
		} {
			w.refused(tt.name, tt.kind, func() error {
				err := w.office.Correct(w.ctx, tt.pr, tt.matter, tt.field, tt.source, tt.says)
				if diff := cmp.Diff(tt.want, pointers(err)); diff != "" {
					t.Errorf("%s: faults (-want +got)\n%s", tt.name, diff)
				}
				return err
			})
		}
		for _, pr := range []policy.Principal{w.citizen(an), w.with(an)} {
			w.must(w.office.Correct(w.ctx, pr, "m", "address", "population", "门牌号错了\n应该是2号"))
		}
		list, _, err := w.office.Corrections(w.ctx, w.officer("one"), casework.Page{})
		w.must(err)
		if len(list) != 2 || list[0].Subject != an || list[0].Label.ZH != "地址" {
			t.Errorf("got %+v, want two about the address", list)
		}
	})
}
