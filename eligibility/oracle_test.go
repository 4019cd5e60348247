package eligibility

import (
	"context"
	"fmt"
	"iter"
	"math"
	"math/big"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/workday"
)

// The oracle reads formulas as their documentation says, one subject and one
// node at a time, and knows nothing of codes, spans or bitmaps.

type oracle struct {
	facts Facts
	day   workday.Date
}

func (o oracle) verdict(f criterion.Formula) criterion.Verdict {
	yes := func(b bool) criterion.Verdict {
		if b {
			return criterion.Yes
		}
		return criterion.No
	}
	switch f := f.(type) {
	case criterion.Const:
		return yes(f.Value)
	case criterion.And:
		out := criterion.Yes
		for _, p := range f.Parts {
			switch o.verdict(p) {
			case criterion.No:
				return criterion.No
			case criterion.Unknown:
				out = criterion.Unknown
			}
		}
		return out
	case criterion.Or:
		out := criterion.No
		for _, p := range f.Parts {
			switch o.verdict(p) {
			case criterion.Yes:
				return criterion.Yes
			case criterion.Unknown:
				out = criterion.Unknown
			}
		}
		return out
	case criterion.Not:
		switch o.verdict(f.Part) {
		case criterion.Yes:
			return criterion.No
		case criterion.No:
			return criterion.Yes
		}
	case criterion.Choose:
		switch o.verdict(f.If) {
		case criterion.Yes:
			return o.verdict(f.Then)
		case criterion.No:
			return o.verdict(f.Else)
		}
	case criterion.Known:
		_, ok := o.facts[f.Var]
		return yes(ok)
	case criterion.Is:
		if v, ok := o.facts[f.Var].(bool); ok {
			return yes(v)
		}
	case criterion.Text:
		if v, ok := o.facts[f.Var].(string); ok {
			return yes(f.Holds(v))
		}
	case criterion.Compare:
		if literal, ok := f.Right.(criterion.Float64); ok {
			if v, ok := o.facts[f.Left.(criterion.Var).Name].(float64); ok {
				return yes(ordered(f.Op, compareFloats(v, literal.Value)))
			}
			return criterion.Unknown
		}
		a, aok := o.number(f.Left)
		b, bok := o.number(f.Right)
		if aok && bok {
			return yes(ordered(f.Op, a.Cmp(b)))
		}
	}
	return criterion.Unknown
}

