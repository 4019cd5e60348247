package portal

import (
	"context"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/form"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/licence"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/web/ui"
	"github.com/tongban/tongban/web/ui/path"
)

// casesView is a page of my cases, with the drafts on the first one.
type casesView struct {
	Drafts []draftView
	Cases  []casework.Case
	Names  map[string]i18n.Text
	First  bool
	Next   string
}

const casesPerPage = 20

func (p *portal) cases(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	after := r.URL.Query().Get("after")
	v := casesView{Names: p.agencyNames(), First: after == ""}
	cases, next, err := p.Office.MyCases(ctx, principal(ctx), casework.Page{After: after, Limit: casesPerPage})
	if err != nil {
		return err
	}
	v.Cases = cases
	if next != "" {
		v.Next = path.CasesAfter(next)
	}
	if v.First {
		drafts, err := p.Office.Drafts(ctx, principal(ctx))
		if err != nil {
			return err
		}
		for _, d := range drafts {
			v.Drafts = append(v.Drafts, p.draftView(d))
		}
	}
	return p.show(ctx, w, r, casesPage(v))
}

// caseView is one case as its applicant follows it.
type caseView struct {
	casework.Case
	Names    map[string]i18n.Text
	Form     []ui.Row
	Licences []licence.Licence
	Types    map[string]catalog.LicenceType
	Fees     []feeLine
	Total    int64
	Holder   party.Party // who holds what was issued, where that is not whom the reader acts for
	May      bool        // the reader may act for the holder
	Hotline  string
	Told     bool // something was just sent
}

func (p *portal) openCase(ctx context.Context, r *http.Request) (caseView, error) {
	c, err := p.Office.Case(ctx, principal(ctx), r.PathValue("case"))
	if err != nil {
		return caseView{}, err
	}
	v := caseView{Case: c, Names: p.agencyNames(), Hotline: p.City.Profile.Hotline, Types: map[string]catalog.LicenceType{}}
	v.Form = p.submitted(ctx, c)
	v.Fees, v.Total = p.feeLines(c.Fees)
	if s := session(ctx); len(c.Licences) > 0 && c.Holder != s.For.ID {
		if v.Holder, err = p.Parties.Get(ctx, p.DB.Reader(), c.Holder); err != nil {
			return caseView{}, err
		}
		_, refused := p.Parties.Acting(ctx, p.DB.Reader(), s.Self.ID, c.Holder, "")
		v.May = refused == nil
	}
	for _, id := range c.Licences {
		l, err := p.Licences.Get(ctx, p.DB.Reader(), id)
		if err != nil {
			return caseView{}, err
		}
		v.Licences = append(v.Licences, l)
		if t, ok := p.City.LicenceType(l.Type); ok {
			v.Types[l.Type] = t
		}
	}
	return v, nil
}

// submitted is what was filled in, in the order and the words of the form; where
// that is gone a field is named by its key.
func (p *portal) submitted(ctx context.Context, c casework.Case) []ui.Row {
	var rows []ui.Row
	seen := map[string]bool{}
	if f := c.Filled; f != nil {
		for _, field := range f.Fields {
			value, ok := c.Form[field.Key]
			if !ok {
				continue
			}
			seen[field.Key] = true
			row := ui.Row{Key: ui.In(ctx, field.Label), Value: ui.Value(ctx, field, value, p.areas())}
			if from, ok := c.Provenance[field.Key]; ok {
				row.Note = ui.Source(ctx, from)
			}
			rows = append(rows, row)
		}
	}
	for key, value := range c.Form {
		if !seen[key] {
			rows = append(rows, ui.Row{Key: key, Value: ui.Value(ctx, &form.Field{Key: key}, value, nil)})
		}
	}
	return rows
}

func (p *portal) showCase(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	v, err := p.openCase(ctx, r)
	if err != nil {
		return err
	}
	v.Told = r.URL.Query().Has("told")
	return p.show(ctx, w, r, casePage(v))
}

// ownActs are the kinds of event that the applicant brings about. What else
// happens without an agency's officer, the system does.
var ownActs = map[string]bool{"submitted": true, "supplied": true, "withdrawn": true}

