package eligibility

import "context"

// CatchUp is one turn of Follow by somebody who has just begun to.
func (e *Engine) CatchUp(ctx context.Context) (looked int, err error) {
	return e.catchUp(ctx, &follower{})
}
