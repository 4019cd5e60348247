package catalog

import (
	"maps"
	"slices"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/party/identifier"
	"github.com/tongban/tongban/workday"
)

// checkPeople holds the synthetic inhabitants to what a real one would have:
// numbers with valid check digits, facts of the registers' types.
func (l *loader) checkPeople() {
	n := note{doc: l.docs[peopleFile]}
	seen, numbers := map[string]bool{}, map[string]bool{}
	for i, p := range l.city.People.Persons {
		at := n.in("persons", i)
		l.checkPersona(at, p, seen, numbers)
		at.in("id-type").among(p.IDType, identifier.CitizenID, identifier.Passport)
		at.in("sex").among(p.Sex, "f", "m")
		checkCitizen(at, p)
	}
	for i, p := range l.city.People.Organisations {
		at := n.in("organisations", i)
		l.checkPersona(at, p, seen, numbers)
		at.in("id-type").among(p.IDType, identifier.USCC)
	}
	everyone := slices.Sorted(maps.Keys(seen))
	for i, m := range l.city.People.Mandates {
		at := n.in("mandates", i)
		at.in("principal").known(i18n.M("catalog.kind.persona"), m.Principal, everyone)
		at.in("agent").known(i18n.M("catalog.kind.persona"), m.Agent, everyone)
		at.in("kind").among(m.Kind, "legal-representative", "agent", "parent", "helper")
		for j, id := range m.Services {
			at.in("services", j).known(i18n.M("catalog.kind.service"), id, l.services())
		}
		if m.Agent != "" && m.Agent == m.Principal {
			at.in("agent").say(i18n.M("catalog.people.self"), i18n.M("catalog.people.self.fix"))
		}
	}
}

func (l *loader) checkPersona(n note, p Persona, seen, numbers map[string]bool) {
	n.in("id").id(p.ID, seen)
	number := n.in("id-number")
	if p.IDNumber != "" {
		if err := identifier.Check(p.IDType, p.IDNumber); err != nil {
			_, message, _ := fault.Shown(err)
			number.say(message, i18n.M("catalog.people.number.fix"))
		} else if numbers[p.IDNumber] {
			number.say(i18n.M("catalog.check.twice", "id", p.IDNumber), i18n.M("catalog.check.twice.fix"))
		}
		numbers[p.IDNumber] = true
	}
	n.in("area").known(i18n.M("catalog.kind.area"), p.Area, l.areas())
	n.in("lang").among(string(p.Lang), string(i18n.ZH), string(i18n.EN))
	l.checkFacts(n.in("facts"), p)
	for i, seed := range p.Licences {
		at := n.in("licences", i)
		if !at.in("type").known(i18n.M("catalog.kind.licence"), seed.Type, l.licences()) {
			continue
		}
		t, _ := l.city.LicenceType(seed.Type)
		keys := ids(t.Claims, func(c Claim) string { return c.Key })
		for _, key := range slices.Sorted(maps.Keys(seed.Claims)) {
			at.in("claims", key).known(i18n.M("catalog.kind.claim"), key, keys)
		}
		for _, c := range t.Claims {
			if c.Always && seed.Claims[c.Key] == "" {
				at.in("claims").say(i18n.M("catalog.version.claim", "claim", c.Key), i18n.M("catalog.version.claim.fix"))
			}
		}
	}
}

// checkCitizen holds birth and sex to what the citizen id says of them.
func checkCitizen(n note, p Persona) {
	if p.IDType != identifier.CitizenID || identifier.CheckCitizenID(p.IDNumber) != nil {
		return
	}
	birth, sex := identifier.BirthOf(p.IDNumber)
	if !p.Birth.Equal(birth) {
		n.in("birth").say(i18n.M("catalog.people.birth", "birth", birth), i18n.M("catalog.people.birth.fix"))
	}
	if p.Sex != sex {
		n.in("sex").say(i18n.M("catalog.people.sex", "sex", sex), i18n.M("catalog.people.birth.fix"))
	}
}

func (l *loader) checkFacts(n note, p Persona) {
	for _, id := range slices.Sorted(maps.Keys(p.Facts)) {
		if !n.in(id).known(i18n.M("catalog.kind.resource"), id, l.resources()) {
			continue
		}
		r, _ := l.city.Resource(id)
		keys := ids(r.Fields, func(f ResourceField) string { return f.Key })
		for _, key := range slices.Sorted(maps.Keys(p.Facts[id])) {
			at := n.in(id, key)
			if !at.known(i18n.M("catalog.kind.field"), key, keys) {
				continue
			}
			if f, _ := r.Field(key); !holds(f.Type, p.Facts[id][key]) {
				at.say(i18n.M("catalog.people.fact", "type", f.Type), i18n.M("catalog.people.fact.fix"))
			}
		}
	}
}

// holds reports whether a value read from a file is of a resource field's type.
func holds(fieldType string, value any) bool {
	switch v := value.(type) {
	case string:
		if fieldType == "date" {
			_, err := workday.ParseDate(v)
			return err == nil
		}
		return fieldType == "string"
	case int64:
		return fieldType == "int" || fieldType == "double"
	case float64:
		return fieldType == "double"
	case bool:
		return fieldType == "bool"
	}
	return false
}
