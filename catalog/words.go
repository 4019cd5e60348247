package catalog

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// fold brings text to the form in which it is compared: full-width letters
// made plain, small letters, punctuation and runs of space made one space.
func fold(s string) string {
	space := true
	var b strings.Builder
	for _, r := range norm.NFKC.String(s) {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			if r != '\'' && r != '’' && !space {
				b.WriteByte(' ')
				space = true
			}
			continue
		}
		b.WriteRune(unicode.ToLower(r))
		space = false
	}
	return strings.TrimRight(b.String(), " ")
}

func foldAll(all []string) []string {
	folded := make([]string, 0, len(all))
	for _, s := range all {
		if f := fold(s); f != "" {
			folded = append(folded, f)
		}
	}
	return folded
}

// tidy is a query as it is searched: bounded, folded, and without the words
// around the thing that is asked for (我要办护照 is 护照).
func tidy(q string) string {
	if runes := []rune(strings.ToValidUTF8(q, "")); len(runes) > maxQuery {
		q = string(runes[:maxQuery])
	}
	q = fold(q)
	for {
		rest := strip(q)
		if rest == q || len([]rune(rest)) < 2 {
			return q
		}
		q = rest
	}
}

func strip(q string) string {
	for _, filler := range []string{"请问", "我要", "我想", "想要", "怎么", "怎样", "如何", "哪里", "在哪", "办理", "申请", "申领", "办一下", "办个", "办", "的"} {
		if rest, found := strings.CutPrefix(q, filler); found {
			return strings.TrimSpace(rest)
		}
	}
	for _, filler := range []string{"怎么办", "怎么办理", "怎么申请", "在哪里办", "去哪里办", "在哪办", "办理", "申请", "流程", "吗", "呢"} {
		if rest, found := strings.CutSuffix(q, filler); found {
			return strings.TrimSpace(rest)
		}
	}
	return q
}

// variants are a folded query and what it becomes when a word in it is replaced
// by a synonym; the query itself comes first.
func (x *Index) variants(q string) []string {
	all := []string{q}
	for _, row := range x.synonyms {
		word := ""
		for _, w := range row {
			if len(w) > len(word) && holdsWord(q, w) {
				word = w
			}
		}
		if word == "" {
			continue
		}
		for _, other := range row {
			if len(all) >= maxVariants {
				return all
			}
			if other != word {
				all = append(all, strings.Replace(q, word, other, 1))
			}
		}
	}
	return all
}

// holdsWord reports whether a query has a word in it; a word in Latin letters
// must stand alone.
func holdsWord(q, word string) bool {
	if latin(word) && !han(word) {
		return strings.Contains(" "+q+" ", " "+word+" ")
	}
	return strings.Contains(q, word)
}

func han(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

func latin(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) })
}
