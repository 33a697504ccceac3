# Deploying, backups and load: what an operator runs, and the pipeline with it.

SITE_URL ?= http://localhost:8000
INVENTORY ?= inventory/minikube
BACKUP_DIR ?= var/backup
PLAYBOOK = cd ansible && ANSIBLE_CONFIG=ansible.cfg "$(CURDIR)/.venv-deploy/bin/ansible-playbook" -i $(INVENTORY)

# Without an IMAGE from outside, the inventory names the image.
DEPLOY_IMAGE = $(if $(filter file,$(origin IMAGE)),,-e deploy_image="$(IMAGE)")

DEPLOY_TOOLS := .venv-deploy/.installed

$(DEPLOY_TOOLS): requirements-deploy.txt
	@VENV=.venv-deploy scripts/dev/install requirements-deploy.txt
	@touch $@

.PHONY: setup-deploy
setup-deploy: $(DEPLOY_TOOLS) ## Create .venv-deploy with Ansible, its linter and Locust

.PHONY: deploy
deploy: setup-deploy ## Deploy BUILD to the cluster of INVENTORY; roll back if that fails
	@$(PLAYBOOK) deploy.yml -e deploy_build="$(BUILD)" $(DEPLOY_IMAGE)

.PHONY: undo-deploy
undo-deploy: setup-deploy ## Go back to the build before BUILD, if BUILD is live
	@$(PLAYBOOK) rollback.yml -e rollback_from="$(BUILD)"

.PHONY: pin-images
pin-images: ## Write the digests of third-party images to k8s/components/pinned (needs skopeo)
	@scripts/ops/pin-images

.PHONY: backup
backup: setup ## Copy database, models, MLflow's store and the DVC remote to TO=folder
	@$(BIN)/python -m scripts.ops.backup "$(TO)" $(ARGS)

.PHONY: restore
restore: setup ## Restore the copy FROM=folder (ARGS=--replace overwrites a database in use)
	@$(BIN)/python -m scripts.ops.restore "$(FROM)" $(ARGS)

.PHONY: load
load: setup-deploy ## Put load on SITE_URL with Locust (USERS=50 MINUTES=2)
	@scripts/ops/load "$(SITE_URL)"
