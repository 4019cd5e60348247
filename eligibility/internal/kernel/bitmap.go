// Package kernel has the loops over blocks of 4,096 lanes that whole-population
// matching is made of: compare a column with an interval, combine bitmaps, count.
//
// The same loops stand here three times: for AVX-512, for AVX2 (both written by
// gen with avo) and in portable Go. Best picks at run time what the processor
// has; every answer is the same bit for bit. A column is little-endian and is
// given as its bytes. Bit i of a bitmap is bit i%64 of its word i/64.
package kernel

// The shape of a block.
const (
	Lanes = 4096       // lanes in a column's block
	Words = Lanes / 64 // words of a bitmap
)

// Bitmap is one bit for each lane of a block.
type Bitmap = [Words]uint64

// Set is a set of byte values, laid out for a shuffle of nibbles: 16 bytes for
// the values below 128 and 16 for the others; of a value the low nibble picks
// the byte and bits 4 to 6 pick the bit.
type Set [32]byte

// Add puts v into the set.
func (s *Set) Add(v uint8) { s[v>>7<<4|v&15] |= 1 << (v >> 4 & 7) }

// Has reports whether v is in the set.
func (s *Set) Has(v uint8) bool { return s[v>>7<<4|v&15]>>(v>>4&7)&1 == 1 }

// Kernel is one implementation of the loops. The functions over an arena take
// the places of bitmaps in it; they need at least one and do not check them.
type Kernel struct {
	Name string // "avx512", "avx2" or "portable"

	// Range8, Range16 and Range32 set the bits of the lanes v of a column with
	// lo <= v <= lo+span, unsigned; lo+span must not wrap.
	Range8  func(dst *Bitmap, col []byte, lo, span uint8)
	Range16 func(dst *Bitmap, col []byte, lo, span uint16)
	Range32 func(dst *Bitmap, col []byte, lo, span uint32)
	// Table sets the bits of the lanes of an 8-bit column that are in the set.
	Table func(dst *Bitmap, col []byte, set *Set)

	And    func(dst *Bitmap, arena []Bitmap, ops []uint32)
	Or     func(dst *Bitmap, arena []Bitmap, ops []uint32)
	AndNot func(dst, a, b *Bitmap) // a without b
	// AndCount is the number of bits set in all of ops.
	AndCount func(arena []Bitmap, ops []uint32) int
	// Near adds, of the lanes in ops[0]: to counts[0] those in all of ops, and
	// to counts[i] those that miss ops[i] and nothing else.
	Near func(arena []Bitmap, ops []uint32, counts []uint64)
	// Read reads len(p) bytes, a multiple of 256, and does nothing with them
	// but xor their words: the bound that memory sets to everything else.
	Read func(p []byte) uint64
}

// Best is the fastest kernel of this machine.
func Best() *Kernel { return all[0] }

// All lists the kernels of this machine, the fastest first, portable last.
func All() []*Kernel { return all }

// ByName finds a kernel of this machine.
func ByName(name string) (k *Kernel, ok bool) {
	for _, k := range all {
		if k.Name == name {
			return k, true
		}
	}
	return nil, false
}
