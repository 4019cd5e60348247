package desk

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/form"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/web/ui"
)

// caseView is a case as its page shows it.
type caseView struct {
	casework.Case
	Version  *catalog.ServiceVersion
	Lead     i18n.Text // the agency that answers for it
	Facts    []fact
	Mine     []casework.Task
	Others   []elsewhere
	May      []casework.Command
	Steps    []step
	Asked    []asked
	Stations []ui.Station
	Done     string // what the reader has just done
	Inbox    string // the way back
	Wrong    []fault.Field
	Typed    url.Values
}

// fact is one line of what the applicant said or the city knows.
type fact struct {
	Label i18n.Text
	Value string
	From  *form.Provenance // nil: typed by the applicant
}

// elsewhere is a task that is not the reader's.
type elsewhere struct {
	casework.Task
	Who i18n.Text // its agency
}

// asked is a question to another agency.
type asked struct {
	casework.Consult
	Name i18n.Text // of the agency
}

// step is where a token of the process rests.
type step struct {
	Element string
	Name    i18n.Text
	Agency  i18n.Text // zero: nobody's, the process waits
}

func (d *desk) showCase(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	v, err := d.readCase(ctx, r)
	if err != nil {
		return err
	}
	v.Done = r.URL.Query().Get("done")
	return d.show(ctx, w, casePage(v))
}

// readCase reads the case of the request's address with all that its page needs.
func (d *desk) readCase(ctx context.Context, r *http.Request) (caseView, error) {
	pr := visitor(ctx).Principal
	c, err := d.Office.Case(ctx, pr, r.PathValue("case"))
	if err != nil {
		return caseView{}, err
	}
	v := caseView{Case: c, Lead: d.agency(c.Agency).Name, Inbox: kept(r).at(pathHome)}
	if v.May, err = d.Office.May(ctx, pr, c.ID); err != nil {
		return v, err
	}
	if _, v.Version, err = d.Archive.Version(ctx, d.DB.Reader(), c.Version); err != nil {
		return v, err
	}
	v.Facts = d.facts(ctx, v)
	v.Steps = d.steps(v)
	v.Stations = d.stations(ctx, v)
	for _, q := range c.Consults {
		v.Asked = append(v.Asked, asked{q, d.agency(q.Agency).Short})
	}
	for _, t := range c.Tasks {
		if t.Mine {
			v.Mine = append(v.Mine, t)
		} else {
			v.Others = append(v.Others, elsewhere{t, d.agency(t.Agency).Short})
		}
	}
	return v, nil
}

// can reports whether the reader may give the case a command now.
func (v caseView) can(c casework.Command) bool { return slices.Contains(v.May, c) }

// task is an open task of the case.
func (v caseView) task(id string) (casework.Task, bool) {
	i := slices.IndexFunc(v.Tasks, func(t casework.Task) bool { return t.ID == id })
	if i < 0 {
		return casework.Task{}, false
	}
	return v.Tasks[i], true
}

// sealed reports whether the policy keeps the case's content from the reader.
func (v caseView) sealed() bool {
	return len(v.Form) == 0 && len(v.Evidence) == 0 && v.SubjectName == ""
}

// who is the applicant, as far as the reader may know.
func (v caseView) who(ctx context.Context) string {
	if v.SubjectName == "" {
		return ui.T(ctx, "desk.case.sealedName")
	}
	return v.SubjectName
}

// facts are the answers to the first questions, then the form in its order.
func (d *desk) facts(ctx context.Context, v caseView) []fact {
	var list []fact
	if !v.sealed() {
		for _, q := range v.Version.Scenarios {
			for _, c := range q.Choices {
				if c.Value == v.Scenario[q.ID] {
					list = append(list, fact{Label: q.Question, Value: ui.In(ctx, c.Label)})
				}
			}
		}
	}
	var fields []*form.Field
	if v.Filled != nil {
		fields = v.Filled.Fields
	}
	shown := map[string]bool{}
	for _, f := range fields {
		if value, ok := v.Form[f.Key]; ok {
			shown[f.Key] = true
			list = append(list, fact{Label: f.Label, Value: ui.Value(ctx, f, value, d.areas), From: from(v.Provenance, f.Key)})
		}
	}
	for _, key := range sortedKeys(v.Form) { // of a form that is gone
		if !shown[key] {
			f := &form.Field{Key: key, Label: i18n.Same(key)}
			list = append(list, fact{Label: f.Label, Value: ui.Value(ctx, f, v.Form[key], d.areas), From: from(v.Provenance, key)})
		}
	}
	return list
}

func from(all map[string]form.Provenance, key string) *form.Provenance {
	p, ok := all[key]
	if !ok {
		return nil
	}
	return &p
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// steps are where the process stands, with who is to act.
func (d *desk) steps(v caseView) []step {
	var list []step
	for _, token := range v.Tokens {
		s := step{Element: token.Element, Name: i18n.Same(token.Element)}
		if e, ok := v.Process.Element(token.Element); ok && !e.Name.IsZero() {
			s.Name = e.Name
		}
		if t, ok := v.task(token.ID); ok {
			s.Agency = d.agency(t.Agency).Short
		}
		list = append(list, s)
	}
	return list
}

// live lists the elements on which tokens rest, for the diagram.
func (v caseView) live() string {
	var ids []string
	for _, s := range v.Steps {
		ids = append(ids, s.Element)
	}
	return strings.Join(ids, " ")
}

// grade is how far a fact can be trusted: what a register or a licence says is
// A, what the applicant typed or changed is C.
func (f fact) grade() string {
	switch {
	case f.From == nil || f.From.Edited:
		return "C"
	case f.From.Grade == "":
		return "A"
	default:
		return f.From.Grade
	}
}

// lastDay is an instant on the last day on which something is not yet late:
// a deadline is the midnight after it.
func lastDay(due time.Time) time.Time {
	if due.IsZero() {
		return due
	}
	return due.Add(-time.Millisecond)
}

// file sends a document of the case, to be looked at in the browser.
func (d *desk) file(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	f, err := d.Office.File(ctx, visitor(ctx).Principal, r.PathValue("case"), r.PathValue("file"))
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", f.MediaType)
	h.Set("Content-Disposition", "inline; filename*=UTF-8''"+url.PathEscape(f.Name))
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(f.Data) // the reader may have gone; nobody is left to tell
	return nil
}

// crumbs lead from the inbox to a page of the case; here is empty on the case's
// own page. Who has no inbox came from the first place that they may use.
func crumbs(ctx context.Context, v caseView, here string) []ui.Crumb {
	first := ui.Crumb{Label: ui.T(ctx, "desk.inbox.title"), Href: v.Inbox}
	if places := ui.From(ctx).Nav; len(places) > 0 && places[0].Href != pathHome {
		first = ui.Crumb{Label: places[0].Label, Href: places[0].Href}
	}
	if here == "" {
		return []ui.Crumb{first, {Label: v.Number}}
	}
	return []ui.Crumb{first, {Label: v.Number, Href: pathCase(v.ID)}, {Label: here}}
}

// size is a number of bytes as people say it.
func size(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%d KB", n>>10)
	default:
		return fmt.Sprintf("%d B", n)
	}
}
