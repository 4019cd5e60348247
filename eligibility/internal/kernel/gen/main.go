//go:build ignore

// Command gen writes kernel_amd64.s and stub_amd64.go: every kernel for AVX2 and
// for AVX-512. Run it by `make generate`.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A bitmap is 512 bytes and a column has 4,096 lanes.
const (
	lanes  = 4096
	bytes  = 512
	shift  = 9 // log2(bytes)
	ymm    = 32
	zmm    = 64
	nearby = 4 // registers of a chunk of near: 4 of F0, 4 of F1
)

// width is a lane's size in bytes and the letter of its instructions.
type width struct {
	size int
	name string
}

var widths = []width{{1, "8"}, {2, "16"}, {4, "32"}}

func main() {
	ConstraintExpr("amd64")
	for _, w := range widths {
		range2(w)
	}
	table2()
	many2("and2", func(m Mem, y reg.VecVirtual) { VPAND(m, y, y) })
	many2("or2", func(m Mem, y reg.VecVirtual) { VPOR(m, y, y) })
	andNot2()
	andCount2()
	near2()
	read2()
	for _, w := range widths {
		range512(w)
	}
	table512()
	many512("and512", func(m Mem, z reg.VecVirtual) { VPANDQ(m, z, z) })
	many512("or512", func(m Mem, z reg.VecVirtual) { VPORQ(m, z, z) })
	andNot512()
	andCount512()
	near512()
	read512()
	Generate()
}

// start opens a function without a frame that keeps no pointer.
func start(name, signature, doc string) {
	TEXT(name, NOSPLIT, signature)
	Pragma("noescape")
	Doc(doc)
}

func pointer(name string) reg.Register { return Load(Param(name), GP64()) }

// loop runs body count times; the body moves its own pointers.
func loop(name string, count int, body func()) {
	n := GP64()
	MOVQ(U32(count), n)
	Label(name)
	body()
	DECQ(n)
	JNZ(LabelRef(name))
}

// popcount adds the set bits of each byte of v to acc, with the nibble table.
type counter struct{ nibbles, table, acc reg.VecVirtual }

var nibbleTable = []uint64{0x0302020102010100, 0x0403030203020201}

func bitsTable(name string) Mem {
	m := GLOBL(name, RODATA|NOPTR)
	for i := range 4 {
		DATA(i*8, U64(nibbleTable[i%2]))
	}
	return m
}

func byteTable(name string, b uint64) Mem {
	m := GLOBL(name, RODATA|NOPTR)
	for i := range 4 {
		DATA(i*8, U64(b*0x0101010101010101))
	}
	return m
}

var (
	tables  = map[string]Mem{}
	tableOf = func(name string, make func(string) Mem) Mem {
		if _, ok := tables[name]; !ok {
			tables[name] = make(name)
		}
		return tables[name]
	}
)

func newCounter() counter {
	c := counter{YMM(), YMM(), YMM()}
	VMOVDQU(tableOf("low", func(n string) Mem { return byteTable(n, 0x0f) }), c.nibbles)
	VMOVDQU(tableOf("ones", bitsTable), c.table)
	return c
}

func (c counter) add(v reg.VecVirtual) {
	low, high := YMM(), YMM()
	VPAND(c.nibbles, v, low)
	VPSRLW(U8(4), v, high)
	VPAND(c.nibbles, high, high)
	VPSHUFB(low, c.table, low)
	VPSHUFB(high, c.table, high)
	VPADDB(low, high, low)
	VPADDB(low, c.acc, c.acc)
}

// sum is the sum of the 32 byte counters of acc.
func (c counter) sum() reg.GPVirtual {
	zero, half, n := YMM(), XMM(), GP64()
	VPXOR(zero, zero, zero)
	VPSADBW(zero, c.acc, c.acc)
	VEXTRACTI128(U8(1), c.acc, half)
	VPADDQ(half, c.acc.AsX(), half)
	other := XMM()
	VPSRLDQ(U8(8), half, other)
	VPADDQ(half, other, half)
	VMOVQ(half, n)
	return n
}

// broadcast32 goes by a general register, for vet takes VPBROADCASTD from memory
// for a read of 8 bytes.
func broadcast32(from Mem, to reg.VecVirtual) {
	value, low := GP32(), XMM()
	MOVL(from, value)
	VMOVD(value, low)
	VPBROADCASTD(low, to)
}

