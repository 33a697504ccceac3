# What the Jenkinsfile calls, stage by stage. Each works on a laptop, too.
# DATASET=data/demo_reviews.csv trains in seconds; BUILDER=folder needs no Docker.

BUILD ?= build-$(or $(BUILD_NUMBER),0)
IMAGE ?= rotten-potatoes
BUILDER ?= docker
DATASET ?= data/train.csv
SITE_URL ?= http://localhost:8000
INVENTORY ?= inventory/minikube
BACKUP_DIR ?= var/backup
BUILD_DIR := var/build
# The one folder of var/ that .dockerignore lets in.
IMAGE_MODEL := var/image-model
PLAYBOOK = cd ansible && ANSIBLE_CONFIG=ansible.cfg "$(CURDIR)/.venv-deploy/bin/ansible-playbook" -i $(INVENTORY)

# An IMAGE that somebody named is what was pushed; else the inventory knows.
DEPLOY_IMAGE = $(if $(filter file,$(origin IMAGE)),,-e deploy_image="$(IMAGE)")

export BUILD IMAGE DATASET

DEPLOY_TOOLS := .venv-deploy/.installed

$(DEPLOY_TOOLS): requirements-deploy.txt
	@VENV=.venv-deploy scripts/install requirements-deploy.txt
	@touch $@

.PHONY: setup-deploy
setup-deploy: $(DEPLOY_TOOLS) ## Make .venv-deploy with Ansible, its linter and Locust

.PHONY: begin-build
begin-build: ## Forget what the build before has left in var/build, and note the commit
	@rm -rf $(BUILD_DIR)
	@mkdir -p $(BUILD_DIR)
	@git rev-parse HEAD > $(BUILD_DIR)/commit.txt

.PHONY: data
data: setup ## Fetch the data that this commit names (DVC_REMOTE_URL=... for another remote)
	@scripts/pull-data

.PHONY: training-unchanged
training-unchanged: setup ## Fail if data or model code changed since the last model that passed
	@$(BIN)/python scripts/trained.py unchanged

.PHONY: train-release
train-release: setup ## Train a release on DATASET; the gate is asked by gate-release
	@$(BIN)/python scripts/prepare.py
	@$(MANAGE) train --no-pull --no-gate --dataset "$(DATASET)" $(ARGS)

.PHONY: gate-release
gate-release: setup ## Ask whether the newest release may become champion; keep the answer
	@mkdir -p $(BUILD_DIR)
	@$(MANAGE) gate --json --dataset "$(DATASET)" > $(BUILD_DIR)/gate.json
	@$(BIN)/python scripts/trained.py record

.PHONY: build
build: setup ## Build the image with the release's model folder (BUILDER=folder without Docker)
	@mkdir -p $(BUILD_DIR)
	@$(MANAGE) export_model $(IMAGE_MODEL) --release "$$($(BIN)/python scripts/trained.py version)"
	@$(BIN)/python scripts/model_checksum.py $(IMAGE_MODEL) > $(BUILD_DIR)/checksum.txt
	@MODEL_DIR=$(IMAGE_MODEL) scripts/build-release-$(BUILDER) "$(IMAGE)" "$(BUILD)"

.PHONY: scan-image
scan-image: ## Ask whether an image of ours holds a package with a known weakness
	@scripts/scan-image "$(IMAGE):$(BUILD)" "$(IMAGE)-training:$(BUILD)"

.PHONY: push
push: ## Push the image as build-N and under the commit
	@scripts/push-image "$(IMAGE)" "$(BUILD)"

.PHONY: pin-images
pin-images: ## Write the digests of other people's images into k8s/components/pinned (needs skopeo)
	@scripts/pin-images

.PHONY: deploy
deploy: setup-deploy ## Put BUILD on the cluster of INVENTORY, with rollback if it fails
	@$(PLAYBOOK) deploy.yml -e deploy_build="$(BUILD)" $(DEPLOY_IMAGE)

.PHONY: undo-deploy
undo-deploy: setup-deploy ## Go back to the build before BUILD, if BUILD is what is live
	@$(PLAYBOOK) rollback.yml -e rollback_from="$(BUILD)"

.PHONY: smoke-test
smoke-test: ## Ask the site at SITE_URL whether it is whole, and serves what was built or kept
	@python3 scripts/smoke_test.py "$(SITE_URL)" --checksum "$$(cat $(BUILD_DIR)/checksum.txt)" \
	    --deployed $(BUILD_DIR)/deployed.json

.PHONY: accept-release
accept-release: setup ## Note which release is live: the next one is compared with it
	@$(BIN)/python scripts/trained.py accept

.PHONY: backup-history
backup-history: setup ## Copy runs, releases and models of VAR_DIR to BACKUP_DIR, the last 14 times
	@$(BIN)/python scripts/backup.py "$(BACKUP_DIR)" --mlflow "$(VAR)"

.PHONY: build-report
build-report: ## Write what the mail says: the build, its lineage, the model's figures
	@mkdir -p $(BUILD_DIR)
	@python3 scripts/build_report.py > $(BUILD_DIR)/report.txt

.PHONY: load
load: setup-deploy ## Put load on SITE_URL with Locust (USERS=50 MINUTES=2)
	@scripts/load "$(SITE_URL)"

.PHONY: deploy-check
deploy-check: setup-dev setup-deploy lint-manifests ## The slow checks of what ships the site: servers, pipeline, restart
	@$(TEST_ENV) $(SQLITE) $(BIN)/python -m pytest -q tests/deploy/slow_*.py $(ARGS)

MANIFEST_TOOLS := .venv-manifests/.installed

$(MANIFEST_TOOLS): requirements-manifests.txt
	@VENV=.venv-manifests scripts/install requirements-manifests.txt
	@touch $@

.PHONY: lint-manifests
lint-manifests: $(MANIFEST_TOOLS) ## Lint what Kubernetes is told (needs kubectl)
	@scripts/lint-manifests

.PHONY: backup
backup: setup ## Copy database, models, MLflow's store and the DVC remote to TO=folder
	@$(BIN)/python scripts/backup.py "$(TO)" $(ARGS)

.PHONY: restore
restore: setup ## Bring the copy FROM=folder back (ARGS=--replace over a database in use)
	@$(BIN)/python scripts/restore.py "$(FROM)" $(ARGS)
