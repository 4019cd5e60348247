package portal

import (
	"context"
	"regexp"
	"strings"

	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/web/ui"
)

var articleForm = regexp.MustCompile(`第([〇零一二两三四五六七八九十百千]+)条`)

// article is the place in a law in the page's language: laws count their
// articles in Chinese numerals, "第三十八条" is "article 38".
func article(ctx context.Context, zh string) string {
	if ui.Lang(ctx) == i18n.ZH {
		return zh
	}
	said := articleForm.ReplaceAllStringFunc(zh, func(one string) string {
		return ui.T(ctx, "portal.article", "n", numeral(articleForm.FindStringSubmatch(one)[1]))
	})
	return strings.ReplaceAll(said, "、", ", ")
}

// numeral is a Chinese number below ten thousand.
func numeral(s string) int {
	digits := map[rune]int{'一': 1, '二': 2, '两': 2, '三': 3, '四': 4, '五': 5, '六': 6, '七': 7, '八': 8, '九': 9}
	units := map[rune]int{'十': 10, '百': 100, '千': 1000}
	sum, digit := 0, 0
	for _, r := range s {
		if unit, ok := units[r]; ok {
			sum += max(1, digit) * unit
			digit = 0
			continue
		}
		digit = digits[r]
	}
	return sum + digit
}
