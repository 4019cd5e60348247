package catalog

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/tongban/tongban/internal/i18n"
)

// Bounds of a list that is imported.
const (
	maxList = 64 << 20 // bytes
	maxRows = 200_000
	maxCell = 2_000 // characters
	maxName = 200   // characters of a service's name
)

// Refusal is one row that did not become a service. Row counts as a
// spreadsheet does: the header is row 1. Row 0 is the list as a whole.
type Refusal struct {
	Row     int       `json:"row"`
	Message i18n.Text `json:"message"`
}

// String is "row N: why" in English.
func (r Refusal) String() string { return fmt.Sprintf("row %d: %s", r.Row, r.Message.EN) }

// Import reads a list of services (CSV with a header) by a mapping. Every row
// gives one service or one refusal; a row that is refused does not hold up the
// others. The list is UTF-8, or GB 18030 as older office programs write it.
func Import(r io.Reader, m *Mapping) ([]Service, []Refusal) {
	src, err := io.ReadAll(io.LimitReader(r, maxList+1))
	if err != nil {
		return nil, []Refusal{{Message: i18n.M("catalog.import.unreadable")}}
	}
	if len(src) > maxList {
		return nil, []Refusal{{Message: i18n.M("catalog.import.large", "max", maxList>>20)}}
	}
	if src, err = plainText(src, m.Encoding); err != nil {
		return nil, []Refusal{{Message: i18n.M("catalog.import.encoding")}}
	}
	t := &table{Mapping: m, ids: map[string]int{}, names: map[[2]string]int{}}
	t.read(src)
	return t.services, t.refused
}

func plainText(src []byte, encoding string) ([]byte, error) {
	src = bytes.TrimPrefix(src, []byte("\ufeff"))
	if encoding == "" && utf8.Valid(src) {
		return src, nil
	}
	text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(src)
	if err == nil && bytes.ContainsRune(text, utf8.RuneError) {
		err = errors.New("neither UTF-8 nor GB 18030")
	}
	return text, err
}

// table is one run of Import.
type table struct {
	*Mapping
	columns  map[string]int
	width    int
	ids      map[string]int    // service id -> its row
	names    map[[2]string]int // agency and name -> row
	services []Service
	refused  []Refusal
}

func (t *table) refuse(row int, message i18n.Text) {
	t.refused = append(t.refused, Refusal{Row: row, Message: message})
}

func (t *table) read(src []byte) {
	r := csv.NewReader(bytes.NewReader(src))
	r.FieldsPerRecord = -1
	header, err := r.Read()
	if err != nil {
		t.refuse(1, i18n.M("catalog.import.header"))
		return
	}
	if !t.header(header) {
		return
	}
	for row := 2; ; row++ {
		cells, err := r.Read()
		switch {
		case errors.Is(err, io.EOF):
			return
		case row > maxRows:
			t.refuse(row, i18n.M("catalog.import.many", "max", maxRows))
			return
		case err != nil:
			t.refuse(row, i18n.M("catalog.import.quotes"))
		default:
			t.row(row, cells)
		}
	}
}

func (t *table) header(cells []string) bool {
	t.columns, t.width = map[string]int{}, len(cells)
	for i, name := range cells {
		t.columns[strings.TrimSpace(name)] = i
	}
	ok := true
	for _, name := range t.needs() {
		if _, has := t.columns[name]; !has {
			t.refuse(1, i18n.M("catalog.import.column", "column", name))
			ok = false
		}
	}
	return ok
}

// row makes a service of a row, or refuses it with the first reason.
func (t *table) row(row int, cells []string) {
	if len(cells) != t.width {
		t.refuse(row, i18n.M("catalog.import.width", "got", len(cells), "want", t.width))
		return
	}
	for i, cell := range cells {
		cells[i] = strings.TrimSpace(cell)
		if utf8.RuneCountInString(cell) > maxCell || strings.ContainsFunc(cells[i], unicode.IsControl) {
			t.refuse(row, i18n.M("catalog.import.cell", "number", i+1))
			return
		}
	}
	s, reason := t.service(cells)
	if reason.IsZero() {
		reason = t.unique(row, s)
	}
	if !reason.IsZero() {
		t.refuse(row, reason)
		return
	}
	t.services = append(t.services, s)
}

func (t *table) service(cells []string) (Service, i18n.Text) {
	var s Service
	for _, c := range []struct {
		cell *Cell
		into *string
	}{
		{&t.Name, &s.Name.ZH}, {&t.ID, &s.ID}, {&t.Local, &s.Local}, {&t.Code, &s.Code},
		{&t.Type, &s.Type}, {&t.Sector, &s.Sector}, {&t.Agency, &s.Agency},
	} {
		if c.cell.Column == "" {
			continue
		}
		value, reason := c.cell.take(cells[t.columns[c.cell.Column]])
		if !reason.IsZero() {
			return s, reason
		}
		*c.into = value
	}
	s.ID = strings.ToLower(s.ID)
	switch {
	case !slug.MatchString(s.ID) || len(s.ID) > 60:
		return s, i18n.M("catalog.import.id", "id", short(s.ID))
	case utf8.RuneCountInString(s.Name.ZH) > maxName:
		return s, i18n.M("catalog.import.long", "max", maxName)
	case s.Code != "" && !code12.MatchString(s.Code):
		return s, i18n.M("catalog.service.code", "code", short(s.Code))
	}
	agency := cells[t.columns[t.Agency.Column]]
	s.Name.EN = strings.NewReplacer("{name}", s.Name.ZH, "{agency}", agency).Replace(t.English)
	s.Audience = slices.Clone(t.Audience)
	s.Versions = []ServiceVersion{t.version(s.Name.ZH, agency)}
	return s, i18n.Text{}
}

// unique refuses a second service of one id, and a second of one name at one
// agency: lists repeat what was filed twice.
func (t *table) unique(row int, s Service) i18n.Text {
	if first, taken := t.ids[s.ID]; taken {
		return i18n.M("catalog.import.twiceID", "id", s.ID, "row", first)
	}
	name := [2]string{s.Agency, s.Name.ZH}
	if first, taken := t.names[name]; taken {
		return i18n.M("catalog.import.twiceName", "name", short(s.Name.ZH), "row", first)
	}
	t.ids[s.ID], t.names[name] = row, row
	return i18n.Text{}
}
