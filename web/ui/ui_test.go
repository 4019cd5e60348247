package ui_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"github.com/tongban/tongban/form"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/web/ui"
)

var shanghai = time.FixedZone("CST", 8*60*60)

func frame(lang i18n.Lang) context.Context {
	return ui.With(context.Background(), ui.Frame{Lang: lang, Now: time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC), Zone: shanghai,
		Brand: i18n.Text{ZH: "通办", EN: "Tongban"}, URL: &url.URL{Path: "/search", RawQuery: "q=a%26b&lang=zh"}})
}

func render(t *testing.T, ctx context.Context, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(ctx, &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWords(t *testing.T) {
	at := time.Date(2026, 11, 23, 2, 32, 0, 0, time.UTC)
	tests := []struct{ name, zh, en string }{
		{"money", ui.Money(frame(i18n.ZH), 123456789), ui.Money(frame(i18n.EN), 123456789)},
		{"free", ui.Money(frame(i18n.ZH), 0), ui.Money(frame(i18n.EN), 0)},
		{"today", ui.Moment(frame(i18n.ZH), at), ui.Moment(frame(i18n.EN), at)},
		{"earlier", ui.Moment(frame(i18n.ZH), at.AddDate(0, 0, -1)), ui.Moment(frame(i18n.EN), at.AddDate(0, 0, -1))},
		{"midnight belongs to the next day", ui.Day(frame(i18n.ZH), at.Add(14*time.Hour)), ui.Day(frame(i18n.EN), at.Add(14*time.Hour))},
		{"instant", ui.Days(frame(i18n.ZH), 0), ui.Days(frame(i18n.EN), 0)},
		{"one day", ui.Days(frame(i18n.ZH), 1), ui.Days(frame(i18n.EN), 1)},
	}
	want := [][2]string{
		{"1,234,567.89 元", "1,234,567.89 yuan"}, {"免费", "Free"}, {"今天 10:32", "today 10:32"}, {"2026年11月22日 10:32", "22 November 2026 10:32"},
		{"2026年11月24日", "24 November 2026"}, {"当场办结", "On the spot"}, {"1 个工作日", "1 working day"},
	}
	for i, tt := range tests {
		if tt.zh != want[i][0] || tt.en != want[i][1] {
			t.Errorf("%s: got %q, %q, want %q, %q", tt.name, tt.zh, tt.en, want[i][0], want[i][1])
		}
	}
}

// TestSwitchesKeepTheQuery changes the language of the page one is on.
func TestSwitchesKeepTheQuery(t *testing.T) {
	page := render(t, frame(i18n.ZH), ui.Layout(ui.Page{Title: "搜索"}))
	for _, want := range []string{`href="/search?lang=en&amp;q=a%26b"`, `href="/search?elder=on&amp;q=a%26b"`, `<html lang="zh-CN"`, "<title>搜索 - 通办</title>"} {
		if !strings.Contains(page, want) {
			t.Errorf("got no %s in %s", want, page)
		}
	}
}

func TestField(t *testing.T) {
	label := i18n.Text{ZH: "题目", EN: "Question"}
	choices := []form.Choice{{Value: "a", Label: i18n.Same("甲")}, {Value: "b", Label: i18n.Same("乙")}}
	wrong := i18n.Text{ZH: "请填写", EN: "Fill this in"}
	from := &form.Provenance{Source: i18n.Text{ZH: "来自 市公安局人口库", EN: "From the police"}, At: time.Date(2026, 11, 23, 2, 32, 0, 0, time.UTC).UnixMilli()}
	tests := []struct {
		name   string
		field  form.Field
		answer ui.Answer
		want   []string
	}{
		{"text", form.Field{Widget: "text", MaxLength: 20, Autocomplete: "name", Required: true}, ui.Answer{Value: `<b>&"`},
			[]string{`<label class="govuk-label" for="k">`, `value="&lt;b&gt;&amp;&#34;"`, `maxlength="20"`, `autocomplete="name"`, `aria-required="true"`}},
		{"rare character", form.Field{Widget: "text"}, ui.Answer{Value: "林𠮷"}, []string{`value="林𠮷"`, "（选填）"}},
		{"mistake", form.Field{Widget: "text", Hint: label}, ui.Answer{Error: wrong},
			[]string{`aria-invalid="true"`, `aria-describedby="k-hint k-error"`, `id="k-error"`, "请填写", "govuk-form-group--error"}},
		{"typed text stays", form.Field{Widget: "number"}, ui.Answer{Value: int64(3), Typed: url.Values{"k": {"三"}}}, []string{`value="三"`, `inputmode="decimal"`}},
		{"money", form.Field{Widget: "money"}, ui.Answer{Value: int64(123450)}, []string{`value="1234.50"`, "元"}},
		{"date", form.Field{Widget: "date"}, ui.Answer{Value: "1954-03-09"},
			[]string{`<fieldset`, `id="k" name="k-year"`, `value="1954"`, `name="k-month"`, `value="3"`, `name="k-day"`, `value="9"`}},
		{"year and month", form.Field{Widget: "year-month"}, ui.Answer{Value: "2026-10"}, []string{`name="k-year"`, `value="10"`}},
		{"radio", form.Field{Widget: "radio", Choices: choices}, ui.Answer{Value: "b"}, []string{`id="k" name="k" type="radio" value="a"`, `value="b" checked`, "<legend"}},
		{"checkboxes", form.Field{Widget: "checkboxes", Choices: choices}, ui.Answer{Value: []any{"a"}}, []string{`value="a" checked`, `id="k-2"`}},
		{"checkbox", form.Field{Widget: "checkbox"}, ui.Answer{Value: true}, []string{`value="true" checked`}},
		{"select", form.Field{Widget: "select", Choices: choices}, ui.Answer{Value: "b"}, []string{`<option value="">请选择`, `value="b" selected`}},
		{"area", form.Field{Widget: "area"}, ui.Answer{Value: "b", Areas: choices}, []string{`value="b" selected`}},
		{"readonly", form.Field{Widget: "text", Readonly: true}, ui.Answer{Value: "固定"}, []string{"<p>固定</p>"}},
		{"known", form.Field{Widget: "text"}, ui.Answer{Value: "陈", From: from, Correct: "/x"},
			[]string{"来自 市公安局人口库 · 今天 10:32", `<a href="/x">这不对`, `aria-describedby="k-from"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.field.Key, tt.field.Label = "k", label
			got := render(t, frame(i18n.ZH), ui.Field(&tt.field, tt.answer))
			for _, want := range tt.want {
				if !strings.Contains(got, want) {
					t.Errorf("got no %s in %s", want, got)
				}
			}
		})
	}
}

func TestValue(t *testing.T) {
	choices := []form.Choice{{Value: "a", Label: i18n.Text{ZH: "甲", EN: "First"}}, {Value: "b", Label: i18n.Text{ZH: "乙", EN: "Second"}}}
	tests := []struct {
		field form.Field
		value any
		want  string
	}{
		{form.Field{Widget: "text"}, "马琳", "马琳"}, {form.Field{Widget: "text"}, nil, ""}, {form.Field{Widget: "number"}, 1.15, "1.15"},
		{form.Field{Widget: "money"}, 450000.0, "4,500 元"}, {form.Field{Widget: "date"}, "2026-10-30", "2026年10月30日"}, {form.Field{Widget: "date"}, "昨天", "昨天"},
		{form.Field{Widget: "radio", Choices: choices}, "b", "乙"}, {form.Field{Widget: "checkboxes", Choices: choices}, []any{"a", "b"}, "甲、乙"},
		{form.Field{Widget: "checkbox"}, true, "是"}, {form.Field{Widget: "checkbox"}, false, "否"}, {form.Field{Widget: "area"}, "a", "甲"},
	}
	for _, tt := range tests {
		if got := ui.Value(frame(i18n.ZH), &tt.field, tt.value, choices); got != tt.want {
			t.Errorf("%s %v: got %q, want %q", tt.field.Widget, tt.value, got, tt.want)
		}
	}
}

// TestPolicy holds the content security policy: nothing inline, nothing from
// elsewhere, no frame around us.
func TestPolicy(t *testing.T) {
	w := httptest.NewRecorder()
	ui.Secure(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	got := w.Header().Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
		if !strings.Contains(got, want) {
			t.Errorf("policy: got %q, want %q in it", got, want)
		}
	}
	for _, never := range []string{"unsafe-inline", "unsafe-eval", "http:", "https:", "*"} {
		if strings.Contains(got, never) {
			t.Errorf("policy: got %q, want no %q", got, never)
		}
	}
	if w.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("got no nosniff: %v", w.Header())
	}
}

func TestSqueeze(t *testing.T) {
	got := string(ui.Squeeze([]byte("/* one\n * two */\n.a {\n  color: red;\n}\n/* three */ .b { top: 0 }\n")))
	if want := ".a {color: red;}.b { top: 0 }"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestIcons(t *testing.T) {
	if !ui.HasIcon("search") || ui.HasIcon("no-such-icon") {
		t.Errorf("search: got %t, want true; no-such-icon: got %t, want false", ui.HasIcon("search"), ui.HasIcon("no-such-icon"))
	}
	if got := render(t, frame(i18n.ZH), ui.Icon("no-such-icon")); !strings.Contains(got, "<path") || !strings.Contains(got, `aria-hidden="true"`) {
		t.Errorf("unknown icon: got %s, want a hidden sheet of paper", got)
	}
}
