package desk_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/tongban/tongban/casework"
)

// posted is a posted form: pairs of a name and its value.
func posted(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

func at(c casework.Case, rest string) string { return "/desk/cases/" + c.ID + rest }

// now is how the case stands.
func (w *world) now(c casework.Case) casework.Case {
	w.t.Helper()
	now, err := w.office.Case(w.ctx, w.officer("mzj-decider"), c.ID)
	w.must(err)
	return now
}

func (w *world) stands(c casework.Case, want casework.Status) casework.Case {
	w.t.Helper()
	now := w.now(c)
	if now.Status != want {
		w.t.Errorf("the case is %s, want %s", now.Status, want)
	}
	return now
}

// allowance is a case of the civil affairs bureau, worked to where a duty waits.
func allowance(t *testing.T, duty string) (*world, casework.Case) {
	w := newWorld(t)
	c := w.apply("chen-guilan", "elderly-allowance")
	for _, step := range []struct{ duty, choice string }{{casework.DutyAccept, "accept"}, {casework.DutyReview, "approve"}} {
		if step.duty == duty {
			return w, c
		}
		w.does("mzj-officer", c, step.duty, step.choice, "")
	}
	return w, c
}

func TestAccept(t *testing.T) {
	w, c := allowance(t, casework.DutyAccept)
	w.post("mzj-officer", at(c, "/tasks/t1"), posted("choice", "sing")).wants(http.StatusUnprocessableEntity).says("请从给出的选项里选一个", "受理申请")
	w.post("gaj-officer", at(c, "/tasks/t1"), posted("choice", "accept")).wants(http.StatusNotFound)
	w.stands(c, casework.Submitted)
	w.post("mzj-officer", at(c, "/tasks/t1"), posted("choice", "accept")).to(at(c, "?done=accept"))
	w.stands(c, casework.Accepted)
	w.get("mzj-officer", at(c, "?done=accept")).says("已受理", "办下一件", "审查材料", "完成审查")
	w.get("mzj-officer", at(c, "?done=<script>")).silent("script")
}

func TestRefuse(t *testing.T) {
	w, c := allowance(t, casework.DutyAccept)
	page := at(c, "/tasks/t1/decision")
	w.get("mzj-officer", page+"?choice=refuse").wants(http.StatusOK).says("不予受理的理由", "陈桂兰", c.Number)
	w.post("mzj-officer", page, posted("choice", "refuse", "step", "preview")).wants(http.StatusUnprocessableEntity).says("请写明理由")
	w.post("mzj-officer", page, posted("choice", "approve", "note", "x", "step", "confirm")).wants(http.StatusUnprocessableEntity).says("请从给出的选项里选一个")
	reasons := "不属于本部门\n请向区民政局申请"
	preview := w.post("mzj-officer", page, posted("choice", "refuse", "note", reasons, "step", "preview")).wants(http.StatusOK)
	preview.says("上海市民政局", "申请不予受理通知书", "不属于本部门", "行政复议", "签发后盖章", "陈桂兰")
	w.stands(c, casework.Submitted)
	back := w.post("mzj-officer", page, posted("choice", "refuse", "note", reasons, "step", "edit")).wants(http.StatusOK)
	if !strings.Contains(back.Body, "不属于本部门\n请向区民政局申请</textarea>") {
		t.Error("back from the letter: the reasons are gone")
	}
	w.post("mzj-officer", page, posted("choice", "refuse", "note", reasons, "step", "confirm")).to(at(c, "?done=refuse"))
	w.stands(c, casework.Refused)
	w.get("mzj-officer", at(c, "")).says("不予受理", "这个办件已经结束", "不属于本部门")
	w.get("mzj-officer", at(c, "/letter")).wants(http.StatusOK).says("申请不予受理通知书", "不属于本部门", "示例印章", "行政复议")
}

func TestReview(t *testing.T) {
	w, c := allowance(t, casework.DutyReview)
	task := at(c, "/tasks/t2")
	w.get("mzj-officer", at(c, "")).says("审查意见", "符合条件", "不符合条件")
	w.post("mzj-officer", task, posted()).wants(http.StatusUnprocessableEntity).says("请从给出的选项里选一个")
	again := w.post("mzj-officer", task, posted("choice-t2", "reject", "note-t2", " ")).wants(http.StatusUnprocessableEntity).says("请写明理由")
	if !strings.Contains(again.Body, `value="reject" checked`) || !strings.Contains(again.Body, `href="#note-t2"`) {
		t.Error("the choice is gone, or the mistake does not lead to its field")
	}
	long := w.post("mzj-officer", task, posted("choice-t2", "approve", "note-t2", strings.Repeat("长", 2001))).wants(http.StatusUnprocessableEntity).says("请写得短一些")
	if !strings.Contains(long.Body, strings.Repeat("长", 2001)) {
		t.Error("the long note is gone")
	}
	w.post("mzj-officer", task, posted("choice-t2", "reject", "note-t2", "户籍不符")).to(at(c, "?done=review"))
	w.get("mzj-officer", at(c, "")).says("完成“审查材料”：不符合条件", "户籍不符")
}

func TestDecide(t *testing.T) {
	for _, tt := range []struct {
		choice, note, letter string
		want                 casework.Status
	}{
		{"approve", "", "关于同意“老年综合津贴（敬老卡）”申请的决定", casework.Closed},
		{"reject", "年龄不到六十五岁", "关于不同意“老年综合津贴（敬老卡）”申请的决定", casework.Rejected},
	} {
		t.Run(tt.choice, func(t *testing.T) {
			w, c := allowance(t, casework.DutyDecide)
			page := at(c, "/tasks/t3/decision")
			w.get("mzj-officer", page).wants(http.StatusForbidden)
			w.get("mzj-officer", at(c, "")).says("正在办的", "决定").silent("作出决定")
			w.get("mzj-decider", at(c, "")).says("作出决定")
			w.post("mzj-officer", page, posted("choice", tt.choice, "note", tt.note, "step", "confirm")).wants(http.StatusForbidden)
			w.post("mzj-decider", page, posted("step", "preview")).wants(http.StatusUnprocessableEntity).says("请从给出的选项里选一个").silent("请写明理由")
			w.post("mzj-decider", page, posted("choice", tt.choice, "note", tt.note, "step", "preview")).wants(http.StatusOK).says(tt.letter, tt.note, "签发后不能撤回")
			w.stands(c, casework.Accepted)
			long := posted("choice", tt.choice, "note", strings.Repeat("长", 2001), "step", "confirm")
			w.post("mzj-decider", page, long).wants(http.StatusUnprocessableEntity).says("请写得短一些")
			w.post("mzj-decider", page, posted("choice", tt.choice, "note", tt.note, "step", "confirm")).to(at(c, "?done="+tt.choice))
			w.stands(c, tt.want)
			w.get("mzj-officer", at(c, "/letter")).wants(http.StatusOK).says(tt.letter, tt.note)
			w.get("dsj-supervisor", at(c, "/letter")).wants(http.StatusForbidden)
		})
	}
}

// Reviews and the like are no decisions, whatever the address says.
func TestNoDecision(t *testing.T) {
	w, c := allowance(t, casework.DutyReview)
	w.get("mzj-officer", at(c, "/tasks/t2/decision")).wants(http.StatusNotFound)
	w.post("mzj-officer", at(c, "/tasks/t2/decision"), posted("choice", "approve")).wants(http.StatusNotFound)
}

// When a colleague was quicker, the page says so, keeps the words, and the case
// is as the colleague left it.
func TestOvertaken(t *testing.T) {
	w, c := allowance(t, casework.DutyReview)
	w.does("mzj-decider", c, casework.DutyReview, "approve", "同事写的")
	p := w.post("mzj-officer", at(c, "/tasks/t2"), posted("choice-t2", "reject", "note-t2", "我写了很久的理由")).wants(http.StatusConflict)
	p.says("情况已经变了", "这项工作已经有人做完了", "没有被改动", "完成“审查材料”：符合条件", "我写了很久的理由", "回到办件")
	w.does("mzj-decider", c, casework.DutyDecide, "approve", "")
	for _, address := range []string{"/tasks/t3/decision", "/tasks/t99/decision"} {
		w.get("mzj-decider", at(c, address)).wants(http.StatusConflict).says("情况已经变了", "决定：同意")
		w.post("mzj-decider", at(c, address), posted("choice", "reject", "note", "我的理由", "step", "confirm")).wants(http.StatusConflict).says("我的理由")
	}
	w.stands(c, casework.Closed)
}

func TestConsult(t *testing.T) {
	w, c := allowance(t, casework.DutyReview)
	page := at(c, "/consult")
	w.get("mzj-officer", page).wants(http.StatusOK).says("征求其他部门意见", "上海市公安局").silent("上海市民政局")
	w.post("mzj-officer", page, posted("agency", "no-such", "question", "?")).wants(http.StatusUnprocessableEntity).says("没有这个部门")
	again := w.post("mzj-officer", page, posted("agency", "gaj")).wants(http.StatusUnprocessableEntity).says("请写明理由")
	if !strings.Contains(again.Body, `value="gaj" selected`) {
		t.Error("the chosen agency is gone")
	}
	w.get("gaj-officer", at(c, "")).wants(http.StatusNotFound)
	w.post("mzj-officer", page, posted("agency", "gaj", "question", "户籍是否在本市？")).to(at(c, "?done=ask"))
	w.get("mzj-officer", at(c, "?done=ask")).says("已向对方部门征求意见", "户籍是否在本市？", "还没有答复")
	seen := w.get("gaj-officer", at(c, "")).wants(http.StatusOK).says("户籍是否在本市？", "您的意见", "答复意见")
	seen.silent("陈桂兰", "310106195403129925", "19900000001")
	w.post("gaj-officer", at(c, "/tasks/consult1"), posted("choice", "done")).wants(http.StatusUnprocessableEntity).says("请写明理由")
	w.post("gaj-officer", at(c, "/tasks/consult1"), posted("choice", "done", "note-consult1", "户籍在静安区。")).to(at(c, "?done=consult"))
	w.get("mzj-officer", at(c, "")).says("户籍在静安区。", "答复")
	w.post("gaj-officer", at(c, "/tasks/consult1"), posted("choice", "done", "note-consult1", "再答一次")).wants(http.StatusConflict).says("再答一次")
}

func TestSuspendAndResume(t *testing.T) {
	w, c := allowance(t, casework.DutyReview)
	w.get("mzj-officer", at(c, "/resume")).wants(http.StatusConflict)
	w.get("mzj-officer", at(c, "/suspend")).wants(http.StatusOK).says("听证", "现场核查", "第四十五条")
	w.post("mzj-officer", at(c, "/suspend"), posted("procedure", "party", "reason", "x")).wants(http.StatusUnprocessableEntity).says("请从给出的选项里选一个")
	w.post("mzj-officer", at(c, "/suspend"), posted("procedure", "inspection")).wants(http.StatusUnprocessableEntity).says("请写明理由")
	w.post("mzj-officer", at(c, "/suspend"), posted("procedure", "inspection", "reason", "上门核查")).to(at(c, "?done=suspend"))
	w.stands(c, casework.Suspended)
	w.get("mzj-officer", at(c, "")).says("特别程序进行中", "现场核查", "继续计时").silent("完成审查", "启动特别程序，停止计时")
	w.get("mzj-officer", "/desk").says("都办完了")
	again := w.post("mzj-officer", at(c, "/suspend"), posted("procedure", "hearing", "reason", "再停一次")).wants(http.StatusConflict)
	again.says("情况已经变了", "再停一次")
	w.post("mzj-officer", at(c, "/resume"), posted("note", "核查属实")).to(at(c, "?done=resume"))
	w.stands(c, casework.Accepted)
	w.get("mzj-officer", at(c, "")).says("继续计时，最晚", "核查属实", "完成审查")
}

func TestExtend(t *testing.T) {
	w, c := allowance(t, casework.DutyReview)
	w.get("mzj-officer", at(c, "")).silent("延长办理期限")
	w.get("mzj-officer", at(c, "/extend")).wants(http.StatusForbidden).says("延长期限要由有签发权的同事办")
	w.post("mzj-officer", at(c, "/extend"), posted("reason", "x")).wants(http.StatusForbidden)
	w.get("mzj-decider", at(c, "/extend")).wants(http.StatusOK).says("只能延长一次", "第四十二条")
	w.post("mzj-decider", at(c, "/extend"), posted()).wants(http.StatusUnprocessableEntity).says("请写明理由")
	before := w.now(c).DueAt
	w.post("mzj-decider", at(c, "/extend"), posted("reason", "需要外地协查")).to(at(c, "?done=extend"))
	if after := w.now(c).DueAt; !after.After(before) {
		t.Errorf("due: got %s, want after %s", after, before)
	}
	w.get("mzj-decider", at(c, "/extend")).wants(http.StatusConflict)
	w.post("mzj-decider", at(c, "/extend"), posted("reason", "再延一次")).wants(http.StatusConflict).says("期限只能延长一次", "再延一次")
}

func TestSupplement(t *testing.T) {
	w := newWorld(t)
	c := w.apply("zhang-min", "public-rental-housing")
	page := at(c, "/supplement")
	p := w.get("fgj-officer", page).wants(http.StatusOK).says("只能通知一次，请一次说全", "第三十二条", "身份证")
	if !strings.Contains(p.Body, `value="请重新提交“身份证”。"`) {
		t.Error("the words to begin with are missing")
	}
	id := w.documents(c)[0]
	w.post("fgj-officer", page, posted("step", "preview")).wants(http.StatusUnprocessableEntity).says("请写明要补哪些材料")
	w.post("fgj-officer", page, posted("step", "confirm")).wants(http.StatusUnprocessableEntity)
	empty := w.post("fgj-officer", page, posted("doc-"+id, "yes", "doc-"+id+"-what", " ", "step", "preview")).wants(http.StatusUnprocessableEntity).says("请写明要补什么")
	if !strings.Contains(empty.Body, `href="#doc-`+id+`-what"`) || !strings.Contains(empty.Body, `id="doc-`+id+`" name="doc-`+id+`" value="yes" checked`) {
		t.Error("the mistake does not lead to its field, or the tick is gone")
	}
	whole := posted("doc-"+id, "yes", "doc-"+id+"-what", "身份证反面看不清", "free-2-what", "劳动合同原件", "note", "可以到就近窗口交")
	whole.Set("step", "preview")
	preview := w.post("fgj-officer", page, whole).wants(http.StatusOK)
	preview.says("补正材料通知书", "上海市房屋管理局", "张敏", "身份证反面看不清", "劳动合同原件", "可以到就近窗口交")
	whole.Set("step", "edit")
	back := w.post("fgj-officer", page, whole).wants(http.StatusOK)
	for _, want := range []string{"身份证反面看不清", "劳动合同原件", "可以到就近窗口交"} {
		if !strings.Contains(back.Body, want) {
			t.Errorf("back from the notice: %q is gone", want)
		}
	}
	w.suppl(c, page, whole)
}

// suppl sends the notice, once.
func (w *world) suppl(c casework.Case, page string, whole url.Values) {
	w.t.Helper()
	whole.Set("step", "confirm")
	long := posted("free-1-what", "x", "note", strings.Repeat("长", 2001), "step", "confirm")
	w.post("fgj-officer", page, long).wants(http.StatusUnprocessableEntity).says("请写得短一些")
	w.post("fgj-officer", page, whole).to(at(c, "?done=supplement"))
	w.get("fgj-officer", at(c, "?done=supplement")).says("现在轮到申请人", "身份证反面看不清", "在等申请人补材料", "看通知书").silent("受理申请")
	w.get("fgj-officer", at(c, "/notice")).wants(http.StatusOK).says("补正材料通知书", "劳动合同原件")
	w.post("fgj-officer", page, whole).wants(http.StatusConflict).says("情况已经变了", "可以到就近窗口交")
	w.get("fgj-officer", page).wants(http.StatusConflict)
	w.get("dsj-supervisor", at(c, "/notice")).wants(http.StatusForbidden)
}

// documents are the requirements of a case.
func (w *world) documents(c casework.Case) []string {
	now, err := w.office.Case(w.ctx, w.officer("fgj-officer"), c.ID)
	w.must(err)
	var ids []string
	for _, it := range now.Evidence {
		ids = append(ids, it.Requirement.ID)
	}
	return ids
}

func TestNoticeNotSent(t *testing.T) {
	w, c := allowance(t, casework.DutyAccept)
	w.get("mzj-officer", at(c, "/notice")).wants(http.StatusNotFound)
}

// A benefit is paid out and recorded as delivered by an officer.
func TestDeliver(t *testing.T) {
	w := newWorld(t)
	c := w.apply("chen-guilan", "maternity-refund")
	w.does("ybj-decider", c, casework.DutyAccept, "accept", "")
	w.does("ybj-decider", c, casework.DutyReview, "approve", "")
	w.does("ybj-decider", c, casework.DutyDecide, "approve", "")
	task := w.task("ybj-officer", c, casework.DutyDeliver)
	w.get("ybj-officer", at(c, "")).says("送达情况", "记为已送达")
	long := posted("choice", "done", "note-"+task.ID, strings.Repeat("长", 2001))
	w.post("ybj-officer", at(c, "/tasks/"+task.ID), long).wants(http.StatusUnprocessableEntity).says("请写得短一些")
	w.post("ybj-officer", at(c, "/tasks/"+task.ID), posted("choice", "done", "note-"+task.ID, "已转账")).to(at(c, "?done=deliver"))
	w.get("ybj-officer", at(c, "?done=deliver")).says("已记为送达", "已转账")
}
