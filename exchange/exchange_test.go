package exchange

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/internal/testdb"
	"github.com/tongban/tongban/party"
	"github.com/tongban/tongban/workday"
)

var noon = time.Date(2026, 3, 5, 4, 0, 0, 0, time.UTC)

func register() catalog.Resource {
	return catalog.Resource{
		ID: "population", Name: i18n.Text{ZH: "人口库", EN: "Population register"}, Agency: "gaj",
		Fields: []catalog.ResourceField{
			{Key: "name", Type: "string", Label: i18n.Text{ZH: "姓名", EN: "Name"}},
			{Key: "birth", Type: "date", Label: i18n.Text{ZH: "出生日期", EN: "Date of birth"}},
			{Key: "homes", Type: "int"},
			{Key: "ratio", Type: "double"},
			{Key: "alive", Type: "bool"},
		},
	}
}

func open(d *db.DB) (*Store, *clock.Fake) {
	c := clock.NewFake(noon)
	agencies := []catalog.Agency{
		{ID: "gaj", Name: i18n.Text{ZH: "上海市公安局", EN: "Shanghai Police"}, Short: i18n.Text{ZH: "市公安局", EN: "Police"}},
		{ID: "mzj", Short: i18n.Text{ZH: "市民政局", EN: "Civil Affairs"}},
	}
	return New(d, c.Now, []catalog.Resource{register()}, agencies), c
}

func write(t *testing.T, d *db.DB, fn func(ctx context.Context, tx db.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), fn); err != nil {
		t.Fatalf("Write = %v, want nil", err)
	}
}

func question(fields ...string) Question {
	return Question{Resource: "population", Subject: "chen", Purpose: "办理 老年综合津贴", CaseID: "case-1", Asker: "mzj", Fields: fields}
}

func TestAsk(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		s, c := open(d)
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			return s.Put(ctx, tx, "population", "chen", map[string]any{
				"name": "陈桂兰", "birth": "1954-02-03", "homes": uint64(2), "ratio": 1, "alive": true,
			}, noon.Add(-time.Hour))
		})
		c.Add(time.Minute)
		tests := []struct {
			name string
			q    Question
			want Answer
		}{
			{"everything", question(), Answer{Found: true, AsOf: noon.Add(-time.Hour), Values: map[string]any{
				"name": "陈桂兰", "birth": "1954-02-03", "homes": int64(2), "ratio": 1.0, "alive": true,
			}}},
			{"two fields", question("name", "homes"), Answer{Found: true, AsOf: noon.Add(-time.Hour), Values: map[string]any{"name": "陈桂兰", "homes": int64(2)}}},
			{"nothing known", Question{Resource: "population", Subject: "li", Purpose: "p", Asker: "a"}, Answer{Values: map[string]any{}}},
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				var got Answer
				write(t, d, func(ctx context.Context, tx db.Tx) (err error) {
					got, err = s.Ask(ctx, tx, tt.q)
					return err
				})
				tt.want.At = noon.Add(time.Minute)
				tt.want.Source = i18n.Text{ZH: "来自 市公安局人口库", EN: "From Police (Population register)"}
				if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(Answer{}, "Request")); diff != "" {
					t.Errorf("Ask (-want +got)\n%s", diff)
				}
				receipts, err := s.Receipts(t.Context(), d.Reader(), tt.q.Subject, 1)
				if err != nil || len(receipts) != 1 || receipts[0].ID != got.Request {
					t.Errorf("Receipts = %+v, %v, want the one of request %s first", receipts, err, got.Request)
				}
			})
		}
	})
}

