package criterion

// size counts the nodes of a formula as a tree; it is negative where there are
// more than limit, and takes no longer than limit allows.
func size(f Formula, limit int) int {
	switch f := f.(type) {
	case And:
		return sizes(f.Parts, limit)
	case Or:
		return sizes(f.Parts, limit)
	case Not:
		return sizes([]Formula{f.Part}, limit)
	case Choose:
		return sizes([]Formula{f.If, f.Then, f.Else}, limit)
	case Compare:
		return sizes(nil, limit, f.Left, f.Right)
	}
	return sizes(nil, limit)
}

func sizeOf(n Number, limit int) int {
	switch n := n.(type) {
	case Age:
		return sizes(nil, limit, n.From, n.To)
	case Months:
		return sizes(nil, limit, n.From, n.To)
	case Days:
		return sizes(nil, limit, n.From, n.To)
	case Add:
		return sizes(nil, limit, n.Left, n.Right)
	case Sub:
		return sizes(nil, limit, n.Left, n.Right)
	case Mul:
		return sizes(nil, limit, n.Left, n.Right)
	case Div:
		return sizes(nil, limit, n.Left, n.Right)
	case Cond:
		return sizes([]Formula{n.If}, limit, n.Then, n.Else)
	}
	return sizes(nil, limit)
}

// sizes is one node and all that is below it.
func sizes(parts []Formula, limit int, numbers ...Number) int {
	total := 1
	if limit < 1 {
		return -1
	}
	for _, part := range parts {
		n := size(part, limit-total)
		if n < 0 {
			return -1
		}
		total += n
	}
	for _, number := range numbers {
		n := sizeOf(number, limit-total)
		if n < 0 {
			return -1
		}
		total += n
	}
	return total
}
