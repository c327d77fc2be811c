# Everything runs in .venv, made from the locks. Nothing is installed elsewhere, but for what `tools` says.
STACK ?= demo
HUB ?=
CONTEXT ?=
PYTHON ?= python3
RUN := .venv/bin/python -m

.PHONY: preview up test hub preflight render diff bench lock tools clean

## What a stack would make: needs no account, no cluster, no engine
preview: .venv/.installed
	@$(RUN) hubs.preview plan $(STACK)

## Deploy a stack
up: .venv/.installed
	@$(RUN) hubs.engine up $(STACK) --context "$(CONTEXT)"

## What would fail before it is deployed; AFTER=1: does what was deployed work
preflight: .venv/.installed
	@$(RUN) hubs.check $(STACK) $(if $(CONTEXT),--context "$(CONTEXT)") $(if $(AFTER),--after)

## The stack's releases as Kubernetes objects, in .state/rendered
render: .venv/.installed .venv/.helm
	@$(RUN) hubs.preview render $(STACK) --out .state/rendered/$(STACK)

## What the working tree changes: BASE=main
diff: .venv/.installed .venv/.helm
	@$(RUN) hubs.preview diff $(STACK) $(if $(BASE),--base $(BASE))

## The hub's own page, locally: HUB=community/hub
hub: .venv/.installed-dev .venv/.proxy
	@$(RUN) hubs.page $(STACK) $(HUB)

## Set-up and every check
test: .venv/.installed-dev tools
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	$(RUN) pytest

bench: .venv/.installed-dev tools
	$(RUN) bench

.venv/.created:
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/.installed: .venv/.created requirements.lock
	@echo "Installing what requirements.lock says into .venv, once: about a minute"
	@.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@touch $@

.venv/.installed-dev: .venv/.created requirements-dev.lock
	@echo "Installing what requirements-dev.lock says into .venv, once: about two minutes"
	@.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-dev.lock
	@touch $@ .venv/.installed

## What some tests and commands use beside Python: built with Go, installed by npm, and by apt where that is root's
tools: .venv/.helm .venv/.actionlint .venv/.proxy .venv/.packages

HELM := v3.22.0
.venv/.helm: .venv/.created
	@$(call if-there,helm,command -v go >/dev/null && GOBIN=$(CURDIR)/.venv/bin go install helm.sh/helm/v3/cmd/helm@$(HELM))

ACTIONLINT := v1.7.12
.venv/.actionlint: .venv/.created
	@$(call if-there,actionlint,command -v go >/dev/null && \
		GOBIN=$(CURDIR)/.venv/bin go install github.com/rhysd/actionlint/cmd/actionlint@$(ACTIONLINT))

.venv/.proxy: .venv/.created hubs/page/proxy/package.json hubs/page/proxy/package-lock.json
	@mkdir -p .venv/proxy && cp hubs/page/proxy/package*.json .venv/proxy/
	@$(call if-there,configurable-http-proxy,command -v npm >/dev/null && \
		npm ci --prefix .venv/proxy --omit=dev --no-audit --no-fund --loglevel=error)

.venv/.packages: .venv/.created
	@$(call if-there,chromium docker-registry etcd-server,command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] && \
		apt-get -qq update && DEBIAN_FRONTEND=noninteractive \
		apt-get -qq install --yes --no-install-recommends chromium docker-registry etcd-server >/dev/null)

# What can't be installed is said once, and the tests that want it are skipped.
define if-there
	if $(2); then echo "installed $(1)"; else echo "not installed: $(1)"; fi; touch $@
endef

## Both locks, from pyproject.toml
LOCK := .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --no-header pyproject.toml
lock: .venv/.installed-dev
	$(LOCK) --output-file requirements.lock
	$(LOCK) --all-extras --constraint requirements.lock --output-file requirements-dev.lock

clean:
	rm -rf .venv .state
