package licence

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/internal/testdb"
	"github.com/tongban/tongban/ledger"
	"github.com/tongban/tongban/licence/verify"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/party/identifier"
	"github.com/tongban/tongban/workday"
)

// now is 18:00 on 5 March in Shanghai.
var now = time.Date(2026, 3, 5, 10, 0, 0, 0, time.UTC)

func claim(key string, always bool) catalog.Claim {
	return catalog.Claim{Key: key, Label: i18n.Text{ZH: "项" + key, EN: key}, Always: always}
}

func typ(id string, months int, claims ...catalog.Claim) catalog.LicenceType {
	return catalog.LicenceType{ID: id, Code: typeCode, Name: i18n.Text{ZH: "证" + id, EN: id}, Issuer: "mzj", Months: months, Claims: claims}
}

func card() catalog.LicenceType {
	return typ("elderly-card", 12, claim("name", true), claim("monthly", false), claim("since", false))
}

func idCard() catalog.LicenceType {
	return typ("citizen-id", 0, claim("name", true), claim("number", false))
}

func business() catalog.LicenceType {
	t := typ("business-licence", 0, claim("name", true), claim("uscc", true))
	t.Founds = true
	return t
}

// office is a store with its clock.
type office struct {
	*Store
	clock *clock.Fake
	db    *db.DB
}

func newOffice(t testing.TB, d *db.DB) office {
	t.Helper()
	keys, err := OpenKeys(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	zone := time.FixedZone("CST", 8*3600)
	c := clock.NewFake(now)
	city := &catalog.City{
		Profile:  catalog.Profile{Code: "310000"},
		Calendar: workday.New(zone, nil, nil),
		Agencies: []catalog.Agency{{ID: "mzj", Code: issuerCode, Name: i18n.Text{ZH: "市民政局", EN: "Civil Affairs"}}},
		Licences: []catalog.LicenceType{card(), idCard(), business()},
	}
	return office{New(d, keys, c.Now, "https://ban.example/", city), c, d}
}

func (o office) issue(t testing.TB, order Order) Licence {
	t.Helper()
	var l Licence
	err := o.db.Write(t.Context(), func(ctx context.Context, tx db.Tx) (err error) {
		l, err = o.Issue(ctx, tx, order)
		return err
	})
	if err != nil {
		t.Fatalf("Issue(%s) = %v, want nil", order.Type.ID, err)
	}
	return l
}

func (o office) check(t testing.TB, token string) verify.Result {
	t.Helper()
	trust, err := o.Trust(t.Context(), o.db.Reader(), "")
	if err != nil {
		t.Fatalf("Trust = %v, want nil", err)
	}
	r, err := verify.Verify(token, trust, o.clock.Now())
	if err != nil {
		t.Fatalf("Verify = %v, want a result", err)
	}
	return r
}

func cardOrder() Order {
	return Order{
		Type: card(), Holder: party.Party{ID: "chen"}, CaseID: "case-1",
		Claims: map[string]string{"name": "陈桂兰", "monthly": "150", "since": ""},
	}
}

func TestIssue(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		l := o.issue(t, cardOrder())
		want := Licence{
			ID: l.ID, Type: "elderly-card", Number: l.Number, Identifier: l.Identifier, Holder: "chen", Issuer: "mzj",
			IssuedAt: now, ValidFrom: now, ValidUntil: time.Date(2027, 3, 4, 16, 0, 0, 0, time.UTC), // midnight after 4 March in Shanghai
			Status: Active, ChangedAt: now, Claims: map[string]string{"name": "陈桂兰", "monthly": "150"}, Token: l.Token, CaseID: "case-1",
		}
		if diff := cmp.Diff(want, l); diff != "" {
			t.Errorf("Issue (-want +got)\n%s", diff)
		}
		if err := CheckIdentifier(l.Identifier); err != nil || !strings.Contains(l.Identifier, l.Number) {
			t.Errorf("Identifier = %q of number %q: %v, want a valid one with the number in it", l.Identifier, l.Number, err)
		}
		got, err := o.Get(t.Context(), d.Reader(), l.ID)
		if diff := cmp.Diff(l, got); err != nil || diff != "" {
			t.Errorf("Get error %v (-issued +stored)\n%s", err, diff)
		}
		if r := o.check(t, l.Token); !r.Valid || r.ID != l.ID || r.Identifier != l.Identifier || !r.ValidUntil.Equal(l.ValidUntil) {
			t.Errorf("Verify = %+v, want it valid with the licence's id, identifier and end", r)
		}
		if p := prove(t, d, l.ID); !p.Covers([]byte(l.Signed())) || p.Covers([]byte(l.Token)) {
			t.Errorf("proof of %s = %+v, want it to cover the signed part", l.ID, p)
		}
	})
}

