package catalog

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/custom"
	"github.com/blevesearch/bleve/v2/analysis/lang/cjk"
	"github.com/blevesearch/bleve/v2/analysis/lang/en"
	"github.com/blevesearch/bleve/v2/analysis/token/lowercase"
	"github.com/blevesearch/bleve/v2/analysis/tokenizer/unicode"
	"github.com/blevesearch/bleve/v2/mapping"

	"github.com/tongban/tongban/internal/i18n"
)

// Index finds services and life events by the words that people use. It stands
// in memory, is built once per pack and is safe for concurrent use.
type Index struct {
	words    bleve.Index
	entries  []entry
	sounds   []sound // sorted by text
	synonyms [][]string
}

// entry is one thing that can be found.
type entry struct {
	hit     Hit
	names   []string // folded, both languages
	aliases []string
	text    string // names, aliases and text in Chinese
	rank    int    // lower comes first among equals
}

// Hit is one thing found: either Service or Event is its id. Score orders hits;
// its whole part is how the query met the name (see the tiers in search.go).
type Hit struct {
	Service string  `json:"service,omitempty"`
	Event   string  `json:"event,omitempty"`
	Score   float64 `json:"score"`
}

// The fields of the word index: names and aliases in bigrams (z) and in
// English stems (e), single characters (c), and the rest of the text.
const (
	fieldName  = "name"
	fieldAlias = "alias"
	fieldText  = "text"
	fieldChars = "chars"

	chars = "chars" // the analyzer that keeps single characters
)

// NewIndex builds the index over a city's services, as published on their
// latest version, and its life events.
func NewIndex(c *City) (*Index, error) {
	m, err := wordMapping()
	if err != nil {
		return nil, fmt.Errorf("catalog: search mapping: %w", err)
	}
	words, err := bleve.NewMemOnly(m)
	if err != nil {
		return nil, fmt.Errorf("catalog: open search index: %w", err)
	}
	x := &Index{words: words}
	for _, row := range c.Synonyms {
		x.synonyms = append(x.synonyms, foldAll(row))
	}
	batch := words.NewBatch()
	for _, t := range c.things() {
		e := entry{
			hit: t.hit, names: foldAll([]string{t.name.ZH, t.name.EN}), aliases: foldAll(t.aliases),
			text: t.chinese(), rank: len(x.entries),
		}
		if err := batch.Index(strconv.Itoa(len(x.entries)), t.fields()); err != nil {
			return nil, fmt.Errorf("catalog: index %s%s: %w", t.hit.Service, t.hit.Event, err)
		}
		x.sounds = append(x.sounds, sounds(len(x.entries), append([]string{t.name.ZH}, t.aliases...))...)
		x.entries = append(x.entries, e)
	}
	if err := words.Batch(batch); err != nil {
		return nil, fmt.Errorf("catalog: fill search index: %w", err)
	}
	slices.SortFunc(x.sounds, func(a, b sound) int {
		return cmp.Or(strings.Compare(a.text, b.text), cmp.Compare(a.entry, b.entry))
	})
	return x, nil
}

// Close gives the index's memory and goroutines back.
func (x *Index) Close() error { return x.words.Close() }

// thing is a service or a life event as the index sees it.
type thing struct {
	hit     Hit
	name    i18n.Text
	aliases []string
	text    []i18n.Text
}

// things lists what can be found: life events first, then what is popular.
func (c *City) things() []thing {
	all := make([]thing, 0, len(c.Events)+len(c.Services))
	for _, e := range c.Events {
		all = append(all, thing{hit: Hit{Event: e.ID}, name: e.Name, aliases: e.Aliases, text: []i18n.Text{e.Summary}})
	}
	popular := map[string]int{}
	for i, id := range c.Profile.Popular {
		popular[id] = i - len(c.Profile.Popular)
	}
	services := slices.Clone(c.Services)
	slices.SortStableFunc(services, func(a, b *Service) int { return cmp.Compare(popular[a.ID], popular[b.ID]) })
	for _, s := range services {
		t := thing{hit: Hit{Service: s.ID}, name: s.Name, aliases: s.Aliases}
		if v := s.Latest(); v != nil {
			t.text = append(t.text, v.Summary, v.Who, v.Outcome)
		}
		if a, ok := c.Agency(s.Agency); ok {
			t.text = append(t.text, a.Name, a.Short)
		}
		all = append(all, t)
	}
	return all
}

func (t thing) chinese() string {
	parts := append([]string{t.name.ZH}, t.aliases...)
	for _, text := range t.text {
		parts = append(parts, text.ZH)
	}
	return strings.Join(foldAll(parts), "\n")
}

// fields is the document that the word index takes. Every field stands there
// twice, for the two ways in which text is cut into words.
func (t thing) fields() map[string]any {
	aliases := strings.Join(t.aliases, "\n")
	var zh, en []string
	for _, text := range t.text {
		zh, en = append(zh, text.ZH), append(en, text.EN)
	}
	return map[string]any{
		"z" + fieldName: t.name.ZH, "e" + fieldName: t.name.EN,
		"z" + fieldAlias: aliases, "e" + fieldAlias: aliases,
		"z" + fieldText: strings.Join(zh, "\n"), "e" + fieldText: strings.Join(en, "\n"),
		fieldChars: t.name.ZH + "\n" + aliases,
	}
}

func wordMapping() (mapping.IndexMapping, error) {
	m := bleve.NewIndexMapping()
	if err := m.AddCustomAnalyzer(chars, map[string]any{
		"type": custom.Name, "tokenizer": unicode.Name, "token_filters": []string{cjk.WidthName, lowercase.Name},
	}); err != nil {
		return nil, err
	}
	doc := bleve.NewDocumentStaticMapping()
	add := func(name, analyzer string) {
		f := bleve.NewTextFieldMapping()
		f.Analyzer, f.Store, f.IncludeInAll, f.IncludeTermVectors, f.DocValues = analyzer, false, false, false, false
		doc.AddFieldMappingsAt(name, f)
	}
	for _, name := range []string{fieldName, fieldAlias, fieldText} {
		add("z"+name, cjk.AnalyzerName)
		add("e"+name, en.AnalyzerName)
	}
	add(fieldChars, chars)
	m.DefaultMapping = doc
	return m, nil
}
