package criterion

import (
	"encoding"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/tongban/tongban/workday"
)

// maxNesting is how deep a value may be nested.
const maxNesting = 32

// adapt turns a Go value into one of CEL, as the variable's type wants it.
func adapt(value any, kind Type) ref.Val {
	if d, ok := value.(workday.Date); ok && kind == Date && !d.IsZero() {
		return types.Timestamp{Time: d.In(time.UTC)}
	}
	v := toCEL(value, 0)
	switch kind {
	case Double:
		if i, ok := v.(types.Int); ok {
			return types.Double(i)
		}
	case Date:
		return dateOf(v)
	}
	if kind != Any && typeOfValue(v) != kind && !types.IsError(v) {
		return types.NewErr("a %s where a %s belongs", typeOfValue(v), kind)
	}
	return v
}

func typeOfValue(v ref.Val) Type {
	switch v.(type) {
	case types.Bool:
		return Bool
	case types.Int:
		return Int
	case types.Double:
		return Double
	case types.String:
		return String
	case types.Timestamp:
		return Date
	case traits.Mapper:
		return Map
	case traits.Lister:
		return List
	}
	return Any
}

// toCEL takes what JSON, YAML and forms give. Whole numbers become ints.
func toCEL(value any, depth int) ref.Val {
	if depth > maxNesting {
		return types.NewErr("nested too deeply")
	}
	switch v := value.(type) {
	case nil:
		return types.NullValue
	case ref.Val:
		return v
	case bool:
		return types.Bool(v)
	case string:
		return types.String(v)
	case int:
		return types.Int(v)
	case int64:
		return types.Int(v)
	case float64:
		return number(v)
	case json.Number:
		if i, err := v.Int64(); err == nil {
			return types.Int(i)
		}
		f, err := v.Float64()
		if err != nil {
			return types.NewErr("not a number: %.40q", string(v))
		}
		return number(f)
	case time.Time:
		return types.Timestamp{Time: midnight(v)}
	case []any:
		return listOf(len(v), func(i int) any { return v[i] }, depth)
	case []string:
		return types.NewStringList(types.DefaultTypeAdapter, v)
	case map[string]any:
		return mapOf(v, depth)
	case map[string]string:
		return types.NewStringStringMap(types.DefaultTypeAdapter, v)
	}
	return reflected(value, depth)
}

// reflected takes named types of strings and numbers, other slices and maps,
// and whatever marshals itself to text.
func reflected(value any, depth int) ref.Val {
	if m, ok := value.(encoding.TextMarshaler); ok {
		text, err := m.MarshalText()
		if err != nil {
			return types.NewErr("%v", err)
		}
		return types.String(text)
	}
	v := reflect.ValueOf(value)
	switch {
	case v.CanInt():
		return types.Int(v.Int())
	case v.CanUint():
		return number(float64(v.Uint()))
	case v.CanFloat():
		return number(v.Float())
	case v.Kind() == reflect.String:
		return types.String(v.String())
	case v.Kind() == reflect.Bool:
		return types.Bool(v.Bool())
	case v.Kind() == reflect.Slice:
		return listOf(v.Len(), func(i int) any { return v.Index(i).Interface() }, depth)
	}
	return types.NewErr("a value of type %T cannot be used in a rule", value)
}

func number(f float64) ref.Val {
	if f == math.Trunc(f) && math.Abs(f) <= 1<<53 {
		return types.Int(f)
	}
	return types.Double(f)
}

func listOf(n int, at func(int) any, depth int) ref.Val {
	list := make([]ref.Val, n)
	for i := range list {
		if list[i] = toCEL(at(i), depth+1); types.IsError(list[i]) {
			return list[i]
		}
	}
	return types.NewRefValList(types.DefaultTypeAdapter, list)
}

func mapOf(m map[string]any, depth int) ref.Val {
	out := make(map[ref.Val]ref.Val, len(m))
	for key, value := range m {
		v := toCEL(value, depth+1)
		if types.IsError(v) {
			return v
		}
		out[types.String(key)] = v
	}
	return types.NewRefValMap(types.DefaultTypeAdapter, out)
}

// native is the Go value of a CEL value, of the kinds that JSON has.
func native(v ref.Val) any {
	switch v := v.(type) {
	case types.Bool:
		return bool(v)
	case types.Int:
		return int64(v)
	case types.Uint:
		return int64(min(v, math.MaxInt64))
	case types.Double:
		return float64(v)
	case types.String:
		return string(v)
	case types.Null:
		return nil
	case types.Timestamp:
		return v.Time.UTC().Format(layout)
	case traits.Mapper:
		out := map[string]any{}
		for it := v.Iterator(); it.HasNext() == types.True; {
			key := it.Next()
			out[fmt.Sprint(native(key))] = native(v.Get(key))
		}
		return out
	case traits.Lister:
		n, _ := v.Size().(types.Int)
		out := make([]any, 0, n)
		for i := types.Int(0); i < n; i++ {
			out = append(out, native(v.Get(i)))
		}
		return out
	}
	return fmt.Sprint(v.Value())
}
