package catalog

import (
	"maps"
	"slices"
	"strings"

	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/form"
	"github.com/tongban/tongban/internal/i18n"
)

// checkForms holds what fills a form's fields to what there is to know:
// party.KEY of whom the case is for, agent.KEY of who acts, RESOURCE.FIELD.
func (l *loader) checkForms() {
	var fills []string
	for key := range partyKeys() {
		fills = append(fills, "party."+key, "agent."+key)
	}
	types := map[string]criterion.Type{}
	for _, r := range l.city.Resources {
		for _, f := range r.Fields {
			fills = append(fills, r.ID+"."+f.Key)
			types[r.ID+"."+f.Key] = resourceType(f.Type)
		}
	}
	slices.Sort(fills)
	for id, f := range l.city.Forms {
		n := note{doc: l.docs["forms/"+id+".yaml"]}
		for _, field := range f.Fields {
			at := n.in("properties", field.Key, "x-tongban", "fill")
			if !at.known(i18n.M("catalog.kind.fill"), field.Fill, fills) {
				continue
			}
			if from, ok := types[field.Fill]; ok && !fits(from, fieldType(field)) {
				at.say(i18n.M("catalog.form.fill", "fill", field.Fill, "from", from, "to", field.Type), i18n.M("catalog.form.fill.fix"))
			}
		}
	}
}

// fits reports whether a value of one type fills a field of another.
func fits(from, to criterion.Type) bool {
	return from == to || from == criterion.Int && to == criterion.Double || from == criterion.Date && to == criterion.String
}

func (l *loader) checkEvents() {
	seen := map[string]bool{}
	for _, e := range l.city.Events {
		n := note{doc: l.docs["events/"+e.ID+".yaml"]}
		if n.doc == nil {
			n.doc = l.docOf("events/*.yaml", e.ID)
		}
		n.in("id").id(e.ID, seen)
		n.in("audience").some(len(e.Audience))
		n.in("audience").set(e.Audience, "resident", "firm")
		if len(e.Members) < 2 {
			n.in("members").say(i18n.M("catalog.event.few"), i18n.M("catalog.event.few.fix"))
		}
		l.checkMembers(n.in("members"), e)
		checkReductions(n.in("after"), e)
		l.checkMerge(n.in("members"), e)
	}
}

func checkReductions(n note, e *LifeEvent) {
	for _, m := range []struct {
		key           string
		before, after int64
	}{
		{"steps", int64(e.Before.Steps), int64(e.After.Steps)},
		{"days", int64(e.Before.Days), int64(e.After.Days)},
		{"documents", int64(e.Before.Documents), int64(e.After.Documents)},
		{"visits", int64(e.Before.Visits), int64(e.After.Visits)},
		{"cost", e.Before.Cost, e.After.Cost},
	} {
		if m.after > m.before {
			n.in(m.key).say(i18n.M("catalog.event.worse", "before", m.before, "after", m.after), i18n.M("catalog.event.worse.fix"))
		}
	}
}

func (l *loader) checkMembers(n note, e *LifeEvent) {
	members := ids(e.Members, func(m EventMember) string { return m.Service })
	seen := map[string]bool{}
	for i, m := range e.Members {
		at := n.in(i)
		if !at.in("service").known(i18n.M("catalog.kind.service"), m.Service, l.services()) {
			continue
		}
		if seen[m.Service] {
			at.in("service").say(i18n.M("catalog.check.twice", "id", m.Service), i18n.M("catalog.check.twice.fix"))
		}
		seen[m.Service] = true
		s, _ := l.city.Service(m.Service)
		v := s.Latest()
		if v != nil && !v.Online() {
			at.in("service").say(i18n.M("catalog.event.offline", "service", m.Service), i18n.M("catalog.event.offline.fix"))
		}
		for j, before := range m.After {
			at.in("after", j).known(i18n.M("catalog.kind.member"), before, members)
		}
		if slices.Contains(upstream(e, m.Service), m.Service) {
			at.in("after").say(i18n.M("catalog.event.cycle", "service", m.Service), i18n.M("catalog.event.cycle.fix"))
		}
		l.checkFeed(at.in("feed"), e, m, v)
	}
}

// upstream lists the members that must have ended before service starts,
// service itself among them where they go in a circle.
func upstream(e *LifeEvent, service string) []string {
	var all []string
	todo := []string{service}
	for len(todo) > 0 {
		m, _ := first(e.Members, func(m EventMember) bool { return m.Service == todo[0] })
		todo = todo[1:]
		for _, before := range m.After {
			if !slices.Contains(all, before) {
				all, todo = append(all, before), append(todo, before)
			}
		}
	}
	return all
}

// checkFeed: each target is a field of the member's form, each source a claim
// that a member before it puts out.
func (l *loader) checkFeed(n note, e *LifeEvent, m EventMember, v *ServiceVersion) {
	if v == nil || l.city.Forms[v.Form] == nil {
		return // already noted
	}
	fields := ids(l.city.Forms[v.Form].Fields, func(f *form.Field) string { return f.Key })
	before := upstream(e, m.Service)
	for _, field := range slices.Sorted(maps.Keys(m.Feed)) {
		at := n.in(field)
		at.known(i18n.M("catalog.kind.field"), field, fields)
		from, claim, _ := strings.Cut(m.Feed[field], ".")
		if !slices.Contains(before, from) {
			at.say(i18n.M("catalog.event.feed", "service", from), i18n.M("catalog.event.feed.fix", "service", from))
			continue
		}
		at.known(i18n.M("catalog.kind.claim"), claim, l.claimsOf(from))
	}
}

// claimsOf lists the claims of everything that a service's latest version
// issues, with "number", the last licence's own number, and each licence type's
// id, the number of the licence of that type.
func (l *loader) claimsOf(service string) []string {
	claims := []string{"number"}
	s, _ := l.city.Service(service)
	if s == nil || s.Latest() == nil {
		return claims
	}
	for _, id := range s.Latest().Outputs {
		t, _ := l.city.LicenceType(id)
		claims = append(claims, id)
		claims = append(claims, ids(t.Claims, func(c Claim) string { return c.Key })...)
	}
	return claims
}

// checkMerge makes sure that the members' forms can become one.
func (l *loader) checkMerge(n note, e *LifeEvent) {
	var forms []*form.Form
	for _, m := range e.Members {
		s, ok := l.city.Service(m.Service)
		if !ok || s.Latest() == nil || l.city.Forms[s.Latest().Form] == nil {
			continue
		}
		if f := l.city.Forms[s.Latest().Form]; !slices.Contains(forms, f) {
			forms = append(forms, f)
		}
	}
	if len(forms) < 2 {
		return
	}
	if _, _, err := form.Merge(e.ID, forms...); err != nil {
		_, detail, _ := fault.Shown(err)
		n.say(i18n.M("catalog.event.merge", "detail", detail), i18n.M("catalog.event.merge.fix"))
	}
}
