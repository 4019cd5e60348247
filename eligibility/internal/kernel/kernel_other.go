//go:build !amd64

package kernel

var all = []*Kernel{portable}