func compareFloats(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func ordered(op string, sign int) bool {
	return slices.Contains(map[string][]int{"==": {0}, "!=": {-1, 1}, "<": {-1}, "<=": {-1, 0}, ">": {1}, ">=": {0, 1}}[op], sign)
}

// number works in big numbers and is unknown where 64 bits do not hold them.
func (o oracle) number(n criterion.Number) (*big.Int, bool) {
	two := func(l, r criterion.Number, f func(z, a, b *big.Int) *big.Int) (*big.Int, bool) {
		a, aok := o.number(l)
		b, bok := o.number(r)
		if !aok || !bok {
			return nil, false
		}
		z := f(new(big.Int), a, b)
		return z, z != nil && z.IsInt64()
	}
	switch n := n.(type) {
	case criterion.Int64:
		return big.NewInt(n.Value), true
	case criterion.Day:
		return big.NewInt(int64(n.Value.Sub(workday.Date{}))), true
	case criterion.Today:
		return big.NewInt(int64(o.day.Sub(workday.Date{}))), true
	case criterion.Var:
		switch v := o.facts[n.Name].(type) {
		case int64:
			return big.NewInt(v), true
		case workday.Date:
			return big.NewInt(int64(v.Sub(workday.Date{}))), true
		}
		return nil, false
	case criterion.Add:
		return two(n.Left, n.Right, (*big.Int).Add)
	case criterion.Sub:
		return two(n.Left, n.Right, (*big.Int).Sub)
	case criterion.Mul:
		return two(n.Left, n.Right, (*big.Int).Mul)
	case criterion.Div:
		return two(n.Left, n.Right, func(z, a, b *big.Int) *big.Int {
			if b.Sign() == 0 {
				return nil
			}
			return z.Quo(a, b)
		})
	case criterion.Days:
		return two(n.To, n.From, (*big.Int).Sub)
	case criterion.Months:
		return two(n.From, n.To, func(z, a, b *big.Int) *big.Int { return z.SetInt64(months(a.Int64(), b.Int64())) })
	case criterion.Age:
		return two(n.From, n.To, func(z, a, b *big.Int) *big.Int { return z.SetInt64(months(a.Int64(), b.Int64()) / 12) })
	case criterion.Cond:
		switch o.verdict(n.If) {
		case criterion.Yes:
			return o.number(n.Then)
		case criterion.No:
			return o.number(n.Else)
		}
	}
	return nil, false
}

// months counts completed months as criterion does, by the calendar.
func months(from, to int64) int64 {
	if to < from {
		return -months(to, from)
	}
	date := func(n int64) (int, time.Month, int) { return earliest().AddDays(int(n) - 1).Date() }
	y1, m1, d1 := date(from)
	y2, m2, d2 := date(to)
	n := int64(y2-y1)*12 + int64(m2) - int64(m1)
	if d2 < d1 {
		n--
	}
	return n
}

func earliest() workday.Date {
	d, _ := workday.DateFrom(1, 1, 1)
	return d
}

// world is a random schema with a way to make facts and formulas for it.
type world struct {
	schema *Schema
	day    workday.Date
	words  map[string][]string
}

func drawWorld(t *rapid.T) *world {
	w := &world{words: map[string][]string{}}
	var attributes []catalog.Attribute
	kinds := []criterion.Type{criterion.Bool, criterion.Int, criterion.Double, criterion.String, criterion.Date}
	for i := range rapid.IntRange(5, 9).Draw(t, "columns") {
		a := catalog.Attribute{ID: fmt.Sprintf("r.a%d", i), Audience: "resident", Type: kinds[i%5], Decimals: rapid.IntRange(0, 4).Draw(t, "decimals")}
		attributes = append(attributes, a)
		for j := range rapid.SampledFrom([]int{1, 3, 40, 300}).Draw(t, "words") {
			w.words[a.ID] = append(w.words[a.ID], fmt.Sprintf("%c%d", 'a'+j%3, j))
		}
	}
	attributes = append(attributes, catalog.Attribute{ID: "f.other", Audience: "firm", Type: criterion.Int})
	w.schema = NewSchema(attributes, "resident")
	w.day = drawDay(t)
	return w
}

func drawDay(t *rapid.T) workday.Date {
	year := rapid.IntRange(1896, 2104).Draw(t, "year")
	month := time.Month(rapid.SampledFrom([]int{1, 2, 2, 3, 12}).Draw(t, "month"))
	day := rapid.SampledFrom([]int{1, 15, 28, 29, 30, 31}).Draw(t, "dayOfMonth")
	for ; ; day-- {
		if d, ok := workday.DateFrom(year, month, day); ok {
			return d
		}
	}
}

// scale bounds a world's numbers, so that columns of every width come up.
func (w *world) facts(r *rand.Rand, scale int64) Facts {
	facts := Facts{}
	for _, a := range w.schema.attributes {
		if r.IntN(4) == 0 {
			continue
		}
		var v any
		switch a.Type {
		case criterion.Bool:
			v = r.IntN(2) == 0
		case criterion.Int:
			v = r.Int64N(2*scale+1) - scale
		case criterion.Double:
			v = float64(r.Int64N(2*scale+1)-scale) / math.Pow10(a.Decimals)
		case criterion.String:
			v = w.words[a.ID][r.IntN(len(w.words[a.ID]))]
		case criterion.Date:
			d, ok := workday.DateFrom(1896+r.IntN(208), time.Month(1+r.IntN(3)), 27+r.IntN(5))
			if !ok {
				d = w.day
			}
			v = d
		}
		if fitted, ok := a.Fit(v); ok {
			facts[a.ID] = fitted
		}
	}
	return facts
}

func (w *world) of(t *rapid.T, kinds ...criterion.Type) string {
	var names []string
	for _, a := range w.schema.attributes {
		if slices.Contains(kinds, a.Type) {
			names = append(names, a.ID)
		}
	}
	return rapid.SampledFrom(names).Draw(t, "attribute")
}

func (w *world) formula(t *rapid.T, depth int) criterion.Formula {
	kind := rapid.IntRange(0, 10).Draw(t, "node")
	if depth <= 0 {
		kind = rapid.IntRange(4, 10).Draw(t, "leaf")
	}
	parts := func() []criterion.Formula {
		out := make([]criterion.Formula, rapid.IntRange(2, 3).Draw(t, "parts"))
		for i := range out {
			out[i] = w.formula(t, depth-1)
		}
		return out
	}
	switch kind {
	case 0:
		return criterion.And{Parts: parts()}
	case 1:
		return criterion.Or{Parts: parts()}
	case 2:
		return criterion.Not{Part: w.formula(t, depth-1)}
	case 3:
		return criterion.Choose{If: w.formula(t, depth-1), Then: w.formula(t, depth-1), Else: w.formula(t, depth-1)}
	case 4:
		return criterion.Known{Var: w.of(t, criterion.Bool, criterion.Int, criterion.Double, criterion.String, criterion.Date)}
	case 5:
		return criterion.Is{Var: w.of(t, criterion.Bool)}
	case 6:
		return w.text(t)
	case 7:
		return criterion.Compare{Op: drawOp(t), Left: criterion.Var{Name: w.of(t, criterion.Double), Type: criterion.Double},
			Right: criterion.Float64{Value: rapid.SampledFrom([]float64{0, 0.1, -0.3, 12.34, 1, 0.07, 100, -99.99, 1e9}).Draw(t, "literal")}}
	case 8:
		return criterion.Compare{Op: drawOp(t), Left: w.date(t, depth), Right: w.date(t, 0)}
	}
	return criterion.Compare{Op: drawOp(t), Left: w.whole(t, depth+1), Right: w.whole(t, rapid.IntRange(0, depth).Draw(t, "right"))}
}

func (w *world) text(t *rapid.T) criterion.Formula {
	name := w.of(t, criterion.String)
	values := rapid.SliceOfN(rapid.SampledFrom(w.words[name]), 1, 6).Draw(t, "words")
	if rapid.Bool().Draw(t, "prefix") {
		return criterion.Text{Var: name, Op: "startsWith", Values: []string{"a"}, Holds: func(s string) bool { return s[0] == 'a' }}
	}
	return criterion.Text{Var: name, Op: "in", Values: values, Holds: func(s string) bool { return slices.Contains(values, s) }}
}

func drawOp(t *rapid.T) string {
	return rapid.SampledFrom([]string{"==", "!=", "<", "<=", ">", ">="}).Draw(t, "op")
}

func (w *world) date(t *rapid.T, depth int) criterion.Number {
	switch rapid.IntRange(0, 4).Draw(t, "date") {
	case 0:
		return criterion.Today{}
	case 1:
		return criterion.Day{Value: drawDay(t)}
	case 2:
		if depth > 0 {
			return criterion.Cond{If: w.formula(t, 0), Then: w.date(t, 0), Else: w.date(t, 0)}
		}
	}
	return criterion.Var{Name: w.of(t, criterion.Date), Type: criterion.Date}
}

func (w *world) whole(t *rapid.T, depth int) criterion.Number {
	kind := rapid.IntRange(0, 11).Draw(t, "number")
	if depth <= 0 {
		kind %= 4
	}
	two := func() (a, b criterion.Number) { return w.whole(t, depth-1), w.whole(t, depth-1) }
	switch kind {
	case 0, 1:
		return criterion.Int64{Value: rapid.OneOf(rapid.Int64Range(-130, 130), rapid.SampledFrom([]int64{0, 1, -1, 12, 18, 65, 255, 256, 65535, 1000, math.MaxInt64, math.MinInt64})).Draw(t, "int")}
	case 2, 3:
		return criterion.Var{Name: w.of(t, criterion.Int), Type: criterion.Int}
	case 4:
		a, b := two()
		return criterion.Add{Left: a, Right: b}
	case 5:
		a, b := two()
		return criterion.Sub{Left: a, Right: b}
	case 6:
		a, b := two()
		return criterion.Mul{Left: a, Right: b}
	case 7:
		a, b := two()
		return criterion.Div{Left: a, Right: b}
	case 8:
		return criterion.Age{From: w.date(t, 0), To: w.date(t, 0)}
	case 9:
		return criterion.Months{From: w.date(t, 0), To: w.date(t, 0)}
	case 10:
		return criterion.Days{From: w.date(t, 0), To: w.date(t, 0)}
	}
	return w.score(t, depth)
}

// score is a sum of constants under conditions.
func (w *world) score(t *rapid.T, depth int) criterion.Number {
	var sum criterion.Number = criterion.Int64{Value: rapid.Int64Range(-3, 3).Draw(t, "start")}
	for range rapid.IntRange(1, 6).Draw(t, "terms") {
		var term criterion.Number = criterion.Int64{}
		for range rapid.IntRange(1, 3).Draw(t, "rows") {
			term = criterion.Cond{If: w.formula(t, min(depth-1, 0)), Then: criterion.Int64{Value: rapid.Int64Range(-20, 40).Draw(t, "points")}, Else: term}
		}
		if rapid.IntRange(0, 3).Draw(t, "minus") == 0 {
			sum = criterion.Sub{Left: sum, Right: term}
		} else {
			sum = criterion.Add{Left: sum, Right: term}
		}
	}
	return sum
}

func (w *world) program(t *rapid.T, policies int) *Program {
	var entries []Entry
	for i := range policies {
		e := Entry{ID: fmt.Sprintf("p%d", i)}
		for j := range rapid.IntRange(0, 4).Draw(t, "conditions") {
			e.Conditions = append(e.Conditions, Condition{ID: fmt.Sprintf("c%d", j), When: w.formula(t, 2)})
		}
		if rapid.Bool().Draw(t, "held") {
			e.Held = w.formula(t, 1)
		}
		entries = append(entries, e)
	}
	return NewProgram(w.day, entries)
}

// people is a population beside its oracle.
type people struct {
	w     *world
	order []party.ID
	facts map[party.ID]Facts
}

func personID(i int) party.ID {
	switch i % 3 {
	case 0:
		return party.ID(fmt.Sprintf("p%d", i))
	case 1:
		return party.ID(fmt.Sprintf("01890a5d-ac96-774b-bcce-b302%08x", i))
	}
	return party.ID(fmt.Sprintf("a party with a long number %d", i))
}

func (w *world) people(seed uint64, n int, scale int64) *people {
	out := &people{w: w, facts: map[party.ID]Facts{}}
	r := rand.New(rand.NewPCG(seed, 7))
	for i := range n {
		id := personID(i)
		out.order = append(out.order, id)
		out.facts[id] = w.facts(r, scale)
	}
	return out
}

func (p *people) rows() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for _, id := range p.order {
			if facts, ok := p.facts[id]; ok && !yield(Row{id, facts}, nil) {
				return
			}
		}
	}
}

