package bench

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tongban/tongban/demo/crowd"
	"github.com/tongban/tongban/eligibility"
)

// extents are the least and greatest value of each trait among some residents.
type extents struct{ low, high []int64 }

func (e *extents) add(b *crowd.Batch) {
	if e.low == nil {
		e.low, e.high = slices.Repeat([]int64{math.MaxInt64}, len(b.Cells)), make([]int64, len(b.Cells))
	}
	for i, c := range b.Cells {
		for row, v := range c.Values {
			if c.Known[row] {
				e.low[i], e.high[i] = min(e.low[i], v), max(e.high[i], v)
			}
		}
	}
}

// used is how many bytes the columns of the rules hold where each value, and
// unknown, has a code in as few bits as there is need of.
func (m *match) used() float64 {
	var e extents
	for b := range crowd.Draw(m.Seed, min(m.Residents, 1<<18), m.day, m.schema.Attributes()) {
		e.add(b)
	}
	read := map[string]bool{}
	for _, name := range variablesOf(m.rules) {
		read[name] = true
	}
	width := 0
	for i, c := range m.columns {
		if read[c.ID] {
			width += bits.Len64(uint64(e.high[i]-e.low[i]) + 1)
		}
	}
	return float64(width) / 8 * float64(m.Residents)
}

// readAtATime bounds the memory of the limit: it is read over and over, and is
// much larger than any cache.
const readAtATime = 256 << 20

// memory measures how long as many workers take just to add up as many bytes as
// the columns of the rules have.
func (m *match) memory(ctx context.Context, seconds float64) error {
	if m.bytes == 0 {
		m.bytes = int(m.used())
	}
	total := m.bytes
	buffer := make([]byte, min(total, readAtATime)/8*8)
	for i := range buffer {
		buffer[i] = byte(i * 7)
	}
	const chunk = 1 << 16
	chunks := (total + chunk - 1) / chunk
	var next atomic.Int64
	var sum atomic.Uint64
	var all sync.WaitGroup
	begun := time.Now()
	for range workers() {
		all.Go(func() {
			var mine uint64
			for ctx.Err() == nil {
				i := int(next.Add(1) - 1)
				if i >= chunks {
					break
				}
				from := i * chunk % max(len(buffer)-chunk, 1)
				mine += added(buffer[from/8*8 : min(from/8*8+chunk, len(buffer))])
			}
			sum.Add(mine)
		})
	}
	all.Wait()
	read := time.Since(begun).Seconds()
	if sum.Load() == 0 && total > 1000 {
		m.Say("nothing was read")
	}
	m.add("memory_read_s", read)
	m.add("memory_read_bytes", float64(total))
	if !m.warm {
		m.ratios.add("memory_read", seconds/read)
	}
	return ctx.Err()
}

// added adds up words of eight bytes, four at a time.
func added(b []byte) uint64 {
	var s0, s1, s2, s3 uint64
	for len(b) >= 32 {
		s0 += binary.LittleEndian.Uint64(b)
		s1 += binary.LittleEndian.Uint64(b[8:])
		s2 += binary.LittleEndian.Uint64(b[16:])
		s3 += binary.LittleEndian.Uint64(b[24:])
		b = b[32:]
	}
	return s0 + s1 + s2 + s3
}

// peakMemory is the most that the process has had in memory, pages of the
// snapshot included; 0 where the system does not tell.
func peakMemory() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(status) {
		if rest, ok := bytes.CutPrefix(line, []byte("VmHWM:")); ok {
			kib, err := strconv.ParseFloat(string(bytes.Fields(rest)[0]), 64)
			if err == nil {
				return kib * 1024
			}
		}
	}
	return 0
}

// whatIf measures one policy before and after a change of one threshold: who
// gains and who loses, by district and age, and the cost of both.
func (m *match) whatIf(ctx context.Context) error {
	before, ok := m.city.Policy("elderly-allowance")
	if !ok {
		return errors.New("bench: the city has no elderly-allowance")
	}
	after := *before
	after.Conditions = slices.Clone(before.Conditions)
	for i, c := range after.Conditions {
		after.Conditions[i].When = strings.ReplaceAll(c.When, "65", "63")
	}
	begun := time.Now()
	d, err := m.people.Compare(ctx, m.city, before, &after, m.day, eligibility.CompareOptions{Area: "residence.area", Birth: "population.birth", Kernel: m.kernel})
	if err != nil {
		return err
	}
	m.add("what_if_ms", float64(time.Since(begun))/float64(time.Millisecond))
	if d.Lose != 0 || d.Shift.After-d.Shift.Before != d.Gain {
		return fmt.Errorf("bench: a lower age takes the allowance from %d and gives it to %d, %d before and %d after", d.Lose, d.Gain, d.Shift.Before, d.Shift.After)
	}
	return nil
}
