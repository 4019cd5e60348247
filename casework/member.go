package casework

import (
	"slices"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/form"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/process"
	"github.com/tongban/tongban/workday"
)

// member is one service that a draft will submit, with everything that its
// case will be pinned to.
type member struct {
	service *catalog.Service
	version *catalog.ServiceVersion
	form    *form.Form
	process *process.Definition
	after   []string          // services of the same draft that must end well first
	feed    map[string]string // field -> "<service>.<claim>"
}

func (o *Office) today() workday.Date { return workday.DateOf(o.Clock(), o.City.Calendar.Zone()) }

// members are the services of a draft, in the order of the life event.
func (o *Office) members(op string, d Draft) ([]member, error) {
	if d.Event == "" {
		m, err := o.member(op, d.Service)
		return []member{m}, err
	}
	event, ok := o.City.Event(d.Event)
	if !ok {
		return nil, fault.New(fault.NotFound, op, i18n.M("casework.noEvent"))
	}
	var list []member
	for _, em := range event.Members {
		if !slices.Contains(d.Members, em.Service) {
			continue
		}
		m, err := o.member(op, em.Service)
		if err != nil {
			return nil, err
		}
		for _, before := range em.After { // a predecessor that was left out is not waited for
			if slices.Contains(d.Members, before) {
				m.after = append(m.after, before)
			}
		}
		m.feed = fedBy(em.Feed, d.Members)
		list = append(list, m)
	}
	if len(list) == 0 || len(list) != len(d.Members) {
		return nil, fault.Fields(op, fault.Field{Pointer: "/members", Message: i18n.M("casework.noMembers")})
	}
	return list, nil
}

func (o *Office) member(op, service string) (member, error) {
	s, v, err := o.service(op, service)
	if err != nil {
		return member{}, err
	}
	f, ok := o.City.Forms[v.Form]
	p, ok2 := o.City.Processes[v.Process]
	if !ok || !ok2 {
		return member{}, fault.New(fault.NotFound, op, i18n.M("casework.notOnline"))
	}
	return member{service: s, version: v, form: f, process: p}, nil
}

// fedBy keeps the feeds that come from a chosen member.
func fedBy(feed map[string]string, members []string) map[string]string {
	kept := map[string]string{}
	for field, from := range feed {
		if service, _ := cutFeed(from); slices.Contains(members, service) {
			kept[field] = from
		}
	}
	return kept
}

// cutFeed splits "<service>.<claim>".
func cutFeed(from string) (service, claim string) {
	for i := len(from) - 1; i >= 0; i-- {
		if from[i] == '.' {
			return from[:i], from[i+1:]
		}
	}
	return from, ""
}

// mergeForms is the one form of a life event: shared fields once, a form that
// several members have once, and without what one member's result gives to
// another. The map leads from a service and its field to the key in the merged
// form.
func mergeForms(event string, members []member) (*form.Form, map[string]map[string]string, error) {
	var forms []*form.Form
	for i, m := range members {
		if slices.ContainsFunc(members[:i], func(before member) bool { return before.form.ID == m.form.ID }) {
			continue
		}
		forms = append(forms, m.form.Without(fedToAll(members, m.form.ID)...))
	}
	merged, keys, err := form.Merge(event, forms...)
	if err != nil {
		return nil, nil, err
	}
	byService := map[string]map[string]string{}
	for _, m := range members {
		byService[m.service.ID] = keys[m.form.ID]
	}
	return merged, byService, nil
}

// fedToAll are the fields that every member with the form gets from another's
// result.
func fedToAll(members []member, formID string) []string {
	members = slices.DeleteFunc(slices.Clone(members), func(m member) bool { return m.form.ID != formID })
	var fed []string
	for field := range members[0].feed {
		if !slices.ContainsFunc(members, func(m member) bool { _, ok := m.feed[field]; return !ok }) {
			fed = append(fed, field)
		}
	}
	return fed
}

// dataOf is the part of a draft's data that one member's form asks for, under
// the member's own keys.
func dataOf[T any](m member, keys map[string]map[string]string, all map[string]T) map[string]T {
	own := map[string]T{}
	for _, f := range m.form.Fields {
		key := f.Key
		if keys != nil {
			key = keys[m.service.ID][f.Key]
		}
		if v, ok := all[key]; ok {
			own[f.Key] = v
		}
	}
	return own
}

// checkScenario checks answers against the questions of the members; whole
// also wants every question answered.
func checkScenario(members []member, answers map[string]string, whole bool) []fault.Field {
	asked := map[string][]catalog.Choice{}
	var wrong []fault.Field
	for _, m := range members {
		for _, s := range m.version.Scenarios {
			asked[s.ID] = s.Choices
			if _, ok := answers[s.ID]; whole && !ok {
				wrong = append(wrong, fault.Field{Pointer: "/scenario/" + s.ID, Message: i18n.M("casework.answerThis")})
			}
		}
	}
	for id, value := range answers {
		if !slices.ContainsFunc(asked[id], func(c catalog.Choice) bool { return c.Value == value }) {
			wrong = append(wrong, fault.Field{Pointer: "/scenario/" + id, Message: i18n.M("casework.noSuchAnswer")})
		}
	}
	slices.SortFunc(wrong, func(a, b fault.Field) int {
		if a.Pointer < b.Pointer {
			return -1
		}
		return 1
	})
	return wrong
}

// requirement finds an evidence requirement of the draft's services.
func (o *Office) requirement(op string, d Draft, id string) (catalog.EvidenceRequirement, error) {
	members, err := o.members(op, d)
	if err != nil {
		return catalog.EvidenceRequirement{}, err
	}
	for _, m := range members {
		for _, req := range m.version.Evidence {
			if req.ID == id {
				return req, nil
			}
		}
	}
	return catalog.EvidenceRequirement{}, fault.New(fault.NotFound, op, i18n.M("casework.noRequirement"))
}
