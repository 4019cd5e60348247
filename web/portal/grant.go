package portal

import (
	"context"
	"net/http"
	"slices"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/grant"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/licence"
	"github.com/tongban/tongban/web/ui"
	"github.com/tongban/tongban/web/ui/path"
	"github.com/tongban/tongban/workday"
)

// grantLine is one of the grants of whom the reader acts for.
type grantLine struct {
	grant.Grant
	Policy *catalog.Policy
}

// Refusable reports whether the subject can still say no. What is given once
// and is given cannot be declined any more.
func (l grantLine) Refusable() bool {
	return l.Status == grant.Told || l.Status == grant.Given && grant.Periodic(l.Policy)
}

// Holds reports whether the registers showed the conditions to hold, and have
// not said otherwise since.
func (l grantLine) Holds() bool {
	return slices.Contains([]grant.Status{grant.Checked, grant.Listed, grant.Confirmed, grant.Told, grant.Given}, l.Status)
}

// grantView is one grant as its subject follows it.
type grantView struct {
	grantLine
	Agency     catalog.Agency
	Phone      string                    // whom to ask
	Conditions []catalog.PolicyCondition // when it was found
	Stations   []ui.Station
	Licences   []licence.Licence
	Types      map[string]catalog.LicenceType
	Done       bool // just declined
}

// line is a grant with its policy; one that is not in the pack any more has its
// id for a name.
func (p *portal) line(g grant.Grant) grantLine {
	if known, ok := p.City.Policy(g.Policy); ok {
		return grantLine{g, known}
	}
	return grantLine{g, &catalog.Policy{ID: g.Policy, Name: i18n.Same(g.Policy), Agency: g.Agency}}
}

func (p *portal) ownGrants(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	s := session(ctx)
	list, err := p.Grants.Of(ctx, principal(ctx), s.For.ID)
	if err != nil {
		return err
	}
	lines := make([]grantLine, len(list))
	for i, g := range list {
		lines[i] = p.line(g)
	}
	return p.show(ctx, w, r, grantsPage(lines))
}

// readGrant reads a grant for its page. To a stranger it is as if it were not
// there.
func (p *portal) readGrant(ctx context.Context, r *http.Request) (grantView, error) {
	g, err := p.Grants.Get(ctx, principal(ctx), r.PathValue("grant"))
	if fault.Is(err, fault.Denied) {
		return grantView{}, notFound("portal.grant")
	}
	if err != nil {
		return grantView{}, err
	}
	v := grantView{grantLine: p.line(g), Types: map[string]catalog.LicenceType{}, Done: r.URL.Query().Has("done")}
	v.Agency, v.Phone = p.answers(v.Policy), p.phone(v.Policy)
	v.Conditions = v.Policy.ConditionsOn(workday.DateOf(g.MatchedAt, p.zone))
	v.Stations = p.grantStations(ctx, g)
	if g.CaseID == "" {
		return v, nil
	}
	c, err := p.Office.Case(ctx, principal(ctx), g.CaseID)
	if err != nil {
		return v, err
	}
	for _, id := range c.Licences {
		l, err := p.Licences.Get(ctx, p.DB.Reader(), id)
		if err != nil {
			return v, err
		}
		v.Licences = append(v.Licences, l)
		v.Types[l.Type], _ = p.City.LicenceType(l.Type)
	}
	return v, nil
}

// grantStations are what happened to a grant, the newest first, in words for
// whom it is for.
func (p *portal) grantStations(ctx context.Context, g grant.Grant) []ui.Station {
	list := make([]ui.Station, 0, len(g.Events))
	for _, e := range slices.Backward(g.Events) {
		s := ui.Station{At: e.At, Title: ui.In(ctx, e.Note), State: "done"}
		switch {
		case e.Agency != "":
			a, _ := p.City.Agency(e.Agency)
			s.By = ui.In(ctx, a.Name)
		case e.Actor == "system":
			s.By = ui.T(ctx, "portal.case.automatic")
		case e.Actor == string(g.Subject):
			s.By = g.Name
		}
		if e.Kind == grant.CmdTell {
			s.Title = ui.T(ctx, "grant.mine.told", "until", ui.Day(ctx, lastDay(g.Until)))
		}
		switch {
		case e.Kind == grant.CmdDrop:
			s.Title, s.Text, s.State = ui.T(ctx, "grant.mine.dropped"), s.Title, "stop"
		case e.Kind == grant.CmdStop || e.Kind == grant.CmdEnd:
			s.Title, s.Text, s.State = ui.T(ctx, "grant.mine.stopped"), s.Title, "stop"
		case e.Kind == grant.CmdRefuse:
			s.Title, s.State = grantWord(ctx, grant.Refused), "stop"
		case len(list) == 0 && !g.Status.Over():
			s.State = "now"
		}
		list = append(list, s)
	}
	return list
}

func (p *portal) showGrant(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	v, err := p.readGrant(ctx, r)
	if err != nil {
		return err
	}
	return p.show(ctx, w, r, grantPage(v))
}

// askRefuse asks once more; where it is too late, the grant's own page says how
// it stands.
func (p *portal) askRefuse(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	v, err := p.readGrant(ctx, r)
	if err != nil {
		return err
	}
	if !v.Refusable() {
		return gone(w, r, path.Grant(v.ID))
	}
	return p.show(ctx, w, r, refusePage(v))
}

func (p *portal) refuse(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	v, err := p.readGrant(ctx, r)
	if err != nil {
		return err
	}
	if v.Status == grant.Given && !v.Refusable() {
		return fault.New(fault.Conflict, "portal.refuse", i18n.M("grant.mine.givenOnce"))
	}
	if err := p.Grants.Refuse(ctx, principal(ctx), v.ID); err != nil {
		return err
	}
	return gone(w, r, path.Grant(v.ID)+"?done")
}

// grantTone is the colour of a grant's status.
func grantTone(s grant.Status) ui.Tone {
	switch s {
	case grant.Given, grant.Recovered:
		return ui.Green
	case grant.Stopped, grant.Recovering:
		return ui.Red
	case grant.Told:
		return ui.Amber
	case grant.Matched, grant.Checked, grant.Listed, grant.Confirmed:
		return ui.Blue
	default:
		return ui.Plain
	}
}

// grantWord is how a grant stands, in words for whom it is for.
func grantWord(ctx context.Context, s grant.Status) string {
	return ui.T(ctx, "grant.mine.word."+string(s))
}

// grantNow says in one sentence what happens next and what is to be done.
func grantNow(ctx context.Context, v grantView) string {
	return ui.T(ctx, "grant.mine.now."+string(v.Status), "agency", v.Agency.Name, "amount", ui.Yuan(100*v.Overpaid))
}

// refuseText says what declining means for the grant as it stands.
func refuseText(ctx context.Context, v grantView) string {
	if v.Status == grant.Given {
		return ui.T(ctx, "grant.mine.refuseGiven")
	}
	return ui.T(ctx, "grant.mine.refuseTold")
}

// orderTone and the word are how a payment stands.
func orderTone(ctx context.Context, status string) (ui.Tone, string) {
	switch status {
	case grant.Overpaid:
		return ui.Red, ui.T(ctx, "grant.order.overpaid")
	case grant.PaidBack:
		return ui.Plain, ui.T(ctx, "grant.order.recovered")
	default:
		return ui.Green, ui.T(ctx, "grant.order.ordered")
	}
}
