package ui

import "net/http"

// policy refuses every script, style and picture that is not one of our own
// files, and every frame around our pages.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"font-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// the values stand ready made: they go out with every page.
var (
	policyValue   = []string{policy}
	nosniff       = []string{"nosniff"}
	sameOrigin    = []string{"same-origin"}
	noFrames      = []string{"DENY"}
	noPermissions = []string{"camera=(), geolocation=(), microphone=()"}
)

// Secure sets the headers that every page of every face has: the content
// security policy, no sniffing, no frames, no referrer to others.
func Secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h["Content-Security-Policy"] = policyValue
		h["X-Content-Type-Options"] = nosniff
		h["Referrer-Policy"] = sameOrigin
		h["X-Frame-Options"] = noFrames
		h["Permissions-Policy"] = noPermissions
		next.ServeHTTP(w, r)
	})
}
