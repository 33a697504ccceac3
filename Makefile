# Two commands do all set-up: make run and make test. `make help` lists the others.
# Options come after the target: PORT=8080, ARGS="-k freshness", UPGRADE=1.

PORT ?= 8000
BIND ?= 127.0.0.1:$(PORT)
JOBS ?= 4

BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
CODE := common observability movies mlmodel reviews accounts seo status rottenpotatoes
VAR := $(or $(VAR_DIR),$(CURDIR)/var)

# No tool sends usage statistics.
export DO_NOT_TRACK := 1
export DVC_NO_ANALYTICS := 1
export MLFLOW_DISABLE_TELEMETRY := true
export MLFLOW_SERVER_ENABLE_JOB_EXECUTION := false

# Checks must not depend on the developer's own .env.
TEST_ENV := DJANGO_SETTINGS_MODULE=tests.settings PYTHONPATH="$(CURDIR)"
SQLITE := env -u DATABASE_URL  # the default is a file in VAR_DIR, which tests.settings sets
NO_TESTS := 5  # pytest's exit code if ARGS selects no test
# With JUNIT_DIR, as in Jenkins, each run of the tests also writes its results there.
JUNIT = $(if $(JUNIT_DIR),--junitxml="$(JUNIT_DIR)/$@.xml" -o junit_suite_name=$@)
# Tests of a file share its fixtures, in one process. (xdist's loadgroup does not group with pytest 9.2.)
PYTEST = $(BIN)/python -m pytest -n auto --maxprocesses $(JOBS) --dist loadfile --no-loadscope-reorder $(JUNIT)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- set-up -------------------------------------------------------------------
RUNTIME := .venv/.runtime-installed
TOOLS := .venv/.tools-installed

$(RUNTIME): requirements.txt requirements-training.txt requirements-serving.txt
	@scripts/dev/install requirements.txt
	@touch $@

$(TOOLS): $(RUNTIME) requirements-dev.txt
	@scripts/dev/install requirements-dev.txt
	@touch $@

.PHONY: setup
setup: $(RUNTIME) ## Create .venv with the packages for the site and training, and .env
	@$(BIN)/python -m scripts.dev.env_file

.PHONY: setup-dev
setup-dev: $(TOOLS) ## Also install the packages for tests and linters

# --- the site -----------------------------------------------------------------
.PHONY: run
run: setup ## Serve the site on http://localhost:8000 (PORT=8080 for another port)
	@$(BIN)/python -m scripts.dev.prepare --port $(PORT)
	@BIND=$(BIND) $(BIN)/gunicorn --access-logfile -

.PHONY: dev
dev: setup ## Serve the site with Django's development server, which reloads changed code
	@$(BIN)/python -m scripts.dev.prepare --port $(PORT)
	@$(MANAGE) runserver $(BIND)

.PHONY: migrate
migrate: setup ## Migrate the database, and add the first movies to an empty one
	@$(BIN)/python -m scripts.dev.prepare

.PHONY: admin
admin: migrate ## Create an account for the admin pages (without a terminal: DJANGO_SUPERUSER_PASSWORD=...)
	@$(BIN)/python -m scripts.dev.create_admin

# --- the model ----------------------------------------------------------------
.PHONY: train
train: migrate ## Train the model on data/train.csv (ARGS="--dataset data/demo_reviews.csv")
	@$(MANAGE) train $(ARGS)

.PHONY: loop-demo
loop-demo: OUT = $(VAR)/loop-demo
loop-demo: setup-dev ## Run the tutorial: data, training, gate, promotion, rollback (OUT=FOLDER)
	@$(BIN)/python -m scripts.dev.loop_demo "$(OUT)"

.PHONY: bench
bench: setup ## Run the benchmarks: five minutes, with data/train.csv half an hour (ARGS="--only scoring")
	@$(BIN)/python -m benchmarks $(ARGS)

.PHONY: bench-rescore
bench-rescore: setup ## Measure how fast stored reviews are scored again (DATABASE_URL=postgres://...)
	@$(BIN)/python -m benchmarks.rescore $(ARGS)

.PHONY: mlflow
mlflow: PORT = 5000
mlflow: setup ## Show the training runs in MLflow, on port 5000
	@$(BIN)/python -m scripts.dev.show_runs --port $(PORT)

