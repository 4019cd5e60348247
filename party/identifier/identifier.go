// Package identifier checks the numbers that stand for a person or an
// organisation: citizen ids (GB 11643-1999, ISO 7064 MOD 11-2) and unified
// social credit codes (GB 32100-2015, mod 31). It knows form and check digit
// only; whether a number was ever given out, a register says.
//
// Numbers are checked in their canonical form (capitals, no spaces), which
// Canonical makes. An error is a fault of kind Invalid whose message says, in
// both languages, what is wrong with the number.
package identifier

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/workday"
)

// The codes of identifier types (GB/T 36903, annex).
const (
	USCC      = "001" // unified social credit code
	CitizenID = "111" // citizen identity number
	Passport  = "414" // ordinary passport
)

// Canonical is the number as it is stored: full-width letters and digits made
// plain, spaces and hyphens taken out, capitals.
func Canonical(number string) string {
	return strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			r -= '！' - '!'
		}
		if unicode.IsSpace(r) || r == '-' {
			return -1
		}
		return unicode.ToUpper(r)
	}, number)
}

// Check checks a number of a type. A type without a rule of its own takes 1 to
// 30 letters and digits.
func Check(idType, number string) error {
	switch idType {
	case CitizenID:
		return CheckCitizenID(number)
	case USCC:
		return CheckUSCC(number)
	}
	plain := func(r rune) bool { return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' }
	if number == "" || len(number) > 30 || strings.ContainsFunc(number, func(r rune) bool { return !plain(r) }) {
		return wrong("identifier.Check", i18n.M("identifier.otherShape"))
	}
	return nil
}

func wrong(op string, message i18n.Text) error { return fault.New(fault.Invalid, op, message) }

// CheckCitizenID checks the 18 characters of a citizen id: digits and a last
// character that may be X, a province, a possible date of birth, and the check
// character. Foreigners' permanent residence cards of 2023 (9 first) pass too.
func CheckCitizenID(s string) error {
	const op = "identifier.CheckCitizenID"
	if len(s) != 18 || !digits(s[:17]) || !digits(s[17:]) && s[17] != 'X' {
		return wrong(op, i18n.M("identifier.citizenShape"))
	}
	if s[0] != '9' && !slices.Contains(provinces(), s[:2]) {
		return wrong(op, i18n.M("identifier.citizenArea"))
	}
	if _, ok := birth(s); !ok {
		return wrong(op, i18n.M("identifier.citizenBirth"))
	}
	if s[17] != citizenCheck(s[:17]) {
		return wrong(op, i18n.M("identifier.citizenCheck"))
	}
	return nil
}

func digits(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

// provinces are the first two digits of GB/T 2260.
func provinces() []string {
	return strings.Fields("11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83")
}

// citizenCheck is the ISO 7064 MOD 11-2 character of 17 digits.
func citizenCheck(s string) byte {
	p := 0
	for i := range len(s) {
		p = (p + int(s[i]-'0')) * 2 % 11
	}
	return "0123456789X"[(12-p)%11]
}

func birth(s string) (workday.Date, bool) {
	year, _ := strconv.Atoi(s[6:10])
	month, _ := strconv.Atoi(s[10:12])
	day, _ := strconv.Atoi(s[12:14])
	d, ok := workday.DateFrom(year, time.Month(month), day)
	return d, ok && year >= 1800
}

// BirthOf is the date of birth and the sex ("f", "m") that a valid citizen id
// says; zero and empty for an invalid one.
func BirthOf(citizenID string) (born workday.Date, sex string) {
	if CheckCitizenID(citizenID) != nil {
		return workday.Date{}, ""
	}
	born, _ = birth(citizenID)
	if (citizenID[16]-'0')%2 == 1 {
		return born, "m"
	}
	return born, "f"
}

// usccAlphabet are the characters of GB 32100 in order of value: no I O S V Z.
const usccAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// CheckUSCC checks the 18 characters of a unified social credit code: its
// alphabet, a registering department, six digits of area, and the check
// character.
func CheckUSCC(s string) error {
	const op = "identifier.CheckUSCC"
	if len(s) != 18 || strings.ContainsFunc(s, func(r rune) bool { return !strings.ContainsRune(usccAlphabet, r) }) {
		return wrong(op, i18n.M("identifier.usccShape"))
	}
	if !strings.Contains("123456789ANY", s[:1]) || !digits(s[2:8]) {
		return wrong(op, i18n.M("identifier.usccPrefix"))
	}
	if s[17] != usccCheck(s[:17]) {
		return wrong(op, i18n.M("identifier.usccCheck"))
	}
	return nil
}

// usccCheck is the mod 31 character of 17 characters; the weights are the
// powers of 3.
func usccCheck(s string) byte {
	sum, weight := 0, 1
	for i := range len(s) {
		sum += strings.IndexByte(usccAlphabet, s[i]) * weight
		weight = weight * 3 % 31
	}
	return usccAlphabet[(31-sum%31)%31]
}
