package desk

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/eligibility"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/policy"
)

// The addresses of policies and their drafts.
const (
	pathPolicies      = "/desk/policies"
	policyPattern     = "/desk/policies/{policy}"
	policyLivePattern = "/desk/policies/{policy}/counts"
	policyFilePattern = "/desk/policies/{policy}/draft.yaml"
)

func pathPolicy(id string) string { return pathPolicies + "/" + url.PathEscape(id) }

func pathPolicyLive(id string) string { return pathPolicy(id) + "/counts" }

func pathPolicyFile(id string) string { return pathPolicy(id) + "/draft.yaml" }

func (d *desk) policies(mux *http.ServeMux) {
	mux.Handle("GET "+pathPolicies, d.page(d.listPolicies))
	mux.Handle("GET "+policyPattern, d.page(d.showPolicy))
	mux.Handle("POST "+policyPattern, d.page(d.tryPolicy))
	mux.Handle("POST "+policyLivePattern, d.page(d.livePolicy))
	mux.Handle("POST "+policyFilePattern, d.page(d.downloadPolicy))
}

// mayRule is nil where pr may do something with the rules of a policy.
func (d *desk) mayRule(pr policy.Principal, a policy.Action, p *catalog.Policy) error {
	return d.Policy.Allow(pr, a, policy.Resource{Type: policy.TypeRule, ID: p.ID, Agencies: []string{p.Agency}})
}

// seesRules reports whether the place "policies" is pr's.
func (d *desk) seesRules(pr policy.Principal) bool {
	return pr.Kind == policy.Officer && len(d.policiesOf(pr)) > 0
}

// policiesOf are the policies whose rules pr may see, in the pack's order.
func (d *desk) policiesOf(pr policy.Principal) []*catalog.Policy {
	var list []*catalog.Policy
	for _, p := range d.City.Policies {
		if d.mayRule(pr, policy.RuleView, p) == nil {
			list = append(list, p)
		}
	}
	return list
}

// policiesView is the policies that the reader may see, with whom they reach.
type policiesView struct {
	Agency i18n.Text // of an officer of one
	Rows   []reach
}

// reach is a policy with whom it reaches today. A policy that is not in force
// reaches nobody.
type reach struct {
	*catalog.Policy
	Agency  i18n.Text
	InForce bool
	eligibility.CountTold
}

func (d *desk) listPolicies(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	pr := visitor(ctx).Principal
	list := d.policiesOf(pr)
	if len(list) == 0 {
		if err := d.Policy.Allow(pr, policy.RuleView, policy.Resource{Type: policy.TypeRule}); err != nil {
			return err
		}
	}
	v := policiesView{}
	if !pr.Has(policy.RoleSupervisor) {
		v.Agency = d.agency(pr.Agency).Name
	}
	counts := map[string]eligibility.Counts{}
	for _, p := range list {
		if _, done := counts[p.Audience]; !done {
			var err error
			if counts[p.Audience], err = d.counts(ctx, p.Audience); err != nil {
				return err
			}
		}
		v.Rows = append(v.Rows, d.reach(p, counts[p.Audience]))
	}
	slices.SortStableFunc(v.Rows, func(a, b reach) int { return notFirst(a.InForce) - notFirst(b.InForce) })
	return d.show(ctx, w, policiesPage(v))
}

// notFirst puts what is true before what is not.
func notFirst(yes bool) int {
	if yes {
		return 0
	}
	return 1
}

// counts is how many every policy of an audience reaches today.
func (d *desk) counts(ctx context.Context, audience string) (eligibility.Counts, error) {
	return d.Engine.Count(ctx, audience, d.Engine.Today(), eligibility.Options{Near: true, Amounts: true})
}

func (d *desk) reach(p *catalog.Policy, counts eligibility.Counts) reach {
	r := reach{Policy: p, Agency: d.agency(p.Agency).Short, InForce: p.InForce(d.Engine.Today())}
	for _, c := range counts.Policies {
		if c.Policy == p.ID {
			r.CountTold = c.Told(p)
		}
	}
	return r
}
