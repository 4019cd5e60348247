package i18n

import "testing"

func TestWritten(t *testing.T) {
	for value, want := range map[string]Text{
		"2026-12-07":         {ZH: "2026年12月7日", EN: "7 December 2026"},
		"2026-01":            {ZH: "2026年1月", EN: "January 2026"},
		"2026-02-30":         Same("2026-02-30"),
		"20261123-NWWG-5P4T": Same("20261123-NWWG-5P4T"),
		"021-1234":           Same("021-1234"),
		"":                   {},
		"上海市徐汇区通办路7号":        Same("上海市徐汇区通办路7号"),
	} {
		if got := Written(value); got != want {
			t.Errorf("Written(%q) = %+v, want %+v", value, got, want)
		}
	}
}
