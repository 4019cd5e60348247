package policy

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/party"
)

func mustLoad(t testing.TB) *Policy {
	t.Helper()
	p, err := Load()
	if err != nil {
		t.Fatalf("Load() = %v, want nil", err)
	}
	return p
}

func officer(agency, area string, roles ...string) Principal {
	return Principal{ID: "o-" + agency + area, Kind: Officer, Agency: agency, Area: area, Roles: roles}
}

// cast is every sort of principal, by a short name. Chen owns things, Li is
// Chen's agent in everything, Hu in two services, Wang heads the firm, Zhou is a stranger.
func cast() map[string]Principal {
	clerk := officer("sq", "", RoleClerk)
	sitting := clerk
	sitting.Actor = party.Actor{Party: "tang", For: "chen"}
	both := officer("mzj", "", RoleOfficer, RoleDecider, RoleClerk)
	both.Actor = party.Actor{Party: "qian", For: "chen"}
	self := officer("mzj", "", RoleOfficer, RoleDecider)
	self.Actor = party.Actor{Party: "chen", For: "chen"}
	return map[string]Principal{
		"public":       {},
		"owner":        {ID: "chen", Kind: Citizen, Actor: party.Actor{Party: "chen", For: "chen"}},
		"agent":        {ID: "li", Kind: Citizen, Actor: party.Actor{Party: "li", For: "chen", Mandate: "m1"}},
		"helper":       {ID: "hu", Kind: Citizen, Actor: party.Actor{Party: "hu", For: "chen", Mandate: "m3"}, Services: []string{"allowance", "card"}},
		"head":         {ID: "wang", Kind: Citizen, Actor: party.Actor{Party: "wang", For: "chen", Mandate: "m2"}, Roles: []string{RoleLegalRepresentative}},
		"stranger":     {ID: "zhou", Kind: Citizen, Actor: party.Actor{Party: "zhou", For: "zhou"}},
		"nobody":       {ID: "x", Kind: Citizen},
		"officer":      officer("mzj", "", RoleOfficer),
		"decider":      officer("mzj", "", RoleDecider),
		"other":        officer("gaj", "", RoleOfficer, RoleDecider),
		"district":     officer("mzj", "310101", RoleOfficer, RoleDecider),
		"elsewhere":    officer("mzj", "310104", RoleOfficer, RoleDecider),
		"clerk":        clerk,
		"clerk+chen":   sitting,
		"all+chen":     both,
		"own-affair":   self,
		"supervisor":   officer("dsj", "", RoleSupervisor),
		"supervisor-d": officer("dsj", "310104", RoleSupervisor),
		"steward":      officer("dsj", "", RoleSteward),
		"roleless":     officer("mzj", ""),
		"system":       {ID: "worker", Kind: System},
	}
}

const (
	everybody = "agent all+chen clerk clerk+chen decider district elsewhere head helper nobody officer other own-affair owner public roleless steward stranger supervisor supervisor-d system"
	handlers  = "decider district officer"
)

