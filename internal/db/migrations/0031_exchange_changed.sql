-- +goose Up
-- When the entry was last written here; at is when the agency last said so.
ALTER TABLE exchange_entries ADD COLUMN changed_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX exchange_entries_changed ON exchange_entries (changed_at);

-- +goose Down
DROP INDEX exchange_entries_changed;
ALTER TABLE exchange_entries DROP COLUMN changed_at;
