package demo

import (
	"slices"
	"strings"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/policy"
)

// user is somebody whom one can sign in as.
type user struct {
	ID     string
	Name   string
	Latin  string
	Story  i18n.Text
	Badge  i18n.Text // of an officer: the agency
	Staff  bool
	Claims map[string]any // those of identity.Claims
}

// users are the pack's living people, those made for the demo first, and its
// officers.
type users struct {
	people   []user
	officers []user
	firms    []catalog.Persona
}

func newUsers(c *catalog.City) *users {
	u := &users{firms: c.People.Organisations}
	people := slices.DeleteFunc(slices.Clone(c.People.Persons), gone)
	slices.SortStableFunc(people, func(a, b catalog.Persona) int { return first(a.Demo) - first(b.Demo) })
	for _, p := range people {
		u.people = append(u.people, user{ID: p.ID, Name: p.Name, Latin: p.Latin, Story: p.Story, Claims: map[string]any{
			"name": p.Name, "kind": string(policy.Citizen), "id_type": p.IDType, "id_number": p.IDNumber, "locale": string(p.Lang)}})
	}
	officers := slices.Clone(c.Officers)
	slices.SortStableFunc(officers, func(a, b catalog.Officer) int { return first(a.Demo) - first(b.Demo) })
	for _, o := range officers {
		agency, _ := c.Agency(o.Agency)
		u.officers = append(u.officers, user{ID: o.ID, Name: o.Name, Latin: o.Latin, Story: o.Story, Badge: agency.Short, Staff: true, Claims: map[string]any{
			"name": o.Name, "kind": string(policy.Officer), "agency": o.Agency, "area": o.Area, "roles": o.Roles}})
	}
	return u
}

// gone reports whether a register says that the person is no longer alive: they
// are in the city's books, and sign in no more.
func gone(p catalog.Persona) bool {
	for _, fact := range p.Facts {
		if alive, ok := fact["alive"].(bool); ok && !alive {
			return true
		}
	}
	return false
}

func first(demo bool) int {
	if demo {
		return 0
	}
	return 1
}

// find is the user of the id, the name or the name in Latin letters.
func (u *users) find(who string) (user, bool) {
	who = strings.TrimSpace(who)
	for _, list := range [][]user{u.people, u.officers} {
		for _, one := range list {
			if who != "" && (one.ID == who || one.Name == who || strings.EqualFold(one.Latin, who)) {
				return one, true
			}
		}
	}
	return user{}, false
}

// byID is the user of the id.
func (u *users) byID(id string) (user, bool) {
	one, ok := u.find(id)
	return one, ok && one.ID == id
}

func (u *users) firm(who string) bool {
	return slices.ContainsFunc(u.firms, func(f catalog.Persona) bool { return f.ID == who || f.Name == who })
}

// search is the people and officers in whose name, story or agency the words
// stand; all of them for no words.
func (u *users) search(query string) (people, officers []user) {
	query = strings.ToLower(strings.TrimSpace(query))
	hit := func(one user) bool {
		text := strings.Join([]string{one.ID, one.Name, one.Latin, one.Story.ZH, one.Story.EN, one.Badge.ZH, one.Badge.EN}, "\n")
		return strings.Contains(strings.ToLower(text), query)
	}
	for _, one := range u.people {
		if hit(one) {
			people = append(people, one)
		}
	}
	for _, one := range u.officers {
		if hit(one) {
			officers = append(officers, one)
		}
	}
	return people, officers
}
