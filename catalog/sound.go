package catalog

import (
	"sort"
	"strings"
	"unicode"

	"github.com/mozillazg/go-pinyin"
)

// maxReadings bounds how many readings of one phrase are kept where characters
// have several (银行 yinhang, yinxing).
const maxReadings = 6

// sound is how a phrase, or the rest of one, is typed in Latin letters: the
// initials of its characters, or its whole pinyin. whole marks those that
// begin where the phrase begins.
type sound struct {
	text  string
	entry int
	whole bool
}

// sounds lists how the phrases of an entry are typed.
func sounds(entry int, phrases []string) []sound {
	var all []sound
	seen := map[string]bool{}
	for _, phrase := range phrases {
		for _, reading := range readings(phrase) {
			for from := range reading {
				initials := ""
				for _, syllable := range reading[from:] {
					initials += syllable[:1]
				}
				for _, text := range []string{initials, strings.Join(reading[from:], "")} {
					if len(text) < 2 || seen[text] {
						continue
					}
					seen[text] = true
					all = append(all, sound{text: text, entry: entry, whole: from == 0})
				}
			}
		}
	}
	return all
}

// readings are the ways to read the Chinese characters of a phrase, each a list
// of syllables. Characters that are not Chinese are left out; a phrase with
// none has no readings.
func readings(phrase string) [][]string {
	args := pinyin.NewArgs()
	args.Heteronym = true
	all := [][]string{nil}
	for _, r := range phrase {
		if !unicode.Is(unicode.Han, r) {
			continue
		}
		syllables := distinct(pinyin.SinglePinyin(r, args))
		if len(syllables) == 0 {
			continue
		}
		if len(all)*len(syllables) > maxReadings {
			syllables = syllables[:1]
		}
		next := make([][]string, 0, len(all)*len(syllables))
		for _, syllable := range syllables {
			for _, reading := range all {
				next = append(next, append(reading[:len(reading):len(reading)], syllable))
			}
		}
		all = next
	}
	if len(all[0]) == 0 {
		return nil
	}
	return all
}

func distinct(syllables []string) []string {
	var all []string
	seen := map[string]bool{}
	for _, s := range syllables {
		if s != "" && !seen[s] {
			seen[s] = true
			all = append(all, s)
		}
	}
	return all
}

// heard is the entries with a sound that begins with prefix, and whether one
// of them is the whole of it.
func (x *Index) heard(prefix string) map[int]bool {
	found := map[int]bool{}
	from := sort.Search(len(x.sounds), func(i int) bool { return x.sounds[i].text >= prefix })
	for _, s := range x.sounds[from:] {
		if !strings.HasPrefix(s.text, prefix) {
			break
		}
		found[s.entry] = found[s.entry] || s.whole && s.text == prefix
	}
	return found
}
