package workday

import (
	"strconv"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/internal/source"
)

// maxRange is the longest range of days off that a file may give.
const maxRange = 60

// Parse reads a city's calendar.yaml: for each year the public holidays (off; a
// range takes in its weekends) and the days at weekends that are worked (on).
//
//	years:
//	  2026:
//	    off: [2026-01-01..2026-01-03, 2026-06-19..2026-06-21]
//	    on: [2026-01-04]
//
// The error is source.Problems: every fault with file, line and column.
func Parse(name string, src []byte, zone *time.Location) (*Calendar, error) {
	root, err := source.Parse(name, src)
	if err != nil {
		return nil, err
	}
	p := &parser{Decoder: &source.Decoder{File: name}, seen: map[Date]bool{}}
	p.Known(p.Map(root), "years")
	years := p.Map(p.Need(root, "years"))
	if years != nil {
		for _, e := range years.Entries {
			p.year(e)
		}
	}
	if err := p.Problems.Err(); err != nil {
		return nil, err
	}
	c := New(zone, p.off, p.on)
	for _, y := range p.years {
		c.years[y] = true
	}
	return c, nil
}

// parser is one run of Parse.
type parser struct {
	*source.Decoder
	years   []int
	off, on []Date
	seen    map[Date]bool
}

func (p *parser) year(e source.Entry) {
	y, err := strconv.Atoi(e.Key)
	if err != nil || y < 1949 || y > 2999 {
		p.FaultKey(e, i18n.M("workday.year", "key", e.Key), i18n.Text{})
		return
	}
	p.years = append(p.years, y)
	m := p.Map(e.Value)
	p.Known(m, "off", "on")
	p.off = append(p.off, p.days(m.Get("off"), y)...)
	for _, d := range p.days(m.Get("on"), y) {
		if !weekend(d) {
			p.Fault(m.Get("on"), i18n.M("workday.notWeekend", "date", d), i18n.Text{})
		}
		p.on = append(p.on, d)
	}
}

// days reads a list of dates and ranges of one year.
func (p *parser) days(v *source.Value, y int) []Date {
	list := p.List(v)
	if list == nil {
		return nil
	}
	var all []Date
	for _, item := range list.Items {
		first, last, ok := span(p.String(item))
		if !ok || last.Before(first) || last.Sub(first) >= maxRange {
			p.Fault(item, i18n.M("workday.span"), i18n.M("workday.spanFix"))
			continue
		}
		for d := first; !d.After(last); d = d.AddDays(1) {
			switch {
			case year(d) != y:
				p.Fault(item, i18n.M("workday.otherYear", "date", d, "year", y), i18n.Text{})
			case p.seen[d]:
				p.Fault(item, i18n.M("workday.twice", "date", d), i18n.Text{})
			}
			p.seen[d] = true
			all = append(all, d)
		}
	}
	return all
}

// span reads 2026-01-01 or 2026-01-01..2026-01-03.
func span(s string) (first, last Date, ok bool) {
	a, b, isRange := strings.Cut(s, "..")
	if !isRange {
		b = a
	}
	first, err := ParseDate(strings.TrimSpace(a))
	if err != nil {
		return Date{}, Date{}, false
	}
	last, err = ParseDate(strings.TrimSpace(b))
	return first, last, err == nil
}
