package catalog

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/goccy/go-yaml"
)

// WriteServices writes services as a fragment of a pack: a file
// services/SECTOR/ID.yaml below dir for each. dir must be empty or not yet
// there, so that nothing is overwritten and no half of an older import stays.
func WriteServices(dir string, services []Service) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("catalog.WriteServices: %w", err)
	}
	if len(entries) > 0 {
		return fmt.Errorf("catalog.WriteServices: %s is not empty", dir)
	}
	for _, s := range services {
		if !slug.MatchString(s.Sector) || !slug.MatchString(s.ID) {
			return fmt.Errorf("catalog.WriteServices: %q in %q cannot be a file's name", s.ID, s.Sector)
		}
		body, err := yaml.MarshalWithOptions(s, yaml.UseSingleQuote(false), yaml.IndentSequence(true))
		if err != nil {
			return fmt.Errorf("catalog.WriteServices: %s: %w", s.ID, err)
		}
		folder := filepath.Join(dir, "services", s.Sector)
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return fmt.Errorf("catalog.WriteServices: %w", err)
		}
		if err := os.WriteFile(filepath.Join(folder, s.ID+".yaml"), body, 0o644); err != nil {
			return fmt.Errorf("catalog.WriteServices: %w", err)
		}
	}
	return nil
}
