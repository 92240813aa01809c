# Short names for what bin/ does, and the rest. `make` lists them.
PYTHON := .venv/bin/python
RUN := PYTHONPATH="$(CURDIR)/site:$(CURDIR)"

.PHONY: help demo test calendar outages bench bench-register bench-documents bench-case-documents bench-intake check fmt lock sbom audit docs shell migrations postgres-stop clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | column -t -s '|'

demo: ## the demonstration on http://127.0.0.1:8000
	bin/demo

test: ## everything that continuous integration runs
	bin/test

bench: ## time the screens with 10,000 applications loaded
	bin/prepare demo
	$(PYTHON) bin/bench_screens.py

bench-register: ## time the register with 1,000,000 applications beside plain SQL (builds them once, some minutes)
	bin/prepare demo
	$(PYTHON) bin/bench_register.py

bench-documents: ## prepare 800 documents while the worker is killed ten times, and weigh it (some minutes)
	bin/prepare demo
	$(PYTHON) bin/bench_documents.py

bench-case-documents: ## time the pages of a case with 800 documents
	bin/prepare demo
	$(PYTHON) bin/bench_case_documents.py

bench-intake: ## time a submission that comes in behind 1,000 previews (a minute)
	bin/prepare tests
	$(PYTHON) bin/bench_intake.py

outages: ## stop and start PostgreSQL five times under load, and count what was lost or done twice (some minutes)
	bin/prepare tests
	$(PYTHON) bin/try_outages.py

calendar: ## the demonstration as of thirty awkward moments, and the tests as of three (about two hours)
	bin/prepare tests
	$(PYTHON) bin/try_every_day.py

check: ## style, import rules and types, without the tests
	bin/prepare tests
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(RUN) $(PYTHON) -c 'from importlinter.cli import lint_imports_command as run; run()'
	$(RUN) $(PYTHON) -m mypy

fmt: ## put style right
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

lock: ## write down what the requirements bring, with hashes (UPGRADE=--upgrade: the newest of what no list pins)
	bin/prepare tests
	$(PYTHON) bin/lock.py $(UPGRADE)

sbom: ## the bills of materials of production, as CycloneDX, into .local/sbom
	bin/prepare tests
	mkdir -p .local/sbom
	$(PYTHON) -m cyclonedx_py requirements requirements.lock --output-reproducible -o .local/sbom/python.cdx.json
	npm sbom --package-lock-only --omit dev --sbom-format cyclonedx >.local/sbom/front-end.cdx.json

audit: ## ask which of the locked packages have known vulnerabilities
	bin/prepare tests
	$(PYTHON) bin/audit.py

docs: ## take the pictures of docs/using-bops.md again, from the demonstration that runs on port 8000
	bin/prepare tests
	$(PYTHON) bin/docs_screenshots.py

shell: ## a Python shell on the demo's database
	BOPS_ENV=demo bin/manage shell

migrations: ## write migrations for changed models
	BOPS_ENV=demo bin/manage makemigrations

postgres-stop: ## stop the local PostgreSQL servers
	$(RUN) $(PYTHON) -m config.local_postgres stop
	$(RUN) $(PYTHON) -m config.local_postgres stop --tests

clean: ## delete what is built: front end, caches (the database and the virtual environment stay)
	rm -rf node_modules static/build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .local/prepared/front-end
	find . -name __pycache__ -not -path './.venv/*' -type d -prune -exec rm -rf {} +