// range2 sets the bit of each lane with lo <= lane <= lo+span, unsigned.
func range2(w width) {
	start("range2x"+w.name, "func(dst *[64]uint64, col *byte, lo, span uint"+w.name+")",
		"range2x"+w.name+" sets the bits of the lanes from lo to lo+span.")
	dst, col := pointer("dst"), pointer("col")
	lo, span := YMM(), YMM()
	broadcast := func(name string, y reg.VecVirtual) {
		p, err := Param(name).Resolve()
		if err != nil {
			panic(err)
		}
		switch w.size {
		case 1:
			VPBROADCASTB(p.Addr, y)
		case 2:
			VPBROADCASTW(p.Addr, y)
		case 4:
			broadcast32(p.Addr, y)
		}
	}
	broadcast("lo", lo)
	broadcast("span", span)
	var order reg.VecVirtual
	if w.size == 4 {
		order = YMM()
		VMOVDQU(tableOf("order", func(n string) Mem {
			m := GLOBL(n, RODATA|NOPTR)
			for i, lane := range []uint32{0, 4, 1, 5, 2, 6, 3, 7} {
				DATA(i*4, U32(lane))
			}
			return m
		}), order)
	}
	within := func(at int) reg.VecVirtual {
		v, t := YMM(), YMM()
		VMOVDQU(Mem{Base: col, Disp: at}, v)
		switch w.size {
		case 1:
			VPSUBB(lo, v, v)
			VPMINUB(span, v, t)
			VPCMPEQB(t, v, v)
		case 2:
			VPSUBW(lo, v, v)
			VPMINUW(span, v, t)
			VPCMPEQW(t, v, v)
		case 4:
			VPSUBD(lo, v, v)
			VPMINUD(span, v, t)
			VPCMPEQD(t, v, v)
		}
		return v
	}
	const unroll = 2 // words of 32 lanes each turn
	loop("next", lanes/ymm/unroll, func() {
		for u := range unroll {
			base := u * ymm * w.size
			var v reg.VecVirtual
			switch w.size {
			case 1:
				v = within(base)
			case 2:
				a, b := within(base), within(base+ymm)
				VPACKSSWB(b, a, a)
				VPERMQ(U8(0xd8), a, a)
				v = a
			case 4:
				a, b, c, d := within(base), within(base+ymm), within(base+2*ymm), within(base+3*ymm)
				VPACKSSDW(b, a, a)
				VPACKSSDW(d, c, c)
				VPACKSSWB(c, a, a)
				VPERMD(a, order, a)
				v = a
			}
			bits := GP32()
			VPMOVMSKB(v, bits)
			MOVL(bits, Mem{Base: dst, Disp: 4 * u})
		}
		ADDQ(U32(unroll*ymm*w.size), col)
		ADDQ(U8(4*unroll), dst)
	})
	VZEROUPPER()
	RET()
}

// table2 sets the bit of each lane whose value is in a set of 256. The set is
// 16 bytes for the values below 128 and 16 for the others: of a value its low
// nibble is the byte and bits 4 to 6 are the bit.
func table2() {
	start("table2", "func(dst *[64]uint64, col *byte, set *byte)", "table2 sets the bits of the lanes whose value is in the set.")
	dst, col, set := pointer("dst"), pointer("col"), pointer("set")
	low, high, bit, mask := YMM(), YMM(), YMM(), YMM()
	VBROADCASTI128(Mem{Base: set}, low)
	VBROADCASTI128(Mem{Base: set, Disp: 16}, high)
	VMOVDQU(tableOf("bit", func(n string) Mem {
		m := GLOBL(n, RODATA|NOPTR)
		for i := range 4 {
			DATA(i*8, U64(0x8040201008040201))
		}
		return m
	}), bit)
	VMOVDQU(tableOf("low", func(n string) Mem { return byteTable(n, 0x0f) }), mask)
	loop("next", lanes/ymm, func() {
		x, n, h, a, b := YMM(), YMM(), YMM(), YMM(), YMM()
		VMOVDQU(Mem{Base: col}, x)
		VPAND(mask, x, n)
		VPSRLW(U8(4), x, h)
		VPAND(mask, h, h)
		VPSHUFB(n, low, a)
		VPSHUFB(n, high, b)
		VPBLENDVB(x, b, a, a)
		VPSHUFB(h, bit, h)
		VPAND(h, a, a)
		VPCMPEQB(h, a, a)
		bits := GP32()
		VPMOVMSKB(a, bits)
		MOVL(bits, Mem{Base: dst})
		ADDQ(U8(ymm), col)
		ADDQ(U8(4), dst)
	})
	VZEROUPPER()
	RET()
}

