package identity

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/internal/testdb"
	"github.com/tongban/tongban/party"
)

func TestAdmit(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		g := New(Options{URL: "https://ban.example"}, Deps{DB: d, Parties: party.New(d, clock.System)})
		firm := party.Party{ID: "firm", Kind: party.Organisation, Name: "样例公司", IDType: "001", IDNumber: "91310115TB90000162"}
		known := party.Party{ID: "li-wei", Kind: party.Person, Name: "李伟", IDType: "111", IDNumber: "310112199605209910"}
		for _, p := range []party.Party{firm, known} {
			if err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error { return g.Parties.Put(ctx, tx, p) }); err != nil {
				t.Fatal(err)
			}
		}
		for _, tc := range []struct {
			name   string
			claims Claims
			want   stay
			fault  fault.Kind
		}{
			{name: "a citizen", claims: Claims{Subject: "x", IDType: "111", IDNumber: "310112199605209910"}, want: stay{ID: "li-wei", Kind: "citizen", Name: "李伟", Party: "li-wei"}},
			{name: "written with spaces", claims: Claims{Subject: "x", Kind: "citizen", IDType: "111", IDNumber: "310112 19960520 9910"}, want: stay{ID: "li-wei", Kind: "citizen", Name: "李伟", Party: "li-wei"}},
			{name: "an officer", claims: Claims{Subject: "o", Name: "何", Kind: "officer", Agency: "mzj", Area: "310106", Roles: []string{"officer", "root", "clerk"}},
				want: stay{ID: "o", Kind: "officer", Name: "何", Agency: "mzj", Area: "310106", Roles: []string{"officer", "clerk"}}},
			{name: "an officer of nobody", claims: Claims{Subject: "o", Kind: "officer"}, fault: fault.Denied},
			{name: "an officer without a name to go by", claims: Claims{Kind: "officer", Agency: "mzj"}, fault: fault.Denied},
			{name: "a firm, which acts through people", claims: Claims{IDType: "001", IDNumber: "91310115TB90000162"}, fault: fault.Denied},
			{name: "nobody", claims: Claims{Subject: "x", Name: "李伟"}, fault: fault.Denied},
			{name: "a number that is none", claims: Claims{Name: "李四", IDType: "111", IDNumber: "123"}, fault: fault.Denied},
			{name: "someone new without a name", claims: Claims{IDType: "111", IDNumber: "310106195403129925"}, fault: fault.Denied},
		} {
			got, err := g.admit(t.Context(), tc.claims)
			if tc.fault != 0 {
				if !fault.Is(err, tc.fault) {
					t.Errorf("%s: got %+v, %v; want %s", tc.name, got, err, tc.fault)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s: %v", tc.name, err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.name, diff)
			}
		}
	})
}

// Whoever the provider vouches for is entered once.
func TestEnter(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		g := New(Options{URL: "https://ban.example"}, Deps{DB: d, Parties: party.New(d, clock.System)})
		claims := Claims{Subject: "s", Name: "EMMA BROWN", IDType: "111", IDNumber: "310106195403129925", Locale: "en-GB"}
		first, err := g.admit(t.Context(), claims)
		if err != nil {
			t.Fatal(err)
		}
		again, err := g.admit(t.Context(), claims)
		if err != nil || again.Party != first.Party {
			t.Errorf("again: got %+v, %v; want %s", again, err, first.Party)
		}
		if _, err := g.enter(t.Context(), claims); err != nil {
			t.Errorf("at once with another: %v", err)
		}
		p, err := g.Parties.Get(t.Context(), d.Reader(), first.Party)
		if err != nil || p.Lang != i18n.EN || p.Name != "EMMA BROWN" {
			t.Errorf("entered: got %+v, %v", p, err)
		}
	})
}

// A session that has ended is not found, and goes with the next that is kept.
func TestShelf(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		s, ctx, now := shelf{d}, t.Context(), clock.System()
		for token, expiry := range map[string]time.Time{"over": now.Add(-time.Second), "live": now.Add(time.Hour)} {
			if err := s.CommitCtx(ctx, token, []byte(token), expiry); err != nil {
				t.Fatal(err)
			}
		}
		if _, found, err := s.FindCtx(ctx, "over"); found || err != nil {
			t.Errorf("over: got found %v, %v", found, err)
		}
		if data, found, err := s.FindCtx(ctx, "live"); !found || err != nil || string(data) != "live" {
			t.Errorf("live: got %q, found %v, %v", data, found, err)
		}
		if err := s.CommitCtx(ctx, "live", []byte("again"), now.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		var rows int
		if err := d.Reader().QueryRowContext(ctx, "SELECT COUNT(*) FROM sessions").Scan(&rows); err != nil || rows != 1 {
			t.Errorf("rows: got %d, %v; want one", rows, err)
		}
		if data, _, _ := s.FindCtx(ctx, "live"); string(data) != "again" {
			t.Errorf("kept again: got %q", data)
		}
		for range 2 {
			if err := s.DeleteCtx(ctx, "live"); err != nil {
				t.Errorf("delete: %v", err)
			}
		}
		if _, found, _ := s.FindCtx(ctx, "live"); found {
			t.Error("deleted: got found")
		}
	})
}
