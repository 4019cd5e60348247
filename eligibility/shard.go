package eligibility

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/workday"
)

// A city that one machine does not hold, or wants counted sooner, is counted by
// several: each has the same snapshot and the same pack, and is asked for ranges
// of blocks over the city's NATS. Whoever asks hands a range to another node
// where no answer comes, so that nodes may come and go while it counts. Only
// nodes of the same pack and snapshot listen to the same subject.

// Shard is what nodes have in common.
type Shard struct {
	City     *catalog.City
	Audience string
	Snapshot string // SnapshotID of the file
}

// subject is where the nodes of a shard are asked.
func (s Shard) subject() string {
	return "tongban-match." + s.City.Version + "." + s.Audience + "." + s.Snapshot
}

// queue is the group of the nodes: a question goes to one of them.
const queue = "nodes"

// SnapshotID names what is in a snapshot file: two files with the same id hold
// the same population in the same order.
func SnapshotID(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	page := make([]byte, pageSize)
	if _, err := io.ReadFull(f, page); err != nil {
		return "", damaged("shorter than a header")
	}
	var h header
	if _, err := binary.Decode(page, binary.LittleEndian, &h); err != nil || string(h.Magic[:]) != snapshotMagic {
		return "", damaged("not a snapshot")
	}
	id := binary.LittleEndian.AppendUint32(h.Schema[:8:8], h.Sums)
	return hex.EncodeToString(binary.LittleEndian.AppendUint32(id, h.Check)), nil
}

// question asks a node for a range.
type question struct {
	Day   workday.Date `json:"day"`
	Near  bool         `json:"near"`
	Range Range        `json:"range"`
}

// reply is what it says; Error is empty where all is well.
type reply struct {
	Node   string `json:"node"`
	Counts Counts `json:"counts"`
	Error  string `json:"error,omitempty"`
}

// Serve answers for a range of pop at a time, until ctx ends. pop must be the
// shard's snapshot, unchanged. name tells the node apart in Gather's progress.
func (s Shard) Serve(ctx context.Context, conn *nats.Conn, name string, pop *Population) error {
	messages := make(chan *nats.Msg, 64)
	sub, err := conn.ChanQueueSubscribe(s.subject(), queue, messages)
	if err != nil {
		return fmt.Errorf("eligibility.Serve: %w", err)
	}
	if err := conn.Flush(); err != nil {
		return fmt.Errorf("eligibility.Serve: %w", err)
	}
	programs := map[workday.Date]*Program{}
	for {
		select {
		case <-ctx.Done():
			return sub.Unsubscribe()
		case m := <-messages:
			out := reply{Node: name}
			if out.Counts, err = s.answer(ctx, pop, programs, m.Data); err != nil {
				out.Error = err.Error()
			}
			src, err := json.Marshal(out)
			if err == nil {
				err = m.Respond(src)
			}
			if err != nil && ctx.Err() == nil {
				return fmt.Errorf("eligibility.Serve: %w", err)
			}
		}
	}
}

func (s Shard) answer(ctx context.Context, pop *Population, programs map[workday.Date]*Program, src []byte) (Counts, error) {
	var q question
	if err := json.Unmarshal(src, &q); err != nil {
		return Counts{}, err
	}
	prog, ok := programs[q.Day]
	if !ok {
		var err error
		if prog, err = ProgramOf(s.City, s.Audience, q.Day); err != nil {
			return Counts{}, err
		}
		if len(programs) >= maxPrograms {
			clear(programs)
		}
		programs[q.Day] = prog
	}
	return pop.Count(ctx, prog, Options{Range: q.Range, Near: q.Near})
}

// GatherOptions are how a count is gathered. The zero values are the usual ones.
type GatherOptions struct {
	Near     bool
	Ranges   int           // into how many the blocks are cut; 0: 64
	At       int           // how many are asked for at a time; 0: 8
	Patience time.Duration // after which a range is given to another node; 0: 10 s
	Tries    int           // how often a range is given away; 0: 10
	Progress func(node string, done, total int)
}

func (o GatherOptions) filled() GatherOptions {
	fill := func(n *int, usual int) {
		if *n <= 0 {
			*n = usual
		}
	}
	fill(&o.Ranges, 64)
	fill(&o.At, 8)
	fill(&o.Tries, 10)
	if o.Patience <= 0 {
		o.Patience = 10 * time.Second
	}
	return o
}

// Gather has the nodes of a shard count a population of so many blocks as of a
// day. Errors: Unavailable where a range finds nobody who answers.
func (s Shard) Gather(ctx context.Context, conn *nats.Conn, blocks int, day workday.Date, o GatherOptions) (Counts, error) {
	const op = "eligibility.Gather"
	o = o.filled()
	ranges := cut(blocks, o.Ranges)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	todo := make(chan Range)
	var mu sync.Mutex // guards total and done
	var total Counts
	done := 0
	var workers sync.WaitGroup
	for range min(o.At, len(ranges)) {
		workers.Go(func() {
			for r := range todo {
				got, err := s.ask(ctx, conn, question{day, o.Near, r}, o)
				if err != nil {
					cancel(err)
					return
				}
				mu.Lock()
				total.Add(got.Counts)
				if done++; o.Progress != nil {
					o.Progress(got.Node, done, len(ranges))
				}
				mu.Unlock()
			}
		})
	}
	for _, r := range ranges {
		select {
		case todo <- r:
		case <-ctx.Done():
		}
	}
	close(todo)
	workers.Wait()
	if err := context.Cause(ctx); err != nil {
		return Counts{}, fault.Wrap(fault.Unavailable, op, i18n.M("engine.nodes"), err)
	}
	return total, nil
}

// cut divides blocks into ranges of much the same size; none of no blocks.
func cut(blocks, parts int) []Range {
	parts = max(1, min(parts, blocks))
	var ranges []Range
	for i := range parts {
		first, end := i*blocks/parts, (i+1)*blocks/parts
		if end > first {
			ranges = append(ranges, Range{First: first, Blocks: end - first})
		}
	}
	return ranges
}

// ask hands a range to a node, and to another where no answer comes.
func (s Shard) ask(ctx context.Context, conn *nats.Conn, q question, o GatherOptions) (reply, error) {
	src, err := json.Marshal(q)
	if err != nil {
		return reply{}, err
	}
	for try := 1; ; try++ {
		var out reply
		patience, stop := context.WithTimeout(ctx, o.Patience)
		m, err := conn.RequestWithContext(patience, s.subject(), src)
		stop()
		if err == nil {
			if err = json.Unmarshal(m.Data, &out); err == nil && out.Error != "" {
				err = errors.New(out.Node + ": " + out.Error)
			}
		}
		if err == nil {
			return out, nil
		}
		if ctx.Err() != nil || try == o.Tries {
			return reply{}, err
		}
		select { // a node may be on its way
		case <-ctx.Done():
		case <-time.After(min(time.Second, o.Patience/10)):
		}
	}
}
