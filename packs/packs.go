// Package packs carries the sample cities inside the binary, so that the demo
// needs nothing beside it. A real city's pack is a folder named in the
// configuration.
package packs

import "embed"

// Files are the packs by the name of their folder.
//
//go:embed all:shanghai
var Files embed.FS
