package eligibility

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tongban/tongban/catalog"
)

func exact(n int) Figure { return Figure{n, n} }

var few = Figure{0, 9}

func TestToldHidesSmallGroups(t *testing.T) {
	tests := []struct {
		name string
		s    Shift
		want ShiftTold
	}{
		{"all large", Shift{Before: 120, After: 160, Gain: 60, Lose: 20}, ShiftTold{exact(120), exact(160), exact(60), exact(20)}},
		{"nothing changes", Shift{Before: 120, After: 120}, ShiftTold{exact(120), Figure{111, 129}, few, few}},
		{"one loses", Shift{Before: 120, After: 119, Lose: 1}, ShiftTold{exact(120), Figure{111, 129}, few, few}},
		{"many gain", Shift{Before: 120, After: 177, Gain: 60, Lose: 3}, ShiftTold{exact(120), Figure{171, 180}, exact(60), few}},
		{"nearly all lose", Shift{Before: 120, After: 62, Gain: 60, Lose: 118}, ShiftTold{exact(120), Figure{60, 69}, exact(60), Figure{111, 120}}},
		{"few before", Shift{Before: 4, After: 60, Gain: 58, Lose: 2}, ShiftTold{few, Figure{58, 67}, exact(58), few}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, tt.s.told()); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

func TestPart(t *testing.T) {
	for _, tt := range []struct {
		whole, part int
		want        Figure
	}{{100, 40, exact(40)}, {100, 4, few}, {100, 96, Figure{91, 100}}, {5, 5, few}, {100, 0, few}} {
		if got := Part(tt.whole, tt.part); got != tt.want {
			t.Errorf("Part(%d, %d) = %v, want %v", tt.whole, tt.part, got, tt.want)
		}
	}
}

func TestCountTold(t *testing.T) {
	p := &catalog.Policy{Amount: &catalog.Amount{Per: catalog.PerMonth, Tables: []catalog.Table{{Rows: []catalog.TableRow{{Value: "10"}}}}}}
	c := Count{Yes: 50, Held: 20, Near: []Missed{{"a", 30}, {"b", 4}, {"c", 40}}, Amount: Amount{Yuan: 500, Known: 50}}
	want := CountTold{Yes: exact(50), Held: exact(20), Near: exact(74), Nearness: []Figure{{0, 34}, {0, 34}, exact(40)}, Cost: CostTold{Year: 6000}}
	if diff := cmp.Diff(want, c.Told(p)); diff != "" {
		t.Error(diff)
	}
	c = Count{Yes: 5, Held: 5, Near: []Missed{{"a", 3}}, Amount: Amount{Yuan: 50, Known: 5}}
	if diff := cmp.Diff(CountTold{Yes: few, Held: few, Near: few, Nearness: []Figure{few}, Cost: CostTold{Hidden: true}}, c.Told(p)); diff != "" {
		t.Error(diff)
	}
}

func TestCostTold(t *testing.T) {
	cost := func(year int64, known int) Cost { return Cost{Year: year, Known: known} }
	tests := []struct {
		name          string
		d             Difference
		before, after CostTold
	}{
		{"exact", Difference{Shift: Shift{1000, 1020, 40, 20}, Before: cost(1_234_567, 1000), After: cost(1_300_000, 1020)},
			CostTold{Year: 1_234_567}, CostTold{Year: 1_300_000}},
		{"some unknown", Difference{Shift: Shift{1000, 1020, 40, 20}, Before: cost(1_234_567, 900), After: cost(1_300_000, 1020)},
			CostTold{Year: 1_234_567, About: true}, CostTold{Year: 1_300_000}},
		{"both to what ten people cost", Difference{Shift: Shift{39, 74, 35, 0}, Before: cost(73_500, 39), After: cost(73_900, 74)},
			CostTold{Year: 80_000, About: true}, CostTold{Year: 80_000, About: true}},
		{"one person more", Difference{Shift: Shift{1000, 1001, 1, 0}, Before: cost(1_800_000, 1000), After: cost(1_801_800, 1001)},
			CostTold{Year: 1_800_000, About: true}, CostTold{Year: 1_800_000, About: true}},
		{"few", Difference{Shift: Shift{3, 4, 1, 0}, Before: cost(900, 3), After: cost(1200, 4)}, CostTold{Hidden: true}, CostTold{Hidden: true}},
		{"no amounts", Difference{Shift: Shift{30, 40, 10, 0}, Before: Cost{Without: true}, After: Cost{Without: true}}, CostTold{Without: true}, CostTold{Without: true}},
	}
	for _, tt := range tests {
		if got := tt.d.Told(); got.Before != tt.before || got.After != tt.after {
			t.Errorf("%s: got %+v and %+v, want %+v and %+v", tt.name, got.Before, got.After, tt.before, tt.after)
		}
	}
}

// TestToldGivesNothingAway: every figure holds the truth, none that is exact
// is small, nor is any difference of two in a row, and what the last line of a
// column leaves over once the exact figures are taken off is never a small group.
func TestToldGivesNothingAway(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.SampledFrom([]int{0, 1, 3, 9, 10, 12, 40, 500})
		var d Difference
		for range rapid.IntRange(1, 6).Draw(t, "areas") {
			keep, lose, gain := size.Draw(t, "keep"), size.Draw(t, "lose"), size.Draw(t, "gain")
			s := Shift{Before: keep + lose, After: keep + gain, Gain: gain, Lose: lose}
			d.Areas = append(d.Areas, AreaShift{"x", s})
			d.Shift = Shift{d.Shift.Before + s.Before, d.Shift.After + s.After, d.Gain + s.Gain, d.Lose + s.Lose}
		}
		told := d.Told()
		holdsRow(t, d.Shift, told.ShiftTold)
		for i, a := range told.Areas {
			holdsRow(t, d.Areas[i].Shift, a.ShiftTold)
		}
		for name, of := range map[string]func(ShiftTold) Figure{
			"before": func(s ShiftTold) Figure { return s.Before }, "gain": func(s ShiftTold) Figure { return s.Gain },
			"lose": func(s ShiftTold) Figure { return s.Lose }, "after": func(s ShiftTold) Figure { return s.After },
		} {
			total := of(told.ShiftTold)
			if !total.Exact() {
				continue
			}
			rest := total.Low
			for _, a := range told.Areas {
				if f := of(a.ShiftTold); f.Exact() {
					rest -= f.Low
				}
			}
			if rest > 0 && rest < LeastCohort {
				t.Fatalf("%s leaves %d over: %+v of %+v", name, rest, told, d)
			}
		}
	})
}

func holdsRow(t *rapid.T, s Shift, told ShiftTold) {
	for name, pair := range map[string][2]any{"before": {s.Before, told.Before}, "after": {s.After, told.After}, "gain": {s.Gain, told.Gain}, "lose": {s.Lose, told.Lose}} {
		n, f := pair[0].(int), pair[1].(Figure)
		if n < f.Low || n > f.High {
			t.Fatalf("%s = %d is told as %v", name, n, f)
		}
		if f.Exact() && n < LeastCohort {
			t.Fatalf("%s = %d is told", name, n)
		}
	}
	small := func(what string, a, b Figure) {
		if n := a.Low - b.Low; a.Exact() && b.Exact() && n < LeastCohort {
			t.Fatalf("%s: %v less %v is %d: %+v of %+v", what, a, b, n, told, s)
		}
	}
	small("who keeps", told.Before, told.Lose)
	small("who keeps", told.After, told.Gain)
}
