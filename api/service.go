package api

import (
	"context"
	"slices"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/workday"
)

// ServiceSummary is a service in a list.
type ServiceSummary struct {
	ID        string    `json:"id" example:"elderly-allowance"`
	Name      i18n.Text `json:"name"`
	Summary   i18n.Text `json:"summary" doc:"What one gets, in a sentence."`
	Sector    string    `json:"sector"`
	Agency    AgencyRef `json:"agency" doc:"Who leads it."`
	Audience  []string  `json:"audience" doc:"resident, firm"`
	Online    bool      `json:"online" doc:"It can be applied for here."`
	Documents int       `json:"documents" doc:"Documents that the law asks for, at most."`
	Days      int       `json:"days" doc:"Committed limit in working days; 0: at once."`
	Visits    int       `json:"visits" doc:"Times that one must come."`
	Fee       int64     `json:"fee" doc:"Fees in all, in fen."`
	Version   string    `json:"version" doc:"Hash of the version in force; a case keeps the one it began with."`
}

// AgencyRef names an agency.
type AgencyRef struct {
	ID   string    `json:"id"`
	Name i18n.Text `json:"name"`
}

// Service is a service with one of its published versions.
type Service struct {
	ServiceSummary
	Code     string        `json:"code,omitempty" doc:"Basic code, 12 digits."`
	Type     string        `json:"type" doc:"Type of service (GB/T 39554)."`
	Aliases  []string      `json:"aliases"`
	Versions []VersionRef  `json:"versions" doc:"Everything published, in order of effect."`
	Detail   VersionDetail `json:"detail" doc:"The version asked for, else the one in force."`
	Form     *Form         `json:"form,omitempty" doc:"What is asked; absent where it is not to be had online."`
}

// VersionRef names a published version.
type VersionRef struct {
	Version   string       `json:"version"`
	Effective workday.Date `json:"effective" doc:"First day in force."`
	Until     workday.Date `json:"until,omitzero" doc:"Last day in force; absent: open."`
	Current   bool         `json:"current"`
}

// VersionDetail is what an agency publishes of a service.
type VersionDetail struct {
	VersionRef
	Source    string                        `json:"source" doc:"Where the facts come from, or sample."`
	Who       i18n.Text                     `json:"who" doc:"Who can have it."`
	Outcome   i18n.Text                     `json:"outcome" doc:"What is in hand at the end."`
	Channels  []string                      `json:"channels" doc:"1 counter, 2 computer, 3 mobile, 4 courier, 9 other"`
	Statutory int                           `json:"statutoryDays" doc:"Limit by law, in working days."`
	Committed int                           `json:"committedDays" doc:"Limit promised, in working days."`
	Visits    catalog.Visits                `json:"visits"`
	Fees      []catalog.Fee                 `json:"fees"`
	Steps     []i18n.Text                   `json:"steps"`
	Scenarios []catalog.Scenario            `json:"scenarios" doc:"Questions asked first."`
	Evidence  []catalog.EvidenceRequirement `json:"evidence" doc:"What must be proved, and how the city can know it by itself."`
	Basis     []catalog.Basis               `json:"basis" doc:"The rules of law."`
	Outputs   []string                      `json:"outputs" doc:"Types of licence that are issued."`
	Delivery  []string                      `json:"delivery" doc:"online, courier, counter"`
}

