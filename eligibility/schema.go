package eligibility

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"time"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/workday"
)

// Schema is the columns of a population: the attributes of one audience, in the
// pack's order. It is read-only and safe for concurrent use.
type Schema struct {
	audience   string
	attributes []catalog.Attribute
	at         map[string]int
	hash       [sha256.Size]byte
}

// NewSchema takes the attributes of one audience ("resident" or "firm"). Their
// types must be set, as catalog.Load does.
func NewSchema(attributes []catalog.Attribute, audience string) *Schema {
	s := &Schema{audience: audience, at: map[string]int{}}
	h := sha256.New()
	for _, a := range attributes {
		if a.Audience != audience {
			continue
		}
		s.at[a.ID] = len(s.attributes)
		s.attributes = append(s.attributes, a)
		fmt.Fprintf(h, "%q %s %d\n", a.ID, a.Type, a.Decimals)
	}
	h.Sum(s.hash[:0])
	return s
}

// Attributes lists the columns in order. It is not to be changed.
func (s *Schema) Attributes() []catalog.Attribute { return s.attributes }

// Hash names the schema: ids, types and decimals of its columns in order. A
// snapshot of one schema cannot be opened with another.
func (s *Schema) Hash() string { return hex.EncodeToString(s.hash[:]) }

// Inside, every value is an int64, its raw value: a whole number itself, a
// number with decimals times 10^decimals, a date as days since 1900-01-01, a
// bool as 0 or 1, a text as its place in the column's dictionary.

const (
	dayZero = 693596 // 1900-01-01 as days since 0001-01-01, plus 1
	lastDay = 3652059 - dayZero
	maxInt  = 1 << 53 // beyond, catalog.Attribute.Fit takes no number
)

func rawDay(d workday.Date) int64 { return int64(d.Sub(workday.Date{})) - dayZero }

func dayOf(raw int64) workday.Date {
	first, _ := workday.DateFrom(1900, time.January, 1)
	return first.AddDays(int(raw))
}

// raw is the raw value of what a register gives; ok is false where it is
// unknown. word is the place of a text in the dictionary.
func (s *Schema) raw(column int, value any, word func(string) int64) (raw int64, ok bool) {
	a := &s.attributes[column]
	switch v := value.(type) { // what Fit would give back as it is
	case nil:
		return 0, false
	case string:
		if a.Type == criterion.String {
			return word(v), true
		}
	case int64:
		if a.Type == criterion.Int && -maxInt <= v && v <= maxInt {
			return v, true
		}
	case workday.Date:
		if a.Type == criterion.Date && !v.IsZero() {
			return rawDay(v), true
		}
	case bool:
		if a.Type == criterion.Bool {
			return int64(b2i(v)), true
		}
	}
	fitted, ok := a.Fit(value)
	if !ok {
		return 0, false
	}
	switch v := fitted.(type) {
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	case int64:
		return v, true
	case float64:
		scaled := math.Round(v * math.Pow10(a.Decimals))
		return int64(scaled), math.Abs(scaled) < 1<<63
	case string:
		return word(v), true
	case workday.Date:
		return rawDay(v), true
	}
	return 0, false
}

// value is what raw stands for, as catalog.Attribute.Fit gives it.
func (s *Schema) value(column int, raw int64, words []string) any {
	a := &s.attributes[column]
	switch a.Type {
	case criterion.Bool:
		return raw == 1
	case criterion.Double:
		return float64(raw) / math.Pow10(a.Decimals)
	case criterion.String:
		if raw < 0 || raw >= int64(len(words)) {
			return nil
		}
		return words[raw]
	case criterion.Date:
		return dayOf(raw)
	}
	return raw
}
