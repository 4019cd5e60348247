package desk_test

import (
	"net/http"
	"testing"
)

func TestInbox(t *testing.T) {
	w := newWorld(t)
	c := w.apply("chen-guilan", "elderly-allowance")
	w.get("mzj-officer", "/desk").wants(http.StatusOK).says("待办", "陈桂兰", c.Number, "老年综合津贴")
	w.get("mzj-officer", "/desk/cases/"+c.ID).wants(http.StatusOK).says("现在要做", "受理申请", "陈桂兰", "申请内容", "材料")
}
