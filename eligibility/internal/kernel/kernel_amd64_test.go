package kernel

import "testing"

// A kernel is only there where the processor has its instructions.
func TestAvailable(t *testing.T) {
	tests := []struct {
		hasAVX2, hasAVX512 bool
		want               string
	}{
		{false, false, "portable"},
		{true, false, "avx2"},
		{true, true, "avx512"},
	}
	for _, tt := range tests {
		list := available(tt.hasAVX2, tt.hasAVX512)
		if list[0].Name != tt.want || list[len(list)-1] != portable {
			t.Errorf("%+v: got %s first and %s last", tt, list[0].Name, list[len(list)-1].Name)
		}
	}
}