// prove is the ledger's proof of a leaf, checked.
func prove(t testing.TB, d *db.DB, leaf string) ledger.Proof {
	t.Helper()
	private, public, err := note.GenerateKey(nil, "ban.example/log")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	log := ledger.Open(d, signer, "ban.example/log", clock.NewFake(now).Now)
	if _, err := log.Sequence(t.Context()); err != nil {
		t.Fatalf("Sequence = %v, want nil", err)
	}
	p, err := log.Prove(t.Context(), leaf)
	if err == nil {
		err = ledger.VerifyProof(p, verifier)
	}
	if err != nil {
		t.Fatalf("proof of %s = %v, want nil", leaf, err)
	}
	return p
}

// leaves counts the pending leaves of the ledger.
func leaves(t testing.TB, d *db.DB) (n int) {
	t.Helper()
	if err := d.Reader().QueryRowContext(t.Context(), "SELECT COUNT(*) FROM ledger_leaf").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestIssueIsWhole: what is undone leaves neither licence nor leaf.
func TestIssueIsWhole(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		undo := errors.New("undo")
		err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			if _, err := o.Issue(ctx, tx, cardOrder()); err != nil {
				return err
			}
			return undo
		})
		held, herr := o.Held(t.Context(), d.Reader(), "chen")
		if !errors.Is(err, undo) || herr != nil || len(held) != 0 || leaves(t, d) != 0 {
			t.Errorf("after an undone issue: %v, held %v (%v), %d leaves, want nothing", err, held, herr, leaves(t, d))
		}
	})
}

func TestIssueRefuses(t *testing.T) {
	d := testdb.Open(t, db.SQLite)
	o := newOffice(t, d)
	change := func(fn func(*Order)) Order { order := cardOrder(); fn(&order); return order }
	tests := []struct {
		name    string
		order   Order
		pointer string
		kind    fault.Kind
	}{
		{"no holder", change(func(o *Order) { o.Holder.ID = "" }), "", fault.Invalid},
		{"unknown claim", change(func(o *Order) { o.Claims["shoe"] = "42" }), "/claims/shoe", fault.Invalid},
		{"control character", change(func(o *Order) { o.Claims["name"] = "a\x00" }), "/claims/name", fault.Invalid},
		{"too long", change(func(o *Order) { o.Claims["name"] = strings.Repeat("长", maxClaim+1) }), "/claims/name", fault.Invalid},
		{"reserved claim", change(func(o *Order) {
			o.Type.Claims = append(o.Type.Claims, claim("exp", true))
			o.Claims["exp"] = "never"
		}), "/claims/exp", fault.Invalid},
		{"unknown agency", change(func(o *Order) { o.Type.Issuer = "nobody" }), "", fault.Internal},
		{"bad type code", change(func(o *Order) { o.Type.Code = "short" }), "", fault.Internal},
	}
	for _, tt := range tests {
		err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			_, err := o.Issue(ctx, tx, tt.order)
			return err
		})
		_, message, fields := fault.Shown(err)
		if err == nil || fault.KindOf(err) != tt.kind || message.ZH == message.EN {
			t.Errorf("%s: Issue = %v, want %s in both languages", tt.name, err, tt.kind)
		}
		if tt.pointer != "" && (len(fields) != 1 || fields[0].Pointer != tt.pointer || fields[0].Message.ZH == fields[0].Message.EN) {
			t.Errorf("%s: fields = %+v, want one at %s in both languages", tt.name, fields, tt.pointer)
		}
	}
	if n := leaves(t, d); n != 0 {
		t.Errorf("ledger leaves = %d, want none", n)
	}
}

