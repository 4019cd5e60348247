package desk

import (
	"cmp"
	"context"
	"net/http"
	"strings"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
	"github.com/tongban/tongban/web/ui"
	"github.com/tongban/tongban/workday"
)

// intakeView is the counter: first who has come, then what for.
type intakeView struct {
	Applicant *party.Party // nil: nobody is at the counter
	Query     string
	Asked     bool // a search was made
	People    []party.Party
	Offers    []offer
	Drafts    []draft
	Today     []casework.Case
}

// offer is something that may be applied for: a service, or a life event.
type offer struct {
	Kind string // "service" or "event": the name of the field that starts it
	ID   string
	Name i18n.Text
	Text i18n.Text
	Who  i18n.Text // the agency; zero for a life event
}

// draft is an application that the applicant has begun.
type draft struct {
	ID   string
	Name i18n.Text
	casework.Draft
}

const (
	maxPeople = 20
	maxOffers = 12
)

// intake is the clerk's counter.
func (d *desk) intake(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	v, err := d.openIntake(ctx, strings.TrimSpace(r.URL.Query().Get("q")))
	if err != nil {
		return err
	}
	return d.show(ctx, w, intakePage(v))
}

func (d *desk) openIntake(ctx context.Context, query string) (intakeView, error) {
	s := visitor(ctx)
	v := intakeView{Query: query, Asked: query != ""}
	if err := d.Policy.Allow(s.Principal, policy.IntakeStart, policy.Resource{Type: policy.TypeParty}); err != nil {
		return v, err
	}
	var err error
	if v.Today, err = d.Office.TakenIn(ctx, s.Principal); err != nil {
		return v, err
	}
	if !present(s) {
		if v.Asked {
			v.People, err = d.Parties.Search(ctx, d.DB.Reader(), query, maxPeople)
		}
		return v, err
	}
	v.Applicant = &s.For
	v.Offers = d.offers(ctx, query)
	v.Drafts, err = d.begun(ctx, s.Principal)
	return v, err
}

// begun are the applicant's drafts, which can be taken up at the counter.
func (d *desk) begun(ctx context.Context, pr policy.Principal) ([]draft, error) {
	drafts, err := d.Office.Drafts(ctx, pr)
	var list []draft
	for _, one := range drafts {
		name := i18n.Same(one.Service)
		if s, ok := d.City.Service(one.Service); ok {
			name = s.Name
		}
		if e, ok := d.City.Event(one.Event); ok {
			name = e.Name
		}
		list = append(list, draft{one.ID, name, one})
	}
	return list, err
}

// offers are what a search finds that can be applied for; without one, what is
// asked for most.
func (d *desk) offers(ctx context.Context, query string) []offer {
	var list []offer
	add := func(id string) {
		if o, ok := d.offer(id); ok && len(list) < maxOffers {
			list = append(list, o)
		}
	}
	if query == "" {
		for _, id := range d.City.Profile.Popular {
			add(id)
		}
		return list
	}
	for _, hit := range d.Index.Search(query, ui.Lang(ctx), 3*maxOffers) {
		add(cmp.Or(hit.Event, hit.Service))
	}
	return list
}

// offer is the service or the life event with an id that can be applied for
// today.
func (d *desk) offer(id string) (offer, bool) {
	if e, ok := d.City.Event(id); ok {
		return offer{Kind: "event", ID: id, Name: e.Name, Text: e.Summary}, true
	}
	s, ok := d.City.Service(id)
	if !ok {
		return offer{}, false
	}
	v := s.At(workday.DateOf(d.Clock(), d.zone))
	if v == nil || !v.Online() {
		return offer{}, false
	}
	return offer{Kind: "service", ID: id, Name: s.Name, Text: v.Summary, Who: d.agency(s.Agency).Short}, true
}

// takeIn begins an intake for the applicant who is at the counter.
func (d *desk) takeIn(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	whom, err := d.Parties.Get(ctx, d.DB.Reader(), party.ID(r.PostForm.Get("for")))
	if fault.Is(err, fault.NotFound) {
		return fault.New(fault.NotFound, "desk.takeIn", i18n.M("party.notFound"))
	}
	if err != nil {
		return err
	}
	res := policy.Resource{Type: policy.TypeParty, ID: string(whom.ID), Owner: whom.ID, Area: whom.Area}
	if err := d.Policy.Allow(visitor(ctx).Principal, policy.IntakeStart, res); err != nil {
		return err
	}
	if err := d.Counter.Intake(ctx, whom.ID); err != nil {
		return err
	}
	return gone(w, r, pathIntake)
}

// endIntake lets the applicant go.
func (d *desk) endIntake(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	if err := d.Counter.Leave(ctx); err != nil {
		return err
	}
	return gone(w, r, pathIntake)
}

// masked shows of an identifier what tells two people of one name apart, and
// no more: a screen at a counter is seen by others.
func masked(number string) string {
	const shown = 4
	runes := []rune(number)
	if len(runes) <= shown {
		return number
	}
	return strings.Repeat("•", len(runes)-shown) + string(runes[len(runes)-shown:])
}

func idType(ctx context.Context, code string) string {
	switch code {
	case "111":
		return ui.T(ctx, "desk.id.citizen")
	case "414":
		return ui.T(ctx, "desk.id.passport")
	case "001":
		return ui.T(ctx, "desk.id.uscc")
	default:
		return ui.T(ctx, "desk.id.other")
	}
}

// born is a party's day of birth in the order of the city's records, empty for
// a firm.
func born(p party.Party) string {
	if p.Birth.IsZero() {
		return ""
	}
	return p.Birth.String()
}