// open builds a snapshot of the people and opens it.
func (p *people) open(t testing.TB, path string) *Population {
	t.Helper()
	if err := Build(context.Background(), path, p.w.schema, p.rows(), nil); err != nil {
		t.Fatalf("Build: %v", err)
	}
	population, err := Open(path, p.w.schema)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { population.Close() })
	return population
}

// standing is what the oracle says of one policy.
type standing struct {
	yes, held bool
	short     int // the condition that alone is not met, or -1
}

func (w *world) standing(e Entry, facts Facts) standing {
	o, out := oracle{facts, w.day}, standing{short: -1}
	failed := 0
	for j, c := range e.Conditions {
		if o.verdict(c.When) != criterion.Yes {
			failed++
			out.short = j
		}
	}
	if failed != 1 {
		out.short = -1
	}
	out.yes = failed == 0 && len(e.Conditions) > 0
	out.held = out.yes && e.Held != nil && o.verdict(e.Held) == criterion.Yes
	return out
}

// counts is what Count ought to say.
func (p *people) counts(prog *Program, near bool) Counts {
	out := Counts{Subjects: len(p.facts)}
	for _, e := range prog.entries {
		c := Count{Policy: e.ID}
		if near {
			for _, x := range e.Conditions {
				c.Near = append(c.Near, Missed{Condition: x.ID})
			}
		}
		for _, facts := range p.facts {
			s := p.w.standing(e, facts)
			c.Yes += b2i(s.yes)
			c.Held += b2i(s.held)
			if near && s.short >= 0 {
				c.Near[s.short].Count++
			}
		}
		out.Policies = append(out.Policies, c)
	}
	return out
}

func snapshotPath(t testing.TB) string { return filepath.Join(t.TempDir(), "population") }