// TestAllow is every principal against every action: who is not named is
// refused.
func TestAllow(t *testing.T) {
	res := func(typ, duty string) Resource {
		return Resource{Type: typ, ID: "1", Owner: "chen", Agencies: []string{"mzj"}, Area: "310101", Role: duty}
	}
	belongs := func(typ string, services ...string) Resource {
		r := res(typ, "")
		r.Services = services
		return r
	}
	tests := []struct {
		action Action
		on     Resource
		want   string
	}{
		{ServiceView, res(TypeService, ""), everybody},
		{LicenceVerify, res(TypeLicence, ""), everybody},
		{DraftStart, res(TypeDraft, ""), "agent all+chen clerk+chen head helper owner system"},
		{DraftView, res(TypeDraft, ""), "agent all+chen clerk+chen head helper owner system"},
		{DraftEdit, res(TypeDraft, ""), "agent all+chen clerk+chen head helper owner system"},
		{DraftSubmit, res(TypeDraft, ""), "agent all+chen clerk+chen head helper owner system"},
		{CaseAct, res(TypeCase, ""), "agent all+chen clerk+chen head helper owner system"},
		{CaseView, res(TypeCase, ""), "agent all+chen clerk+chen head helper own-affair owner supervisor system " + handlers},
		{CaseHandle, res(TypeCase, ""), "system " + handlers},
		{CaseExtend, res(TypeCase, ""), "decider district system"},
		{TaskView, res(TypeTask, "accept"), "all+chen own-affair supervisor system " + handlers},
		{TaskComplete, res(TypeTask, "accept"), "system " + handlers},
		{TaskComplete, res(TypeTask, "review"), "system " + handlers},
		{TaskComplete, res(TypeTask, "consult"), "system " + handlers},
		{TaskComplete, res(TypeTask, "deliver"), "system " + handlers},
		{TaskComplete, res(TypeTask, "decide"), "decider district system"},
		{TaskComplete, res(TypeTask, "abolish"), "system"},
		{LicenceView, res(TypeLicence, ""), "agent all+chen head own-affair owner system " + handlers},
		{LicenceView, belongs(TypeLicence, "card", "permit"), "agent all+chen head helper own-affair owner system " + handlers},
		{LicenceView, belongs(TypeLicence, "permit"), "agent all+chen head own-affair owner system " + handlers},
		{LicencePresent, belongs(TypeLicence, "card"), "agent head helper owner system"},
		{MessageView, res(TypeMessage, ""), "agent all+chen clerk+chen head owner system"},
		{MessageView, belongs(TypeMessage, "allowance"), "agent all+chen clerk+chen head helper owner system"},
		{MessageRead, res(TypeMessage, ""), "agent all+chen clerk+chen head owner system"},
		{LicencePresent, res(TypeLicence, ""), "agent head owner system"},
		{LicenceIssue, res(TypeLicence, ""), "decider district system"},
		{LicenceRevoke, res(TypeLicence, ""), "decider district system"},
		{MandateView, res(TypeMandate, ""), "agent head helper owner system"},
		{MandateGrant, res(TypeMandate, ""), "head owner system"},
		{MandateRevoke, res(TypeMandate, ""), "head owner system"},
		{PartyView, res(TypeParty, ""), "agent all+chen clerk+chen head helper owner system"},
		{PartyEdit, res(TypeParty, ""), "head owner system"},
		{ReceiptView, res(TypeParty, ""), "head owner system"},
		{FactAsk, res(TypeFact, ""), "agent all+chen clerk+chen head helper own-affair owner system " + handlers},
		{FactCorrect, res(TypeFact, ""), "agent all+chen clerk+chen head helper owner system"},
		{IntakeStart, res(TypeParty, ""), "all+chen clerk clerk+chen system"},
		{InboxView, res(TypeInbox, ""), "all+chen elsewhere own-affair system " + handlers},
		{TeamView, res(TypeTeam, ""), "supervisor system"},
		{TeamView, Resource{Type: TypeTeam}, "supervisor supervisor-d system"},
		{DirectoryView, res(TypeDirectory, ""), "all+chen clerk clerk+chen decider district elsewhere officer other own-affair roleless steward supervisor supervisor-d system"},
		{DirectoryManage, res(TypeDirectory, ""), "steward system"},
		{AuditView, res(TypeAudit, ""), "steward supervisor system"},
		{GrantView, res(TypeGrant, ""), "agent all+chen elsewhere head own-affair owner system " + handlers},
		{GrantView, Resource{Type: TypeGrant, Agencies: []string{"mzj"}}, "all+chen elsewhere own-affair supervisor supervisor-d system " + handlers},
		{GrantRefuse, res(TypeGrant, ""), "agent head owner system"},
		{GrantPropose, res(TypeGrant, ""), "elsewhere system " + handlers},
		{GrantConfirm, res(TypeGrant, ""), "decider district elsewhere system"},
		{GrantRecover, res(TypeGrant, ""), "decider district elsewhere system"},
		{RuleView, res(TypeRule, ""), "all+chen elsewhere own-affair supervisor supervisor-d system " + handlers},
		{RuleDraft, res(TypeRule, ""), "all+chen decider district elsewhere own-affair system"},
		{EntitlementView, res(TypeParty, ""), "agent head owner system"},
	}
	p := mustLoad(t)
	seen := map[Action]bool{}
	for _, tt := range tests {
		seen[tt.action] = true
		var got []string
		for name, pr := range cast() {
			err := p.Allow(pr, tt.action, tt.on)
			switch {
			case err == nil:
				got = append(got, name)
			case name == "public" && !fault.Is(err, fault.Unauthenticated):
				t.Errorf("%s for the public = %v, want unauthenticated", tt.action, err)
			case name != "public" && !fault.Is(err, fault.Denied):
				t.Errorf("%s for %s = %v, want denied", tt.action, name, err)
			}
		}
		slices.Sort(got)
		want := strings.Fields(tt.want)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s on %s %s: allowed (-want +got)\n%s", tt.action, tt.on.Type, tt.on.Role, diff)
		}
	}
	for _, a := range p.Actions() {
		if !seen[a] {
			t.Errorf("action %q of the schema has no row in this test", a)
		}
	}
}

