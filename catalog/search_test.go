package catalog_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/internal/i18n"
)

// shanghai is the index over the sample city, built once per test.
func shanghai(t testing.TB) *catalog.Index {
	t.Helper()
	c, problems := catalog.Load(os.DirFS("../packs/shanghai"))
	for _, p := range problems {
		t.Error(p)
	}
	return index(t, c)
}

func index(t testing.TB, c *catalog.City) *catalog.Index {
	t.Helper()
	x, err := catalog.NewIndex(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	return x
}

// TestSearch holds what people type to what they mean. A want of several ids
// asks for the first of them first, the others somewhere after it.
func TestSearch(t *testing.T) {
	x := shanghai(t)
	for _, tt := range []struct{ query, want string }{
		// Two characters are enough.
		{"低保", "subsistence-allowance"},
		{"护照", "passport"},
		{"医保", "resident-insurance medical-reimbursement"},
		{"租房", "lease-filing fund-rent-withdrawal"},
		{"积分", "residence-points"},
		{"退休", "retirement pension-claim"},
		{"驾照", "foreign-licence-exchange"},
		{"上学", "school-enrolment"},
		{"丧葬", "social-funeral-allowance"},
		// One is enough to begin with.
		{"老", "elderly-allowance"},
		{"照", "foreign-licence-exchange passport"},
		// Names, aliases, and what stands in the text.
		{"结婚登记", "marriage-registration"},
		{"敬老卡", "elderly-allowance"},
		{"老年综合津贴", "elderly-allowance"},
		{"公租房", "public-rental-housing"},
		{"居转户", "hukou-transfer"},
		{"居住证", "residence-permit residence-points"},
		{"身份证", "citizen-id-renewal"},
		{"社保卡", "social-security-card"},
		{"医保报销", "medical-reimbursement"},
		{"看病报销", "medical-reimbursement"},
		{"公积金", "fund-registration fund-rent-withdrawal"},
		{"残疾人", "disability-transport"},
		{"外国人工作", "residence-permit-foreigner work-permit-foreigner"},
		// Life events.
		{"新生儿", "new-born household-registration-newborn"},
		{"生孩子", "new-born"},
		{"开饭店", "open-restaurant food-permit"},
		{"开公司", "start-business business-registration"},
		// Whole sentences.
		{"我要办护照", "passport"},
		{"怎么申请低保", "subsistence-allowance"},
		{"结婚登记怎么办", "marriage-registration"},
		{"身份证到期", "citizen-id-renewal"},
		// Initials and pinyin.
		{"lnjt", "elderly-allowance"},
		{"jlk", "elderly-allowance"},
		{"gjj", "fund-purchase-withdrawal fund-rent-withdrawal"},
		{"laonian", "elderly-allowance"},
		{"HuZhao", "passport"},
		{"shebaoka", "social-security-card"},
		// Slips.
		{"社宝卡", "social-security-card"},
		{"护罩", "passport"},
		{"老年综合津帖", "elderly-allowance"},
		{"pasport", "passport"},
		{"mariage", "marriage-registration"},
		// English, stems and what is being typed.
		{"passport", "passport"},
		{"passports", "passport"},
		{"pass", "passport"},
		{"marriage", "marriage-registration"},
		{"renew my id card", "citizen-id-renewal"},
		{"residence permit", "residence-permit"},
		{"driving licence", "foreign-licence-exchange"},
		{"work permit", "work-permit-foreigner"},
		{"senior card", "elderly-allowance"},
		// Mixed, odd and wide.
		{"护照 passport", "passport"},
		{"ＰＡＳＳＰＯＲＴ", "passport"},
		{"  护照。", "passport"},
		{"社保卡 补办", "social-security-card"},
	} {
		var got []string
		for _, h := range x.Search(tt.query, i18n.ZH, 10) {
			got = append(got, h.Service+h.Event)
		}
		want := strings.Fields(tt.want)
		if len(got) == 0 || got[0] != want[0] {
			t.Errorf("Search(%q) = %v, want %s first", tt.query, got, want[0])
			continue
		}
		for _, id := range want[1:] {
			if !slices.Contains(got, id) {
				t.Errorf("Search(%q) = %v, want %s among them", tt.query, got, id)
			}
		}
	}
}

func TestSearchFindsNothing(t *testing.T) {
	x := shanghai(t)
	for _, q := range []string{"", "   ", "。。。", "\x00\xff", "zzqx", "宇宙飞船驾驶执照的年检预约", strings.Repeat("量子", 10_000)} {
		if got := x.Search(q, i18n.ZH, 10); len(got) != 0 {
			t.Errorf("Search(%.20q) = %v, want nothing", q, got)
		}
	}
	if got := x.Search("护照", i18n.ZH, 0); len(got) != 0 {
		t.Errorf("limit 0 gave %v", got)
	}
	if got := x.Search("登记", i18n.ZH, 3); len(got) != 3 {
		t.Errorf("limit 3 gave %d hits", len(got))
	}
}

// TestSearchRanks holds the order of the tiers: the name, an alias, words of
// the name, words of the text.
func TestSearchRanks(t *testing.T) {
	service := func(id, name, summary string, aliases ...string) *catalog.Service {
		return &catalog.Service{ID: id, Name: i18n.Text{ZH: name, EN: id}, Aliases: aliases,
			Versions: []catalog.ServiceVersion{{Summary: i18n.Text{ZH: summary, EN: "Sample."}}}}
	}
	x := index(t, &catalog.City{Services: []*catalog.Service{
		service("text", "证明开具", "领养老金前开这个证明，领养老金要用。领养老金。"),
		service("part", "关于领养老金的咨询", "电话问。"),
		service("alias", "基本养老待遇核定", "每月发钱。", "领养老金"),
		service("name", "领养老金", "每月发钱。"),
	}})
	var got []string
	for _, h := range x.Search("领养老金", i18n.ZH, 10) {
		got = append(got, h.Service)
	}
	if want := []string{"name", "alias", "part", "text"}; !slices.Equal(got, want) {
		t.Errorf("order = %v, want %v", got, want)
	}
}

// BenchmarkSearch reports the median time of a query over 200 services.
func BenchmarkSearch(b *testing.B) {
	c := &catalog.City{}
	for _, who := range []string{"老年人", "残疾人", "新生儿", "个体工商户", "外国人", "学生", "企业", "居民", "退役军人", "孕妇"} {
		for _, what := range []string{"津贴", "登记", "参保", "补贴", "许可证", "资格认定", "备案", "转移接续", "报销", "查询", "年检",
			"变更", "注销", "补办", "减免", "入学", "租房", "落户", "护照", "居住证"} {
			id := fmt.Sprint("s", len(c.Services))
			c.Services = append(c.Services, &catalog.Service{ID: id, Name: i18n.Text{ZH: who + what, EN: "Service for " + id},
				Aliases: []string{what + "（" + who + "）", "办" + what}, Versions: []catalog.ServiceVersion{{
					Summary: i18n.Text{ZH: "给" + who + "办" + what + "，网上就能办。", EN: "You get it online."},
					Who:     i18n.Text{ZH: "本市的" + who + "。", EN: "People of this city."}}}})
		}
	}
	x := index(b, c)
	queries := []string{"护照", "老年人津贴", "lnr", "我要办居住证", "学生入学怎么办", "service", "servise", "企业年检变更", "补", "报销查询"}
	times := make([]time.Duration, 0, b.N)
	for i := 0; b.Loop(); i++ {
		start := time.Now()
		x.Search(queries[i%len(queries)], i18n.ZH, 20)
		times = append(times, time.Since(start))
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds()), "p99-µs")
}
