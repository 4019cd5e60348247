package form_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/form"
)

func TestRead(t *testing.T) {
	f := resettle(t)
	code := uscc()
	data, faults := f.Read(url.Values{
		"name": {" 　𠮷田桂兰\u200b "}, "id_number": {"１１0105 19491231-002x"}, "birth-year": {"１９４９"}, "birth-month": {"1"}, "birth-day": {" 02 "},
		"phone": {"+86 138-0013 8000"}, "email": {"ａ＠b.cn "}, "area": {"999999"}, "homes": {" ２ "}, "size": {"1,062.50"}, "income": {"￥１，２００.5元"},
		"household": {"2"}, "members": {"spouse", "", " child "}, "since-year": {"1975"}, "since-month": {"5"}, "kind": {"", "own"},
		"firm": {""}, "firm_code": {strings.ToLower(code)}, "help": {"false"}, "note": {"第１行\r\n第二行 "}, "agree": {"on"}, "stranger": {"x"},
	}, -1)
	if len(faults) > 0 {
		t.Errorf("faults: %+v", faults)
	}
	want := map[string]any{
		"name": "𠮷田桂兰", "id_number": "11010519491231002X", "birth": "1949-01-02", "phone": "13800138000", "email": "a@b.cn",
		"homes": int64(2), "size": 1062.5, "income": int64(120050), "household": int64(2), "members": []any{"spouse", "child"},
		"since": "1975-05", "kind": "own", "firm_code": code, "help": false, "note": "第1行\n第二行", "agree": true,
	}
	if diff := cmp.Diff(want, data); diff != "" {
		t.Errorf("Read (-want +got):\n%s", diff)
	}
}

func TestReadOneField(t *testing.T) {
	f := resettle(t)
	for _, tt := range []struct {
		field string
		typed string
		want  any    // nil: nothing
		fault string // in English; then want is the text kept
	}{
		{"homes", "", nil, ""},
		{"homes", "two", "two", `"Homes" must be a whole number, such as 12.`},
		{"homes", "1.5", "1.5", `"Homes" must be a whole number, such as 12.`},
		{"homes", "99999999999999999999", "99999999999999999999", `"Homes" must be a whole number, such as 12.`},
		{"homes", "-3", int64(-3), ""},
		{"homes", "1,000", int64(1000), ""},
		{"size", "６２.５", 62.5, ""},
		{"size", "1e3", "1e3", `"Floor area" must be a number, such as 12.5.`},
		{"size", "NaN", "NaN", `"Floor area" must be a number, such as 12.5.`},
		{"income", "0.1", int64(10), ""},
		{"income", "0.01", int64(1), ""},
		{"income", "4300.50", int64(430050), ""},
		{"income", "¥ 12", int64(1200), ""},
		{"income", "-5", int64(-500), ""},
		{"income", "12.345", "12.345", `"Monthly income" must be an amount in yuan with at most two decimals, such as 1200.50.`},
		{"income", "ten", "ten", `"Monthly income" must be an amount in yuan with at most two decimals, such as 1200.50.`},
		{"birth", "2026/3/5", "2026-03-05", ""},
		{"birth", "2026.03.05", "2026-03-05", ""},
		{"birth", "２０２６年３月５日", "2026-03-05", ""},
		{"birth", "20260305", "2026-03-05", ""},
		{"birth", "2026-2-30", "2026-2-30", "There is no such day as 2026-02-30. Please check year, month and day."},
		{"birth", "2026-03", "2026-03", "Please give a whole date, such as 15 March 2026."},
		{"birth", "05/03/2026", "05/03/2026", "Please give a whole date, such as 15 March 2026."},
		{"since", "2026年3月", "2026-03", ""},
		{"since", "202603", "2026-03", ""},
		{"since", "2026-13", "2026-13", "Please give a year and a month, such as March 2026."},
		{"since", "2026-03-05", "2026-03-05", "Please give a year and a month, such as March 2026."},
		{"phone", "(021) 1234-5678", "0211234-5678", ""},
		{"phone", "021－12345678", "021-12345678", ""},
		{"phone", "+49 151 12345678", "+4915112345678", ""},
		{"help", "true", true, ""},
		{"help", "perhaps", "perhaps", `Please choose from the answers offered for "Do you need help".`},
		{"name", "   ", nil, ""},
		{"note", "a\r\n\r\nb\r\n", "a\n\nb", ""},
	} {
		data, faults := f.Read(url.Values{tt.field: {tt.typed}}, f.StepOf(tt.field))
		delete(data, "agree")
		want := map[string]any{}
		if tt.want != nil {
			want[tt.field] = tt.want
		}
		if diff := cmp.Diff(want, data); diff != "" {
			t.Errorf("%s = %q (-want +got):\n%s", tt.field, tt.typed, diff)
		}
		got := ""
		if len(faults) == 1 && faults[0].Pointer == "/"+tt.field {
			got = faults[0].Message.EN
		}
		if got != tt.fault || len(faults) > 1 {
			t.Errorf("%s = %q: faults %+v, want %q", tt.field, tt.typed, faults, tt.fault)
		}
	}
}