func TestNumberOfLicence(t *testing.T) {
	d := testdb.Open(t, db.SQLite)
	o := newOffice(t, d)
	chen := party.Party{ID: "chen", IDType: "111", IDNumber: "11010519491231002X"}
	const uscc = "91310000TB0000204H"

	id := o.issue(t, Order{Type: idCard(), Holder: chen, Claims: map[string]string{"name": "Chen", "number": chen.IDNumber}})
	if id.Number != chen.IDNumber || strings.Contains(id.Identifier, chen.IDNumber) {
		t.Errorf("identity card: number %q, identifier %q, want the citizen id, and it kept out of the identifier", id.Number, id.Identifier)
	}
	for _, c := range o.check(t, Present(id, nil)).Claims {
		if c.Value == chen.IDNumber {
			t.Errorf("identity card presented without its number says it: %+v", c)
		}
	}
	blank := o.issue(t, Order{Type: idCard(), Holder: chen, Claims: map[string]string{"name": "Chen"}})
	if blank.Claims["number"] != blank.Number || blank.Number == "" {
		t.Errorf("number not given: claim %q, number %q, want one fresh number in both", blank.Claims["number"], blank.Number)
	}
	fresh := o.issue(t, Order{Type: business(), Holder: party.Party{ID: "firm"}, Claims: map[string]string{"name": "某公司"}})
	if err := identifier.CheckUSCC(fresh.Number); err != nil || fresh.Claims["uscc"] != fresh.Number {
		t.Errorf("new firm: number %q, claim %q: %v, want one valid credit code", fresh.Number, fresh.Claims["uscc"], err)
	}
	for name, order := range map[string]Order{
		"in the order":  {Type: business(), Number: uscc, Holder: party.Party{ID: "firm"}},
		"in the claims": {Type: business(), Holder: party.Party{ID: "firm"}, Claims: map[string]string{"uscc": uscc}},
		"the holder's":  {Type: business(), Holder: party.Party{ID: "firm", IDNumber: uscc}},
	} {
		if l := o.issue(t, order); l.Number != uscc || l.Claims["uscc"] != uscc || !strings.Contains(l.Identifier, "."+uscc+".") {
			t.Errorf("credit code %s: number %q, claim %q, identifier %q, want %s", name, l.Number, l.Claims["uscc"], l.Identifier, uscc)
		}
	}
	number, err := o.Number(card())
	if err != nil {
		t.Fatal(err)
	}
	order := cardOrder()
	order.Number = number
	if l := o.issue(t, order); l.Number != number {
		t.Errorf("number given beforehand = %q, want %q", l.Number, number)
	}
}

func TestPresent(t *testing.T) {
	d := testdb.Open(t, db.SQLite)
	o := newOffice(t, d)
	order := cardOrder()
	order.Claims["since"] = "2026-03"
	l := o.issue(t, order)
	tests := []struct {
		name string
		show []string
		want []string
	}{
		{"everything", []string{"monthly", "since"}, []string{"name", "monthly", "since"}},
		{"one", []string{"monthly"}, []string{"name", "monthly"}},
		{"always-claims stay", nil, []string{"name"}},
		{"unknown name", []string{"shoe", "name"}, []string{"name"}},
	}
	for _, tt := range tests {
		token := Present(l, tt.show)
		r := o.check(t, token)
		var got []string
		for _, c := range r.Claims {
			got = append(got, c.Key)
			if c.Label.EN != c.Key || c.Value != l.Claims[c.Key] || c.Chosen != slices.Contains(tt.show, c.Key) && c.Key != "name" {
				t.Errorf("%s: claim = %+v, want the licence's, with its label", tt.name, c)
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" || !r.Valid || r.Withheld != 3-len(got) {
			t.Errorf("%s: valid %v, withheld %d, claims (-want +got)\n%s", tt.name, r.Valid, r.Withheld, diff)
		}
	}
	if got := Present(Licence{Token: "broken"}, nil); got != "" {
		t.Errorf("Present of a broken token = %q, want nothing", got)
	}
}

func TestFindHeldExpiry(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		find := func(typ string) (string, bool) {
			l, ok, err := o.Find(t.Context(), d.Reader(), "chen", typ)
			if err != nil {
				t.Fatalf("Find = %v, want nil", err)
			}
			return l.ID, ok
		}
		if id, ok := find("elderly-card"); ok {
			t.Errorf("Find before any issue = %q, want none", id)
		}
		old := o.issue(t, Order{Type: card(), Holder: party.Party{ID: "chen"}, IssuedAt: now.AddDate(0, -6, 0)})
		future := o.issue(t, Order{Type: idCard(), Holder: party.Party{ID: "chen"}, IssuedAt: now.AddDate(0, 0, 1)})
		fresh := o.issue(t, cardOrder())
		if id, ok := find("elderly-card"); !ok || id != fresh.ID {
			t.Errorf("Find = %q, %v, want the newest, %q", id, ok, fresh.ID)
		}
		if id, ok := find("citizen-id"); ok || future.Holds(now) {
			t.Errorf("Find of one that is not yet in force = %q, want none", id)
		}
		held, err := o.Held(t.Context(), d.Reader(), "chen")
		var ids []string
		for _, l := range held {
			ids = append(ids, l.ID)
		}
		if diff := cmp.Diff([]string{future.ID, fresh.ID, old.ID}, ids); err != nil || diff != "" {
			t.Errorf("Held error %v (-want +got)\n%s", err, diff)
		}
		o.clock.Set(old.ValidUntil)
		if !old.Expired(o.clock.Now()) || old.Holds(o.clock.Now()) || old.Expired(old.ValidUntil.Add(-time.Second)) {
			t.Errorf("a licence until %v is to expire at that instant", old.ValidUntil)
		}
		o.clock.Set(fresh.ValidUntil)
		if id, ok := find("elderly-card"); ok {
			t.Errorf("Find after expiry = %q, want none", id)
		}
		if r := o.check(t, fresh.Token); r.Valid {
			t.Errorf("Verify after expiry = %+v, want it not valid", r)
		}
		if got, err := o.OfCase(t.Context(), d.Reader(), "case-1"); err != nil || len(got) != 1 || got[0].ID != fresh.ID {
			t.Errorf("OfCase = %+v, %v, want %q alone", got, err, fresh.ID)
		}
		if _, err := o.Get(t.Context(), d.Reader(), "none"); !fault.Is(err, fault.NotFound) {
			t.Errorf("Get of an unknown id = %v, want not found", err)
		}
	})
}

