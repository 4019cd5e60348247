package eligibility

import (
	"slices"

	"github.com/tongban/tongban/criterion"
)

// maxGroups bounds the values that people are grouped by.
const maxGroups = 1000

// areas is the words of a column, and "" for those of whom it is unknown.
func (p *Population) areas(id string) ([]string, error) {
	if id == "" {
		return nil, nil
	}
	if _, err := p.attribute("eligibility.Compare", id, criterion.String); err != nil {
		return nil, err
	}
	return p.list(id), nil
}

// list is the words of a text column in order and, last, "".
func (p *Population) list(id string) []string {
	p.mu.RLock()
	defer p.mu.RUnlock()
	words := slices.Clone(p.words[p.schema.at[id]].list)
	slices.Sort(words)
	return append(slices.DeleteFunc(words, func(s string) bool { return s == "" }), "")
}

func sameText(id, word string) criterion.Formula {
	is := criterion.Text{Var: id, Op: "==", Values: []string{word}, Holds: func(s string) bool { return s == word }}
	if word == "" {
		return criterion.Or{Parts: []criterion.Formula{unknown(id), is}}
	}
	return is
}

func unknown(id string) criterion.Formula { return criterion.Not{Part: criterion.Known{Var: id}} }

// band is the ages from one to another; to is -1 for the last, and both are for
// unknown.
type band struct{ from, to int }

// bandYears is how many years a band of ages has.
const bandYears = 10

// bands is ten years each, up to a hundred and more.
func bands() []band {
	var all []band
	for from := 0; from < 100; from += bandYears {
		all = append(all, band{from, from + bandYears - 1})
	}
	return append(all, band{100, -1}, band{-1, -1})
}

func (p *Population) ages(birth string) ([]band, error) {
	if birth == "" {
		return nil, nil
	}
	if _, err := p.attribute("eligibility.Compare", birth, criterion.Date); err != nil {
		return nil, err
	}
	return bands(), nil
}

// formula asks for the band. Those who are not born yet are in the first.
func (b band) formula(birth string) criterion.Formula {
	if b.from < 0 {
		return unknown(birth)
	}
	age := criterion.Age{From: criterion.Var{Name: birth, Type: criterion.Date}, To: criterion.Today{}}
	var parts []criterion.Formula
	if b.from > 0 {
		parts = append(parts, criterion.Compare{Op: ">=", Left: age, Right: criterion.Int64{Value: int64(b.from)}})
	}
	if b.to >= 0 {
		parts = append(parts, criterion.Compare{Op: "<=", Left: age, Right: criterion.Int64{Value: int64(b.to)}})
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return criterion.And{Parts: parts}
}
