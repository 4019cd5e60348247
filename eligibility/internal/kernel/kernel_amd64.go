package kernel

import (
	"math/bits"

	"golang.org/x/sys/cpu"
)

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
	Name: "avx2",
	AtLeast: func(dst *Bitmap, planes []Bitmap, code uint64) {
		first := bits.TrailingZeros64(code)
		atLeast2(dst, &planes[first], code>>first>>1, len(planes)-first-1)
	},
	Equal:    func(dst *Bitmap, planes []Bitmap, code uint64) { equal2(dst, &planes[0], code, len(planes)) },
	And:      func(dst *Bitmap, arena []Bitmap, ops []uint32) { and2(dst, &arena[0], &ops[0], len(ops)) },
	Or:       func(dst *Bitmap, arena []Bitmap, ops []uint32) { or2(dst, &arena[0], &ops[0], len(ops)) },
	AndNot:   andNot2,
	AndCount: func(arena []Bitmap, ops []uint32) int { return andCount2(&arena[0], &ops[0], len(ops)) },
	Near: func(arena []Bitmap, ops []uint32, counts []uint64) {
		near2(&arena[0], &ops[0], len(ops), &counts[:len(ops)][0])
	},
	Codes: func(dst *[Lanes]uint8, planes []Bitmap) {
		codes2(dst, &planes[0], min(len(planes), 8))
	},
	Greater: greater2,
	Read:    func(planes []Bitmap) uint64 { return read2(&planes[0], len(planes)) },
}

var avx512 = &Kernel{
	Name: "avx512",
	AtLeast: func(dst *Bitmap, planes []Bitmap, code uint64) {
		first := bits.TrailingZeros64(code)
		atLeast512(dst, &planes[first], code>>first>>1, len(planes)-first-1)
	},
	Equal:    func(dst *Bitmap, planes []Bitmap, code uint64) { equal512(dst, &planes[0], code, len(planes)) },
	And:      func(dst *Bitmap, arena []Bitmap, ops []uint32) { and512(dst, &arena[0], &ops[0], len(ops)) },
	Or:       func(dst *Bitmap, arena []Bitmap, ops []uint32) { or512(dst, &arena[0], &ops[0], len(ops)) },
	AndNot:   andNot512,
	AndCount: func(arena []Bitmap, ops []uint32) int { return andCount512(&arena[0], &ops[0], len(ops)) },
	Near: func(arena []Bitmap, ops []uint32, counts []uint64) {
		near512(&arena[0], &ops[0], len(ops), &counts[:len(ops)][0])
	},
	Codes: func(dst *[Lanes]uint8, planes []Bitmap) {
		codes512(dst, &planes[0], min(len(planes), 8))
	},
	Greater: greater512,
	Read:    func(planes []Bitmap) uint64 { return read512(&planes[0], len(planes)) },
}
