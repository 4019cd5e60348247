package api

import (
	"context"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/eligibility"
	"github.com/tongban/tongban/exchange"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/outreach"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/policy"
	"github.com/tongban/tongban/workday"
)

// Entitlements are what the policies say of one party today, with what was read
// for it.
type Entitlements struct {
	AsOf     workday.Date  `json:"asOf"`
	Items    []Entitlement `json:"items"`
	Receipts []ReadReceipt `json:"receipts" doc:"Each register that was asked; the party sees them too."`
}

// Entitlement is what one policy says of a party.
type Entitlement struct {
	Policy     string            `json:"policy"`
	Name       i18n.Text         `json:"name"`
	Agency     AgencyRef         `json:"agency"`
	Service    string            `json:"service,omitempty" doc:"The service to apply for."`
	Granted    bool              `json:"granted" doc:"Given without an application."`
	Verdict    string            `json:"verdict" enum:"yes,no,unknown" doc:"unknown: the city lacks a fact; neither yes nor no."`
	Held       bool              `json:"held" doc:"The party has it already."`
	Short      string            `json:"short,omitempty" doc:"A near miss: the one condition that is not met, while all others are."`
	Missing    []string          `json:"missing" doc:"Attributes that would decide an unknown."`
	Amount     *EntitledAmount   `json:"amount,omitempty" doc:"What it comes to where the verdict is yes; absent where it is unknown or no money."`
	Conditions []ConditionAnswer `json:"conditions"`
}

// EntitledAmount is a sum for a period.
type EntitledAmount struct {
	Yuan int64  `json:"yuan"`
	Per  string `json:"per" enum:"once,month,year"`
}

// ConditionAnswer is what one condition says, with what it read.
type ConditionAnswer struct {
	ID       string     `json:"id"`
	Label    i18n.Text  `json:"label"`
	Citation i18n.Text  `json:"citation"`
	Fix      i18n.Text  `json:"fix,omitzero" doc:"What one may do about it."`
	Verdict  string     `json:"verdict" enum:"yes,no,unknown"`
	Facts    []FactRead `json:"facts"`
}

// FactRead is one thing that a condition read.
type FactRead struct {
	Attribute string    `json:"attribute"`
	Label     i18n.Text `json:"label"`
	Value     i18n.Text `json:"value"`
	Source    i18n.Text `json:"source,omitzero" doc:"The register."`
	Known     bool      `json:"known"`
}

// ReadReceipt says that a register was asked.
type ReadReceipt struct {
	ID       string    `json:"id"`
	Register string    `json:"register"`
	Source   i18n.Text `json:"source"`
	Found    bool      `json:"found" doc:"The register has an entry."`
}

type entitlementsInput struct {
	Only string `query:"only" enum:"entitled,near,unknown" doc:"Absent: every policy in force."`
}

func (s *server) entitlementOperations() {
	route(s, signed, get("listEntitlements", "/api/v1/me/entitlements", "entitlements", "What am I entitled to, and why",
		"Of whom one acts for, by a mandate for everything. Read from the registers now; every register asked leaves a receipt."), s.listEntitlements)
}

func (s *server) listEntitlements(ctx context.Context, in *entitlementsInput) (*body[Entitlements], error) {
	pr := who(ctx)
	if err := s.Policy.Allow(pr, policy.EntitlementView, policy.Resource{Type: policy.TypeParty, ID: string(pr.Actor.For), Owner: pr.Actor.For}); err != nil {
		return nil, err
	}
	out := Entitlements{AsOf: s.today(), Items: []Entitlement{}, Receipts: []ReadReceipt{}}
	one, err := s.Parties.Get(ctx, s.DB.Reader(), pr.Actor.For)
	if err != nil {
		return nil, err
	}
	audience := "resident"
	if one.Kind == party.Organisation {
		audience = "firm"
	}
	var answers map[string]exchange.Answer
	err = s.DB.Write(ctx, func(ctx context.Context, tx db.Tx) (err error) {
		answers, err = s.Exchange.Look(ctx, tx, one.ID, eligibility.Fields(s.City.AttributesOf(audience)), string(pr.Actor.Party), outreach.PurposeLook)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, r := range s.City.Resources {
		if a, ok := answers[r.ID]; ok {
			out.Receipts = append(out.Receipts, ReadReceipt{ID: a.Request, Register: r.ID, Source: a.Source, Found: a.Found})
		}
	}
	for _, d := range s.Book.DecideAll(audience, s.Book.Facts(audience, eligibility.EntriesOf(answers), s.Clock()), out.AsOf) {
		if wanted(in.Only, d) {
			out.Items = append(out.Items, s.entitlement(d))
		}
	}
	return &body[Entitlements]{out}, nil
}

func wanted(only string, d eligibility.Decision) bool {
	switch only {
	case "entitled":
		return d.Verdict == criterion.Yes
	case "near":
		return d.Short != ""
	case "unknown":
		return d.Verdict == criterion.Unknown
	}
	return true
}

func (s *server) entitlement(d eligibility.Decision) Entitlement {
	p, _ := s.City.Policy(d.Policy)
	return Entitlement{Policy: p.ID, Name: p.Name, Agency: s.agency(p.Agency), Service: p.Service, Granted: p.Grant != nil, Verdict: d.Verdict.String(),
		Held: d.Held, Short: d.Short, Missing: keep(d.Missing), Amount: entitledAmount(p, d), Conditions: each(d.Conditions, conditionAnswer)}
}

func entitledAmount(p *catalog.Policy, d eligibility.Decision) *EntitledAmount {
	if d.Amount == nil || d.Verdict != criterion.Yes {
		return nil
	}
	return &EntitledAmount{Yuan: *d.Amount, Per: p.Amount.Per}
}

func conditionAnswer(c eligibility.ConditionResult) ConditionAnswer {
	return ConditionAnswer{ID: c.ID, Label: c.Label, Citation: c.Citation, Fix: c.Fix, Verdict: c.Verdict.String(),
		Facts: each(c.Facts, func(f eligibility.FactShown) FactRead {
			return FactRead{Attribute: f.Attribute, Label: f.Label, Value: f.Value, Source: f.Source, Known: f.Known}
		})}
}

// entitlementKinds are the faults of what one is offered and given.
var entitlementKinds = []fault.Kind{fault.NotFound, fault.Conflict}
