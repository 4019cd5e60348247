package eligibility

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"sync"

	"github.com/tongban/tongban/eligibility/internal/kernel"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/party"
)

// Population is everybody of one audience in columns: a snapshot, and what has
// changed in memory since. It is safe for concurrent use. A run holds the lock
// of reading for one block at a time, so a change waits for a fraction of a
// millisecond, and a run counts everybody exactly once, each as they are at some
// moment while it lasts.
type Population struct {
	schema  *Schema
	columns []column
	unmap   func() error

	mu      sync.RWMutex // guards all that follows
	blocks  []block      // those of the file, then those of memory
	rows    int          // that have an id, whether it is taken or was removed
	taken   int          // that are somebody
	fileIDs []byte       // identSize bytes a row of the file
	index   []byte       // of the file's ids
	heap    heap
	added   []ident // the rows behind the file's
	addedAt map[party.ID]int
	strays  map[int][]stray // by block
	words   []words         // by column
	epoch   uint64          // grows with the dictionaries
	scratch scratch

	binding sync.Mutex // guards bounds
	bounds  []binding
}

// words is the dictionary of a column.
type words struct {
	list []string
	at   map[string]int64 // made when it is first needed
}

func newPopulation(schema *Schema, columns []column, dictionaries [][]string) *Population {
	p := &Population{schema: schema, columns: columns, strays: map[int][]stray{}, addedAt: map[party.ID]int{}, words: make([]words, len(columns))}
	for i, list := range dictionaries {
		p.words[i].list = list
	}
	return p
}

// place is the place of a word, which is added where it is new.
func (p *Population) place(col int, s string) int64 {
	w := &p.words[col]
	if w.at == nil {
		w.at = make(map[string]int64, len(w.list))
		for i, word := range w.list {
			w.at[word] = int64(i)
		}
	}
	at, ok := w.at[s]
	if !ok {
		at = int64(len(w.list))
		w.list = append(w.list, s)
		w.at[s] = at
		p.epoch++
	}
	return at
}

// Schema is the schema of the population.
func (p *Population) Schema() *Schema { return p.schema }

// Len is how many there are.
func (p *Population) Len() int {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.taken
}

// Blocks is the number of blocks, of which Options.Range takes a part.
func (p *Population) Blocks() int {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return len(p.blocks)
}

// BytesPerSubject is what one subject takes: its columns, its id and its place
// in the index.
func (p *Population) BytesPerSubject() float64 {
	return float64(p.planes()*kernel.Bytes)/Lanes + identSize + slotSize*2
}

// planes is how many a block has.
func (p *Population) planes() int { return layout(slices.Clone(p.columns)) }

// Close gives the file back. The population must not be used any more.
func (p *Population) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.blocks, p.rows, p.taken = nil, 0, 0
	p.fileIDs, p.index, p.heap = nil, nil, heap{}
	if p.unmap == nil {
		return nil
	}
	unmap := p.unmap
	p.unmap = nil
	return unmap()
}

func (p *Population) countTaken() int {
	n := 0
	for _, b := range p.blocks {
		for _, w := range &b[0] {
			n += bits.OnesCount64(w)
		}
	}
	return n
}

// identAt is the ident of a row.
func (p *Population) identAt(row int) ident {
	if in := len(p.fileIDs) / identSize; row >= in {
		return p.added[row-in]
	}
	return ident(p.fileIDs[row*identSize:])
}

// party is who a row is.
func (p *Population) party(row int) party.ID { return p.identAt(row).party(&p.heap) }

// find is the row of a party, whether it is taken or was removed.
func (p *Population) find(id party.ID) (row int, ok bool) {
	if row, ok = p.addedAt[id]; ok {
		return row, true
	}
	key, hash, short := identOf(id)
	slots := uint64(len(p.index) / slotSize)
	for i := range slots {
		slot := (hash + i) & (slots - 1)
		row := int(binary.LittleEndian.Uint32(p.index[slot*slotSize:])) - 1
		if row < 0 || row >= len(p.fileIDs)/identSize {
			return 0, false
		}
		at := p.identAt(row)
		if short && at == key || !short && at[tagAt] == inHeap && at.party(&p.heap) == id {
			return row, true
		}
	}
	return 0, false
}

