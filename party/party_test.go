package party_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/testdb"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/party/identifier"
	"github.com/tongban/tongban/workday"
)

// start is when every test begins.
func start() time.Time { return time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC) }

// town is a store with some people in it.
type town struct {
	*testing.T
	*party.Store
	db    *db.DB
	clock *clock.Fake
}

func newTown(t *testing.T, d *db.DB) *town {
	fake := clock.NewFake(start())
	w := &town{T: t, Store: party.New(d, fake.Now), db: d, clock: fake}
	for _, p := range []party.Party{
		person("elder", "陈桂兰", "Chen Guilan", "310106195403129925"),
		person("niece", "黄梅", "Huang Mei", "310101198801017901"),
		person("mother", "张敏", "Zhang Min", "310101199303157904"),
		person("child", "李小𠮷", "Li Xiaoji", "310101201906157909"),
		person("owner", "顾华", "Gu Hua", "310101197001017905"),
		person("clerk", "孙浩", "Sun Hao", "310101199001017908"),
		{ID: "guest", Kind: party.Person, Name: "Anna Maria Schmidt-Öz", Latin: "Anna Maria Schmidt-Oez", IDType: identifier.Passport,
			IDNumber: "C01X00T47", Birth: day("1985-05-05"), Sex: "f", Lang: "en"},
		{ID: "firm", Kind: party.Organisation, Name: "上海通办面馆有限公司", IDType: identifier.USCC, IDNumber: "91310115MA1K4A1B00"},
	} {
		w.put(p)
	}
	return w
}

// person is a party with the citizen id whose check character is put right.
func person(id party.ID, name, latin, number string) party.Party {
	for _, c := range "0123456789X" {
		if candidate := number[:17] + string(c); party.CheckCitizenID(candidate) == nil {
			number = candidate
		}
	}
	return party.Party{ID: id, Kind: party.Person, Name: name, Latin: latin, IDType: identifier.CitizenID, IDNumber: number}
}

func day(s string) workday.Date {
	d, err := workday.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func (w *town) write(fn func(ctx context.Context, tx db.Tx) error) error {
	return w.db.Write(w.Context(), fn)
}

func (w *town) put(p party.Party) {
	w.Helper()
	if p.IDType == identifier.USCC {
		for _, c := range "0123456789ABCDEFGHJKLMNPQRTUWXY" {
			if candidate := p.IDNumber[:17] + string(c); party.CheckUSCC(candidate) == nil {
				p.IDNumber = candidate
			}
		}
	}
	if err := w.write(func(ctx context.Context, tx db.Tx) error { return w.Put(ctx, tx, p) }); err != nil {
		w.Fatalf("Put(%s): %v", p.ID, err)
	}
}

func TestPut(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		p := person("rare", "𠮷田𡈽", "Jitian", "310101197805217906")
		p.Phone, p.Address, p.Area, p.Elder, p.Lang = "19900000099", "上海市黄浦区通办路1号", "310101", true, "zh"
		w.put(p)
		got, err := w.Get(t.Context(), d.Reader(), "rare")
		if err != nil {
			t.Fatal(err)
		}
		p.Birth, p.Sex = day("1978-05-21"), "f"
		if diff := cmp.Diff(p, got); diff != "" {
			t.Errorf("Get (-want +got):\n%s", diff)
		}
		p.Name, p.Phone = "𠮷田𡈽二", ""
		w.put(p)
		spaced := strings.ToLower(p.IDNumber[:6] + " " + p.IDNumber[6:])
		if got, err = w.ByIdentifier(t.Context(), d.Reader(), identifier.CitizenID, spaced); err != nil || got.Name != "𠮷田𡈽二" || got.Phone != "" {
			t.Errorf("ByIdentifier after a change = %+v, %v", got, err)
		}
		if found, err := w.Search(t.Context(), d.Reader(), "𠮷田𡈽", 10); err != nil || len(found) != 1 {
			t.Errorf("Search = %v, %v; want one", found, err)
		}
		if _, err := w.Get(t.Context(), d.Reader(), "nobody"); !fault.Is(err, fault.NotFound) {
			t.Errorf("Get(nobody) = %v, want NotFound", err)
		}
		if _, err := w.ByIdentifier(t.Context(), d.Reader(), identifier.Passport, p.IDNumber); !fault.Is(err, fault.NotFound) {
			t.Errorf("ByIdentifier of another type = %v, want NotFound", err)
		}
	})
}

