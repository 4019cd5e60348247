package policy

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/party"
)

var formKeys = []string{"name", "id_number", "childName", "phone", "home_address", "bank_account", "hukou_since", "school"}

// TestFields is every standing of fields.yaml.
func TestFields(t *testing.T) {
	all := formKeys
	aCase := Resource{Type: TypeCase, Owner: "chen", Agencies: []string{"mzj", "gaj"}, Area: "310101"}
	with := func(r Resource, typ, duty string, needs ...string) Resource {
		r.Type, r.Role, r.Needs = typ, duty, needs
		return r
	}
	who := cast()
	twoRoles := officer("gaj", "", RoleOfficer, RoleSupervisor)
	tests := []struct {
		name string
		pr   Principal
		r    Resource
		want []string
	}{
		{"owner", who["owner"], aCase, all},
		{"owner's draft", who["owner"], with(aCase, TypeDraft, ""), all},
		{"legal representative", who["head"], aCase, all},
		{"agent sees the form", who["agent"], with(aCase, TypeDraft, ""), all},
		{"agent sees what the service names", who["agent"], with(aCase, TypeDraft, "", "phone", "school"), []string{"name", "id_number", "childName", "phone", "school"}},
		{"agent and a register", who["agent"], with(aCase, TypeFact, "", "hukou_since"), []string{"name", "id_number", "childName", "hukou_since"}},
		{"stranger", who["stranger"], aCase, nil},
		{"public", who["public"], aCase, nil},
		{"nobody", who["nobody"], Resource{Type: TypeCase}, nil},
		{"clerk alone", who["clerk"], aCase, nil},
		{"clerk with the applicant", who["clerk+chen"], with(aCase, TypeDraft, ""), all},
		{"lead agency", who["officer"], aCase, all},
		{"lead agency, other district", who["elsewhere"], aCase, nil},
		{"other agency between tasks", who["other"], aCase, []string{"name", "id_number", "childName"}},
		{"other agency reviews", who["other"], with(aCase, TypeCase, "review"), []string{"name", "id_number", "childName", "hukou_since", "school"}},
		{"other agency reviews named fields", who["other"], with(aCase, TypeCase, "review", "home_address"), []string{"name", "id_number", "childName", "home_address"}},
		{"other agency is consulted", who["other"], with(aCase, TypeCase, "consult"), []string{"hukou_since", "school"}},
		{"other agency is consulted on one field", who["other"], with(aCase, TypeCase, "consult", "school"), []string{"school"}},
		{"other agency accepts", who["other"], with(aCase, TypeTask, "accept"), all},
		{"other agency decides", who["other"], with(aCase, TypeTask, "decide"), all},
		{"other agency delivers", who["other"], with(aCase, TypeTask, "deliver"), []string{"name", "id_number", "childName", "phone", "home_address"}},
		{"agency not in the case", officer("jyj", "", RoleOfficer), with(aCase, TypeCase, "review"), nil},
		{"unknown duty", who["other"], with(aCase, TypeTask, "abolish"), nil},
		{"supervisor", who["supervisor"], aCase, nil},
		{"supervisor who handles too", twoRoles, aCase, []string{"name", "id_number", "childName"}},
		{"steward", who["steward"], aCase, nil},
		{"roleless", who["roleless"], aCase, nil},
		{"system", who["system"], aCase, all},
	}
	p := mustLoad(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, p.Fields(tt.pr, tt.r, formKeys)); diff != "" {
				t.Errorf("Fields (-want +got)\n%s", diff)
			}
		})
	}
}

// TestProof is who may know what names the document behind a piece of evidence:
// a licence's number may be its holder's own.
func TestProof(t *testing.T) {
	p, who := mustLoad(t), cast()
	aCase := Resource{Type: TypeCase, Owner: "chen", Agencies: []string{"mzj", "gaj"}, Area: "310101"}
	for _, tt := range []struct {
		name string
		pr   Principal
		duty string
		want bool
	}{
		{"owner", who["owner"], "", true},
		{"agent", who["agent"], "", true},
		{"clerk with the applicant", who["clerk+chen"], "", true},
		{"lead agency", who["officer"], "", true},
		{"other agency accepts", who["other"], "accept", true},
		{"other agency reviews", who["other"], "review", true},
		{"other agency decides", who["other"], "decide", true},
		{"other agency is consulted", who["other"], "consult", false},
		{"other agency delivers", who["other"], "deliver", false},
		{"other agency between tasks", who["other"], "", false},
		{"supervisor", who["supervisor"], "", false},
	} {
		r := aCase
		r.Role = tt.duty
		if got := len(p.Fields(tt.pr, r, []string{"evidence_source"})) == 1; got != tt.want {
			t.Errorf("%s: sees the proof = %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestFieldClass(t *testing.T) {
	p := mustLoad(t)
	for key, want := range map[string]string{
		"name": "identity", "childName": "identity", "child.birth-date": "identity", "uscc": "identity", "spouse_id": "identity",
		"phone": "contact", "HOME_ADDRESS": "contact", "recipientName": "contact",
		"bank": "money", "bankAccountName": "money", "monthly_income": "money",
		"evidence_source": "proof", "evidence.source": "proof",
		"school": "matter", "months": "matter", "": "matter",
	} {
		if got := p.fields.class(key); got != want {
			t.Errorf("class(%q) = %q, want %q", key, got, want)
		}
	}
}

func BenchmarkFields(b *testing.B) {
	p := mustLoad(b)
	pr := Principal{ID: "o", Kind: Officer, Agency: "gaj", Roles: []string{RoleOfficer}, Actor: party.Actor{}}
	r := Resource{Type: TypeCase, Owner: "chen", Agencies: []string{"mzj", "gaj"}, Role: "review"}
	for b.Loop() {
		p.Fields(pr, r, formKeys)
	}
}
