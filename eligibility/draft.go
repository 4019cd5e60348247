package eligibility

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/internal/i18n"
)

// maxDraftText is how many bytes of one rule are looked at.
const maxDraftText = 4000

// RuleText is one rule of a policy that may be drafted. Key is its place:
// "conditions.ID", "score.TABLE.ROW.when" and "….value", rows from 0, or the same
// with "amount". A rule that the city gives to every policy, such as that its subjects live, is Fixed.
type RuleText struct {
	Key   string
	Text  string
	Fixed bool
}

// Mistake is what is wrong with one rule of a draft. Key is that of its
// RuleText, or "amount" or "score" where it is the tables together.
type Mistake struct {
	Key string
	criterion.Error
}

// RulesOf lists the rules of a policy that may be drafted, in the file's order.
func (b *Book) RulesOf(p *catalog.Policy) []RuleText {
	present, hasPresent := b.city.Profile.Present[p.Audience]
	var all []RuleText
	for _, c := range p.Conditions {
		all = append(all, RuleText{Key: conditionKey(c.ID), Text: c.When, Fixed: hasPresent && c.ID == present.ID && c.When == present.When})
	}
	tables(p, func(of string, t catalog.Table) {
		for i, r := range t.Rows {
			all = append(all, RuleText{Key: rowKey(of, t.ID, i, "when"), Text: r.When}, RuleText{Key: rowKey(of, t.ID, i, "value"), Text: r.Value})
		}
	})
	return all
}

// What tables of a policy are for.
const (
	ofAmount = "amount"
	ofScore  = "score"
)

// tables calls f for every table of a policy.
func tables(p *catalog.Policy, f func(of string, t catalog.Table)) {
	for _, t := range p.Score {
		f(ofScore, t)
	}
	if p.Amount != nil {
		for _, t := range p.Amount.Tables {
			f(ofAmount, t)
		}
	}
}

func conditionKey(id string) string { return "conditions." + id }

func rowKey(of, table string, row int, which string) string {
	return of + "." + table + "." + strconv.Itoa(row) + "." + which
}

// Draft is a policy with other texts in the place of some of its rules, by key,
// and what is wrong with them in the order of RulesOf: a rule that does not
// compile, has the wrong type, cannot run over a population, reads a sensitive
// attribute that the policy has no right to, or compares with a word that the
// attribute never is. Where there are mistakes the draft must not be run. Keys that
// are no rule's, and those of Fixed rules, are passed over.
func (b *Book) Draft(p *catalog.Policy, texts map[string]string) (*catalog.Policy, []Mistake) {
	draft, order := copied(p), map[string]int{}
	put := func(key string, text *string) {
		if t, ok := texts[key]; ok {
			*text = strings.TrimSpace(strings.ReplaceAll(t, "\r\n", "\n"))
		}
	}
	fixed := map[string]bool{}
	for i, r := range b.RulesOf(p) {
		fixed[r.Key], order[r.Key] = r.Fixed, i
	}
	for i := range draft.Conditions {
		if key := conditionKey(draft.Conditions[i].ID); !fixed[key] {
			put(key, &draft.Conditions[i].When)
		}
	}
	tables(draft, func(of string, t catalog.Table) {
		for i := range t.Rows {
			put(rowKey(of, t.ID, i, "when"), &t.Rows[i].When)
			put(rowKey(of, t.ID, i, "value"), &t.Rows[i].Value)
		}
	})
	c := &draftCheck{book: b, policy: draft}
	if err := c.score(p); err != nil {
		return draft, []Mistake{mistake(ofScore, err)}
	}
	for _, cond := range draft.Conditions {
		if key := conditionKey(cond.ID); !fixed[key] {
			c.rule(key, cond.When, criterion.Bool)
		}
	}
	c.tables(ofAmount)
	c.amount()
	slices.SortStableFunc(c.wrong, func(x, y Mistake) int { return cmp.Compare(order[x.Key], order[y.Key]) })
	return draft, c.wrong
}

// copied is a policy whose rules may be replaced.
func copied(p *catalog.Policy) *catalog.Policy {
	q := *p
	q.Conditions = slices.Clone(p.Conditions)
	own := func(tables []catalog.Table) []catalog.Table {
		tables = slices.Clone(tables)
		for i, t := range tables {
			tables[i].Rows = slices.Clone(t.Rows)
		}
		return tables
	}
	q.Score = own(p.Score)
	if p.Amount != nil {
		amount := *p.Amount
		amount.Tables = own(p.Amount.Tables)
		q.Amount = &amount
	}
	return &q
}

// draftCheck holds the rules of a draft to what the check of a pack wants.
type draftCheck struct {
	book   *Book
	policy *catalog.Policy
	dict   *criterion.Dict
	wrong  []Mistake
}

