package casework_test

import (
	"testing"
	"time"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
	"github.com/tongban/tongban/policy"
	"github.com/tongban/tongban/workday"
)

// endOf is the midnight at which the day is over in the city.
func (w *world) endOf(day string) time.Time {
	w.t.Helper()
	d, err := workday.ParseDate(day)
	w.must(err)
	return w.city.Calendar.End(d).UTC()
}

// morning is nine o'clock of the day in the city.
func (w *world) morning(day string) time.Time { return w.endOf(day).Add(-15 * time.Hour) }

func (w *world) due(what, caseID, want string) {
	w.t.Helper()
	end := time.Time{}
	if want != "" {
		end = w.endOf(want)
	}
	if got := w.see(caseID).DueAt; !got.Equal(end) {
		w.t.Errorf("%s: got due %v, want %v (the end of %s)", what, got, end, want)
	}
}

// Five working days of silence are acceptance, from the day of receipt
// (行政许可法 art. 32), neither earlier nor later, make-up days counted.
func TestSilence(t *testing.T) {
	for _, tt := range []struct{ name, day, silent, decide string }{
		{"a plain week", "2026-11-23", "2026-11-30", "2026-12-07"},
		{"received on a Saturday", "2026-11-21", "2026-11-27", "2026-12-04"},
		{"over a holiday, a Saturday is worked", "2026-09-28", "2026-10-10", "2026-10-16"},
		{"received on a make-up Sunday", "2026-09-20", "2026-09-25", "2026-10-09"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newTown(t, testdb.Open(t, db.SQLite))
			w.clock.Set(w.morning(tt.day))
			caseID := w.submit(an, "joint").ID
			w.due("received", caseID, tt.silent)
			w.clock.Set(w.endOf(tt.silent).Add(-time.Millisecond))
			w.run()
			if got := w.see(caseID); got.Status != casework.Submitted || got.Light != casework.Amber {
				t.Errorf("a moment before: got %s, %s; want submitted, amber", got.Status, got.Light)
			}
			w.clock.Add(time.Millisecond)
			w.run()
			got := w.see(caseID)
			if got.Status != casework.Accepted || !got.AcceptedAt.Equal(w.morning(tt.day)) || !has(got, "accepted-by-silence") {
				t.Errorf("at the deadline: got %s from %v, events %v; want accepted from receipt", got.Status, got.AcceptedAt, kinds(got))
			}
			w.due("accepted", caseID, tt.decide)
			if got.Events[len(got.Events)-1].Actor != "system" || len(got.Tasks) != 2 {
				t.Errorf("got actor %s and tasks %v, want the system, and both reviews open", got.Events[len(got.Events)-1].Actor, tasks(got))
			}
		})
	}
}

// Silence accepts where nobody has the task to: the process decides at once.
func TestSilenceWithoutTask(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	caseID := w.submit(an, "straight").ID
	w.clock.Set(w.endOf("2026-11-30"))
	w.run()
	c := w.see(caseID)
	if c.Status != casework.Accepted || !c.AcceptedAt.Equal(monday) || len(c.Tasks) != 1 || !c.Tasks[0].DueAt.Equal(c.DueAt) {
		t.Errorf("got %s from %v, tasks %+v; want accepted, the decision due with the case at %v", c.Status, c.AcceptedAt, c.Tasks, c.DueAt)
	}
	w.due("accepted", caseID, "2026-12-07")
	if c = w.do(caseID, "decide", "approve"); c.Status != casework.Closed {
		t.Errorf("got %s, want closed", c.Status)
	}
}

