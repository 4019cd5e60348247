-- +goose Up
CREATE INDEX corrections_source ON corrections (source, at, id);
CREATE INDEX cases_counter ON cases (agent, submitted_at, id) WHERE channel = '1';

-- +goose Down
DROP INDEX cases_counter;
DROP INDEX corrections_source;
