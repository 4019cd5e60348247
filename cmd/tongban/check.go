package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/internal/i18n"
)

// checkCommand validates a whole city folder. Every fault is one line on
// standard output, file:line:col with what to do; any fault is exit status 1.
func checkCommand() *cobra.Command {
	var lang string
	cmd := &cobra.Command{
		Use:   "check PACK",
		Short: "Check a city's folder and print every fault as file:line:col with what to do",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if info, err := os.Stat(args[0]); err != nil || !info.IsDir() {
				return fmt.Errorf("%s is not a folder", args[0])
			}
			city, problems := catalog.Load(os.DirFS(args[0]))
			out := cmd.OutOrStdout()
			for _, p := range problems {
				fmt.Fprintln(out, p.In(i18n.ParseLang(lang)))
			}
			if n := len(problems); n > 0 {
				return fmt.Errorf("problems in %s: %d", args[0], n)
			}
			fmt.Fprintf(out, "%s %s: no problems (services %d, life events %d, agencies %d, forms %d, processes %d, policies %d)\n",
				city.Profile.ID, city.Version, len(city.Services), len(city.Events), len(city.Agencies), len(city.Forms), len(city.Processes), len(city.Policies))
			return nil
		},
	}
	cmd.Flags().StringVar(&lang, "lang", "en", "language of the messages: en or zh")
	return cmd
}
