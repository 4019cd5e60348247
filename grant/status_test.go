package grant

import (
	"testing"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
)

// TestMoves is every command in every status: what is not named is refused.
func TestMoves(t *testing.T) {
	want := map[Status]map[Command]Status{
		Matched:    {CmdCheck: Checked, CmdDrop: Dropped},
		Checked:    {CmdList: Listed, CmdDrop: Dropped},
		Listed:     {CmdReturn: Checked, CmdConfirm: Confirmed, CmdDrop: Dropped},
		Confirmed:  {CmdTell: Told, CmdDrop: Dropped},
		Told:       {CmdRefuse: Refused, CmdGive: Given, CmdDrop: Dropped},
		Given:      {CmdPay: Given, CmdStop: Stopped, CmdEnd: Ended, CmdRefuse: Ended},
		Stopped:    {CmdRecover: Recovering, CmdWaive: Ended},
		Recovering: {CmdRepay: Recovered, CmdWaive: Ended},
		Recovered:  {}, Ended: {}, Refused: {}, Dropped: {},
	}
	if len(want) != len(Statuses) {
		t.Fatalf("the test knows %d statuses, there are %d", len(want), len(Statuses))
	}
	turns := map[string]int{}
	for _, s := range Statuses {
		turns[s.Turn()]++
		if s.Over() != (len(want[s]) == 0) {
			t.Errorf("%s: Over = %v", s, s.Over())
		}
		if n := s.Name(); n.IsZero() || n.ZH == "grant.status."+string(s) {
			t.Errorf("%s has no name", s)
		}
		for _, c := range Commands {
			got, err := next("op", s, c)
			to, ok := want[s][c]
			switch {
			case ok && (err != nil || got != to):
				t.Errorf("%s in %s = %s, %v, want %s", c, s, got, err, to)
			case !ok && (!fault.Is(err, fault.Conflict) || got != s):
				t.Errorf("%s in %s = %s, %v, want a conflict", c, s, got, err)
			}
		}
	}
	if len(turns) != 4 {
		t.Errorf("turns %v, want city, officer, subject and nobody", turns)
	}
}

func TestPeriods(t *testing.T) {
	if begins(onceOrder) != begins("") || !begins("2026-11").Before(begins("2026-12")) || begins("2026").String() != "2026-01-01" {
		t.Errorf("begins: once %s, November %s, a year %s", begins(onceOrder), begins("2026-11"), begins("2026"))
	}
	if w := words(text(i18n.Text{ZH: "因为", EN: "because"})); w.EN != "because" {
		t.Errorf("words(text) = %v", w)
	}
}
