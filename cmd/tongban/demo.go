package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/config"
)

// demoCommand runs the sample city on this machine alone.
func demoCommand() *cobra.Command {
	var residents int
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
			return runDemo(cmd.Context(), cfg, residents, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().IntVar(&residents, "residents", 5000, "synthetic residents beside those who sign in, for counts of the whole city; they move in while the demo runs")
	cmd.Flags().String("addr", "", "address to listen on (default 127.0.0.1:8080; port 0 takes a free one)")
	cmd.Flags().String("data", "", "folder to keep the demo's data in")
	cmd.Flags().String("pack", "", "folder of the city (default: Shanghai, inside the program)")
	return cmd
}

// openDemo makes the sample city in cfg.Data, with its people and its sign-in.
func openDemo(ctx context.Context, cfg config.Config, log *slog.Logger) (*app, http.Handler, error) {
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return nil, nil, err
	}
	if err := migrate(ctx, dsn(cfg)); err != nil {
		return nil, nil, err
	}
	a, err := openApp(ctx, cfg, log)
	if err != nil {
		return nil, nil, err
	}
	handler, err := a.demoHandler(ctx)
	if err != nil {
		return nil, nil, errors.Join(err, a.close())
	}
	return a, handler, nil
}

func (a *app) stage() demo.Stores {
	return demo.Stores{DB: a.db, City: a.city, Parties: a.parties, Exchange: a.exchange, Licences: a.licences, Now: clock.System()}
}

// settle lets the town's residents move in, and counts them.
func (a *app) settle(ctx context.Context, residents int) {
	err := demo.Settle(ctx, a.stage(), residents)
	if err == nil && residents > 0 {
		err = a.engine.Rebuild(ctx, nil)
	}
	if err != nil && ctx.Err() == nil {
		a.log.ErrorContext(ctx, "the town is not settled", "error", err)
	}
}

func (a *app) demoHandler(ctx context.Context) (http.Handler, error) {
	if err := demo.Seed(ctx, a.stage()); err != nil {
		return nil, err
	}
	provider, err := demo.NewProvider(demo.ProviderOptions{URL: a.cfg.URL, City: a.city, KeyFile: filepath.Join(a.cfg.Data, "keys", "demo-login.pem"), Log: a.log})
	if err != nil {
		return nil, err
	}
	return a.handler(provider)
}

func runDemo(ctx context.Context, cfg config.Config, residents int, out, errOut io.Writer) error {
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
	a, handler, err := openDemo(ctx, cfg, log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	ctx, cancel := context.WithCancel(ctx)
	wait := a.work(ctx)
	settled := make(chan struct{})
	go func() {
		defer close(settled)
		a.settle(ctx, residents)
	}()
	fmt.Fprintf(out, "ready %s\n", cfg.URL)
	err = serveHTTP(ctx, listener, handler, log)
	cancel()
	<-settled
	wait()
	return errors.Join(err, a.close())
}