type servicesInput struct {
	Q        string `query:"q" maxLength:"100" doc:"A reader's own words, Chinese, English or pinyin initials; best first."`
	Sector   string `query:"sector" maxLength:"60"`
	Audience string `query:"audience" enum:"resident,firm"`
	Online   bool   `query:"online" doc:"Only those that can be applied for here."`
	After    string `query:"after" maxLength:"100" doc:"The next of the page before."`
	Limit    int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

type serviceInput struct {
	Service string `path:"service" maxLength:"100" example:"elderly-allowance"`
	Version string `query:"version" maxLength:"100" doc:"Hash of a published version; absent: the one in force."`
}

func (s *server) catalogueOperations() {
	route(s, open, get("listServices", "/api/v1/services", "services", "List or search services",
		"Without q in the catalogue's order; with q the best first. Services without a version in force are left out."), s.listServices)
	route(s, open, get("getService", "/api/v1/services/{service}", "services", "Get a service",
		"With its published detail and, where it is online, its form."), s.getService, fault.NotFound)
	route(s, open, get("listEvents", "/api/v1/events", "services", "List life events", "Several services as one, with one form and one submission."), s.listEvents)
	route(s, open, get("getEvent", "/api/v1/events/{event}", "services", "Get a life event", "With its members, in order."), s.getEvent, fault.NotFound)
}

func (s *server) today() workday.Date { return workday.DateOf(s.Clock(), s.zone) }

func (s *server) listServices(ctx context.Context, in *servicesInput) (*body[list[ServiceSummary]], error) {
	found := s.City.Services
	if in.Q != "" {
		found = s.search(callOf(ctx).lang, in.Q)
	}
	out := list[ServiceSummary]{Items: []ServiceSummary{}}
	passed := in.After == ""
	for _, service := range found {
		v := service.At(s.today())
		fits := v != nil && (in.Sector == "" || in.Sector == service.Sector) && (!in.Online || v.Online()) &&
			(in.Audience == "" || slices.Contains(service.Audience, in.Audience))
		switch {
		case !passed:
			passed = service.ID == in.After
		case !fits:
		case len(out.Items) == in.Limit:
			out.Next = out.Items[len(out.Items)-1].ID
			return &body[list[ServiceSummary]]{out}, nil
		default:
			out.Items = append(out.Items, s.summary(service, v))
		}
	}
	if !passed {
		return nil, fault.Fields("api.listServices", fault.Field{Pointer: "/after", Message: i18n.M("api.input.cursor")})
	}
	return &body[list[ServiceSummary]]{out}, nil
}

// search is the services found, best first.
func (s *server) search(l i18n.Lang, q string) []*catalog.Service {
	var found []*catalog.Service
	for _, hit := range s.Index.Search(q, l, 200) {
		if service, ok := s.City.Service(hit.Service); ok {
			found = append(found, service)
		}
	}
	return found
}

func (s *server) agency(id string) AgencyRef {
	a, _ := s.City.Agency(id)
	return AgencyRef{ID: id, Name: a.Name}
}

func (s *server) summary(service *catalog.Service, v *catalog.ServiceVersion) ServiceSummary {
	m := v.Measure()
	return ServiceSummary{ID: service.ID, Name: service.Name, Summary: v.Summary, Sector: service.Sector, Agency: s.agency(service.Agency),
		Audience: keep(service.Audience), Online: v.Online(), Documents: m.Documents, Days: m.Days, Visits: m.Visits, Fee: m.Cost, Version: v.Hash()}
}

func (s *server) getService(_ context.Context, in *serviceInput) (*body[Service], error) {
	service, ok := s.City.Service(in.Service)
	if !ok {
		return nil, fault.New(fault.NotFound, "api.getService", i18n.M("api.service.unknown"))
	}
	now := service.At(s.today())
	v := now
	out := Service{Code: service.Code, Type: service.Type, Aliases: keep(service.Aliases)}
	for i := range service.Versions {
		ref := refOf(&service.Versions[i], now)
		out.Versions = append(out.Versions, ref)
		if in.Version != "" && ref.Version == in.Version {
			v = &service.Versions[i]
		}
	}
	if v == nil || in.Version != "" && v.Hash() != in.Version {
		return nil, fault.New(fault.NotFound, "api.getService", i18n.M("api.service.version"))
	}
	out.ServiceSummary = s.summary(service, v)
	out.Detail = detailOf(v, refOf(v, now))
	if f, ok := s.City.Forms[v.Form]; ok {
		out.Form = formOf(f)
	}
	return &body[Service]{out}, nil
}

func refOf(v, now *catalog.ServiceVersion) VersionRef {
	return VersionRef{Version: v.Hash(), Effective: v.Effective, Until: v.Until, Current: v == now}
}

func detailOf(v *catalog.ServiceVersion, ref VersionRef) VersionDetail {
	return VersionDetail{VersionRef: ref, Source: v.Source, Who: v.Who, Outcome: v.Outcome, Channels: keep(v.Channels),
		Statutory: v.Limits.Statutory, Committed: v.Limits.Committed, Visits: v.Visits, Fees: keep(v.Fees), Steps: keep(v.Steps),
		Scenarios: keep(v.Scenarios), Evidence: keep(v.Evidence), Basis: keep(v.Basis), Outputs: keep(v.Outputs), Delivery: keep(v.Delivery)}
}
