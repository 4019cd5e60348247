package catalog_test

// broken are the slips that TestLoadTells puts into the test city one at a
// time, each with all that Load must say of it.
func broken() []slip {
	return []slip{
		{"a file is gone", "resources.yaml", gone, "", []string{
			`forms/boat.yaml:17:71 There is no source to fill from "boats.since". Correct it, or add it to the pack first.`,
			`forms/boat.yaml:21:59 There is no source to fill from "boats.length_m". Correct it, or add it to the pack first.`,
			`licences.yaml:9:25 There is no resource "boats". Correct it, or add it to the pack first.`,
			`people.yaml:16:14 There is no resource "boats". Correct it, or add it to the pack first.`,
			"resources.yaml:1:1 The pack lacks this file. Add it as the description of the pack format says.",
			`services/boats/boat-registration.yaml:75:26 There is no resource "boats". Correct it, or add it to the pack first.`,
		}},
		{"a stray file", "services/boats/old.yml", "", "x", []string{
			"services/boats/old.yml:1:1 A pack has no such file. Services stand in services/SECTOR/ID.yaml, policies in policies/SECTOR/ID.yaml, life events in events/, forms in forms/ (.yaml), processes in processes/ (.bpmn); notes end in .md.",
		}},
		{"an id that is not the file's name", "services/water/fishing.yaml", "id: fishing", "id: angling", []string{
			`services/water/fishing.yaml:1:5 The id "angling" is not the file's name "fishing". Write "fishing" here, or rename the file.`,
		}},
		{"a sector that is not the folder", "services/water/fishing.yaml", "sector: water", "sector: boats", []string{
			`services/water/fishing.yaml:4:9 The sector is not the folder "water". Move the file to services/boats/.`,
		}},
		{"a form's id that is not the file's name", "forms/berth.yaml", "$id: berth", "$id: mooring", []string{
			`forms/berth.yaml:2:6 The id "mooring" is not the file's name "berth". Write "berth" here, or rename the file.`,
		}},
		{"a process's id that is not the file's name", "processes/review.bpmn", `<bpmn:process id="review"`, `<bpmn:process id="revue"`, []string{
			`processes/review.bpmn:3:3 The id "revue" is not the file's name "review". Write "review" here, or rename the file.`,
		}},
		{"broken YAML", "services/water/fishing.yaml", `type: "20"`, `type: "20`, []string{
			"services/water/fishing.yaml:15:17 Cannot be read: value is not allowed in this context. map key-value is pre-defined",
		}},
		{"a calendar day that is none", "calendar.yaml", "2026-01-04", "2026-02-30", []string{
			"calendar.yaml:4:10 A date or a range of dates is expected here. Write 2026-01-01 or 2026-01-01..2026-01-03, at most 60 days.",
		}},
		{"a time zone that is none", "city.yaml", "Asia/Shanghai", "Asia/Lakeside", []string{
			`city.yaml:6:7 There is no time zone "Asia/Lakeside". Write a name of the time zone database, such as Asia/Shanghai.`,
		}},
		{"an unknown key, mistyped", "services/water/fishing.yaml", "audience:", "audiense:", []string{
			`services/water/fishing.yaml:1:1 "audience" needs at least one. Add one or more.`,
			`services/water/fishing.yaml:6:1 There is no key "audiense" here. Did you mean "audience"?`,
		}},
		{"a key twice", "services/water/fishing.yaml", "agency: fish", "agency: fish\nagency: fish", []string{
			`services/water/fishing.yaml:6:1 Cannot be read: mapping key "agency" already defined at [5:1]`,
		}},
		{"an unquoted code", "services/water/fishing.yaml", `code: "000102030407"`, "code: 102030407", []string{
			"services/water/fishing.yaml:2:7 Text is expected here (put numbers in quotes).",
		}},
		{"one language only", "services/water/fishing.yaml", "name: {zh: 钓鱼须知, en: Fishing rules}", "name: {zh: 钓鱼须知}", []string{
			"services/water/fishing.yaml:7:7 One of the two languages is missing. Write both, zh and en.",
		}},
		{"a required text gone", "services/water/fishing.yaml", "    outcome: {zh: 一份说明。, en: A leaflet.}\n", "", []string{
			`services/water/fishing.yaml:10:5 "outcome" is missing. Add it.`,
		}},
		{"a list where a text is wanted", "services/water/fishing.yaml", "source: sample", "source: [sample]", []string{
			"services/water/fishing.yaml:11:13 Text is expected here (put numbers in quotes).",
		}},
		{"a text where a list is wanted", "services/water/fishing.yaml", "audience: [resident]", "audience: resident", []string{
			"services/water/fishing.yaml:6:11 A list is expected here.",
		}},
		{"a date that is none", "services/water/fishing.yaml", "effective: 2026-01-01", "effective: 2026-13-01", []string{
			`services/water/fishing.yaml:10:16 "2026-13-01" is not a date. Write it like 2026-01-31.`,
		}},
		{"an amount below nothing", "services/boats/boat-registration.yaml", "amount: 5000", "amount: -5000", []string{
			"services/boats/boat-registration.yaml:22:17 The number must be from 0 to 2147483647. Correct it; amounts are in fen (0.01 yuan).",
		}},
		{"yes is not true", "people.yaml", "elder: true", "elder: yes", []string{
			"people.yaml:13:12 true or false is expected here.",
		}},
		{"an empty item of a list", "services/water/fishing.yaml", "audience: [resident]", "audience: [resident, ~]", []string{
			"services/water/fishing.yaml:6:22 An item of the list is empty. Fill it in, or take it out.",
		}},
		{"an agency that is not there", "services/water/fishing.yaml", "agency: fish", "agency: fisch", []string{
			`services/water/fishing.yaml:5:9 There is no agency "fisch". Did you mean "fish"?`,
		}},
		{"a sector that is not there", "services/water/fishing.yaml", "sector: water", "sector: waters", []string{
			`services/water/fishing.yaml:4:9 The sector is not the folder "water". Move the file to services/waters/.`,
			`services/water/fishing.yaml:4:9 There is no sector "waters". Did you mean "water"?`,
		}},
		{"a licence type that is not there", "services/boats/boat-registration.yaml", "outputs: [boat-licence]\n    delivery: [online", "outputs: [boat-license]\n    delivery: [online", []string{
			`events/first-boat.yaml:13:58 There is no claim "name". Use one of: number, boat-license.`,
			`services/boats/boat-registration.yaml:87:15 There is no licence type "boat-license". Did you mean "boat-licence"?`,
		}},
		{"a resource that is not there", "services/boats/boat-registration.yaml", "fact: {resource: boats", "fact: {resource: cars", []string{
			`services/boats/boat-registration.yaml:75:26 There is no resource "cars". Use one of: boats.`,
		}},
		{"a form that is not there", "services/boats/berth.yaml", "form: berth", "form: mooring", []string{
			`services/boats/berth.yaml:30:11 There is no form "mooring". Use one of: berth, boat.`,
		}},
		{"a process that is not there", "services/boats/berth.yaml", "process: review", "process: approve", []string{
			`services/boats/berth.yaml:31:14 There is no process "approve". Use one of: review.`,
		}},
		{"a role without an agency", "services/boats/berth.yaml", "    agencies: {reviewer: fish}\n", "", []string{
			`services/boats/berth.yaml:31:14 No agency takes the role "reviewer" of the process "review". Write reviewer: AGENCY under agencies.`,
		}},
		{"a life event that is not there", "city.yaml", "popular: [boat-registration]", "popular: [boat-registration]\nevents: [moving]", []string{
			`city.yaml:21:10 There is no life event "moving". Use one of: first-boat.`,
		}},
		{"a popular service that is not there", "city.yaml", "popular: [boat-registration]", "popular: [boat-registrations]", []string{
			`city.yaml:20:11 There is no service "boat-registrations". Did you mean "boat-registration"?`,
		}},
		{"an issuer that is not there", "licences.yaml", "  issuer: harbour\n  months: 12", "  issuer: port\n  months: 12", []string{
			`licences.yaml:13:11 There is no agency "port". Use one of: harbour, fish.`,
		}},
		{"a register field that is not there", "licences.yaml", "fields: {owner: name}", "fields: {owners: name}", []string{
			`licences.yaml:9:49 There is no field "owners". Did you mean "owner"?`,
		}},
		{"an officer of an unknown area", "officers.yaml", `area: "339901"`, `area: "339999"`, []string{
			`officers.yaml:5:9 There is no area "339999". Use one of: 339901, 339902.`,
		}},
		{"an id twice", "agencies.yaml", "- id: fish\n", "- id: harbour\n", []string{
			`agencies.yaml:7:7 "harbour" is there twice. Take one out or rename it.`,
			`officers.yaml:12:11 There is no agency "fish". Use one of: harbour.`,
			`services/boats/berth.yaml:32:26 There is no agency "fish". Use one of: harbour.`,
			`services/boats/boat-registration.yaml:58:17 There is no agency "fish". Use one of: harbour.`,
			`services/boats/boat-registration.yaml:91:26 There is no agency "fish". Use one of: harbour.`,
			`services/water/fishing.yaml:5:9 There is no agency "fish". Use one of: harbour.`,
		}},
		{"a wrong check digit of a USCC", "agencies.yaml", "11339900TB0000002E", "11339900TB0000002F", []string{
			"agencies.yaml:8:9 One character of the code is wrong. Please compare with the business licence. Compare all 18 characters with the certificate (GB 32100).",
		}},
		{"a basic code that is too short", "services/water/fishing.yaml", "000102030407", "00010203040", []string{
			`services/water/fishing.yaml:2:7 "00010203040" is not a basic code. Write 12 digits, in quotes.`,
		}},
		{"a service type that is none", "services/water/fishing.yaml", `type: "20"`, `type: "11"`, []string{
			`services/water/fishing.yaml:3:7 "11" is not one of the codes. Use one of: 01, 02, 03, 04, 05, 06, 07, 08, 09, 10, 20.`,
		}},
		{"an area of another city", "city.yaml", `{code: "339902"`, `{code: "449902"`, []string{
			`city.yaml:10:12 "449902" is not an area code of this city. Write 6 digits, the first two those of the city (GB/T 2260).`,
			`people.yaml:30:11 There is no area "339902". Did you mean "339901"?`,
		}},
		{"a licence code without its digits", "licences.yaml", "11339900TB0000001B002", "11339900TB0000001B", []string{
			`licences.yaml:11:9 "11339900TB0000001B" is not a licence type code. Write the defining authority's code of 18 characters and 3 digits (GB/T 36902).`,
		}},
		{"an id with capitals", "resources.yaml", "- id: boats", "- id: Boats", []string{
			`forms/boat.yaml:17:71 There is no source to fill from "boats.since". Did you mean "Boats.since"?`,
			`forms/boat.yaml:21:59 There is no source to fill from "boats.length_m". Did you mean "Boats.length_m"?`,
			`licences.yaml:9:25 There is no resource "boats". Did you mean "Boats"?`,
			`people.yaml:16:14 There is no resource "boats". Did you mean "Boats"?`,
			`resources.yaml:1:7 "Boats" cannot be a key. Begin with a small letter; use small letters, digits and underscores, at most 60.`,
			`services/boats/boat-registration.yaml:75:26 There is no resource "boats". Did you mean "Boats"?`,
		}},
		{"visits without a reason", "services/boats/boat-registration.yaml", ", reason: {zh: 交材料和领证。, en: To hand in and to collect.}", "", []string{
			"services/boats/boat-registration.yaml:19:21 Visits are asked for without a reason. Write visits.reason, or make the count 0.",
		}},
		{"online, and yet a visit", "services/boats/berth.yaml", "visits: {count: 0}", "visits: {count: 1, reason: {zh: 领证。, en: To collect.}}", []string{
			`services/boats/berth.yaml:18:21 A service that is wholly online asks for no visit. Make the count 0, or add channel "1" (counter).`,
		}},
		{"the counter only, and yet no visit", "services/water/fishing.yaml", "visits: {count: 1, reason: {zh: 当面讲解。, en: It is explained in person.}}", "visits: {count: 0}", []string{
			"services/water/fishing.yaml:18:21 It is had at the counter only and yet asks for no visit. Write the visits and their reason, or add an online channel.",
		}},
		{"committed without days", "services/boats/boat-registration.yaml", "committed: 15", "committed: 0", []string{
			`services/boats/boat-registration.yaml:18:40 A committed service needs its days. Write limits.committed, or make handling "1" (instant).`,
		}},
		{"instant with days", "services/water/fishing.yaml", "limits: {statutory: 0, committed: 0}", "limits: {statutory: 0, committed: 3}", []string{
			`services/water/fishing.yaml:17:39 An instant service has no committed days. Write committed: 0, or make handling "2" (committed).`,
		}},
		{"more days than the law allows", "services/boats/boat-registration.yaml", "committed: 15", "committed: 25", []string{
			"services/boats/boat-registration.yaml:18:40 The committed days are more than the 20 of the law. Commit to no more than the law allows.",
		}},
		{"a fee without its standard", "services/boats/boat-registration.yaml", "        standard: {zh: 每证50元, en: 50 yuan each}\n", "", []string{
			`services/boats/boat-registration.yaml:21:9 "standard" is missing. Add it.`,
		}},
		{"a licence that nobody issues", "processes/review.bpmn", `tb:call="issue"`, `tb:call="notify"`, []string{
			`services/boats/berth.yaml:31:14 A licence comes out, but the process "review" issues none. Give the process a service task with tb:call="issue", or take outputs out.`,
			`services/boats/boat-registration.yaml:90:14 A licence comes out, but the process "review" issues none. Give the process a service task with tb:call="issue", or take outputs out.`,
		}},
		{"no way of delivery", "services/boats/berth.yaml", "    delivery: [online]\n", "", []string{
			"services/boats/berth.yaml:10:5 It does not say how the result is delivered. Write delivery: online, courier or counter.",
		}},
		{"versions that overlap", "services/boats/boat-registration.yaml", "until: 2025-12-31", "until: 2026-01-31", []string{
			"services/boats/boat-registration.yaml:41:16 On 2026-01-01 the version before is still in force. Put versions in order and write until: 2025-12-31 or earlier in the one before.",
		}},
		{"a version without an end before the next", "services/boats/boat-registration.yaml", "    until: 2025-12-31\n", "", []string{
			"services/boats/boat-registration.yaml:40:16 On 2026-01-01 the version before is still in force. Put versions in order and write until: 2025-12-31 or earlier in the one before.",
		}},
		{"a version that ends before it begins", "services/boats/boat-registration.yaml", "until: 2025-12-31", "until: 2019-12-31", []string{
			"services/boats/boat-registration.yaml:11:12 It ends before it begins. Correct effective or until.",
		}},
		{"a condition without its refusal", "services/boats/boat-registration.yaml", "    refusal: {zh: 要满18岁，船长要大于0。, en: You must be 18 or over and the boat longer than nothing.}\n", "", []string{
			"services/boats/boat-registration.yaml:46:16 A condition and the refusal said where it does not hold belong together. Add the one that is missing.",
		}},
		{"a form without a process", "services/boats/berth.yaml", "    process: review\n", "", []string{
			`events/first-boat.yaml:10:14 "berth" cannot be had online yet. Give it a form and a process, or take it out of the event.`,
			"services/boats/berth.yaml:30:11 Form and process belong together. Add the one that is missing, or neither where it cannot be had online yet.",
		}},
		{"a question with one answer", "services/boats/boat-registration.yaml", "          - {value: rowing, label: {zh: 划桨船, en: Rowing boat}}\n", "", []string{
			"services/boats/boat-registration.yaml:69:11 A question needs two answers or more. Add one, or take the question out.",
		}},
		{"a rule with an unknown name", "services/boats/boat-registration.yaml", "length > 0.0", "lenght > 0.0", []string{
			"services/boats/boat-registration.yaml:46:16 In the rule at 1:1: There is no variable lenght. Did you mean length? A rule may use the form's fields, scenario.ID, RESOURCE.FIELD and party.KEY.",
		}},
		{"a rule over an unknown scenario", "services/boats/boat-registration.yaml", "        when: scenario.kind == 'motor'\n    steps", "        when: scenario.sort == 'motor'\n    steps", []string{
			"services/boats/boat-registration.yaml:61:15 In the rule at 1:1: There is no variable scenario.sort. Check the name. A rule may use the form's fields, scenario.ID, RESOURCE.FIELD and party.KEY.",
		}},
		{"a rule that does not parse", "services/boats/boat-registration.yaml", "condition: length > 0.0 &&", "condition: length > &&", []string{
			"services/boats/boat-registration.yaml:46:16 In the rule at 1:10: The rule cannot be read: extraneous input '&&' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER} A rule may use the form's fields, scenario.ID, RESOURCE.FIELD and party.KEY.",
		}},
		{"a rule that is not a condition", "services/boats/boat-registration.yaml", "when: scenario.kind == 'motor'\n      - id: photo", "when: scenario.kind\n      - id: photo", []string{
			"services/boats/boat-registration.yaml:80:15 The rule gives string where bool is wanted. Write a comparison, or use another field.",
		}},
		{"a fact over an unknown field", "services/boats/boat-registration.yaml", "safe && count < 9", "safe && number < 9", []string{
			"services/boats/boat-registration.yaml:75:40 In the rule at 1:9: There is no variable number. Check the name. A rule may use the form's fields, scenario.ID, RESOURCE.FIELD and party.KEY.",
		}},
		{"a claim that the licence does not have", "services/boats/boat-registration.yaml", "      length: string(length)", "      size: string(length)", []string{
			`services/boats/boat-registration.yaml:94:13 There is no claim "size". Use one of: name, length.`,
		}},
		{"a claim that is always shown and empty", "services/boats/boat-registration.yaml", "      name: owner\n", "", []string{
			`services/boats/boat-registration.yaml:93:7 The claim "name" is always shown but nothing fills it. Fill it under claims.`,
		}},
		{"a process that reads what the form lacks", "processes/review.bpmn", "decision == 'approve'", "decision == 'approve' &amp;&amp; berths &lt; 3", []string{
			`services/boats/berth.yaml:31:14 The process "review" reads "berths", which this service does not have. Add it to the form or the scenarios, or use another process.`,
			`services/boats/boat-registration.yaml:90:14 The process "review" reads "berths", which this service does not have. Add it to the form or the scenarios, or use another process.`,
		}},
		{"a fill that knows no such field", "forms/boat.yaml", "boats.since", "boats.sinced", []string{
			`forms/boat.yaml:17:71 There is no source to fill from "boats.sinced". Did you mean "boats.since"?`,
		}},
		{"a fill of another type", "forms/boat.yaml", "fill: boats.length_m", "fill: boats.safe", []string{
			`forms/boat.yaml:21:59 "boats.safe" is bool and cannot fill a field of type number. Change the field's type or its fill.`,
		}},
		{"a form with a step too many", "forms/berth.yaml", "fields: [owner, boat_number]", "fields: [owner, boat_number, colour]", []string{
			`forms/berth.yaml:8:74 There is no field "colour".`,
		}},
		{"a duty that is none", "processes/review.bpmn", `tb:duty="review"`, `tb:duty="look"`, []string{
			`processes/review.bpmn:5:5 Task "check" has tb:duty "look". Use one of: accept, review, consult, decide, deliver.`,
		}},
		{"a call that is none", "processes/review.bpmn", `tb:call="issue"`, `tb:call="print"`, []string{
			`processes/review.bpmn:8:5 Service task "issue" has tb:call "print". Write issue, notify or fact:RESOURCE.`,
			`services/boats/berth.yaml:31:14 A licence comes out, but the process "review" issues none. Give the process a service task with tb:call="issue", or take outputs out.`,
			`services/boats/boat-registration.yaml:90:14 A licence comes out, but the process "review" issues none. Give the process a service task with tb:call="issue", or take outputs out.`,
		}},
		{"an element that is not supported", "processes/review.bpmn", `<bpmn:userTask id="check" name="审查" tb:name-en="Check" tb:duty="review" tb:agency="reviewer" />`, `<bpmn:scriptTask id="check" name="审查" />`, []string{
			"processes/review.bpmn:5:5 Element check (scriptTask) is not supported. Make it a business rule task with CEL in tb:rule.",
		}},
		{"an event with an unknown member", "events/first-boat.yaml", "service: berth", "service: berths", []string{
			`events/first-boat.yaml:10:14 There is no service "berths". Did you mean "berth"?`,
		}},
		{"an event that waits for itself", "events/first-boat.yaml", "  - service: boat-registration\n", "  - service: boat-registration\n    after: [berth]\n", []string{
			`events/first-boat.yaml:10:12 "boat-registration" would wait for itself. Take one after out to break the circle.`,
			`events/first-boat.yaml:13:12 "berth" would wait for itself. Take one after out to break the circle.`,
		}},
		{"an event that feeds an unknown field", "events/first-boat.yaml", "boat_number: boat-registration.number", "boat_no: boat-registration.number", []string{
			`events/first-boat.yaml:13:21 There is no field "boat_no". Use one of: owner, boat_number.`,
		}},
		{"an event that feeds an unknown claim", "events/first-boat.yaml", "boat-registration.name", "boat-registration.owner", []string{
			`events/first-boat.yaml:13:58 There is no claim "owner". Use one of: number, boat-licence, name, length.`,
		}},
		{"an event that feeds from one who has not ended", "events/first-boat.yaml", "    after: [boat-registration]\n", "", []string{
			`events/first-boat.yaml:12:25 "boat-registration" does not end before this one starts. Add "boat-registration" to after.`,
			`events/first-boat.yaml:12:58 "boat-registration" does not end before this one starts. Add "boat-registration" to after.`,
		}},
		{"an event with a service that is not online", "events/first-boat.yaml", "service: berth", "service: fishing", []string{
			`events/first-boat.yaml:10:14 "fishing" cannot be had online yet. Give it a form and a process, or take it out of the event.`,
		}},
		{"an event that makes it worse", "events/first-boat.yaml", "days: 5", "days: 50", []string{
			"events/first-boat.yaml:15:25 After (50) is more than before (30). Correct the one that is wrong.",
		}},
		{"an event of one", "events/first-boat.yaml", "  - service: berth\n    optional: true\n    after: [boat-registration]\n    feed: {boat_number: boat-registration.number, owner: boat-registration.name}\n", "", []string{
			"events/first-boat.yaml:9:3 A life event needs two services or more. Add members, or offer the service on its own.",
		}},
		{"forms that cannot become one", "forms/berth.yaml", "  owner:\n    type: string", "  owner:\n    type: integer", []string{
			`events/first-boat.yaml:9:3 The members' forms cannot become one: The shared field "Owner" (applicant.name) has another type, widget or choices in another form. Fields with one shared key must agree in type and choices.`,
		}},
		{"a citizen id with a wrong check digit", "people.yaml", "33990119500101992X", `"339901195001019921"`, []string{
			"people.yaml:7:16 One character of the citizen ID is wrong. Please compare with the card. Correct the number or id-type.",
		}},
		{"a birth that the citizen id does not say", "people.yaml", "birth: 1990-05-05", "birth: 1990-05-06", []string{
			"people.yaml:26:12 The identity number says born on 1990-05-05. The two must agree.",
		}},
		{"a sex that the citizen id does not say", "people.yaml", "sex: m", "sex: f", []string{
			"people.yaml:27:10 The identity number says sex m. The two must agree.",
		}},
		{"a fact of another type", "people.yaml", "count: 1", "count: one", []string{
			`people.yaml:16:69 The field takes a value of type int. Dates are "2026-01-31" in quotes; texts have quotes, numbers and true/false none.`,
		}},
		{"a fact that is no date", "people.yaml", `since: "2020-05-01"`, `since: "May 2020"`, []string{
			`people.yaml:16:48 The field takes a value of type date. Dates are "2026-01-31" in quotes; texts have quotes, numbers and true/false none.`,
		}},
		{"a fact of an unknown register", "people.yaml", "boats: {owner", "cars: {owner", []string{
			`people.yaml:16:13 There is no resource "cars". Use one of: boats.`,
		}},
		{"a fact of an unknown field", "people.yaml", "safe: true", "sound: true", []string{
			`people.yaml:16:79 There is no field "sound". Use one of: owner, length_m, since, count, safe.`,
		}},
		{"a licence without what is always shown", "people.yaml", "claims: {name: 老魏, length", "claims: {length", []string{
			`people.yaml:20:17 The claim "name" is always shown but nothing fills it. Fill it under claims.`,
		}},
		{"a mandate of an unknown person", "people.yaml", "principal: ferry", "principal: ferries", []string{
			`people.yaml:43:17 There is no persona "ferries". Use one of: ferry, old-wei, young-wei.`,
		}},
		{"a mandate for oneself", "people.yaml", "agent: young-wei, kind: helper", "agent: old-wei, kind: helper", []string{
			"people.yaml:42:33 Nobody needs a mandate from themselves. Name somebody else.",
		}},
		{"a mandate of an unknown kind", "people.yaml", "kind: helper", "kind: friend", []string{
			`people.yaml:42:50 "friend" is not one of the codes. Use one of: legal-representative, agent, parent, helper.`,
		}},
		{"a firm with a wrong code", "people.yaml", "91339901TB0000009A", "91339901TB0000009B", []string{
			"people.yaml:37:16 One character of the code is wrong. Please compare with the business licence. Correct the number or id-type.",
		}},
		{"a synonym alone", "synonyms.yaml", "- [钓鱼, 垂钓, fishing]", "- [钓鱼]", []string{
			"synonyms.yaml:2:3 A row of synonyms needs two words or more. Add another word or take the row out.",
		}},
		{"an agency that nobody works for", "officers.yaml", "  agency: fish\n", "  agency: harbour\n", []string{
			`services/boats/berth.yaml:31:14 The role "reviewer" is that of "fish", which has nobody in officers.yaml. Add someone with the role officer.`,
			`services/boats/boat-registration.yaml:90:14 The role "reviewer" is that of "fish", which has nobody in officers.yaml. Add someone with the role officer.`,
		}},
		{"a process that reads a task it does not have", "processes/review.bpmn", "decision == 'approve'", "task.chek.outcome == 'approve'", []string{
			`services/boats/berth.yaml:31:14 The process "review" reads "task.chek.outcome", which this service does not have. Add it to the form or the scenarios, or use another process.`,
			`services/boats/boat-registration.yaml:90:14 The process "review" reads "task.chek.outcome", which this service does not have. Add it to the form or the scenarios, or use another process.`,
		}},
	}
}
