# Everything that there is to do with this project. `make help` lists it.

PORT ?= 8000
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$name >/dev/null 2>&1 && $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$name && break; done)
BIN := .venv/bin
FLASK := $(BIN)/flask --app wsgi
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check
BUILT := grants/static/build/manifest.json
ASSETS := $(shell find assets -type f 2>/dev/null) package.json
TESTS ?= tests
COVERED := 97

# The machine's own Node where it is new enough, else the one from requirements-node.txt.
NODE_IS_NEW_ENOUGH := node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)'

.DEFAULT_GOAL := help
.PHONY: help install runtime run test check lint format bench trust mutants lock clean

help: ## List what there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "  make %-18s %s\n", $$1, $$2 }'

install: .venv/.dev $(BUILT) ## Make .venv with all that the other targets need, and compile the styles

runtime: .venv/.runtime $(BUILT) ## Make .venv with what the product runs on alone, and compile the styles: for an office's own machine

run: .venv/.runtime $(BUILT) ## Start the demonstration: web server and mail worker on http://127.0.0.1:8000 (PORT=… for another)
	@export GRANTS_DEMO=1 PORT=$(PORT); \
	$(FLASK) db upgrade || exit 1; \
	$(FLASK) demo load --if-empty || exit 1; \
	stop() { trap - EXIT INT TERM; kill -INT $$web $$mail 2>/dev/null; wait $$web $$mail 2>/dev/null; exit $$1; }; \
	trap 'stop 1' EXIT; trap 'stop 0' INT TERM; \
	$(FLASK) mail run & mail=$$!; \
	$(BIN)/gunicorn wsgi:app & web=$$!; \
	wait $$web

test: .venv/.dev $(BUILT) check ## Do all set-up, then everything that checks the code, then all tests
	$(BIN)/python -W ignore::RuntimeWarning -m slipcover --json --out .coverage.json -m pytest $(TESTS) -n 2 --dist worksteal
	$(BIN)/python -m slipcover --merge .coverage.json --out .coverage.json --fail-under $(COVERED)

check: .venv/.dev ## Lint the code and the templates, check the types, and look for what nobody calls
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/python -m tests.dead_code

format: .venv/.dev ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/.dev $(BUILT) ## Measure the main pages against a bare Flask page, on both databases (WRITE=1 keeps the tables in bench/results.md)
	@if ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null; \
	then .ci/with-postgresql sh -c '$(BIN)/python -m bench --database "$$DATABASE_URL" $(if $(WRITE),--write)'; \
	else $(BIN)/python -m bench $(if $(WRITE),--write); fi

trust: .venv/.dev $(BUILT) ## Kill the server 100 times, cut the power 200 times, and see that nothing is lost (WRITE=1 keeps the figures in docs/trust.md)
	$(BIN)/python -m tests.trust $(if $(WRITE),--write)

mutants: .venv/.dev ## Put small mistakes into the rules and see that a test notices each (WHAT=grants/awards/rules.py for some; an hour for all)
	$(BIN)/python -m mutants $(WHAT)

lock: .venv/.dev ## Pin what requirements*.in ask for, with hashes
	$(BIN)/uv pip compile --quiet --python-version 3.11 --universal --generate-hashes --no-strip-extras --no-emit-index-url --no-header -o requirements.txt requirements.in
	$(BIN)/uv pip compile --quiet --python-version 3.11 --universal --generate-hashes --no-strip-extras --no-emit-index-url --no-header -o requirements-dev.txt requirements-dev.in
	$(BIN)/uv pip compile --quiet --python-version 3.11 --universal --generate-hashes --no-strip-extras --no-emit-index-url --no-header -o requirements-node.txt requirements-node.in

clean: ## Remove what can be made again; the data in instance/ stays
	rm -rf .venv node_modules grants/static/build grants/foundation/documents/fonts .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage.json test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed: install it, or say PYTHON=/path/to/python3." >&2; exit 1; }
	@echo "Making .venv …"
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "Python's venv module is missing: on Debian, apt install python3-venv." >&2; exit 1; }

.venv/.runtime: requirements.txt | .venv/bin/python
	@echo "Installing what the product runs on …"
	@$(PIP) install --require-hashes -r requirements.txt
	@touch $@

.venv/.dev: requirements-dev.txt .venv/.runtime
	@echo "Installing what the tests need …"
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

node_modules/.package-lock.json: package-lock.json | .venv/.runtime
	@echo "Installing what compiles the styles …"
	@$(NODE_IS_NEW_ENOUGH) 2>/dev/null && command -v npm >/dev/null 2>&1 || $(PIP) install --require-hashes -r requirements-node.txt
	@PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --silent --no-audit --no-fund
	@touch $@

$(BUILT): $(ASSETS) node_modules/.package-lock.json
	@echo "Compiling the styles …"
	@PATH="$(CURDIR)/$(BIN):$$PATH" npm run --silent build
	@touch $@
