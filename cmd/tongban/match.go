package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/spf13/cobra"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/eligibility"
	"github.com/tongban/tongban/exchange"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/config"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/workday"
)

// matchCommand counts a whole city against every policy.
func matchCommand() *cobra.Command {
	o := matchOptions{}
	var file string
	cmd := &cobra.Command{
		Use:   "match [--config FILE]",
		Short: "Count who is entitled to what, in the whole city",
		Long: `Count who is entitled to what, in the whole city, as of any day.

Reads the registers of the configured database into a snapshot in the data
folder and counts it against every policy in force; --keep counts the snapshot
that is there. The city may be running meanwhile. Of people it prints numbers
only.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := configure(cmd, file)
			if err != nil {
				return err
			}
			return o.run(cmd.Context(), cfg, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().StringVar(&file, "config", "", "configuration file")
	cmd.Flags().String("data", "", "folder of the city's data")
	cmd.Flags().BoolVar(&o.keep, "keep", false, "count the snapshot that is there")
	cmd.PersistentFlags().String("pack", "", "folder of the city (default: Shanghai, inside the program)")
	cmd.PersistentFlags().StringVar(&o.audience, "audience", "resident", "resident or firm")
	cmd.PersistentFlags().StringVar(&o.day, "as-of", "", "the day to count for, 2026-12-31 (default today)")
	cmd.PersistentFlags().BoolVar(&o.near, "near", false, "count near misses too: exactly one condition short")
	cmd.PersistentFlags().BoolVar(&o.json, "json", false, "print one JSON object")
	cmd.PersistentFlags().StringVar(&o.lang, "lang", "en", "language of the names: en or zh")
	cmd.AddCommand(matchNodeCommand(&o), matchGatherCommand(&o))
	return cmd
}

type matchOptions struct {
	audience, day, lang string
	near, json, keep    bool
}

// on is the day to count for.
func (o matchOptions) on(city *catalog.City) (workday.Date, error) {
	if o.day == "" {
		return workday.DateOf(clock.System(), city.Calendar.Zone()), nil
	}
	return workday.ParseDate(o.day)
}

func (o matchOptions) run(ctx context.Context, cfg config.Config, out, errOut io.Writer) (err error) {
	city, err := loadCity(cfg.Pack)
	if err != nil {
		return err
	}
	day, err := o.on(city)
	if err != nil {
		return err
	}
	d, err := db.Open(ctx, dsn(cfg))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := d.Current(ctx); err != nil {
		return err
	}
	registers := exchange.New(d, clock.System, city.Resources, city.Agencies)
	engine := eligibility.NewEngine(eligibility.EngineDeps{DB: d, City: city, Exchange: registers, Dir: filepath.Join(cfg.Data, "match"),
		Clock: clock.System, Log: logger(errOut, cfg.Log)})
	defer func() { err = errors.Join(err, engine.Close()) }()
	open := engine.Rebuild
	if o.keep {
		open = engine.Open
	}
	said := time.Time{}
	err = open(ctx, func(audience string, rows int) {
		if time.Since(said) >= time.Second {
			said = time.Now()
			fmt.Fprintf(errOut, "%s: %d read\n", audience, rows)
		}
	})
	if err != nil {
		return err
	}
	if err := engine.Prepare(o.audience, day); err != nil {
		return err
	}
	began := time.Now()
	counts, err := engine.Count(ctx, o.audience, day, eligibility.Options{Near: o.near})
	if err != nil {
		return err
	}
	return o.print(out, city, day, counts, time.Since(began))
}

// matchCount is one policy in the JSON of match.
type matchCount struct {
	Policy string         `json:"policy"`
	Name   i18n.Text      `json:"name"`
	Yes    int            `json:"yes"`
	Held   int            `json:"held"`
	Near   map[string]int `json:"near,omitempty"`
}

// print writes the counts as a table, or as JSON.
func (o matchOptions) print(out io.Writer, city *catalog.City, day workday.Date, counts eligibility.Counts, took time.Duration) error {
	list := make([]matchCount, len(counts.Policies))
	for i, c := range counts.Policies {
		p, _ := city.Policy(c.Policy)
		list[i] = matchCount{Policy: c.Policy, Name: p.Name, Yes: c.Yes, Held: c.Held}
		for _, missed := range c.Near {
			if list[i].Near == nil {
				list[i].Near = map[string]int{}
			}
			list[i].Near[missed.Condition] = missed.Count
		}
	}
	if o.json {
		return json.NewEncoder(out).Encode(map[string]any{"audience": o.audience, "day": day, "subjects": counts.Subjects,
			"seconds": took.Seconds(), "policies": list})
	}
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintf(table, "policy\tentitled\thave it\tone short\t%s, %d subjects, %s\n", day, counts.Subjects, took.Round(time.Microsecond))
	for _, c := range list {
		short := 0
		for _, n := range c.Near {
			short += n
		}
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%s\n", c.Policy, c.Yes, c.Held, short, c.Name.In(i18n.ParseLang(o.lang)))
	}
	return table.Flush()
}

// shard is what nodes of the same pack and snapshot share.
func (o matchOptions) shard(cmd *cobra.Command, snapshot string) (eligibility.Shard, *eligibility.Schema, error) {
	cfg, err := configure(cmd, "")
	if err != nil {
		return eligibility.Shard{}, nil, err
	}
	city, err := loadCity(cfg.Pack)
	if err != nil {
		return eligibility.Shard{}, nil, err
	}
	id, err := eligibility.SnapshotID(snapshot)
	if err != nil {
		return eligibility.Shard{}, nil, err
	}
	return eligibility.Shard{City: city, Audience: o.audience, Snapshot: id}, eligibility.NewSchema(city.Attributes, o.audience), nil
}

func matchNodeCommand(o *matchOptions) *cobra.Command {
	var snapshot, url, credentials, name string
	cmd := &cobra.Command{
		Use:   "node --snapshot FILE --bus URL",
		Short: "Count ranges of a snapshot for whoever gathers, until interrupted",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			shard, schema, err := o.shard(cmd, snapshot)
			if err != nil {
				return err
			}
			pop, err := eligibility.Open(snapshot, schema)
			if err != nil {
				return err
			}
			conn, err := dial(url, credentials)
			if err != nil {
				return errors.Join(err, pop.Close())
			}
			defer conn.Close()
			fmt.Fprintf(cmd.OutOrStdout(), "ready %s, %d subjects\n", name, pop.Len())
			return errors.Join(shard.Serve(cmd.Context(), conn, name, pop), pop.Close())
		},
	}
	busFlags(cmd, &snapshot, &url, &credentials)
	host, _ := os.Hostname()
	cmd.Flags().StringVar(&name, "name", fmt.Sprintf("%s-%d", host, os.Getpid()), "what this node is called")
	return cmd
}

func matchGatherCommand(o *matchOptions) *cobra.Command {
	var snapshot, url, credentials string
	var g eligibility.GatherOptions
	cmd := &cobra.Command{
		Use:   "gather --snapshot FILE --bus URL",
		Short: "Have the nodes count a snapshot; a node that falls out is replaced by the others",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			shard, schema, err := o.shard(cmd, snapshot)
			if err != nil {
				return err
			}
			day, err := o.on(shard.City)
			if err != nil {
				return err
			}
			pop, err := eligibility.Open(snapshot, schema)
			if err != nil {
				return err
			}
			blocks := pop.Blocks()
			if err := pop.Close(); err != nil {
				return err
			}
			conn, err := dial(url, credentials)
			if err != nil {
				return err
			}
			defer conn.Close()
			g.Near = o.near
			g.Progress = func(node string, done, total int) {
				fmt.Fprintf(cmd.ErrOrStderr(), "%d of %d ranges, by %s\n", done, total, node)
			}
			began := time.Now()
			counts, err := shard.Gather(cmd.Context(), conn, blocks, day, g)
			if err != nil {
				return err
			}
			return o.print(cmd.OutOrStdout(), shard.City, day, counts, time.Since(began))
		},
	}
	busFlags(cmd, &snapshot, &url, &credentials)
	cmd.Flags().IntVar(&g.Ranges, "ranges", 64, "into how many ranges the snapshot is cut")
	cmd.Flags().IntVar(&g.At, "at", 8, "how many ranges are asked for at a time")
	cmd.Flags().DurationVar(&g.Patience, "patience", 10*time.Second, "after which a range goes to another node")
	return cmd
}

func busFlags(cmd *cobra.Command, snapshot, url, credentials *string) {
	cmd.Flags().StringVar(snapshot, "snapshot", "", "snapshot file, the same on every node")
	cmd.Flags().StringVar(url, "bus", "", "NATS to meet on, nats://host:4222")
	cmd.Flags().StringVar(credentials, "credentials", "", "a NATS credentials file")
	_ = cmd.MarkFlagRequired("snapshot") // both are there
	_ = cmd.MarkFlagRequired("bus")
}

func dial(url, credentials string) (*nats.Conn, error) {
	options := []nats.Option{nats.Name("tongban match")}
	if credentials != "" {
		options = append(options, nats.UserCredentials(credentials))
	}
	conn, err := nats.Connect(url, options...)
	if err != nil {
		return nil, fmt.Errorf("bus %s: %w", url, err)
	}
	return conn, nil
}
