package casework

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/exchange"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/form"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
)

// rules keeps compiled CEL by its text. Texts come from packs, so there are
// few of them and they do not change.
type rules struct{ compiled sync.Map }

func (r *rules) get(src string) (*criterion.Rule, error) {
	if rule, ok := r.compiled.Load(src); ok {
		return rule.(*criterion.Rule), nil
	}
	rule, err := criterion.Compile(src, criterion.Open())
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "casework.rule", i18n.Text{}, err)
	}
	r.compiled.Store(src, rule)
	return rule, nil
}

// inquiry asks registers about one subject, each at most once, and remembers
// the answers. Every question leaves a receipt in the transaction.
type inquiry struct {
	o       *Office
	tx      db.Tx
	subject party.ID
	agent   party.ID // who acts for the subject; the subject itself, or nobody
	asker   string   // a citizen's party, an officer's agency
	purpose string
	caseID  string
	answers map[string]exchange.Answer
	parties map[party.ID]party.Party
}

// inquire asks for a draft, on behalf of whom pr acts for. A clerk at the
// counter is nobody's agent: the applicant stands there.
func (o *Office) inquire(tx db.Tx, pr policy.Principal, purpose, caseID string) *inquiry {
	q := &inquiry{o: o, tx: tx, subject: pr.Actor.For, agent: pr.Actor.Party, asker: string(pr.Actor.Party), purpose: purpose, caseID: caseID,
		answers: map[string]exchange.Answer{}, parties: map[party.ID]party.Party{}}
	if pr.Kind == policy.Officer {
		q.agent, q.asker = pr.Actor.For, pr.Agency
	}
	return q
}

// inquire asks for a case, about its applicant; whoever is at work asks.
func (r *run) inquire() *inquiry {
	q := r.o.inquire(r.tx, r.who, "service:"+r.row.Service, r.row.ID)
	q.subject, q.agent = owner(r.row), owner(r.row)
	if r.row.Channel != atCounter {
		q.agent = party.ID(r.row.Agent)
	}
	if q.asker == "" {
		q.asker = r.svc.Agency
	}
	return q
}

// ask is what a resource knows of the subject. What is not known of a firm is
// asked of the person who acts for it.
func (q *inquiry) ask(ctx context.Context, resource string) (exchange.Answer, error) {
	if a, ok := q.answers[resource]; ok {
		return a, nil
	}
	var answer exchange.Answer
	for _, about := range q.about(ctx) {
		a, err := q.o.Exchange.Ask(ctx, q.tx, exchange.Question{Resource: resource, Subject: about, Purpose: q.purpose,
			CaseID: q.caseID, Asker: q.asker})
		if err != nil {
			return answer, err
		}
		if answer = a; a.Found {
			break
		}
	}
	q.answers[resource] = answer
	return answer, nil
}

// about is whom to ask about: the subject, and, for a firm, its agent.
func (q *inquiry) about(ctx context.Context) []party.ID {
	if q.agent == q.subject {
		return []party.ID{q.subject}
	}
	if p, err := q.party(ctx, q.subject); err == nil && p.Kind == party.Organisation {
		return []party.ID{q.subject, q.agent}
	}
	return []party.ID{q.subject}
}

func (q *inquiry) party(ctx context.Context, who party.ID) (party.Party, error) {
	if p, ok := q.parties[who]; ok {
		return p, nil
	}
	p, err := q.o.Parties.Get(ctx, q.tx, who)
	if err == nil {
		q.parties[who] = p
	}
	return p, err
}

