package catalog

import (
	"strings"
	"unicode"

	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/internal/source"
)

// within notes a fault inside the text of a rule: at place pos of text, which is
// the value at path.
func (d *document) within(path, text string, pos criterion.Pos, message, fix i18n.Text) {
	v := d.find(path)
	if v != nil && d.at[path] == v && v.Kind == source.Scalar {
		line, col := inside(split(d.src), v, []rune(text), offset(text, pos))
		v = &source.Value{Line: line, Col: col}
	}
	d.Fault(v, message, fix)
}

// offset is how many characters stand before a place in a text.
func offset(text string, pos criterion.Pos) int {
	n := 0
	for i, line := range strings.Split(text, "\n") {
		if i+1 == pos.Line {
			return n + min(max(pos.Col-1, 0), len([]rune(line)))
		}
		n += len([]rune(line)) + 1
	}
	return n
}

// inside is where in the file the character of text at index stands. YAML folds
// lines, takes indents off and has escapes in quotes, so that the two are walked
// side by side from the value's beginning; space counts for nothing.
func inside(lines [][]rune, v *source.Value, text []rune, index int) (line, col int) {
	c := cursor{lines: lines, line: v.Line - 1, col: v.Col - 1}
	switch first := c.rune(); first {
	case '\'', '"':
		c.quote = first
		c.col++
	case '|', '>':
		c.line, c.col = c.line+1, 0
	}
	for _, r := range text[:min(index, len(text))] {
		if unicode.IsSpace(r) {
			continue
		}
		c.skipSpace()
		c.step()
	}
	if index >= len(text) || unicode.IsSpace(text[index]) {
		return c.line + 1, c.col + 1
	}
	c.skipSpace()
	return c.line + 1, c.col + 1
}

// cursor is a place in a file while a value is walked.
type cursor struct {
	lines     [][]rune
	line, col int // from 0
	quote     rune
}

// rune is the character at the cursor, a line break at the end of a line, and 0
// at the end of the file.
func (c *cursor) rune() rune {
	switch {
	case c.line >= len(c.lines):
		return 0
	case c.col >= len(c.lines[c.line]):
		return '\n'
	}
	return c.lines[c.line][c.col]
}

func (c *cursor) skipSpace() {
	for {
		switch r := c.rune(); {
		case r == 0:
			return
		case r == '\n':
			c.line, c.col = c.line+1, 0
		case unicode.IsSpace(r):
			c.col++
		case r == '\\' && c.quote == '"' && strings.ContainsRune("nt \n", c.at(1)):
			c.col += 2
		default:
			return
		}
	}
}

func (c *cursor) at(n int) rune {
	next := *c
	next.col += n
	return next.rune()
}

// step goes over one character that is not space, however it is written.
func (c *cursor) step() {
	switch {
	case c.quote == '\'' && c.rune() == '\'':
		c.col += 2
	case c.quote == '"' && c.rune() == '\\':
		c.col += 2 + map[rune]int{'x': 2, 'u': 4, 'U': 8}[c.at(1)]
	default:
		c.col++
	}
}

// split is a file as lines of characters.
func split(src []byte) [][]rune {
	var lines [][]rune
	for line := range strings.SplitSeq(string(src), "\n") {
		lines = append(lines, []rune(strings.TrimSuffix(line, "\r")))
	}
	return lines
}
