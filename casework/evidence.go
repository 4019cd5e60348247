package casework

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/policy"

	"github.com/tongban/tongban/casework/internal/store"
)

// How says in what way a document is there, or that it is not.
type How string

// The ways, in the order in which they are tried.
const (
	ByLicence How = "licence"  // the applicant holds the licence: grade A
	ByChain   How = "chain"    // an earlier case of the same life event will issue it
	ByFact    How = "fact"     // a register says so: grade A
	ByUpload  How = "upload"   // handed in with this application: grade C
	ByReuse   How = "reuse"    // handed in with an earlier one and still valid: grade C
	ByPledge  How = "pledge"   // declared now, checked after: grade D
	Missing   How = "missing"  // the applicant must hand it in
	Later     How = "later"    // may be handed in after submission
	Optional  How = "optional" // may be left out
)

// Item is one document of an application, resolved.
type Item struct {
	Requirement   catalog.EvidenceRequirement
	Services      []string // that ask for it
	How           How
	Source        i18n.Text // who says so
	Request       string    // the exchange's request
	At            int64     // ms
	Grade         string    // A, C or D
	Licence       string    // id
	File          *FileInfo
	PledgeOffered bool
}

// FileInfo describes an uploaded file.
type FileInfo struct {
	ID        string
	Name      string
	MediaType string
	Size      int64
	At        int64 // ms
}

// Plan is the evidence of an application: how much is needed, and how much of
// it the applicant hands in.
type Plan struct {
	Items   []Item
	Needed  int // documents asked for by law
	HandIn  int // of them, those that the applicant uploads
	Missing int // of them, those not yet uploaded
}

func planOf(items []Item) Plan {
	p := Plan{Items: items}
	for _, it := range items {
		if it.How == Optional {
			continue
		}
		p.Needed++
		if it.How == ByUpload || it.How == Missing || it.How == Later {
			p.HandIn++
		}
		if it.How == Missing {
			p.Missing++
		}
	}
	return p
}

// Plan resolves the evidence of a draft as it stands.
func (o *Office) Plan(ctx context.Context, pr policy.Principal, draftID string) (Plan, error) {
	var plan Plan
	err := o.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		d, err := o.loadDraft(ctx, tx, pr, draftID)
		if err != nil {
			return err
		}
		members, err := o.members("casework.Plan", d)
		if err != nil {
			return err
		}
		items, err := o.resolve(ctx, o.inquire(tx, pr, Target{Service: d.Service, Event: d.Event}.key(), d.ID), d, members)
		plan = planOf(items)
		return err
	})
	return plan, err
}

// Outlook is the plan that an application for the service would begin with.
func (o *Office) Outlook(ctx context.Context, pr policy.Principal, service string) (Plan, error) {
	const op = "casework.Outlook"
	if err := o.allow(pr, policy.DraftEdit, policy.Resource{Type: "draft", Owner: pr.Actor.For}); err != nil {
		return Plan{}, err
	}
	m, err := o.member(op, service)
	if err != nil {
		return Plan{}, err
	}
	var plan Plan
	err = o.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		if err := o.covered(ctx, tx, pr, service); err != nil {
			return err
		}
		d := Draft{Service: service, Members: []string{service}, Subject: pr.Actor.For}
		items, err := o.resolve(ctx, o.inquire(tx, pr, "service:"+service, ""), d, []member{m})
		plan = planOf(items)
		return err
	})
	return plan, err
}

// resolve finds for each required document the first way in which it is there.
// A document that several members ask for is asked for once.
func (o *Office) resolve(ctx context.Context, q *inquiry, d Draft, members []member) ([]Item, error) {
	var items []Item
	var keys map[string]map[string]string
	if d.Event != "" {
		var err error
		if _, keys, err = mergeForms(d.Event, members); err != nil {
			return nil, err
		}
	}
	place := map[string]int{}
	for _, m := range members {
		vars, err := q.vars(ctx, dataOf(m, keys, d.Data), d.Scenario, texts(m)...)
		if err != nil {
			return nil, err
		}
		for _, req := range m.version.Evidence {
			if needed, err := o.holds(req.When, vars); err != nil || needed == criterion.No {
				if err != nil {
					return nil, err
				}
				continue
			}
			if i, ok := place[req.ID]; ok {
				items[i].Services = append(items[i].Services, m.service.ID)
				continue
			}
			item, err := o.resolveOne(ctx, q, d, members, m, req, vars)
			if err != nil {
				return nil, err
			}
			place[req.ID] = len(items)
			items = append(items, item)
		}
	}
	return items, nil
}

// holds evaluates a condition; no condition always holds.
func (o *Office) holds(src string, vars map[string]any) (criterion.Verdict, error) {
	if src == "" {
		return criterion.Yes, nil
	}
	rule, err := o.rules.get(src)
	if err != nil {
		return criterion.Unknown, err
	}
	return rule.Eval(vars).Verdict, nil
}

