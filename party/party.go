// Package party is who the city serves: persons and organisations, the numbers
// that identify them, and the mandates by which one acts for another.
//
// A person acts for itself. It acts for someone else only under a live Mandate
// that covers the service; Acting decides that, in one place, and its Actor goes
// into every act, so that each shows who acted for whom. Mandates do not chain:
// an agent cannot appoint another, and a mandate of a mandate does not count.
// What each kind of mandate requires, with the article of law, is in rule.go.
//
// Names are kept letter by letter as they stand in the register (no Unicode
// normalisation, which would change rare characters of names).
package party

import (
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/internal/id"
	"github.com/tongban/tongban/party/identifier"
	"github.com/tongban/tongban/workday"
)

// ID identifies a party.
type ID string

// NewID is a fresh identifier.
func NewID() ID { return ID(id.New()) }

// System is the grantor of what a register says. It is no party.
const System ID = "system"

// Kind says what a party is.
type Kind string

// The kinds.
const (
	Person       Kind = "person"
	Organisation Kind = "organisation"
)

// Party is a person or an organisation. Birth and Sex ("f", "m") are of persons;
// for holders of a citizen id they are what the id says.
type Party struct {
	ID       ID           `json:"id"`
	Kind     Kind         `json:"kind"`
	Name     string       `json:"name"`
	Latin    string       `json:"latin,omitempty"` // the name in Latin letters
	IDType   string       `json:"idType"`          // identifier.CitizenID, .Passport, .USCC
	IDNumber string       `json:"idNumber"`        // canonical
	Birth    workday.Date `json:"birth,omitzero"`
	Sex      string       `json:"sex,omitempty"`
	Phone    string       `json:"phone,omitempty"`
	Address  string       `json:"address,omitempty"`
	Area     string       `json:"area,omitempty"` // GB/T 2260
	Lang     i18n.Lang    `json:"lang,omitempty"` // in which to write to the party
	Elder    bool         `json:"elder,omitempty"`
}

// Actor is who acts: Party, for For, under Mandate. For is Party and Mandate is
// empty when a person acts for itself.
type Actor struct {
	Party   ID     `json:"party"`
	For     ID     `json:"for"`
	Mandate string `json:"mandate,omitempty"`
}

// Self reports whether the actor acts for itself.
func (a Actor) Self() bool { return a.Party == a.For }

// Mandate lets Agent act for Principal in Services (empty: in all) from From
// until Until (zero: until it is revoked). GrantedBy is the principal, the legal
// representative of an organisation, or System.
type Mandate struct {
	ID        string    `json:"id"`
	Principal ID        `json:"principal"`
	Agent     ID        `json:"agent"`
	Kind      string    `json:"kind"`
	Services  []string  `json:"services,omitempty"`
	From      time.Time `json:"from"`
	Until     time.Time `json:"until,omitzero"`
	RevokedAt time.Time `json:"revokedAt,omitzero"`
	RevokedBy ID        `json:"revokedBy,omitempty"`
	GrantedBy ID        `json:"grantedBy"`
}

// CheckCitizenID checks form, date and check character of a citizen id (GB
// 11643). The fault says what is wrong.
func CheckCitizenID(s string) error { return identifier.CheckCitizenID(s) }

// CheckUSCC checks form and check character of a unified social credit code (GB
// 32100). The fault says what is wrong.
func CheckUSCC(s string) error { return identifier.CheckUSCC(s) }

// BirthOf is the date of birth and the sex that a valid citizen id says; zero
// and empty for an invalid one.
func BirthOf(citizenID string) (workday.Date, string) { return identifier.BirthOf(citizenID) }

// Attribute is what a form's fill "party.KEY" is filled with: name, latin,
// id_type, id_number, birth, sex, phone, address, area. ok is false for any
// other key; an attribute that the party lacks is empty.
func (p Party) Attribute(key string) (value string, ok bool) {
	switch key {
	case "name":
		return p.Name, true
	case "latin":
		return p.Latin, true
	case "id_type":
		return p.IDType, true
	case "id_number":
		return p.IDNumber, true
	case "birth":
		return p.Birth.String(), true
	case "sex":
		return p.Sex, true
	case "phone":
		return p.Phone, true
	case "address":
		return p.Address, true
	case "area":
		return p.Area, true
	}
	return "", false
}

// The longest texts of a party, in characters.
const (
	maxName    = 120
	maxAddress = 300
	maxShort   = 40
)

// check is what is wrong with the party; nil for nothing.
func (p Party) check() error {
	var fields []fault.Field
	wrong := func(pointer string, message i18n.Text) {
		fields = append(fields, fault.Field{Pointer: pointer, Message: message})
	}
	for _, text := range []struct {
		pointer, value string
		max            int
	}{
		{"/id", string(p.ID), maxShort}, {"/name", p.Name, maxName}, {"/latin", p.Latin, maxName}, {"/phone", p.Phone, maxShort},
		{"/address", p.Address, maxAddress}, {"/area", p.Area, maxShort},
	} {
		if !printable(text.value, text.max) {
			wrong(text.pointer, i18n.M("party.text", "max", text.max))
		}
	}
	if p.ID == "" || p.ID == System {
		wrong("/id", i18n.M("party.id"))
	}
	if p.Name == "" {
		wrong("/name", i18n.M("party.name"))
	}
	if (p.Kind == Organisation) != (p.IDType == identifier.USCC) || p.Kind != Organisation && p.Kind != Person {
		wrong("/kind", i18n.M("party.kind"))
	}
	if err := identifier.Check(p.IDType, p.IDNumber); err != nil {
		_, message, _ := fault.Shown(err)
		wrong("/idNumber", message)
	} else if born, sex := identifier.BirthOf(p.IDNumber); p.IDType == identifier.CitizenID && (born != p.Birth || sex != p.Sex) {
		wrong("/birth", i18n.M("party.birth"))
	}
	if p.Sex != "" && p.Sex != "f" && p.Sex != "m" {
		wrong("/sex", i18n.M("party.sex"))
	}
	if len(fields) > 0 {
		return fault.Fields("party.Put", fields...)
	}
	return nil
}

// printable reports whether s is text of at most max characters, without
// control characters.
func printable(s string, max int) bool {
	if !utf8.ValidString(s) || utf8.RuneCountInString(s) > max {
		return false
	}
	for _, r := range s {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return false
		}
	}
	return true
}
