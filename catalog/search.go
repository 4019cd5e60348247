package catalog

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/search/query"

	"github.com/tongban/tongban/internal/i18n"
)

const (
	maxQuery    = 60 // characters; the rest of a longer query is not looked at
	maxVariants = 6  // of a query by synonyms
	maxHits     = 200
)

// The tiers: how a query met a thing. A hit of a higher tier comes first.
const (
	metText  = iota // some of its words stand in the text
	metPart         // a name or alias has it within
	metStart        // a name begins with it, or it is typed as initials
	metAlias        // it is an alias
	metName         // it is the name
)

// Search finds what a query names, best first, at most limit. It takes Chinese,
// English, both mixed, pinyin and its initials ("lnjt"), and forgives a slip:
// one wrong letter in a longer English word, a Chinese character that sounds
// like the right one. lang puts what was found by words of that language first
// among equals. An empty query finds nothing.
func (x *Index) Search(q string, lang i18n.Lang, limit int) []Hit {
	q = tidy(q)
	limit = min(limit, maxHits)
	if q == "" || limit <= 0 {
		return nil
	}
	variants := x.variants(q)
	scores := x.byWords(variants, lang)
	for entry, exact := range x.bySound(q) {
		scores[entry] = max(scores[entry], tier(metPart)+0.5)
		if exact {
			scores[entry] = max(scores[entry], tier(metStart)+0.5)
		}
	}
	if best(scores) < tier(metPart) {
		for entry := range x.alike(q) {
			scores[entry] = max(scores[entry], tier(metPart))
		}
	}
	return x.rank(scores, limit)
}

func tier(t int) float64 { return float64(t) }

// byWords scores entries by the word index: the tier, and within it how well
// the words fit, from 0 to just below 1.
func (x *Index) byWords(variants []string, lang i18n.Lang) map[int]float64 {
	request := bleve.NewSearchRequestOptions(wordQuery(variants, lang), maxHits, 0, false)
	found, err := x.words.Search(request)
	scores := map[int]float64{}
	if err != nil || len(found.Hits) == 0 {
		return scores // a query in memory fails only when the index is closed
	}
	top := found.Hits[0].Score
	for _, h := range found.Hits {
		entry, err := strconv.Atoi(h.ID)
		if err != nil {
			continue
		}
		fit := h.Score / top
		met := metText
		for i, v := range variants {
			t := x.entries[entry].met(v)
			if i > 0 && t > metText {
				t = metPart
			}
			met = max(met, t)
		}
		if met == metText && (fit < 0.05 || !x.entries[entry].covers(variants[0])) {
			continue
		}
		if x.entries[entry].hit.Event != "" && met >= metAlias {
			fit = 1 // who names a life event wants all of it done
		}
		scores[entry] = tier(met) + 0.99*fit
	}
	return scores
}

// met is the tier in which a folded query meets the entry's names.
func (e *entry) met(q string) int {
	best := metText
	for i, name := range slices.Concat(e.names, e.aliases) {
		isName := i < len(e.names)
		switch {
		case name == q && isName:
			return metName
		case name == q:
			best = max(best, metAlias)
		case isName && strings.HasPrefix(name, q):
			best = max(best, metStart)
		case strings.Contains(name, q):
			best = max(best, metPart)
		}
	}
	return best
}

// covers reports whether a fair part of a query in Chinese stands in the entry:
// a third of its pairs of characters. One pair in common with a long query is
// chance.
func (e *entry) covers(q string) bool {
	pairs, found := 0, 0
	last := rune(0)
	for _, r := range q {
		if unicode.Is(unicode.Han, r) && last != 0 {
			pairs++
			if strings.Contains(e.text, string([]rune{last, r})) {
				found++
			}
		}
		if last = r; !unicode.Is(unicode.Han, r) {
			last = 0
		}
	}
	return 3*found >= pairs
}

// wordQuery asks every field for every variant of the query; the first variant
// is the query itself.
func wordQuery(variants []string, lang i18n.Lang) query.Query {
	any := bleve.NewDisjunctionQuery()
	zh, en := 1.0, 0.9
	if lang == i18n.EN {
		zh, en = en, zh
	}
	for i, v := range variants {
		weight := 1.0
		if i > 0 {
			weight = 0.6
		}
		if han(v) {
			any.AddQuery(words(v, "z"+fieldName, 8*weight*zh), words(v, "z"+fieldAlias, 6*weight*zh), words(v, "z"+fieldText, weight*zh))
		}
		if len([]rune(v)) == 1 {
			any.AddQuery(words(v, fieldChars, 4*weight))
		}
		if latin(v) {
			any.AddQuery(slip(words(v, "e"+fieldName, 8*weight*en)), slip(words(v, "e"+fieldAlias, 6*weight*en)), words(v, "e"+fieldText, weight*en))
			any.AddQuery(begins(v, "e"+fieldName, 4*weight*en), begins(v, "e"+fieldAlias, 3*weight*en))
			any.AddQuery(words(v, "z"+fieldAlias, 4*weight)) // a code or a mixed word: APP, 12345, 5G
		}
	}
	return any
}

func words(q, field string, boost float64) *query.MatchQuery {
	m := bleve.NewMatchQuery(q)
	m.SetField(field)
	m.SetBoost(boost)
	return m
}

// slip lets a match miss one letter of the words it looks for, after the first
// letter. Short words would match too much that way.
func slip(m *query.MatchQuery) query.Query {
	for word := range strings.FieldsSeq(m.Match) {
		if len(word) < 5 {
			return m
		}
	}
	m.SetFuzziness(1)
	m.SetPrefix(1)
	return m
}

// begins finds words that begin with the last word of q: what is being typed.
func begins(q, field string, boost float64) query.Query {
	words := strings.Fields(q)
	p := bleve.NewPrefixQuery(words[len(words)-1])
	p.SetField(field)
	p.SetBoost(boost)
	return p
}

// bySound finds what a query in Latin letters alone spells, in initials or in
// whole pinyin; true where it is the whole of a name or alias.
func (x *Index) bySound(q string) map[int]bool {
	letters := strings.ReplaceAll(q, " ", "")
	if len(letters) < 2 || strings.ContainsFunc(letters, func(r rune) bool { return r < 'a' || r > 'z' }) {
		return nil
	}
	return x.heard(letters)
}

// alike finds names that sound like a query in Chinese: 社宝卡 for 社保卡.
func (x *Index) alike(q string) map[int]bool {
	found := map[int]bool{}
	if !han(q) {
		return found
	}
	for _, reading := range readings(q) {
		if len(reading) < 2 {
			continue
		}
		for entry := range x.heard(strings.Join(reading, "")) {
			found[entry] = true
		}
	}
	return found
}

func best(scores map[int]float64) float64 {
	top := 0.0
	for _, s := range scores {
		top = max(top, s)
	}
	return top
}

// rank orders entries by score, then by how popular they are.
func (x *Index) rank(scores map[int]float64, limit int) []Hit {
	found := make([]int, 0, len(scores))
	for entry := range scores {
		found = append(found, entry)
	}
	slices.SortFunc(found, func(a, b int) int {
		return cmp.Or(cmp.Compare(scores[b], scores[a]), cmp.Compare(x.entries[a].rank, x.entries[b].rank))
	})
	hits := make([]Hit, 0, min(limit, len(found)))
	for _, entry := range found[:cap(hits)] {
		hit := x.entries[entry].hit
		hit.Score = scores[entry]
		hits = append(hits, hit)
	}
	return hits
}
