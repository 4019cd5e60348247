package casework_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
	"github.com/tongban/tongban/policy"
)

// What may be done to a case follows its status, and only what may be done is
// offered: each command that May names succeeds, the others are refused.
func TestMay(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		caseID := w.apply(w.citizen("chen-guilan"), casework.Target{Service: "elderly-allowance"}).Cases[0].ID
		officer, decider := w.officer("mzj", policy.RoleOfficer), w.officer("mzj", policy.RoleOfficer, policy.RoleDecider)
		want := func(step string, pr policy.Principal, want ...casework.Command) {
			t.Helper()
			got, err := w.office.May(w.ctx, pr, caseID)
			w.must(err)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got)\n%s", step, diff)
			}
		}
		want("submitted", officer, casework.CmdSupplement)
		_, err := w.office.AskSupplement(w.ctx, officer, caseID, []casework.SupplementItem{{What: "户口簿首页"}}, "")
		w.must(err)
		want("supplement asked", officer)
		_, err = w.office.AnswerSupplement(w.ctx, w.citizen("chen-guilan"), caseID, "")
		w.must(err)
		want("asked once only", officer)
		w.work(caseID)
		want("accepted, officer", officer, casework.CmdConsult, casework.CmdSuspend)
		want("accepted, decider", decider, casework.CmdConsult, casework.CmdSuspend, casework.CmdExtend)
		want("supervisor", w.officer("dsj", policy.RoleSupervisor))
		_, err = w.office.Extend(w.ctx, decider, caseID, "需要核实")
		w.must(err)
		want("extended once only", decider, casework.CmdConsult, casework.CmdSuspend)
		_, err = w.office.Suspend(w.ctx, officer, caseID, "inspection", "需要上门核查")
		w.must(err)
		want("suspended", decider, casework.CmdResume)
		if _, err := w.office.May(w.ctx, w.officer("gaj"), caseID); !fault.Is(err, fault.NotFound) {
			t.Errorf("another agency: got %v, want not-found", err)
		}
		if _, err := w.office.May(w.ctx, officer, "no-such-case"); !fault.Is(err, fault.NotFound) {
			t.Errorf("no such case: got %v, want not-found", err)
		}
	})
}

func TestCountsOf(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.apply(w.citizen("chen-guilan"), casework.Target{Service: "elderly-allowance"})
		officer := w.officer("mzj")
		for _, tt := range []struct {
			name string
			f    casework.Filter
			want int
		}{
			{"all", casework.Filter{}, 1},
			{"the service", casework.Filter{Service: "elderly-allowance"}, 1},
			{"another service", casework.Filter{Service: "food-permit"}, 0},
			{"the duty", casework.Filter{Duty: casework.DutyAccept}, 1},
			{"another duty", casework.Filter{Duty: casework.DutyDecide}, 0},
		} {
			got, err := w.office.CountsOf(w.ctx, officer, tt.f)
			w.must(err)
			list, _, err := w.office.Inbox(w.ctx, officer, tt.f)
			w.must(err)
			if got.All != tt.want || got.All != len(list) || got.All != got.Green+got.Amber+got.Red {
				t.Errorf("%s: got %+v with %d in the list, want %d", tt.name, got, len(list), tt.want)
			}
		}
		caseID := w.apply(w.citizen("chen-guilan"), casework.Target{Service: "elderly-allowance"}).Cases[0].ID
		w.work(caseID)
		w.work(caseID)
		for role, want := range map[string]int{policy.RoleDecider: 1, policy.RoleOfficer: 0} { // a decision is on a decider's desk only
			got, err := w.office.CountsOf(w.ctx, w.officer("mzj", policy.RoleOfficer, role), casework.Filter{Duty: casework.DutyDecide})
			w.must(err)
			if got.All != want {
				t.Errorf("decisions for %s: got %d, want %d", role, got.All, want)
			}
		}
		if _, err := w.office.CountsOf(w.ctx, w.officer("sq", policy.RoleClerk), casework.Filter{Duty: "accept"}); !fault.Is(err, fault.Denied) {
			t.Errorf("a clerk: got %v, want denied", err)
		}
	})
}

