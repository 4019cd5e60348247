package licence

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/internal/id"
	"github.com/tongban/tongban/ledger"
	"github.com/tongban/tongban/licence/internal/store"
	"github.com/tongban/tongban/licence/sdjwt"
	"github.com/tongban/tongban/licence/verify"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/party/identifier"
	"github.com/tongban/tongban/workday"
)

// Store issues licences and finds them again. It is safe for concurrent use.
type Store struct {
	db       *db.DB
	keys     *Keys
	clock    clock.Clock
	random   io.Reader // salts and numbers
	origin   string
	city     string // GB/T 2260
	zone     *time.Location
	agencies map[string]catalog.Agency
	types    []catalog.LicenceType
}

// New is the store of a city. Origin is the address that tokens name as their
// issuer ("https://ban.example"), without a slash at its end.
func New(d *db.DB, keys *Keys, clock clock.Clock, origin string, city *catalog.City) *Store {
	s := &Store{
		db: d, keys: keys, clock: clock, random: rand.Reader, origin: strings.TrimRight(origin, "/"),
		city: city.Profile.Code, zone: time.UTC, agencies: map[string]catalog.Agency{}, types: city.Licences,
	}
	if city.Calendar != nil {
		s.zone = city.Calendar.Zone()
	}
	for _, a := range city.Agencies {
		s.agencies[a.ID] = a
	}
	return s
}

// Order is what is to be issued. Claims are those of the type; empty ones are
// left out. Number is one of Store.Number, for who needs it beforehand; empty
// for Issue to choose. IssuedAt is zero for now; it is set for licences that
// were issued before the city had this software.
type Order struct {
	Type     catalog.LicenceType
	Holder   party.Party
	CaseID   string
	Claims   map[string]string
	Number   string
	IssuedAt time.Time
}

// The kinds of leaf that this package appends to the ledger. The leaf of an
// issue has the licence's id and, as its body, the issuer-signed part of the
// token (Licence.Signed), so that whoever is shown a licence can hold a proof
// against it. The leaf of a revocation has the id RevocationLeaf gives and, as
// its body, that part, a line break and the reason.
const (
	LeafIssued  = "licence.issued"
	LeafRevoked = "licence.revoked"
)

// RevocationLeaf is the id of the leaf of a licence's revocation.
func RevocationLeaf(licenceID string) string { return licenceID + ".revoked" }

// maxClaim is how many characters a claim may have.
const maxClaim = 2000

// Issue issues a licence in tx: one row and one ledger leaf, both queued. Its
// number is the order's, else the claim "number", else, for a type that founds
// its holder, the holder's credit code, else a fresh one. A claim that the type
// does not have is Invalid.
func (s *Store) Issue(ctx context.Context, tx db.Tx, o Order) (Licence, error) {
	const op = "licence.Issue"
	l, err := s.prepare(op, o)
	if err != nil {
		return Licence{}, err
	}
	if err := s.sign(&l, o.Type); err != nil {
		return Licence{}, fmt.Errorf("%s: %w", op, err)
	}
	claims, err := json.Marshal(l.Claims)
	if err != nil {
		return Licence{}, fmt.Errorf("%s: %w", op, err)
	}
	err = store.New(tx.Later()).InsertLicence(ctx, store.InsertLicenceParams{
		ID: l.ID, CaseID: l.CaseID, Type: l.Type, Number: l.Number, Identifier: l.Identifier, Holder: string(l.Holder),
		Issuer: l.Issuer, IssuedAt: millis(l.IssuedAt), ValidFrom: millis(l.ValidFrom), ValidUntil: millis(l.ValidUntil),
		Status: string(l.Status), Reason: "", ChangedAt: millis(l.ChangedAt), ChangedBy: "", Claims: string(claims), Token: l.Token,
	})
	if err != nil {
		return Licence{}, fmt.Errorf("%s: %w", op, err)
	}
	leaf := ledger.Leaf{ID: l.ID, Kind: LeafIssued, Subject: l.ID, At: l.ChangedAt, Body: []byte(l.Signed())}
	if err := ledger.Append(ctx, tx, leaf); err != nil {
		return Licence{}, fmt.Errorf("%s: %w", op, err)
	}
	return l, nil
}

// prepare fills in everything but the token.
func (s *Store) prepare(op string, o Order) (Licence, error) {
	if o.Holder.ID == "" {
		return Licence{}, fault.New(fault.Invalid, op, i18n.M("licence.noHolder"))
	}
	claims, err := checkClaims(op, o)
	if err != nil {
		return Licence{}, err
	}
	now := s.clock()
	issued := o.IssuedAt
	if issued.IsZero() {
		issued = now
	}
	l := Licence{
		ID: id.New(), Type: o.Type.ID, Holder: o.Holder.ID, Issuer: o.Type.Issuer, IssuedAt: issued.UTC(), ValidFrom: issued.UTC(),
		ValidUntil: s.until(issued, o.Type.Months), Status: Active, ChangedAt: now, Claims: claims, CaseID: o.CaseID,
	}
	return l, s.number(&l, o)
}

