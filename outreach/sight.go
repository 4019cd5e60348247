package outreach

import (
	"context"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
)

// Seen are those of the messages to a party that pr may read, in their order:
// who acts for it in some services only sees what belongs to those. service
// tells a case's.
func Seen(ctx context.Context, rules *policy.Policy, pr policy.Principal, to party.ID, list []Message,
	service func(ctx context.Context, caseID string) (string, error)) ([]Message, error) {
	known := map[string][]string{}
	var seen []Message
	for _, m := range list {
		of, ok := known[m.CaseID]
		if !ok && pr.Services != nil && m.CaseID != "" {
			one, err := service(ctx, m.CaseID)
			if err != nil && !fault.Is(err, fault.NotFound) {
				return nil, err
			}
			of = []string{one}
			known[m.CaseID] = of
		}
		err := rules.Allow(pr, policy.MessageView, policy.Resource{Type: policy.TypeMessage, ID: m.ID, Owner: to, Services: of})
		switch {
		case err == nil:
			seen = append(seen, m)
		case !fault.Is(err, fault.Denied):
			return nil, err
		}
	}
	return seen, nil
}
