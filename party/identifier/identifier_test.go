package identifier

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tongban/tongban/fault"
)

func TestCitizenID(t *testing.T) {
	// The first two are the standard's own examples; the rest is made up.
	for _, s := range []string{"11010519491231002X", "440524188001010014", "34052419800101001X", "310101200002290017", "911124198108030024"} {
		if want := citizenCheck(s[:17]); s[17] != want {
			s = s[:17] + string(want)
		}
		if err := CheckCitizenID(s); err != nil {
			t.Errorf("CheckCitizenID(%s) = %v, want nil", s, err)
		}
	}
	for _, tt := range []struct{ name, id, want string }{
		{"short", "11010519491231002", "18 characters"},
		{"small x", "11010519491231002x", "18 characters"},
		{"letter inside", "1101051949123100AX", "18 characters"},
		{"full width", "１1010519491231002X", "18 characters"},
		{"no such province", "01010519491231002X", "province"},
		{"February 30th", "110105194902300029", "real date"},
		{"year 0949", "110105094912310029", "real date"},
		{"check", "110105194912310021", "One character"},
		{"empty", "", "18 characters"},
	} {
		refused(t, tt.name, CheckCitizenID(tt.id), tt.want)
	}
}

func TestUSCC(t *testing.T) {
	for _, s := range []string{"91350100M000100Y43", "91310115MA1K4A1B0", "12310000425006790"} {
		if len(s) == 17 {
			s += string(usccCheck(s))
		}
		if err := CheckUSCC(s); err != nil {
			t.Errorf("CheckUSCC(%s) = %v, want nil", s, err)
		}
	}
	for _, tt := range []struct{ name, code, want string }{
		{"short", "91350100M000100Y4", "18 digits"},
		{"letter I", "91350100I000100Y43", "18 digits"},
		{"small letters", "91350100m000100y43", "18 digits"},
		{"look-alike", "TE350100M000100Y43", "not possible"},
		{"letters in the area", "91A50100M000100Y43", "not possible"},
		{"check", "91350100M000100Y44", "One character"},
		{"two swapped", "91351000M000100Y43", "One character"},
		{"a rare character", "9135010𠮷M00100Y43", "18 digits"},
	} {
		refused(t, tt.name, CheckUSCC(tt.code), tt.want)
	}
}

func refused(t *testing.T, name string, err error, want string) {
	t.Helper()
	if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: got %v, want a fault with %q", name, err, want)
	}
}

func TestOtherTypes(t *testing.T) {
	for number, ok := range map[string]bool{"E12345678": true, "": false, "E 123": false, "e123": false, strings.Repeat("1", 31): false} {
		if err := Check(Passport, number); (err == nil) != ok {
			t.Errorf("Check(passport, %q) = %v, want ok = %v", number, err, ok)
		}
	}
	if err := Check(CitizenID, "11010519491231002X"); err != nil {
		t.Error(err)
	}
	if err := Check(USCC, "11010519491231002X"); err == nil {
		t.Error("a citizen id was taken as a USCC")
	}
}

func TestBirthOf(t *testing.T) {
	for _, tt := range []struct{ id, born, sex string }{
		{"11010519491231002X", "1949-12-31", "f"},
		{"440524188001010014", "1880-01-01", "m"},
		{"440524188001010015", "", ""},
	} {
		if born, sex := BirthOf(tt.id); born.String() != tt.born || sex != tt.sex {
			t.Errorf("BirthOf(%s) = %q, %q; want %q, %q", tt.id, born, sex, tt.born, tt.sex)
		}
	}
}

func TestCanonical(t *testing.T) {
	for in, want := range map[string]string{" １１0105 19491231-002x ": "11010519491231002X", "e　12": "E12", "": ""} {
		if got := Canonical(in); got != want {
			t.Errorf("Canonical(%q) = %q, want %q", in, got, want)
		}
	}
}

// Any one wrong character, and any two neighbours swapped, must be noticed: that
// is what the check characters are for.
func TestChecksNotice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := "310101" + rapid.StringMatching(`19[0-9]{2}0[1-9][12][0-9][0-9]{3}`).Draw(t, "citizen id")
		s += string(citizenCheck(s))
		damaged(t, s, "0123456789", 17, citizenCheck)
		u := "91310000" + rapid.StringMatching(`[0-9A-HJ-NPQRTUWXY]{9}`).Draw(t, "uscc")
		damaged(t, u+string(usccCheck(u)), usccAlphabet, 18, usccCheck)
	})
}

func damaged(t *rapid.T, s, alphabet string, changeable int, check func(string) byte) {
	i := rapid.IntRange(0, changeable-1).Draw(t, "place")
	b := []byte(s)
	b[i] = alphabet[rapid.IntRange(0, len(alphabet)-1).Draw(t, "character")]
	if string(b) != s && b[17] == check(string(b[:17])) {
		t.Fatalf("%s passes although it is %s with a wrong character", b, s)
	}
	b = []byte(s)
	j := rapid.IntRange(0, 15).Draw(t, "swap")
	b[j], b[j+1] = b[j+1], b[j]
	if string(b) != s && b[17] == check(string(b[:17])) {
		t.Fatalf("%s passes although it is %s with two characters swapped", b, s)
	}
}

func FuzzCheck(f *testing.F) {
	for _, s := range []string{"11010519491231002X", "91350100M000100Y43", "", "９"} {
		f.Add(CitizenID, s)
		f.Add(USCC, s)
	}
	f.Fuzz(func(t *testing.T, idType, s string) {
		c := Canonical(s)
		if Canonical(c) != c {
			t.Errorf("Canonical(%q) = %q is not canonical", s, c)
		}
		if Check(idType, s) == nil && (c != s || len(s) > 30) {
			t.Errorf("Check took %q, which is not canonical", s)
		}
	})
}
