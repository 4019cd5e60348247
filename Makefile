SHELL := /bin/bash
# The tools are pinned in tools/go.mod and built from there. Nothing but Go is
# needed to build; the tests also need PostgreSQL and Chromium, which `make
# setup` installs on Debian and Ubuntu.
GO    ?= go
TOOL   = $(GO) tool -modfile=tools/go.mod
KERNEL = $(GO) run -modfile=tools/go.mod eligibility/internal/kernel/gen/main.go -pkg kernel \
	-out eligibility/internal/kernel/kernel_amd64.s -stubs eligibility/internal/kernel/stub_amd64.go
CORE   = ./internal/db ./internal/bus ./ledger ./process ./criterion ./licence/... ./policy ./party ./eligibility ./web/ui/pagecache
export CGO_ENABLED = 0

.PHONY: help build setup test check generate drift race bench fuzz
help: ## what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

build: ## bin/tongban
	$(GO) build -trimpath -o bin/tongban ./cmd/tongban

setup: ## install what the tests need and the machine lacks
	./.ci/setup

test: setup ## every test, on SQLite and PostgreSQL, and in a browser
	$(GO) test -timeout 25m ./...

check: ## format, vet, staticcheck, generated code, floors, data races
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "gofmt:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...
	$(TOOL) staticcheck ./...
	$(MAKE) drift
	$(GO) test ./internal/floor
	$(MAKE) race

race: setup ## the core under the race detector, which needs a C compiler
	CGO_ENABLED=1 $(GO) test -race -timeout 25m $(CORE)

generate: ## write the Go of *.sql and *.templ and the assembly anew
	$(TOOL) sqlc generate
	$(TOOL) templ generate
	$(KERNEL)

drift: ## generated code is what its sources say
	@tmp=$$(mktemp -d) && trap 'rm -rf "$$tmp"' EXIT && git ls-files -z -co --exclude-standard | xargs -0 cp --parents -t "$$tmp" && \
	cd "$$tmp" && $(TOOL) sqlc generate && $(TOOL) templ generate >/dev/null && $(KERNEL) && \
	git -C "$(CURDIR)" ls-files -z '*_templ.go' '*/internal/store/*.go' 'eligibility/internal/kernel/*_amd64.*' | while IFS= read -r -d '' f; do cmp -s "$(CURDIR)/$$f" "$$tmp/$$f" || { echo "stale: $$f; run make generate"; exit 1; }; done

bench: build ## every benchmark, beside its peer
	bin/tongban bench cases --engine sqlite
	bin/tongban bench cases --engine postgres
	bin/tongban bench lists
	bin/tongban bench pages
	bin/tongban bench match

fuzz: ## every fuzz target for ten seconds
	@for f in $$(grep -rlE '^func Fuzz' --include=*_test.go .); do \
	  for name in $$(grep -hoE '^func Fuzz[A-Za-z]+' $$f | sed 's/func //'); do \
	    $(GO) test -run '^$$' -fuzz "^$$name$$" -fuzztime 10s ./$$(dirname $$f) || exit 1; done; done
