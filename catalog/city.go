// Package catalog is what a city offers: its agencies and areas, its services
// with their published versions, its life events, and the search over them. A
// city is a folder (a pack), read by Load and checked as a whole; nothing of a
// city stands in code. Service types, channels and handling follow GB/T 39554;
// area codes follow GB/T 2260.
//
// The types in this package are the pack's file formats: a yaml tag is the key
// in the file. Unknown keys are refused. What is not omitempty is required where
// it is a text, a string or a date. A service's types have the same names in
// JSON: a running case is pinned to the hash of its version's JSON.
package catalog

import (
	"github.com/tongban/tongban/form"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/process"
	"github.com/tongban/tongban/workday"
)

// City is a whole pack, loaded and checked. It is read-only.
type City struct {
	Profile    Profile
	Calendar   *workday.Calendar
	Agencies   []Agency
	Sectors    []Sector
	Services   []*Service // in order of sector, then popularity
	Events     []*LifeEvent
	Licences   []LicenceType
	Resources  []Resource
	Attributes []Attribute                    // facts that policies may read
	Policies   []*Policy                      // in order of sector, then id
	Forms      map[string]*form.Form          // by id
	Processes  map[string]*process.Definition // by id
	People     People
	Officers   []Officer
	Synonyms   [][]string // each row: words that mean the same, any language
	Version    string     // SHA-256 over the pack's files, hex, first 16 digits

	services map[string]*Service // by id; nil in a city that Load did not make
	policies map[string]*Policy
}

// Profile is city.yaml: what makes the place that place.
type Profile struct {
	ID       string    `yaml:"id"`   // "shanghai"
	Code     string    `yaml:"code"` // GB/T 2260, "310000"
	Name     i18n.Text `yaml:"name"`
	Portal   i18n.Text `yaml:"portal"` // the portal's name
	Slogan   i18n.Text `yaml:"slogan"`
	Zone     string    `yaml:"zone"`    // IANA time zone
	Hotline  string    `yaml:"hotline"` // "12345"
	Areas    []Area    `yaml:"areas"`
	Sectors  []Sector  `yaml:"sectors"`
	Popular  []string  `yaml:"popular"`  // service ids on the home page
	Events   []string  `yaml:"events"`   // life event ids, in the order in which they are offered
	Examples []string  `yaml:"examples"` // words offered under the search box

	// Present says, by audience, who counts at all: the dead and the dissolved
	// are entitled to nothing. It is the last condition of every policy.
	Present map[string]PolicyCondition `yaml:"present,omitempty"`
	// Groups says, by audience, by what counts of people are broken down.
	Groups map[string]Grouping `yaml:"groups,omitempty"`
}

// Grouping names attributes to group an audience by; an empty one is not used.
type Grouping struct {
	Area  string `yaml:"area,omitempty"`  // of type string: the district
	Birth string `yaml:"birth,omitempty"` // of type date
}

// Area is a district (GB/T 2260, six digits).
type Area struct {
	Code string    `yaml:"code"`
	Name i18n.Text `yaml:"name"`
}

// Sector groups services for browsing: education, medical, housing, ...
type Sector struct {
	ID      string    `yaml:"id"`
	Name    i18n.Text `yaml:"name"`
	Summary i18n.Text `yaml:"summary"`
	Icon    string    `yaml:"icon"` // a Lucide icon's name
}

// Agency is one who serves (agencies.yaml, a list).
type Agency struct {
	ID    string    `yaml:"id"`   // "mzj"
	Code  string    `yaml:"code"` // USCC, 18 characters (sample ones have valid check digits)
	Name  i18n.Text `yaml:"name"`
	Short i18n.Text `yaml:"short"`
	Level string    `yaml:"level"` // "city", "district", "street"
	Phone string    `yaml:"phone"`
}

