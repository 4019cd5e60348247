package ui_test

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/web/ui"
)

// TestFail shows each kind of failure as a page of its own, with its status,
// and never what went wrong inside.
func TestFail(t *testing.T) {
	said := i18n.Text{ZH: "说给人听的话", EN: "Words for people"}
	tests := []struct {
		err    error
		status int
		want   string
	}{
		{fault.New(fault.NotFound, "x", said), 404, "没有找到这个页面"},
		{fault.New(fault.Denied, "x", said), 403, "您不能看这一页"},
		{fault.New(fault.Unauthenticated, "x", said), 401, "请先登录"},
		{fault.New(fault.Invalid, "x", said), 422, "提交的内容有误"},
		{fault.New(fault.Conflict, "x", said), 409, "情况已经变了"},
		{fault.New(fault.TooLarge, "x", said), 413, "文件太大"},
		{fault.New(fault.Unsupported, "x", said), 415, "提交的内容有误"},
		{fault.New(fault.Unavailable, "x", said), 503, "暂时办不了"},
		{errors.New("password=hunter2"), 500, "系统出了问题"},
		{fault.Wrap(fault.Internal, "x", said, errors.New("password=hunter2")), 500, "系统出了问题"},
	}
	for _, tt := range tests {
		w := httptest.NewRecorder()
		ui.Fail(frame(i18n.ZH), w, httptest.NewRequest(http.MethodGet, "/", nil), slog.New(slog.DiscardHandler), tt.err)
		page := w.Body.String()
		if w.Code != tt.status || !strings.Contains(page, tt.want) {
			t.Errorf("%v: got status %d, want %d and %q in %s", tt.err, w.Code, tt.status, tt.want, page)
		}
		if strings.Contains(page, "hunter2") {
			t.Errorf("%v: the page tells what went wrong inside", tt.err)
		}
		if tt.status < 500 && !strings.Contains(page, said.ZH) {
			t.Errorf("%v: got no %q", tt.err, said.ZH)
		}
		if w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%v: got Cache-Control %q, want no-store", tt.err, w.Header().Get("Cache-Control"))
		}
	}
}
