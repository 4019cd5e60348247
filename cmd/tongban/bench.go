package main

import (
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/tongban/tongban/bench"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/db"
)

// benchCommand measures the program beside a peer in the same run.
func benchCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "bench", Short: "Measure beside a peer or a limit, in the same run"}
	asJSON := cmd.PersistentFlags().Bool("json", false, "print one JSON object")
	cmd.AddCommand(benchCasesCommand(asJSON), benchListsCommand(asJSON), benchPagesCommand(asJSON), benchMatchCommand(asJSON))
	return cmd
}

func benchCasesCommand(asJSON *bool) *cobra.Command {
	o := bench.CasesOptions{}
	var engine string
	cmd := &cobra.Command{
		Use:   "cases",
		Short: "Whole cases: submission, five tasks, licence",
		Long: `Whole cases, from submission through five tasks to the licence.

On SQLite beside the same work with one commit for each command; on PostgreSQL
beside pgbench simple-update on the same server. PostgreSQL's programs must be
installed; without --dsn a server of its own is started and removed.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.Engine = db.Engine(engine)
			r, err := bench.Cases(cmd.Context(), o)
			if err != nil {
				return err
			}
			return r.Write(cmd.OutOrStdout(), *asJSON)
		},
	}
	cmd.Flags().StringVar(&engine, "engine", "sqlite", "sqlite or postgres")
	cmd.Flags().StringVar(&o.DSN, "dsn", "", "PostgreSQL to use, postgres://…")
	cmd.Flags().IntVar(&o.Cases, "cases", 1500, "cases in a run")
	cmd.Flags().IntVar(&o.Clients, "clients", 0, "clients at the same time (default 64 on SQLite, 16 on PostgreSQL)")
	cmd.Flags().IntVar(&o.Runs, "runs", 5, "runs, of which the medians are printed")
	cmd.Flags().IntVar(&o.PgbenchSeconds, "pgbench-seconds", 10, "seconds of pgbench in a run")
	return cmd
}

func benchListsCommand(asJSON *bool) *cobra.Command {
	o := bench.ListsOptions{}
	var engine string
	cmd := &cobra.Command{
		Use:   "lists",
		Short: "An officer's inbox and a resident's cases, in a small city and a large one",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.Engine = db.Engine(engine)
			r, err := bench.Lists(cmd.Context(), o)
			if err != nil {
				return err
			}
			return r.Write(cmd.OutOrStdout(), *asJSON)
		},
	}
	cmd.Flags().StringVar(&engine, "engine", "sqlite", "sqlite or postgres")
	cmd.Flags().IntVar(&o.Small, "small", 10_000, "open cases of the small city")
	cmd.Flags().IntVar(&o.Large, "large", 1_000_000, "open cases of the large city")
	cmd.Flags().IntVar(&o.Queries, "queries", 300, "lists of each kind in a run")
	cmd.Flags().IntVar(&o.Runs, "runs", 5, "runs, of which the medians are printed")
	return cmd
}

func benchPagesCommand(asJSON *bool) *cobra.Command {
	o := bench.PagesOptions{Paths: []string{"/", "/services/elderly-allowance", "/events/new-born", "/?lang=en"}}
	cmd := &cobra.Command{
		Use:   "pages",
		Short: "Public pages, beside a static file server with the same bytes",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg := config.Default()
			var err error
			if cfg.Data, err = os.MkdirTemp("", "tongban-bench-*"); err != nil {
				return err
			}
			defer os.RemoveAll(cfg.Data)
			cfg.Demo, cfg.URL = true, "http://127.0.0.1"
			a, handler, err := openDemo(cmd.Context(), cfg, logger(io.Discard, cfg.Log))
			if err != nil {
				return err
			}
			defer a.close()
			o.Handler = handler
			r, err := bench.Pages(cmd.Context(), o)
			if err != nil {
				return err
			}
			return r.Write(cmd.OutOrStdout(), *asJSON)
		},
	}
	cmd.Flags().IntVar(&o.Clients, "clients", 16, "clients at the same time")
	cmd.Flags().Float64Var(&o.Seconds, "seconds", 3, "seconds of each side in a run")
	cmd.Flags().IntVar(&o.Runs, "runs", 5, "runs, of which the medians are printed")
	return cmd
}