// The law does not wait for the worker: once the five days are over nobody
// refuses or asks for more, and who accepts late accepts from receipt.
func TestSilenceBeforeTheWorker(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	caseID := w.submit(an, "wide").ID
	w.clock.Set(w.endOf("2026-11-30"))
	w.refused("supplement", fault.Conflict, func() error { return supplement(w, caseID) })
	w.refused("refuse", fault.Conflict, func() error { return task("accept", "refuse")(w, caseID) })
	w.must(task("accept", "accept")(w, caseID))
	if c := w.see(caseID); !c.AcceptedAt.Equal(monday) || c.Status != casework.Accepted {
		t.Errorf("got %s from %v, want accepted from receipt", c.Status, c.AcceptedAt)
	}
	w.due("accepted", caseID, "2026-12-07")
	w.run() // too late
	if c := w.see(caseID); c.Rev != 2 {
		t.Errorf("got events %v, want none by the worker", kinds(c))
	}
	instant := w.submit(bo, "quick").ID
	w.clock.Add(72 * time.Hour)
	w.must(task("accept", "refuse")(w, instant)) // late, but nothing was promised about silence
}

// Of a case that waited for another the five days begin when it is released,
// and silence counts from then.
func TestSilenceAfterRelease(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	caseID := w.waiting()
	w.clock.Set(w.morning("2026-12-14"))
	w.must(commands[casework.CmdRelease](w, caseID))
	w.due("released", caseID, "2026-12-21")
	w.clock.Set(w.endOf("2026-12-21"))
	w.run()
	if c := w.see(caseID); c.Status != casework.Accepted || !c.AcceptedAt.Equal(w.morning("2026-12-14")) {
		t.Errorf("got %s from %v, want accepted from the release", c.Status, c.AcceptedAt)
	}
	w.due("accepted", caseID, "2026-12-28")
}

// While the applicant has the case nothing runs out; after the answer the five
// days begin anew, and silence then counts from the answer.
func TestSilenceAfterSupplement(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		caseID := w.submit(an, "joint").ID
		w.clock.Set(w.morning("2026-11-25"))
		w.must(supplement(w, caseID))
		c := w.see(caseID)
		if c.Light != casework.NoLight || c.Remaining != 0 || c.Tasks[0].Mine || !c.Tasks[0].DueAt.IsZero() {
			t.Errorf("supplement: got light %q, %d left, task %+v; want no clock", c.Light, c.Remaining, c.Tasks[0])
		}
		if list, _, err := w.office.Inbox(w.ctx, w.officer("one"), casework.Filter{}); err != nil || len(list) != 0 {
			t.Errorf("inbox: got %d tasks, %v; want none while the applicant has the case", len(list), err)
		}
		w.clock.Set(w.morning("2026-12-28"))
		w.run()
		if got := w.see(caseID).Status; got != casework.Supplementing {
			t.Fatalf("a month later: got %s, want supplement", got)
		}
		_, err := w.office.AnswerSupplement(w.ctx, w.citizen(an), caseID, "补好了")
		w.must(err)
		w.due("answered", caseID, "2027-01-04")
		w.refused("a second notice", fault.Conflict, func() error { return supplement(w, caseID) })
		w.clock.Set(w.endOf("2027-01-04"))
		w.run()
		got := w.see(caseID)
		if got.Status != casework.Accepted || !got.AcceptedAt.Equal(w.morning("2026-12-28")) {
			t.Errorf("silence: got %s from %v, want accepted from the answer", got.Status, got.AcceptedAt)
		}
	})
}

// An officer's word ends the silence.
func TestNoSilenceAfterAcceptance(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	for _, end := range []func(w *world, caseID string) error{task("accept", "accept"), task("accept", "refuse"), withdraw} {
		caseID := w.submit(an, "wide").ID
		w.must(end(w, caseID))
		before := w.see(caseID)
		w.clock.Add(30 * 24 * time.Hour)
		w.run()
		if after := w.see(caseID); after.Status != before.Status || after.Rev != before.Rev {
			t.Errorf("a month later: got %s rev %d, want %s rev %d", after.Status, after.Rev, before.Status, before.Rev)
		}
		w.clock.Set(monday)
	}
}

