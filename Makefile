# Two commands: make run, make test. `make help` lists the others.
# PORT=8080, ARGS="-k freshness", UPGRADE=1 are given after the target's name.

PORT ?= 8000
BIND ?= 127.0.0.1:$(PORT)
JOBS ?= 4

BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
CODE := common observability movies mlmodel reviews accounts seo status rottenpotatoes
VAR := $(or $(VAR_DIR),$(CURDIR)/var)

# Nothing here reports home.
export DO_NOT_TRACK := 1
export DVC_NO_ANALYTICS := 1
export MLFLOW_DISABLE_TELEMETRY := true
export MLFLOW_SERVER_ENABLE_JOB_EXECUTION := false

# What looks at the code must not depend on the .env of the person who looks.
TEST_ENV := DJANGO_SETTINGS_MODULE=tests.settings PYTHONPATH="$(CURDIR)"
SQLITE := DATABASE_URL="sqlite:///$(CURDIR)/var/test/site.sqlite3"
NO_TESTS := 5  # pytest's exit code where ARGS leaves none
PYTEST := $(BIN)/python -m pytest -n auto --maxprocesses $(JOBS) --dist loadgroup  # one site for all browser tests

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- set-up -------------------------------------------------------------------
RUNTIME := .venv/.runtime-installed
TOOLS := .venv/.tools-installed

$(RUNTIME): requirements.txt requirements-training.txt requirements-serving.txt
	@scripts/install requirements.txt
	@touch $@

$(TOOLS): $(RUNTIME) requirements-dev.txt
	@scripts/install requirements-dev.txt
	@touch $@

.PHONY: setup
setup: $(RUNTIME) ## Make .venv with what the site and training need, and a first .env
	@$(BIN)/python scripts/env_file.py

.PHONY: setup-dev
setup-dev: $(TOOLS) ## Install what tests and linters need, too

# --- the site -----------------------------------------------------------------
.PHONY: run
run: setup ## Serve the site on http://localhost:8000 (PORT=8080 for another port)
	@$(BIN)/python scripts/prepare.py --port $(PORT)
	@BIND=$(BIND) $(BIN)/gunicorn --access-logfile -

.PHONY: dev
dev: setup ## Serve it with Django's own server, which restarts on every change
	@$(BIN)/python scripts/prepare.py --port $(PORT)
	@$(MANAGE) runserver $(BIND)

.PHONY: migrate
migrate: setup ## Bring the database up to date, and fill an empty one
	@$(BIN)/python scripts/prepare.py

.PHONY: admin
admin: migrate ## Make an account for the admin pages
	@$(MANAGE) createsuperuser

# --- the model ----------------------------------------------------------------
.PHONY: train
train: migrate ## Train the model on data/train.csv (ARGS="--dataset data/demo_reviews.csv")
	@$(MANAGE) train $(ARGS)

.PHONY: bench
bench: setup ## Measure what is fast against what, five minutes (ARGS="--only scoring")
	@$(BIN)/python -m benchmarks $(ARGS)

.PHONY: bench-rescore
bench-rescore: setup ## Measure how fast stored reviews are read again (DATABASE_URL=postgres://...)
	@$(BIN)/python benchmarks/rescore.py $(ARGS)

.PHONY: mlflow
mlflow: PORT = 5000
mlflow: setup ## Look at the training runs on http://localhost:5000
	@mkdir -p "$(VAR)"
	@echo "Training runs: http://localhost:$(PORT)"
	@$(BIN)/mlflow ui --backend-store-uri "sqlite:///$(VAR)/mlflow.db" --host 127.0.0.1 --port $(PORT) --workers 1

# --- tests --------------------------------------------------------------------
.PHONY: test
test: setup-dev ## Run all tests, on SQLite and on PostgreSQL where one answers (ARGS="-k movie")
	@$(MAKE) --no-print-directory test-postgres
	@$(MAKE) --no-print-directory test-sqlite

.PHONY: test-browser
test-browser: setup-dev ## Run the browser tests alone, in the Chromium of this machine (ARGS="-k axe")
	@$(TEST_ENV) $(SQLITE) $(PYTEST) tests/browser $(ARGS)