func TestAskRefuses(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		s, _ := open(d)
		tests := []struct {
			name string
			q    Question
			want fault.Kind
		}{
			{"unknown register", Question{Resource: "weather", Subject: "chen", Purpose: "p", Asker: "a"}, fault.NotFound},
			{"unknown field", question("shoe_size"), fault.Invalid},
			{"no subject", Question{Resource: "population", Purpose: "p", Asker: "a"}, fault.Invalid},
			{"no purpose", Question{Resource: "population", Subject: "chen", Asker: "a"}, fault.Invalid},
			{"no asker", Question{Resource: "population", Subject: "chen", Purpose: "p"}, fault.Invalid},
		}
		for _, tt := range tests {
			err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
				_, err := s.Ask(ctx, tx, tt.q)
				return err
			})
			if !fault.Is(err, tt.want) {
				t.Errorf("%s: Ask = %v, want %s", tt.name, err, tt.want)
			}
			if _, message, _ := fault.Shown(err); message.ZH == message.EN {
				t.Errorf("%s: message = %+v, want both languages", tt.name, message)
			}
		}
		if got, err := s.Receipts(t.Context(), d.Reader(), "chen", 10); err != nil || len(got) != 0 {
			t.Errorf("Receipts after refusals = %+v, %v, want none", got, err)
		}
	})
}

// TestReceiptStandsWithAnswer: an answer that is undone leaves no receipt, one
// that stands leaves all of it.
func TestReceiptStandsWithAnswer(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		s, c := open(d)
		undo := errors.New("undo")
		err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			if _, err := s.Ask(ctx, tx, question()); err != nil {
				return err
			}
			return undo
		})
		if !errors.Is(err, undo) {
			t.Fatalf("Write = %v, want %v", err, undo)
		}
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			_, err := s.Ask(ctx, tx, question("name", "homes"))
			return err
		})
		c.Add(time.Second)
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			_, err := s.Ask(ctx, tx, Question{Resource: "population", Subject: "chen", Purpose: "p", Asker: "自助终端"})
			return err
		})
		got, err := s.Receipts(t.Context(), d.Reader(), "chen", 10)
		if err != nil || len(got) != 2 {
			t.Fatalf("Receipts = %+v, %v, want two", got, err)
		}
		want := Receipt{
			Subject: "chen", Resource: "population", Source: i18n.Text{ZH: "市公安局人口库", EN: "Police (Population register)"},
			Asker: "mzj", Who: i18n.Text{ZH: "市民政局", EN: "Civil Affairs"}, Purpose: "办理 老年综合津贴", CaseID: "case-1",
			Fields: []string{"name", "homes"}, Labels: []i18n.Text{{ZH: "姓名", EN: "Name"}, i18n.Text{}}, At: noon,
		}
		if diff := cmp.Diff(want, got[1], cmpopts.IgnoreFields(Receipt{}, "ID")); diff != "" {
			t.Errorf("oldest receipt (-want +got)\n%s", diff)
		}
		if got[0].Who != i18n.Same("自助终端") || !got[0].At.Equal(noon.Add(time.Second)) {
			t.Errorf("newest receipt = %+v, want the terminal's, one second later", got[0])
		}
		for _, limit := range []int{-1, 0, 1} {
			if got, err := s.Receipts(t.Context(), d.Reader(), "chen", limit); err != nil || len(got) != max(0, limit) {
				t.Errorf("Receipts with limit %d = %d, %v, want %d", limit, len(got), err, max(0, limit))
			}
		}
	})
}

func TestPutReplacesAmendKeeps(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		s, _ := open(d)
		read := func() (got Answer) {
			write(t, d, func(ctx context.Context, tx db.Tx) (err error) {
				got, err = s.Ask(ctx, tx, question())
				return err
			})
			return got
		}
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			return s.Amend(ctx, tx, "population", "chen", map[string]any{"name": "陈桂兰", "homes": 1, "alive": true}, noon)
		})
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			return s.Amend(ctx, tx, "population", "chen", map[string]any{"homes": 2, "alive": nil}, noon.Add(time.Hour))
		})
		got := read()
		if diff := cmp.Diff(map[string]any{"homes": int64(2), "name": "陈桂兰"}, got.Values); diff != "" || !got.AsOf.Equal(noon.Add(time.Hour)) {
			t.Errorf("after Amend: AsOf %v, values (-want +got)\n%s", got.AsOf, diff)
		}
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			return s.Put(ctx, tx, "population", "chen", map[string]any{"alive": false}, noon)
		})
		if diff := cmp.Diff(map[string]any{"alive": false}, read().Values); diff != "" {
			t.Errorf("after Put (-want +got)\n%s", diff)
		}
	})
}

