package casework

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"iter"
	"maps"
	"math"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/policy"

	"github.com/tongban/tongban/casework/internal/store"
)

func keysOf[V any](m map[string]V) iter.Seq[string] { return maps.Keys(m) }

// Page asks for part of a list: at most Limit rows (50 when 0, 200 at most)
// after the cursor that the page before gave.
type Page struct {
	After string
	Limit int
}

func (p Page) limit() int {
	if p.Limit <= 0 {
		return 50
	}
	return min(p.Limit, 200)
}

// cursor is where a page ends: the last row's sort key.
type cursor struct {
	At   int64
	Case string
	Task string `json:",omitempty"`
}

func (c cursor) String() string { return base64.RawURLEncoding.EncodeToString([]byte(text(c))) }

func readCursor(op, s string, start cursor) (cursor, error) {
	if s == "" {
		return start, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil {
		err = json.Unmarshal(raw, &start)
	}
	if err != nil || start.Case != "" && !named(start.Case) || start.Task != "" && !named(start.Task) {
		return start, fault.Fields(op, fault.Field{Pointer: "/after", Message: i18n.M("casework.cursor")})
	}
	return start, nil
}

// MyCases lists the cases of whom pr acts for, the latest first, without their
// dossiers, and the cursor of the next page ("" at the end). Who acts by mandate
// sees those of the services that it covers; a page may hold fewer rows then.
func (o *Office) MyCases(ctx context.Context, pr policy.Principal, page Page) ([]Case, string, error) {
	const op = "casework.MyCases"
	subject := policy.ScopeOf(pr).Owner
	if subject == "" {
		return nil, "", o.allow(pr, policy.CaseView, policy.Resource{Type: "case", Owner: "-"})
	}
	from, err := readCursor(op, page.After, cursor{At: math.MaxInt64, Case: "~"})
	if err != nil {
		return nil, "", err
	}
	n := page.limit()
	rows, err := queries(o.DB.Reader()).CasesOfSubject(ctx, store.CasesOfSubjectParams{Subject: string(subject), BeforeAt: from.At,
		BeforeID: from.Case, N: int32(n + 1)})
	if err != nil {
		return nil, "", fault.Wrap(fault.Internal, op, i18n.Text{}, err)
	}
	next := ""
	if len(rows) > n {
		rows = rows[:n]
		next = cursor{At: rows[n-1].SubmittedAt, Case: rows[n-1].ID}.String()
	}
	if rows, err = o.coveredRows(ctx, pr, rows); err != nil {
		return nil, "", err
	}
	cases, err := o.summaries(ctx, pr, rows)
	return cases, next, err
}

// coveredRows leaves out the cases of services that pr's mandate does not cover.
func (o *Office) coveredRows(ctx context.Context, pr policy.Principal, rows []store.Case) ([]store.Case, error) {
	known := map[string]error{}
	var kept []store.Case
	for _, row := range rows {
		err, ok := known[row.Service]
		if !ok {
			err = o.covered(ctx, o.DB.Reader(), pr, row.Service)
			known[row.Service] = err
		}
		switch {
		case err == nil:
			kept = append(kept, row)
		case !fault.Is(err, fault.Denied):
			return nil, err
		}
	}
	return kept, nil
}

func (o *Office) summaries(ctx context.Context, pr policy.Principal, rows []store.Case) ([]Case, error) {
	cases := make([]Case, 0, len(rows))
	for _, row := range rows {
		r, err := o.reader(ctx, o.DB.Reader(), pr, row)
		if err != nil {
			return nil, err
		}
		cases = append(cases, r.summary())
	}
	return cases, nil
}

// Bundle reads the cases of one submission that pr may see. Errors: NotFound.
func (o *Office) Bundle(ctx context.Context, pr policy.Principal, bundle string) ([]Case, error) {
	const op = "casework.Bundle"
	if !named(bundle) {
		return nil, fault.New(fault.NotFound, op, i18n.M("casework.noCase"))
	}
	rows, err := queries(o.DB.Reader()).CasesOfBundle(ctx, bundle)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, op, i18n.Text{}, err)
	}
	var cases []Case
	for _, row := range rows {
		r, err := o.reader(ctx, o.DB.Reader(), pr, row)
		if err != nil {
			return nil, err
		}
		if err := o.seen(ctx, o.DB.Reader(), pr, op, r); fault.Is(err, fault.NotFound) {
			continue
		} else if err != nil {
			return nil, err
		}
		c := r.summary()
		dossier, err := queries(o.DB.Reader()).DossierByCase(ctx, row.ID)
		if err != nil {
			return nil, fault.Wrap(fault.Internal, op, i18n.Text{}, err)
		}
		if err := r.readDossier(&c, dossier); err != nil {
			return nil, err
		}
		r.hide(&c, r.case_())
		cases = append(cases, c)
	}
	if len(cases) == 0 {
		return nil, fault.New(fault.NotFound, op, i18n.M("casework.noCase"))
	}
	return cases, nil
}

// Filter narrows an inbox. Zero values do not filter.
type Filter struct {
	Light   Light
	Duty    string
	Service string
	Page
}

// check refuses words that are no filter.
func (f Filter) check(op string) error {
	for pointer, word := range map[string]string{"/duty": f.Duty, "/service": f.Service} {
		if word != "" && !named(word) {
			return fault.Fields(op, fault.Field{Pointer: pointer, Message: i18n.M("casework.choice")})
		}
	}
	return nil
}

