package bench

import "github.com/tongban/tongban/criterion"

// walk calls read for each variable of a formula, as often as it stands there.
func walk(f criterion.Formula, read func(name string)) {
	switch f := f.(type) {
	case criterion.And:
		for _, p := range f.Parts {
			walk(p, read)
		}
	case criterion.Or:
		for _, p := range f.Parts {
			walk(p, read)
		}
	case criterion.Not:
		walk(f.Part, read)
	case criterion.Choose:
		walk(f.If, read)
		walk(f.Then, read)
		walk(f.Else, read)
	case criterion.Known:
		read(f.Var)
	case criterion.Is:
		read(f.Var)
	case criterion.Text:
		read(f.Var)
	case criterion.Compare:
		walkNumber(f.Left, read)
		walkNumber(f.Right, read)
	}
}

func walkNumber(n criterion.Number, read func(name string)) {
	pair := func(a, b criterion.Number) {
		walkNumber(a, read)
		walkNumber(b, read)
	}
	switch n := n.(type) {
	case criterion.Var:
		read(n.Name)
	case criterion.Age:
		pair(n.From, n.To)
	case criterion.Months:
		pair(n.From, n.To)
	case criterion.Days:
		pair(n.From, n.To)
	case criterion.Add:
		pair(n.Left, n.Right)
	case criterion.Sub:
		pair(n.Left, n.Right)
	case criterion.Mul:
		pair(n.Left, n.Right)
	case criterion.Div:
		pair(n.Left, n.Right)
	case criterion.Cond:
		walk(n.If, read)
		pair(n.Then, n.Else)
	}
}