// stations are the case's events, the newest first.
func (v caseView) stations(ctx context.Context) []ui.Station {
	list := make([]ui.Station, 0, len(v.Events))
	for i, e := range slices.Backward(v.Events) {
		s := ui.Station{At: e.At, Title: ui.In(ctx, e.Note)}
		switch {
		case e.Agency != "":
			s.By = ui.In(ctx, v.Names[e.Agency])
		case !ownActs[e.Kind]:
			s.By = ui.T(ctx, "portal.case.automatic")
		case e.OnBehalf != "" && e.ActorName != "":
			s.By = ui.T(ctx, "portal.case.onBehalf", "actor", e.ActorName, "subject", v.SubjectName)
		default:
			s.By = e.ActorName
		}
		switch {
		case i == len(v.Events)-1 && !v.Status.Ended():
			s.State = "now"
		case e.Kind == "refused" || e.Kind == "rejected" || e.Kind == "withdrawn" || e.Kind == "lapsed":
			s.State = "stop"
		default:
			s.State = "done"
		}
		list = append(list, s)
	}
	return list
}

// since is when the case came to who has it now.
func (v caseView) since() time.Time {
	if len(v.Events) == 0 {
		return v.SubmittedAt
	}
	return v.Events[len(v.Events)-1].At
}

// late is by how many working days the case is late; 0 while it is not.
func (v caseView) late() int {
	if v.Light != casework.Red {
		return 0
	}
	return max(1, -v.Remaining)
}

// holders are the agencies that have open work on the case.
func (v caseView) holders(ctx context.Context) string {
	var codes []string
	for _, t := range v.Tasks {
		if !slices.Contains(codes, t.Agency) {
			codes = append(codes, t.Agency)
		}
	}
	if len(codes) == 0 {
		codes = []string{v.Agency}
	}
	return each(ctx, codes, func(ctx context.Context, code string) string { return ui.In(ctx, v.Names[code]) })
}

// who says whose turn it is, in one sentence.
func (v caseView) who(ctx context.Context) string {
	switch v.Status.Turn() {
	case "applicant":
		return ui.T(ctx, "portal.case.yourTurn")
	case "agency":
		return v.holders(ctx)
	case "other-case":
		return ui.T(ctx, "portal.case.otherCase")
	default:
		return ui.T(ctx, "portal.case.nobody")
	}
}

// nextStep says what happens next with a case and by when.
func nextStep(ctx context.Context, c casework.Case, agency i18n.Text) string {
	switch {
	case c.Status.Ended():
		return ui.In(ctx, c.Status.Name())
	case c.Status == casework.Waiting:
		return ui.T(ctx, "portal.case.otherCase")
	case c.DueAt.IsZero():
		return ui.T(ctx, "portal.receipt.handles", "agency", agency)
	case c.Status == casework.Submitted:
		return ui.T(ctx, "portal.receipt.accepts", "agency", agency, "day", ui.Day(ctx, lastDay(c.DueAt)))
	default:
		return ui.T(ctx, "portal.receipt.decides", "agency", agency, "day", ui.Day(ctx, lastDay(c.DueAt)))
	}
}

// lastDay is a moment on the last day that is still in time: a deadline is the
// midnight after it.
func lastDay(due time.Time) time.Time { return due.Add(-time.Millisecond) }

// statusTone is the colour of a status.
func statusTone(s casework.Status) ui.Tone {
	switch s {
	case casework.Closed, casework.Approved:
		return ui.Green
	case casework.Supplementing:
		return ui.Amber
	case casework.Refused, casework.Rejected:
		return ui.Red
	case casework.Withdrawn:
		return ui.Plain
	default:
		return ui.Blue
	}
}

// file sends a document of the case, never to be run in our pages.
func (p *portal) file(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	f, err := p.Office.File(ctx, principal(ctx), r.PathValue("case"), r.PathValue("file"))
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", f.MediaType)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	h.Set("Content-Length", strconv.Itoa(len(f.Data)))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(f.Data) // the reader may have gone; nobody is left to tell
	return nil
}

func caseCrumbs(ctx context.Context, v caseView, here string) []ui.Crumb {
	return []ui.Crumb{{Label: ui.T(ctx, "portal.nav.cases"), Href: path.Cases}, {Label: ui.In(ctx, v.ServiceName), Href: path.Case(v.ID)}, {Label: here}}
}

func decisionTone(approved bool) ui.Tone {
	if approved {
		return ui.Green
	}
	return ui.Red
}

func decisionTitle(ctx context.Context, approved bool) string {
	if approved {
		return ui.T(ctx, "portal.case.approved")
	}
	return ui.T(ctx, "portal.case.rejected")
}
