package catalog_test

const (
	mooring = "policies/boats/mooring-aid.yaml"
	fleet   = "policies/water/fleet-aid.yaml"
)

// brokenPolicies are the slips that TestPolicyTells makes one at a time, each
// with all that Load must say of it.
func brokenPolicies() []slip {
	return []slip{
		{"a register field that is not there", "attributes.yaml", "id: people.birth", "id: people.born", []string{
			`attributes.yaml:1:8 There is no register's field "people.born". Use one of: boats.owner, boats.length_m, boats.since, boats.count, boats.safe, people.birth, people.shore, people.income, people.blind, fleet.boats, fleet.founded.`,
			"policies/boats/mooring-aid.yaml:14:15 There is no variable people.birth. Check the name.",
			"policies/boats/mooring-aid.yaml:37:20 There is no variable people.birth. Check the name.",
			"policies/boats/mooring-aid.yaml:38:20 There is no variable people.birth. Check the name.",
			"policies/boats/mooring-aid.yaml:52:22 There is no variable people.birth. Check the name.",
			`policies/boats/mooring-aid.yaml:67:27 There is no attribute "people.birth". Use one of: people.born, people.shore, people.income, people.blind, boats.length_m, boats.safe.`,
			`policies/boats/mooring-aid.yaml:72:27 There is no attribute "people.birth". Use one of: people.born, people.shore, people.income, people.blind, boats.length_m, boats.safe.`,
			`policies/boats/mooring-aid.yaml:77:27 There is no attribute "people.birth". Use one of: people.born, people.shore, people.income, people.blind, boats.length_m, boats.safe.`,
		}},
		{"an attribute twice", "attributes.yaml", "id: boats.safe", "id: boats.length_m", []string{
			`attributes.yaml:6:8 "boats.length_m" is there twice. Take one out or rename it.`,
			"policies/boats/mooring-aid.yaml:24:7 There is no variable boats.safe. Check the name.",
			`policies/boats/mooring-aid.yaml:67:73 There is no attribute "boats.safe". Use one of: people.birth, people.shore, people.income, people.blind, boats.length_m.`,
			`policies/boats/mooring-aid.yaml:79:15 There is no attribute "boats.safe". Use one of: people.birth, people.shore, people.income, people.blind, boats.length_m.`,
		}},
		{"an audience that is none", "attributes.yaml", "id: fleet.founded, audience: firm", "id: fleet.founded, audience: firms", []string{
			`attributes.yaml:8:33 "firms" is not one of the codes. Did you mean "firm"?`,
			`policies/water/fleet-aid.yaml:13:18 "fleet.founded" is not an attribute of "firm". Use an attribute of the policy's own audience.`,
			`policies/water/fleet-aid.yaml:27:28 There is no attribute "fleet.founded". Use one of: fleet.boats.`,
			`policies/water/fleet-aid.yaml:32:28 There is no attribute "fleet.founded". Use one of: fleet.boats.`,
			`policies/water/fleet-aid.yaml:39:15 There is no attribute "fleet.founded". Use one of: fleet.boats.`,
		}},
		{"values of what is no text", "attributes.yaml", "label: {zh: 船已检验", "values: [yes, no], label: {zh: 船已检验", []string{
			"attributes.yaml:6:48 An attribute of type bool has no list of values. Take values out; only texts have them.",
		}},
		{"a value twice", "attributes.yaml", "values: [east, west]", "values: [east, west, east]", []string{
			`attributes.yaml:2:94 "east" is there twice. Take one out or rename it.`,
		}},
		{"a word that is no value", "attributes.yaml", "west: {zh: 西岸", "wset: {zh: 西岸", []string{
			`attributes.yaml:2:141 There is no value "wset". Use one of: east, west.`,
		}},
		{"too many decimals", "attributes.yaml", "decimals: 1", "decimals: 5", []string{
			"attributes.yaml:5:95 Decimals are for type double, at most 4. Correct decimals or take it out.",
		}},
		{"decimals of a text", "attributes.yaml", "label: {zh: 船数, en: Boats}", "decimals: 1, label: {zh: 船数, en: Boats}", []string{
			"attributes.yaml:7:47 Decimals are for type double, at most 4. Correct decimals or take it out.",
		}},
		{"an id that is not the file's name", mooring, "id: mooring-aid", "id: mooring", []string{
			`policies/boats/mooring-aid.yaml:1:5 The id "mooring" is not the file's name "mooring-aid". Write "mooring-aid" here, or rename the file.`,
		}},
		{"a sector that is not the folder", mooring, "sector: boats", "sector: water", []string{
			`policies/boats/mooring-aid.yaml:3:9 The sector is not the folder "boats". Move the file to policies/water/.`,
		}},
		{"an agency that is not there", mooring, "agency: harbour", "agency: port", []string{
			`policies/boats/mooring-aid.yaml:4:9 There is no agency "port". Use one of: harbour, fish.`,
		}},
		{"the other audience", fleet, "audience: firm", "audience: resident", []string{
			`policies/water/fleet-aid.yaml:13:18 "fleet.founded" is not an attribute of "resident". Use an attribute of the policy's own audience.`,
			`policies/water/fleet-aid.yaml:22:18 "fleet.boats" is not an attribute of "resident". Use an attribute of the policy's own audience.`,
			`policies/water/fleet-aid.yaml:22:42 "fleet.boats" is not an attribute of "resident". Use an attribute of the policy's own audience.`,
			`policies/water/fleet-aid.yaml:23:18 "fleet.boats" is not an attribute of "resident". Use an attribute of the policy's own audience.`,
			`policies/water/fleet-aid.yaml:27:28 There is no attribute "fleet.founded". Use one of: people.birth, people.shore, people.income, people.blind, boats.length_m, boats.safe.`,
			`policies/water/fleet-aid.yaml:27:55 There is no attribute "fleet.boats". Use one of: people.birth, people.shore, people.income, people.blind, boats.length_m, boats.safe.`,
			`policies/water/fleet-aid.yaml:32:28 There is no attribute "fleet.founded". Use one of: people.birth, people.shore, people.income, people.blind, boats.length_m, boats.safe.`,
			`policies/water/fleet-aid.yaml:32:55 There is no attribute "fleet.boats". Use one of: people.birth, people.shore, people.income, people.blind, boats.length_m, boats.safe.`,
			`policies/water/fleet-aid.yaml:37:26 There is no attribute "fleet.boats". Use one of: people.birth, people.shore, people.income, people.blind, boats.length_m, boats.safe.`,
			`policies/water/fleet-aid.yaml:39:15 There is no attribute "fleet.founded". Use one of: people.birth, people.shore, people.income, people.blind, boats.length_m, boats.safe.`,
		}},
		{"an end before the beginning", mooring, "until: 2029-12-31", "until: 2015-12-31", []string{
			"policies/boats/mooring-aid.yaml:10:8 It ends before it begins. Correct effective or until.",
		}},
		{"a condition twice", mooring, "- id: shore\n    label: {zh: 住在东岸", "- id: age\n    label: {zh: 住在东岸", []string{
			`policies/boats/mooring-aid.yaml:16:9 "age" is there twice. Take one out or rename it.`,
			`policies/boats/mooring-aid.yaml:74:12 There is no condition "shore". Use one of: age, boat, points.`,
		}},
		{"a condition after the policy", mooring, "    effective: 2020-01-01\n", "    until: 2031-01-01\n", []string{
			"policies/boats/mooring-aid.yaml:21:5 The condition's dates reach beyond the policy's. Keep them within the policy's effective and until.",
		}},
		{"no conditions", fleet, "conditions:\n  - id: young\n    label: {zh: 成立不满三年, en: Founded less than three years ago}\n    when: months(fleet.founded, today()) < 36\n    citation: {zh: 第二条, en: Article 2}\n", "conditions: []\n", []string{
			`policies/water/fleet-aid.yaml:10:13 "conditions" needs at least one. Add one or more.`,
			`policies/water/fleet-aid.yaml:30:12 There is no condition "young". Correct it, or add it to the pack first.`,
		}},
		{"an unknown attribute", mooring, "when: people.shore == 'east'", "when: people.shroe == 'east'", []string{
			"policies/boats/mooring-aid.yaml:18:11 There is no variable people.shroe. Did you mean people.shore?",
		}},
		{"an unknown attribute on a folded line", mooring, "people.blind\n    citation", "people.blnd\n    citation", []string{
			"policies/boats/mooring-aid.yaml:25:7 There is no variable people.blnd. Did you mean people.blind?",
		}},
		{"an attribute of the other audience", mooring, "boats.safe && boats.length_m <= 12.0 ||", "boats.safe && fleet.boats <= 12 ||", []string{
			`policies/boats/mooring-aid.yaml:24:21 "fleet.boats" is not an attribute of "resident". Use an attribute of the policy's own audience.`,
		}},
		{"types that do not go together", mooring, "when: people.shore == 'east'", "when: people.shore == 3", []string{
			`policies/boats/mooring-aid.yaml:18:24 == cannot be used on these types: string, int. Write a date as date("2026-01-31") and put text in quotes.`,
		}},
		{"not yes or no", mooring, "when: people.shore == 'east'", `when: "  people.shore"`, []string{
			"policies/boats/mooring-aid.yaml:18:12 The rule gives string where bool is wanted. Write a comparison, or use another field.",
		}},
		{"a word that it cannot be", mooring, "when: people.shore == 'east'", "when: people.shore in ['east', 'wets']", []string{
			`policies/boats/mooring-aid.yaml:18:36 "wets" is not a value of "people.shore". Use one of: east, west.`,
		}},
		{"a list cannot run over everybody", mooring, "when: people.shore == 'east'", `when: "[people.shore].exists(s, s == 'east')"`, []string{
			"policies/boats/mooring-aid.yaml:18:33 Lists and loops cannot run over everybody at once. Write it with single variables.",
		}},
		{"calculating with decimals", mooring, "boats.length_m <= 12.0", "boats.length_m * 2.0 <= 24.0", []string{
			"policies/boats/mooring-aid.yaml:24:42 A variable with decimals may only be compared with a number written out, such as x >= 0.5; it cannot be calculated with.",
		}},
		{"a syntax error", mooring, "when: people.shore == 'east'", "when: people.shore == 'east' &&", []string{
			"policies/boats/mooring-aid.yaml:18:36 The rule cannot be read: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}",
		}},
		{"no score tables", fleet, "when: months(fleet.founded, today()) < 36", "when: score() < 36", []string{
			"policies/water/fleet-aid.yaml:13:16 There is no function score. For dates there are today(), date(), age(), days() and months().",
		}},
		{"a broken score row", mooring, `{when: age(people.birth) >= 70, value: "15"}`, `{when: age(people.birt) >= 70, value: "15"}`, []string{
			"policies/boats/mooring-aid.yaml:38:20 There is no variable people.birt. Did you mean people.birth?",
		}},
		{"a value that is no whole number", mooring, `when: age(people.birth) >= 70, value: "15"`, `when: age(people.birth) >= 70, value: "1.5"`, []string{
			"policies/boats/mooring-aid.yaml:38:49 The rule gives double where int is wanted. Write a comparison, or use another field.",
		}},
		{"a broken value", fleet, "fleet.boats * 1000", "fleet.boat * 1000", []string{
			"policies/water/fleet-aid.yaml:22:42 There is no variable fleet.boat. Did you mean fleet.boats?",
		}},
		{"a row that is never reached", mooring, `{when: age(people.birth) >= 80, value: "90"}`, `{value: "90"}`, []string{
			"policies/boats/mooring-aid.yaml:53:11 The row before has no condition, so this one is never reached. Give the row before a when, or put the one without last.",
		}},
		{"a way to pick that is none", mooring, "pick: max", "pick: maximum", []string{
			`policies/boats/mooring-aid.yaml:41:11 "maximum" is not one of the codes. Use one of: first, max, sum.`,
		}},
		{"a table without rows", fleet, "      rows:\n        - {when: fleet.boats > 0, value: fleet.boats * 1000}\n        - {when: fleet.boats >= 10, value: \"15000\"}\n", "      rows: []\n", []string{
			`policies/water/fleet-aid.yaml:21:13 "rows" needs at least one. Add one or more.`,
		}},
		{"a period that is none", mooring, "per: month", "per: week", []string{
			`policies/boats/mooring-aid.yaml:46:8 "week" is not one of the codes. Use one of: once, month, year.`,
		}},
		{"neither tables nor a note", fleet, "  tables:\n    - id: boats\n      label: {zh: 船数, en: Boats}\n      pick: max\n      rows:\n        - {when: fleet.boats > 0, value: fleet.boats * 1000}\n        - {when: fleet.boats >= 10, value: \"15000\"}\n", "  cap: 5\n", []string{
			"policies/water/fleet-aid.yaml:16:3 Neither tables nor words say what is given. Write tables or a note.",
			"policies/water/fleet-aid.yaml:17:8 A cap without tables caps nothing. Write tables, or take cap out.",
			"policies/water/fleet-aid.yaml:23:13 The policy has no table of the amount. Take amount out, or write the policy's amount.tables.",
		}},
		{"a broken held", mooring, "held: boats.length_m > 99", "held: boats.length_m > '99'", []string{
			`policies/boats/mooring-aid.yaml:60:22 > cannot be used on these types: double, string. Write a date as date("2026-01-31") and put text in quotes.`,
		}},
		{"a service for others", fleet, "effective: 2026-01-01", "effective: 2026-01-01\nservice: berth", []string{
			`policies/water/fleet-aid.yaml:10:10 The service "berth" is not for "firm". Name another service, or correct the audience.`,
		}},
		{"a service that is not there", mooring, "service: berth", "service: bert", []string{
			`policies/boats/mooring-aid.yaml:61:10 There is no service "bert". Did you mean "berth"?`,
		}},
		{"no time to refuse", mooring, "grant: {days: 5, pays: true}", "grant: {days: 0, pays: true}", []string{
			"policies/boats/mooring-aid.yaml:62:15 Nobody has time to refuse. Write at least 1 working day under days.",
		}},
		{"nothing to give", fleet, "effective: 2026-01-01", "effective: 2026-01-01\ngrant: {days: 5}", []string{
			"policies/water/fleet-aid.yaml:10:8 There is nothing to give without an application. Write pays: true or a service.",
		}},
		{"sensitive without a basis", mooring, "sensitive: [{attribute: people.blind, basis: {zh: 第四条, en: Article 4}}]\n", "", []string{
			`policies/boats/mooring-aid.yaml:25:7 "people.blind" is sensitive, and the policy does not say by what right it reads it. List it with its basis under sensitive, or do without it.`,
		}},
		{"a needless basis", mooring, "attribute: people.blind, basis", "attribute: people.shore, basis", []string{
			`policies/boats/mooring-aid.yaml:25:7 "people.blind" is sensitive, and the policy does not say by what right it reads it. List it with its basis under sensitive, or do without it.`,
			`policies/boats/mooring-aid.yaml:63:25 "people.shore" is not sensitive, or no rule reads it. Take it out.`,
		}},
		{"an example's attribute", mooring, `facts: {people.birth: "1961-03-12", people.shore: west, people.blind: true}`, `facts: {people.birth: "1961-03-12", people.shor: west, people.blind: true}`, []string{
			`policies/boats/mooring-aid.yaml:72:54 There is no attribute "people.shor". Did you mean "people.shore"?`,
		}},
		{"an example's type", mooring, `facts: {people.birth: "1961-03-12", people.shore: west, people.blind: true}`, `facts: {people.birth: "1961-03-32", people.shore: south, people.blind: yes}`, []string{
			`policies/boats/mooring-aid.yaml:72:27 The field takes a value of type date. Dates are "2026-01-31" in quotes; texts have quotes, numbers and true/false none.`,
			`policies/boats/mooring-aid.yaml:72:55 "south" is not a value of "people.shore". Use one of: east, west.`,
			`policies/boats/mooring-aid.yaml:72:76 The field takes a value of type bool. Dates are "2026-01-31" in quotes; texts have quotes, numbers and true/false none.`,
		}},
		{"an example's answer", mooring, "expect: no\n    short: shore", "expect: maybe\n    short: shores", []string{
			"policies/boats/mooring-aid.yaml:65:3 There are too few examples. Write at least 3: a yes, a no, and an unknown or one at a boundary.",
			`policies/boats/mooring-aid.yaml:73:13 "maybe" is not one of the codes. Use one of: yes, no, unknown.`,
			`policies/boats/mooring-aid.yaml:74:12 There is no condition "shores". Did you mean "shore"?`,
		}},
		{"an example's missing", mooring, "missing: [boats.safe]", "missing: [boats.save]", []string{
			`policies/boats/mooring-aid.yaml:79:15 There is no attribute "boats.save". Did you mean "boats.safe"?`,
		}},
		{"an example's amount", mooring, "per: month\n  cap: 100\n  tables:", "per: month\n  note: {zh: 补贴, en: Money}\n  table:", []string{
			`policies/boats/mooring-aid.yaml:48:3 There is no key "table" here. Did you mean "tables"?`,
			"policies/boats/mooring-aid.yaml:62:24 It pays and has no table of the amount. Write amount.tables, or take pays out.",
			"policies/boats/mooring-aid.yaml:69:13 The policy has no table of the amount. Take amount out, or write the policy's amount.tables.",
		}},
		{"an example that has it", fleet, "expect: no\n", "expect: no\n    held: true\n", []string{
			"policies/water/fleet-aid.yaml:34:11 The policy does not say when one has it already. Take held out, or write the policy's held.",
		}},
		{"too few examples", fleet, "expect: no\n", "expect: unknown\n", []string{
			"policies/water/fleet-aid.yaml:25:3 There are too few examples. Write at least 3: a yes, a no, and an unknown or one at a boundary.",
		}},
		{"one language only", mooring, "label: {zh: 年满65岁, en: 65 or over}", "label: {zh: 年满65岁}", []string{
			"policies/boats/mooring-aid.yaml:13:12 One of the two languages is missing. Write both, zh and en.",
		}},
	}
}
