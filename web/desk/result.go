package desk

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/eligibility"
	"github.com/tongban/tongban/internal/i18n"
)

// resultView is whom a policy reaches, and with a draft what that changes; or
// what is wrong with the draft.
type resultView struct {
	Drafted bool // a rule differs from the one in force
	Wrong   []misplaced
	eligibility.Disclosure
	Areas     []shiftRow
	AreasLeft int // districts of which nothing is told
	Ages      []shiftRow
	AgesLeft  int
	Failures  []eligibility.Failure
	Examples  int
	Took      string // milliseconds
	Subjects  int
}

// shiftRow is one group of a table.
type shiftRow struct {
	Name i18n.Text
	eligibility.ShiftTold
	most float64 // of all rows: the length of the longest bar
}

// result runs what was posted beside the policy in force, and gives the texts.
func (d *desk) result(ctx context.Context, p *catalog.Policy, form url.Values) (v resultView, texts map[string]string, err error) {
	texts, v.Drafted = d.draftOf(p, form)
	draft, wrong := d.Book.Draft(p, texts)
	for _, m := range wrong {
		v.Wrong = append(v.Wrong, placed(p, m, texts[m.Key]))
	}
	if len(wrong) > 0 {
		return v, texts, nil
	}
	book, err := d.Book.With(draft)
	if err != nil {
		return v, texts, err
	}
	v.Failures, v.Examples = book.Test(draft), len(draft.Examples)
	began := d.Clock()
	diff, err := d.Engine.Compare(ctx, p, draft, d.Engine.Today())
	if err != nil {
		return v, texts, err
	}
	v.Took, v.Subjects, v.Disclosure = d.took(began), diff.Subjects, diff.Told()
	for _, a := range v.Disclosure.Areas {
		v.Areas = append(v.Areas, shiftRow{Name: d.areaName(p.Audience, a.Area), ShiftTold: a.ShiftTold})
	}
	for _, a := range v.Disclosure.Ages {
		v.Ages = append(v.Ages, shiftRow{Name: ages(a.From, a.To), ShiftTold: a.ShiftTold})
	}
	v.Areas, v.AreasLeft = fold(v.Areas)
	v.Ages, v.AgesLeft = fold(v.Ages)
	return v, texts, nil
}

// areaName is the register's word for an area as readers say it.
func (d *desk) areaName(audience, word string) i18n.Text {
	if word == "" {
		return i18n.M("rule.desk.areaUnknown")
	}
	for _, a := range d.City.Profile.Areas {
		if a.Code == word || a.Name.ZH == word {
			return a.Name
		}
	}
	attribute, _ := d.City.Attribute(d.City.Profile.Groups[audience].Area)
	return eligibility.Written(attribute, word)
}

// fold leaves out the groups of which nothing is told, says how many they are,
// and finds the longest bar of the rest.
func fold(rows []shiftRow) (told []shiftRow, left int) {
	most := 0.0
	for _, r := range rows {
		if r.Before.Low+r.After.Low+r.Gain.Low == 0 {
			left++
			continue
		}
		most = max(most, middle(r.Before), middle(r.After))
		told = append(told, r)
	}
	for i := range told {
		told[i].most = most
	}
	return told, left
}

// length is the length of a bar, in percent of the longest; of what is not told
// there is none.
func (r shiftRow) length(f eligibility.Figure) string {
	if f.Low == 0 || r.most == 0 {
		return percent(0)
	}
	return percent(100 * middle(f) / r.most)
}

func ages(from, to int) i18n.Text {
	switch {
	case from < 0:
		return i18n.M("rule.desk.ageUnknown")
	case to < 0:
		return i18n.M("rule.desk.ageOver", "from", from)
	}
	return i18n.M("rule.desk.age", "from", from, "to", to)
}

// ruleLabel is the name of a rule for people.
func ruleLabel(p *catalog.Policy, key string) i18n.Text {
	parts := strings.Split(key, ".")
	if c, ok := p.Condition(parts[len(parts)-1]); ok && parts[0] == "conditions" {
		return c.Label
	}
	whole, tables := i18n.M("rule.desk.amounts"), []catalog.Table(nil)
	if parts[0] == "score" {
		whole, tables = i18n.M("rule.desk.score"), p.Score
	} else if p.Amount != nil {
		tables = p.Amount.Tables
	}
	if len(parts) != 4 {
		return whole
	}
	row, _ := strconv.Atoi(parts[2])
	label := i18n.M("rule.desk.rowWhen", "n", row+1)
	if parts[3] == "value" {
		label = i18n.M("rule.desk.rowValue", "n", row+1)
	}
	for _, t := range tables {
		if t.ID == parts[1] && row < len(t.Rows) && !t.Rows[row].Label.IsZero() {
			name := t.Rows[row].Label
			return i18n.Text{ZH: name.ZH + " · " + label.ZH, EN: name.EN + " · " + label.EN}
		}
	}
	return label
}

// placed is a mistake with the line of the text in which it is. The draft's own
// text has no space around it, which what was typed may have.
func placed(p *catalog.Policy, m eligibility.Mistake, typed string) misplaced {
	out := misplaced{Key: m.Key, Label: ruleLabel(p, m.Key), Message: m.Message}
	if m.Pos == (criterion.Pos{}) {
		return out
	}
	lead := typed[:len(typed)-len(strings.TrimLeft(typed, " \t\r\n"))]
	line, col := m.Pos.Line, m.Pos.Col
	if line == 1 {
		col += utf8.RuneCountInString(lead[strings.LastIndex(lead, "\n")+1:])
	}
	line += strings.Count(lead, "\n")
	lines := strings.Split(typed, "\n")
	text := []rune(lines[min(line, len(lines))-1])
	col = min(col, len(text)+1)
	out.Line, out.Col = line, col
	out.Before, out.After = string(text[:col-1]), string(text[col-1:])
	return out
}

// caret is the space before the mark under the place of a mistake: as wide as
// what stands above it.
func (m misplaced) caret() string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return r
		case r >= 0x1100:
			return '\u3000'
		}
		return ' '
	}, m.Before) + "^"
}
