package outreach

import (
	"context"
	"errors"
)

// To is where a text goes.
type To struct {
	Address string
	Secret  string // of a webhook: signs what is posted
}

// Sender hands a text to the outside world. It is called outside any
// transaction, may be called again with the same Text.Key after a crash, and
// gives the other side that key, so that it can leave out what it has already.
// A *Refusal says that trying again is no use; any other error that it is.
type Sender interface {
	Send(ctx context.Context, to To, text Text) error
}

// Refusal is the other side's word that it will not take a text for an address.
type Refusal struct {
	Said    string // by the other side, for the party to read
	Address bool   // the address is to blame: it is not tried again until it is changed
}

// Error implements error.
func (r *Refusal) Error() string { return "refused: " + r.Said }

// refusal is the refusal in err, or nil.
func refusal(err error) *Refusal {
	var r *Refusal
	if errors.As(err, &r) {
		return r
	}
	return nil
}

// brief cuts what the other side said to what is worth keeping.
func brief(s string) string {
	const most = 200 // characters
	runes := []rune(s)
	if len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}
