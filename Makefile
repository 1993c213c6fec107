PYTHON ?= python3
DATABASE ?= mysql
URL ?= http://127.0.0.1:8000
# Processes of the tests: these wait for servers as much as they compute.
WORKERS ?= $$((2 * $$(getconf _NPROCESSORS_ONLN)))
# The certificates of databases on AWS, in a file of your own or, as it stands here, from AWS.
RDS_BUNDLE ?= aws/rds-bundle.pem
PIP = .venv/bin/pip --quiet --disable-pip-version-check
LOCK = .venv/tools/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate \
	--custom-compile-command "make lock"

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' $(MAKEFILE_LIST) | expand -t 19

run: .venv/run  ## install what the service needs into .venv, and serve on http://127.0.0.1:8000
	.venv/bin/gunicorn

demo: .venv/run  ## send the example files to a throwaway service and print its answers
	@examples/demo.sh

load:  ## load FILES=exports/*.csv into the service at URL, with OPTIONS="-o strict=true"
	@$(PYTHON) client/load.py $(FILES) --url $(URL) $(OPTIONS)

test: .venv/test  ## install what the tests need, and run them all
	.venv/bin/pytest -n $(WORKERS)

faults: .venv/test newest  ## try faults, load and hostile input at length, print the table and keep it in docs/faults.md
	FAULTS_LONG=1 .venv/bin/pytest -n auto -m proves
	FAULTS_LONG=1 EXAMPLES=300 .venv/bin/pytest -n auto tests/any_file  # no faults, but as long
	EXAMPLES=100 .venv/bin/pytest -n auto tests/openapi

newest: .venv/test  ## run the tests of what is served on the newest gunicorn that pip finds
	@if $(PIP) install --upgrade --target .venv/newest gunicorn; then \
		PYTHONPATH=$(CURDIR)/.venv/newest .venv/bin/pytest -n auto tests/serving/test_served.py tests/serving/test_slow_clients.py tests/serving/test_malformed.py; \
	else echo "pip finds no gunicorn: nothing was tried on its newest release"; fi

test-cluster: .venv/test  ## kill nodes of clusters in mid-upload, and compare the survivors
	.venv/bin/pytest -n $(WORKERS) -m cluster

test-citus: .venv/test  ## run the suite on tables that Citus spreads, but for tests of what is otherwise there (docs/clusters.md)
	.venv/bin/python tests/citus.py .venv/bin/pytest -n $(WORKERS) -k "postgresql and not broken_file and not reads_each_hire_once and not get_whole_batches"

test-aws: .venv/test  ## call what runs on Lambda, beside stand-ins for AWS; send all clients of SQLite through its gateway
	.venv/bin/pytest -n $(WORKERS) -m aws
	GATEWAY=1.0 .venv/bin/pytest -n $(WORKERS) -k sqlite
	GATEWAY=2.0 .venv/bin/pytest -n $(WORKERS) -k sqlite

cluster: .venv/test  ## run a cluster to try out: three nodes of Galera, or that of DATABASE=postgresql or DATABASE=citus
	@.venv/bin/python tests/clusters.py $(DATABASE)

bench: .venv/bench  ## measure Loadbay beside other tools, and write bench/results.md and its picture
	PYTHONPATH=tests .venv/bin/python bench/run.py

aws-package: .venv/run $(RDS_BUNDLE)  ## write the packages for Lambda into dist/; RDS_BUNDLE=FILE has the certificates of RDS
	.venv/bin/python aws/package.py $(RDS_BUNDLE)

aws-picture:  ## draw docs/aws.svg from docs/aws.dot, with Graphviz
	dot -Tsvg docs/aws.dot -o docs/aws.svg

lint: .venv/test  ## check the code's form and types
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

lock: .venv/tools  ## look up what the service needs, all of it, here and on AWS, and write it with its hashes into the two locks
	$(LOCK) --output-file requirements.lock requirements.txt
	$(LOCK) --output-file aws/requirements.lock aws/requirements.txt

audit: .venv/tools  ## ask PyPI for known weaknesses of what the service needs
	.venv/tools/bin/pip-audit --strict --require-hashes --disable-pip --requirement requirements.lock --requirement aws/requirements.lock

licences: .venv/run .venv/tools  ## list what the service needs, each with its licence
	@.venv/tools/bin/pip-licenses --python .venv/bin/python --from mixed --packages $$(sed -n 's/==.*//p' requirements.lock)

clean:  ## remove what these targets made
	rm -rf .venv dist .pytest_cache .ruff_cache .mypy_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

.venv/run: requirements.lock
	$(PYTHON) -m venv .venv
	$(PIP) install --require-hashes -r requirements.lock
	@touch $@

.venv/test: .venv/run tests/requirements.txt aws/requirements.txt
	$(PIP) install -r tests/requirements.txt
	@touch $@

.venv/bench: .venv/test bench/requirements.txt
	$(PIP) install -r bench/requirements.txt
	@touch $@

aws/rds-bundle.pem:
	@curl -fsS --output $@.part https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem && mv $@.part $@ || { \
		echo "The certificates of RDS were not to be had. Fetch global-bundle.pem elsewhere, and make aws-package RDS_BUNDLE=FILE"; \
		exit 1; }

.venv/tools:
	$(PYTHON) -m venv $@
	$@/bin/pip install --quiet --disable-pip-version-check pip-audit pip-licenses uv

.PHONY: help run demo load test faults newest test-cluster test-citus test-aws cluster bench aws-package aws-picture lint lock audit licences clean
