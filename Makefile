# The tools are pinned in tools/go.mod and built from there.
TOOL = go tool -modfile=tools/go.mod

.PHONY: generate
generate: ## write the Go of *.sql and *.templ anew
	$(TOOL) sqlc generate
	$(TOOL) templ generate
