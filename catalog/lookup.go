package catalog

import (
	"cmp"
	"slices"

	"github.com/tongban/tongban/form"
	"github.com/tongban/tongban/process"
	"github.com/tongban/tongban/workday"
)

// Service finds a service by id.
func (c *City) Service(id string) (*Service, bool) {
	if c.services != nil {
		s, ok := c.services[id]
		return s, ok
	}
	i := slices.IndexFunc(c.Services, func(s *Service) bool { return s.ID == id })
	if i < 0 {
		return nil, false
	}
	return c.Services[i], true
}

// Event finds a life event by id.
func (c *City) Event(id string) (*LifeEvent, bool) {
	i := slices.IndexFunc(c.Events, func(e *LifeEvent) bool { return e.ID == id })
	if i < 0 {
		return nil, false
	}
	return c.Events[i], true
}

// Agency finds an agency by id.
func (c *City) Agency(id string) (Agency, bool) {
	return first(c.Agencies, func(a Agency) bool { return a.ID == id })
}

// Sector finds a sector by id.
func (c *City) Sector(id string) (Sector, bool) {
	return first(c.Sectors, func(s Sector) bool { return s.ID == id })
}

// LicenceType finds a licence type by id.
func (c *City) LicenceType(id string) (LicenceType, bool) {
	return first(c.Licences, func(l LicenceType) bool { return l.ID == id })
}

// IssuedBy are the services that issue a type of licence, in one version or
// another.
func (c *City) IssuedBy(licence string) []string {
	var services []string
	for _, s := range c.Services {
		if slices.ContainsFunc(s.Versions, func(v ServiceVersion) bool { return slices.Contains(v.Outputs, licence) }) {
			services = append(services, s.ID)
		}
	}
	return services
}

// Resource finds a register by id.
func (c *City) Resource(id string) (Resource, bool) {
	return first(c.Resources, func(r Resource) bool { return r.ID == id })
}

// Area finds a district by its GB/T 2260 code.
func (c *City) Area(code string) (Area, bool) {
	return first(c.Profile.Areas, func(a Area) bool { return a.Code == code })
}

// Form finds a form by id.
func (c *City) Form(id string) (*form.Form, bool) {
	f, ok := c.Forms[id]
	return f, ok
}

// Process finds a process definition by id.
func (c *City) Process(id string) (*process.Definition, bool) {
	d, ok := c.Processes[id]
	return d, ok
}

// Officer finds an officer by id.
func (c *City) Officer(id string) (Officer, bool) {
	return first(c.Officers, func(o Officer) bool { return o.ID == id })
}

// Persona finds a person or an organisation of the demo by id.
func (c *City) Persona(id string) (Persona, bool) {
	is := func(p Persona) bool { return p.ID == id }
	if p, ok := first(c.People.Persons, is); ok {
		return p, true
	}
	return first(c.People.Organisations, is)
}

// Claim finds a claim of the licence type by key.
func (l LicenceType) Claim(key string) (Claim, bool) {
	return first(l.Claims, func(c Claim) bool { return c.Key == key })
}

// Field finds a field of the register by key.
func (r Resource) Field(key string) (ResourceField, bool) {
	return first(r.Fields, func(f ResourceField) bool { return f.Key == key })
}

// At is the version in force on a day, or nil: before the first version, after
// the last, or in a gap between two.
func (s *Service) At(day workday.Date) *ServiceVersion {
	for i := range s.Versions {
		v := &s.Versions[i]
		if !day.Before(v.Effective) && (v.Until.IsZero() || !day.After(v.Until)) {
			return v
		}
	}
	return nil
}

// Latest is the version with the latest effective day; nil where a service has
// no versions.
func (s *Service) Latest() *ServiceVersion {
	if len(s.Versions) == 0 {
		return nil
	}
	latest := &s.Versions[0]
	for i := range s.Versions {
		if s.Versions[i].Effective.After(latest.Effective) {
			latest = &s.Versions[i]
		}
	}
	return latest
}

// EventsOf lists the life events that a service is a member of.
func (c *City) EventsOf(service string) []*LifeEvent {
	var all []*LifeEvent
	for _, e := range c.Events {
		if slices.ContainsFunc(e.Members, func(m EventMember) bool { return m.Service == service }) {
			all = append(all, e)
		}
	}
	return all
}

// order sorts services as they are browsed: by sector, then as the profile
// lists what is popular, then by id; policies by sector and id; and life events
// as the profile lists them.
func (c *City) order() {
	sector, popular := map[string]int{}, map[string]int{}
	for i, s := range c.Sectors {
		sector[s.ID] = i
	}
	for i, id := range c.Profile.Popular {
		popular[id] = i - len(c.Profile.Popular)
	}
	slices.SortFunc(c.Services, func(a, b *Service) int {
		return cmp.Or(cmp.Compare(sector[a.Sector], sector[b.Sector]),
			cmp.Compare(popular[a.ID], popular[b.ID]), cmp.Compare(a.ID, b.ID))
	})
	slices.SortFunc(c.Policies, func(a, b *Policy) int {
		return cmp.Or(cmp.Compare(sector[a.Sector], sector[b.Sector]), cmp.Compare(a.ID, b.ID))
	})
	offered := map[string]int{}
	for i, id := range c.Profile.Events {
		offered[id] = i - len(c.Profile.Events)
	}
	slices.SortFunc(c.Events, func(a, b *LifeEvent) int {
		return cmp.Or(cmp.Compare(offered[a.ID], offered[b.ID]), cmp.Compare(a.ID, b.ID))
	})
}

func first[T any](all []T, is func(T) bool) (T, bool) {
	if i := slices.IndexFunc(all, is); i >= 0 {
		return all[i], true
	}
	var zero T
	return zero, false
}
