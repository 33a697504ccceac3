# The targets that the Jenkinsfile calls, in the order of its stages. All of them work on a laptop, too.
# DATASET=data/demo_reviews.csv trains in seconds; BUILDER=folder needs no Docker.

BUILD ?= build-$(or $(BUILD_NUMBER),0)
IMAGE ?= rotten-potatoes
BUILDER ?= docker
DATASET ?= data/train.csv
BUILD_DIR := var/build
# The only folder of var/ that .dockerignore includes.
IMAGE_MODEL := var/image-model
# dvc.lock and metrics of the last training here that passed the gate. They are kept beside the
# releases, because committed ones may describe releases of another machine.
PASSED := $(VAR)/passed-gate
RELEASE = "$$($(BIN)/python -c "import json; print(json.load(open('$(PASSED)/metrics/gate.json'))['version'])")"
# With these, training and gate bypass dvc.yaml, which uses data/train.csv and params.yaml.
# What passes only the smoke profile cannot replace a better model.
PROFILE ?= $(if $(filter data/demo_reviews.csv,$(DATASET)),smoke,release)
OVERRIDES = $(strip $(ARGS) $(filter-out data/train.csv,$(DATASET)))
STAGES := dataset train gate

export BUILD IMAGE DATASET

# Variables that have a default here or in ops.mk, and are therefore never unset below.
DEFAULTED = $(foreach name,IMAGE INVENTORY SITE_URL BACKUP_DIR,$(if $(filter file,$(origin $(name))),$(name)))

.PHONY: check-jenkins
check-jenkins: ## Check that Jenkins' environment says where a build goes
	@python3 scripts/ci/check_jenkins.py $(BUILD_DIR)/report.txt $(DEFAULTED:%=--default %)

.PHONY: clean-build
clean-build: ## Remove the previous build's output, and restore dvc.lock of the last training that passed
	@rm -rf $(BUILD_DIR) dvc.lock metrics
	@mkdir -p $(BUILD_DIR)
	@git rev-parse HEAD > $(BUILD_DIR)/commit.txt
	@[ ! -d "$(PASSED)" ] || cp -R "$(PASSED)/." .

.PHONY: data
data: setup ## Fetch the data of this commit (DVC_REMOTE_URL=... for another remote)
	@scripts/ci/pull-data

.PHONY: training-up-to-date
training-up-to-date: setup ## Fail if data, parameters or model code changed since the last training
	@$(if $(OVERRIDES),false,$(BIN)/dvc status --quiet $(STAGES) || { $(BIN)/dvc status $(STAGES); false; })

.PHONY: train-release
train-release: setup ## Train a release on DATASET; gate-release checks it
	@$(BIN)/python -m scripts.dev.prepare
	@$(if $(OVERRIDES),$(MANAGE) train --no-pull --no-gate --profile $(PROFILE) --dataset "$(DATASET)" --metrics metrics/training.json $(ARGS),{ $(BIN)/dvc repro dataset && $(BIN)/dvc repro --single-item --force train; })

.PHONY: gate-release
gate-release: setup ## Check whether the newest release may become champion, and record the result
	@mkdir -p $(BUILD_DIR) metrics
	@$(if $(OVERRIDES),$(MANAGE) gate --exit-zero --profile $(PROFILE) --dataset "$(DATASET)" --trained metrics/training.json --report metrics/gate.json,$(BIN)/dvc repro --single-item --force gate)
	@cp metrics/gate.json $(BUILD_DIR)/
	@$(BIN)/python -c 'import json, sys; sys.exit(0 if json.load(open("metrics/gate.json"))["passed"] else 2)'
	@rm -rf "$(PASSED)"
	@mkdir -p "$(PASSED)"
	@cp -R metrics "$(PASSED)"
	@[ ! -f dvc.lock ] || cp dvc.lock "$(PASSED)"

.PHONY: build
build: setup ## Build the images with the release's model folder (BUILDER=folder without Docker)
	@mkdir -p $(BUILD_DIR)
	@[ -d "$(PASSED)" ] || { echo "No release has passed the gate here: make train-release gate-release" >&2; false; }
	@$(MANAGE) export_model $(IMAGE_MODEL) --release $(RELEASE)
	@$(BIN)/python -m scripts.ci.model_checksum $(IMAGE_MODEL) > $(BUILD_DIR)/checksum.txt
	@MODEL_DIR=$(IMAGE_MODEL) scripts/ci/build-release-$(BUILDER) "$(IMAGE)" "$(BUILD)"

.PHONY: scan-image
scan-image: ## Check our images for packages with known vulnerabilities
	@scripts/ci/scan-image "$(IMAGE):$(BUILD)" "$(IMAGE)-training:$(BUILD)"

.PHONY: push
push: ## Push the images, tagged with the build and the commit
	@scripts/ci/push-image "$(IMAGE)" "$(BUILD)"

.PHONY: smoke-test
smoke-test: ## Check that the site at SITE_URL works and serves the expected model
	@python3 scripts/ci/smoke_test.py "$(SITE_URL)" --checksum "$$(cat $(BUILD_DIR)/checksum.txt)" \
	    --deployed $(BUILD_DIR)/deployed.json

.PHONY: mark-deployed
mark-deployed: setup ## Record the live release as champion: the gate compares the next one with it
	@$(MANAGE) mark_deployed $(RELEASE) --build "$(BUILD)" --deployed $(BUILD_DIR)/deployed.json

.PHONY: backup-history
backup-history: setup ## Copy runs, releases and models of VAR_DIR to BACKUP_DIR, and keep the last 14 copies
	@$(BIN)/python -m scripts.ops.backup "$(BACKUP_DIR)" --mlflow "$(VAR)"

.PHONY: build-report
build-report: ## Write the text of the mail: the build, its lineage, the gate's results
	@mkdir -p $(BUILD_DIR)
	@python3 scripts/ci/build_report.py > $(BUILD_DIR)/report.txt

MANIFEST_TOOLS := .venv-manifests/.installed

$(MANIFEST_TOOLS): requirements-manifests.txt
	@VENV=.venv-manifests scripts/dev/install requirements-manifests.txt
	@touch $@

.PHONY: lint-manifests
lint-manifests: $(MANIFEST_TOOLS) ## Lint the Kubernetes manifests (needs kubectl)
	@scripts/ci/lint-manifests

.PHONY: deploy-check
deploy-check: setup-dev setup-deploy lint-manifests ## Run the slow deployment tests: servers, images, pipeline, restarts
	@$(TEST_ENV) $(SQLITE) $(BIN)/python -m pytest -q tests/deploy/slow_*.py $(JUNIT) $(ARGS)
