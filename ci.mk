# The targets that the Jenkinsfile calls, in the order of its stages. All of them work on a laptop, too.
# DATASET=data/demo_reviews.csv trains in seconds; BUILDER=folder needs no Docker.

BUILD ?= build-$(or $(BUILD_NUMBER),0)
IMAGE ?= rotten-potatoes
BUILDER ?= docker
DATASET ?= data/train.csv
BUILD_DIR := var/build
# The only folder of var/ that .dockerignore includes.
IMAGE_MODEL := var/image-model

export BUILD IMAGE DATASET

.PHONY: clean-build
clean-build: ## Remove the output of the previous build in var/build, and record the commit
	@rm -rf $(BUILD_DIR)
	@mkdir -p $(BUILD_DIR)
	@git rev-parse HEAD > $(BUILD_DIR)/commit.txt

.PHONY: data
data: setup ## Fetch the data of this commit (DVC_REMOTE_URL=... for another remote)
	@scripts/ci/pull-data

.PHONY: training-up-to-date
training-up-to-date: setup ## Fail if data or model code changed since the last release that passed the gate
	@$(BIN)/python -m scripts.ci.training_state unchanged

.PHONY: train-release
train-release: setup ## Train a release on DATASET; gate-release checks it
	@$(BIN)/python -m scripts.dev.prepare
	@$(MANAGE) train --no-pull --no-gate --dataset "$(DATASET)" $(ARGS)

.PHONY: gate-release
gate-release: setup ## Check whether the newest release may become champion, and record the result
	@mkdir -p $(BUILD_DIR)
	@$(MANAGE) gate --json --dataset "$(DATASET)" > $(BUILD_DIR)/gate.json
	@$(BIN)/python -m scripts.ci.training_state record

.PHONY: build
build: setup ## Build the images with the release's model folder (BUILDER=folder without Docker)
	@mkdir -p $(BUILD_DIR)
	@$(MANAGE) export_model $(IMAGE_MODEL) --release "$$($(BIN)/python -m scripts.ci.training_state version)"
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
	@$(BIN)/python -m scripts.ci.training_state accept

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
	@$(TEST_ENV) $(SQLITE) $(BIN)/python -m pytest -q tests/deploy/slow_*.py $(ARGS)