// Service is services/<sector>/<id>.yaml: one thing that a resident or a firm
// can have done.
type Service struct {
	ID       string           `yaml:"id" json:"id"`
	Code     string           `yaml:"code,omitempty" json:"code,omitzero"`             // basic code, 12 digits; required where there is no Local
	Local    string           `yaml:"local-code,omitempty" json:"local-code,omitzero"` // the code in the agency's own list, as it came
	Type     string           `yaml:"type" json:"type"`                                // 01 .. 10, 20
	Sector   string           `yaml:"sector" json:"sector"`
	Agency   string           `yaml:"agency" json:"agency"`     // the lead agency
	Audience []string         `yaml:"audience" json:"audience"` // "resident", "firm"
	Name     i18n.Text        `yaml:"name" json:"name"`
	Aliases  []string         `yaml:"aliases" json:"aliases"` // how people call it, any language
	Versions []ServiceVersion `yaml:"versions" json:"versions"`
}

// ServiceVersion is what an agency publishes of a service from a date on.
type ServiceVersion struct {
	Effective workday.Date          `yaml:"effective" json:"effective"`
	Until     workday.Date          `yaml:"until,omitempty" json:"until,omitzero"`         // last day in force; zero: open
	Source    string                `yaml:"source" json:"source"`                          // where the facts come from, or "sample"
	Summary   i18n.Text             `yaml:"summary" json:"summary"`                        // one sentence: what you get
	Who       i18n.Text             `yaml:"who" json:"who"`                                // who can have it, in plain words
	Outcome   i18n.Text             `yaml:"outcome" json:"outcome"`                        // what is in hand at the end
	Condition string                `yaml:"condition,omitempty" json:"condition,omitzero"` // CEL over the form's fields and scenario answers: must hold to submit
	Refusal   i18n.Text             `yaml:"refusal,omitempty" json:"refusal,omitzero"`     // said where the condition does not hold
	Channels  []string              `yaml:"channels" json:"channels"`                      // 1 counter, 2 computer, 3 mobile, 4 courier, 9 other
	Handling  string                `yaml:"handling" json:"handling"`                      // 1 instant, 2 committed
	Limits    Limits                `yaml:"limits" json:"limits"`
	Visits    Visits                `yaml:"visits" json:"visits"`
	Fees      []Fee                 `yaml:"fees,omitempty" json:"fees,omitzero"`
	Steps     []i18n.Text           `yaml:"steps" json:"steps"` // as the applicant lives them
	Scenarios []Scenario            `yaml:"scenarios,omitempty" json:"scenarios,omitzero"`
	Evidence  []EvidenceRequirement `yaml:"evidence,omitempty" json:"evidence,omitzero"`
	Basis     []Basis               `yaml:"basis" json:"basis"`
	Outputs   []string              `yaml:"outputs,omitempty" json:"outputs,omitzero"`   // licence type ids
	Delivery  []string              `yaml:"delivery,omitempty" json:"delivery,omitzero"` // "online", "courier", "counter"
	Form      string                `yaml:"form,omitempty" json:"form,omitzero"`         // form id; empty: not yet to be had online
	Process   string                `yaml:"process,omitempty" json:"process,omitzero"`   // process id
	Agencies  map[string]string     `yaml:"agencies,omitempty" json:"agencies,omitzero"` // process role -> agency id; role "lead" is the service's agency
	Claims    map[string]string     `yaml:"claims,omitempty" json:"claims,omitzero"`     // licence claim -> CEL over the case's variables
}

// Online reports whether the version can be applied for on the portal.
func (v *ServiceVersion) Online() bool { return v.Form != "" && v.Process != "" }

// Limits are the time limits, in working days. Zero statutory days means that
// the law sets none; instant services have zero committed days.
type Limits struct {
	Statutory int       `yaml:"statutory" json:"statutory"`
	Committed int       `yaml:"committed" json:"committed"`
	Basis     i18n.Text `yaml:"basis,omitempty" json:"basis,omitzero"`
}

// Visits is how often the applicant must come. More than none needs a reason.
type Visits struct {
	Count  int       `yaml:"count" json:"count"`
	Reason i18n.Text `yaml:"reason,omitempty" json:"reason,omitzero"`
}

// Fee is one charge. Amount is in fen (0.01 yuan) and goes to Agency.
type Fee struct {
	Name     i18n.Text `yaml:"name" json:"name"`
	Amount   int64     `yaml:"amount" json:"amount"`
	Agency   string    `yaml:"agency" json:"agency"`
	Basis    i18n.Text `yaml:"basis" json:"basis"`
	Standard i18n.Text `yaml:"standard" json:"standard"`
	When     string    `yaml:"when,omitempty" json:"when,omitzero"` // CEL
}

