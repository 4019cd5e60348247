package eligibility

import (
	"maps"
	"time"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/exchange"
)

// FactsOf is what registers say of a subject, as rules read it. An entry older
// than its attribute allows says nothing.
func FactsOf(attributes []catalog.Attribute, entries map[string]exchange.Entry, now time.Time) Facts {
	facts := Facts{}
	for _, a := range attributes {
		entry, ok := entries[a.Resource()]
		if !ok || a.Fresh > 0 && entry.At.Before(now.AddDate(0, 0, -a.Fresh)) {
			continue
		}
		if v, ok := entry.Values[a.Field()]; ok {
			facts[a.ID] = v
		}
	}
	return facts
}

// said is what a register says of a subject, of all the attributes that it
// stands for; nil is unknown.
func said(attributes []catalog.Attribute, news exchange.News, now time.Time) Facts {
	facts := make(Facts, len(attributes))
	for _, a := range attributes {
		facts[a.ID] = nil
	}
	maps.Copy(facts, FactsOf(attributes, map[string]exchange.Entry{news.Resource: news.Entry}, now))
	return facts
}

// EntriesOf is what registers answered, without the receipts.
func EntriesOf(answers map[string]exchange.Answer) map[string]exchange.Entry {
	entries := make(map[string]exchange.Entry, len(answers))
	for resource, a := range answers {
		if a.Found {
			entries[resource] = exchange.Entry{Values: a.Values, At: a.AsOf}
		}
	}
	return entries
}

// Fields names the fields of registers that the attributes stand for.
func Fields(attributes []catalog.Attribute) map[string][]string {
	fields := map[string][]string{}
	for _, a := range attributes {
		fields[a.Resource()] = append(fields[a.Resource()], a.Field())
	}
	return fields
}

// own is the registers that only this audience's rules read: who has an entry in
// one of them belongs to the audience.
func own(attributes []catalog.Attribute, audience string) map[string]bool {
	registers := map[string]bool{}
	for _, a := range attributes {
		if a.Audience == audience {
			registers[a.Resource()] = true
		}
	}
	for _, a := range attributes {
		if a.Audience != audience {
			delete(registers, a.Resource())
		}
	}
	return registers
}