// operand leaves the address of bitmap ops[k] of the arena in a register.
func operand(arena, ops, k reg.Register) reg.GPVirtual {
	at := GP64()
	MOVL(Mem{Base: ops, Index: k, Scale: 4}, at.As32())
	SHLQ(U8(shift), at)
	ADDQ(arena, at)
	return at
}

// fold2 combines the operands, 8 registers at a time, and hands each half over.
func fold2(combine func(Mem, reg.VecVirtual), done func(half int, ys []reg.VecVirtual)) {
	arena, ops, n := pointer("arena"), pointer("ops"), pointer("n")
	for half := range 2 {
		name := string(rune('a' + half))
		ys := make([]reg.VecVirtual, 8)
		k := GP64()
		XORQ(k, k)
		at := operand(arena, ops, k)
		for i := range ys {
			ys[i] = YMM()
			VMOVDQU(Mem{Base: at, Disp: half*256 + i*ymm}, ys[i])
		}
		JMP(LabelRef("test_" + name))
		Label("next_" + name)
		at = operand(arena, ops, k)
		for i := range ys {
			combine(Mem{Base: at, Disp: half*256 + i*ymm}, ys[i])
		}
		Label("test_" + name)
		INCQ(k)
		CMPQ(k, n)
		JL(LabelRef("next_" + name))
		done(half, ys)
	}
}

func many2(name string, combine func(Mem, reg.VecVirtual)) {
	start(name, "func(dst *[64]uint64, arena *[64]uint64, ops *uint32, n int)", name+" combines n >= 1 bitmaps of the arena.")
	dst := pointer("dst")
	fold2(combine, func(half int, ys []reg.VecVirtual) {
		for i, y := range ys {
			VMOVDQU(y, Mem{Base: dst, Disp: half*256 + i*ymm})
		}
	})
	VZEROUPPER()
	RET()
}

func andNot2() {
	start("andNot2", "func(dst, a, b *[64]uint64)", "andNot2 is a without b.")
	dst, a, b := pointer("dst"), pointer("a"), pointer("b")
	for i := range bytes / ymm {
		y := YMM()
		VMOVDQU(Mem{Base: b, Disp: i * ymm}, y)
		VPANDN(Mem{Base: a, Disp: i * ymm}, y, y)
		VMOVDQU(y, Mem{Base: dst, Disp: i * ymm})
	}
	VZEROUPPER()
	RET()
}

func andCount2() {
	start("andCount2", "func(arena *[64]uint64, ops *uint32, n int) int", "andCount2 counts the bits set in all of n >= 1 bitmaps.")
	c := newCounter()
	VPXOR(c.acc, c.acc, c.acc)
	fold2(func(m Mem, y reg.VecVirtual) { VPAND(m, y, y) }, func(half int, ys []reg.VecVirtual) {
		for _, y := range ys {
			c.add(y)
		}
	})
	n := c.sum()
	VZEROUPPER()
	Store(n, ReturnIndex(0))
	RET()
}

