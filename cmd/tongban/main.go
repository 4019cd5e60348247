// Command tongban is a city's one-stop public service in one binary. Each
// subcommand has a file of its own; this one only wires them.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // a city's time zone, where the machine has no database of them

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := rootCommand().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "tongban:", err)
		os.Exit(1)
	}
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "tongban",
		Short:         "One-stop public service of a city",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(benchCommand(), catalogueCommand(), checkCommand(), demoCommand(), matchCommand(), migrateCommand(), policyCommand(), serveCommand(), verifyCommand())
	return root
}