// A special procedure stops the clock and gives back what was left
// (行政许可法 art. 45), as often as there is one.
func TestSuspend(t *testing.T) {
	for _, tt := range []struct {
		name, stop, resume string
		left               int
		due                string
	}{
		{"with seven days left", "2026-11-26", "2026-12-14", 7, "2026-12-23"},
		{"resumed the same day", "2026-11-26", "2026-11-26", 7, "2026-12-07"},
		{"on the day of acceptance", "2026-11-23", "2026-11-25", 10, "2026-12-09"},
		{"on the last day", "2026-12-07", "2026-12-14", 0, "2026-12-14"},
		{"at a weekend", "2026-11-28", "2026-12-05", 6, "2026-12-14"},
		{"two days late stays two days late", "2026-12-09", "2026-12-16", -2, "2026-12-14"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newTown(t, testdb.Open(t, db.SQLite))
			caseID := take("wide", accepted)(w)
			w.due("accepted", caseID, "2026-12-07")
			w.clock.Set(w.morning(tt.stop))
			if got := w.see(caseID).Remaining; got != tt.left {
				t.Errorf("before: got %d working days left, want %d", got, tt.left)
			}
			w.must(suspend(w, caseID))
			c := w.see(caseID)
			if !c.DueAt.IsZero() || !c.StoppedAt.Equal(w.clock.Now()) || c.Procedure != "inspection" || c.Light != casework.NoLight {
				t.Errorf("stopped: got due %v, stopped %v, procedure %q, light %q", c.DueAt, c.StoppedAt, c.Procedure, c.Light)
			}
			w.clock.Set(w.morning(tt.resume))
			_, err := w.office.Resume(w.ctx, w.officer("one"), caseID, "看过了")
			w.must(err)
			w.due("resumed", caseID, tt.due)
			c = w.see(caseID)
			if !c.StoppedAt.IsZero() || c.Procedure != "" || c.Remaining != tt.left {
				t.Errorf("resumed: got stopped %v, procedure %q, %d left; want %d left", c.StoppedAt, c.Procedure, c.Remaining, tt.left)
			}
			for _, task := range c.Tasks {
				if !task.DueAt.Equal(c.DueAt) {
					t.Errorf("task %s: got due %v, want the case's %v", task.Element, task.DueAt, c.DueAt)
				}
			}
		})
	}
	t.Run("reasons and procedure", func(t *testing.T) {
		w := newTown(t, testdb.Open(t, db.SQLite))
		caseID := take("wide", accepted)(w)
		for _, bad := range [][2]string{{"inspection", " "}, {"holiday", "理由"}, {"", "理由"}} {
			w.refused(bad[0]+" "+bad[1], fault.Invalid, func() error {
				_, err := w.office.Suspend(w.ctx, w.officer("one"), caseID, bad[0], bad[1])
				return err
			})
		}
		if got := len(casework.Procedures()); got != 5 {
			t.Errorf("got %d procedures, want 5", got)
		}
	})
}

// The one extension (行政许可法 art. 42): 10 working days, 15 where several
// agencies handle the case.
func TestExtend(t *testing.T) {
	for _, tt := range []struct{ service, days, due string }{
		{"permit", "10", "2026-12-21"},
		{"pair", "15", "2026-12-28"},
		{"joint", "15", "2026-12-28"},
	} {
		t.Run(tt.service, func(t *testing.T) {
			w := newTown(t, testdb.Open(t, db.SQLite))
			caseID := take(tt.service, accepted)(w)
			before := w.see(caseID)
			extend := commands[casework.CmdExtend]
			officer := w.officer("one", policy.RoleOfficer)
			w.refused("by an officer who does not decide", fault.Denied, func() error {
				_, err := w.office.Extend(w.ctx, officer, caseID, "情况复杂")
				return err
			})
			w.refused("without a reason", fault.Invalid, func() error {
				_, err := w.office.Extend(w.ctx, w.officer("one"), caseID, "")
				return err
			})
			w.must(extend(w, caseID))
			w.due("extended", caseID, tt.due)
			c := w.see(caseID)
			if last := c.Events[len(c.Events)-1]; !c.Extended || last.Kind != "extended" || last.Data["days"] != tt.days || last.Data["due"] != tt.due {
				t.Errorf("got extended %v, event %s %v; want %s days to %s", c.Extended, last.Kind, last.Data, tt.days, tt.due)
			}
			for i, task := range c.Tasks { // a task that was due with the case moves with it; one with days of its own does not
				want := c.DueAt
				if old := before.Tasks[i].DueAt; !old.Equal(before.DueAt) {
					want = old
				}
				if !task.DueAt.Equal(want) {
					t.Errorf("task %s: got due %v, want %v", task.Element, task.DueAt, want)
				}
			}
			w.refused("a second time", fault.Conflict, func() error { return extend(w, caseID) })
		})
	}
}

