# Needs make and CPython >= 3.10. Everything else is installed into .venv, once.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
PYTHON ?= $(shell .ci/find-python)
# What the measured applications need is not what the tests need.
APPLICATIONS := .cache/applications
HOST ?= 127.0.0.1
PORT ?= 5000
# More words for pytest or the benchmark: make unit ARGS="-x tests/serve"
ARGS ?=

# The fast tests run in as many processes as there are cores; for the debugger: make unit WORKERS=
WORKERS ?= -n auto --maxprocesses 4 --dist loadfile

# Slow tests that load the machine, or that count what a loaded one does otherwise: one at a time. Of all others
# two files at a time.
ALONE := tests/bench tests/load tests/malformed tests/servers
TOGETHER := $(filter-out $(ALONE:=/) tests/__pycache__/,$(wildcard tests/*/ tests/test_*.py)) tests/servers/lost

SOURCES := src tests bench examples
NOT_UNIT := slow or contract or servers

.PHONY: demo test unit rest services bench bench-pages bench-applications bench-asgi bench-api bench-served bench-serve bench-footprint bench-reload bench-publish matrix lint types format vendor map clean help

demo: $(VENV)/.installed-demo  ## Serve the guestbook on http://127.0.0.1:5000 (another port: PORT=5001)
	@cd examples/guestbook && $(BIN)/erlen init-db && $(BIN)/erlen forge --only-when-empty
	@echo
	@echo "Serving the guestbook with Erlen: http://$(HOST):$(PORT)/ (Ctrl-C stops it)."
	@echo "Is the port taken? Then: make demo PORT=5001"
	@cd examples/guestbook && exec $(BIN)/erlen --no-debug serve --host $(HOST) --port $(PORT)

test: unit rest  ## Run every test, the fast ones first

unit: $(VENV)/.installed-dev  ## Run the fast tests
	$(BIN)/python -m pytest -q -m "not ($(NOT_UNIT))" $(WORKERS) $(ARGS)

rest: $(VENV)/.installed-dev services  ## Run the slow tests: Flask's own suite, extensions, real servers
	@failed=; \
	$(BIN)/python -m pytest -q -m "$(NOT_UNIT)" -n 2 --dist loadfile $(TOGETHER) $(ARGS) || failed=yes; \
	$(BIN)/python -m pytest -q -m "$(NOT_UNIT)" --ignore=tests/servers/lost $(ALONE) $(ARGS) || failed=yes; \
	[ -z "$$failed" ]

services:  ## Install what tests start: Redis, nginx, Apache, systemd's helpers (Debian and its kin, as root)
	@.ci/services

bench: $(VENV)/.installed-bench  ## Measure Erlen beside Flask, Falcon, Bottle and a bare function
	$(BIN)/python -m bench $(ARGS)

bench-pages: $(VENV)/.installed-bench  ## Measure links, redirects, error pages, sessions beside Flask, templates beside Jinja
	$(BIN)/python -m bench.pages $(ARGS)

bench-applications: $(VENV)/.installed-bench $(APPLICATIONS)/.installed-bench-applications  ## Measure whole applications on Flask and Erlen, with wrk
	$(BIN)/python -m bench.applications $(ARGS)

bench-asgi: $(VENV)/.installed-bench-asgi  ## Measure coroutine and plain views on ASGI beside other frameworks
	$(BIN)/python -m bench.asgi $(ARGS)

bench-api: $(VENV)/.installed-bench-api  ## Measure typed views beside Flask with pydantic, APIFlask, Falcon, FastAPI, Litestar and BlackSheep
	$(BIN)/python -m bench.api $(ARGS)

bench-served: $(VENV)/.installed-bench-served  ## Measure it on granian, gunicorn and uWSGI, with wrk
	$(BIN)/python -m bench.served $(ARGS)

bench-serve: $(VENV)/.installed-bench-served  ## Measure erlen serve beside granian itself
	$(BIN)/python -m bench.served --beside-granian $(ARGS)

bench-footprint: $(VENV)/.installed-bench  ## Measure import, memory and growth
	$(BIN)/python -m bench.footprint $(ARGS)

bench-reload: $(VENV)/.installed-dev  ## Measure what servers lose while their code is replaced
	$(BIN)/python -m bench.reload $(ARGS)

bench-publish: $(VENV)/.installed-bench-served $(VENV)/.installed-bench-api $(APPLICATIONS)/.installed-bench-applications  ## Measure all of them and put the figures into the pages
	$(BIN)/python -m bench --publish
	$(BIN)/python -m bench.pages --publish
	$(BIN)/python -m bench.applications --publish
	$(BIN)/python -m bench.asgi --publish
	$(BIN)/python -m bench.api --publish
	$(BIN)/python -m bench.footprint --publish
	$(BIN)/python -m bench.served --publish
	$(BIN)/python -m bench.served --beside-granian --publish
	-$(BIN)/python -m bench.floors

matrix: $(VENV)/.installed-dev $(VENV)/.installed-bench  ## Try a hundred extensions on Flask and Erlen, and write the page on them
	$(BIN)/python -m tests.contract.matrix $(ARGS)

lint: $(VENV)/.installed-dev  ## Check the code's style
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)

types: $(VENV)/.installed-dev  ## Check the types
	$(BIN)/mypy --strict
	$(BIN)/pyright

format: $(VENV)/.installed-dev  ## Mend what `make lint` can mend by itself
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

vendor:  ## Renew the page of an Api: Swagger UI, from npm
	@.ci/vendor

map: $(VENV)/.installed-dev  ## Write the maps of the source in CONTRIBUTING.md and the page on the architecture
	$(BIN)/python -m tests.docs.house_map

clean:  ## Remove the environment and everything that was made
	rm -rf $(VENV) .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
	find src tests bench examples -name __pycache__ -type d -prune -exec rm -rf {} +

help:
	@echo "make demo and make test are the two to start with."
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s  %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(VENV)/.installed-%: pyproject.toml .ci/environment src/erlen-as-flask.pth
	@.ci/environment $(VENV) "$(PYTHON)" $*
	@touch $@

$(APPLICATIONS)/.installed-%: pyproject.toml .ci/environment src/erlen-as-flask.pth
	@mkdir -p $(@D)
	@.ci/environment $(APPLICATIONS) "$(PYTHON)" $*
	@touch $@
