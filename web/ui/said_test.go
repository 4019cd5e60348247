package ui_test

import (
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/web/ui"
)

// TestSaid marks the Chinese parts of what English readers hear, and keeps case
// numbers in one piece.
func TestSaid(t *testing.T) {
	zh := func(s string) string { return `<span lang="zh-CN">` + s + `</span>` }
	for text, want := range map[string]string{
		"张敏":                   zh("张敏"),
		"Zhang Min":            "Zhang Min",
		"Signed by 张敏 for 李伟.": "Signed by " + zh("张敏") + " for " + zh("李伟") + ".",
		"上海市徐汇区通办路7号公寓1106室":              zh("上海市徐汇区通办路7号公寓1106室"),
		"licence 沪租备990004 of":            "licence " + zh("沪租备") + "990004 of",
		"<b>李</b>":                        "&lt;b&gt;" + zh("李") + "&lt;/b&gt;",
		"Case number 20261123-NWWG-5P4T.": `Case number <span class="tb-nowrap">20261123-NWWG-5P4T</span>.`,
	} {
		var b strings.Builder
		if err := ui.Said(text).Render(ui.With(t.Context(), ui.Frame{Lang: i18n.EN}), &b); err != nil || b.String() != want {
			t.Errorf("Said(%q) = %q, %v; want %q", text, b.String(), err, want)
		}
	}
	var b strings.Builder
	if err := ui.Said("张敏").Render(ui.With(t.Context(), ui.Frame{Lang: i18n.ZH}), &b); err != nil || b.String() != "张敏" {
		t.Errorf("on a Chinese page: got %q, %v", b.String(), err)
	}
}
