package bus_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/internal/bus"
)

func open(t *testing.T, dir string) *bus.Bus {
	t.Helper()
	b, err := bus.Open(t.Context(), bus.Options{Dir: dir, Retry: func(int) time.Duration { return time.Millisecond }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

func publish(t *testing.T, b *bus.Bus, subject, id, data string) {
	t.Helper()
	if err := b.Publish(t.Context(), subject, id, []byte(data)); err != nil {
		t.Fatal(err)
	}
}

// collect subscribes a handler that passes everything on.
func collect(t *testing.T, b *bus.Bus, durable, subject string) <-chan bus.Message {
	t.Helper()
	got := make(chan bus.Message, 100)
	err := b.Subscribe(t.Context(), durable, subject, func(_ context.Context, m bus.Message) error {
		got <- m
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// take is the next n messages.
func take(t *testing.T, from <-chan bus.Message, n int) []bus.Message {
	t.Helper()
	var all []bus.Message
	for range n {
		select {
		case m := <-from:
			all = append(all, m)
		case <-time.After(20 * time.Second):
			t.Fatalf("got %d messages, want %d", len(all), n)
		}
	}
	return all
}

func TestDeliversInOrderAndOnce(t *testing.T) {
	b := open(t, t.TempDir())
	got := collect(t, b, "desk", "case.*")
	publish(t, b, "case.opened", "1", "a")
	publish(t, b, "case.opened", "1", "a again")
	publish(t, b, "other", "2", "not for us")
	publish(t, b, "case.closed", "3", "b")
	want := []bus.Message{
		{Subject: "case.opened", ID: "1", Data: []byte("a"), Attempt: 1},
		{Subject: "case.closed", ID: "3", Data: []byte("b"), Attempt: 1},
	}
	if diff := cmp.Diff(want, take(t, got, 2)); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

// A message whose handler fails, by error or by panic, comes back until it is done.
func TestRedelivery(t *testing.T) {
	b := open(t, t.TempDir())
	got := make(chan bus.Message, 10)
	err := b.Subscribe(t.Context(), "desk", ">", func(_ context.Context, m bus.Message) error {
		got <- m
		switch m.Attempt {
		case 1:
			return errors.New("not now")
		case 2:
			panic("oh")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	publish(t, b, "x", "1", "a")
	var attempts []int
	for _, m := range take(t, got, 3) {
		attempts = append(attempts, m.Attempt)
	}
	publish(t, b, "x", "2", "b")
	if m := take(t, got, 1)[0]; m.ID != "2" {
		t.Errorf("after success: got message %+v, want id 2", m)
	}
	if diff := cmp.Diff([]int{1, 2, 3}, attempts); diff != "" {
		t.Errorf("attempts (-want +got):\n%s", diff)
	}
}

// Messages wait for a durable that is away; what it has done does not come
// again, and ids are remembered over a restart.
func TestRestart(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir)
	got := collect(t, b, "desk", ">")
	publish(t, b, "x", "1", "before")
	take(t, got, 1)
	b.Close()

	b = open(t, dir)
	publish(t, b, "x", "1", "sent again by the outbox")
	publish(t, b, "x", "2", "while away")
	b.Close()

	b = open(t, dir)
	got = collect(t, b, "desk", ">")
	publish(t, b, "x", "3", "after")
	var ids []string
	for _, m := range take(t, got, 2) {
		ids = append(ids, m.ID)
	}
	if diff := cmp.Diff([]string{"2", "3"}, ids); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
}

// Close waits for the handler that is running, and its message is done.
func TestCloseDrains(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir)
	entered, leave, finished := make(chan bool), make(chan bool), make(chan bool, 1)
	err := b.Subscribe(t.Context(), "desk", ">", func(context.Context, bus.Message) error {
		close(entered)
		<-leave
		finished <- true
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	publish(t, b, "x", "1", "a")
	<-entered
	closed := make(chan bool)
	go func() { b.Close(); close(closed) }()
	close(leave)
	<-closed
	if len(finished) != 1 {
		t.Error("Close returned before the handler")
	}
	if err := b.Publish(t.Context(), "x", "2", nil); err == nil {
		t.Error("Publish after Close: got nil error")
	}

	b = open(t, dir)
	got := collect(t, b, "desk", ">")
	publish(t, b, "x", "3", "b")
	if m := take(t, got, 1)[0]; m.ID != "3" {
		t.Errorf("got message %s, want 3: 1 was done", m.ID)
	}
}

// A subscription ends with its context; the durable goes on elsewhere.
func TestContextEndsSubscription(t *testing.T) {
	b := open(t, t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan string, 10)
	err := b.Subscribe(ctx, "desk", ">", func(_ context.Context, m bus.Message) error {
		first <- m.ID
		cancel()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	publish(t, b, "x", "1", "a")
	if got := <-first; got != "1" {
		t.Errorf("got %s, want 1", got)
	}
	rest := collect(t, b, "desk", ">")
	for i := 2; i < 5; i++ {
		publish(t, b, "x", fmt.Sprint(i), "b")
	}
	ids := map[string]bool{} // one that was on its way to the ended one comes late
	for _, m := range take(t, rest, 3) {
		ids[m.ID] = true
	}
	if diff := cmp.Diff(map[string]bool{"2": true, "3": true, "4": true}, ids); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
	if len(first) != 0 {
		t.Errorf("the ended subscription got %s", <-first)
	}
}

func TestRefuses(t *testing.T) {
	for _, o := range []bus.Options{{}, {URL: "nats://x", Dir: "y"}, {URL: "nats://127.0.0.1:1"}} {
		if b, err := bus.Open(t.Context(), o); err == nil {
			b.Close()
			t.Errorf("Open(%+v): got nil error", o)
		}
	}
	b := open(t, t.TempDir())
	for _, subject := range []string{"", "a b", "a.*", ">", "a..b", "a.", "案"} {
		if err := b.Publish(t.Context(), subject, "1", nil); err == nil {
			t.Errorf("Publish to %q: got nil error", subject)
		}
	}
	if err := b.Publish(t.Context(), "a", "", nil); err == nil {
		t.Error("Publish without id: got nil error")
	}
	for _, c := range [][2]string{{"", "a"}, {"a.b", "a"}, {"a", ""}, {"a", "a.>.b"}, {"a", "a b"}} {
		if err := b.Subscribe(t.Context(), c[0], c[1], nil); err == nil {
			t.Errorf("Subscribe %q to %q: got nil error", c[0], c[1])
		}
	}
}
