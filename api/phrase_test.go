package api

import (
	"fmt"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"github.com/tongban/tongban/internal/i18n"
)

// The library's own messages are all said in our words.
func TestPhrases(t *testing.T) {
	for _, message := range []string{
		validation.MsgUnexpectedProperty, validation.MsgExpectedRFC3339DateTime, validation.MsgExpectedBoolean, validation.MsgExpectedNumber,
		validation.MsgExpectedInteger, validation.MsgExpectedString, validation.MsgExpectedArray, validation.MsgExpectedObject,
		validation.MsgExpectedArrayItemsUnique, fmt.Sprintf(validation.MsgExpectedOneOf, "a, b"), fmt.Sprintf(validation.MsgExpectedMinimumNumber, 1),
		fmt.Sprintf(validation.MsgExpectedMaximumNumber, 9), fmt.Sprintf(validation.MsgExpectedMinLength, 1), fmt.Sprintf(validation.MsgExpectedMaxLength, 9),
		fmt.Sprintf(validation.MsgExpectedMinItems, 1), fmt.Sprintf(validation.MsgExpectedMaxItems, 9), fmt.Sprintf(validation.MsgExpectedMaxProperties, 9),
		fmt.Sprintf(validation.MsgExpectedRequiredProperty, "name"), "unknown query parameter", "required header parameter is missing", "invalid integer",
	} {
		got := translate(i18n.EN, &huma.ErrorDetail{Location: "body.a", Message: message})
		if got.Message == i18n.T(i18n.EN, "api.input.wrong") {
			t.Errorf("%q is not said in our words", message)
		}
	}
}

func TestPlace(t *testing.T) {
	for location, want := range map[string][2]string{
		"body": {"", ""}, "body.items[3].tags": {"/items/3/tags", ""}, "body[0].a": {"/0/a", ""}, "query.limit": {"", "limit"},
		"header.Idempotency-Key": {"", "Idempotency-Key"}, "path.case": {"", "case"}, "form.file": {"/file", ""}, "": {"", ""}, "odd.thing": {"", ""},
	} {
		if at, parameter := place(location); at != want[0] || parameter != want[1] {
			t.Errorf("%s: got %q and %q, want %q and %q", location, at, parameter, want[0], want[1])
		}
	}
}

func TestCheckJSON(t *testing.T) {
	for body, want := range map[string]string{
		`{"a":[1,{"b":"c"}]}`: "ok", `"text"`: "ok", `12`: "ok", `{"a":"tab\tand\nline"}`: "ok", `{"a":"𠮷"}`: "ok",
		`{"a":[1,{"b":"\u0007"}]}`: "/a/1/b", `{"a/b":{"c~d":"\u0085"}}`: "/a~1b/c~0d", `{"x":1,"x":1}`: "/x", `[1,]`: "/1", `{`: "", `{"a" 1}`: "/a", ``: "",
	} {
		got := "ok"
		if bad := checkJSON([]byte(body)); bad != nil {
			got = bad.pointer
			if bad.message.ZH == "" || bad.message.EN == "" {
				t.Errorf("%s: no words in %+v", body, bad.message)
			}
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", body, got, want)
		}
	}
}
