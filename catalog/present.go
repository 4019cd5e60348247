package catalog

import (
	"maps"
	"slices"

	"github.com/tongban/tongban/criterion"
)

// checkPresent holds the conditions of city.yaml that say who counts to the
// attributes of their audience.
func (l *loader) checkPresent() {
	for _, audience := range slices.Sorted(maps.Keys(l.city.Profile.Present)) {
		n := note{doc: l.docs[profileFile]}.in("present", audience)
		n.among(audience, audiences()...)
		c := l.city.Profile.Present[audience]
		n.in("id").id(c.ID, map[string]bool{})
		rules := &policyRules{l: l, n: n, p: &Policy{Audience: audience}, dict: l.city.audienceDict(audience), read: map[string]place{}}
		rules.rule(c.When, criterion.Bool, "when")
	}
}

// present adds to every policy the condition that its subjects count.
func (c *City) present() {
	for _, p := range c.Policies {
		if cond, ok := c.Profile.Present[p.Audience]; ok {
			p.Conditions = append(p.Conditions, cond)
		}
	}
}
