package process

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/i18n"
)

// Bounds of a file. The largest process that people can read is far below.
const (
	maxBytes    = 1 << 20
	maxElements = 20_000 // XML elements, the diagram's among them
	maxDepth    = 64
	maxNodes    = 1_000 // flow elements and flows
	maxFaults   = 100
)

const modelNamespace = "http://www.omg.org/spec/BPMN/20100524/MODEL"

// tree is one XML element of the BPMN model namespace.
type tree struct {
	name     string
	attrs    map[string]string // without namespace
	tb       map[string]string // of Namespace
	children []*tree
	text     []byte
	place
}

func (t *tree) id() string { return t.attrs["id"] }

// child is the first child with the name, or nil.
func (t *tree) child(name string) *tree {
	for _, c := range t.children {
		if c.name == name {
			return c
		}
	}
	return nil
}

// content is the text of the child with the name, trimmed.
func (t *tree) content(name string) string {
	if c := t.child(name); c != nil {
		return strings.TrimSpace(string(c.text))
	}
	return ""
}

// reader turns XML into trees. The diagram and other tools' extensions are
// counted and passed over.
type reader struct {
	src   []byte
	xml   *xml.Decoder
	count int
	lines lines
}

// read parses the file and returns its root element.
func read(src []byte) (*tree, *Error) {
	r := &reader{src: src, lines: newLines(src)}
	if len(src) > maxBytes {
		return nil, r.fault(0, i18n.M("process.parse.tooLarge", "max", maxBytes>>10))
	}
	r.xml = xml.NewDecoder(bytes.NewReader(src))
	r.xml.CharsetReader = r.charset
	for {
		offset := r.xml.InputOffset()
		token, err := r.xml.Token()
		if err != nil {
			return nil, r.syntax(err)
		}
		switch token := token.(type) {
		case xml.Directive:
			return nil, r.fault(offset, i18n.M("process.parse.dtd"))
		case xml.StartElement:
			if token.Name.Space != modelNamespace || token.Name.Local != "definitions" {
				return nil, r.fault(offset, i18n.M("process.parse.notBPMN"))
			}
			root, fault := r.element(token, offset, 1)
			if fault != nil {
				return nil, fault
			}
			return root, r.rest()
		}
	}
}

// charset takes other encodings where the file keeps to ASCII, in which they
// agree with UTF-8.
func (r *reader) charset(name string, input io.Reader) (io.Reader, error) {
	switch strings.ToLower(name) {
	case "us-ascii", "ascii", "iso-8859-1", "windows-1252":
		if !slices.ContainsFunc(r.src, func(b byte) bool { return b >= utf8.RuneSelf }) {
			return input, nil
		}
	}
	return nil, errors.New("encoding " + name + "; UTF-8 is wanted")
}

// element reads the rest of an element whose start has been read.
func (r *reader) element(start xml.StartElement, offset int64, depth int) (*tree, *Error) {
	t := &tree{name: start.Name.Local, attrs: map[string]string{}, place: r.lines.at(offset)}
	for _, a := range start.Attr {
		switch a.Name.Space {
		case "":
			t.attrs[a.Name.Local] = a.Value
		case Namespace:
			if t.tb == nil {
				t.tb = map[string]string{}
			}
			t.tb[a.Name.Local] = a.Value
		}
	}
	if depth > maxDepth {
		return nil, r.fault(offset, i18n.M("process.parse.tooDeep", "max", maxDepth))
	}
	if r.count++; r.count > maxElements {
		return nil, r.fault(offset, i18n.M("process.parse.tooMany", "max", maxElements))
	}
	for {
		offset := r.xml.InputOffset()
		token, err := r.xml.Token()
		if err != nil {
			return nil, r.syntax(err)
		}
		switch token := token.(type) {
		case xml.Directive:
			return nil, r.fault(offset, i18n.M("process.parse.dtd"))
		case xml.CharData:
			t.text = append(t.text, token...)
		case xml.StartElement:
			child, fault := r.element(token, offset, depth+1)
			if fault != nil {
				return nil, fault
			}
			if token.Name.Space == modelNamespace {
				t.children = append(t.children, child)
			}
		case xml.EndElement:
			return t, nil
		}
	}
}

// rest refuses anything after the root element but space and comments.
func (r *reader) rest() *Error {
	for {
		offset := r.xml.InputOffset()
		token, err := r.xml.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return r.syntax(err)
		}
		switch token := token.(type) {
		case xml.Directive:
			return r.fault(offset, i18n.M("process.parse.dtd"))
		case xml.StartElement:
			return r.fault(offset, i18n.M("process.parse.syntax", "detail", "second root element"))
		case xml.CharData:
			if len(bytes.TrimSpace(token)) > 0 {
				return r.fault(offset, i18n.M("process.parse.syntax", "detail", "text after the root element"))
			}
		}
	}
}

func (r *reader) syntax(err error) *Error {
	var syntax *xml.SyntaxError
	detail := err.Error()
	if errors.As(err, &syntax) {
		detail = syntax.Msg
	}
	if errors.Is(err, io.EOF) {
		return r.fault(0, i18n.M("process.parse.notBPMN"))
	}
	return r.fault(r.xml.InputOffset(), i18n.M("process.parse.syntax", "detail", detail))
}

func (r *reader) fault(offset int64, message i18n.Text) *Error {
	at := r.lines.at(offset)
	return &Error{Line: at.line, Col: at.col, Message: message}
}

// lines finds line and column of growing offsets: it counts on from the last.
type lines struct {
	src    []byte
	offset int
	place
}

func newLines(src []byte) lines {
	l := lines{src: src, place: place{1, 1}}
	if bytes.HasPrefix(src, []byte("\ufeff")) {
		l.offset = len("\ufeff")
	}
	return l
}

func (l *lines) at(offset int64) place {
	end := min(int(offset), len(l.src))
	if end < l.offset {
		return place{1, 1}
	}
	passed := l.src[l.offset:end]
	if newline := bytes.LastIndexByte(passed, '\n'); newline >= 0 {
		l.line += bytes.Count(passed, []byte("\n"))
		l.col, passed = 1, passed[newline+1:]
	}
	l.col += utf8.RuneCount(passed)
	l.offset = end
	return l.place
}
