package form

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
)

// maxWhole is the largest integer that JSON carries everywhere (RFC 8259, 6).
const maxWhole = 1<<53 - 1

// number is a numeric value; ok is false for everything else, and for what no
// float64 holds.
func number(v any) (f float64, ok bool) {
	switch v := v.(type) {
	case int:
		f = float64(v)
	case int64:
		f = float64(v)
	case float64:
		f = v
	case json.Number:
		var err error
		if f, err = v.Float64(); err != nil {
			return 0, false
		}
	default:
		return 0, false
	}
	return f, !math.IsNaN(f) && !math.IsInf(f, 0)
}

// typed is the value in the one Go type that its field has; ok is false where
// it is of another type. Numbers are made small enough for the schema to count.
func (f *Field) typed(v any) (value any, ok bool) {
	switch f.Type {
	case "string":
		value, ok = v.(string)
	case "boolean":
		value, ok = v.(bool)
	case "array":
		return anyList(v)
	case "number":
		return number(v)
	case "integer":
		n, isNumber := number(v)
		if !isNumber || n != math.Trunc(n) || math.Abs(n) > maxWhole {
			return nil, false
		}
		return int64(n), true
	}
	return value, ok
}

func anyList(v any) (value any, ok bool) {
	switch list := v.(type) {
	case []any:
		for _, item := range list {
			if _, isString := item.(string); !isString {
				return nil, false
			}
		}
		return list, true
	case []string:
		all := make([]any, len(list))
		for i, s := range list {
			all[i] = s
		}
		return all, true
	}
	return nil, false
}

// stringList is a list value as strings.
func stringList(v any) []string {
	switch list := v.(type) {
	case []string:
		return list
	case []any:
		all := make([]string, len(list))
		for i, item := range list {
			all[i] = fmt.Sprint(item)
		}
		return all
	}
	return nil
}

// empty reports whether a value is no answer.
func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return strings.TrimFunc(v, blank) == ""
	case []any:
		return len(v) == 0
	case []string:
		return len(v) == 0
	}
	return false
}

// yuan writes fen as yuan.
func yuan(fen int64) string {
	sign := ""
	if fen < 0 {
		sign, fen = "-", -fen
	}
	if fen%100 == 0 {
		return fmt.Sprintf("%s%d", sign, fen/100)
	}
	return fmt.Sprintf("%s%d.%02d", sign, fen/100, fen%100)
}