func TestPutRefuses(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d *db.DB) {
		s, _ := open(d)
		err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			return s.Put(ctx, tx, "population", "chen", map[string]any{"homes": "two", "a/b": 1, "name": "ok"}, noon)
		})
		_, _, fields := fault.Shown(err)
		pointers := map[string]bool{}
		for _, f := range fields {
			pointers[f.Pointer] = f.Message.ZH != f.Message.EN
		}
		if diff := cmp.Diff(map[string]bool{"/homes": true, "/a~1b": true}, pointers); !fault.Is(err, fault.Invalid) || diff != "" {
			t.Errorf("Put = %v, want Invalid with two fields (-want +got)\n%s", err, diff)
		}
		for name, put := range map[string]func(ctx context.Context, tx db.Tx) error{
			"unknown register": func(ctx context.Context, tx db.Tx) error { return s.Put(ctx, tx, "weather", "chen", nil, noon) },
			"amend unknown":    func(ctx context.Context, tx db.Tx) error { return s.Amend(ctx, tx, "weather", "chen", nil, noon) },
		} {
			if err := d.Write(t.Context(), put); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s = %v, want not found", name, err)
			}
		}
		err = d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			return s.Put(ctx, tx, "population", party.ID(""), nil, noon)
		})
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("Put without subject = %v, want invalid", err)
		}
	})
}

func TestConvert(t *testing.T) {
	day, err := workday.ParseDate("2026-03-05")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		typ  string
		in   any
		want any // nil: refused
	}{
		{"string", "陈𠮷", "陈𠮷"},
		{"string", "", ""},
		{"string", 3, nil},
		{"string", "a\x00b", nil},
		{"string", "a\nb", nil},
		{"string", "\xff", nil},
		{"date", "2026-03-05", "2026-03-05"},
		{"date", day, "2026-03-05"},
		{"date", workday.Date{}, nil},
		{"date", "2026-02-30", nil},
		{"date", "5 March", nil},
		{"date", 20260305, nil},
		{"int", 3, int64(3)},
		{"int", int64(-3), int64(-3)},
		{"int", uint64(math.MaxUint64), nil},
		{"int", 3.0, int64(3)},
		{"int", 3.5, nil},
		{"int", 1e18, nil},
		{"int", math.NaN(), nil},
		{"int", "3", nil},
		{"double", 3, 3.0},
		{"double", 3.5, 3.5},
		{"double", math.Inf(1), nil},
		{"double", math.NaN(), nil},
		{"double", true, nil},
		{"bool", true, true},
		{"bool", "true", nil},
		{"bool", 1, nil},
		{"colour", "red", nil},
	}
	for _, tt := range tests {
		got, ok := convert(tt.typ, tt.in)
		if ok != (tt.want != nil) || ok && got != tt.want {
			t.Errorf("convert(%s, %#v) = %#v, %v, want %#v", tt.typ, tt.in, got, ok, tt.want)
		}
	}
}

// TestDirectoryChanged: a field that has left the directory, or has changed its
// type, is no longer given out.
func TestDirectoryChanged(t *testing.T) {
	got, err := decode(register(), `{"name":"Chen","gone":1,"homes":"two","ratio":2}`)
	if diff := cmp.Diff(map[string]any{"name": "Chen", "ratio": 2.0}, got); err != nil || diff != "" {
		t.Errorf("decode error %v (-want +got)\n%s", err, diff)
	}
	if _, err := decode(register(), `[`); err == nil {
		t.Error("decode of a broken entry = nil, want an error")
	}
	d := newDirectory(nil, nil)
	r := Receipt{Resource: "old", Asker: "x", Fields: []string{"a"}}
	d.describe(&r)
	if r.Source != i18n.Same("old") || r.Who != i18n.Same("x") || r.Labels[0] != i18n.Same("a") {
		t.Errorf("describe = %+v, want the bare keys", r)
	}
}
