package bus

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Message is one delivery.
type Message struct {
	Subject string
	ID      string // what Publish was given
	Data    []byte
	Attempt int // 1 the first time
}

const (
	// ackWait is how long a handler may be silent before the message is given to
	// another; a running handler says every third of it that it is at work.
	ackWait = 30 * time.Second
	// ahead bounds how many messages are out to one durable at a time.
	ahead = 256
)

// Subscribe delivers the messages of subject, which may have the wildcards * and
// >, to fn, one at a time, until ctx ends or the bus is closed. It returns once
// the subscription stands. durable names it across restarts: messages that came
// while nobody was there are delivered, and processes that share the name share
// the messages. A message is done when fn returns nil; an error or a panic
// brings it back after a pause, as often as it takes.
func (b *Bus) Subscribe(ctx context.Context, durable, subject string, fn func(context.Context, Message) error) error {
	if !durableForm.MatchString(durable) || !patternForm.MatchString(subject) {
		return fmt.Errorf("bus.Subscribe: durable %q, subject %q: want a word and dotted words", durable, subject)
	}
	consumer, err := b.js.CreateOrUpdateConsumer(ctx, stream, jetstream.ConsumerConfig{
		Durable: durable, FilterSubject: prefix + subject, AckPolicy: jetstream.AckExplicitPolicy,
		AckWait: ackWait, MaxDeliver: -1, MaxAckPending: ahead,
	})
	if err != nil {
		return fmt.Errorf("bus.Subscribe: %s: %w", durable, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return errors.New("bus.Subscribe: closed")
	}
	sub, err := consumer.Consume(func(msg jetstream.Msg) { b.deliver(ctx, msg, fn) }, jetstream.PullMaxMessages(16))
	if err != nil {
		return fmt.Errorf("bus.Subscribe: %s: %w", durable, err)
	}
	b.subs[sub] = true
	stop := context.AfterFunc(ctx, sub.Drain)
	go func() { // ends with the subscription, which Close waits for
		<-sub.Closed()
		stop()
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.subs, sub)
	}()
	return nil
}

// deliver runs the handler and says to the stream how it went. When the answer
// is lost the message comes again.
func (b *Bus) deliver(ctx context.Context, msg jetstream.Msg, fn func(context.Context, Message) error) {
	if ctx.Err() != nil {
		_ = msg.Nak() // for another process, or for later
		return
	}
	m := Message{Subject: strings.TrimPrefix(msg.Subject(), prefix), ID: msg.Headers().Get(nats.MsgIdHdr), Data: msg.Data(), Attempt: 1}
	if meta, err := msg.Metadata(); err == nil {
		m.Attempt = int(meta.NumDelivered)
	}
	working := time.NewTicker(ackWait / 3)
	done := make(chan error)
	go func() {
		err := errors.New("bus: the goroutine ended inside the handler")
		defer func() { done <- err }()
		err = handle(ctx, m, fn)
	}()
	for {
		select {
		case <-working.C:
			_ = msg.InProgress()
		case err := <-done:
			working.Stop()
			if err == nil {
				_ = msg.Ack()
			} else {
				_ = msg.NakWithDelay(b.retry(m.Attempt))
			}
			return
		}
	}
}

// handle runs fn and turns a panic into an error.
func handle(ctx context.Context, m Message, fn func(context.Context, Message) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("bus: panic: %v\n%s", p, debug.Stack())
		}
	}()
	return fn(ctx, m)
}
