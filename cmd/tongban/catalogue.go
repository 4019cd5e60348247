package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/workday"
)

// catalogueCommand works on a catalogue without a running city.
func catalogueCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "catalogue", Short: "Import services from a list, compare versions of a service"}
	cmd.AddCommand(catalogueImportCommand(), catalogueCompareCommand())
	return cmd
}

// catalogueImportCommand turns a list into a fragment of a pack. Refused rows
// are one line each on standard output; they do not make it fail, an empty
// result does.
func catalogueImportCommand() *cobra.Command {
	var mapFile, out, lang string
	cmd := &cobra.Command{
		Use:   "import FILE.csv --map MAP.yaml --out DIR",
		Short: "Turn a list of services into files of a pack; every refused row is reported",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			w, l := cmd.OutOrStdout(), i18n.ParseLang(lang)
			src, err := os.ReadFile(mapFile)
			if err != nil {
				return err
			}
			m, problems := catalog.ParseMapping(mapFile, src)
			for _, p := range problems {
				fmt.Fprintln(w, p.In(l))
			}
			if len(problems) > 0 {
				return fmt.Errorf("problems in %s: %d", mapFile, len(problems))
			}
			list, err := os.Open(args[0])
			if err != nil {
				return err
			}
			defer list.Close()
			services, refused := catalog.Import(list, m)
			for _, r := range refused {
				fmt.Fprintf(w, "%s:%d %s\n", args[0], r.Row, r.Message.In(l))
			}
			if len(services) == 0 {
				return fmt.Errorf("no services in %s", args[0])
			}
			if err := catalog.WriteServices(out, services); err != nil {
				return err
			}
			fmt.Fprintf(w, "services written to %s: %d, rows refused: %d\n", out, len(services), len(refused))
			return nil
		},
	}
	cmd.Flags().StringVar(&mapFile, "map", "", "the mapping, such as packs/maps/zwfw.yaml")
	cmd.Flags().StringVar(&out, "out", "", "an empty or new folder for the services")
	cmd.Flags().StringVar(&lang, "lang", "en", "language of the messages: en or zh")
	for _, name := range []string{"map", "out"} {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // the flag is declared above
		}
	}
	return cmd
}

// catalogueCompareCommand prints the five reductions between two versions of a
// service.
func catalogueCompareCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "compare PACK SERVICE DATE DATE",
		Short: "Print by how much the later version of a service asks for less",
		Args:  cobra.ExactArgs(4),
		RunE: func(cmd *cobra.Command, args []string) error {
			city, problems := catalog.Load(os.DirFS(args[0]))
			if len(problems) > 0 {
				return fmt.Errorf("problems in %s: %d; run tongban check %s", args[0], len(problems), args[0])
			}
			service, ok := city.Service(args[1])
			if !ok {
				return fmt.Errorf("there is no service %q", args[1])
			}
			var versions [2]*catalog.ServiceVersion
			for i, arg := range args[2:] {
				day, err := workday.ParseDate(arg)
				if err != nil {
					return err
				}
				if versions[i] = service.At(day); versions[i] == nil {
					return fmt.Errorf("%s has no version in force on %s", service.ID, day)
				}
			}
			a, b, less := versions[0].Measure(), versions[1].Measure(), catalog.Compare(versions[0], versions[1])
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(map[string]catalog.Reductions{"before": a, "after": b, "less": less})
			}
			w := cmd.OutOrStdout()
			fmt.Fprintf(w, "%-10s %10s %10s %8s\n", "", args[2], args[3], "less")
			for _, row := range []struct {
				name         string
				a, b, change int64
			}{
				{"steps", int64(a.Steps), int64(b.Steps), int64(less.Steps)},
				{"days", int64(a.Days), int64(b.Days), int64(less.Days)},
				{"documents", int64(a.Documents), int64(b.Documents), int64(less.Documents)},
				{"visits", int64(a.Visits), int64(b.Visits), int64(less.Visits)},
				{"cost/fen", a.Cost, b.Cost, less.Cost},
			} {
				fmt.Fprintf(w, "%-10s %10d %10d %8d\n", row.name, row.a, row.b, row.change)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}