.PHONY: test-sqlite
test-sqlite: setup-dev ## Run all tests on SQLite
	@$(TEST_ENV) $(SQLITE) $(PYTEST) $(ARGS)

.PHONY: test-postgres
test-postgres: setup-dev ## Run the tests that use the database on PostgreSQL (TEST_DATABASE_URL=...)
	@url="$${TEST_DATABASE_URL:-$$($(BIN)/python scripts/find_postgres.py)}"; \
	if [ -n "$$url" ]; then \
	    $(TEST_ENV) DATABASE_URL="$$url" $(PYTEST) -p tests.database_only --create-db $(ARGS) \
	        || [ $$? -eq $(NO_TESTS) ]; \
	else \
	    echo "No PostgreSQL answers here: only SQLite is tested. TEST_DATABASE_URL names another."; \
	fi

# --- what CI asks -------------------------------------------------------------
.PHONY: check
check: lint imports types migrations schema coverage ## Do all that CI does: lint, types, migrations, schema, tests

.PHONY: lint
lint: setup-dev ## Look at the format and style of Python, and the style of templates
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/djlint --quiet --lint templates

.PHONY: imports
imports: setup-dev ## Check that imports point one way (the contracts in pyproject.toml)
	@$(BIN)/lint-imports --no-logo

.PHONY: types
types: setup-dev ## Check the types
	@$(TEST_ENV) $(SQLITE) $(BIN)/mypy $(CODE) scripts manage.py

.PHONY: migrations
migrations: setup-dev ## Check that the migrations are those of the models
	@$(TEST_ENV) $(SQLITE) $(MANAGE) makemigrations --check --dry-run

.PHONY: schema
schema: setup-dev ## Check the API's schema
	@$(TEST_ENV) $(SQLITE) $(MANAGE) spectacular --fail-on-warn --validate --file /dev/null

# Both runs together must reach the floor; the whole suite comes last, and pytest has the last word.
.PHONY: coverage
coverage: setup-dev ## Run all tests, and insist that they reach nearly every line
	@rm -f .coverage .coverage.*
	@$(MAKE) --no-print-directory test-postgres ARGS="-p tests.insist --cov --cov-report= --cov-fail-under=0"
	@$(MAKE) --no-print-directory test-sqlite ARGS="-p tests.insist --cov --cov-append --cov-report=term"

.PHONY: format
format: setup-dev ## Format Python, and mend what the linter can
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

.PHONY: audit
audit: setup-dev ## Ask whether a package in use has a known weakness
	@$(BIN)/pip-audit --no-deps --disable-pip -r requirements-dev.txt

# --- what ships it --------------------------------------------------------------
include pipeline.mk

# --- housekeeping -------------------------------------------------------------
LOCK := $(BIN)/python -m uv pip compile --quiet --python-version 3.11 --no-header --no-annotate $(if $(UPGRADE),--upgrade)

.PHONY: lock
lock: setup ## Pin the packages that requirements-*.in name (UPGRADE=1 for newer ones)
	@$(LOCK) requirements-serving.in -o requirements-serving.txt
	@$(LOCK) requirements-training.in -c requirements-serving.txt -o requirements-training.txt
	@$(LOCK) requirements-dev.in -c requirements-training.txt -o requirements-dev.txt
	@$(LOCK) requirements-remotes.in -c requirements-training.txt -o requirements-remotes.txt
	@$(LOCK) requirements-deploy.in -o requirements-deploy.txt
	@$(LOCK) requirements-manifests.in -o requirements-manifests.txt

MESSAGES_OF := -l de --no-location --no-obsolete --no-wrap -i .venv -i var -i tests -i benchmarks -i scripts

.PHONY: messages
messages: setup ## Bring locale/ up to date with the code; needs gettext's programs
	@$(MANAGE) makemessages $(MESSAGES_OF)
	@$(MANAGE) compilemessages -l de -i .venv -i var

.PHONY: screenshots
screenshots: setup-dev ## Photograph the pages for docs/screenshots, with Chromium
	@$(BIN)/python scripts/screenshots.py

.PHONY: clean
clean: ## Remove caches and what tests left; the site's data in var/ stays
	@rm -rf var/test .coverage .coverage.* htmlcov .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
