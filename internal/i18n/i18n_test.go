package i18n

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// Every message has both languages, with the same placeholders.
func TestMessages(t *testing.T) {
	all, err := read(files)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 100 {
		t.Errorf("got %d messages, want the house's hundreds", len(all))
	}
	placeholder := regexp.MustCompile(`\{\w+\}`)
	for key, text := range all {
		if strings.TrimSpace(text.ZH) == "" || strings.TrimSpace(text.EN) == "" {
			t.Errorf("%s: got %q and %q, want a text in both languages", key, text.ZH, text.EN)
		}
		zh, en := placeholder.FindAllString(text.ZH, -1), placeholder.FindAllString(text.EN, -1)
		slices.Sort(zh)
		slices.Sort(en)
		if !slices.Equal(slices.Compact(zh), slices.Compact(en)) {
			t.Errorf("%s: got placeholders %v in Chinese and %v in English, want the same", key, zh, en)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	for name, src := range map[string]string{
		"broken yaml":   "a.x: {zh: {, en: b}\n",
		"wrong prefix":  "b.x: {zh: 甲, en: b}\n",
		"unknown field": "a.x: {zh: 甲, fr: b}\n",
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := read(fstest.MapFS{"messages/a.yaml": {Data: []byte(src)}}); err == nil {
				t.Errorf("read(%q): got no error, want one", src)
			}
		})
	}
}

func TestFill(t *testing.T) {
	got := Text{ZH: "第 {n} 步：{what}", EN: "Step {n}: {what}"}
	args := []any{"n", 2, "what", Text{ZH: "填表", EN: "Fill in"}}
	if zh := fill(got.ZH, ZH, args); zh != "第 2 步：填表" {
		t.Errorf("Chinese: got %q, want 第 2 步：填表", zh)
	}
	if en := fill(got.EN, EN, args); en != "Step 2: Fill in" {
		t.Errorf("English: got %q, want Step 2: Fill in", en)
	}
}

func TestLang(t *testing.T) {
	for in, want := range map[string]Lang{"": ZH, "zh-CN": ZH, "en": EN, "EN-gb": EN, "fr": ZH} {
		if got := ParseLang(in); got != want {
			t.Errorf("ParseLang(%q): got %q, want %q", in, got, want)
		}
	}
	half := Text{EN: "only"}
	if got := half.In(ZH); got != "only" {
		t.Errorf("In(ZH) of an English-only text: got %q, want the English", got)
	}
}
