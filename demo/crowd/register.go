package crowd

// What the registers of the sample city say of a resident, and of a firm. Shares and amounts
// are invented, of the size that they have in a large Chinese city.

func personTraits() []trait {
	return []trait{
		date("population.birth", func(p *person) int64 { return p.birth }).quiet(.001),
		word("population.sex", []string{"男", "女"}, func(p *person) int {
			if p.man {
				return 0
			}
			return 1
		}).quiet(.001),
		word("population.marital", []string{"未婚", "已婚", "离异", "丧偶"}, func(p *person) int { return p.wed }).quiet(.02),
		flag("population.alive", steady(.996)).quiet(.002),
		word("population.hukou_city", cityWords, func(p *person) int {
			if p.native {
				return 0
			}
			return 1 + p.IntN(len(cityWords)-1)
		}).quiet(.002),
		word("population.hukou_area", areaWords, func(p *person) int {
			switch {
			case !p.native:
				return none
			case p.chance(.8):
				return p.area
			}
			return p.IntN(len(areaWords))
		}),
		date("population.hukou_since", when(native, func(p *person) int64 {
			if p.chance(.7) {
				return p.birth
			}
			return p.ago(12000)
		})),
		date("population.id_until", when(between(1, 120), ahead(100, 7000))).quiet(.02),
		number("population.household_size", func(p *person) int64 { return int64(p.members) }).quiet(.02),
		date("residence.permit_since", when(rarely(stranger, .7), back(4000))),
		date("residence.permit_until", when(rarely(stranger, .75), ahead(60, 440))),
		date("residence.registered_since", when(rarely(stranger, .9), back(5000))),
		date("residence.registered_until", when(rarely(stranger, .8), ahead(90, 365))),
		word("residence.area", areaCodes, func(p *person) int { return p.area }).quiet(.02),
		word("residence.city", cityWords, func(p *person) int {
			if p.chance(.97) {
				return 0
			}
			return p.IntN(len(cityWords))
		}).quiet(.03),
		word("residence.housing", []string{"自有", "租赁", "宿舍", "亲属"}, func(p *person) int {
			if p.owner {
				return 0
			}
			return 1 + p.pick(.62, .12, .26)
		}).quiet(.05),
		flag("residence.separated", rarely(native, .3)).quiet(.1),
	}
}

