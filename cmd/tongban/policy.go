package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/criterion"
	"github.com/tongban/tongban/eligibility"
	"github.com/tongban/tongban/internal/i18n"
)

// policyCommand works on the policies of a pack without a running city.
func policyCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "policy", Short: "Work on who is entitled to what"}
	cmd.AddCommand(policyTestCommand())
	return cmd
}

// policyTestCommand runs the examples that stand beside each policy. A policy
// that answers one of them otherwise is told with the place of the example, what
// was expected and why the answer is what it is; any of them is exit status 1.
func policyTestCommand() *cobra.Command {
	var id, lang string
	cmd := &cobra.Command{
		Use:   "test [PACK]",
		Short: "Run the examples of every policy of a pack",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			city, err := loadCity(append(args, "packs/shanghai")[0])
			if err != nil {
				return err
			}
			book, err := eligibility.NewBook(city)
			if err != nil {
				return err
			}
			r := report{w: cmd.OutOrStdout(), lang: i18n.ParseLang(lang), book: book}
			for _, p := range city.Policies {
				if id == "" || p.ID == id {
					r.policy(p)
				}
			}
			if id != "" && r.policies == 0 {
				return fmt.Errorf("there is no policy %q", id)
			}
			fmt.Fprintf(r.w, "policies %d, examples %d, failed %d\n", r.policies, r.examples, r.failed)
			if r.failed > 0 {
				return fmt.Errorf("examples that fail: %d", r.failed)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&id, "id", "", "only this policy")
	cmd.Flags().StringVar(&lang, "lang", "en", "language of the report: en or zh")
	return cmd
}

// report prints how the policies do.
type report struct {
	w                          io.Writer
	lang                       i18n.Lang
	book                       *eligibility.Book
	policies, examples, failed int
}

func (r *report) policy(p *catalog.Policy) {
	failures := r.book.Test(p)
	r.policies, r.examples, r.failed = r.policies+1, r.examples+len(p.Examples), r.failed+len(failures)
	if len(failures) == 0 {
		fmt.Fprintf(r.w, "ok    %s %d\n", p.ID, len(p.Examples))
		return
	}
	fmt.Fprintf(r.w, "FAIL  %s %d of %d\n", p.ID, len(failures), len(p.Examples))
	for _, f := range failures {
		fmt.Fprintf(r.w, "  %s:%d %s\n", p.File, f.Example.Line, f.Example.Name.In(r.lang))
		for _, w := range f.Wrong {
			none := i18n.T(r.lang, "eligibility.example.nothing")
			fmt.Fprintf(r.w, "    %s\n", i18n.T(r.lang, "eligibility.example.wrong", "what", w.What, "want", cmp.Or(w.Want, none), "got", cmp.Or(w.Got, none)))
		}
		for _, c := range f.Decision.Conditions {
			if f.Decision.Verdict == criterion.Yes || c.Verdict != criterion.Yes {
				fmt.Fprintf(r.w, "    %s (%s)\n", c.ID, c.Label.In(r.lang))
				r.trace(c.Trace, "      ")
			}
		}
	}
}

// trace prints what every clause came to and what it read.
func (r *report) trace(t criterion.Trace, indent string) {
	var reads []string
	for _, read := range t.Reads {
		value := "?"
		if read.Value != nil {
			value = fmt.Sprint(read.Value)
		}
		reads = append(reads, read.Name+" = "+value)
	}
	line := fmt.Sprintf("%s%-7s %s", indent, t.Verdict, strings.Join(strings.Fields(t.Text), " "))
	if len(reads) > 0 {
		line += "  [" + strings.Join(reads, ", ") + "]"
	}
	fmt.Fprintln(r.w, line)
	for _, part := range t.Parts {
		r.trace(part, indent+"  ")
	}
}
