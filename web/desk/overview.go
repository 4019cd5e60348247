package desk

import (
	"context"
	"net/http"
	"strconv"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/internal/i18n"
)

// overviewView is how the city's open cases stand, without personal data.
type overviewView struct {
	Rows  []load
	Total load
	Late  []late
}

// load is an agency's open cases.
type load struct {
	Name                    i18n.Text
	Open, Red, Amber, Green int
	most                    int // of all rows: the length of the longest bar
}

// late is a case past its day.
type late struct {
	casework.Case
	Name i18n.Text // the lead agency's
}

func (d *desk) overview(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	o, err := d.Office.Overview(ctx, visitor(ctx).Principal)
	if err != nil {
		return err
	}
	v := overviewView{Total: load{Name: i18n.M("desk.overview.total")}}
	for _, a := range o.Agencies {
		v.Rows = append(v.Rows, load{Name: d.agency(a.Agency).Name, Open: a.Open, Red: a.Red, Amber: a.Amber, Green: a.Green})
		v.Total.Open += a.Open
		v.Total.Red += a.Red
		v.Total.Amber += a.Amber
		v.Total.Green += a.Green
		v.Total.most = max(v.Total.most, a.Open)
	}
	for i := range v.Rows {
		v.Rows[i].most = v.Total.most
	}
	for _, c := range o.Late {
		v.Late = append(v.Late, late{c, d.agency(c.Agency).Short})
	}
	return d.show(ctx, w, overviewPage(v))
}

// bar is one piece of a row's bar: where it begins and how long it is, in
// percent of the longest row.
type bar struct{ Light, X, Width string }

// bars are the row as a picture beside its numbers, the most urgent first.
func (l load) bars() []bar {
	var list []bar
	x := 0.0
	for _, part := range []struct {
		light string
		n     int
	}{{"red", l.Red}, {"amber", l.Amber}, {"green", l.Green}} {
		if part.n == 0 || l.most == 0 {
			continue
		}
		width := 100 * float64(part.n) / float64(l.most)
		list = append(list, bar{part.light, percent(x), percent(width)})
		x += width
	}
	return list
}

func percent(f float64) string { return strconv.FormatFloat(f, 'f', 2, 64) + "%" }

// correctionsView is what people reported wrong in the agency's registers.
type correctionsView struct {
	List  []casework.Correction
	Label func(casework.Correction) i18n.Text
	After string
	Next  string
}

func (d *desk) corrections(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	v := correctionsView{After: r.URL.Query().Get("after"), Label: d.label}
	var err error
	v.List, v.Next, err = d.Office.Corrections(ctx, visitor(ctx).Principal, casework.Page{After: v.After, Limit: 50})
	if err != nil {
		return err
	}
	return d.show(ctx, w, correctionsPage(v))
}

// label is how forms of today ask for the field.
func (d *desk) label(c casework.Correction) i18n.Text {
	if !c.Label.IsZero() {
		return c.Label
	}
	for _, id := range sortedKeys(d.City.Forms) {
		if f := d.City.Forms[id].Field(c.Field); f != nil {
			return f.Label
		}
	}
	return i18n.Same(c.Field)
}