func workTraits() []trait {
	return []trait{
		word("employment.status", []string{"在职", "灵活就业", "失业", "退休", "在读", "无业"}, func(p *person) int { return p.work }).quiet(.02),
		date("employment.since", when(grown, back(7000))).quiet(.03),
		word("employment.left_why", []string{"单位原因", "本人原因", "合同到期"}, only(jobless, .45, .3, .25)),
		flag("employment.registered", rarely(jobless, .7)),
		flag("employment.hard_to_place", rarely(jobless, .2)),
		date("employment.flexible_since", when(freelance, back(3000))),
		date("employment.contract_until", when(rarely(working, .85), ahead(200, 1600))),
		word("employment.area", areaCodes, func(p *person) int {
			switch {
			case p.work != workEmployed:
				return none
			case p.chance(.5):
				return p.area
			}
			return p.IntN(len(areaCodes))
		}),
		flag("employment.platform", rarely(freelance, .5)),
		number("employment.benefit_months", when(jobless, upTo(25))),
		number("insurance.months", func(p *person) int64 { return p.months }).quiet(.01),
		fixed("insurance.base_ratio", when(working, func(p *person) int64 { return p.ratio })),
		word("insurance.kind", []string{"职工", "灵活就业"}, func(p *person) int {
			switch p.work {
			case workEmployed, workRetired:
				return 0
			case workFlexible:
				return 1
			}
			return none
		}).quiet(.03),
		flag("insurance.paying", rarely(working, .94)).quiet(.01),
		number("insurance.months_in_row", func(p *person) int64 { return p.Int64N(p.months/3 + 1) }).quiet(.01),
		number("insurance.months_4y", func(p *person) int64 { return min(p.months, p.Int64N(49)) }).quiet(.01),
		number("insurance.unemployment_months", when(between(17, 65), func(p *person) int64 { return p.months * p.Int64N(100) / 100 })),
		number("insurance.employer_wage", when(working, func(p *person) int64 { return 6000 + int64(p.ExpFloat64()*6000) })),
		word("pension.kind", []string{"职工", "城乡居民"}, only(grown, .85, .15)).quiet(.05),
		date("pension.due_on", func(p *person) int64 {
			if p.age < 16 {
				return none
			}
			years := int64(63)
			if !p.man {
				years = 55 + 3*int64(p.Uint32()&1)
			}
			return p.birth + years*36525/100
		}).quiet(.02),
		date("pension.since", when(retired, back(7000))),
		number("pension.monthly", when(retired, func(p *person) int64 { return p.income })),
		number("fund.months", when(grown, func(p *person) int64 { return p.months * 7 / 10 })).quiet(.01),
		fixed("fund.balance", when(working, func(p *person) int64 { return p.income * p.months * p.Int64N(16) })).quiet(.01),
		flag("fund.loan", rarely(owner, .3)),
		flag("fund.withdrawing", rarely(working, .1)),
		word("fund.area", areaWords, func(p *person) int {
			if p.work != workEmployed {
				return none
			}
			return p.area
		}),
		number("tax.income_months", when(grown, func(p *person) int64 { return p.months * 4 / 5 })).quiet(.02),
		word("skill.level", []string{"五级", "四级", "三级", "二级", "一级"}, only(rarely(grown, .22), .28, .35, .25, .1, .02)),
		word("skill.title", []string{"初级", "中级", "高级"}, only(rarely(grown, .16), .45, .4, .15)),
		date("skill.issued", when(rarely(grown, .2), back(3500))),
		flag("skill.claimed", steady(.06)).quiet(.7),
		number("points.total", when(rarely(stranger, .25), func(p *person) int64 { return 60 + p.Int64N(110) })),
		number("points.graduate", when(rarely(between(21, 30), .08), func(p *person) int64 { return 40 + p.Int64N(50) })),
		word("education.degree", []string{"初中", "高中", "中专", "大专", "本科", "学士", "硕士", "博士"}, degree).quiet(.04),
		date("education.graduated", when(grown, func(p *person) int64 { return min(p.birth+int64(16+p.IntN(12))*365, p.today+200) })).quiet(.1),
		flag("education.full_time", steady(.7)).quiet(.1),
		word("education.school_kind", []string{"上海双一流", "上海高校", "外地高校", "境外高校"}, only(rarely(grown, .45), .08, .32, .55, .05)),
		word("student.stage", []string{"幼儿园", "小学", "初中", "高中", "中职", "大学"}, func(p *person) int {
			switch {
			case p.age < 3:
				return none
			case p.age < 6:
				return 0
			case p.age < 11:
				return 1
			case p.age < 15:
				return 2
			case p.age < 18:
				return 3 + p.pick(.65, .35)
			case p.work == workStudent:
				return 5
			}
			return none
		}),
		number("student.grade", when(studying, func(p *person) int64 { return 1 + p.Int64N(5) })),
		flag("student.full_time", func(p *person) bool { return p.chance(.9) }).quiet(.6),
		flag("student.boarding", rarely(studying, .3)).quiet(.5),
	}
}

func degree(p *person) int {
	switch {
	case p.age < 15:
		return none
	case p.age < 18:
		return p.pick(.7, .3)
	case p.age < 45:
		return p.pick(.18, .14, .09, .2, .12, .2, .06, .01)
	}
	return p.pick(.48, .22, .08, .11, .05, .04, .015, .005)
}

func homeTraits() []trait {
	return []trait{
		number("property.homes", func(p *person) int64 {
			if !p.owner {
				return 0
			}
			return 1 + int64(p.pick(.8, .17, .03))
		}).quiet(.01),
		fixed("property.area_m2", when(owner, func(p *person) int64 { return 2500 + int64(p.ExpFloat64()*6000) })),
		fixed("property.area_per_person", func(p *person) int64 { return 500 + int64(p.ExpFloat64()*2200) }).quiet(.04),
		date("property.bought_on", when(owner, back(9000))),
		date("lease.filed_until", when(func(p *person) bool { return !p.owner && p.chance(.35) }, ahead(300, 500))),
		number("lease.rent", when(func(p *person) bool { return !p.owner && p.chance(.5) }, func(p *person) int64 { return 800 + int64(p.ExpFloat64()*2500) })),
		word("lease.city", cityWords, func(p *person) int {
			switch {
			case p.owner || p.chance(.6):
				return none
			case p.chance(.95):
				return 0
			}
			return p.IntN(len(cityWords))
		}),
		date("credit.housing_bar_until", when(steady(.003), ahead(900, 900))),
		word("benefits.housing_scheme", []string{"无", "公租房", "廉租房", "共有产权房"}, only(everybody, .93, .03, .015, .025)).quiet(.2),
	}
}