// near2 keeps, of 128 bytes at a time, who fails none and who fails exactly one.
func near2() {
	start("near2", "func(arena *[64]uint64, ops *uint32, n int, counts *uint64)",
		"near2 adds, of the bits of ops[0], those in every other bitmap to counts[0] and those missing only in ops[i] to counts[i].")
	arena, ops, n, counts := pointer("arena"), pointer("ops"), pointer("n"), pointer("counts")
	c := newCounter()
	offset := GP64()
	XORQ(offset, offset)
	Label("chunk")
	none, one := make([]reg.VecVirtual, nearby), make([]reg.VecVirtual, nearby)
	k := GP64()
	XORQ(k, k)
	at := operand(arena, ops, k)
	ADDQ(offset, at)
	for i := range none {
		none[i], one[i] = YMM(), YMM()
		VMOVDQU(Mem{Base: at, Disp: i * ymm}, none[i])
		VPXOR(one[i], one[i], one[i])
	}
	JMP(LabelRef("folded"))
	Label("fold")
	at = operand(arena, ops, k)
	ADDQ(offset, at)
	for i := range none {
		x, failed := YMM(), YMM()
		VMOVDQU(Mem{Base: at, Disp: i * ymm}, x)
		VPANDN(none[i], x, failed)
		VPAND(x, one[i], one[i])
		VPOR(failed, one[i], one[i])
		VPAND(x, none[i], none[i])
	}
	Label("folded")
	INCQ(k)
	CMPQ(k, n)
	JL(LabelRef("fold"))
	VPXOR(c.acc, c.acc, c.acc)
	for _, y := range none {
		c.add(y)
	}
	total := c.sum()
	ADDQ(total, Mem{Base: counts})
	any := YMM()
	VPOR(one[0], one[1], any)
	for _, y := range one[2:] {
		VPOR(y, any, any)
	}
	VPTEST(any, any)
	JZ(LabelRef("empty"))
	MOVQ(U32(1), k)
	JMP(LabelRef("counted"))
	Label("count")
	at = operand(arena, ops, k)
	ADDQ(offset, at)
	VPXOR(c.acc, c.acc, c.acc)
	for i := range one {
		x := YMM()
		VMOVDQU(Mem{Base: at, Disp: i * ymm}, x)
		VPANDN(one[i], x, x)
		c.add(x)
	}
	total = c.sum()
	ADDQ(total, Mem{Base: counts, Index: k, Scale: 8})
	INCQ(k)
	Label("counted")
	CMPQ(k, n)
	JL(LabelRef("count"))
	Label("empty")
	ADDQ(U32(nearby*ymm), offset)
	CMPQ(offset, U32(bytes))
	JL(LabelRef("chunk"))
	VZEROUPPER()
	RET()
}

func read2() {
	start("read2", "func(p *byte, n int) uint64", "read2 reads n bytes, a multiple of 256, and gives their exclusive or in words.")
	p, n := pointer("p"), pointer("n")
	ys := make([]reg.VecVirtual, 4)
	for i := range ys {
		ys[i] = YMM()
		VPXOR(ys[i], ys[i], ys[i])
	}
	JMP(LabelRef("test"))
	Label("next")
	for i := range 8 {
		VPXOR(Mem{Base: p, Disp: i * ymm}, ys[i%4], ys[i%4])
	}
	ADDQ(U32(256), p)
	SUBQ(U32(256), n)
	Label("test")
	CMPQ(n, U32(256))
	JGE(LabelRef("next"))
	for _, y := range ys[1:] {
		VPXOR(y, ys[0], ys[0])
	}
	half := XMM()
	VEXTRACTI128(U8(1), ys[0], half)
	VPXOR(half, ys[0].AsX(), half)
	other := XMM()
	VPSRLDQ(U8(8), half, other)
	VPXOR(half, other, half)
	out := GP64()
	VMOVQ(half, out)
	VZEROUPPER()
	Store(out, ReturnIndex(0))
	RET()
}

func range512(w width) {
	start("range512x"+w.name, "func(dst *[64]uint64, col *byte, lo, span uint"+w.name+")",
		"range512x"+w.name+" sets the bits of the lanes from lo to lo+span.")
	dst, col := pointer("dst"), pointer("col")
	lo, span := ZMM(), ZMM()
	for _, b := range []struct {
		name string
		z    reg.VecVirtual
	}{{"lo", lo}, {"span", span}} {
		p, err := Param(b.name).Resolve()
		if err != nil {
			panic(err)
		}
		switch w.size {
		case 1:
			VPBROADCASTB(p.Addr, b.z)
		case 2:
			VPBROADCASTW(p.Addr, b.z)
		case 4:
			broadcast32(p.Addr, b.z)
		}
	}
	const unroll = 2 // vectors each turn
	per := zmm / w.size
	loop("next", lanes/per/unroll, func() {
		for u := range unroll {
			v, k := ZMM(), K()
			VMOVDQU64(Mem{Base: col, Disp: u * zmm}, v)
			switch w.size {
			case 1:
				VPSUBB(lo, v, v)
				VPCMPUB(U8(2), span, v, k) // 2: less or equal
				KMOVQ(k, Mem{Base: dst, Disp: u * per / 8})
			case 2:
				VPSUBW(lo, v, v)
				VPCMPUW(U8(2), span, v, k)
				KMOVD(k, Mem{Base: dst, Disp: u * per / 8})
			case 4:
				VPSUBD(lo, v, v)
				VPCMPUD(U8(2), span, v, k)
				KMOVW(k, Mem{Base: dst, Disp: u * per / 8})
			}
		}
		ADDQ(U32(unroll*zmm), col)
		ADDQ(U8(unroll*per/8), dst)
	})
	VZEROUPPER()
	RET()
}