// appended is a new row for a party.
func (p *Population) appended(id party.ID) int {
	row := p.rows
	if row/Lanes == len(p.blocks) {
		p.blocks = append(p.blocks, make(block, p.planes()))
	}
	out, _, short := identOf(id)
	if !short {
		out = p.heap.add(string(id))
	}
	p.added = append(p.added, out)
	p.addedAt[id] = row
	p.rows++
	return row
}

// cell is one value of a row.
type cell struct {
	raw   int64
	known bool
}

func (p *Population) cell(row, col int) cell {
	at, lane := row/Lanes, row%Lanes
	c := &p.columns[col]
	raw, ok := c.get(p.blocks[at], lane)
	if ok {
		return cell{raw, true}
	}
	for _, s := range p.strays[at] {
		if s.Col == col && s.Lane == lane {
			return cell{s.Raw, true}
		}
	}
	return cell{}
}

// set writes one value of a row.
func (p *Population) set(row, col int, to cell) {
	at, lane := row/Lanes, row%Lanes
	if strays, ok := p.strays[at]; ok {
		strays = slices.DeleteFunc(strays, func(s stray) bool { return s.Col == col && s.Lane == lane })
		if p.strays[at] = strays; len(strays) == 0 {
			delete(p.strays, at)
		}
	}
	if !p.columns[col].set(p.blocks[at], lane, to.raw, to.known) {
		p.strays[at] = append(p.strays[at], stray{col, lane, to.raw})
	}
}

func (p *Population) isTaken(row int) bool { return bit(&p.blocks[row/Lanes][0], row%Lanes) }

// cells is the facts as the columns have them. Facts that are no attribute are
// left out.
func (p *Population) cells(facts Facts) []cell {
	return p.cellsInto(make([]cell, len(p.columns)), facts)
}

func (p *Population) cellsInto(out []cell, facts Facts) []cell {
	for name, value := range facts {
		if col, ok := p.schema.at[name]; ok {
			out[col] = p.cellOf(col, value)
		}
	}
	return out
}

// cellOf is a fact as its column has it.
func (p *Population) cellOf(col int, value any) cell {
	raw, known := p.schema.raw(col, value, func(s string) int64 { return p.place(col, s) })
	return cell{raw, known}
}

// Facts is what is known of a party, in the types of catalog.Attribute.Fit;
// false where there is no such party.
func (p *Population) Facts(id party.ID) (Facts, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	row, ok := p.find(id)
	if !ok || !p.isTaken(row) {
		return nil, false
	}
	facts := Facts{}
	for col, a := range p.schema.attributes {
		if c := p.cell(row, col); c.known {
			facts[a.ID] = p.schema.value(col, c.raw, p.words[col].list)
		}
	}
	return facts, true
}

// Put sets all that is known of a party, who is added where it is new.
func (p *Population) Put(id party.ID, facts Facts) { p.Change(nil, id, facts) }

// binding is a program as this population runs it.
type binding struct {
	prog  *Program
	bound *bound
}

// maxBounds is how many programs a population remembers.
const maxBounds = 16

// bound is the program made for the columns. The caller holds the lock.
func (p *Population) bound(prog *Program) *bound {
	p.binding.Lock()
	defer p.binding.Unlock()
	for i, b := range p.bounds {
		if b.prog == prog && b.bound.epoch == p.epoch {
			copy(p.bounds[1:i+1], p.bounds[:i]) // the one used last comes first
			p.bounds[0] = b
			return b.bound
		}
	}
	b := bind(prog, p.schema, p.columns, func(col int) []string { return p.words[col].list })
	b.epoch = p.epoch
	p.bounds = slices.DeleteFunc(p.bounds, func(o binding) bool { return o.prog == prog })
	p.bounds = slices.Insert(p.bounds, 0, binding{prog, b})
	p.bounds = p.bounds[:min(len(p.bounds), maxBounds)]
	return b
}

func noPolicy(op, id string) error {
	return fault.New(fault.NotFound, op, i18n.M("population.policy", "id", id))
}

// kernelOf is the kernel with a name; the best where there is none.
func kernelOf(op, name string) (*kernel.Kernel, error) {
	if name == "" {
		return kernel.Best(), nil
	}
	k, ok := kernel.ByName(name)
	if !ok {
		return nil, fault.New(fault.Unsupported, op, i18n.M("population.kernel", "name", name))
	}
	return k, nil
}

// Kernels lists the kernels that this machine has, the fastest first.
func Kernels() []string {
	var names []string
	for _, k := range kernel.All() {
		names = append(names, k.Name)
	}
	return names
}