// Scenario is a question asked first; its answer decides which evidence and
// steps apply. The answer is the CEL variable scenario.<ID>.
type Scenario struct {
	ID       string    `yaml:"id" json:"id"`
	Question i18n.Text `yaml:"question" json:"question"`
	Choices  []Choice  `yaml:"choices" json:"choices"`
}

// Choice is one answer.
type Choice struct {
	Value string    `yaml:"value" json:"value"`
	Label i18n.Text `yaml:"label" json:"label"`
}

// EvidenceRequirement is one thing that must be proved, and the ways in which
// the city can know it. They are tried in the order Licence, Fact, Reuse,
// Pledge; only then is the applicant asked to upload.
type EvidenceRequirement struct {
	ID       string    `yaml:"id" json:"id"`
	Name     i18n.Text `yaml:"name" json:"name"`
	Hint     i18n.Text `yaml:"hint,omitempty" json:"hint,omitzero"`
	Basis    i18n.Text `yaml:"basis" json:"basis"`                  // why the law asks for it
	When     string    `yaml:"when,omitempty" json:"when,omitzero"` // CEL; empty: always
	Optional bool      `yaml:"optional,omitempty" json:"optional,omitzero"`
	Licence  string    `yaml:"licence,omitempty" json:"licence,omitzero"` // licence type that proves it
	Fact     *Fact     `yaml:"fact,omitempty" json:"fact,omitzero"`       // register entry that proves it
	Reuse    int       `yaml:"reuse,omitempty" json:"reuse,omitzero"`     // an earlier upload counts for so many days
	Pledge   i18n.Text `yaml:"pledge,omitempty" json:"pledge,omitzero"`   // the text of the pledge where the law allows one
	Later    bool      `yaml:"later,omitempty" json:"later,omitzero"`     // provisional acceptance: may be handed in after submission
}

// Fact asks a resource about the subject; Holds is CEL over its fields
// (empty: an entry is enough).
type Fact struct {
	Resource string `yaml:"resource" json:"resource"`
	Holds    string `yaml:"holds,omitempty" json:"holds,omitzero"`
}

// Basis is a rule of law that a service stands on.
type Basis struct {
	Title   i18n.Text    `yaml:"title" json:"title"`
	Article string       `yaml:"article,omitempty" json:"article,omitzero"` // 第三十二条
	Date    workday.Date `yaml:"date,omitempty" json:"date,omitzero"`       // in force from
}

// LifeEvent is events/<id>.yaml: several services as one, with one form and one
// submission.
type LifeEvent struct {
	ID       string        `yaml:"id"`
	Name     i18n.Text     `yaml:"name"`
	Aliases  []string      `yaml:"aliases"`
	Audience []string      `yaml:"audience"`
	Summary  i18n.Text     `yaml:"summary"`
	Icon     string        `yaml:"icon"`
	Source   string        `yaml:"source"`
	Members  []EventMember `yaml:"members"`
	Before   Reductions    `yaml:"before"` // doing each on its own, in the old way
	After    Reductions    `yaml:"after"`
}

// EventMember is one service of a life event. It starts when all services in
// After have ended well; Feed fills its form fields from their results:
// field -> "<service>.<claim>".
type EventMember struct {
	Service  string            `yaml:"service"`
	Optional bool              `yaml:"optional,omitempty"` // the applicant may leave it out
	After    []string          `yaml:"after,omitempty"`
	Feed     map[string]string `yaml:"feed,omitempty"`
}

// Reductions are the five measures: steps, working days, documents handed in,
// visits, and cost in fen.
type Reductions struct {
	Steps     int   `yaml:"steps" json:"steps"`
	Days      int   `yaml:"days" json:"days"`
	Documents int   `yaml:"documents" json:"documents"`
	Visits    int   `yaml:"visits" json:"visits"`
	Cost      int64 `yaml:"cost" json:"cost"`
}

