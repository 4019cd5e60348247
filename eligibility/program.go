package eligibility

import (
	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/workday"
)

// Condition is one clause of an Entry.
type Condition struct {
	ID   string
	When criterion.Formula
}

// Entry is one policy as a program has it: who meets every condition is
// entitled; where Held is not nil, who meets it has it already; where Amount is not
// nil, it is what each of the entitled gets, in whole yuan.
type Entry struct {
	ID         string
	Conditions []Condition
	Held       criterion.Formula
	Amount     criterion.Number
}

// Program is the rules that run over a population, as of one day. It is
// read-only and safe for concurrent use, and can run over any population whose
// schema has the attributes that it reads.
type Program struct {
	day     workday.Date
	entries []Entry
	at      map[string]int
}

// NewProgram is a program of the entries, as of a day. An entry without
// conditions is met by nobody; ids are to differ.
func NewProgram(day workday.Date, entries []Entry) *Program {
	p := &Program{day: day, entries: entries, at: make(map[string]int, len(entries))}
	for i, e := range entries {
		p.at[e.ID] = i
	}
	return p
}

// Day is the day for which the program asks.
func (p *Program) Day() workday.Date { return p.day }

// Entries lists the policies in order. It is not to be changed.
func (p *Program) Entries() []Entry { return p.entries }

// alone is a program of one entry.
func (p *Program) alone(i int) *Program { return NewProgram(p.day, p.entries[i:i+1]) }
