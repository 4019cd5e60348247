package path

import "net/url"

// Pages of what is given without an application.
const (
	Grants        = "/grants"
	GrantPattern  = "/grants/{grant}"
	RefusePattern = "/grants/{grant}/refuse"
)

// Grant is the page of one grant.
func Grant(id string) string { return Grants + "/" + url.PathEscape(id) }

// Refuse is where a grant is declined.
func Refuse(grant string) string { return Grant(grant) + "/refuse" }
