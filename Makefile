# Everything runs in .venv, made from the locks. Nothing is installed elsewhere, but for what `tools` says.
STACK ?= demo
HUB ?=
CONTEXT ?=
PYTHON ?= python3
RUN := .venv/bin/python -m

.PHONY: preview up test hub preflight render diff bench lock tools clean

## What a stack would make: needs no account, no cluster, no engine
preview: .venv/.installed
	@$(RUN) preview plan $(STACK)

## Deploy a stack
up: .venv/.installed
	@$(RUN) engine up $(STACK) --context "$(CONTEXT)"

## What would fail before it is deployed
preflight: .venv/.installed
	@$(RUN) preflight $(STACK)

## The stack's releases as Kubernetes objects, in .state/rendered
render: .venv/.installed
	@$(RUN) preview render $(STACK) --out .state/rendered/$(STACK)

## What the working tree changes: BASE=main
BASE ?= main
diff: .venv/.installed
	@$(RUN) preview diff $(STACK) --base $(BASE)

## The hub's own page, locally: HUB=community/hub
hub: .venv/.installed-dev .venv/.localhub
	@$(RUN) localhub $(STACK) $(HUB)

## Set-up and every check
test: .venv/.installed-dev tools
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	$(RUN) pytest

bench: .venv/.installed-dev tools
	$(RUN) bench

.venv/.created:
	$(PYTHON) -m venv .venv
	@touch $@

.venv/.installed: .venv/.created requirements.lock
	.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@touch $@

.venv/.installed-dev: .venv/.created requirements-dev.lock
	.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-dev.lock
	@touch $@ .venv/.installed

## Both locks, from pyproject.toml
LOCK := .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --no-header pyproject.toml
lock: .venv/.installed-dev
	$(LOCK) --output-file requirements.lock
	$(LOCK) --all-extras --constraint requirements.lock --output-file requirements-dev.lock

clean:
	rm -rf .venv .state
