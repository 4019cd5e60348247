package desk

import (
	"context"
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"

	"github.com/tongban/tongban/casework"
	"github.com/tongban/tongban/web/ui"
	"github.com/tongban/tongban/workday"
)

// maxExport is the most rows of an export.
const maxExport = 10000

// export sends the filtered inbox as CSV (RFC 4180, UTF-8 with the mark that
// spreadsheets look for), in the page's language.
func (d *desk) export(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	f, after := readFilter(r.URL.Query()), ""
	rows := [][]string{exportHead(ctx)}
	for len(rows) <= maxExport {
		tasks, next, err := d.Office.Inbox(ctx, visitor(ctx).Principal, f.domain(after, 200))
		if err != nil {
			return err
		}
		for _, t := range tasks {
			rows = append(rows, d.exportRow(ctx, t))
		}
		if after = next; after == "" {
			break
		}
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="inbox-`+workday.DateOf(d.Clock(), d.zone).String()+`.csv"`)
	h.Set("Cache-Control", "no-store")
	if _, err := w.Write([]byte("\uFEFF")); err != nil {
		return nil // the reader has gone; nobody is left to tell
	}
	_ = csv.NewWriter(w).WriteAll(rows) // the same
	return nil
}

func exportHead(ctx context.Context) []string {
	return []string{ui.T(ctx, "desk.col.light"), ui.T(ctx, "desk.col.left"), ui.T(ctx, "desk.col.due"), ui.T(ctx, "desk.col.service"),
		ui.T(ctx, "desk.col.who"), ui.T(ctx, "desk.col.number"), ui.T(ctx, "desk.col.duty"), ui.T(ctx, "desk.col.task"), ui.T(ctx, "desk.col.since")}
}

func (d *desk) exportRow(ctx context.Context, t casework.Task) []string {
	due, days := "", ""
	if !t.DueAt.IsZero() {
		due = workday.DateOf(lastDay(t.DueAt), d.zone).String()
		days = strconv.Itoa(d.City.Calendar.Remaining(d.Clock(), t.DueAt))
	}
	row := []string{lightWord(ctx, t.Light), days, due, ui.In(ctx, t.ServiceName), t.SubjectName, t.Number, dutyName(ctx, t.Duty),
		ui.In(ctx, t.Name), workday.DateOf(t.OpenedAt, d.zone).String()}
	for i, cell := range row {
		if i != 1 { // a number, negative when late
			row[i] = inert(cell)
		}
	}
	return row
}

// inert keeps a spreadsheet from taking a cell for a formula.
func inert(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

func lightWord(ctx context.Context, l casework.Light) string {
	switch l {
	case casework.Green:
		return ui.T(ctx, "ui.light.green")
	case casework.Amber:
		return ui.T(ctx, "ui.light.amber")
	case casework.Red:
		return ui.T(ctx, "ui.light.red")
	default:
		return ui.T(ctx, "desk.light.none")
	}
}