// until is the midnight that ends the licence's last day in the city: issued on
// 5 March for 12 months, it holds through 4 March.
func (s *Store) until(issued time.Time, months int) time.Time {
	if months == 0 {
		return time.Time{}
	}
	return workday.DateOf(issued, s.zone).AddMonths(months).In(s.zone).UTC()
}

// Number is a fresh number for a licence of the type: a unified social credit
// code where the licence founds its holder, else city, day, random characters
// and a check character.
func (s *Store) Number(t catalog.LicenceType) (string, error) {
	if t.Founds {
		return newUSCC(s.random, s.city)
	}
	return newSerial(s.random, s.city, s.clock().In(s.zone))
}

// number gives the licence its number and its national identifier. The
// identifier is in every presentation, so its serial is never a claim that the
// holder may withhold, such as a citizen's number.
func (s *Store) number(l *Licence, o Order) error {
	l.Number = o.Number
	if l.Number == "" && o.Type.Founds {
		l.Number = creditCode(o)
	}
	serial := l.Number
	if _, ok := checkChar(serial); !ok || serial == "" {
		var err error
		if serial, err = s.Number(o.Type); err != nil {
			return err
		}
	}
	if l.Number == "" {
		l.Number = cmp.Or(l.Claims["number"], serial)
	}
	fill(l, o.Type, "number")
	if o.Type.Founds {
		fill(l, o.Type, "uscc")
	}
	agency, ok := s.agencies[l.Issuer]
	if !ok {
		return fmt.Errorf("licence: %s is issued by unknown agency %q", l.Type, l.Issuer)
	}
	var err error
	l.Identifier, err = newIdentifier(o.Type.Code, agency.Code, serial, 1)
	return err
}

// creditCode is the credit code that the order gives to the organisation that
// the licence founds, empty where it gives none.
func creditCode(o Order) string {
	for _, code := range []string{o.Claims["uscc"], o.Claims["number"], o.Holder.IDNumber} {
		if identifier.CheckUSCC(code) == nil {
			return code
		}
	}
	return ""
}

// fill sets the claim to the licence's number where the type has that claim and
// the order did not give it.
func fill(l *Licence, t catalog.LicenceType, claim string) {
	declared := slices.ContainsFunc(t.Claims, func(c catalog.Claim) bool { return c.Key == claim })
	if declared && l.Claims[claim] == "" {
		l.Claims[claim] = l.Number
	}
}

// checkClaims is the order's claims without the empty ones, or an Invalid fault
// with a field for each that the type does not have or that is not plain text.
func checkClaims(op string, o Order) (map[string]string, error) {
	known := map[string]bool{}
	for _, c := range o.Type.Claims {
		known[c.Key] = !verify.Reserved(c.Key)
	}
	claims := map[string]string{}
	var wrong []fault.Field
	for _, key := range slices.Sorted(maps.Keys(o.Claims)) {
		value := o.Claims[key]
		switch {
		case !known[key]:
			wrong = append(wrong, fault.Field{Pointer: "/claims/" + key, Message: i18n.M("licence.unknownClaim", "claim", key, "type", o.Type.Name)})
		case !plain(value):
			wrong = append(wrong, fault.Field{Pointer: "/claims/" + key, Message: i18n.M("licence.badClaim", "max", maxClaim)})
		case value != "":
			claims[key] = value
		}
	}
	if len(wrong) > 0 {
		return nil, fault.Fields(op, wrong...)
	}
	return claims, nil
}

func plain(s string) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= maxClaim && !strings.ContainsFunc(s, unicode.IsControl)
}

// sign makes the token: what every presentation shows is plain, the rest is
// disclosed by choice.
func (s *Store) sign(l *Licence, t catalog.LicenceType) error {
	key, err := s.keys.signer(l.Issuer)
	if err != nil {
		return err
	}
	body := map[string]any{
		"iss": verify.Iss(s.origin, l.Issuer), "vct": verify.VCT(s.origin, l.Type), "jti": l.ID, "identifier": l.Identifier,
		"iat": l.IssuedAt.Unix(), "nbf": l.ValidFrom.Unix(),
	}
	if !l.ValidUntil.IsZero() {
		body["exp"] = l.ValidUntil.Unix()
	}
	var hidden []sdjwt.Disclosure
	for _, c := range t.Claims {
		value := l.Claims[c.Key]
		switch {
		case value == "":
		case c.Always:
			body[c.Key] = value
		default:
			d, err := sdjwt.NewDisclosure(s.random, c.Key, value)
			if err != nil {
				return err
			}
			hidden = append(hidden, d)
		}
	}
	l.Token, err = sdjwt.Sign(key.key, key.jwk.Kid, body, hidden)
	return err
}