func table512() {
	start("table512", "func(dst *[64]uint64, col *byte, set *byte)", "table512 sets the bits of the lanes whose value is in the set.")
	dst, col, set := pointer("dst"), pointer("col"), pointer("set")
	low, high, bit, mask := ZMM(), ZMM(), ZMM(), ZMM()
	VBROADCASTI32X4(Mem{Base: set}, low)
	VBROADCASTI32X4(Mem{Base: set, Disp: 16}, high)
	VBROADCASTI32X4(tables["bit"], bit)
	VBROADCASTI32X4(tables["low"], mask)
	loop("next", lanes/zmm, func() {
		x, n, h, a, b := ZMM(), ZMM(), ZMM(), ZMM(), ZMM()
		top, in := K(), K()
		VMOVDQU64(Mem{Base: col}, x)
		VPMOVB2M(x, top)
		VPANDQ(mask, x, n)
		VPSRLW(U8(4), x, h)
		VPANDQ(mask, h, h)
		VPSHUFB(n, low, a)
		VPSHUFB(n, high, b)
		VPBLENDMB(b, a, top, a)
		VPSHUFB(h, bit, h)
		VPTESTMB(h, a, in)
		KMOVQ(in, Mem{Base: dst})
		ADDQ(U8(zmm), col)
		ADDQ(U8(8), dst)
	})
	VZEROUPPER()
	RET()
}

func fold512(combine func(Mem, reg.VecVirtual), done func(zs []reg.VecVirtual)) {
	arena, ops, n := pointer("arena"), pointer("ops"), pointer("n")
	zs := make([]reg.VecVirtual, bytes/zmm)
	k := GP64()
	XORQ(k, k)
	at := operand(arena, ops, k)
	for i := range zs {
		zs[i] = ZMM()
		VMOVDQU64(Mem{Base: at, Disp: i * zmm}, zs[i])
	}
	JMP(LabelRef("test"))
	Label("next")
	at = operand(arena, ops, k)
	for i := range zs {
		combine(Mem{Base: at, Disp: i * zmm}, zs[i])
	}
	Label("test")
	INCQ(k)
	CMPQ(k, n)
	JL(LabelRef("next"))
	done(zs)
}

func many512(name string, combine func(Mem, reg.VecVirtual)) {
	start(name, "func(dst *[64]uint64, arena *[64]uint64, ops *uint32, n int)", name+" combines n >= 1 bitmaps of the arena.")
	dst := pointer("dst")
	fold512(combine, func(zs []reg.VecVirtual) {
		for i, z := range zs {
			VMOVDQU64(z, Mem{Base: dst, Disp: i * zmm})
		}
	})
	VZEROUPPER()
	RET()
}

func andNot512() {
	start("andNot512", "func(dst, a, b *[64]uint64)", "andNot512 is a without b.")
	dst, a, b := pointer("dst"), pointer("a"), pointer("b")
	for i := range bytes / zmm {
		z := ZMM()
		VMOVDQU64(Mem{Base: b, Disp: i * zmm}, z)
		VPANDNQ(Mem{Base: a, Disp: i * zmm}, z, z)
		VMOVDQU64(z, Mem{Base: dst, Disp: i * zmm})
	}
	VZEROUPPER()
	RET()
}

// sum512 is the number of bits set in the vectors, which it overwrites.
func sum512(zs []reg.VecVirtual) reg.GPVirtual {
	for _, z := range zs {
		VPOPCNTQ(z, z)
	}
	for step := 1; step < len(zs); step *= 2 {
		for i := 0; i+step < len(zs); i += 2 * step {
			VPADDQ(zs[i+step], zs[i], zs[i])
		}
	}
	half, quarter, other, n := YMM(), XMM(), XMM(), GP64()
	VEXTRACTI64X4(U8(1), zs[0], half)
	VPADDQ(zs[0].AsY(), half, half)
	VEXTRACTI128(U8(1), half, quarter)
	VPADDQ(quarter, half.AsX(), quarter)
	VPSRLDQ(U8(8), quarter, other)
	VPADDQ(quarter, other, quarter)
	VMOVQ(quarter, n)
	return n
}

