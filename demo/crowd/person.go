package crowd

import "math/rand/v2"

// person is what the traits of one resident follow from.
type person struct {
	*rand.Rand
	today    int64
	birth    int64 // day
	age      int
	man      bool
	native   bool // has the city's hukou
	area     int  // district lived in
	work     int  // index in workWords
	wed      int  // index in weddingWords
	children int
	members  int   // of the household
	months   int64 // of social insurance
	ratio    int64 // base over the city's average wage, times 100
	income   int64 // yuan a month
	disabled bool
	poor     bool
	veteran  bool
	owner    bool // of a home
	foreign  bool
}

// ageBands are the ages of the residents of a large Chinese city.
var ageBands = []struct {
	from, to int // completed years, inclusive
	weight   float64
}{{0, 2, .018}, {3, 5, .022}, {6, 14, .065}, {15, 17, .018}, {18, 22, .055}, {23, 34, .215}, {35, 49, .245},
	{50, 59, .142}, {60, 69, .118}, {70, 79, .067}, {80, 89, .029}, {90, 99, .0058}, {100, 108, .0002}}

// born draws the next person.
func (p *person) born(today int64) {
	p.today = today
	share := p.Float64()
	band := ageBands[len(ageBands)-1]
	for _, b := range ageBands {
		if share < b.weight {
			band = b
			break
		}
		share -= b.weight
	}
	p.age = band.from + p.IntN(band.to-band.from+1)
	p.birth = today - int64(float64(p.age)*365.2425) - p.Int64N(365)
	p.man = p.chance(.505)
	p.native = p.chance(.6) || p.age > 70 && p.chance(.8)
	p.area = min(int(p.ExpFloat64()*5), 15)
	p.work = p.worked()
	p.wed = p.married()
	p.children = 0
	if p.wed > 0 && p.age > 22 {
		p.children = p.pick(.28, .52, .17, .03)
	}
	p.members = 1 + p.pick(.2, .27, .3, .16, .07)
	p.months, p.ratio, p.income = 0, 0, 0
	if p.age > 17 {
		p.months = int64(float64(min(p.age-18, 42)*12) * (.35 + .65*p.Float64()))
	}
	if p.work <= workFlexible {
		p.ratio = 60 + int64(p.ExpFloat64()*55)
		p.ratio = min(p.ratio, 300)
		p.income = 2690 + int64(p.ExpFloat64()*7200)
	} else if p.work == workRetired {
		p.income = 1500 + int64(p.ExpFloat64()*3300)
	}
	p.disabled = p.chance(.03 + float64(max(p.age-60, 0))*.002)
	p.poor = p.income < 2500 && p.chance(.07)
	p.foreign = !p.native && p.chance(.02)
	p.veteran = p.man && p.age > 20 && p.chance(.04)
	p.owner = p.age > 24 && (p.native && p.chance(.72) || p.chance(.16))
}

// The words of a person's work, in the order of workWords.
const (
	workEmployed = iota
	workFlexible
	workJobless
	workRetired
	workStudent
	workNone
)

func (p *person) worked() int {
	switch {
	case p.age < 6:
		return workNone
	case p.age < 18 || p.age < 23 && p.chance(.6):
		return workStudent
	case p.age >= 60 || !p.man && p.age >= 55 || !p.man && p.age >= 50 && p.chance(.5):
		return workRetired
	}
	return []int{workEmployed, workFlexible, workJobless, workNone}[p.pick(.72, .16, .05, .07)]
}

func (p *person) married() int {
	switch {
	case p.age < 22:
		return 0
	case p.age < 30:
		return p.pick(.6, .38, .02)
	case p.age < 65:
		return p.pick(.1, .78, .09, .03)
	}
	return p.pick(.03, .68, .05, .24)
}

func (p *person) chance(share float64) bool { return p.Float64() < share }

// pick is an index, drawn by the shares; the last one takes what is left.
func (p *person) pick(shares ...float64) int {
	x := p.Float64()
	for i, share := range shares {
		if x < share {
			return i
		}
		x -= share
	}
	return len(shares) - 1
}

// ago is a day up to so many days before today, recent ones likelier, and
// never before the birth.
func (p *person) ago(days int64) int64 {
	x := p.Float64()
	return max(p.today-int64(x*x*float64(days)), p.birth)
}