func TestRevoke(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		l := o.issue(t, cardOrder())
		revoke := func(id, reason string) error {
			return d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error { return o.Revoke(ctx, tx, id, reason, "qian") })
		}
		for name, tt := range map[string]struct {
			id, reason string
			want       fault.Kind
		}{
			"unknown":   {"none", "x", fault.NotFound},
			"no reason": {l.ID, "  ", fault.Invalid},
			"garbled":   {l.ID, "a\x00", fault.Invalid},
		} {
			if err := revoke(tt.id, tt.reason); !fault.Is(err, tt.want) {
				t.Errorf("%s: Revoke = %v, want %s", name, err, tt.want)
			}
		}
		o.clock.Add(time.Hour)
		if err := revoke(l.ID, " 重复领取 "); err != nil {
			t.Fatalf("Revoke = %v, want nil", err)
		}
		want := l
		want.Status, want.Reason, want.ChangedAt, want.ChangedBy = Revoked, "重复领取", now.Add(time.Hour), "qian"
		got, err := o.Get(t.Context(), d.Reader(), l.ID)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("after Revoke: error %v (-want +got)\n%s", err, diff)
		}
		if _, ok, err := o.Find(t.Context(), d.Reader(), "chen", "elderly-card"); ok || err != nil || got.Holds(o.clock.Now()) {
			t.Errorf("Find after Revoke = %v, %v, want none", ok, err)
		}
		if r := o.check(t, l.Token); r.Valid {
			t.Errorf("Verify after Revoke = %+v, want it not valid", r)
		}
		if err := revoke(l.ID, "again"); !fault.Is(err, fault.Conflict) {
			t.Errorf("second Revoke = %v, want conflict", err)
		}
		if p := prove(t, d, RevocationLeaf(l.ID)); !p.Covers([]byte(l.Signed() + "\n重复领取")) {
			t.Errorf("proof of the revocation = %+v, want it to cover the reason", p)
		}
	})
}

// TestTrustFile: the file is read back, is stable, and holds no private key.
func TestTrustFile(t *testing.T) {
	d := testdb.Open(t, db.SQLite)
	o := newOffice(t, d)
	src, err := o.TrustFile(t.Context(), d.Reader(), "ledger+key")
	if err != nil {
		t.Fatalf("TrustFile = %v, want nil", err)
	}
	trust, err := verify.ParseTrust(src)
	if err != nil {
		t.Fatalf("ParseTrust = %v, want nil", err)
	}
	if trust.Origin != "https://ban.example" || trust.Ledger != "ledger+key" || !trust.At.Equal(now) || len(trust.Issuers["mzj"].Keys) != 1 {
		t.Errorf("trust = %+v, want the city's origin, ledger, time and key", trust)
	}
	if diff := cmp.Diff([]string{"business-licence", "citizen-id", "elderly-card"}, slices.Sorted(maps.Keys(trust.Types))); diff != "" {
		t.Errorf("types (-want +got)\n%s", diff)
	}
	again, err := o.TrustFile(t.Context(), d.Reader(), "ledger+key")
	if err != nil || string(again) != string(src) {
		t.Errorf("second TrustFile = %s, %v, want the same", again, err)
	}
	if strings.Contains(string(src), `"d"`) || strings.Contains(string(src), "PRIVATE") {
		t.Error("the trust file has a private key in it")
	}
	pem, err := os.ReadFile(filepath.Join(o.keys.dir, "mzj.pem"))
	if err != nil || !strings.Contains(string(pem), "PRIVATE KEY") {
		t.Errorf("key file = %v, want a private key", err)
	}
}

// BenchmarkIssue is what issuing costs before the database is asked.
func BenchmarkIssue(b *testing.B) {
	o := newOffice(b, testdb.Open(b, db.SQLite))
	order := cardOrder()
	for b.Loop() {
		l, err := o.prepare("bench", order)
		if err == nil {
			err = o.sign(&l, order.Type)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