func familyTraits() []trait {
	return []trait{
		word("marriage.status", []string{"未婚", "已婚", "离异"}, func(p *person) int {
			if p.age < 22 || p.wed == 3 {
				return none
			}
			return p.wed
		}),
		date("marriage.date", when(func(p *person) bool { return p.wed > 0 }, back(15000))),
		date("bereavement.died_on", when(steady(.03), back(3000))),
		word("bereavement.kinship", []string{"配偶", "子女", "父母", "其他"}, only(steady(.03), .3, .05, .55, .1)),
		date("birth.child_birth", when(newParent, back(2500))),
		word("birth.certificate_no", certificates(), only(steady(.12), 1)),
		word("birth.child_id", certificates(), only(steady(.1), 1)),
		flag("birth.difficult", steady(.02)).quiet(.8),
		number("family.children", func(p *person) int64 { return int64(p.children) }).quiet(.01),
		number("family.minor_children", func(p *person) int64 {
			if p.age > 60 {
				return 0
			}
			return p.Int64N(int64(p.children) + 1)
		}).quiet(.01),
		number("family.children_under3", func(p *person) int64 {
			if p.age > 45 || p.children == 0 {
				return 0
			}
			return int64(p.pick(.85, .14, .01))
		}).quiet(.01),
		date("family.youngest_birth", when(parent, func(p *person) int64 { return min(max(p.ago(11000), p.birth+18*365), p.today) })),
		flag("family.only_child_certificate", rarely(parent, .3)),
		flag("family.single_parent", func(p *person) bool { return p.children > 0 && p.wed > 1 && p.chance(.5) }),
		number("guardian.orphans", when(steady(.002), func(p *person) int64 { return 1 + p.Int64N(2) })),
		number("guardian.unguarded", when(steady(.003), func(p *person) int64 { return 1 + p.Int64N(2) })),
		word("hardship.kind", []string{"低保", "低收入", "支出型贫困", "特困"}, only(poor, .5, .38, .08, .04)),
		number("hardship.per_person", func(p *person) int64 {
			if p.poor {
				return 300 + p.Int64N(2600)
			}
			return (p.income + p.Int64N(9000)) / 2
		}).quiet(.35),
		number("hardship.assets_per_person", exponential(90000)).quiet(.4),
		number("hardship.members", when(poor, func(p *person) int64 { return int64(p.members) })),
		number("hardship.minors", when(poor, upTo(3))),
		date("hardship.since", when(poor, back(3000))),
	}
}

// certificates are the numbers of certificates, too few for each to have its own.
func certificates() []string { return []string{"X990000001"} }

func careTraits() []trait {
	return []trait{
		word("medical.kind", []string{"职工", "居民"}, func(p *person) int {
			if p.work == workEmployed || p.work == workRetired && p.chance(.85) {
				return 0
			}
			return p.pick(.25, .75)
		}).quiet(.03),
		date("medical.since", back(9000)).quiet(.05),
		flag("medical.active", steady(.96)).quiet(.02),
		word("health.serious_illness", []string{"尿毒症透析", "器官移植抗排异", "恶性肿瘤", "精神病"}, only(func(p *person) bool { return p.chance(.002 + float64(p.age)*.0004) }, .06, .02, .72, .2)),
		word("health.chronic", []string{"高血压", "糖尿病", "两者都有"}, only(func(p *person) bool { return p.chance(.01 + float64(max(p.age-30, 0))*.009) }, .6, .2, .2)),
		number("health.care_grade", when(rarely(between(60, 120), .3), func(p *person) int64 { return int64(p.pick(.3, .25, .18, .12, .09, .06)) })),
		date("health.last_screening", when(rarely(between(35, 120), .5), back(2500))),
		flag("health.pneumonia_vaccine", rarely(between(60, 120), .35)).quiet(.3),
		number("health.own_costs", exponential(900)).quiet(.05),
		word("disability.grade", []string{"一级", "二级", "三级", "四级"}, only(disabled, .14, .22, .3, .34)),
		word("disability.kind", []string{"视力", "听力", "言语", "肢体", "智力", "精神", "多重"}, only(disabled, .16, .14, .02, .45, .08, .1, .05)),
		date("disability.certificate_until", when(disabled, ahead(300, 3300))),
		number("donor.millilitres", when(rarely(grown, .15), func(p *person) int64 { return 200 * (1 + int64(p.ExpFloat64()*6)) })),
		word("donor.award", []string{"铜奖", "银奖", "金奖", "终身荣誉奖"}, only(rarely(grown, .01), .5, .3, .15, .05)),
	}
}