func TestPutRefuses(t *testing.T) {
	w := newTown(t, testdb.Open(t, db.SQLite))
	good := person("new", "王静", "Wang Jing", "310101199205057902")
	for _, tt := range []struct {
		name    string
		change  func(p *party.Party)
		kind    fault.Kind
		pointer string
	}{
		{"no id", func(p *party.Party) { p.ID = "" }, fault.Invalid, "/id"},
		{"the system's id", func(p *party.Party) { p.ID = party.System }, fault.Invalid, "/id"},
		{"no name", func(p *party.Party) { p.Name = "" }, fault.Invalid, "/name"},
		{"long name", func(p *party.Party) { p.Name = strings.Repeat("𠮷", 121) }, fault.Invalid, "/name"},
		{"control character", func(p *party.Party) { p.Address = "a\x00" }, fault.Invalid, "/address"},
		{"text turned round", func(p *party.Party) { p.Latin = "a\u202eb" }, fault.Invalid, "/latin"},
		{"bytes", func(p *party.Party) { p.Phone = "\xff" }, fault.Invalid, "/phone"},
		{"an organisation with a citizen id", func(p *party.Party) { p.Kind = party.Organisation }, fault.Invalid, "/kind"},
		{"no kind", func(p *party.Party) { p.Kind = "" }, fault.Invalid, "/kind"},
		{"wrong check digit", func(p *party.Party) { p.IDNumber = "310101199205057900" }, fault.Invalid, "/idNumber"},
		{"another birthday than the id", func(p *party.Party) { p.Birth = day("1992-05-06") }, fault.Invalid, "/birth"},
		{"another sex than the id", func(p *party.Party) { p.Sex = "m" }, fault.Invalid, "/birth"},
		{"another's identifier", func(p *party.Party) { p.IDNumber = person("", "", "", "310106195403129925").IDNumber }, fault.Conflict, ""},
	} {
		p := good
		if tt.name == "wrong check digit" && p.IDNumber == "310101199205057900" {
			t.Fatal("the wrong number is the right one")
		}
		tt.change(&p)
		err := w.write(func(ctx context.Context, tx db.Tx) error { return w.Put(ctx, tx, p) })
		kind, message, fields := fault.Shown(err)
		if kind != tt.kind || message.IsZero() {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.kind)
			continue
		}
		if tt.pointer != "" && (len(fields) != 1 || fields[0].Pointer != tt.pointer) {
			t.Errorf("%s: got fields %+v, want one at %s", tt.name, fields, tt.pointer)
		}
	}
	if _, err := w.Get(t.Context(), w.db.Reader(), "new"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a refused party is there: %v", err)
	}
}

func TestSearch(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		number := person("", "", "", "310106195403129925").IDNumber
		for _, tt := range []struct {
			query string
			want  []party.ID
		}{
			{"陈", []party.ID{"elder"}},
			{" 陈 桂 兰 ", []party.ID{"elder"}},
			{"chen g", []party.ID{"elder"}},
			{"GUILAN", []party.ID{"elder"}},
			{"李小𠮷", []party.ID{"child"}},
			{"上海通办", []party.ID{"firm"}},
			{"schmidt", []party.ID{"guest"}},
			{"Maria Schmidt Oez", []party.ID{"guest"}},
			{"schmidt-ö", nil},
			{number, []party.ID{"elder"}},
			{strings.ToLower(number[:6] + " " + number[6:]), []party.ID{"elder"}},
			{"c01x00t47", []party.ID{"guest"}},
			{number[:17], nil},
			{"", nil},
			{"--", nil},
			{"%", nil},
			{"桂", nil},
			{strings.Repeat("陈", 61), nil},
			{"\xff\xfe", nil},
		} {
			found, err := w.Search(t.Context(), d.Reader(), tt.query, 10)
			if err != nil {
				t.Errorf("Search(%q): %v", tt.query, err)
			}
			var got []party.ID
			for _, p := range found {
				got = append(got, p.ID)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Search(%q) (-want +got):\n%s", tt.query, diff)
			}
		}
		if found, err := w.Search(t.Context(), d.Reader(), "h", 0); err != nil || len(found) != 1 {
			t.Errorf("Search with limit 0 = %d parties, %v; want 1", len(found), err)
		}
	})
}

func TestAttribute(t *testing.T) {
	p := party.Party{Name: "𠮷", Birth: day("1978-05-21"), IDNumber: "1"}
	for key, want := range map[string]string{"name": "𠮷", "birth": "1978-05-21", "id_number": "1", "latin": "", "sex": "", "phone": "", "address": "", "area": "", "id_type": ""} {
		if got, ok := p.Attribute(key); !ok || got != want {
			t.Errorf("Attribute(%q) = %q, %v; want %q", key, got, ok, want)
		}
	}
	if _, ok := p.Attribute("idNumber"); ok {
		t.Error("Attribute(idNumber) is there")
	}
}
