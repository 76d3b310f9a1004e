# The commands of the README. Everything runs on this machine; nothing needs an AWS account.

CARGO ?= cargo
TERRAFORM ?= $(shell command -v terraform || command -v tofu)
NEXTEST := $(shell $(CARGO) nextest --version >/dev/null 2>&1 && echo yes)

# Programs for Linux are linked statically, with the C library in them, so that they start on every Linux, whatever its C
# library is; random numbers come from the kernel by its call, not from a file that may be missing. Everything here is
# built so: what is tested is what ships. Another target (TARGET=…-musl) needs its own std.
TARGET ?= $(shell $(CARGO) -vV 2>/dev/null | sed -n 's/^host: //p')
export CARGO_BUILD_TARGET := $(TARGET)
ifneq (,$(findstring -linux-,$(TARGET)))
export RUSTFLAGS := $(strip $(RUSTFLAGS) -C target-feature=+crt-static --cfg getrandom_backend="linux_getrandom")
endif
# The features that tests need are on in all of these commands: with others in one of them, half of the crates would be
# built twice.
FEATURES = --features tfplugin/testing,tfplugin/docs
BUILT = $(or $(CARGO_TARGET_DIR),target)/$(TARGET)
# Where cases that could not run here write down why.
SKIPPED = $(BUILT)/skipped-cases.txt
# Nothing of this machine stays in what ships: the same source gives the same bytes wherever it is built.
# Addresses that are only known when a program is loaded take a sixteenth of it when each is written out in full. A C
# library that is linked in and reads the short form is needed (glibc 2.36).
ifneq (,$(findstring -linux-gnu,$(TARGET)))
COMPACT := $(shell getconf GNU_LIBC_VERSION 2>/dev/null | awk '{ split($$2, v, "."); if (v[1] > 2 || v[2] >= 36) print "-C link-arg=-Wl,-z,pack-relative-relocs" }')
endif
RELEASE = RUSTFLAGS='$(RUSTFLAGS) $(COMPACT) --remap-path-prefix=$(or $(CARGO_HOME),$(HOME)/.cargo)=/cargo --remap-path-prefix=$(CURDIR)=/switchyard' $(CARGO)
SHIPPED = -p switchyard-server -p switchyard-cli -p switchyard-lab

.PHONY: demo test test-cores test-long test-endpoint fidelity fidelity-sweep model fuzz bench bench-guard bench-accept test-guard check \
	advisories doc fmt build dist install image docs changelog house

# The systems are scenarios: auto-shop, court-case, staged-traffic, event-booking.
demo: need-cargo need-terraform need-python ## Play the whole story with the real command line, or a system (SYSTEM=court-case)
	$(CARGO) build --quiet -p switchyard-server -p switchyard-cli -p switchyard-harness
	$(CARGO) run --quiet -p switchyard-harness --bin switchyard-demo -- $(SYSTEM)

test: need-cargo need-terraform need-python check ## Everything that tests
	@rm -f $(SKIPPED)
	$(CARGO) build --workspace $(FEATURES) --bins
ifeq ($(NEXTEST),yes)
	$(CARGO) nextest run --workspace $(FEATURES)
else
	$(CARGO) test --workspace $(FEATURES) --lib --bins --tests
endif
	$(CARGO) test --workspace $(FEATURES) --doc
	@if [ -s $(SKIPPED) ]; then echo "Skipped acceptance cases:"; cat $(SKIPPED); fi

test-cores: need-cargo need-terraform need-python ## One story on every Terraform core from 1.6 to the newest, each made from PyPI
	@rm -f $(SKIPPED)
	$(CARGO) build --workspace $(FEATURES) --bins
ifeq ($(NEXTEST),yes)
	$(CARGO) nextest run --workspace $(FEATURES) --test acceptance --run-ignored all cores::
else
	$(CARGO) test --workspace $(FEATURES) --test acceptance -- --include-ignored cores::
endif
	@if [ -s $(SKIPPED) ]; then echo "Skipped acceptance cases:"; cat $(SKIPPED); fi

test-long: need-cargo need-terraform need-python ## The cases that take too long for every run of `make test`
	$(CARGO) build --workspace $(FEATURES) --bins
ifeq ($(NEXTEST),yes)
	$(CARGO) nextest run --workspace $(FEATURES) --test acceptance --run-ignored only -E 'not test(/^cores::/)'
else
	$(CARGO) test --workspace $(FEATURES) --test acceptance -- --ignored --skip cores::
endif

test-endpoint: need-cargo need-terraform need-python ## The acceptance cases that the endpoint in SWITCHYARD_TEST_ENDPOINT can run
	$(CARGO) build --quiet -p switchyard-server -p switchyard-acceptance --all-targets
	$(CARGO) run --quiet -p switchyard-acceptance --bin switchyard-endpoint -- $(CASES)

fidelity: need-cargo need-terraform need-python ## One story against the endpoint in SWITCHYARD_TEST_ENDPOINT and against the lab: where they differ
	$(CARGO) build --quiet -p switchyard-server -p switchyard-acceptance --all-targets
	$(CARGO) run --quiet -p switchyard-acceptance --bin switchyard-fidelity

fidelity-sweep: need-cargo need-python ## Take away what an interrupted `make fidelity` has left at that endpoint
	$(CARGO) run --quiet -p switchyard-acceptance --bin switchyard-fidelity -- sweep

model: need-cargo ## Search deeper through everything that may happen to a deployment than `make test` does
	SWITCHYARD_MODEL_DISTURBANCES=$(or $(DISTURBANCES),2) $(CARGO) test --profile model -p switchyard-rollout --test model -- --nocapture

