package main

import (
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/browser"
	"github.com/tongban/tongban/internal/i18n"
)

// TestDraftingInBrowser: a decider opens a policy, types another rule and sees
// what it would change while typing; what cannot be a rule is refused at its exact
// place, and what was typed stays.
func TestDraftingInBrowser(t *testing.T) {
	b := browser.Open(t)
	for _, tt := range []struct {
		name string
		size browser.Size
		lang i18n.Lang
	}{{"phone", browser.Phone, i18n.ZH}, {"desktop-english", browser.Desktop, i18n.EN}} {
		t.Run(tt.name, func(t *testing.T) { drafting(t, b, tt.size, tt.lang) })
	}
}

func drafting(t *testing.T, b *browser.Browser, size browser.Size, lang i18n.Lang) {
	const policy, rule = "/desk/policies/elderly-allowance", "conditions.age"
	field := `document.getElementById("` + rule + `")`
	url := runCity(t)
	office := opens(t, b, url, size, lang, "mzj-decider")
	office.settled(policy)
	office.Open("/desk/policies")
	office.reads("rule.desk.title", "rule.desk.fewNote")
	office.Check("desk-policies")
	office.ClickIn("main", in(lang, "老年综合津贴", "Elderly allowance"))
	office.reads("rule.desk.conditions", "rule.desk.now", "rule.desk.byArea", "rule.desk.byAge", "rule.desk.unstored")
	office.Check("desk-policy")

	office.Fill(map[string]string{rule: "age(population.birth) >= 50"})
	office.Wait(`document.querySelector("[data-gain]") !== null`)
	if !size.Touch { // the result stands beside the rule, and is seen while one types
		office.Shot("desk-policy-typing-" + size.Name)
	}
	before, after := browser.Eval[string](office.Window, `document.querySelector("[data-before]").textContent`), browser.Eval[string](office.Window, `document.querySelector("[data-after]").textContent`)
	if before == after || before == "" {
		t.Errorf("entitled: %q becomes %q", before, after)
	}
	office.Wait(`document.querySelector("[data-said]").textContent.includes(` + "`" + after + "`" + `)`)
	office.reads("rule.desk.change", "rule.desk.gain", "rule.desk.lose", "rule.desk.examples")
	office.Check("desk-policy-change")

	office.Fill(map[string]string{rule: "age(population.birth) >= 60 && population.shoes > 3"})
	office.Wait(`document.querySelector("[data-wrong] pre") !== null && ` + field + `.getAttribute("aria-invalid") === "true"`)
	office.reads("rule.desk.wrong")
	office.Sees(i18n.M("rule.desk.where", "line", 1, "col", 32).In(lang))
	place := browser.Eval[string](office.Window, `document.querySelector("[data-wrong] pre").textContent`)
	if want := "age(population.birth) >= 60 && population.shoes > 3\n" + strings.Repeat(" ", 31) + "^"; place != want {
		t.Errorf("the place is shown as\n%s\nwant\n%s", place, want)
	}
	office.Check("desk-policy-wrong")

	office.click("rule.desk.try") // and without the script
	office.reads("rule.desk.wrong")
	if typed := browser.Eval[string](office.Window, field+".value"); !strings.Contains(typed, "population.shoes") {
		t.Errorf("what was typed is lost: %q", typed)
	}
	office.Check("desk-policy-refused")
	office.Fill(map[string]string{rule: "age(population.birth) >= 60"})
	office.Wait(`document.querySelector("[data-gain]") !== null && !document.querySelector(".govuk-error-summary")`)
	office.click("rule.desk.try")
	office.reads("rule.desk.change")
	office.click("rule.desk.reset")
	if typed := browser.Eval[string](office.Window, field+".value"); typed != "age(population.birth) >= 65" {
		t.Errorf("the rule in force is %q after a draft", typed)
	}
}

// settled waits until the town's residents have moved in and are counted.
func (o *office) settled(policy string) {
	o.t.Helper()
	few := i18n.M("rule.few", "n", 10).In(o.lang)
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		o.Open(policy)
		if o.Has(".dk-reach dd") && browser.Eval[string](o.Window, `document.querySelector(".dk-reach dd").textContent`) != few {
			return
		}
	}
	o.t.Fatalf("the residents are not counted: %s", o.Text())
}
