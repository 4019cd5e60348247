package licence

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/party/identifier"
)

// arc is the object identifier under which national licence identifiers stand
// (GB/T 36904).
const arc = "1.2.156.3005.2"

// alphabet36 are the characters of ISO 7064 MOD 37,36 in order of value.
const alphabet36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// checkChar is the ISO 7064 MOD 37,36 check character of s; false where s has
// other characters than digits and capitals.
func checkChar(s string) (byte, bool) {
	p := 36
	for i := range len(s) {
		v := strings.IndexByte(alphabet36, s[i])
		if v < 0 {
			return 0, false
		}
		sum := (p + v) % 36
		if sum == 0 {
			sum = 36
		}
		p = sum * 2 % 37
	}
	return alphabet36[(37-p)%36], true
}

// newIdentifier is the national identifier of a licence:
// arc.TYPE.ISSUER.SERIAL.VERSION.CHECK, where TYPE is the type's 21 characters,
// ISSUER the agency's unified social credit code and CHECK is taken over the
// four parts before it.
func newIdentifier(typeCode, issuerCode, serial string, version int) (string, error) {
	v := fmt.Sprintf("%03d", version)
	check, ok := checkChar(typeCode + issuerCode + serial + v)
	if !ok || len(typeCode) != 21 || len(issuerCode) != 18 || serial == "" || len(v) != 3 {
		return "", fmt.Errorf("licence: no identifier can be made of type %q, issuer %q, serial %q", typeCode, issuerCode, serial)
	}
	return strings.Join([]string{arc, typeCode, issuerCode, serial, v, string(check)}, "."), nil
}

// CheckIdentifier checks the form and the check character of a national licence
// identifier. The fault is Invalid.
func CheckIdentifier(s string) error {
	const op = "licence.CheckIdentifier"
	rest, ok := strings.CutPrefix(s, arc+".")
	parts := strings.Split(rest, ".")
	if !ok || len(parts) != 5 || len(parts[0]) != 21 || len(parts[1]) != 18 || parts[2] == "" || len(parts[3]) != 3 || len(parts[4]) != 1 {
		return fault.New(fault.Invalid, op, i18n.M("licence.identifier.shape"))
	}
	check, ok := checkChar(strings.Join(parts[:4], ""))
	if !ok || check != parts[4][0] {
		return fault.New(fault.Invalid, op, i18n.M("licence.identifier.check"))
	}
	return nil
}

// serialAlphabet has no letter that is taken for a digit (Crockford's 32).
const serialAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// serialRandom is 45 random bits: at 300,000 licences a day, fewer than two in
// a thousand days see one number drawn twice.
const serialRandom = 9

// newSerial is a number for a licence: the city's two digits, the day, nine
// random characters and their check character.
func newSerial(random io.Reader, city string, day time.Time) (string, error) {
	tail, err := draw(random, serialAlphabet, serialRandom)
	if err != nil {
		return "", err
	}
	s := city[:min(2, len(city))] + day.Format("20060102") + tail
	check, ok := checkChar(s)
	if !ok {
		return "", fmt.Errorf("licence: no number can be made for city %q", city)
	}
	return s + string(check), nil
}

// draw takes n characters of the alphabet, all equally likely.
func draw(random io.Reader, alphabet string, n int) (string, error) {
	limit := 256 - 256%len(alphabet) // bytes from here on would favour the first characters
	out := make([]byte, 0, n)
	var b [1]byte
	for len(out) < n {
		if _, err := io.ReadFull(random, b[:]); err != nil {
			return "", fmt.Errorf("licence: randomness: %w", err)
		}
		if int(b[0]) < limit {
			out = append(out, alphabet[int(b[0])%len(alphabet)])
		}
	}
	return string(out), nil
}

// usccAlphabet are the characters of GB 32100: no I, O, S, V, Z.
const usccAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// usccSegment begins the organisation codes that are given out here. No code
// of a real organisation begins with T and a letter after 2015's MA segment.
const usccSegment = "T"

// newUSCC is a fresh unified social credit code (GB 32100-2015): 91, an
// enterprise registered by market regulation; the city; an organisation code
// with its own check character (GB 11714); the check character.
func newUSCC(random io.Reader, city string) (string, error) {
	tail, err := draw(random, usccAlphabet, 7)
	if err != nil {
		return "", err
	}
	body := usccSegment + tail
	stem := "91" + city + body + string(organisationCheck(body))
	for _, c := range usccAlphabet {
		if code := stem + string(c); identifier.CheckUSCC(code) == nil {
			return code, nil
		}
	}
	return "", fmt.Errorf("licence: no credit code can be made for city %q", city)
}

// organisationCheck is the GB 11714 check character of an eight-character
// organisation code: weights 3 7 9 10 5 8 4 2, mod 11.
func organisationCheck(body string) byte {
	weights := [8]int{3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += w * strings.IndexByte(alphabet36, body[i])
	}
	return "0123456789X"[(11-sum%11)%11]
}