check: need-cargo ## Formatting, lints, documentation of the crates, licences
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets $(FEATURES) -- -D warnings
	$(MAKE) --no-print-directory doc
	@if $(CARGO) deny --version >/dev/null 2>&1; then $(CARGO) deny --log-level error check bans licenses sources; else echo "cargo-deny is not installed: licences and bans are not checked (cargo install cargo-deny --locked)"; fi
	@if [ -n "$(TERRAFORM)" ]; then $(TERRAFORM) fmt -check -recursive examples && $(TERRAFORM) fmt -check -recursive modules; fi

# The readers are fed in the build that the tests have made: with checks of overflows, and nothing to compile twice.
fuzz: need-cargo ## Feed every reader of foreign bytes with broken ones, for a minute each (FUZZ_SECONDS=600 for longer)
	$(CARGO) build --quiet --workspace $(FEATURES) --bins
	$(BUILT)/debug/switchyard-fuzz --seconds $(or $(FUZZ_SECONDS),60) --out $(BUILT)/fuzz

advisories: need-cargo ## Known faults of what is linked in. Their list is fetched from a git host; with CI set it must be
	@if $(CARGO) deny --log-level off fetch db >/dev/null 2>&1; then $(CARGO) deny --log-level error check advisories; \
	elif [ -n "$$CI" ]; then echo "The list of known faults cannot be fetched, or cargo-deny is not installed."; exit 1; \
	else echo "The list of known faults cannot be fetched here, or cargo-deny is not installed: nothing was checked."; fi

doc: need-cargo ## The documentation of the crates, without warnings
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --quiet --workspace $(FEATURES) --no-deps

bench: need-cargo need-terraform need-python ## Compare with hashicorp/aws and Terraform's floor; writes docs/benchmarks.md
	$(RELEASE) build --release $(SHIPPED)
	$(RELEASE) run --release -p switchyard-harness --bin switchyard-bench

bench-guard: need-cargo need-terraform need-valgrind ## Fail when the program or its instructions have grown beyond packaging/budget.json
	$(RELEASE) build --release $(SHIPPED)
	$(RELEASE) run --release -p switchyard-harness --bin switchyard-bench -- --guard

test-guard: need-cargo need-terraform need-valgrind ## The instructions alone, of the programs that `make test` has built
	$(CARGO) build --quiet --workspace $(FEATURES) --bins
	$(BUILT)/debug/switchyard-bench --guard

bench-accept: need-cargo need-terraform need-valgrind ## Measure new figures for packaging/budget.json, with REASON='…'
	@[ -n "$(REASON)" ] || { echo "Say why: make bench-accept REASON='…'"; exit 1; }
	$(RELEASE) build --release $(SHIPPED)
	$(RELEASE) run --release -p switchyard-harness --bin switchyard-bench -- --guard --accept '$(REASON)'
	$(CARGO) build --workspace $(FEATURES) --bins
	$(BUILT)/debug/switchyard-bench --guard --accept '$(REASON)'

build: need-cargo ## The provider, `switchyard` and `switchyard-lab` as users get them
	$(RELEASE) build --locked --release $(SHIPPED)

dist: build need-python ## Archives for a registry or a mirror, with checksums, licences and a bill of materials
	python3 packaging/dist.py --target $(TARGET) --programs $(BUILT)/release --out dist

install: dist need-terraform ## Install them for the user who runs this
	TERRAFORM="$(TERRAFORM)" packaging/install.sh dist

house: need-cargo ## Files and their lines, lines and places per attribute, import circles
	@$(CARGO) run --quiet -p switchyard-house

image: build ## The lab as a container image (IMAGE=name)
	@command -v docker >/dev/null || { echo "docker is missing."; exit 1; }
	rm -rf $(BUILT)/image && mkdir -p $(BUILT)/image && cp $(BUILT)/release/switchyard-lab $(BUILT)/image/
	docker build --file packaging/lab.Dockerfile --tag $(or $(IMAGE),switchyard-lab) $(BUILT)/image

changelog: need-python ## Put the files in changes into the changelog, for a release (VERSION=0.2.0)
	@[ -n "$(VERSION)" ] || { echo "Which version? make changelog VERSION=0.2.0"; exit 1; }
	python3 packaging/changelog.py --version $(VERSION) --date "$$(date -u +%Y-%m-%d)"

docs: need-cargo ## Regenerate the reference and the schemas of JSON outputs from the sources, and the lists of codes from their table
	UPDATE_DOCS=1 $(CARGO) test -q --workspace $(FEATURES) --test reference --test repository --test schemas

fmt: ## Format everything
	$(CARGO) fmt --all
	$(TERRAFORM) fmt -recursive examples
	$(TERRAFORM) fmt -recursive modules

.PHONY: need-cargo need-terraform need-python need-valgrind
need-cargo:
	@command -v $(CARGO) >/dev/null || { echo "cargo is missing: install Rust 1.95 or newer."; exit 1; }
need-terraform:
	@[ -n "$(TERRAFORM)" ] || { echo "terraform is missing: install Terraform 1.6 or newer (or OpenTofu 1.6) and put it on PATH."; exit 1; }
need-valgrind:
	@command -v valgrind >/dev/null || { echo "valgrind is missing: instructions are counted with it (Debian: apt-get install valgrind)."; exit 1; }
need-python:
	@command -v python3 >/dev/null || { echo "python3 is missing: the lab runs moto for the AWS services it does not model itself."; exit 1; }
