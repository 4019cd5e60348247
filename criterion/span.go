package criterion

import "strings"

// text is the source of a rule with the use of each character.
type text struct {
	runes []rune
	use   []byte
}

// What a character of a source is for.
const (
	code byte = iota
	blank
	quoted
)

// scan tells code from space, comments and what stands in quotes.
func scan(src string) *text {
	t := &text{runes: []rune(src)}
	t.use = make([]byte, len(t.runes))
	for i := 0; i < len(t.runes); {
		i = t.token(i)
	}
	return t
}

// token marks what begins at i and returns where it ends.
func (t *text) token(i int) int {
	mark := func(to int, use byte) int {
		for ; i < to; i++ {
			t.use[i] = use
		}
		return to
	}
	switch r := t.runes[i]; {
	case strings.ContainsRune(" \t\n\r\f", r):
		return mark(i+1, blank)
	case t.has(i, "//"):
		end := i
		for end < len(t.runes) && t.runes[end] != '\n' {
			end++
		}
		return mark(end, blank)
	case r == '"' || r == '\'':
		return mark(t.quote(i), quoted)
	}
	return i + 1
}

// quote is where the text that begins at i with a quotation mark ends. A raw
// text (r"…") has no escapes.
func (t *text) quote(i int) int {
	raw := false
	for j := i - 1; j >= 0 && j >= i-2 && strings.ContainsRune("rRbB", t.runes[j]); j-- {
		raw = raw || t.runes[j] == 'r' || t.runes[j] == 'R'
	}
	mark := string(t.runes[i])
	if t.has(i, strings.Repeat(mark, 3)) {
		mark = strings.Repeat(mark, 3)
	}
	for j := i + len(mark); j < len(t.runes); j++ {
		switch {
		case !raw && t.runes[j] == '\\':
			j++
		case t.has(j, mark):
			return j + len(mark)
		}
	}
	return len(t.runes)
}

func (t *text) has(i int, s string) bool {
	return i+len(s) <= len(t.runes) && string(t.runes[i:i+len(s)]) == s
}

// shows reports whether an operator stands at i.
func (t *text) shows(i int, op string) bool { return t.has(i, op) && t.use[i] == code }

// trim takes space and comments off both ends.
func (t *text) trim(from, to int) (int, int) {
	for from < to && t.use[from] == blank {
		from++
	}
	for from < to && t.use[to-1] == blank {
		to--
	}
	return from, to
}

// unwrap takes off brackets around the whole.
func (t *text) unwrap(from, to int) (int, int) {
	for to-from >= 2 && t.shows(from, "(") && t.shows(to-1, ")") && t.balanced(from+1, to-1) {
		from, to = t.trim(from+1, to-1)
	}
	return from, to
}

// bare is what unwrap leaves, as one value.
func (t *text) bare(from, to int) [2]int {
	from, to = t.unwrap(from, to)
	return [2]int{from, to}
}

// balanced reports whether every bracket between two places has its other half
// there.
func (t *text) balanced(from, to int) bool {
	depth := 0
	for i := from; i < to; i++ {
		depth += t.bracket(i)
		if depth < 0 {
			return false
		}
	}
	return depth == 0
}

func (t *text) bracket(i int) int {
	if t.use[i] != code {
		return 0
	}
	switch t.runes[i] {
	case '(', '[', '{':
		return 1
	case ')', ']', '}':
		return -1
	}
	return 0
}

// colon is where the : of the ? before from stands; 0 where there is none.
func (t *text) colon(from, to int) int {
	depth, inner := 0, 0
	for i := from; i < to; i++ {
		depth += t.bracket(i)
		if depth != 0 || t.use[i] != code {
			continue
		}
		switch t.runes[i] {
		case '?':
			inner++
		case ':':
			if inner == 0 {
				return i
			}
			inner--
		}
	}
	return 0
}

// calls reports whether a source calls name().
func calls(src, name string) bool {
	t := scan(src)
	var plain strings.Builder
	for i, r := range t.runes {
		switch t.use[i] {
		case code:
			plain.WriteRune(r)
		case quoted:
			plain.WriteByte('"')
		}
	}
	for rest := plain.String(); ; {
		before, after, found := strings.Cut(rest, name+"()")
		if !found {
			return false
		}
		if last := before[max(len(before)-1, 0):]; last == "" || !strings.ContainsAny(last, letters) {
			return true
		}
		rest = after
	}
}

// letters are what names are made of.
const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_."
