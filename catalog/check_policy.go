package catalog

import (
	"maps"
	"slices"

	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/workday"
)

// audiences are whom services and policies are for.
func audiences() []string { return []string{"resident", "firm"} }

// maxTableRows bounds a table: its rows become one rule.
const maxTableRows = 60

// checkAttributes holds attributes.yaml to the registers.
func (l *loader) checkAttributes() {
	n, seen := note{doc: l.docs[attributesFile]}, map[string]bool{}
	var fields []string
	for _, r := range l.city.Resources {
		for _, f := range r.Fields {
			fields = append(fields, r.ID+"."+f.Key)
		}
	}
	for i, a := range l.city.Attributes {
		at := n.in(i)
		if at.in("id").known(i18n.M("catalog.kind.registerField"), a.ID, fields) && seen[a.ID] {
			at.in("id").say(i18n.M("catalog.check.twice", "id", a.ID), i18n.M("catalog.check.twice.fix"))
		}
		seen[a.ID] = true
		at.in("audience").among(a.Audience, audiences()...)
		if len(a.Values) > 0 && a.Type != criterion.String && a.Type != "" {
			at.in("values").say(i18n.M("catalog.attribute.values", "type", a.Type), i18n.M("catalog.attribute.values.fix"))
		}
		at.in("values").distinct(a.Values)
		for _, w := range slices.Sorted(maps.Keys(a.Words)) {
			at.in("words", w).known(i18n.M("catalog.kind.word"), w, a.Values)
		}
		if a.Decimals > maxDecimals || a.Decimals > 0 && a.Type != criterion.Double && a.Type != "" {
			at.in("decimals").say(i18n.M("catalog.attribute.decimals", "max", maxDecimals), i18n.M("catalog.attribute.decimals.fix"))
		}
	}
}

// distinct notes every value that is there already.
func (n note) distinct(values []string) {
	seen := map[string]bool{}
	for i, v := range values {
		if seen[v] {
			n.in(i).say(i18n.M("catalog.check.twice", "id", v), i18n.M("catalog.check.twice.fix"))
		}
		seen[v] = true
	}
}

// checkPolicy holds a policy to the pack and to itself.
func (l *loader) checkPolicy(p *Policy) {
	n := note{doc: l.docs[p.File]}
	n.in("id").id(p.ID, l.policies)
	n.in("sector").known(i18n.M("catalog.kind.sector"), p.Sector, ids(l.city.Sectors, func(s Sector) string { return s.ID }))
	n.in("agency").known(i18n.M("catalog.kind.agency"), p.Agency, l.agencies())
	n.in("audience").among(p.Audience, audiences()...)
	n.in("basis").some(len(p.Basis))
	n.span(p.Effective, p.Until)
	l.checkWays(n, p)
	n.in("score").tables(p.Score)
	n.in("amount").amount(p.Amount)
	n.in("conditions").some(len(p.Conditions))
	seen := map[string]bool{}
	for i, c := range p.Conditions {
		at := n.in("conditions", i)
		at.in("id").id(c.ID, seen)
		at.span(c.Effective, c.Until)
		if !c.Effective.IsZero() && c.Effective.Before(p.Effective) || !p.Until.IsZero() && c.Until.After(p.Until) {
			at.say(i18n.M("catalog.policy.outside"), i18n.M("catalog.policy.outside.fix"))
		}
	}
	l.checkSensitive(n, p, l.checkPolicyRules(n, p))
	l.checkExamples(n.in("examples"), p)
}

// span holds an end to its beginning.
func (n note) span(from, until workday.Date) {
	if !until.IsZero() && until.Before(from) {
		n.in("until").say(i18n.M("catalog.version.until"), i18n.M("catalog.version.until.fix"))
	}
}

// checkWays holds the ways in which a policy is given: on application to a
// service, or without one.
func (l *loader) checkWays(n note, p *Policy) {
	if n.in("service").known(i18n.M("catalog.kind.service"), p.Service, l.services()) {
		if s, _ := l.city.Service(p.Service); !slices.Contains(s.Audience, p.Audience) {
			n.in("service").say(i18n.M("catalog.policy.service", "service", p.Service, "audience", p.Audience), i18n.M("catalog.policy.service.fix"))
		}
	}
	if p.Grant == nil {
		return
	}
	at := n.in("grant")
	if p.Grant.Days == 0 {
		at.in("days").say(i18n.M("catalog.policy.refuse"), i18n.M("catalog.policy.refuse.fix"))
	}
	if p.Grant.Pays && (p.Amount == nil || len(p.Amount.Tables) == 0) {
		at.in("pays").say(i18n.M("catalog.policy.pays"), i18n.M("catalog.policy.pays.fix"))
	}
	if !p.Grant.Pays && p.Service == "" {
		at.say(i18n.M("catalog.policy.nothing"), i18n.M("catalog.policy.nothing.fix"))
	}
}

// amount: tables or words, and a cap only over tables.
func (n note) amount(a *Amount) {
	if a == nil {
		return
	}
	n.in("per").among(a.Per, PerOnce, PerMonth, PerYear)
	n.in("tables").tables(a.Tables)
	if len(a.Tables) == 0 && a.Note.IsZero() {
		n.in("note").say(i18n.M("catalog.policy.note"), i18n.M("catalog.policy.note.fix"))
	}
	if len(a.Tables) == 0 && a.Cap > 0 {
		n.in("cap").say(i18n.M("catalog.policy.cap"), i18n.M("catalog.policy.cap.fix"))
	}
}

func (n note) tables(tables []Table) {
	seen := map[string]bool{}
	for i, t := range tables {
		at := n.in(i)
		at.in("id").id(t.ID, seen)
		at.in("pick").among(t.Pick, PickFirst, PickMax, PickSum)
		at.in("rows").some(len(t.Rows))
		if len(t.Rows) > maxTableRows {
			at.in("rows", maxTableRows).say(i18n.M("catalog.policy.rows", "max", maxTableRows), i18n.M("catalog.policy.rows.fix"))
		}
		for j, r := range t.Rows[:max(len(t.Rows)-1, 0)] {
			if r.When == "" && t.pick() == PickFirst {
				at.in("rows", j+1).say(i18n.M("catalog.policy.shadow"), i18n.M("catalog.policy.shadow.fix"))
			}
		}
	}
}

// checkSensitive: a sensitive attribute that is read is allowed, and nothing is
// allowed that is not read.
func (l *loader) checkSensitive(n note, p *Policy, rules *policyRules) {
	allowed := map[string]bool{}
	for i, u := range p.Sensitive {
		at := n.in("sensitive", i, "attribute")
		allowed[u.Attribute] = true
		if !at.known(i18n.M("catalog.kind.attribute"), u.Attribute, l.attributesOf(p.Audience)) {
			continue
		}
		a, _ := l.city.Attribute(u.Attribute)
		if _, read := rules.read[u.Attribute]; !a.Sensitive || !read && !rules.broken {
			at.say(i18n.M("catalog.policy.needless", "attribute", u.Attribute), i18n.M("catalog.policy.needless.fix"))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(rules.read)) {
		if a, _ := l.city.Attribute(id); a.Sensitive && !allowed[id] {
			at := rules.read[id]
			n.doc.within(at.path, at.text, at.pos, i18n.M("catalog.policy.sensitive", "attribute", id), i18n.M("catalog.policy.sensitive.fix"))
		}
	}
}

func (l *loader) attributesOf(audience string) []string {
	return ids(l.city.AttributesOf(audience), func(a Attribute) string { return a.ID })
}
