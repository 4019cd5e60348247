package catalog

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// Hash is the SHA-256 over the version's content as JSON, in hex: what a case
// is pinned to. Versions with the same content have the same hash.
func (v *ServiceVersion) Hash() string {
	return hexSum(v.encode())
}

// encode is the version as JSON: keys in the order of the type, maps sorted.
func (v *ServiceVersion) encode() []byte {
	body, err := json.Marshal(v)
	if err != nil {
		panic("catalog: a version is plain data: " + err.Error()) // no channel, no function, no cycle
	}
	return body
}

func hexSum(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}
