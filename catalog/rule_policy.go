package catalog

import (
	"errors"
	"slices"
	"strings"
	"unicode"

	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/internal/i18n"
)

// PolicyDict is the dictionary of a policy's rules: the attributes of its
// audience, today, and score(), the sum of its score tables. It fails where a
// score table does not compile.
func (c *City) PolicyDict(p *Policy) (*criterion.Dict, error) {
	dict := c.audienceDict(p.Audience)
	if len(p.Score) == 0 {
		return dict, nil
	}
	return dict.Define(scoreName, p.ScoreRule())
}

// scoreName is what stands in rules for the sum of the score tables.
const scoreName = "score"

func (c *City) audienceDict(audience string) *criterion.Dict {
	vars := map[string]criterion.Type{}
	for _, a := range c.AttributesOf(audience) {
		if a.Type != "" {
			vars[a.ID] = a.Type
		}
	}
	return criterion.New(vars)
}

// place is where a rule's text stands, and a place inside it.
type place struct {
	path, text string
	pos        criterion.Pos
}

// policyRules checks the rules of one policy.
type policyRules struct {
	l    *loader
	n    note
	p    *Policy
	dict *criterion.Dict

	read   map[string]place // attributes, where they are read first
	broken bool             // a rule is, so that read may lack something
}

// checkPolicyRules compiles every rule of a policy and makes sure that each can
// run over the whole population.
func (l *loader) checkPolicyRules(n note, p *Policy) *policyRules {
	c := &policyRules{l: l, n: n, p: p, dict: l.city.audienceDict(p.Audience), read: map[string]place{}}
	c.tables("score", p.Score)
	if len(p.Score) > 0 {
		text := p.ScoreRule()
		if c.broken { // told already; what reads the score is not at fault
			text = "0"
		}
		dict, err := c.dict.Define(scoreName, text)
		if err != nil {
			c.n.in("score").say(i18n.M("catalog.policy.large"), i18n.M("catalog.policy.large.fix"))
			return c
		}
		c.dict = dict
	}
	for i, condition := range p.Conditions {
		c.rule(condition.When, criterion.Bool, "conditions", i, "when")
	}
	c.rule(p.Held, criterion.Bool, "held")
	if p.Amount == nil || len(p.Amount.Tables) == 0 {
		return c
	}
	c.tables("amount.tables", p.Amount.Tables)
	if !c.broken && !runs(p.AmountRule(), c.dict) { // though each row does
		c.n.in("amount", "tables").say(i18n.M("catalog.policy.large"), i18n.M("catalog.policy.large.fix"))
	}
	return c
}

// runs reports whether a whole number can be worked out for everybody at once.
func runs(src string, dict *criterion.Dict) bool {
	r, err := criterion.Compile(src, dict)
	if err == nil {
		_, err = r.Number()
	}
	return err == nil
}

func (c *policyRules) tables(path string, tables []Table) {
	for i, t := range tables {
		for j, row := range t.Rows {
			c.rule(row.When, criterion.Bool, path, i, "rows", j, "when")
			c.rule(row.Value, criterion.Int, path, i, "rows", j, "value")
		}
	}
}

func (c *policyRules) rule(src string, want criterion.Type, path ...any) {
	if src == "" {
		return
	}
	at := place{path: c.n.in(path...).path, text: src}
	r, err := criterion.Compile(src, c.dict)
	if err != nil {
		c.fault(at, err)
		return
	}
	if r.Type() != want {
		c.broken = true
		at.pos = criterion.Pos{Line: 1, Col: 1}
		c.say(at, i18n.M("catalog.rule.type", "got", r.Type(), "want", want), i18n.M("catalog.rule.type.fix"))
		return
	}
	if want == criterion.Int {
		_, err = r.Number()
	} else {
		_, err = r.Formula()
	}
	if err != nil {
		c.fault(at, err)
	}
	c.reads(r, at)
}

func (c *policyRules) say(at place, message, fix i18n.Text) {
	c.n.doc.within(at.path, at.text, at.pos, message, fix)
}

// fault notes what is wrong with a rule at its exact place.
func (c *policyRules) fault(at place, err error) {
	c.broken = true
	var mistake *criterion.Error
	if !errors.As(err, &mistake) {
		c.n.say(i18n.Same(err.Error()), i18n.M("catalog.rule.broken.fix"))
		return
	}
	at.pos = mistake.Pos
	rest := string([]rune(at.text)[offset(at.text, at.pos):])
	for _, a := range c.l.city.Attributes {
		after, ok := strings.CutPrefix(rest, a.ID)
		if ok && a.Audience != c.p.Audience && !strings.ContainsFunc(after[:min(1, len(after))], part) {
			c.say(at, i18n.M("catalog.policy.audience", "attribute", a.ID, "audience", c.p.Audience), i18n.M("catalog.policy.audience.fix"))
			return
		}
	}
	c.say(at, mistake.Message, i18n.Text{})
}

// part reports whether a character goes on with a name.
func part(r rune) bool { return r == '_' || r == '.' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// reads notes which attributes a rule reads, and holds the words that it
// compares them with to those that they can be.
func (c *policyRules) reads(r *criterion.Rule, at place) {
	for _, name := range r.Variables() {
		if _, known := c.read[name]; !known {
			at.pos = r.Place(name)
			c.read[name] = at
		}
	}
	for _, w := range r.Words() {
		a, _ := c.l.city.Attribute(w.Var)
		if len(a.Values) > 0 && !slices.Contains(a.Values, w.Value) {
			at.pos = w.Pos
			c.say(at, i18n.M("catalog.policy.word", "word", w.Value, "attribute", w.Var), oneOf(w.Value, a.Values))
		}
	}
}
