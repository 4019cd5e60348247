package ui

import "context"

// title is the page's title, then the portal's name; a page that comes back
// with errors says so first, so that a screen reader says it first.
func title(ctx context.Context, p Page) string {
	brand := In(ctx, From(ctx).Brand)
	t := p.Title
	if p.Failed {
		t = T(ctx, "ui.title.failed", "title", t)
	}
	switch {
	case t == "":
		return brand
	case brand == "":
		return t
	default:
		return t + " - " + brand
	}
}

func home(f Frame) string {
	if f.Home == "" {
		return "/"
	}
	return f.Home
}

func seal(f Frame) string {
	if f.Seal == "" {
		return "通"
	}
	return f.Seal
}
