package party

import (
	"time"

	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/workday"
)

// The kinds of mandates.
const (
	LegalRepresentative = "legal-representative" // 法定代表人: the organ of an organisation
	Agent               = "agent"                // 委托代理人: appointed by the principal
	Parent              = "parent"               // 父母（监护人）: for a child under 18
	Helper              = "helper"               // 帮办代办: helps someone who finds it hard
)

// adult is the age of full capacity (民法典 第十七条, 第十八条).
const adult = 18

// Rule is what the law requires of a kind of mandate.
type Rule struct {
	Kind          string
	Name          i18n.Text
	Principal     Kind // empty: person or organisation
	Register      bool // granted and revoked by System, out of a register
	Services      bool // must name the services
	Limit         int  // months that it may run at most; 0: no end needed. The law wants an end, the length is the house's
	Minor         bool // the principal is under 18, and the mandate ends on that birthday
	Citation      string
	EffectiveDate workday.Date
}

// Rules are the kinds of mandates in the order in which one is preferred where
// several cover the same act.
func Rules() []Rule {
	civilCode := date(2021, 1, 1)
	return []Rule{
		{
			Kind: LegalRepresentative, Name: i18n.M("party.kind.legal"), Principal: Organisation, Register: true,
			Citation: "《中华人民共和国民法典》第六十一条", EffectiveDate: civilCode,
		},
		{
			Kind: Parent, Name: i18n.M("party.kind.parent"), Principal: Person, Register: true, Minor: true,
			Citation: "《中华人民共和国民法典》第二十三条、第二十七条", EffectiveDate: civilCode,
		},
		{
			Kind: Agent, Name: i18n.M("party.kind.agent"), Services: true, Limit: 36,
			Citation: "《中华人民共和国民法典》第一百六十一条、第一百六十五条", EffectiveDate: civilCode,
		},
		{
			Kind: Helper, Name: i18n.M("party.kind.helper"), Principal: Person, Services: true, Limit: 24,
			Citation: "《关于切实解决老年人运用智能技术困难的实施方案》（国办发〔2020〕45号）", EffectiveDate: date(2020, 11, 15),
		},
	}
}

func date(year int, month time.Month, day int) workday.Date {
	d, _ := workday.DateFrom(year, month, day)
	return d
}

// RuleOf is the rule of a kind; ok is false for a kind that is not there.
func RuleOf(kind string) (rule Rule, ok bool) {
	for _, r := range Rules() {
		if r.Kind == kind {
			return r, true
		}
	}
	return Rule{}, false
}

// rank orders mandates by their kind as Rules does.
func rank(kind string) int {
	for i, r := range Rules() {
		if r.Kind == kind {
			return i
		}
	}
	return len(Rules())
}