func andCount512() {
	start("andCount512", "func(arena *[64]uint64, ops *uint32, n int) int", "andCount512 counts the bits set in all of n >= 1 bitmaps.")
	fold512(func(m Mem, z reg.VecVirtual) { VPANDQ(m, z, z) }, func(zs []reg.VecVirtual) {
		n := sum512(zs)
		VZEROUPPER()
		Store(n, ReturnIndex(0))
		RET()
	})
}

func near512() {
	start("near512", "func(arena *[64]uint64, ops *uint32, n int, counts *uint64)",
		"near512 adds, of the bits of ops[0], those in every other bitmap to counts[0] and those missing only in ops[i] to counts[i].")
	arena, ops, n, counts := pointer("arena"), pointer("ops"), pointer("n"), pointer("counts")
	none, one := make([]reg.VecVirtual, bytes/zmm), make([]reg.VecVirtual, bytes/zmm)
	k := GP64()
	XORQ(k, k)
	at := operand(arena, ops, k)
	for i := range none {
		none[i], one[i] = ZMM(), ZMM()
		VMOVDQU64(Mem{Base: at, Disp: i * zmm}, none[i])
		VPXORQ(one[i], one[i], one[i])
	}
	JMP(LabelRef("folded"))
	Label("fold")
	at = operand(arena, ops, k)
	for i := range none {
		x, failed := ZMM(), ZMM()
		VMOVDQU64(Mem{Base: at, Disp: i * zmm}, x)
		VPANDNQ(none[i], x, failed)
		VPANDQ(x, one[i], one[i])
		VPORQ(failed, one[i], one[i])
		VPANDQ(x, none[i], none[i])
	}
	Label("folded")
	INCQ(k)
	CMPQ(k, n)
	JL(LabelRef("fold"))
	ADDQ(sum512(none), Mem{Base: counts})
	any, some := ZMM(), K()
	VPORQ(one[0], one[1], any)
	for _, z := range one[2:] {
		VPORQ(z, any, any)
	}
	VPTESTMQ(any, any, some)
	KORTESTB(some, some)
	JZ(LabelRef("empty"))
	MOVQ(U32(1), k)
	JMP(LabelRef("counted"))
	Label("count")
	at = operand(arena, ops, k)
	xs := make([]reg.VecVirtual, len(one))
	for i := range one {
		xs[i] = ZMM()
		VMOVDQU64(Mem{Base: at, Disp: i * zmm}, xs[i])
		VPANDNQ(one[i], xs[i], xs[i])
	}
	ADDQ(sum512(xs), Mem{Base: counts, Index: k, Scale: 8})
	INCQ(k)
	Label("counted")
	CMPQ(k, n)
	JL(LabelRef("count"))
	Label("empty")
	VZEROUPPER()
	RET()
}

func read512() {
	start("read512", "func(p *byte, n int) uint64", "read512 reads n bytes, a multiple of 256, and gives their exclusive or in words.")
	p, n := pointer("p"), pointer("n")
	zs := make([]reg.VecVirtual, 4)
	for i := range zs {
		zs[i] = ZMM()
		VPXORQ(zs[i], zs[i], zs[i])
	}
	JMP(LabelRef("test"))
	Label("next")
	for i := range zs {
		VPXORQ(Mem{Base: p, Disp: i * zmm}, zs[i], zs[i])
	}
	ADDQ(U32(256), p)
	SUBQ(U32(256), n)
	Label("test")
	CMPQ(n, U32(256))
	JGE(LabelRef("next"))
	for _, z := range zs[1:] {
		VPXORQ(z, zs[0], zs[0])
	}
	half, quarter, other, out := YMM(), XMM(), XMM(), GP64()
	VEXTRACTI64X4(U8(1), zs[0], half)
	VPXOR(zs[0].AsY(), half, half)
	VEXTRACTI128(U8(1), half, quarter)
	VPXOR(quarter, half.AsX(), quarter)
	VPSRLDQ(U8(8), quarter, other)
	VPXOR(quarter, other, quarter)
	VMOVQ(quarter, out)
	VZEROUPPER()
	Store(out, ReturnIndex(0))
	RET()
}
