package desk

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/form"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/policy"
	"github.com/tongban/tongban/web/ui"
)

// filter is what of the inbox is shown: it stands in the address, so that it
// can be kept as a bookmark, and in a cookie for the way back.
type filter struct {
	Light   casework.Light
	Duty    string
	Service string
}

var duties = []string{casework.DutyAccept, casework.DutyReview, casework.DutyConsult, casework.DutyDecide, casework.DutyDeliver}

// readFilter takes the known keys of a query; unknown values filter nothing.
func readFilter(q url.Values) filter {
	f := filter{Light: casework.Light(q.Get("light")), Duty: q.Get("duty"), Service: q.Get("service")}
	if !slices.Contains([]casework.Light{casework.Red, casework.Amber, casework.Green}, f.Light) {
		f.Light = casework.NoLight
	}
	if !slices.Contains(duties, f.Duty) {
		f.Duty = ""
	}
	return f
}

func (f filter) query() url.Values {
	q := url.Values{}
	for key, value := range map[string]string{"light": string(f.Light), "duty": f.Duty, "service": f.Service} {
		if value != "" {
			q.Set(key, value)
		}
	}
	return q
}

// at is the address of a page that keeps the filter.
func (f filter) at(page string) string {
	if q := f.query().Encode(); q != "" {
		return page + "?" + q
	}
	return page
}

func (f filter) lit(l casework.Light) filter {
	f.Light = l
	return f
}

// narrowed reports whether more than the light is chosen.
func (f filter) narrowed() bool { return f.Duty != "" || f.Service != "" }

func (f filter) domain(after string, limit int) casework.Filter {
	return casework.Filter{Light: f.Light, Duty: f.Duty, Service: f.Service, Page: casework.Page{After: after, Limit: limit}}
}

const filterCookie = "desk-filter"

// keep remembers the filter until the browser is closed.
func (f filter) keep(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{Name: filterCookie, Value: url.QueryEscape(f.query().Encode()), Path: pathHome, HttpOnly: true,
		Secure: r.TLS != nil, SameSite: http.SameSiteLaxMode})
}

// kept is the filter that was looked at last.
func kept(r *http.Request) filter {
	c, err := r.Cookie(filterCookie)
	if err != nil {
		return filter{}
	}
	raw, err := url.QueryUnescape(c.Value)
	if err != nil {
		return filter{}
	}
	q, err := url.ParseQuery(raw)
	if err != nil {
		return filter{}
	}
	return readFilter(q)
}

// inboxView is the inbox as it is shown.
type inboxView struct {
	Agency   i18n.Text
	Filter   filter
	Tasks    []casework.Task
	Counts   casework.Counts
	Duties   []string
	Services []form.Choice
	After    string
	Next     string
	Left     func(casework.Task) int // working days until it is late
}

// home is the inbox, and for those who have none the first place that they may
// use.
func (d *desk) home(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	pr := visitor(ctx).Principal
	if !d.may(pr, policy.InboxView) {
		if places := ui.From(ctx).Nav; len(places) > 0 {
			return gone(w, r, places[0].Href)
		}
		return fault.New(fault.Denied, "desk.home", i18n.M("desk.denied.nothing"))
	}
	v, err := d.readInbox(ctx, readFilter(r.URL.Query()), r.URL.Query().Get("after"))
	if err != nil {
		return err
	}
	v.Filter.keep(w, r)
	return d.show(ctx, w, inboxPage(v))
}

func (d *desk) readInbox(ctx context.Context, f filter, after string) (inboxView, error) {
	pr := visitor(ctx).Principal
	v := inboxView{Agency: d.agency(pr.Agency).Short, Filter: f, After: after}
	var err error
	if v.Tasks, v.Next, err = d.Office.Inbox(ctx, pr, f.domain(after, 50)); err != nil {
		return v, err
	}
	if v.Counts, err = d.Office.CountsOf(ctx, pr, f.domain("", 0)); err != nil {
		return v, err
	}
	v.Duties = slices.DeleteFunc(slices.Clone(duties), func(duty string) bool { return duty == casework.DutyDecide && !pr.Has(policy.RoleDecider) })
	v.Services = d.handled(pr.Agency, f.Service)
	now := d.Clock()
	v.Left = func(t casework.Task) int { return d.City.Calendar.Remaining(now, t.DueAt) }
	return v, nil
}

// handled are the services in which the agency has a part, and the one that is
// chosen already.
func (d *desk) handled(agency, chosen string) []form.Choice {
	var list []form.Choice
	for _, s := range d.City.Services {
		part := s.Agency == agency || s.ID == chosen
		online := false
		for _, v := range s.Versions {
			online = online || v.Online()
			for _, a := range v.Agencies {
				part = part || a == agency
			}
		}
		if part && online {
			list = append(list, form.Choice{Value: s.ID, Label: s.Name})
		}
	}
	return list
}

// next leads to the most urgent task under the filter looked at last.
func (d *desk) next(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	f := kept(r)
	tasks, _, err := d.Office.Inbox(ctx, visitor(ctx).Principal, f.domain("", 1))
	if err != nil {
		return err
	}
	if len(tasks) == 0 {
		return gone(w, r, f.at(pathHome))
	}
	return gone(w, r, pathCase(tasks[0].CaseID)+"#task-"+tasks[0].ID)
}

// find leads to the case with a number.
func (d *desk) find(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	number := strings.ToUpper(strings.TrimSpace(r.URL.Query().Get("number")))
	c, err := d.Office.Case(ctx, visitor(ctx).Principal, number)
	if fault.Is(err, fault.NotFound) {
		return fault.New(fault.NotFound, "desk.find", i18n.M("desk.find.none", "number", number))
	}
	if err != nil {
		return err
	}
	return gone(w, r, pathCase(c.ID))
}

// count is a number of tasks, cut where counting stops.
func count(n int) string {
	if n >= casework.CountLimit {
		return strconv.Itoa(casework.CountLimit) + "+"
	}
	return strconv.Itoa(n)
}

// left says how many working days are left until something is late.
func left(ctx context.Context, days int) string {
	switch {
	case days < -1:
		return ui.T(ctx, "desk.left.late", "days", -days)
	case days == -1:
		return ui.T(ctx, "desk.left.late1")
	case days == 0:
		return ui.T(ctx, "desk.left.today")
	case days == 1:
		return ui.T(ctx, "desk.left.one")
	default:
		return ui.T(ctx, "desk.left.days", "days", days)
	}
}

func dutyName(ctx context.Context, duty string) string {
	switch duty {
	case casework.DutyAccept:
		return ui.T(ctx, "desk.duty.accept")
	case casework.DutyReview:
		return ui.T(ctx, "desk.duty.review")
	case casework.DutyConsult:
		return ui.T(ctx, "desk.duty.consult")
	case casework.DutyDecide:
		return ui.T(ctx, "desk.duty.decide")
	case casework.DutyDeliver:
		return ui.T(ctx, "desk.duty.deliver")
	default:
		return duty
	}
}

// firstPage is where a list that is read by cursor begins, empty on that page
// itself.
func firstPage(after, href string) string {
	if after == "" {
		return ""
	}
	return href
}

// afterPage is the next page of a list, empty at the end.
func afterPage(href, next string) string {
	if next == "" {
		return ""
	}
	sep := "?"
	if strings.Contains(href, "?") {
		sep = "&"
	}
	return href + sep + url.Values{"after": {next}}.Encode()
}
