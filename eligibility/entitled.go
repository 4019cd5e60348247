package eligibility

import "slices"

// Entitled is the policies that somebody of whom these facts are known is
// entitled to and does not have already, in the program's order. Whether the
// population knows them does not matter.
func (p *Population) Entitled(prog *Program, facts Facts) []string {
	p.mu.Lock() // a new word goes into a dictionary
	defer p.mu.Unlock()
	now := &person{cells: p.cells(facts), read: slices.Repeat([]bool{true}, len(p.columns)), taken: true, bound: p.bound(prog)}
	now.answers = make([]answer, len(now.bound.nodes))
	sieve := now.bound.sieve()
	may := sieve.none()
	may.fill(len(now.bound.policies))
	sieve.sift(may, now, nil)
	var all []string
	for i := range may.each() {
		if held := now.bound.policies[i].held; sieve.met(i, now, nil) && (held == nil || !now.meets(held)) {
			all = append(all, prog.entries[i].ID)
		}
	}
	return slices.Clip(all)
}
