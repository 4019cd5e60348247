package portal_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/party"
)

// TestLimitedMandate shows who acts in one service what belongs to it: not the
// other licences, messages, the telephone number and who read the data.
func TestLimitedMandate(t *testing.T) {
	w := newWorld(t)
	owner := w.signedIn("chen-guilan")
	owner.apply("service", "elderly-allowance", nil)
	owner.send("提交申请", nil).follow("查看办件进度").follow("老年综合津贴")
	number := strings.TrimPrefix(textOf(class(owner.page, "tb-num")[0]), "办件编号 ")
	w.finish(number)
	w.run()
	held, err := w.deps.Licences.Held(w.ctx, w.deps.DB.Reader(), "chen-guilan")
	w.must(err)
	grant := func(id string, services ...string) {
		w.must(w.deps.DB.Write(w.ctx, func(ctx context.Context, tx db.Tx) error {
			return w.deps.Parties.Grant(ctx, tx, party.Mandate{ID: id, Principal: "chen-guilan", Agent: "ma-lin", Kind: party.Helper,
				Services: services, Until: w.clock.Now().Add(30 * 24 * time.Hour), GrantedBy: "chen-guilan"})
		}))
	}
	grant("one", "no-crime-record")
	helper := w.signedIn("ma-lin")
	helper.open("/me").send("切换", map[string][]string{"for": {"chen-guilan"}}).sees("您正在代为办理", "陈桂兰")
	helper.open("/messages").wants(http.StatusOK).sees("还没有消息")
	check := func(covered string) {
		t.Helper()
		helper.open("/licences").wants(http.StatusOK)
		for _, l := range held {
			may := slices.Contains(w.deps.City.IssuedBy(l.Type), covered)
			want := http.StatusNotFound
			if may {
				want = http.StatusOK
			}
			if got := strings.Contains(helper.text(), l.Number); got != may {
				t.Errorf("wallet with %s: shows %s = %v, want %v", covered, l.Type, got, may)
			}
			helper.open("/licences/" + l.ID).wants(want).open("/licences")
		}
	}
	check("no-crime-record")
	helper.open("/me").wants(http.StatusOK)
	if text := helper.text(); strings.Contains(text, "手机号码") || strings.Contains(text, "联系方式和偏好") {
		t.Errorf("my data for a helper: got the telephone number or the way to change it: %s", text)
	}
	helper.open("/me/profile").wants(http.StatusForbidden)

	grant("two", "elderly-allowance")
	check("elderly-allowance")
	helper.open("/messages").wants(http.StatusOK).sees("老年综合津贴（敬老卡）：证照已发", number)
	if form, _ := helper.form("全部标为已读"); form != nil {
		t.Error("a helper is offered to mark the messages as read")
	}
	owner.open("/messages").sees("全部标为已读")
}
