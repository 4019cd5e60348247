package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/config"
)

// demoCommand runs the sample city on this machine alone.
func demoCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run the sample city: nothing to install, nobody real in it",
		Long: `Run the sample city on this machine: embedded database and messaging, synthetic
people, and a sign-in where one picks any of them. Prints "ready URL" once it can
be used. Without --data everything is gone when it ends.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := configure(cmd, "")
			if err != nil {
				return err
			}
			cfg.Demo = true
			if !cmd.Flags().Changed("data") {
				if cfg.Data, err = os.MkdirTemp("", "tongban-demo-*"); err != nil {
					return err
				}
				defer os.RemoveAll(cfg.Data)
			}
			return runDemo(cmd.Context(), cfg, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().String("addr", "", "address to listen on (default 127.0.0.1:8080; port 0 takes a free one)")
	cmd.Flags().String("data", "", "folder to keep the demo's data in")
	cmd.Flags().String("pack", "", "folder of the city (default: Shanghai, inside the program)")
	return cmd
}

func runDemo(ctx context.Context, cfg config.Config, out, errOut io.Writer) error {
	if err := cfg.Check(); err != nil {
		return err
	}
	log := logger(errOut, cfg.Log)
	listener, err := net.Listen("tcp", cfg.Addr)
	if err != nil {
		return err
	}
	if cfg.URL == "" {
		cfg.URL = "http://" + listener.Addr().String()
	}
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return err
	}
	if err := migrate(ctx, dsn(cfg)); err != nil {
		return err
	}
	a, err := openApp(ctx, cfg, log)
	if err != nil {
		return err
	}
	if err := demo.Seed(ctx, demo.Stores{DB: a.db, City: a.city, Parties: a.parties, Exchange: a.exchange, Licences: a.licences, Now: clock.System()}); err != nil {
		return errors.Join(err, a.close())
	}
	provider, err := demo.NewProvider(demo.ProviderOptions{URL: cfg.URL, City: a.city, KeyFile: filepath.Join(cfg.Data, "keys", "demo-login.pem"),
		Log: log})
	if err != nil {
		return errors.Join(err, a.close())
	}
	handler, err := a.handler(provider)
	if err != nil {
		return errors.Join(err, a.close())
	}
	ctx, cancel := context.WithCancel(ctx)
	wait := a.work(ctx)
	fmt.Fprintf(out, "ready %s\n", cfg.URL)
	err = serveHTTP(ctx, listener, handler, log)
	cancel()
	wait()
	return errors.Join(err, a.close())
}
