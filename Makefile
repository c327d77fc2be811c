# Sets up .venv from the lock files and runs the command `hubs` in it. Nothing is installed elsewhere, except by the
# target `tools`.
STACK ?= demo
HUB ?=
CONTEXT ?=
ARGS ?=
PYTHON ?= python3
RUN := .venv/bin/python -m
HUBS := .venv/bin/hubs

# Without bytecode files, every command would compile the SDKs again, which takes longer than the command itself.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup preview up check page render diff test fuzz docs bench lock tools clean

help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name text; do printf '%-9s %s\n' "$$name" "$$text"; done

setup: .venv/.installed ## Install the command .venv/bin/hubs and what it needs
	@echo "Run .venv/bin/hubs --help, or put .venv/bin on your PATH."

preview: .venv/.installed ## Show what an update of STACK=demo would create, without account, cluster or engine
	@$(HUBS) plan $(STACK) $(ARGS)

up: .venv/.installed ## Deploy STACK. CONTEXT is for demonstration stacks, ARGS go to Pulumi; in CI: ARGS=--yes
	@$(HUBS) up $(STACK) $(if $(CONTEXT),--context "$(CONTEXT)") $(ARGS)

check: .venv/.installed ## Check what would fail when STACK is deployed; with AFTER=1, whether what is deployed works
	@$(HUBS) check $(STACK) $(if $(CONTEXT),--context "$(CONTEXT)") $(if $(AFTER),--after) $(ARGS)

page: .venv/.installed-page .venv/.proxy ## Run the page of HUB=community/hub of STACK on this machine
	@$(HUBS) page $(STACK) $(HUB) $(ARGS)

render: .venv/.installed .venv/.helm ## Write the Kubernetes manifests of STACK into .state/rendered
	@$(HUBS) render $(STACK) $(ARGS)

diff: .venv/.installed .venv/.helm ## Show what the working tree changes in STACK, compared with BASE=main
	@$(HUBS) diff $(STACK) $(if $(BASE),--base $(BASE)) $(ARGS)

test: .venv/.installed-dev tools ## Run every check and every test
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports
	.venv/bin/mypy
	$(RUN) pytest

CASES ?= 1000
SEED ?= 1
fuzz: .venv/.installed-dev ## Try CASES=1000 random changes of the stacks' files, others for each SEED
	FUZZ_CASES=$(CASES) FUZZ_SEED=$(SEED) $(RUN) pytest tests/fuzz

docs: .venv/.installed-dev ## Build the documentation into .state/docs; a warning is an error
	.venv/bin/sphinx-build --fail-on-warning --quiet docs .state/docs

bench: .venv/.installed-dev tools ## Measure every command on stacks of 1 to 100 hubs
	$(RUN) bench

lock: .venv/.installed-dev ## Update the lock files from pyproject.toml, with hashes
	echo uv | $(COMPILE) - --output-file requirements-uv.lock
	$(COMPILE) pyproject.toml --output-file requirements.lock
	$(COMPILE) pyproject.toml --extra page --constraint requirements.lock --output-file requirements-page.lock
	$(COMPILE) pyproject.toml --all-extras --constraint requirements-page.lock --output-file requirements-dev.lock
	$(COMPILE_HUB) images/hub/requirements.in --output-file images/hub/requirements.lock
	for number in $$(sed -n 's/^jupyterhub==\([^ ]*\).*/\1/p' hubs/page/jupyterhub.lock); do \
		echo jupyterhub==$$number | $(COMPILE) --no-deps - || exit; done > hubs/page/jupyterhub.lock.new
	mv hubs/page/jupyterhub.lock.new hubs/page/jupyterhub.lock

tools: .venv/.helm .venv/.actionlint .venv/.proxy .venv/.packages .venv/.docker ## Install tools other than Python packages: with Go, npm, and as root with apt

clean: ## Remove .venv and .state
	rm -rf .venv .state

UV := PATH="$$PATH:$(CURDIR)/.venv/bin" uv
PIP := .venv/bin/pip install --quiet --disable-pip-version-check
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --no-header
COMPILE_HUB := $(UV) pip compile --quiet --no-deps --python-version 3.12 --python-platform linux --generate-hashes \
	--no-emit-index-url --no-annotate --no-header

.venv/.created:
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/.uv: .venv/.created requirements-uv.lock
	@command -v uv >/dev/null || $(PIP) --require-hashes --requirement requirements-uv.lock || echo "uv is not available"
	@touch $@

# uv takes seconds, pip a minute; both check hashes. Making a plan then compiles only the modules that commands import.
define install
	@echo "Installing the packages in $(1) into .venv"
	@$(UV) pip install --quiet --python .venv/bin/python --require-hashes --requirement $(1) || { \
		echo "uv failed; trying pip, which takes about a minute"; $(PIP) --require-hashes --requirement $(1); }
	@$(UV) pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable . || \
		$(PIP) --no-deps --no-build-isolation --editable .
	@$(HUBS) plan demo >/dev/null
endef

.venv/.installed: .venv/.uv requirements.lock pyproject.toml
	$(call install,requirements.lock)
	@touch $@

.venv/.installed-page: .venv/.uv requirements-page.lock pyproject.toml
	$(call install,requirements-page.lock)
	@touch $@ .venv/.installed

.venv/.installed-dev: .venv/.uv requirements-dev.lock pyproject.toml
	$(call install,requirements-dev.lock)
	@touch $@ .venv/.installed .venv/.installed-page

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

# Debian's package replaces other packages of Docker, so it is installed only where there is none.
.venv/.docker: .venv/.created
	@$(call if-there,docker.io iptables iproute2 busybox,command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] && \
		apt-get -qq update && DEBIAN_FRONTEND=noninteractive \
		apt-get -qq install --yes --no-install-recommends iptables iproute2 busybox \
		$$(command -v dockerd >/dev/null || echo docker.io) >/dev/null)

# A tool that can't be installed is reported once, and tests that need it are skipped. `make tools` tries again.
define if-there
	if $(2); then echo "installed $(1)"; : >$@; else echo "not installed: $(1)"; echo missing >$@; fi
endef

ifneq (,$(filter tools,$(MAKECMDGOALS)))
$(shell rm -f $$(grep -ls missing .venv/.helm .venv/.actionlint .venv/.proxy .venv/.packages .venv/.docker))
endif
