package kernel

import "golang.org/x/sys/cpu"

// all is decided once, by what the processor says it has.
var all = available(cpu.X86.HasAVX2, cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512VL &&
	cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VPOPCNTDQ)

// available lists the kernels for a processor, the fastest first.
func available(hasAVX2, hasAVX512 bool) []*Kernel {
	var list []*Kernel
	if hasAVX512 {
		list = append(list, avx512)
	}
	if hasAVX2 {
		list = append(list, avx2)
	}
	return append(list, portable)
}

// The wrappers check lengths, so that the assembly need not.

var avx2 = &Kernel{
	Name:     "avx2",
	Range8:   func(dst *Bitmap, col []byte, lo, span uint8) { range2x8(dst, &col[:Lanes][0], lo, span) },
	Range16:  func(dst *Bitmap, col []byte, lo, span uint16) { range2x16(dst, &col[:2*Lanes][0], lo, span) },
	Range32:  func(dst *Bitmap, col []byte, lo, span uint32) { range2x32(dst, &col[:4*Lanes][0], lo, span) },
	Table:    func(dst *Bitmap, col []byte, set *Set) { table2(dst, &col[:Lanes][0], &set[0]) },
	And:      func(dst *Bitmap, arena []Bitmap, ops []uint32) { and2(dst, &arena[0], &ops[0], len(ops)) },
	Or:       func(dst *Bitmap, arena []Bitmap, ops []uint32) { or2(dst, &arena[0], &ops[0], len(ops)) },
	AndNot:   andNot2,
	AndCount: func(arena []Bitmap, ops []uint32) int { return andCount2(&arena[0], &ops[0], len(ops)) },
	Near: func(arena []Bitmap, ops []uint32, counts []uint64) {
		near2(&arena[0], &ops[0], len(ops), &counts[:len(ops)][0])
	},
	Read: func(p []byte) uint64 { return read2(&p[0], len(p)) },
}

var avx512 = &Kernel{
	Name:     "avx512",
	Range8:   func(dst *Bitmap, col []byte, lo, span uint8) { range512x8(dst, &col[:Lanes][0], lo, span) },
	Range16:  func(dst *Bitmap, col []byte, lo, span uint16) { range512x16(dst, &col[:2*Lanes][0], lo, span) },
	Range32:  func(dst *Bitmap, col []byte, lo, span uint32) { range512x32(dst, &col[:4*Lanes][0], lo, span) },
	Table:    func(dst *Bitmap, col []byte, set *Set) { table512(dst, &col[:Lanes][0], &set[0]) },
	And:      func(dst *Bitmap, arena []Bitmap, ops []uint32) { and512(dst, &arena[0], &ops[0], len(ops)) },
	Or:       func(dst *Bitmap, arena []Bitmap, ops []uint32) { or512(dst, &arena[0], &ops[0], len(ops)) },
	AndNot:   andNot512,
	AndCount: func(arena []Bitmap, ops []uint32) int { return andCount512(&arena[0], &ops[0], len(ops)) },
	Near: func(arena []Bitmap, ops []uint32, counts []uint64) {
		near512(&arena[0], &ops[0], len(ops), &counts[:len(ops)][0])
	},
	Read: func(p []byte) uint64 { return read512(&p[0], len(p)) },
}