// score checks the rows of points, and then lets rules read their sum: that of
// the policy in force where a row is wrong.
func (c *draftCheck) score(inForce *catalog.Policy) (err error) {
	bare := *c.policy
	bare.Score = nil
	if c.dict, err = c.book.city.PolicyDict(&bare); err != nil {
		return err
	}
	c.tables(ofScore)
	if len(c.wrong) > 0 {
		c.dict, err = c.book.city.PolicyDict(inForce)
		return err
	}
	c.dict, err = c.book.city.PolicyDict(c.policy)
	return err
}

// tables checks the rows of what tables are for.
func (c *draftCheck) tables(what string) {
	tables(c.policy, func(of string, t catalog.Table) {
		if of != what {
			return
		}
		for i, r := range t.Rows {
			c.row(rowKey(of, t.ID, i, "when"), r.When, t, i)
			c.rule(rowKey(of, t.ID, i, "value"), r.Value, criterion.Int)
		}
	})
}

func (c *draftCheck) say(key string, at criterion.Pos, message i18n.Text) {
	c.wrong = append(c.wrong, Mistake{key, criterion.Error{Pos: at, Message: message}})
}

func mistake(key string, err error) Mistake {
	var wrong *criterion.Error
	if errors.As(err, &wrong) {
		return Mistake{key, *wrong}
	}
	return Mistake{key, criterion.Error{Pos: criterion.Pos{Line: 1, Col: 1}, Message: i18n.Same(err.Error())}}
}

func (c *draftCheck) rule(key, src string, want criterion.Type) {
	start := criterion.Pos{Line: 1, Col: 1}
	switch {
	case src == "":
		c.say(key, start, i18n.M("rule.draft.empty"))
		return
	case len(src) > maxDraftText:
		c.say(key, start, i18n.M("rule.draft.long", "max", maxDraftText))
		return
	}
	r, err := criterion.Compile(src, c.dict)
	if err != nil {
		c.wrong = append(c.wrong, mistake(key, err))
		return
	}
	if r.Type() != want {
		message := i18n.M("rule.draft.bool")
		if want == criterion.Int {
			message = i18n.M("rule.draft.int")
		}
		c.say(key, start, message)
		return
	}
	if want == criterion.Int {
		_, err = r.Number()
	} else {
		_, err = r.Formula()
	}
	if err != nil {
		c.wrong = append(c.wrong, mistake(key, err))
		return
	}
	c.reads(key, r)
}

// row is the condition of a row: none is always, which only the last row of a
// table that takes the first may be.
func (c *draftCheck) row(key, src string, t catalog.Table, i int) {
	if src != "" {
		c.rule(key, src, criterion.Bool)
		return
	}
	if (t.Pick == "" || t.Pick == catalog.PickFirst) && i < len(t.Rows)-1 {
		c.say(key, criterion.Pos{Line: 1, Col: 1}, i18n.M("rule.draft.shadow"))
	}
}

// reads refuses sensitive attributes without a right to them, and words that an
// attribute never is.
func (c *draftCheck) reads(key string, r *criterion.Rule) {
	for _, name := range r.Variables() {
		allowed := slices.ContainsFunc(c.policy.Sensitive, func(u catalog.SensitiveUse) bool { return u.Attribute == name })
		if a := c.book.attributes[name]; a.Sensitive && !allowed {
			c.say(key, r.Place(name), i18n.M("rule.draft.sensitive", "attribute", a.Label))
		}
	}
	for _, w := range r.Words() {
		a := c.book.attributes[w.Var]
		if len(a.Values) > 0 && !slices.Contains(a.Values, w.Value) {
			c.say(key, w.Pos, i18n.M("rule.draft.word", "word", w.Value, "attribute", a.Label, "values", strings.Join(a.Values, " / ")))
		}
	}
}

// amount holds the tables together to what can run: a few rows that each do may
// be too much.
func (c *draftCheck) amount() {
	src := c.policy.AmountRule()
	if src == "" || len(c.wrong) > 0 {
		return
	}
	r, err := criterion.Compile(src, c.dict)
	if err == nil {
		_, err = r.Number()
	}
	if err != nil {
		c.say("amount", criterion.Pos{}, i18n.M("rule.draft.large"))
	}
}

// Text is what differs, in a sentence.
func (w Wrong) Text() i18n.Text {
	words := func(s string) i18n.Text {
		switch s {
		case "":
			return i18n.M("eligibility.example.nothing")
		case catalog.ExpectYes, "true":
			return i18n.M("eligibility.book.yes")
		case catalog.ExpectNo, "false":
			return i18n.M("eligibility.book.no")
		case catalog.ExpectUnknown:
			return i18n.M("rule.example.unknown")
		}
		return i18n.Same(s)
	}
	return i18n.M("eligibility.example.wrong", "what", w.What, "want", words(w.Want), "got", words(w.Got))
}