// A page of a light goes on where the page before ended, and enters at the
// light where that has moved on in the meantime.
func TestInboxOfLight(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.submit(an, "permit")
		w.submit(bo, "permit")
		officer, page := w.officer("one"), casework.Page{Limit: 1}
		list := func(light casework.Light, page casework.Page) ([]casework.Task, string) {
			t.Helper()
			tasks, next, err := w.office.Inbox(w.ctx, officer, casework.Filter{Light: light, Page: page})
			w.must(err)
			return tasks, next
		}
		first, next := list(casework.Green, page)
		if len(first) != 1 || next == "" {
			t.Fatalf("got %d tasks and the cursor %q, want one and a cursor", len(first), next)
		}
		page.After = next
		second, end := list(casework.Green, page)
		if len(second) != 1 || end != "" || second[0].CaseID == first[0].CaseID {
			t.Errorf("got %v and the cursor %q, want the other task and the end", second, end)
		}
		if tasks, _ := list(casework.Red, page); len(tasks) != 0 {
			t.Errorf("red: got %v, want none", tasks)
		}
		w.clock.Set(first[0].DueAt.AddDate(0, 1, 0)) // far ahead of what the cursor remembers
		if tasks, _ := list(casework.Green, page); len(tasks) != 0 {
			t.Errorf("a month later, green: got %v, want none", tasks)
		}
		if tasks, _ := list(casework.Red, casework.Page{}); len(tasks) != 2 {
			t.Errorf("a month later, red: got %v, want both", tasks)
		}
	})
}

func TestTakenIn(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		clerk := w.officer("sq", policy.RoleClerk)
		with := clerk
		with.Actor.For = "chen-guilan"
		number := w.apply(with, casework.Target{Service: "elderly-allowance"}).Cases[0].Number
		got, err := w.office.TakenIn(w.ctx, clerk)
		w.must(err)
		if len(got) != 1 || got[0].Number != number || got[0].Channel != "1" || got[0].SubjectName != "" || got[0].Subject != "" {
			t.Errorf("today: got %+v, want %s at the counter, without a name", got, number)
		}
		w.clock.Set(monday.AddDate(0, 0, 1))
		if got, err := w.office.TakenIn(w.ctx, clerk); err != nil || len(got) != 0 {
			t.Errorf("the next day: got %d cases, %v; want none", len(got), err)
		}
		if _, err := w.office.TakenIn(w.ctx, w.officer("mzj")); !fault.Is(err, fault.Denied) {
			t.Errorf("an officer: got %v, want denied", err)
		}
	})
}

func TestCorrections(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		chen := w.citizen("chen-guilan")
		for i, says := range []string{"地址是老的", "门牌号错了", "写错了"} {
			w.clock.Set(monday.AddDate(0, 0, i))
			w.must(w.office.Correct(w.ctx, chen, "draft", "address", []string{"population", "来自 市公安局人口库", "市公安局人口库"}[i], says))
		}
		w.must(w.office.Correct(w.ctx, chen, "draft", "months", "来自 市人社局社会保险缴费库", "少了两个月"))
		read := func(agency string, limit int) (says []string) {
			page := casework.Page{Limit: limit}
			for {
				list, next, err := w.office.Corrections(w.ctx, w.officer(agency), page)
				w.must(err)
				for _, c := range list {
					says = append(says, c.Says)
					if c.Name != "陈桂兰" {
						t.Errorf("%s: got the name %q, want 陈桂兰", c.Says, c.Name)
					}
				}
				if next == "" {
					return says
				}
				page.After = next
			}
		}
		want := []string{"写错了", "门牌号错了", "地址是老的"}
		if got := read("gaj", 50); !slices.Equal(got, want) {
			t.Errorf("the police: got %v, want %v", got, want)
		}
		if got := read("gaj", 1); !slices.Equal(got, want) {
			t.Errorf("the police, one at a time: got %v, want %v", got, want)
		}
		if got := read("rsj", 50); !slices.Equal(got, []string{"少了两个月"}) {
			t.Errorf("human resources: got %v, want the one about months", got)
		}
		if got := read("mzj", 50); len(got) != 0 {
			t.Errorf("an agency without the register: got %v, want none", got)
		}
		if _, _, err := w.office.Corrections(w.ctx, w.officer("sq", policy.RoleClerk), casework.Page{}); !fault.Is(err, fault.Denied) {
			t.Errorf("a clerk: got %v, want denied", err)
		}
	})
}
