package identity

import "github.com/alexedwards/scs/v2"

// CookieOf is how the gate sets its cookie.
func CookieOf(g *Gate) scs.SessionCookie { return g.sessions.Cookie }
