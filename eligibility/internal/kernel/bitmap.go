// Package kernel has the loops over blocks of 4,096 lanes that whole-population
// matching is made of: compare a column with a number, combine bitmaps, count.
//
// The same loops stand here three times: for AVX-512, for AVX2 (both written by
// gen with avo) and in portable Go. Best picks at run time what the processor
// has; every answer is the same bit for bit. Bit i of a bitmap is bit i%64 of its word i/64.
package kernel

// The shape of a block.
const (
	Lanes = 4096       // lanes in a column's block
	Words = Lanes / 64 // words of a bitmap
	Bytes = Lanes / 8  // bytes of a bitmap
)

// Bitmap is one bit for each lane of a block.
type Bitmap = [Words]uint64

// Kernel is one implementation of the loops. The functions over an arena take
// the places of bitmaps in it; they need at least one and do not check them.
type Kernel struct {
	Name string // "avx512", "avx2" or "portable"

	// AtLeast sets the bits of the lanes of a column whose code is code or
	// more, Equal those whose code it is. A column is a plane for each bit of
	// its codes, 1 to 63, the lowest first: plane p is the bitmap of the lanes
	// whose code has bit p. The code is to be above 0 and to have no more bits.
	AtLeast func(dst *Bitmap, planes []Bitmap, code uint64)
	Equal   func(dst *Bitmap, planes []Bitmap, code uint64)

	And    func(dst *Bitmap, arena []Bitmap, ops []uint32)
	Or     func(dst *Bitmap, arena []Bitmap, ops []uint32)
	AndNot func(dst, a, b *Bitmap) // a without b
	// AndCount is the number of bits set in all of ops.
	AndCount func(arena []Bitmap, ops []uint32) int
	// Near adds, of the lanes in ops[0]: to counts[0] those in all of ops, and
	// to counts[i] those that miss ops[i] and nothing else.
	Near func(arena []Bitmap, ops []uint32, counts []uint64)
	// Codes writes the numbers that 1 to 8 planes hold, lane by lane.
	Codes func(dst *[Lanes]uint8, planes []Bitmap)
	// Greater sets the bits of the lanes above a number.
	Greater func(dst *Bitmap, v *[Lanes]int64, than int64)
	// Read reads planes, at least one, and does nothing with them but xor their
	// words: the bound that memory sets to everything else.
	Read func(planes []Bitmap) uint64
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
