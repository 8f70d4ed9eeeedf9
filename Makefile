# Martlet's verbs. `make` alone lists them.

# Where debug builds go; set MARTLET_SCRATCH to share one folder between clones.
scratch := $(if $(MARTLET_SCRATCH),--scratch-path $(MARTLET_SCRATCH),)
release := swift build -c release --product martlet --static-swift-stdlib

.PHONY: help run build test check lint format bench-batch bench-monitoring bench-start bench-search bench-serving bench-tracking bench-web screenshots clean setup

help: ## List the verbs
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

run: setup ## Set up, build, start the server on 127.0.0.1:8080 and run the example once (EXAMPLE=0: never)
	@EXAMPLE=$(EXAMPLE) tools/run

build: setup ## Build the release binary, .build/release/martlet
	$(release)

test: setup ## Build and run all tests
	swift build --build-tests $(scratch)
	@tools/test $(scratch)

screenshots: setup ## Pictures of all pages into screenshots/: two themes, two widths, three sizes of data
	swift build --build-tests $(scratch)
	rm -rf screenshots
	@MARTLET_SCREENSHOTS=screenshots tools/test $(scratch) --filter 'PagesInBrowser.Screenshots'

check: setup lint test ## All that CI checks: format, imports, sizes, build, tests

lint: ## Check the format, the imports, the sizes and the graph of targets
	swift format lint --strict --recursive Package.swift Sources Tests
	tools/check

format: ## Format all Swift files in place
	swift format --in-place --recursive Package.swift Sources Tests

bench-batch: build ## Batches of a million rows, beside LightGBM's own time for the same
	bench/batch --formats parquet csv ndjson

bench-monitoring: build ## Drift reports beside Evidently, whylogs and SciPy; what watching costs; imports, labels, slices
	bench/monitoring
	bench/watching
	bench/importing

bench-start: build ## How long the server takes to start and what it holds in memory
	bench/start

bench-search: build ## How searches grow with the number of runs
	bench/search

bench-serving: build ## Predictions, beside MLflow's and MLServer's servers, and the ceilings
	bench/serving --open-loop

bench-tracking: build ## Logging, searching and reading back, beside MLflow's server
	bench/tracking

bench-web: build ## First paint, bytes and interactions of all pages over 75,000 runs, in a real browser
	bench/web

clean: ## Remove what builds made
	rm -rf .build

setup:
	@tools/setup
