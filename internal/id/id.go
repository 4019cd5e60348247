// Package id makes identifiers. They are UUIDv7 in canonical text: unique
// without a shared counter, and in order of time, so that an index on them
// grows at its end.
package id

import "github.com/google/uuid"

// New is a fresh identifier of 36 characters.
func New() string { return uuid.Must(uuid.NewV7()).String() }
