package criterion

import (
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

const (
	todayName = "today"
	hasPrefix = "has:"
	layout    = "2006-01-02"
)

// macros are expanded while a rule is parsed: today() is the variable today,
// age(x) is age(x, today), and has takes a plain name too.
func macros() []cel.Macro {
	return []cel.Macro{
		cel.GlobalMacro("today", 0, func(f cel.MacroExprFactory, _ ast.Expr, _ []ast.Expr) (ast.Expr, *cel.Error) {
			return f.NewIdent(todayName), nil
		}),
		cel.GlobalMacro("age", 1, func(f cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *cel.Error) {
			return f.NewCall("age", args[0], f.NewIdent(todayName)), nil
		}),
		cel.GlobalMacro("has", 1, func(f cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *cel.Error) {
			switch arg := args[0]; arg.Kind() {
			case ast.SelectKind:
				return f.NewPresenceTest(arg.AsSelect().Operand(), arg.AsSelect().FieldName()), nil
			case ast.IdentKind:
				return f.NewIdent(hasPrefix + arg.AsIdent()), nil
			default:
				return nil, f.NewError(arg.ID(), "has() takes the name of a variable")
			}
		}),
	}
}

// functions are those over civil dates, of which each takes dates and texts
// alike, and the smaller and the greater of two numbers.
func functions() []cel.EnvOption {
	return []cel.EnvOption{
		cel.Function("date",
			cel.Overload("date_string", []*cel.Type{cel.StringType}, cel.TimestampType, cel.UnaryBinding(dateOf)),
			cel.Overload("date_date", []*cel.Type{cel.TimestampType}, cel.TimestampType, cel.UnaryBinding(dateOf))),
		overDates("age", completed(12)),
		overDates("months", completed(1)),
		ofTwo("min", func(a, b types.Double) bool { return a <= b }, func(a, b types.Int) bool { return a <= b }),
		ofTwo("max", func(a, b types.Double) bool { return a >= b }, func(a, b types.Int) bool { return a >= b }),
		overDates("days", func(from, to time.Time) int64 { return int64(to.Sub(from) / (24 * time.Hour)) }),
	}
}

// overDates declares a function of two dates for every mix of dates and texts,
// so that a number handed to it is refused when the rule is compiled.
func overDates(name string, count func(from, to time.Time) int64) cel.EnvOption {
	binding := cel.BinaryBinding(func(from, to ref.Val) ref.Val {
		a, b := dateOf(from), dateOf(to)
		if types.IsError(a) {
			return a
		}
		if types.IsError(b) {
			return b
		}
		return types.Int(count(a.(types.Timestamp).Time, b.(types.Timestamp).Time))
	})
	var overloads []cel.FunctionOpt
	for id, args := range map[string][]*cel.Type{
		"_string_string": {cel.StringType, cel.StringType},
		"_string_date":   {cel.StringType, cel.TimestampType},
		"_date_string":   {cel.TimestampType, cel.StringType},
		"_date_date":     {cel.TimestampType, cel.TimestampType},
	} {
		overloads = append(overloads, cel.Overload(name+id, args, cel.IntType, binding))
	}
	return cel.Function(name, overloads...)
}

// ofTwo declares a function that is the first of two numbers of one type where
// it is preferred, else the second.
func ofTwo(name string, doubles func(a, b types.Double) bool, ints func(a, b types.Int) bool) cel.EnvOption {
	return cel.Function(name,
		cel.Overload(name+"_int_int", []*cel.Type{cel.IntType, cel.IntType}, cel.IntType,
			cel.BinaryBinding(func(a, b ref.Val) ref.Val {
				if ints(a.(types.Int), b.(types.Int)) {
					return a
				}
				return b
			})),
		cel.Overload(name+"_double_double", []*cel.Type{cel.DoubleType, cel.DoubleType}, cel.DoubleType,
			cel.BinaryBinding(func(a, b ref.Val) ref.Val {
				if doubles(a.(types.Double), b.(types.Double)) {
					return a
				}
				return b
			})))
}

// completed counts whole spans of so many months, in both directions alike.
func completed(months int) func(from, to time.Time) int64 {
	return func(from, to time.Time) int64 {
		sign := int64(1)
		if to.Before(from) {
			from, to, sign = to, from, -1
		}
		n := (to.Year()-from.Year())*12 + int(to.Month()) - int(from.Month())
		if to.Day() < from.Day() {
			n--
		}
		return sign * int64(n/months)
	}
}

// dateOf is the civil date of a text or a time: midnight UTC.
func dateOf(v ref.Val) ref.Val {
	switch v := v.(type) {
	case types.Timestamp:
		return types.Timestamp{Time: midnight(v.Time)}
	case types.String:
		t, err := time.Parse(layout, string(v))
		if err != nil {
			return types.NewErr("not a date: %.40q", string(v))
		}
		return types.Timestamp{Time: t}
	}
	return types.MaybeNoSuchOverloadErr(v)
}

// midnight is the civil date that t shows in its own zone, as midnight UTC.
func midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
