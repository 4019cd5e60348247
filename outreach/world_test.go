package outreach

import "time"

// monday is 10:32 in Shanghai, on a working day.
var monday = time.Date(2026, 11, 23, 2, 32, 0, 0, time.UTC)
