// Package crowd draws synthetic residents and firms: what the registers of a
// city might say of each. Nobody in it is a real person. The same seed gives the
// same people on every machine, whoever asks and however many workers draw, so a
// demo's town and a benchmark's city need no files.
//
// What a register says of a resident follows from a person drawn first (age,
// hukou, work, family, means), so that rules meet the correlations that they meet
// in a city: few children have an income, a residence permit is held by those
// without the city's hukou, and months of insurance grow with age. Attributes that
// the package does not know are drawn by their types alone. Shares and amounts are
// invented, of the size that they have in a large Chinese city.
package crowd

import (
	"iter"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/workday"
)

// BatchSize is how many people are drawn at a time; the last batch may have
// fewer.
const BatchSize = 4096

// Column is how the values of an attribute are written: an int as it is, a date
// as its day (1 is 0001-01-01), a bool as 0 or 1, a double times 10^Decimals, and
// a string as its place in Words.
type Column struct {
	ID       string // of the attribute
	Type     criterion.Type
	Words    []string // of a string: all that it can be
	Decimals int      // of a double
}

// Value is a written value as registers give it: an int64, a workday.Date, a
// bool, a float64 or a string.
func (c Column) Value(n int64) any {
	switch c.Type {
	case criterion.Bool:
		return n == 1
	case criterion.Double:
		return float64(n) / math.Pow10(c.Decimals)
	case criterion.String:
		return c.Words[n]
	case criterion.Date:
		return DateOf(n)
	}
	return n
}

// DayOf is the number of a date: 1 for 0001-01-01.
func DayOf(d workday.Date) int64 { return int64(d.Sub(firstDay())) + 1 }

// DateOf is the date of a day's number.
func DateOf(day int64) workday.Date { return firstDay().AddDays(int(day - 1)) }

func firstDay() workday.Date {
	d, _ := workday.DateFrom(1, 1, 1)
	return d
}

// Columns are the columns of attributes, in their order.
func Columns(attributes []catalog.Attribute) []Column {
	all := make([]Column, len(attributes))
	for i, t := range traitsOf(attributes) {
		all[i] = t.Column
	}
	return all
}

// Cells are the values of one column. Values is 0 where a value is not Known.
type Cells struct {
	Values []int64
	Known  []bool
}

// Batch is people First, First+1 and so on, a column of cells for each
// attribute.
type Batch struct {
	First   int
	Columns []Column
	Cells   []Cells
}

// Len is how many people the batch has.
func (b *Batch) Len() int {
	if len(b.Cells) == 0 {
		return 0
	}
	return len(b.Cells[0].Values)
}

// Facts is what is known of the person of a row, by attribute.
func (b *Batch) Facts(row int) map[string]any {
	facts := make(map[string]any, len(b.Columns))
	for i, c := range b.Columns {
		if b.Cells[i].Known[row] {
			facts[c.ID] = c.Value(b.Cells[i].Values[row])
		}
	}
	return facts
}

// Entries is the same as registers' entries: register to field to value, as
// exchange.Put takes them.
func (b *Batch) Entries(row int) map[string]map[string]any {
	entries := map[string]map[string]any{}
	for i, c := range b.Columns {
		if !b.Cells[i].Known[row] {
			continue
		}
		a := catalog.Attribute{ID: c.ID}
		fields, ok := entries[a.Resource()]
		if !ok {
			fields = map[string]any{}
			entries[a.Resource()] = fields
		}
		fields[a.Field()] = c.Value(b.Cells[i].Values[row])
	}
	return entries
}

// Draw draws people 0 to n of a seed as of a day, in batches, in order, with a
// worker for each processor. A batch is good until the next one.
func Draw(seed uint64, n int, day workday.Date, attributes []catalog.Attribute) iter.Seq[*Batch] {
	return func(yield func(*Batch) bool) {
		lanes := make([]chan *Batch, runtime.GOMAXPROCS(0)) // batch i comes by lane i%len(lanes)
		batches := (n + BatchSize - 1) / BatchSize
		var workers sync.WaitGroup
		stop := make(chan struct{})
		defer workers.Wait()
		defer close(stop)
		for w := range lanes {
			lanes[w] = make(chan *Batch)
			workers.Go(func() {
				// one batch is being read while the other is drawn
				two := [2]*Drawer{NewDrawer(seed, n, day, attributes), NewDrawer(seed, n, day, attributes)}
				for i := w; i < batches; i += len(lanes) {
					b := two[i/len(lanes)%2].Batch(i)
					select {
					case lanes[w] <- b:
					case <-stop:
						return
					}
				}
			})
		}
		for i := range batches {
			if !yield(<-lanes[i%len(lanes)]) {
				return
			}
		}
	}
}

// At draws the batch of n people in which person i is.
func At(seed uint64, n int, day workday.Date, attributes []catalog.Attribute, i int) *Batch {
	return NewDrawer(seed, n, day, attributes).Batch(i / BatchSize)
}

// Drawer draws batches, each in place of the one before. It is for one
// goroutine.
type Drawer struct {
	seed   uint64
	people int
	today  int64
	traits []trait
	room   []Cells
	batch  Batch
}

// NewDrawer is a drawer of people 0 to n of a seed as of a day.
func NewDrawer(seed uint64, n int, day workday.Date, attributes []catalog.Attribute) *Drawer {
	d := &Drawer{seed: seed, people: n, today: DayOf(day), traits: traitsOf(attributes)}
	for _, t := range d.traits {
		d.batch.Columns = append(d.batch.Columns, t.Column)
		d.room = append(d.room, Cells{make([]int64, BatchSize), make([]bool, BatchSize)})
	}
	d.batch.Cells = make([]Cells, len(d.traits))
	return d
}

// Batch draws batch i: the people from i*BatchSize on.
func (d *Drawer) Batch(i int) *Batch {
	d.batch.First = i * BatchSize
	size := max(0, min(BatchSize, d.people-d.batch.First))
	for t, room := range d.room {
		d.batch.Cells[t] = Cells{room.Values[:size], room.Known[:size]}
	}
	p := &person{Rand: rand.New(rand.NewPCG(d.seed, uint64(i)))}
	for row := range size {
		p.born(d.today)
		for t := range d.traits {
			value, ok := d.traits[t].draw(p)
			if ok && d.traits[t].silent > 0 && p.chance(d.traits[t].silent) {
				ok = false
			}
			if !ok {
				value = 0
			}
			d.batch.Cells[t].Values[row], d.batch.Cells[t].Known[row] = value, ok
		}
	}
	return &d.batch
}
