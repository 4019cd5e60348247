package crowd

import (
	"strings"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/criterion"
)

// The words of the string traits that a pack leaves open.
var (
	cityWords = []string{"上海", "合肥", "南京", "杭州", "南昌", "郑州", "武汉", "成都", "北京", "吴江", "嘉善"}
	areaWords = []string{"浦东新区", "闵行区", "宝山区", "松江区", "嘉定区", "杨浦区", "普陀区", "静安区", "徐汇区", "奉贤区", "青浦区", "虹口区", "长宁区", "金山区", "崇明区", "黄浦区"}
	areaCodes = []string{"310115", "310112", "310113", "310117", "310114", "310110", "310107", "310106", "310104", "310120", "310118", "310109", "310105", "310116", "310151", "310101"}
	landWords = []string{"美国", "日本", "韩国", "德国", "法国", "新加坡", "英国", "加拿大"}
)

// A trait is how an attribute's values are drawn.
type trait struct {
	Column
	silent float64 // share of people of whom the register says nothing
	// draw is the value as Column says; ok is false where it is unknown.
	draw func(p *person) (value int64, ok bool)
}

// traitsOf are traits for attributes, in their order: those that this package
// knows as it draws them, any other by its type.
func traitsOf(attributes []catalog.Attribute) []trait {
	drawn := map[string]trait{}
	for _, group := range [][]trait{personTraits(), workTraits(), homeTraits(), familyTraits(), careTraits(), civicTraits(), firmTraits()} {
		for _, t := range group {
			drawn[t.ID] = t
		}
	}
	all := make([]trait, len(attributes))
	for i, a := range attributes {
		t, ok := drawn[a.ID]
		if !ok || t.Type != a.Type {
			t = plain(a)
		}
		t.Decimals = a.Decimals
		all[i] = t
	}
	return all
}

// plain is drawn by nothing but the attribute's type.
func plain(a catalog.Attribute) trait {
	rare := steady(.12)
	switch a.Type {
	case criterion.Bool:
		return flag(a.ID, steady(.06)).quiet(.3)
	case criterion.Date:
		if strings.HasSuffix(a.ID, "_until") || strings.HasSuffix(a.ID, "due_on") {
			return date(a.ID, when(rare, ahead(200, 2000)))
		}
		return date(a.ID, when(rare, back(4000)))
	case criterion.String:
		words := a.Values
		if len(words) == 0 {
			words = areaWords
		}
		return word(a.ID, words, func(p *person) int {
			if !p.chance(.12) {
				return none
			}
			return min(int(p.ExpFloat64()*2), len(words)-1)
		})
	case criterion.Double:
		return fixed(a.ID, when(rare, exponential(30000)))
	}
	return number(a.ID, when(rare, exponential(20)))
}

func word(id string, words []string, draw func(p *person) int) trait {
	return trait{Column: Column{ID: id, Type: criterion.String, Words: words}, draw: func(p *person) (int64, bool) {
		i := draw(p)
		return int64(i), i >= 0
	}}
}

// none is what a draw says where a register has nothing.
const none = -1

func flag(id string, draw func(p *person) bool) trait {
	return trait{Column: Column{ID: id, Type: criterion.Bool}, draw: func(p *person) (int64, bool) {
		if draw(p) {
			return 1, true
		}
		return 0, true
	}}
}

func number(id string, draw func(p *person) int64) trait {
	return trait{Column: Column{ID: id, Type: criterion.Int}, draw: func(p *person) (int64, bool) {
		n := draw(p)
		return n, n >= 0
	}}
}

// fixed draws a double in units of its last digit.
func fixed(id string, draw func(p *person) int64) trait {
	t := number(id, draw)
	t.Type = criterion.Double
	return t
}

func date(id string, draw func(p *person) int64) trait {
	t := number(id, draw)
	t.Type = criterion.Date
	return t
}

// quiet is t with the share of people of whom the register says nothing.
func (t trait) quiet(share float64) trait {
	t.silent = share
	return t
}

// when is the value of draw for those who hold, nothing for others.
func when(holds func(p *person) bool, draw func(p *person) int64) func(p *person) int64 {
	return func(p *person) int64 {
		if !holds(p) {
			return none
		}
		return draw(p)
	}
}

// only is the word at one of the places, by shares, of those who hold.
func only(holds func(p *person) bool, shares ...float64) func(p *person) int {
	return func(p *person) int {
		if !holds(p) {
			return none
		}
		return p.pick(shares...)
	}
}

func steady(share float64) func(p *person) bool {
	return func(p *person) bool { return p.chance(share) }
}

// rarely is some of those who hold.
func rarely(holds func(p *person) bool, share float64) func(p *person) bool {
	return func(p *person) bool { return holds(p) && p.chance(share) }
}

func between(from, to int) func(p *person) bool {
	return func(p *person) bool { return p.age >= from && p.age < to }
}

func everybody(*person) bool   { return true }
func grown(p *person) bool     { return p.age >= 18 }
func working(p *person) bool   { return p.work <= workFlexible }
func jobless(p *person) bool   { return p.work == workJobless }
func retired(p *person) bool   { return p.work == workRetired }
func freelance(p *person) bool { return p.work == workFlexible }
func studying(p *person) bool  { return p.work == workStudent }
func native(p *person) bool    { return p.native }
func stranger(p *person) bool  { return !p.native }
func poor(p *person) bool      { return p.poor }
func owner(p *person) bool     { return p.owner }
func parent(p *person) bool    { return p.children > 0 }
func disabled(p *person) bool  { return p.disabled }
func veteran(p *person) bool   { return p.veteran }
func foreigner(p *person) bool { return p.foreign }
func newParent(p *person) bool { return p.children > 0 && p.age > 21 && p.age < 48 && p.chance(.15) }

func back(days int64) func(p *person) int64 { return func(p *person) int64 { return p.ago(days) } }

// ahead is a day from so many days before today to so many after.
func ahead(before, after int64) func(p *person) int64 {
	return func(p *person) int64 { return p.today - before + p.Int64N(before+after) }
}

func exponential(mean float64) func(p *person) int64 {
	return func(p *person) int64 { return int64(p.ExpFloat64() * mean) }
}

func upTo(n int64) func(p *person) int64 { return func(p *person) int64 { return p.Int64N(n) } }
