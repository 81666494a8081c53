# Every task of the project by one command. `make` alone lists them.

.DEFAULT_GOAL := help
.PHONY: help demo build test test-tools check fmt clippy doc core deny bench instructions profile pgo accuracy names-model injection-model \
	load-tools load-light load-medium load-heavy load-spike load-soak load-capacity

help: ## List the tasks.
	@grep -E '^[a-z -]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: ## Build, show what is guarded, and stay up for SDKs on port 8000.
	cargo run --release -- demo

build: ## Build the release binary.
	cargo build --release

test: test-tools ## Run all tests (real Redis, real SDKs).
	cargo test --all-features

test-tools: ## Install what the tests use: redis-server, Python and Node packages in target/.
	./tests/prepare

check: fmt clippy doc core ## Run all checks but the tests.

fmt:
	cargo fmt --check

clippy:
	cargo clippy --all-targets --all-features -- -D warnings

doc:
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --all-features

core: ## Compile the pure core alone: no runtime, no network.
	cargo clippy --lib --no-default-features -- -D warnings

deny: ## Check licences, advisories and sources of the dependencies (needs cargo-deny and the network).
	cargo deny check

bench: ## Run the benchmarks.
	cargo bench

instructions: ## Count instructions by callgrind (needs valgrind).
	./benches/instructions.py

profile: ## Profile a proxied request: reports/profile.svg (needs perf, nginx and wrk).
	cargo build --profile bench
	./benches/profile.py

pgo: load-tools ## Build by what was seen under load: target/pgo/prompt-guard (needs llvm-profdata of rustc's LLVM).
	target/load/bin/python benches/pgo.py

accuracy: build ## Measure detection on marked texts; EVAL=folder adds the development corpus.
	./tests/accuracy target/release/prompt-guard $(EVAL)

names-model: ## Train the name tagger: writes src/detect/names/*.bin.
	cargo run --release --no-default-features --example train_names

injection-model: ## Train the classifier of prompt injections: writes src/detect/injection/weights.bin.
	cargo run --release --no-default-features --example train_injection

load-tools: build ## Install what the load suite uses: Python packages in target/load.
	@cmp -s tests/load/requirements.txt target/load/installed.txt || { \
		python3 -m venv --clear target/load \
		&& target/load/bin/pip install --quiet --disable-pip-version-check -r tests/load/requirements.txt \
		&& cp tests/load/requirements.txt target/load/installed.txt; }

load-light load-medium load-heavy load-spike load-soak: load-%: load-tools ## Run a load scenario (SECONDS=N shortens it); reports/ has the result.
	target/load/bin/python tests/load/run.py $* $(if $(SECONDS),--seconds $(SECONDS))

load-capacity: load-tools ## Throughput and latency at fixed rates (needs oha, nginx and redis-server).
	target/load/bin/python tests/load/capacity.py
