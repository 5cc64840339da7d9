# Countersign. `make` alone lists the commands.
# Everything runs from .venv; only Python 3.11 or later and make must be there before.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run test check fix bench lock clean

BIN := .venv/bin
# The same words in every app; what is not there yet is not asked for.
TYPED := $(foreach word,rules operations selectors permissions,$(wildcard */$(word).py */$(word)))
# Checks need settings, not servers: nothing listens at these addresses.
NOWHERE := DATABASE_URL=postgres://countersign@127.0.0.1:9/countersign REDIS_URL=redis://127.0.0.1:9/0
# Tests are dealt out by file, because a file's servers are started once, the slow files first (tests/conftest.py);
# pytest starts the servers that none names.
PYTEST_ARGS ?=

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-7s %s\n", $$1, $$2 }' Makefile

run: .venv/.runtime ## Start everything at http://127.0.0.1:8000 (PORT=… for another port)
	@exec $(BIN)/python -m config.run

test: .venv/.development browser ## Run every test on real PostgreSQL and Valkey
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

check: .venv/.development ## Formatting, lint, types, import contracts, migrations, generated pages
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(NOWHERE) $(BIN)/mypy $(TYPED)
	$(BIN)/lint-imports
	$(NOWHERE) DJANGO_SETTINGS_MODULE=config.settings.test $(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	@if ls */management/commands/write_states.py >/dev/null 2>&1; then \
	    set -x; $(NOWHERE) DJANGO_SETTINGS_MODULE=config.settings.test $(BIN)/python manage.py write_states --check; \
	fi

fix: .venv/.development ## Format, and mend what lint can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/.development ## Measure, and compare with what was measured before
	$(BIN)/python -m bench

lock: .venv/.development ## Compile requirements*.in with hashes
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes -q --no-header requirements.in -o requirements.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes -q --no-header requirements-dev.in -o requirements-dev.txt

clean: ## Remove caches (data in var/ and .venv stay)
	rm -rf .pytest_cache .hypothesis .mypy_cache .ruff_cache .import_linter_cache
	find . -path ./.venv -prune -o -path ./var -prune -o -name __pycache__ -type d -exec rm -rf {} +

# The virtual environment. A stamp holds the hash of what was installed, so that a second start asks no network.

.PHONY: .venv/.runtime .venv/.development browser

.venv/bin/pip:
	@python=; \
	for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	    if command -v $$name >/dev/null 2>&1 && $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then \
	        python=$$name; break; \
	    fi; \
	done; \
	if [ -z "$$python" ]; then \
	    echo "Countersign needs Python 3.11 or later. Found: $$(python3 --version 2>&1 || true)" >&2; exit 1; \
	fi; \
	echo "Making .venv with $$($$python --version)"; \
	$$python -m venv --clear .venv || { \
	    rm -rf .venv; \
	    echo "Python's venv module is missing. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; \
	}

.venv/.runtime: .venv/bin/pip
	@$(call install,requirements.txt,runtime)

.venv/.development: .venv/.runtime
	@$(call install,requirements-dev.txt,development)

define install
	wanted=$$($(BIN)/python -c 'import hashlib, sys; print(hashlib.sha256(open("$(1)", "rb").read()).hexdigest())'); \
	if [ "$$(cat $(BIN)/../.installed-$(2) 2>/dev/null)" != "$$wanted" ]; then \
	    echo "Installing $(1)"; \
	    $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1) || exit 1; \
	    echo "$$wanted" > $(BIN)/../.installed-$(2); \
	fi
endef

# Journeys run in Debian's Chromium. Without it they are skipped, and the test run says so.
browser:
	@if command -v chromium >/dev/null 2>&1; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	    echo "Installing Chromium for the browser journeys"; \
	    apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends chromium >/dev/null; \
	else \
	    echo "No Chromium: the browser journeys will be SKIPPED. To have them: sudo apt-get install chromium" >&2; \
	fi
