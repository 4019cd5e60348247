package desk

import "net/url"

// The addresses of the desk. A constant that ends in Pattern is a pattern of
// http.ServeMux; the function of the same name fills it.
const (
	pathHome        = "/desk"
	pathExport      = "/desk/inbox.csv"
	pathNext        = "/desk/next"
	pathFind        = "/desk/find"
	pathIntake      = "/desk/intake"
	pathIntakeEnd   = "/desk/intake/end"
	pathOverview    = "/desk/overview"
	pathCorrections = "/desk/corrections"
	pathAssets      = "/desk/assets/"

	casePattern       = "/desk/cases/{case}"
	filePattern       = "/desk/cases/{case}/files/{file}"
	diagramPattern    = "/desk/cases/{case}/process"
	letterPattern     = "/desk/cases/{case}/letter"
	noticePattern     = "/desk/cases/{case}/notice"
	supplementPattern = "/desk/cases/{case}/supplement"
	taskPattern       = "/desk/cases/{case}/tasks/{task}"
	decisionPattern   = "/desk/cases/{case}/tasks/{task}/decision"
)

func pathCase(id string) string { return "/desk/cases/" + url.PathEscape(id) }

func pathFile(caseID, file string) string { return pathCase(caseID) + "/files/" + url.PathEscape(file) }

func pathDiagram(caseID string) string { return pathCase(caseID) + "/process" }

func pathLetter(caseID string) string { return pathCase(caseID) + "/letter" }

func pathNotice(caseID string) string { return pathCase(caseID) + "/notice" }

// pathMeasure is the page of a measure: supplement, consult, suspend, resume
// or extend, which are the commands' own names.
func pathMeasure(caseID, measure string) string { return pathCase(caseID) + "/" + measure }

func pathTask(caseID, task string) string { return pathCase(caseID) + "/tasks/" + url.PathEscape(task) }

// pathDecision is where a decision on the task is written; choice is "refuse"
// at acceptance, and empty where both ways are open.
func pathDecision(caseID, task, choice string) string {
	p := pathTask(caseID, task) + "/decision"
	if choice != "" {
		p += "?choice=" + choice
	}
	return p
}

// pathDone is the case's page after something was done to it.
func pathDone(caseID, done string) string {
	return pathCase(caseID) + "?" + url.Values{"done": {done}}.Encode()
}
