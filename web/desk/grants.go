package desk

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/grant"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/policy"
	"github.com/tongban/tongban/web/ui"
)

// The addresses of what is given without an application.
const (
	pathGrants     = "/desk/grants"
	membersPattern = "/desk/grants/policies/{policy}"
	batchPattern   = "/desk/grants/batches/{batch}"
	grantPattern   = "/desk/grants/{grant}"
)

func pathMembers(policyID string, status grant.Status) string {
	p := pathGrants + "/policies/" + url.PathEscape(policyID)
	if status != "" {
		p += "?" + url.Values{"status": {string(status)}}.Encode()
	}
	return p
}

func pathBatch(id string) string { return pathGrants + "/batches/" + url.PathEscape(id) }

func pathGrant(id string) string { return pathGrants + "/" + url.PathEscape(id) }

func (d *desk) grants(mux *http.ServeMux) {
	mux.Handle("GET "+pathGrants, d.page(d.takeUp))
	mux.Handle("GET "+membersPattern, d.page(d.members))
	mux.Handle("POST "+membersPattern, d.page(d.propose))
	mux.Handle("GET "+batchPattern, d.page(d.showBatch))
	mux.Handle("POST "+batchPattern, d.page(d.settleBatch))
	mux.Handle("GET "+grantPattern, d.page(d.showGrant))
	mux.Handle("POST "+grantPattern, d.page(d.doGrant))
}

// mayGrant reports whether pr may do something with the grants of an agency.
func (d *desk) mayGrant(pr policy.Principal, a policy.Action, agency string) bool {
	return d.Policy.Allow(pr, a, policy.Resource{Type: policy.TypeGrant, Agencies: []string{agency}}) == nil
}

// givesGrants reports whether the place "grants" is pr's: an agency's that gives
// without application, and everybody's who watches over all agencies.
func (d *desk) givesGrants(pr policy.Principal) bool {
	if pr.Kind != policy.Officer {
		return false
	}
	return slices.ContainsFunc(d.City.Policies, func(p *catalog.Policy) bool {
		return p.Grant != nil && d.mayGrant(pr, policy.GrantView, p.Agency)
	})
}

// takeUpView is how far what is given without asking has come, in numbers, and
// for the agency's own officers what is to be done.
type takeUpView struct {
	Agency  i18n.Text // whose; empty: of all agencies
	Rows    []uptake
	Total   uptake
	Waiting []uptake // with grants that can go on a list
	Batches []batchRow
}

// uptake is a policy's grants, by how they stand.
type uptake struct {
	Policy *catalog.Policy // nil: of all
	Agency i18n.Text
	counts map[grant.Status]int
	amount map[grant.Status]int64
}

// n is how many stand in any of the statuses.
func (u uptake) n(in ...grant.Status) int {
	sum := 0
	for _, s := range in {
		sum += u.counts[s]
	}
	return sum
}

// found is how many the rules have found in all.
func (u uptake) found() int { return u.n(grant.Statuses...) }

// gone is how many got it and get it no more.
func (u uptake) gone() int {
	return u.n(grant.Stopped, grant.Recovering, grant.Recovered, grant.Ended)
}

// share is how many of those who are entitled have got it, in percent; empty
// where nobody is. Who is still being looked up, and who fell away, is not
// entitled.
func (u uptake) share() string {
	entitled := u.found() - u.n(grant.Matched, grant.Dropped)
	if entitled == 0 {
		return ""
	}
	return strconv.Itoa(100*(u.n(grant.Given)+u.gone())/entitled) + "%"
}

// batchRow is a batch with its policy.
type batchRow struct {
	grant.Batch
	Name i18n.Text
}

// shownBatches is how many batches the page lists, the newest.
const shownBatches = 50

func (d *desk) takeUp(ctx context.Context, w http.ResponseWriter, _ *http.Request) error {
	pr := visitor(ctx).Principal
	if !d.givesGrants(pr) {
		return d.Policy.Allow(pr, policy.GrantView, policy.Resource{Type: policy.TypeGrant})
	}
	v := takeUpView{Total: uptake{counts: map[grant.Status]int{}}}
	own := d.mayGrant(pr, policy.GrantPropose, pr.Agency)
	if own {
		v.Agency = d.agency(pr.Agency).Short
	}
	all, err := d.Grants.TakeUps(ctx, pr)
	if err != nil {
		return err
	}
	for _, t := range all {
		p, _ := d.City.Policy(t.Policy)
		u := uptake{Policy: p, Agency: d.agency(p.Agency).Short, counts: t.Counts, amount: t.Amount}
		v.Rows = append(v.Rows, u)
		for s, n := range t.Counts {
			v.Total.counts[s] += n
		}
		if own && t.Counts[grant.Checked] > 0 {
			v.Waiting = append(v.Waiting, u)
		}
	}
	if !own {
		return d.show(ctx, w, takeUpPage(v))
	}
	batches, err := d.Grants.Batches(ctx, pr, pr.Agency, shownBatches)
	if err != nil {
		return err
	}
	for _, b := range batches {
		v.Batches = append(v.Batches, batchRow{b, d.policyName(b.Policy)})
	}
	slices.SortStableFunc(v.Batches, func(a, b batchRow) int {
		return notFirst(a.Status == grant.Proposed) - notFirst(b.Status == grant.Proposed)
	})
	return d.show(ctx, w, takeUpPage(v))
}