func TestReadDateParts(t *testing.T) {
	f := resettle(t)
	for _, tt := range []struct {
		year, month, day string
		want             any
		fault            bool
	}{
		{"2026", "3", "5", "2026-03-05", false},
		{"", "", "", nil, false},
		{"2026", "2", "30", "2026-2-30", true},
		{"2026", "", "5", "2026--5", true},
		{"", "3", "", "-3-", true},
		{"26", "3", "5", "26-3-5", true},
		{"2026", "-3", "5", "2026-03-05", false},
		{"year", "x", "5", "year-x-5", true},
	} {
		data, faults := f.Read(url.Values{"birth-year": {tt.year}, "birth-month": {tt.month}, "birth-day": {tt.day}}, 0)
		if data["birth"] != tt.want || (len(faults) > 0) != tt.fault {
			t.Errorf("%s-%s-%s: got %v, %+v; want %v, fault %v", tt.year, tt.month, tt.day, data["birth"], faults, tt.want, tt.fault)
		}
	}
}

func TestReadSteps(t *testing.T) {
	f := resettle(t)
	posted := url.Values{"name": {"陈桂兰"}, "homes": {"1"}}
	for step, want := range map[int]map[string]any{
		0: {"name": "陈桂兰"}, 1: {"homes": int64(1)}, 2: {"agree": false}, 3: {}, -1: {"name": "陈桂兰", "homes": int64(1), "agree": false},
	} {
		got, _ := f.Read(posted, step)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("step %d (-want +got):\n%s", step, diff)
		}
	}
}

// What Read takes without a fault has the type that Validate wants; what it
// keeps as typed, Validate refuses at the same place.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"12", "１２.５", "2026-02-30", "2026年3月5日", "+86 138 0013 8000", "𠮷", "\x00", "true", "￥1,2.30元", "a@b.cn"} {
		f.Add("homes", s)
		f.Add("income", s)
		f.Add("birth", s)
		f.Add("phone", s)
	}
	parsed := resettle(f)
	f.Fuzz(func(t *testing.T, key, typed string) {
		field := parsed.Field(key)
		if field == nil {
			return
		}
		data, faults := parsed.Read(url.Values{key: {typed}}, -1)
		delete(data, "agree")
		for _, wrong := range faults {
			if !pointsTo(parsed, data, wrong.Pointer) {
				t.Errorf("Read(%s = %q) refuses %s, Validate takes %v", key, typed, wrong.Pointer, data)
			}
		}
		again, _ := parsed.Read(url.Values{key: {strings.TrimSpace(typed)}}, -1)
		delete(again, "agree")
		if diff := cmp.Diff(data, again); diff != "" {
			t.Errorf("spaces around %q change what is read:\n%s", typed, diff)
		}
	})
}

func pointsTo(f *form.Form, data map[string]any, pointer string) bool {
	all := map[string]any{"homes": 1, "kind": "own", "household": 2, "members": []any{"spouse"}}
	for key, value := range data {
		all[key] = value
	}
	for _, wrong := range f.Validate(all) {
		if wrong.Pointer == pointer {
			return true
		}
	}
	return false
}

func FuzzValidate(f *testing.F) {
	f.Add("name", "𠮷", 1.5, true, byte(0))
	f.Add("homes", "", 1e300, false, byte(1))
	f.Add("members", "spouse", 0.0, false, byte(3))
	f.Add("a/b~", "\xff", -1.0, false, byte(5))
	parsed := resettle(f)
	f.Fuzz(func(t *testing.T, key, s string, n float64, b bool, kind byte) {
		values := []any{s, n, b, []any{s}, []any{n, b}, map[string]any{s: n}, nil, []string{s, s}, int64(n)}
		data := with(map[string]any{key: values[int(kind)%len(values)]})
		faults := parsed.Validate(data)
		seen := map[string]bool{}
		for _, wrong := range faults {
			if wrong.Message.ZH == "" || wrong.Message.EN == "" || !strings.HasPrefix(wrong.Pointer, "/") || seen[wrong.Pointer] {
				t.Errorf("fault %+v", wrong)
			}
			seen[wrong.Pointer] = true
		}
		if pruned := parsed.Prune(data); len(faults) == 0 && len(parsed.Validate(pruned)) > 0 {
			t.Errorf("Validate takes %v and refuses what Prune leaves, %v", data, pruned)
		}
	})
}
