package main

import (
	"testing"

	"github.com/tongban/tongban/internal/browser"
	"github.com/tongban/tongban/internal/i18n"
)

// startBusiness is the whole life event of a founder: a draft that she begins,
// her agent looks at for her, one submission, six cases of five agencies and a
// bank, of which five run side by side once the firm is registered.
func startBusiness(t *testing.T, b *browser.Browser, size browser.Size, lang i18n.Lang) {
	url := runCity(t)
	founder := arrives(t, b, url, size, lang)
	founder.signsIn("wang-jing")
	founder.Open("/firms")
	founder.Check("firms")
	founder.ClickIn("main", in(lang, "开办企业", "Starting a business"))
	founder.Check("event")
	founder.applies("business", "portal.event.start", firm)

	agent := arrives(t, b, url, size, lang)
	agent.signsIn("sun-hao")
	agent.actsFor("王静")
	agent.Open("/cases")
	agent.ClickIn("main", in(lang, "开办企业", "Starting a business"))
	agent.Check("draft-acting")
	agent.Sees("王静")

	founder.submits(6)
	officers := opens(t, b, url, size, lang, "scjgj-officer", "scjgj-decider", "gaj-officer", "gaj-decider", "swj-officer", "swj-decider",
		"rsj-officer", "rsj-decider", "gjj-officer", "gjj-decider", "yh-officer", "yh-decider")
	officers.finish(func() bool { return founder.closed(6) })
	founder.told(in(lang, "企业设立登记", "Business registration"))
	founder.actsFor(firm["firm_name"]) // it is registered, and she represents it
	founder.holds(in(lang, "营业执照", "Business licence"), in(lang, "印章", "Seal"), in(lang, "开户", "account"))
}

// firm is what the city does not know of a firm to be.
var firm = map[string]string{
	"scenario-premises": "own", "firm_name": "上海通办示例设计有限公司", "firm_kind": "one", "firm_capital": "10", "firm_scope": "平面设计，软件开发",
	"firm_address": "上海市徐汇区通办路55弄2号301室", "holder_count": "1", "seals": "official", "keeper_name": "王静", "keeper_phone": "19900000005",
	"finance_name": "王静", "finance_id": "310104199002189949", "finance_phone": "19900000005", "staff_count": "2", "clerk_name": "王静",
	"first_month-year": "2026", "first_month-month": "12", "first_month": "2026-12", "branch": "通办路支行", "day-year": "2026", "day-month": "12", "day-day": "8",
}