func civicTraits() []trait {
	return []trait{
		word("veteran.kind", []string{"退役士兵", "伤残军人", "烈属", "老复员军人"}, only(veteran, .93, .03, .02, .02)),
		number("veteran.disability_grade", when(rarely(veteran, .03), func(p *person) int64 { return 1 + p.Int64N(10) })),
		date("veteran.left_on", when(veteran, back(14000))),
		flag("veteran.card", rarely(veteran, .8)),
		date("passport.until", when(steady(.3), ahead(700, 3000))),
		date("passport.hkm_until", when(steady(.25), ahead(700, 3000))),
		date("vehicle.licence_until", when(rarely(grown, .4), ahead(300, 3300))),
		number("vehicle.cars", when(grown, func(p *person) int64 { return int64(p.pick(.68, .28, .04)) })).quiet(.02),
		word("foreigner.nationality", landWords, func(p *person) int {
			if !p.foreign {
				return none
			}
			return p.IntN(len(landWords))
		}),
		word("foreigner.category", []string{"A", "B", "C"}, only(foreigner, .2, .7, .1)),
		date("foreigner.work_permit_until", when(rarely(foreigner, .6), ahead(100, 700))),
		date("foreigner.stay_until", when(foreigner, ahead(100, 1700))),
		date("foreigner.stay_since", when(foreigner, back(2500))),
	}
}

// firmTraits are the few facts of a firm that others hang on; what else a pack
// asks of firms is drawn plainly.
func firmTraits() []trait {
	return []trait{
		date("enterprise.founded", back(9000)),
		word("enterprise.status", []string{"存续", "注销", "吊销"}, only(everybody, .95, .03, .02)),
		word("enterprise.area", areaCodes, func(p *person) int { return p.area }).quiet(.01),
		word("enterprise.kind", []string{"有限责任公司", "个体工商户", "股份有限公司"}, only(everybody, .68, .3, .02)),
		word("enterprise.industry", []string{"零售", "餐饮", "批发", "居民服务", "制造业", "软件和信息技术", "科技服务", "建筑", "交通运输", "教育", "文体娱乐", "其他"},
			only(everybody, .2, .14, .13, .11, .1, .08, .07, .06, .04, .02, .02, .03)).quiet(.02),
		word("enterprise.size", []string{"微型", "小型", "中型", "大型"}, only(everybody, .72, .22, .05, .01)).quiet(.03),
		word("enterprise.ownership", []string{"民营", "国有", "外资"}, only(everybody, .93, .03, .04)).quiet(.02),
		number("staff.insured", exponential(18)).quiet(.05),
		number("staff.insured_before", exponential(18)).quiet(.1),
		number("staff.now", exponential(20)).quiet(.1),
		number("staff.left", exponential(2)).quiet(.1),
		flag("staff.arrears", steady(.03)).quiet(.05),
		word("tax.grade", []string{"A", "B", "M", "C", "D"}, only(everybody, .12, .5, .28, .07, .03)).quiet(.1),
		word("tax.taxpayer", []string{"小规模纳税人", "一般纳税人"}, only(everybody, .75, .25)).quiet(.02),
		flag("tax.arrears", steady(.03)).quiet(.02),
		flag("credit.blacklisted", steady(.01)),
		flag("standing.abnormal", steady(.04)),
	}
}
