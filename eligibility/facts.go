package eligibility

// Facts is what is known of a subject by attribute id; what is absent is
// unknown.
type Facts map[string]any