// policyName is the name of a policy; one that is not there any more has its id
// for a name.
func (d *desk) policyName(id string) i18n.Text {
	if p, ok := d.City.Policy(id); ok {
		return p.Name
	}
	return i18n.Same(id)
}

// membersView is a page of a policy's grants that stand in one status.
type membersView struct {
	uptake
	Status grant.Status
	List   []grant.Grant
	After  string
	Next   string
	May    bool // put them on a list
}

const grantsPerPage = 50

func (d *desk) members(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	pr, q := visitor(ctx).Principal, r.URL.Query()
	id := r.PathValue("policy")
	v := membersView{Status: grant.Status(q.Get("status")), After: q.Get("after")}
	all, err := d.Grants.TakeUps(ctx, pr)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(all, func(t grant.TakeUp) bool { return t.Policy == id }); i >= 0 {
		v.uptake = uptake{counts: all[i].Counts, amount: all[i].Amount}
	}
	if !slices.Contains(grant.Statuses, v.Status) {
		v.Status = v.first()
	}
	if v.List, err = d.Grants.Waiting(ctx, pr, id, v.Status, v.After, grantsPerPage+1); err != nil {
		return err
	}
	v.Policy, _ = d.City.Policy(id)
	v.Agency = d.agency(v.Policy.Agency).Short
	v.May = d.mayGrant(pr, policy.GrantPropose, v.Policy.Agency) && v.counts[grant.Checked] > 0
	v.List, v.Next = cut(v.List)
	return d.show(ctx, w, membersPage(v))
}

// first is the status that is shown where none is asked for: the first in which
// there is anybody.
func (u uptake) first() grant.Status {
	i := slices.IndexFunc(grant.Statuses, func(s grant.Status) bool { return s != grant.Matched && u.counts[s] > 0 })
	if i < 0 {
		return grant.Checked
	}
	return grant.Statuses[i]
}

// cut takes the one off that was read to see whether there are more, and gives
// the cursor of the next page.
func cut(list []grant.Grant) (page []grant.Grant, next string) {
	if len(list) <= grantsPerPage {
		return list, ""
	}
	return list[:grantsPerPage], list[grantsPerPage-1].ID
}

// propose puts what waits on a list, and leads to it.
func (d *desk) propose(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	b, err := d.Grants.Propose(ctx, visitor(ctx).Principal, r.PathValue("policy"))
	if err != nil {
		return err
	}
	return gone(w, r, pathBatch(b.ID)+"?done=list")
}

// uptakeColumn is a column of the take-up.
type uptakeColumn struct {
	name string
	of   func(uptake) string
}

func uptakeColumns(ctx context.Context) []uptakeColumn {
	number := func(in ...grant.Status) func(uptake) string {
		return func(u uptake) string { return strconv.Itoa(u.n(in...)) }
	}
	return []uptakeColumn{
		{ui.T(ctx, "grant.desk.col.found"), number(grant.Statuses...)},
		{ui.T(ctx, "grant.desk.col.matched"), number(grant.Matched)},
		{ui.T(ctx, "grant.desk.col.checked"), number(grant.Checked)},
		{ui.T(ctx, "grant.desk.col.listed"), number(grant.Listed)},
		{ui.T(ctx, "grant.desk.col.told"), number(grant.Confirmed, grant.Told)},
		{ui.T(ctx, "grant.desk.col.given"), number(grant.Given)},
		{ui.T(ctx, "grant.desk.col.stopped"), func(u uptake) string { return strconv.Itoa(u.gone()) }},
		{ui.T(ctx, "grant.desk.col.refused"), number(grant.Refused)},
		{ui.T(ctx, "grant.desk.col.dropped"), number(grant.Dropped)},
		{ui.T(ctx, "grant.desk.col.share"), func(u uptake) string { return cmp.Or(u.share(), "–") }},
	}
}

// waits says how many wait to be listed, and what their first period costs.
func waits(ctx context.Context, u uptake) string {
	n, amount := u.counts[grant.Checked], u.amount[grant.Checked]
	who := ui.T(ctx, "grant.desk.unit.resident", "n", n)
	if u.Policy.Audience == "firm" {
		who = ui.T(ctx, "grant.desk.unit.firm", "n", n)
	}
	if amount == 0 {
		return ui.T(ctx, "grant.desk.waits", "who", who)
	}
	return ui.T(ctx, "grant.desk.waitsPaid", "who", who, "amount", ui.Yuan(100*amount))
}