// LicenceType is one kind of electronic licence (licences.yaml, a list).
type LicenceType struct {
	ID     string    `yaml:"id"`
	Code   string    `yaml:"code"` // GB/T 36902 type code: USCC of the defining authority + 3 digits
	Name   i18n.Text `yaml:"name"`
	Issuer string    `yaml:"issuer"` // agency id
	Months int       `yaml:"months"` // validity; 0: until revoked
	Claims []Claim   `yaml:"claims"`

	// Founds marks the licence whose issue founds the organisation that holds
	// it: a new party is made of the claims "name" and the licence's number,
	// with the applicant as its legal representative.
	Founds bool `yaml:"founds,omitempty"`
	// Registers is the register entry that issuing the licence writes about its
	// holder.
	Registers *Registration `yaml:"registers,omitempty"`
}

// Registration maps the fields of a resource to the claims they are taken from.
type Registration struct {
	Resource string            `yaml:"resource"`
	Fields   map[string]string `yaml:"fields"` // field -> claim
}

// Claim is one field of a licence. Always marks those that every presentation
// shows; the rest are disclosed by choice.
type Claim struct {
	Key    string    `yaml:"key"`
	Label  i18n.Text `yaml:"label"`
	Always bool      `yaml:"always,omitempty"`
}

// Resource is a register that an agency shares (resources.yaml, a list).
type Resource struct {
	ID     string          `yaml:"id"`
	Name   i18n.Text       `yaml:"name"`
	Agency string          `yaml:"agency"`
	Fields []ResourceField `yaml:"fields"`
}

// ResourceField is a column of a register. Type is a CEL type: string, int,
// double, bool, date (a string in the form 2006-01-02).
type ResourceField struct {
	Key   string    `yaml:"key"`
	Type  string    `yaml:"type"`
	Label i18n.Text `yaml:"label"`
}

// People is people.yaml: the synthetic inhabitants of the demo.
type People struct {
	Persons       []Persona     `yaml:"persons"`
	Organisations []Persona     `yaml:"organisations"`
	Mandates      []MandateSeed `yaml:"mandates"`
}

// Persona is one synthetic person or firm with what the registers and the
// licence library already hold on them.
type Persona struct {
	ID       string                    `yaml:"id"` // "chen-guilan"
	Name     string                    `yaml:"name"`
	Latin    string                    `yaml:"latin,omitempty"` // the name in Latin letters
	Story    i18n.Text                 `yaml:"story"`
	IDType   string                    `yaml:"id-type"` // 111 citizen id, 414 passport, 001 USCC
	IDNumber string                    `yaml:"id-number"`
	Birth    workday.Date              `yaml:"birth,omitempty"`
	Sex      string                    `yaml:"sex,omitempty"` // "f", "m"
	Phone    string                    `yaml:"phone"`
	Address  string                    `yaml:"address"`
	Area     string                    `yaml:"area"` // district code
	Lang     i18n.Lang                 `yaml:"lang,omitempty"`
	Elder    bool                      `yaml:"elder,omitempty"` // opens in elder mode
	Demo     bool                      `yaml:"demo,omitempty"`  // offered on the demo's sign-in page
	Facts    map[string]map[string]any `yaml:"facts,omitempty"` // resource -> field -> value
	Licences []LicenceSeed             `yaml:"licences,omitempty"`
}

// LicenceSeed is a licence that a persona already holds.
type LicenceSeed struct {
	Type   string            `yaml:"type"`
	Issued workday.Date      `yaml:"issued"`
	Claims map[string]string `yaml:"claims"`
}

// MandateSeed is a mandate that already stands.
type MandateSeed struct {
	Principal string       `yaml:"principal"`          // for whom: persona id
	Agent     string       `yaml:"agent"`              // who acts
	Kind      string       `yaml:"kind"`               // legal-representative, agent, parent, helper
	Services  []string     `yaml:"services,omitempty"` // empty: all
	Until     workday.Date `yaml:"until,omitempty"`
}

// Officer is a public servant of the demo (officers.yaml, a list).
type Officer struct {
	ID     string    `yaml:"id"`
	Name   string    `yaml:"name"`
	Latin  string    `yaml:"latin"`
	Agency string    `yaml:"agency"`
	Area   string    `yaml:"area,omitempty"` // empty: the whole city
	Roles  []string  `yaml:"roles"`          // officer, decider, clerk, supervisor, steward
	Story  i18n.Text `yaml:"story"`
	Demo   bool      `yaml:"demo,omitempty"`
}
