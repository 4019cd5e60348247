package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/tongban/tongban/bench"
)

func benchMatchCommand(asJSON *bool) *cobra.Command {
	o := bench.MatchOptions{}
	cmd := &cobra.Command{
		Use:   "match",
		Short: "A whole city against all policies, beside cel-go, DuckDB, NumPy, OpenFisca and reading memory",
		Long: `A whole synthetic city against all policies: the sample city's own, and
variants of them up to the number asked for.

In the same run: cel-go on a sample of the residents; reading as many bytes as
the rules' columns have; and, with --peers, DuckDB, NumPy and OpenFisca on the
same people and rules. Ratios are printed only where all counts agree.

The peers are Python programs beside the source and are set up once:

  bench/peers/match/setup.sh
  tongban bench match --peers bench/peers/match`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.Say = func(format string, args ...any) { fmt.Fprintf(cmd.ErrOrStderr(), format+"\n", args...) }
			if o.Peers == "" {
				o.Say("without DuckDB, NumPy and OpenFisca: run %s, then give --peers %s", filepath.Join(bench.MatchPeers, "setup.sh"), bench.MatchPeers)
			}
			r, err := bench.Match(cmd.Context(), o)
			if err != nil {
				return err
			}
			return r.Write(cmd.OutOrStdout(), *asJSON)
		},
	}
	cmd.Flags().IntVar(&o.Residents, "residents", 2_500_000, "residents of the city")
	cmd.Flags().IntVar(&o.Policies, "policies", 1000, "policies")
	cmd.Flags().IntVar(&o.Runs, "runs", 5, "runs, of which the medians are printed")
	cmd.Flags().IntVar(&o.Sample, "sample", 500, "residents whom cel-go decides in a run")
	cmd.Flags().Uint64Var(&o.Seed, "seed", 1, "other people and other variants of the policies")
	cmd.Flags().StringVar(&o.Kernel, "kernel", "", "avx512, avx2 or portable (default the best of the machine)")
	cmd.Flags().StringVar(&o.Peers, "peers", "", "folder of the peers, set up")
	return cmd
}
