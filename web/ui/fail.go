package ui

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/tongban/tongban/fault"
)

// Fail answers r with the error page of err, in the frame of ctx, and logs
// what went wrong inside. It is called once, at the edge, before anything else
// has been written.
func Fail(ctx context.Context, w http.ResponseWriter, r *http.Request, log *slog.Logger, err error) {
	kind, message, fields := fault.Shown(err)
	level := slog.LevelInfo
	if kind == fault.Internal || kind == fault.Unavailable {
		level = slog.LevelError
	}
	log.Log(ctx, level, "page failed", "method", r.Method, "path", r.URL.Path, "status", kind.Status(), "error", err)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(kind.Status())
	if r.Method == http.MethodHead {
		return
	}
	page := failurePage(Page{Title: failureTitle(ctx, kind)}, kind, message, fields)
	if err := page.Render(ctx, w); err != nil {
		log.Log(ctx, slog.LevelInfo, "page not written", "path", r.URL.Path, "error", err)
	}
}

func failureIcon(kind fault.Kind) string {
	switch kind {
	case fault.NotFound:
		return "signpost"
	case fault.Denied, fault.Unauthenticated:
		return "lock"
	case fault.Conflict:
		return "refresh-cw"
	default:
		return "triangle-alert"
	}
}

func failureTitle(ctx context.Context, kind fault.Kind) string {
	switch kind {
	case fault.NotFound:
		return T(ctx, "ui.fail.notFound")
	case fault.Denied:
		return T(ctx, "ui.fail.denied")
	case fault.Unauthenticated:
		return T(ctx, "ui.fail.unauthenticated")
	case fault.Invalid, fault.Unsupported:
		return T(ctx, "ui.fail.invalid")
	case fault.TooLarge:
		return T(ctx, "ui.fail.tooLarge")
	case fault.Conflict:
		return T(ctx, "ui.fail.conflict")
	case fault.Unavailable:
		return T(ctx, "ui.fail.unavailable")
	default:
		return T(ctx, "ui.fail.internal")
	}
}

func failureHelp(ctx context.Context, kind fault.Kind) string {
	switch kind {
	case fault.NotFound:
		return T(ctx, "ui.fail.notFoundHelp")
	case fault.Denied:
		return T(ctx, "ui.fail.deniedHelp")
	case fault.Unauthenticated:
		return T(ctx, "ui.fail.unauthenticatedHelp")
	case fault.Invalid, fault.Unsupported, fault.TooLarge:
		return T(ctx, "ui.fail.invalidHelp")
	case fault.Conflict:
		return T(ctx, "ui.fail.conflictHelp")
	default:
		return T(ctx, "ui.fail.internalHelp")
	}
}

// searches reports whether an error page offers a search, which is then its
// main button.
func searches(ctx context.Context, kind fault.Kind) bool {
	return kind == fault.NotFound && From(ctx).Search != ""
}