// vars are the variables of the pack's CEL: the form's fields by key, scenario,
// party, today, and of the registers those that the given texts name.
func (q *inquiry) vars(ctx context.Context, data map[string]any, scenario map[string]string, texts ...string) (map[string]any, error) {
	vars := map[string]any{}
	maps.Copy(vars, data)
	answers := map[string]any{}
	for k, v := range scenario {
		answers[k] = v
	}
	vars["scenario"] = answers
	vars["today"] = q.o.today().String()
	p, err := q.party(ctx, q.subject)
	if err != nil {
		return nil, err
	}
	vars["party"] = partyVars(p)
	for _, src := range texts {
		if src == "" {
			continue
		}
		rule, err := q.o.rules.get(src)
		if err != nil {
			return nil, err
		}
		for _, name := range rule.Variables() {
			resource, _, _ := strings.Cut(name, ".")
			if _, isResource := q.o.City.Resource(resource); !isResource || vars[resource] != nil {
				continue
			}
			answer, err := q.ask(ctx, resource)
			if err != nil {
				return nil, err
			}
			if answer.Found {
				vars[resource] = answer.Values
			}
		}
	}
	return vars, nil
}

func partyVars(p party.Party) map[string]any {
	v := map[string]any{"name": p.Name, "latin": p.Latin, "kind": string(p.Kind), "id_type": p.IDType, "id_number": p.IDNumber,
		"sex": p.Sex, "phone": p.Phone, "address": p.Address, "area": p.Area}
	if !p.Birth.IsZero() {
		v["birth"] = p.Birth.String()
	}
	for key, value := range v {
		if value == "" {
			delete(v, key)
		}
	}
	return v
}

// prefill gives every field of the draft's form that names a source, and that
// nobody has filled yet, what the source knows, with its provenance.
func (o *Office) prefill(ctx context.Context, tx db.Tx, pr policy.Principal, d *Draft) error {
	q := o.inquire(tx, pr, Target{Service: d.Service, Event: d.Event}.key(), d.ID)
	filled := map[string]any{}
	for _, f := range d.Form.Fields {
		resource, field, ok := strings.Cut(f.Fill, ".")
		_, typed := d.Data[f.Key]
		if _, known := d.Provenance[f.Key]; !ok || typed || known {
			continue
		}
		value, p, err := q.source(ctx, resource, field)
		if err != nil {
			return err
		}
		if value == nil || value == "" {
			continue
		}
		d.Data[f.Key], d.Provenance[f.Key], filled[f.Key] = value, p, value
	}
	for _, wrong := range presentFaults(d.Form.Validate(d.Data), filled) { // what the form would refuse is asked
		delete(d.Data, fieldKey(wrong.Pointer))
		delete(d.Provenance, fieldKey(wrong.Pointer))
	}
	return nil
}

// source is the value of one field of a register, of the party ("party") or of
// the person who acts ("agent").
func (q *inquiry) source(ctx context.Context, resource, field string) (any, form.Provenance, error) {
	if resource == "party" || resource == "agent" {
		who := q.subject
		if resource == "agent" {
			who = q.agent
		}
		p, err := q.party(ctx, who)
		if err != nil {
			return nil, form.Provenance{}, err
		}
		return partyVars(p)[field], form.Provenance{Source: i18n.M("casework.source.account"), At: ms(q.o.Clock()), Grade: "A"}, nil
	}
	answer, err := q.ask(ctx, resource)
	if err != nil || !answer.Found {
		return nil, form.Provenance{}, err
	}
	return answer.Values[field], form.Provenance{Source: answer.Source, Request: answer.Request, At: ms(answer.At), Grade: "A"}, nil
}

// texts are all CEL texts of a version that may name a register.
func texts(m member) []string {
	list := []string{m.version.Condition}
	for _, key := range slices.Sorted(maps.Keys(m.version.Claims)) {
		list = append(list, m.version.Claims[key])
	}
	for _, req := range m.version.Evidence {
		list = append(list, req.When)
	}
	for _, fee := range m.version.Fees {
		list = append(list, fee.When)
	}
	return list
}

// stringOf is a claim's value as text: numbers without a needless fraction.
func stringOf(v any) string {
	if n, ok := v.(float64); ok && n == float64(int64(n)) {
		return fmt.Sprint(int64(n))
	}
	return fmt.Sprint(v)
}
