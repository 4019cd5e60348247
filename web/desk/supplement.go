package desk

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/web/ui"
)

// freeItems is how many things that are no listed document one notice can name.
const freeItems = 3

// line is one thing that a notice may ask for: a document of the case, or
// something free.
type line struct {
	Key         string // of its fields: "doc-ID" or "free-1"
	Requirement string // empty: free
	Name        i18n.Text
	Chosen      bool
	What        string
}

// supplementView is the page of the one whole notice, and its preview.
type supplementView struct {
	caseView
	Lines []line
	Note  string
}

// whatKey is the name of the text field of a line.
func (l line) whatKey() string { return l.Key + "-what" }

// lines are what may be asked for, each with the words that it begins with.
func lines(ctx context.Context, v caseView) []line {
	var list []line
	for _, it := range v.Evidence {
		name := it.Requirement.Name
		list = append(list, line{Key: "doc-" + it.Requirement.ID, Requirement: it.Requirement.ID, Name: name,
			What: ui.T(ctx, "desk.supplement.again", "name", name)})
	}
	for i := range freeItems {
		list = append(list, line{Key: "free-" + strconv.Itoa(i+1), Name: i18n.M("desk.supplement.free", "n", i+1)})
	}
	return list
}

// fill takes over what was posted. A free line counts when it has words.
func (v *supplementView) fill(form url.Values) {
	for i, l := range v.Lines {
		v.Lines[i].What = form.Get(l.whatKey())
		v.Lines[i].Chosen = form.Get(l.Key) != "" || l.Requirement == "" && !blank(v.Lines[i].What)
	}
	v.Note = form.Get("note")
}

// chosen are the lines that the notice will have.
func (v supplementView) chosen() []line {
	return slices.Collect(func(yield func(line) bool) {
		for _, l := range v.Lines {
			if l.Chosen && !yield(l) {
				return
			}
		}
	})
}

func (v supplementView) items() []casework.SupplementItem {
	var items []casework.SupplementItem
	for _, l := range v.chosen() {
		items = append(items, casework.SupplementItem{Requirement: l.Requirement, What: l.What})
	}
	return items
}

// place moves the domain's mistakes to the fields of the page: the domain
// counts the items, the page knows lines.
func (v supplementView) place(wrong []fault.Field) []fault.Field {
	chosen := v.chosen()
	for i, f := range wrong {
		if rest, ok := strings.CutPrefix(f.Pointer, "/items/"); ok {
			number, _, _ := strings.Cut(rest, "/")
			n, err := strconv.Atoi(number)
			if err == nil && n < len(chosen) {
				wrong[i].Pointer = "/" + chosen[n].whatKey()
			}
		}
	}
	return wrong
}

// check finds what must be mended before the notice can be shown.
func (v supplementView) check() []fault.Field {
	var wrong []fault.Field
	chosen := v.chosen()
	if len(chosen) == 0 {
		wrong = append(wrong, fault.Field{Pointer: "/items", Message: i18n.M("casework.noItems")})
	}
	for i, l := range chosen {
		if blank(l.What) {
			wrong = append(wrong, fault.Field{Pointer: "/items/" + strconv.Itoa(i) + "/what", Message: i18n.M("desk.supplement.say")})
		}
	}
	return v.place(wrong)
}

func (d *desk) openSupplement(ctx context.Context, r *http.Request) (supplementView, error) {
	v, err := d.openMeasure(ctx, r, casework.CmdSupplement)
	return supplementView{caseView: v, Lines: lines(ctx, v)}, err
}

func (d *desk) askSupplement(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	v, err := d.openSupplement(ctx, r)
	if err != nil {
		return d.overtaken(ctx, w, r, err, "")
	}
	return d.show(ctx, w, supplementPage(v))
}

// supplement shows the notice (step "preview"), goes back to the form ("edit"),
// or sends it ("confirm").
func (d *desk) supplement(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	v, err := d.openSupplement(ctx, r)
	if err != nil {
		return d.overtaken(ctx, w, r, err, r.PostForm.Get("note"))
	}
	v.fill(r.PostForm)
	if r.PostForm.Get("step") == "edit" {
		return d.show(ctx, w, supplementPage(v))
	}
	if v.Wrong = v.check(); len(v.Wrong) > 0 {
		return d.again(ctx, w, supplementPage(v))
	}
	if r.PostForm.Get("step") != "confirm" {
		return d.show(ctx, w, supplementPreview(v, d.Clock()))
	}
	_, err = d.Office.AskSupplement(ctx, visitor(ctx).Principal, v.ID, v.items(), v.Note)
	if err == nil {
		return gone(w, r, pathDone(v.ID, "supplement"))
	}
	if wrong := mistakes(err); wrong != nil {
		v.Wrong = v.place(wrong)
		return d.again(ctx, w, supplementPage(v))
	}
	return d.overtaken(ctx, w, r, err, v.Note)
}

// notice is the notice that was sent.
func (d *desk) notice(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	c, err := d.readCase(ctx, r)
	if err != nil {
		return err
	}
	if c.Supplement == nil {
		return notFound("desk.notice")
	}
	if c.sealed() {
		return fault.New(fault.Denied, "desk.notice", i18n.M("policy.notHandled"))
	}
	return d.show(ctx, w, noticePage(c, c.Supplement.Items, c.Supplement.Note, time.UnixMilli(c.Supplement.AskedAt)))
}
