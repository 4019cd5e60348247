package licence

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/party/identifier"
)

// TestCheckCharVector: the identifiers that the GRid and ISAN standards print,
// both ISO 7064 MOD 37,36.
func TestCheckCharVector(t *testing.T) {
	for body, want := range map[string]byte{"A12425GABC1234002": 'M', "00000000D07A0090": 'Q'} {
		if got, ok := checkChar(body); !ok || got != want {
			t.Errorf("checkChar(%q) = %q, %v, want %q", body, got, ok, want)
		}
	}
	for _, body := range []string{"a", "A B", "中", "A-1"} {
		if got, ok := checkChar(body); ok {
			t.Errorf("checkChar(%q) = %q, want it refused", body, got)
		}
	}
}

// TestCheckCharFindsSlips: one wrong character and two neighbours exchanged are
// what the check character is for.
func TestCheckCharFindsSlips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := []byte(rapid.StringMatching(`[0-9A-Z]{2,40}`).Draw(t, "s"))
		want, _ := checkChar(string(s))
		i := rapid.IntRange(0, len(s)-2).Draw(t, "i")
		slip := append([]byte(nil), s...)
		slip[i] = alphabet36[rapid.IntRange(0, 35).Draw(t, "c")]
		if got, _ := checkChar(string(slip)); got == want && slip[i] != s[i] {
			t.Fatalf("%s and %s have the same check character %c", s, slip, got)
		}
	})
}

const (
	typeCode   = "11310000TB000001XW002"
	issuerCode = "11310000TB000001XW"
)

func TestIdentifier(t *testing.T) {
	got, err := newIdentifier(typeCode, issuerCode, "3120260305ABC", 1)
	if err != nil {
		t.Fatalf("newIdentifier = %v, want nil", err)
	}
	if want := "1.2.156.3005.2.11310000TB000001XW002.11310000TB000001XW.3120260305ABC.001."; !strings.HasPrefix(got, want) || len(got) != len(want)+1 {
		t.Errorf("newIdentifier = %q, want %q and a check character", got, want)
	}
	if err := CheckIdentifier(got); err != nil {
		t.Errorf("CheckIdentifier(%q) = %v, want nil", got, err)
	}
	bad := []string{
		"", arc, got[:len(got)-1], got + "1", "2" + got[1:],
		strings.Replace(got, "ABC", "ABD", 1), strings.Replace(got, "001.", "002.", 1), strings.Replace(got, ".", "", 1),
		strings.Replace(got, "ABC", "abc", 1), strings.ToLower(got),
	}
	for _, s := range bad {
		if err := CheckIdentifier(s); !fault.Is(err, fault.Invalid) {
			t.Errorf("CheckIdentifier(%q) = %v, want invalid", s, err)
		}
	}
	for _, p := range [][3]string{{"", issuerCode, "1"}, {typeCode, "", "1"}, {typeCode, issuerCode, ""}, {typeCode, issuerCode, "a"}} {
		if got, err := newIdentifier(p[0], p[1], p[2], 1); err == nil {
			t.Errorf("newIdentifier(%q) = %q, want an error", p, got)
		}
	}
	if got, err := newIdentifier(typeCode, issuerCode, "1", 1000); err == nil {
		t.Errorf("newIdentifier of version 1000 = %q, want an error", got)
	}
}

func TestNumbers(t *testing.T) {
	day := time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC)
	seen := map[string]bool{}
	for range 500 {
		serial, err := newSerial(rand.Reader, "310000", day)
		if err != nil {
			t.Fatalf("newSerial = %v, want nil", err)
		}
		check, ok := checkChar(serial[:len(serial)-1])
		if !ok || len(serial) != 20 || !strings.HasPrefix(serial, "3120260305") || serial[19] != check || seen[serial] {
			t.Fatalf("newSerial = %q, want 20 fresh characters that begin with 3120260305 and check", serial)
		}
		code, err := newUSCC(rand.Reader, "310000")
		if err != nil || identifier.CheckUSCC(code) != nil || !strings.HasPrefix(code, "91310000T") || seen[code] {
			t.Fatalf("newUSCC = %q, %v, want a fresh valid code that begins with 91310000T", code, err)
		}
		seen[serial], seen[code] = true, true
	}
	if got, err := newUSCC(rand.Reader, "31"); err == nil {
		t.Errorf("newUSCC for city 31 = %q, want an error", got)
	}
	if got, err := newSerial(strings.NewReader("x"), "310000", day); err == nil {
		t.Errorf("newSerial without randomness = %q, want an error", got)
	}
}

// TestOrganisationCheck: the ninth characters of the valid credit codes of
// public bodies are GB 11714 check characters.
func TestOrganisationCheck(t *testing.T) {
	for _, code := range []string{"00877869", "MB1A2130", "00877801", "00877803", "00877817", "00877822"} {
		want := map[string]byte{"00877869": '3', "MB1A2130": '4', "00877801": 'X', "00877803": '6', "00877817": '5', "00877822": '0'}[code]
		if got := organisationCheck(code); got != want {
			t.Errorf("organisationCheck(%q) = %q, want %q", code, got, want)
		}
	}
}