# --- tests --------------------------------------------------------------------
.PHONY: test
test: setup-dev ## Run all tests on SQLite, and on PostgreSQL if it runs here (ARGS="-k movie")
	@$(MAKE) --no-print-directory test-postgres
	@$(MAKE) --no-print-directory test-sqlite

.PHONY: test-browser
test-browser: setup-dev ## Run only the browser tests, in this machine's Chromium (ARGS="-k axe")
	@$(TEST_ENV) $(SQLITE) $(PYTEST) tests/browser $(ARGS)

.PHONY: test-sqlite
test-sqlite: setup-dev ## Run all tests on SQLite
	@$(TEST_ENV) $(SQLITE) $(PYTEST) $(ARGS)

.PHONY: test-postgres
test-postgres: setup-dev ## Run the tests that use the database on PostgreSQL (TEST_DATABASE_URL=...)
	@url="$${TEST_DATABASE_URL:-$$($(BIN)/python -m scripts.dev.find_postgres)}"; \
	if [ -n "$$url" ]; then \
	    $(TEST_ENV) DATABASE_URL="$$url" $(PYTEST) -p tests.plugins.database_only --create-db $(ARGS) \
	        || [ $$? -eq $(NO_TESTS) ]; \
	else \
	    echo "No PostgreSQL found: testing only on SQLite. Set TEST_DATABASE_URL to use another server."; \
	fi

# --- checks -------------------------------------------------------------
.PHONY: check
check: lint imports types migrations schema coverage ## Run everything that CI runs: linters, imports, types, migrations, schema, tests

.PHONY: lint
lint: setup-dev ## Check format and style of Python and of the templates
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
migrations: setup-dev ## Check that no migration is missing
	@$(TEST_ENV) $(SQLITE) $(MANAGE) makemigrations --check --dry-run

.PHONY: schema
schema: setup-dev ## Check the API's schema
	@$(TEST_ENV) $(SQLITE) $(MANAGE) spectacular --fail-on-warn --validate --file /dev/null

# Both runs together must reach the required coverage. The whole suite runs last, so that its report ends the output.
.PHONY: coverage
coverage: setup-dev ## Run all tests and check the coverage
	@rm -f .coverage .coverage.*
	@$(MAKE) --no-print-directory test-postgres ARGS="-p tests.plugins.fail_on_skip --cov --cov-report= --cov-fail-under=0"
	@$(MAKE) --no-print-directory test-sqlite ARGS="-p tests.plugins.fail_on_skip --cov --cov-append --cov-report=term"

.PHONY: format
format: setup-dev ## Format Python and apply the linter's fixes
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

.PHONY: audit
audit: setup-dev ## Check dependencies for known vulnerabilities
	@$(BIN)/pip-audit --no-deps --disable-pip -r requirements-dev.txt

# --- pipeline and operations ------------------------------------------------------
include ci.mk ops.mk

# --- housekeeping -------------------------------------------------------------
LOCK := $(BIN)/python -m uv pip compile --quiet --python-version 3.11 --no-header --no-annotate $(if $(UPGRADE),--upgrade)

.PHONY: lock
lock: setup ## Pin the packages of requirements-*.in (UPGRADE=1 for newer versions)
	@$(LOCK) requirements-serving.in -o requirements-serving.txt
	@$(LOCK) requirements-training.in -c requirements-serving.txt -o requirements-training.txt
	@$(LOCK) requirements-dev.in -c requirements-training.txt -o requirements-dev.txt
	@$(LOCK) requirements-remotes.in -c requirements-training.txt -o requirements-remotes.txt
	@$(LOCK) requirements-deploy.in -o requirements-deploy.txt
	@$(LOCK) requirements-manifests.in -o requirements-manifests.txt

MESSAGES_OF := -l de --no-location --no-obsolete --no-wrap -i .venv -i var -i tests -i benchmarks -i scripts

.PHONY: messages
messages: setup ## Update locale/ from the code (needs gettext)
	@$(MANAGE) makemessages $(MESSAGES_OF)
	@$(MANAGE) compilemessages -l de -i .venv -i var

.PHONY: screenshots
screenshots: setup-dev ## Take the screenshots of docs/screenshots, with Chromium
	@$(BIN)/python -m scripts.dev.screenshots

.PHONY: clean
clean: ## Remove caches and test output; the site's data in var/ stays
	@rm -rf var/test .coverage .coverage.* htmlcov .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
