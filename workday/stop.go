package workday

import "slices"

// merged are the stops in order of time, without overlaps; a stop that ends
// before it begins is none.
func merged(stops []Stop) []Stop {
	var all []Stop
	sorted := slices.SortedFunc(slices.Values(stops), func(a, b Stop) int { return a.From.Compare(b.From) })
	for _, s := range sorted {
		switch n := len(all); {
		case !s.Until.IsZero() && !s.Until.After(s.From):
		case n == 0 || !all[n-1].Until.IsZero() && s.From.After(all[n-1].Until):
			all = append(all, s)
		case all[n-1].Until.IsZero():
		case s.Until.IsZero() || s.Until.After(all[n-1].Until):
			all[n-1].Until = s.Until
		}
	}
	return all
}
