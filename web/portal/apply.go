package portal

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
	"github.com/tongban/tongban/web/ui/path"
)

// choice keeps of posted values what says what to apply for.
func choice(v url.Values) url.Values {
	kept := url.Values{}
	for _, key := range []string{"service", "event", "member", "then"} {
		if len(v[key]) > 0 {
			kept[key] = v[key]
		}
	}
	return kept
}

// target is what to apply for. The name is a service's or a life event's.
func (p *portal) target(v url.Values) (casework.Target, i18n.Text, error) {
	t := casework.Target{Service: v.Get("service"), Event: v.Get("event")}
	if e, ok := p.City.Event(t.Event); ok {
		t.Service = ""
		if len(v["member"]) > 0 {
			t.Members = v["member"]
		}
		return t, e.Name, nil
	}
	if o, ok := p.offer(t.Service); ok {
		t.Event = ""
		return t, o.Name, nil
	}
	return t, i18n.Text{}, notFound("portal.apply")
}

// someone is a party for whom one may apply.
type someone struct {
	ID   party.ID
	Name string
	Kind string // of the mandate; empty for oneself
}

// applyView is the question for whom the application is.
type applyView struct {
	Name    i18n.Text
	Hidden  url.Values
	People  []someone
	Current party.ID
}

// applyFor asks for whom to apply, where there is a choice.
func (p *portal) applyFor(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	t, name, err := p.target(r.URL.Query())
	if err != nil {
		return err
	}
	people, err := p.people(ctx, t.Service)
	if err != nil {
		return err
	}
	return p.show(ctx, w, r, applyPage(applyView{Name: name, Hidden: choice(r.URL.Query()), People: people, Current: session(ctx).For.ID}))
}

// people are those for whom the one who is signed in may apply for a service.
func (p *portal) people(ctx context.Context, service string) ([]someone, error) {
	s := session(ctx)
	people := []someone{{ID: s.Self.ID, Name: s.Self.Name}}
	_, held, err := p.Parties.Mandates(ctx, p.DB.Reader(), s.Self.ID)
	if err != nil {
		return nil, err
	}
	for _, m := range held {
		if slices.ContainsFunc(people, func(one someone) bool { return one.ID == m.Principal }) {
			continue
		}
		if _, err := p.Parties.Acting(ctx, p.DB.Reader(), s.Self.ID, m.Principal, service); err != nil {
			continue // ended, revoked or for other services
		}
		whom, err := p.Parties.Get(ctx, p.DB.Reader(), m.Principal)
		if err != nil {
			return nil, err
		}
		people = append(people, someone{ID: whom.ID, Name: whom.Name, Kind: m.Kind})
	}
	return people, nil
}

// apply opens the draft and leads to where it was left.
func (p *portal) apply(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	t, _, err := p.target(r.PostForm)
	if err != nil {
		return err
	}
	pr := principal(ctx)
	if whom := party.ID(r.PostForm.Get("for")); whom != "" && session(ctx).Principal.Kind != policy.Officer {
		if pr.Actor, err = p.Parties.Acting(ctx, p.DB.Reader(), session(ctx).Self.ID, whom, t.Service); err != nil {
			return err
		}
		if err := p.Sessions.Act(w, r, pr.Actor); err != nil {
			return err
		}
	} else if people, err := p.people(ctx, t.Service); err != nil {
		return err
	} else if len(people) > 1 {
		return gone(w, r, path.Apply+"?"+choice(r.PostForm).Encode())
	}
	d, err := p.Office.OpenDraft(ctx, pr, t)
	if err != nil {
		return err
	}
	if r.PostForm.Get("then") == "basket" {
		return gone(w, r, path.Basket)
	}
	return gone(w, r, p.resume(d))
}

// resume is the page on which a draft goes on.
func (p *portal) resume(d casework.Draft) string {
	switch {
	case len(p.unanswered(d)) > 0:
		return path.Scenario(d.ID)
	case d.Step < len(d.Form.Steps):
		return path.Step(d.ID, d.Step+1)
	default:
		return path.Draft(d.ID)
	}
}
