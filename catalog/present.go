package catalog

import (
	"maps"
	"slices"

	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/internal/i18n"
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

// checkGroups holds the attributes that counts are broken down by to their
// audience and type.
func (l *loader) checkGroups() {
	for _, audience := range slices.Sorted(maps.Keys(l.city.Profile.Groups)) {
		n, g := note{doc: l.docs[profileFile]}.in("groups", audience), l.city.Profile.Groups[audience]
		n.among(audience, audiences()...)
		for _, want := range []struct {
			key, id string
			typ     criterion.Type
		}{{"area", g.Area, criterion.String}, {"birth", g.Birth, criterion.Date}} {
			var known []string
			for _, a := range l.city.AttributesOf(audience) {
				if a.Type == want.typ {
					known = append(known, a.ID)
				}
			}
			if want.id != "" {
				n.in(want.key).known(i18n.M("catalog.kind.attribute"), want.id, known)
			}
		}
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