func (o *Office) resolveOne(ctx context.Context, q *inquiry, d Draft, members []member, m member, req catalog.EvidenceRequirement, vars map[string]any) (Item, error) {
	item := Item{Requirement: req, Services: []string{m.service.ID}, PledgeOffered: !req.Pledge.IsZero()}
	for _, try := range []func() (bool, error){
		func() (bool, error) { return o.tryLicence(ctx, q, &item) },
		func() (bool, error) { return tryChain(members, m, &item), nil },
		func() (bool, error) { return o.tryFact(ctx, q, &item, vars) },
		func() (bool, error) { return o.tryFile(ctx, q, d, &item) },
		func() (bool, error) { return o.tryPledge(d, &item), nil },
	} {
		if done, err := try(); err != nil || done {
			return item, err
		}
	}
	switch {
	case req.Optional:
		item.How = Optional
	case req.Later:
		item.How = Later
	default:
		item.How = Missing
	}
	return item, nil
}

func (o *Office) tryLicence(ctx context.Context, q *inquiry, item *Item) (bool, error) {
	if item.Requirement.Licence == "" {
		return false, nil
	}
	for _, holder := range q.about(ctx) {
		l, ok, err := o.Licences.Find(ctx, q.tx, holder, item.Requirement.Licence)
		if err != nil {
			return false, err
		}
		if ok {
			t, _ := o.City.LicenceType(l.Type)
			agency, _ := o.City.Agency(t.Issuer)
			item.How, item.Licence, item.Grade, item.At = ByLicence, l.ID, "A", ms(o.Clock())
			item.Source = i18n.M("casework.source.licence", "agency", agency.Name, "number", l.Number)
			return true, nil
		}
	}
	return false, nil
}

// tryChain looks among the cases that come before m for one that issues the
// licence.
func tryChain(members []member, m member, item *Item) bool {
	before := slices.Clone(m.after)
	for i := 0; i < len(before); i++ {
		for _, other := range members {
			if other.service.ID != before[i] {
				continue
			}
			if item.Requirement.Licence != "" && slices.Contains(other.version.Outputs, item.Requirement.Licence) {
				item.How, item.Grade = ByChain, "A"
				item.Source = i18n.M("casework.source.chain", "service", other.service.Name)
				return true
			}
			for _, more := range other.after {
				if !slices.Contains(before, more) {
					before = append(before, more)
				}
			}
		}
	}
	return false
}

func (o *Office) tryFact(ctx context.Context, q *inquiry, item *Item, vars map[string]any) (bool, error) {
	fact := item.Requirement.Fact
	if fact == nil {
		return false, nil
	}
	answer, err := q.ask(ctx, fact.Resource)
	if err != nil || !answer.Found {
		return false, err
	}
	known := map[string]any{}
	for k, v := range vars {
		known[k] = v
	}
	for k, v := range answer.Values { // inside Holds the register's own fields stand bare
		known[k] = v
	}
	known[fact.Resource] = answer.Values
	if verdict, err := o.holds(fact.Holds, known); err != nil || verdict != criterion.Yes {
		return false, err
	}
	item.How, item.Grade, item.Source, item.Request, item.At = ByFact, "A", answer.Source, answer.Request, ms(answer.At)
	return true, nil
}

// tryFile takes the upload of this draft, and else one of an earlier case that
// still counts.
func (o *Office) tryFile(ctx context.Context, q *inquiry, d Draft, item *Item) (bool, error) {
	if id, ok := d.body.Files[item.Requirement.ID]; ok {
		f, err := queries(q.tx).FileInfo(ctx, id)
		if err != nil {
			return false, fault.Wrap(fault.Internal, "casework.evidence", i18n.Text{}, err)
		}
		item.How, item.Grade, item.At, item.Source = ByUpload, "C", f.At, i18n.M("casework.source.upload")
		item.File = &FileInfo{ID: f.ID, Name: f.Name, MediaType: f.MediaType, Size: f.Size, At: f.At}
		return true, nil
	}
	if item.Requirement.Reuse == 0 {
		return false, nil
	}
	since := o.Clock().Add(-time.Duration(item.Requirement.Reuse) * 24 * time.Hour)
	f, err := queries(q.tx).ReusableFile(ctx, store.ReusableFileParams{Subject: string(d.Subject), Requirement: item.Requirement.ID, At: ms(since)})
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fault.Wrap(fault.Internal, "casework.evidence", i18n.Text{}, err)
	}
	item.How, item.Grade, item.At, item.Source = ByReuse, "C", f.At, i18n.M("casework.source.reuse")
	item.File = &FileInfo{ID: f.ID, Name: f.Name, MediaType: f.MediaType, Size: f.Size, At: f.At}
	return true, nil
}

func (o *Office) tryPledge(d Draft, item *Item) bool {
	when, ok := d.body.Pledges[item.Requirement.ID]
	if !ok || !item.PledgeOffered {
		return false
	}
	item.How, item.Grade, item.At, item.Source = ByPledge, "D", when, i18n.M("casework.source.pledge")
	return true
}