// The lights change at the stroke of midnight, and lists and counts agree with
// them at every border.
func TestLights(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	caseID := take("wide", accepted)(w)
	w.due("accepted", caseID, "2026-12-07") // a Monday
	for _, tt := range []struct {
		now  time.Time
		want casework.Light
	}{
		{w.morning("2026-11-24"), casework.Green},
		{w.endOf("2026-12-02").Add(-time.Millisecond), casework.Green}, // Wednesday: Thursday, Friday and Monday are left
		{w.endOf("2026-12-02"), casework.Amber},
		{w.endOf("2026-12-07").Add(-time.Millisecond), casework.Amber},
		{w.endOf("2026-12-07"), casework.Red},
		{w.morning("2027-01-08"), casework.Red},
	} {
		w.clock.Set(tt.now)
		c := w.see(caseID)
		if c.Light != tt.want || c.Tasks[0].Light != tt.want {
			t.Errorf("%v: got %s and task %s, want %s; %d days left", tt.now, c.Light, c.Tasks[0].Light, tt.want, c.Remaining)
		}
		w.checkLists(tt.want)
	}
}

// checkLists checks that the one case with two open tasks shows in the lists and counts
// of its light, and in no other.
func (w *world) checkLists(light casework.Light) {
	w.t.Helper()
	officer := w.officer("one")
	counts, err := w.office.Counts(w.ctx, officer)
	w.must(err)
	byLight := map[casework.Light]int{casework.Green: counts.Green, casework.Amber: counts.Amber, casework.Red: counts.Red}
	overview, err := w.office.Overview(w.ctx, w.officer("one", policy.RoleSupervisor))
	w.must(err)
	load := overview.Agencies[0]
	cases := map[casework.Light]int{casework.Green: load.Green, casework.Amber: load.Amber, casework.Red: load.Red}
	for l, n := range byLight {
		want := map[bool]int{true: 2}[l == light]
		list, _, err := w.office.Inbox(w.ctx, officer, casework.Filter{Light: l})
		w.must(err)
		if len(list) != want || n != want || cases[l] != want/2 {
			w.t.Errorf("%s: got %d listed, %d counted, %d in the overview; want %d, %d, %d (the light is %s)", l, len(list), n, cases[l], want, want, want/2, light)
		}
	}
	if counts.All != 2 || (len(overview.Late) == 1) != (light == casework.Red) {
		w.t.Errorf("%s: got %d in all and %d late", light, counts.All, len(overview.Late))
	}
}

// What is done at once is done within the day; where the registers say all,
// no officer is asked.
func TestInstant(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	if got := w.submit(an, "quick"); got.Status != casework.Closed || got.Decision.By != "rule" {
		t.Errorf("by rule: got %s, decision %+v; want closed by rule", got.Status, got.Decision)
	}
	caseID := w.submit(bo, "quick").ID
	w.due("by hand", caseID, "2026-11-23")
	if got := w.see(caseID); got.Light != casework.Amber || got.Tasks[0].Duty != casework.DutyAccept {
		t.Errorf("by hand: got %s, task %+v; want amber, to be accepted", got.Light, got.Tasks[0])
	}
	w.clock.Set(w.endOf("2026-11-23"))
	w.run()
	if got := w.see(caseID); got.Light != casework.Red || got.Status != casework.Submitted {
		t.Errorf("after the day: got %s, %s; want red, and no acceptance by silence", got.Light, got.Status)
	}
	if got := w.finish(caseID); got.Status != casework.Closed {
		t.Errorf("got %s, want closed", got.Status)
	}
}

