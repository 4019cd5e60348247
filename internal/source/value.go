package source

import (
	"errors"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/tongban/tongban/internal/i18n"
)

// The bounds of a file. Beyond them it is refused unread, so that no pack can
// exhaust the machine that checks it.
const (
	MaxBytes = 512 << 10
	MaxDepth = 32
)

// Kind is what a Value is.
type Kind int

// The kinds of a Value.
const (
	Scalar Kind = iota // string, int64, float64, bool or nil
	Map
	List
)

// Value is a piece of a file with its place.
type Value struct {
	Line, Col int
	Kind      Kind
	Scalar    any      // for Scalar
	Entries   []Entry  // for Map, in the file's order; each key once
	Items     []*Value // for List
}

// Entry is one key of a map. Line and Col are those of the key.
type Entry struct {
	Key       string
	Line, Col int
	Value     *Value
}

// Parse reads a file of one YAML or JSON document. Anchors, aliases, tags and
// merge keys are refused: a pack's file says what it says in its own place. The
// error is Problems.
func Parse(file string, src []byte) (*Value, error) {
	whole := func(m i18n.Text) error { return Problems{{File: file, Line: 1, Col: 1, Message: m}} }
	if len(src) > MaxBytes {
		return nil, whole(i18n.M("source.tooLarge", "max", MaxBytes>>10))
	}
	if !utf8.Valid(src) {
		return nil, whole(i18n.M("source.notUTF8"))
	}
	if at := tooDeep(src); at.Line > 0 {
		return nil, Problems{{File: file, Line: at.Line, Col: at.Col, Message: i18n.M("source.tooDeep", "max", MaxDepth)}}
	}
	tree, err := parser.ParseBytes(src, 0)
	if err != nil {
		return nil, syntax(file, err)
	}
	r := reader{file: file}
	var root *Value
	for _, doc := range tree.Docs {
		if doc.Body == nil {
			continue
		}
		if root != nil {
			r.fault(doc.Body, i18n.M("source.oneDocument"))
			break
		}
		root = r.value(doc.Body, 0)
	}
	if root == nil && len(r.problems) == 0 {
		return nil, whole(i18n.M("source.empty"))
	}
	return root, r.problems.Err()
}

func syntax(file string, err error) error {
	p := Problem{File: file, Line: 1, Col: 1, Message: i18n.M("source.syntax", "detail", err.Error())}
	var positioned yaml.Error
	if errors.As(err, &positioned) {
		p.Message = i18n.M("source.syntax", "detail", positioned.GetMessage())
		if t := positioned.GetToken(); t != nil && t.Position != nil {
			p.Line, p.Col = t.Position.Line, t.Position.Column
		}
	}
	return Problems{p}
}

// tooDeep finds where a file would make the recursive parser go too deep: open
// brackets, or marks ("- - -", "? ?", "!a !b") on one line. Brackets within strings
// count too, so the bound is wide; the exact one is kept in reader.value.
func tooDeep(src []byte) (at struct{ Line, Col int }) {
	const bound = 8 * MaxDepth
	depth, marks, line, col := 0, 0, 1, 0
	before := byte('\n')
	for _, b := range src {
		col++
		switch b {
		case '\n':
			line, col, marks = line+1, 0, 0
		case '[', '{':
			depth++
		case ']', '}':
			depth = max(0, depth-1)
		case '-', '?', '!', '&', '*':
			if before == ' ' || before == '\t' || before == '\n' {
				marks++
			}
		}
		if depth > bound || marks > bound {
			at.Line, at.Col = line, col
			return at
		}
		before = b
	}
	return at
}

type reader struct {
	file     string
	problems Problems
}

func (r *reader) fault(n ast.Node, m i18n.Text) {
	line, col := place(n)
	r.problems = append(r.problems, Problem{File: r.file, Line: line, Col: col, Message: m})
}

func place(n ast.Node) (line, col int) {
	if mapping, ok := n.(*ast.MappingNode); ok && len(mapping.Values) > 0 && !mapping.IsFlowStyle {
		n = mapping.Values[0].Key
	}
	if n == nil {
		return 1, 1
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line, t.Position.Column
	}
	return 1, 1
}

func (r *reader) value(n ast.Node, depth int) *Value {
	v := &Value{}
	v.Line, v.Col = place(n)
	if depth > MaxDepth {
		r.fault(n, i18n.M("source.tooDeep", "max", MaxDepth))
		return v
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		v.Kind = Map
		seen := make(map[string]bool, len(n.Values))
		for _, pair := range n.Values {
			r.entry(v, pair, depth, seen)
		}
	case *ast.MappingValueNode:
		v.Kind = Map
		v.Line, v.Col = place(n.Key)
		r.entry(v, n, depth, map[string]bool{})
	case *ast.SequenceNode:
		v.Kind = List
		for _, item := range n.Values {
			v.Items = append(v.Items, r.value(item, depth+1))
		}
	case *ast.CommentGroupNode, *ast.NullNode:
	case *ast.StringNode:
		v.Scalar = n.Value
	case *ast.LiteralNode:
		v.Scalar = n.Value.Value
	case *ast.BoolNode:
		v.Scalar = n.Value
	case *ast.FloatNode:
		v.Scalar = n.Value
	case *ast.IntegerNode:
		v.Scalar = r.integer(n)
	default:
		r.fault(n, i18n.M("source.notPlain"))
	}
	return v
}

func (r *reader) integer(n *ast.IntegerNode) any {
	switch i := n.Value.(type) {
	case int64:
		return i
	case uint64:
		if i <= 1<<63-1 {
			return int64(i)
		}
	}
	r.fault(n, i18n.M("source.tooBig"))
	return int64(0)
}

func (r *reader) entry(v *Value, pair *ast.MappingValueNode, depth int, seen map[string]bool) {
	key, ok := scalarKey(pair.Key)
	if !ok {
		r.fault(pair.Key, i18n.M("source.notPlain"))
		return
	}
	if seen[key] {
		r.fault(pair.Key, i18n.M("source.twice", "key", key))
		return
	}
	seen[key] = true
	e := Entry{Key: key, Value: r.value(pair.Value, depth+1)}
	e.Line, e.Col = place(pair.Key)
	v.Entries = append(v.Entries, e)
}

func scalarKey(k ast.MapKeyNode) (string, bool) {
	switch k := k.(type) {
	case *ast.StringNode:
		return k.Value, true
	case *ast.IntegerNode:
		return k.Token.Value, true
	case *ast.BoolNode:
		return k.Token.Value, true
	case *ast.NullNode:
		return k.Token.Value, true
	case *ast.FloatNode:
		return k.Token.Value, true
	}
	return "", false
}

// Get is the value of a map's key, or nil.
func (v *Value) Get(key string) *Value {
	if v == nil {
		return nil
	}
	for _, e := range v.Entries {
		if e.Key == key {
			return e.Value
		}
	}
	return nil
}

// Plain is the value as encoding/json would give it, with int64 beside float64.
func (v *Value) Plain() any {
	switch v.Kind {
	case Map:
		m := make(map[string]any, len(v.Entries))
		for _, e := range v.Entries {
			m[e.Key] = e.Value.Plain()
		}
		return m
	case List:
		l := make([]any, len(v.Items))
		for i, item := range v.Items {
			l[i] = item.Plain()
		}
		return l
	}
	return v.Scalar
}