// Inbox lists the open tasks of pr's agency (and district), the most urgent
// first, and the cursor of the next page. Which rows are looked at is decided
// by pr's scope, in SQL; what pr may do with each, by the policy.
func (o *Office) Inbox(ctx context.Context, pr policy.Principal, f Filter) ([]Task, string, error) {
	const op = "casework.Inbox"
	if err := o.allow(pr, policy.InboxView, policy.Resource{Type: "inbox", Agencies: []string{pr.Agency}, Area: pr.Area}); err != nil {
		return nil, "", err
	}
	if err := f.check(op); err != nil {
		return nil, "", err
	}
	dueFrom, dueTo := o.span(f.Light)
	from, err := readCursor(op, f.After, cursor{At: dueFrom})
	if err != nil {
		return nil, "", err
	}
	if from.At < dueFrom { // the light's time has gone on: one lower bound, at which the index is entered
		from = cursor{At: dueFrom}
	}
	n := f.limit()
	var rows []store.Task
	if pr.Area == "" {
		rows, err = queries(o.DB.Reader()).InboxOfAgency(ctx, store.InboxOfAgencyParams{Agency: pr.Agency, DueTo: dueTo,
			AfterDue: from.At, AfterCase: from.Case, AfterID: from.Task, Duty: f.Duty, Service: f.Service, Barred: barred(pr), N: int32(n + 1)})
	} else {
		rows, err = queries(o.DB.Reader()).InboxOfArea(ctx, store.InboxOfAreaParams{Agency: pr.Agency, Area: pr.Area, DueTo: dueTo,
			AfterDue: from.At, AfterCase: from.Case, AfterID: from.Task, Duty: f.Duty, Service: f.Service, Barred: barred(pr), N: int32(n + 1)})
	}
	if err != nil {
		return nil, "", fault.Wrap(fault.Internal, op, i18n.Text{}, err)
	}
	next := ""
	if len(rows) > n {
		rows = rows[:n]
		last := rows[n-1]
		next = cursor{At: last.DueAt, Case: last.CaseID, Task: last.ID}.String()
	}
	tasks := make([]Task, 0, len(rows))
	for _, row := range rows {
		tasks = append(tasks, o.task(pr, row, policy.Resource{ID: row.CaseID, Status: string(Accepted)}))
	}
	return tasks, next, nil
}

// barred is the duty that pr's role leaves to others: its tasks are not on this
// desk.
func barred(pr policy.Principal) string {
	if pr.Has(policy.RoleDecider) {
		return ""
	}
	return DutyDecide
}

// span is the deadlines that a light stands for, from (inclusive) to
// (exclusive), in ms.
func (o *Office) span(l Light) (from, to int64) {
	now := o.Clock()
	late, amber := ms(now)+1, ms(soon(o.City.Calendar, now))
	switch l {
	case Red:
		return 1, late
	case Amber:
		return late, amber
	case Green:
		return amber, math.MaxInt64
	default:
		return 0, math.MaxInt64
	}
}

// CountLimit is where counting stops: a count of CountLimit means "that many or
// more", so that a list of millions is counted as fast as a short one.
const CountLimit = 1000

// Counts are an inbox's open tasks by light.
type Counts struct{ All, Green, Amber, Red int }

// Counts counts pr's inbox.
func (o *Office) Counts(ctx context.Context, pr policy.Principal) (Counts, error) {
	const op = "casework.Counts"
	if err := o.allow(pr, policy.InboxView, policy.Resource{Type: "inbox", Agencies: []string{pr.Agency}, Area: pr.Area}); err != nil {
		return Counts{}, err
	}
	var c Counts
	for light, n := range map[Light]*int{NoLight: &c.All, Green: &c.Green, Amber: &c.Amber, Red: &c.Red} {
		from, to := o.span(light)
		count, err := queries(o.DB.Reader()).CountTasks(ctx, store.CountTasksParams{Agency: pr.Agency, Area: pr.Area, DueFrom: from, DueTo: to, Barred: barred(pr), N: CountLimit})
		if err != nil {
			return Counts{}, fault.Wrap(fault.Internal, op, i18n.Text{}, err)
		}
		*n = int(count)
	}
	return c, nil
}

// Overview is how the city's open cases stand, by lead agency.
type Overview struct {
	Agencies []AgencyLoad
	Late     []Case // the longest late first, at most 100, without personal data
}

// AgencyLoad is one agency's open cases.
type AgencyLoad struct {
	Agency                  string
	Open, Green, Amber, Red int
}

// Overview is for supervisors.
func (o *Office) Overview(ctx context.Context, pr policy.Principal) (Overview, error) {
	const op = "casework.Overview"
	if err := o.allow(pr, policy.TeamView, policy.Resource{Type: "team"}); err != nil {
		return Overview{}, err
	}
	now := o.Clock()
	var v Overview
	loads, err := queries(o.DB.Reader()).OverviewByAgency(ctx, store.OverviewByAgencyParams{Now: ms(now) + 1, Soon: ms(soon(o.City.Calendar, now))})
	if err != nil {
		return v, fault.Wrap(fault.Internal, op, i18n.Text{}, err)
	}
	for _, l := range loads {
		v.Agencies = append(v.Agencies, AgencyLoad{Agency: l.Agency, Open: int(l.OpenCases), Red: int(l.Red), Amber: int(l.Amber),
			Green: int(l.OpenCases - l.Red - l.Amber)})
	}
	rows, err := queries(o.DB.Reader()).LateCases(ctx, ms(now)+1)
	if err != nil {
		return v, fault.Wrap(fault.Internal, op, i18n.Text{}, err)
	}
	if v.Late, err = o.summaries(ctx, pr, rows); err != nil {
		return v, err
	}
	for i := range v.Late {
		v.Late[i].blind()
	}
	return v, nil
}
