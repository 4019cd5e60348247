package bench

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/workday"
)

// The thousand policies are the sample city's own that are in force, and then
// variants of them such as districts and former years have: other thresholds, and
// conditions of other policies of the same sector beside their own, or of the
// kinds that districts add.

// policiesOf are n policies for residents that are in force on a day, the same
// for the same seed.
func policiesOf(city *catalog.City, day workday.Date, seed uint64, n int) []*catalog.Policy {
	var all, real []*catalog.Policy
	pools := map[string][]catalog.PolicyCondition{}
	for _, p := range city.Policies {
		if p.Audience != "resident" || !p.InForce(day) {
			continue
		}
		real = append(real, p)
		for _, c := range p.ConditionsOn(day) {
			if !strings.Contains(c.When, "score()") { // that is of its own policy's tables
				pools[p.Sector] = append(pools[p.Sector], c)
			}
		}
	}
	all = append(all, real[:min(n, len(real))]...)
	r := rand.New(rand.NewPCG(seed, 0x9E3779B97F4A7C15))
	for i := len(all); i < n; i++ {
		base := real[r.IntN(len(real))]
		all = append(all, variant(r, base, fmt.Sprintf("%s-%04d", base.ID, i), base.ConditionsOn(day), pools[base.Sector]))
	}
	return all
}

// variant is a policy with three to six conditions.
func variant(r *rand.Rand, base *catalog.Policy, id string, own, pool []catalog.PolicyCondition) *catalog.Policy {
	p := *base
	p.ID, p.Conditions, p.Held, p.Amount = id, nil, "", nil
	written := map[string]bool{}
	add := func(when string) {
		if !written[when] {
			written[when] = true
			p.Conditions = append(p.Conditions, catalog.PolicyCondition{ID: fmt.Sprintf("c%d", len(p.Conditions)+1), When: when})
		}
	}
	want := 3 + r.IntN(4)
	for _, c := range own[:min(len(own), want)] {
		add(changed(r, c.When))
	}
	for len(p.Conditions) < want {
		switch {
		case r.IntN(3) == 0:
			add(local(r))
		default:
			add(changed(r, pool[r.IntN(len(pool))].When))
		}
	}
	return &p
}

var (
	limit = regexp.MustCompile(`(>=|<=|<|>) (\d+(\.\d+)?)`)
	list  = regexp.MustCompile(`\['[^\]]*'\]`)
)

// changed is a rule with some of its numbers and lists as another agency might
// have them.
func changed(r *rand.Rand, rule string) string {
	rule = limit.ReplaceAllStringFunc(rule, func(found string) string {
		op, digits, _ := strings.Cut(found, " ")
		n, err := strconv.ParseFloat(digits, 64)
		if err != nil || n < 2 || r.IntN(3) == 0 {
			return found
		}
		n *= oneOf(r, .5, .6, .75, .8, .9, 1.1, 1.2, 1.25, 1.5, 2)
		switch {
		case strings.Contains(digits, "."):
			return op + " " + strconv.FormatFloat(n, 'f', 1, 64)
		case n > 1000:
			n = float64(int(n/10) * 10)
		}
		return op + " " + strconv.Itoa(int(n))
	})
	return list.ReplaceAllStringFunc(rule, func(found string) string {
		words := strings.Split(strings.Trim(found, "[]"), ", ")
		if len(words) > 2 && r.IntN(3) == 0 {
			r.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
			words = words[:len(words)-1]
		}
		return "[" + strings.Join(words, ", ") + "]"
	})
}

// The districts, as registers of addresses write them and by their codes.
var (
	areaWords = []string{"浦东新区", "闵行区", "宝山区", "松江区", "嘉定区", "杨浦区", "普陀区", "静安区", "徐汇区", "奉贤区", "青浦区", "虹口区", "长宁区", "金山区", "崇明区", "黄浦区"}
	areaCodes = []string{"310115", "310112", "310113", "310117", "310114", "310110", "310107", "310106", "310104", "310120", "310118", "310109", "310105", "310116", "310151", "310101"}
)

// oneOf is one of a short list.
func oneOf[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

// some is n to m different words, as a list of a rule.
func some(r *rand.Rand, words []string, n, m int) string {
	order := r.Perm(len(words))[:n+r.IntN(m-n+1)]
	quoted := make([]string, len(order))
	for i, w := range order {
		quoted[i] = "'" + words[w] + "'"
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// local is a condition of the kinds that districts add: their own people, an
// interval of ages, months of insurance, means, and sums of such.
func local(r *rand.Rand) string {
	switch r.IntN(12) {
	case 0:
		return "residence.area in " + some(r, areaCodes, 1, 4)
	case 1:
		return "population.hukou_area in " + some(r, areaWords, 1, 3)
	case 2, 3:
		from := oneOf(r, 0, 3, 6, 12, 16, 18, 22, 25, 30, 35, 40, 45, 50, 60, 65, 70, 80, 90)
		return fmt.Sprintf("age(population.birth) >= %d && age(population.birth) < %d", from, from+oneOf(r, 3, 5, 10, 15, 20, 25, 30))
	case 4:
		return fmt.Sprintf("insurance.months >= %d", oneOf(r, 6, 12, 24, 36, 60, 72, 84, 96, 120, 180, 240, 300))
	case 5:
		return fmt.Sprintf("insurance.months >= (population.sex == '男' ? %d : %d)", oneOf(r, 216, 240, 300), oneOf(r, 120, 150, 180))
	case 6:
		return fmt.Sprintf("insurance.months / 12 + age(population.birth) >= %d", oneOf(r, 60, 65, 70, 75, 80, 85))
	case 7:
		return fmt.Sprintf("insurance.base_ratio >= %s", oneOf(r, "0.6", "0.8", "1.0", "1.2", "1.5", "2.0"))
	case 8:
		return fmt.Sprintf("hardship.per_person * family.children <= %d", oneOf(r, 1510, 2660, 4030, 6000, 9000))
	case 9:
		return fmt.Sprintf("months(residence.permit_since, today()) >= %d || population.hukou_city == '上海'", oneOf(r, 6, 12, 24, 36, 60, 84))
	case 10:
		return fmt.Sprintf("family.minor_children * 2 + guardian.orphans >= %d || family.children >= %d", oneOf(r, 2, 3), oneOf(r, 2, 3))
	}
	return fmt.Sprintf("population.sex == '男' ? age(population.birth) >= %d : age(population.birth) >= %d", oneOf(r, 58, 60, 63), oneOf(r, 50, 53, 55))
}