func TestAllowRefusesWhatItDoesNotKnow(t *testing.T) {
	p := mustLoad(t)
	owner := cast()["owner"]
	tests := []struct {
		name string
		a    Action
		r    Resource
	}{
		{"unknown action", "case.erase", Resource{Type: TypeCase, Owner: "chen"}},
		{"unknown type", CaseView, Resource{Type: "parcel", Owner: "chen"}},
		{"wrong type", CaseView, Resource{Type: TypeDraft, Owner: "chen"}},
		{"no owner", CaseView, Resource{Type: TypeCase}},
	}
	for _, tt := range tests {
		if err := p.Allow(owner, tt.a, tt.r); !fault.Is(err, fault.Denied) {
			t.Errorf("%s: Allow(%s on %s) = %v, want denied", tt.name, tt.a, tt.r.Type, err)
		}
	}
	if err := p.Allow(officer("", "", RoleOfficer), CaseView, Resource{Type: TypeCase, Owner: "chen"}); !fault.Is(err, fault.Denied) {
		t.Errorf("officer without agency on a case without agency = %v, want denied", err)
	}
}

// TestReasons holds every denial to words of its own in both languages.
func TestReasons(t *testing.T) {
	p := mustLoad(t)
	for name, pr := range cast() {
		for _, a := range p.Actions() {
			_, message, _ := fault.Shown(denied(pr, a, nil))
			if message.ZH == "" || message.EN == "" || message.ZH == message.EN {
				t.Fatalf("%s, %s: message = %+v, want both languages", name, a, message)
			}
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	tests := []struct{ name, file, src, want string }{
		{"syntax", "x.cedar", `permit (principal`, "x.cedar"},
		{"no id", "x.cedar", `permit (principal, action == Action::"case.view", resource);`, "@id"},
		{"unknown attribute", "x.cedar", `@id("x") permit (principal is Officer, action == Action::"case.view", resource) when { principal.age > 3 };`, "age"},
		{"unknown action", "x.cedar", `@id("x") permit (principal, action == Action::"case.erase", resource);`, "case.erase"},
		{"unknown class", "fields.yaml", "classes: []\nsees: [{who: owner, classes: [secret]}]", "secret"},
		{"unknown key", "fields.yaml", "klasses: []", "klasses"},
		{"bad pattern", "fields.yaml", `classes: [{class: a, keys: ["a*b"]}]`, "a*b"},
	}
	for _, tt := range tests {
		fsys := fstest.MapFS{}
		for _, name := range []string{"city.cedarschema", "fields.yaml", "officer.cedar"} {
			src, err := files.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			fsys[name] = &fstest.MapFile{Data: src}
		}
		fsys[tt.file] = &fstest.MapFile{Data: []byte(tt.src)}
		_, err := load(fsys)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: load() = %v, want an error with %q", tt.name, err, tt.want)
		}
	}
}

// TestScopeAgrees holds the scope of lists to the answer of Cedar.
func TestScopeAgrees(t *testing.T) {
	p := mustLoad(t)
	rapid.Check(t, func(t *rapid.T) {
		agency := rapid.SampledFrom([]string{"", "mzj", "gaj"})
		area := rapid.SampledFrom([]string{"", "310101", "310104"})
		person := rapid.SampledFrom([]party.ID{"", "chen", "zhou"})
		pr := Principal{
			ID:     "p",
			Kind:   rapid.SampledFrom([]Kind{Public, Citizen, Officer, System}).Draw(t, "kind"),
			Actor:  party.Actor{Party: person.Draw(t, "party"), For: person.Draw(t, "for")},
			Agency: agency.Draw(t, "agency"),
			Area:   area.Draw(t, "area"),
			Roles:  rapid.SliceOfDistinct(rapid.SampledFrom([]string{RoleOfficer, RoleDecider, RoleClerk, RoleSupervisor, RoleSteward}), rapid.ID).Draw(t, "roles"),
		}
		r := Resource{
			Type:     TypeCase,
			ID:       "c",
			Owner:    person.Draw(t, "owner"),
			Agencies: rapid.SliceOf(rapid.SampledFrom([]string{"mzj", "gaj"})).Draw(t, "agencies"),
			Area:     area.Draw(t, "where"),
		}
		got, want := ScopeOf(pr).Covers(r), p.Allow(pr, CaseView, r) == nil
		if got != want {
			t.Fatalf("Scope %+v covers %+v = %v, Cedar says %v", ScopeOf(pr), r, got, want)
		}
		if ScopeOf(pr).None() && want {
			t.Fatalf("Scope of %+v is none, Cedar allows %+v", pr, r)
		}
	})
}

func BenchmarkAllow(b *testing.B) {
	p := mustLoad(b)
	pr := officer("mzj", "310101", RoleOfficer, RoleDecider)
	r := Resource{Type: TypeTask, ID: "1", Owner: "chen", Agencies: []string{"mzj", "gaj"}, Area: "310101", Role: "decide"}
	b.ReportAllocs()
	for b.Loop() {
		if err := p.Allow(pr, TaskComplete, r); err != nil {
			b.Fatal(err)
		}
	}
}
