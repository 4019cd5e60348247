// Package bus carries messages between processes over NATS JetStream. By
// default the binary runs its own server, without listening on the network; a
// city names its cluster instead.
//
// The bus is a carrier and not a record: SQL holds the truth. A publisher takes
// its message from an SQL outbox and gives it an id that stays the same when it
// is sent again; a subscriber is idempotent, for a message arrives at least
// once. Messages are kept for a week, so a subscriber that was away for longer
// is rebuilt from SQL.
package bus

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	stream = "TONGBAN"
	prefix = "tongban." // of every subject on the wire
	keep   = 7 * 24 * time.Hour
	// sameID is for how long a second message with the same id is dropped.
	sameID = 30 * time.Minute
	// patience is how long a server may take to start or to answer.
	patience = 20 * time.Second
)

// Options say where the messages are. Exactly one of URL and Dir is set.
type Options struct {
	URL         string // of a NATS cluster with JetStream: nats://host:4222
	Credentials string // a NATS credentials file for URL, may be empty
	Dir         string // the embedded server's folder
	// Retry is the pause after a handler has failed the n-th time, 1 being the
	// first; nil doubles from one second to five minutes.
	Retry func(n int) time.Duration
}

// Bus is a connection to the messages. It is safe for concurrent use.
type Bus struct {
	server *server.Server // nil with a cluster
	conn   *nats.Conn
	js     jetstream.JetStream
	retry  func(n int) time.Duration

	mu     sync.Mutex // guards subs and closed
	subs   map[jetstream.ConsumeContext]bool
	closed bool
	once   sync.Once
}

// Open connects, starting the embedded server if the options say so, and makes
// the stream unless it is there.
func Open(ctx context.Context, o Options) (*Bus, error) {
	if (o.URL == "") == (o.Dir == "") {
		return nil, errors.New("bus.Open: want exactly one of URL and Dir")
	}
	b := &Bus{retry: o.Retry, subs: map[jetstream.ConsumeContext]bool{}}
	if b.retry == nil {
		b.retry = pause
	}
	if err := b.open(ctx, o); err != nil {
		b.Close()
		return nil, fmt.Errorf("bus.Open: %w", err)
	}
	return b, nil
}

func (b *Bus) open(ctx context.Context, o Options) (err error) {
	options := []nats.Option{nats.Name("tongban"), nats.MaxReconnects(-1), nats.Timeout(patience)}
	if o.Credentials != "" {
		options = append(options, nats.UserCredentials(o.Credentials))
	}
	if o.Dir != "" {
		if b.server, err = embed(o.Dir); err != nil {
			return err
		}
		options = append(options, nats.InProcessServer(b.server))
	}
	if b.conn, err = nats.Connect(o.URL, options...); err != nil {
		return err
	}
	if b.js, err = jetstream.New(b.conn); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err = b.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: stream, Subjects: []string{prefix + ">"}, Storage: jetstream.FileStorage,
		MaxAge: keep, Duplicates: sameID, Discard: jetstream.DiscardOld,
	})
	return err
}

// embed starts a server that only this process can reach.
func embed(dir string) (*server.Server, error) {
	s, err := server.NewServer(&server.Options{
		ServerName: "tongban", DontListen: true, JetStream: true, StoreDir: dir,
		NoSigs: true, NoLog: true, DisableJetStreamBanner: true,
	})
	if err != nil {
		return nil, err
	}
	s.Start()
	if !s.ReadyForConnections(patience) {
		s.Shutdown()
		return nil, errors.New("the embedded server does not start")
	}
	return s, nil
}

// pause doubles from one second to five minutes.
func pause(n int) time.Duration { return min(time.Second<<min(n-1, 10), 5*time.Minute) }

// Conn is the NATS connection, for requests that need no record.
func (b *Bus) Conn() *nats.Conn { return b.conn }

// subjects are dotted words; a pattern may have * for a word and end in >.
var (
	subjectForm = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$`)
	patternForm = regexp.MustCompile(`^(([A-Za-z0-9_-]+|\*)(\.([A-Za-z0-9_-]+|\*))*(\.>)?|>)$`)
	durableForm = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
)

// Publish sends data and returns once the stream has taken it. A second message
// with the same id within half an hour is dropped by the stream.
func (b *Bus) Publish(ctx context.Context, subject, msgID string, data []byte) error {
	if !subjectForm.MatchString(subject) || msgID == "" {
		return fmt.Errorf("bus.Publish: subject %q, id %q: want dotted words and an id", subject, msgID)
	}
	if _, err := b.js.Publish(ctx, prefix+subject, data, jetstream.WithMsgID(msgID)); err != nil {
		return fmt.Errorf("bus.Publish: %s: %w", subject, err)
	}
	return nil
}

// Close takes no more messages, waits for the handlers that are running, and
// ends the connection and the embedded server.
func (b *Bus) Close() {
	b.once.Do(func() {
		b.mu.Lock()
		b.closed = true
		subs := make([]jetstream.ConsumeContext, 0, len(b.subs))
		for sub := range b.subs {
			subs = append(subs, sub)
		}
		b.mu.Unlock()
		for _, sub := range subs {
			sub.Drain()
		}
		for _, sub := range subs {
			<-sub.Closed()
		}
		if b.conn != nil {
			_ = b.conn.FlushTimeout(patience) // a lost ack is a message that comes again
			b.conn.Close()
		}
		if b.server != nil {
			b.server.Shutdown()
			b.server.WaitForShutdown()
		}
	})
}
