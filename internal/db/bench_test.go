package db_test

import (
	"context"
	"testing"

	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/id"
	"github.com/tongban/tongban/internal/testdb"
)

// BenchmarkWrite is the cost of small transactions: one read, five writes.
func BenchmarkWrite(b *testing.B) {
	for _, engine := range []db.Engine{db.SQLite, db.Postgres} {
		d := testdb.Open(b, engine)
		b.Run(string(engine), func(b *testing.B) {
			b.SetParallelism(8)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					err := d.Write(context.Background(), func(ctx context.Context, tx db.Tx) error {
						var n int
						key := id.New()
						if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM jobs WHERE kind = $1 AND key = $2 AND key <> ''", "k", key).Scan(&n); err != nil {
							return err
						}
						for range 5 {
							if err := db.Enqueue(ctx, tx, db.Job{Kind: "k", Key: id.New()}); err != nil {
								return err
							}
						}
						return nil
					})
					if err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}
