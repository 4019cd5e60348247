package main

import (
	"testing"

	"github.com/tongban/tongban/internal/browser"
	"github.com/tongban/tongban/internal/i18n"
)

// grantDeclined is a grant from end to end: the city finds by itself who is
// entitled, one officer puts them on a list, another confirms it, and a man who
// is told of it does not want it.
func grantDeclined(t *testing.T, b *browser.Browser, size browser.Size, lang i18n.Lang) {
	url := runCity(t)
	const list = "/desk/grants/policies/price-subsidy"
	name := in(lang, "物价补贴", "Price subsidy")
	office := opens(t, b, url, size, lang, "mzj-officer", "mzj-decider")
	office.Sit(office.seats[0])
	office.comes("/desk/grants", `form[action="`+list+`"]`)
	office.Sees(name)
	office.CheckList("desk-grants")
	office.ClickOn(`form[action="` + list + `"] button`)
	office.reads("grant.desk.done.list", "grant.desk.yours")
	office.Sees("吴波")
	office.Check("desk-batch-own")
	batch := office.Path()

	office.Sit(office.seats[1])
	office.Open(batch)
	office.Check("desk-batch")
	office.click("grant.desk.confirm")
	office.reads("grant.desk.done.confirm", "grant.desk.agreed")
	office.Check("desk-batch-confirmed")

	man := arrives(t, b, url, size, lang)
	man.signsIn("wu-bo")
	man.comes("/messages", `main a[href^="/grants/"]`)
	man.ClickIn("main", name)
	man.reads("grant.mine.word.told", "grant.mine.now.told", "grant.mine.sayNo", "grant.mine.why")
	man.Check("grant-told")
	man.click("grant.mine.refuse")
	man.reads("grant.mine.refuseTold")
	man.Check("grant-refuse")
	man.click("grant.mine.refuseButton")
	man.reads("grant.mine.done", "grant.mine.word.refused")
	man.Check("grant-refused")
	man.Open("/grants")
	man.Sees(name)
	man.Check("grants")

	office.Open(list + "?status=refused")
	office.Sees("吴波")
	office.Check("desk-grants-refused")
	office.ClickIn("main", "吴波")
	office.reads("grant.desk.turn.nobody")
	office.Check("desk-grant")
}

// comes opens a page until an element is there that the city brings by itself.
func (p *person) comes(address, selector string) {
	p.t.Helper()
	for range 200 {
		if p.Open(address); p.Has(selector) {
			return
		}
	}
	p.t.Fatalf("%s: %s does not come: %s", address, selector, p.Text())
}
