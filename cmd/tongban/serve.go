package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"

	"github.com/spf13/cobra"

	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/db"
)

// configure reads the configuration and lets the flags that were given win.
func configure(cmd *cobra.Command, file string) (config.Config, error) {
	cfg, err := config.Load(file, os.Environ())
	if err != nil {
		return cfg, err
	}
	for name, field := range map[string]*string{"addr": &cfg.Addr, "data": &cfg.Data, "pack": &cfg.Pack} {
		if f := cmd.Flags().Lookup(name); f != nil && f.Changed {
			*field = f.Value.String()
		}
	}
	return cfg, nil
}

func logger(w io.Writer, c config.Log) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.Level)) // Check has looked at it
	options := &slog.HandlerOptions{Level: level}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// serveCommand runs a city.
func serveCommand() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "serve --config FILE",
		Short: "Serve a city, on PostgreSQL",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := configure(cmd, file)
			if err != nil {
				return err
			}
			return serve(cmd.Context(), cfg, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().StringVar(&file, "config", "", "configuration file")
	cmd.Flags().String("addr", "", "address to listen on, host:port")
	return cmd
}

// serve listens and answers until ctx ends. It refuses a database whose schema
// is not the program's.
func serve(ctx context.Context, cfg config.Config, out, errOut io.Writer) error {
	if cfg.Demo {
		return errors.New("config: demo: serve signs real people in; for the sample city run tongban demo")
	}
	if err := cfg.Check(); err != nil {
		return err
	}
	log := logger(errOut, cfg.Log)
	flush, err := traces(ctx, cfg.Trace)
	if err != nil {
		return err
	}
	defer flush()
	a, err := openApp(ctx, cfg, log)
	if err != nil {
		return err
	}
	handler, err := a.handler(nil)
	if err != nil {
		return errors.Join(err, a.close())
	}
	listener, err := net.Listen("tcp", cfg.Addr)
	if err != nil {
		return errors.Join(err, a.close())
	}
	fmt.Fprintf(out, "ready %s\n", cfg.URL)
	ctx, cancel := context.WithCancel(ctx)
	wait := a.work(ctx)
	err = serveHTTP(ctx, listener, handler, log)
	cancel()
	wait()
	return errors.Join(err, a.close())
}

// migrateCommand brings the schema to the program's version.
func migrateCommand() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "migrate --config FILE",
		Short: "Bring the database to this program's schema",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := configure(cmd, file)
			if err != nil {
				return err
			}
			return migrate(cmd.Context(), dsn(cfg))
		},
	}
	cmd.Flags().StringVar(&file, "config", "", "configuration file")
	return cmd
}

func migrate(ctx context.Context, dsn string) error {
	d, err := db.Open(ctx, dsn)
	if err != nil {
		return err
	}
	return errors.Join(d.Migrate(ctx), d.Close())
}
