package criterion

import "github.com/tongban/tongban/workday"

// Formula is a rule as a tree of a few kinds of nodes, from which programs over
// many subjects at once are made. It says exactly what Rule.Eval says, with an
// Eval that fails counted as Unknown.
//
// Boolean nodes have three values (strong Kleene logic), number nodes a value
// or none ("unknown"): a variable that is absent, an arithmetic that overflows 64
// bits, a division by zero. A number node with an unknown part is unknown, but for
// Cond, which looks only at the branch taken. today is always known.
//
// The nodes are a closed set: Const, And, Or, Not, Choose, Known, Is, Text and
// Compare.
type Formula interface{ formula() }

// Number is a node with a number or a date for a value: Int64, Float64, Var,
// Day, Today, Age, Months, Days, Add, Sub, Mul, Div and Cond. Its Type is Int,
// Double (only Float64 and Var) or Date (only Var, Day, Today and a Cond of dates).
type Number interface{ number() }

// The boolean nodes.
type (
	// Const is true or false.
	Const struct{ Value bool }
	// And is No where a part is No, else Unknown where a part is Unknown, else
	// Yes. It has two parts or more.
	And struct{ Parts []Formula }
	// Or is Yes where a part is Yes, else Unknown where a part is Unknown, else
	// No. It has two parts or more.
	Or struct{ Parts []Formula }
	// Not turns Yes and No round and leaves Unknown.
	Not struct{ Part Formula }
	// Choose is Unknown where If is Unknown, whatever the branches say; else it is
	// Then or Else.
	Choose struct{ If, Then, Else Formula }
	// Known is Yes where the variable is there and No where it is absent. It is
	// never Unknown.
	Known struct{ Var string }
	// Is is the value of a boolean variable, Unknown where it is absent.
	Is struct{ Var string }
	// Text asks one thing of one text variable; Unknown where it is absent. Op is
	// "==", "!=", "<", "<=", ">", ">=", "in", "startsWith", "endsWith", "contains"
	// or "matches", with the variable on the left; Values are the texts on the
	// right: one, or for "in" any number above none. Two Texts with the same Var,
	// Op and Values ask the same. Holds answers for a text that is there; it may be
	// called from many goroutines.
	Text struct {
		Var    string
		Op     string
		Values []string
		Holds  func(string) bool
	}
	// Compare compares two numbers of one type; Unknown where either is. Op is
	// "==", "!=", "<", "<=", ">" or ">=". Of two Doubles, the left one is a Var and
	// the right one a Float64. Neither side need have a variable in it.
	Compare struct {
		Op          string
		Left, Right Number
	}
)

// The number nodes. Arithmetic is on whole numbers; where it overflows 64 bits
// the value is unknown.
type (
	// Int64 is a whole number.
	Int64 struct{ Value int64 }
	// Float64 is a number with decimals; it stands only on the right of a Compare.
	Float64 struct{ Value float64 }
	// Var is a variable of type Int, Double or Date.
	Var struct {
		Name string
		Type Type
	}
	// Day is a civil date.
	Day struct{ Value workday.Date }
	// Today is the day for which the rule is asked.
	Today struct{}
	// Age is the completed years from one date to another: Months / 12 as Div
	// divides.
	Age struct{ From, To Number }
	// Months is the completed months from one date to another: the difference of
	// year*12+month, less one where To's day of the month is below From's. Where To
	// is before From it is the negative of Months from To to From.
	Months struct{ From, To Number }
	// Days is To - From in days, negative where To is before From.
	Days struct{ From, To Number }
	// Add is Left + Right.
	Add struct{ Left, Right Number }
	// Sub is Left - Right.
	Sub struct{ Left, Right Number }
	// Mul is Left * Right.
	Mul struct{ Left, Right Number }
	// Div is Left / Right, cut off towards zero; unknown where Right is zero.
	Div struct{ Left, Right Number }
	// Cond is Then or Else, both of one type; unknown where If is Unknown. The
	// branch not taken does not count.
	Cond struct {
		If         Formula
		Then, Else Number
	}
)

func (Const) formula()   {}
func (And) formula()     {}
func (Or) formula()      {}
func (Not) formula()     {}
func (Choose) formula()  {}
func (Known) formula()   {}
func (Is) formula()      {}
func (Text) formula()    {}
func (Compare) formula() {}

func (Int64) number()   {}
func (Float64) number() {}
func (Var) number()     {}
func (Day) number()     {}
func (Today) number()   {}
func (Age) number()     {}
func (Months) number()  {}
func (Days) number()    {}
func (Add) number()     {}
func (Sub) number()     {}
func (Mul) number()     {}
func (Div) number()     {}
func (Cond) number()    {}