// The result is handed over within ten working days of the decision
// (行政许可法 art. 44), however long before its limit the case was decided.
func TestDelivery(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		for _, way := range []string{"courier", "counter", "online"} {
			pr := w.citizen(an)
			draft, err := w.office.OpenDraft(w.ctx, pr, casework.Target{Service: "permit"})
			w.must(err)
			w.fill(pr, draft)
			r, err := w.office.Submit(w.ctx, pr, "", map[string]string{"permit": way}, draft.ID)
			w.must(err)
			c := w.do(r.Cases[0].ID, "accept", "accept")
			w.do(c.ID, "review", "approve")
			w.clock.Set(w.morning("2026-11-25"))
			c = w.do(c.ID, "decide", "approve")
			if way == "online" {
				if c.Status != casework.Closed || c.Delivery != way {
					t.Errorf("%s: got %s by %s, want closed", way, c.Status, c.Delivery)
				}
				continue
			}
			w.due(way, c.ID, "2026-12-09")
			if len(c.Tasks) != 1 || c.Tasks[0].Duty != casework.DutyDeliver || !c.Tasks[0].DueAt.Equal(c.DueAt) || c.Tasks[0].Question != way {
				t.Fatalf("%s: got tasks %+v, want one to deliver by %v", way, c.Tasks, c.DueAt)
			}
			w.refused("by another agency", fault.NotFound, func() error {
				_, err := w.office.Deliver(w.ctx, w.officer("two"), c.ID, "")
				return err
			})
			if c = w.do(c.ID, "deliver", "done"); c.Status != casework.Closed || !has(c, "delivered") {
				t.Errorf("%s: got %s, events %v; want closed and delivered", way, c.Status, kinds(c))
			}
			w.clock.Set(monday)
		}
	})
}

// Where the money is paid or the card made after the decision, the clock that
// runs is that of delivery.
func TestDeliveryClockFromDecision(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	for service, then := range map[string]string{"gift": "pay", "base": "make"} {
		w.clock.Set(monday)
		caseID := take(service, accepted)(w)
		w.clock.Set(w.morning("2026-12-07")) // the last day of the limit
		c := w.do(caseID, "decide", "approve")
		w.due(service+" decided", caseID, "2026-12-21")
		if len(c.Tasks) != 1 || c.Tasks[0].Element != then || !c.Tasks[0].DueAt.Equal(c.DueAt) {
			t.Errorf("%s: got tasks %+v, want %s by %v", service, c.Tasks, then, c.DueAt)
		}
		w.clock.Set(w.morning("2026-12-09"))
		if c = w.do(caseID, then, "done"); service == "base" {
			w.due("made", caseID, "2026-12-21")
		}
	}
}

// The limit is what the service promises, else what the law says of it, else
// what the law says of all.
func TestLimits(t *testing.T) {
	for _, tt := range []struct {
		service              string
		committed, statutory int
		want                 int
	}{
		{"wide", 3, 20, 3}, {"wide", 0, 7, 7}, {"wide", 0, 0, 20}, {"joint", 0, 0, 45}, {"pair", 0, 0, 45}, {"joint", 5, 0, 5},
	} {
		w := newTown(t, testdb.Open(t, db.SQLite))
		city := altered(t, nil) // its own, to be changed
		service, _ := city.Service(tt.service)
		service.Versions[0].Limits.Committed, service.Versions[0].Limits.Statutory = tt.committed, tt.statutory
		w.open(city)
		c := w.see(take(tt.service, accepted)(w))
		if got := w.city.Calendar.Remaining(monday, c.DueAt); got != tt.want {
			t.Errorf("%s with %d promised and %d by law: got %d working days, want %d", tt.service, tt.committed, tt.statutory, got, tt.want)
		}
	}
}
