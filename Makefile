# Aliases: every recipe is one script of tools/, so nothing is done only here.
.DEFAULT_GOAL := help
.PHONY: analyse faults soak restarts prove-privacy rpo overload ui-dev ui-budgets pictures crash docs eval help run build test lint bench bench-quick bench-million bench-audit fuzz coverage clean ha-lab drill
MAKEFLAGS += --no-print-directory

## run: install what is missing, build, start the demo and print where it listens
run: build
	@exec build/plantao serve --demo

## build: install what is missing, build/plantao (SAN=address or thread: build-address, build-thread)
build:
	@tools/build.sh $(or $(SAN),plain)

## test: install what is missing, build, run every suite (SUITE=api,unit picks; SAN=address runs them sanitized)
test:
	@tools/test.sh

## lint: format, static analysis, layers, banned calls, sizes, hygiene
lint:
	@tools/build.sh plain && tools/setup.sh test && python3 tools/lint/run.py

## bench: the server under load beside nginx and pgbench (about 8 minutes; results in bench/results)
bench: build
	@tools/setup.sh bench && tools/build.sh plain tests/plantao_clear && /usr/bin/python3 bench/bench.py

## bench-quick: the gate, two minutes: no ratio more than 15 % below the one kept
bench-quick: build
	@tools/setup.sh bench && tools/build.sh plain tests/plantao_clear && /usr/bin/python3 bench/bench.py --quick

## bench-million: a store of 1 000 000 records beside one of 10 000: size, start, reads, pages, creates, searches (minutes)
bench-million: build
	@tools/setup.sh bench && /usr/bin/python3 bench/million.py

## bench-audit: an audit trail of ENTRIES=2000000: appending and verifying by its length, and what that says of 100 million
bench-audit: build
	@tools/setup.sh bench && /usr/bin/python3 bench/audit.py --entries $(or $(ENTRIES),2000000)

## fuzz: every fuzz target for MINUTES=1 minutes
fuzz:
	@tools/fuzz.sh $(or $(MINUTES),1)

## docs: write what is made from the program's rows (docs/reference, docs/openapi.json)
docs:
	@tools/build.sh plain && mkdir -p docs/reference && build/plantao docs docs/reference && build/plantao openapi >docs/openapi.json

## crash: 200 kills an engine under load, and 100 power failures; nothing acknowledged may be missing (an hour)
crash: build
	@tools/setup.sh test && tools/build.sh plain tests/plantao_faults && cd tests && PLANTAO_TEST_KILLS=200 /usr/bin/python3 -m pytest -q --timeout 7200 crash

## faults: every allocation, system call, statement and disk access fails once, and from then on (half an hour)
faults: build
	@tools/setup.sh test && tools/build.sh plain tests/plantao_faults && cd tests && \
		PLANTAO_TEST_FAULTS_ALL=1 /usr/bin/python3 -m pytest -q -s --timeout 7200 fault

## soak: HOURS=1 of mixed load; memory and descriptors must stay flat (picture in build/soak; ENGINE=postgres)
soak: build
	@tools/setup.sh test && tools/build.sh plain tests/load && \
		/usr/bin/python3 tests/load/soak.py --hours $(or $(HOURS),1) --engine $(or $(ENGINE),sqlite)

## overload: ten times the requests that can be served; who is refused, how long the others wait (two minutes)
overload: build
	@tools/setup.sh test && tools/build.sh plain tests/load && /usr/bin/python3 tests/load/overload.py

## rpo: the data directory lost 20 times in each mode of shipping (about 8 minutes)
rpo: build
	@tools/setup.sh test && cd tests && PLANTAO_TEST_LOSSES=20 /usr/bin/python3 -m pytest -q -s --timeout 3600 backup/test_rpo.py

## ha-lab: two nodes and a witness on this machine, hosts as network namespaces (root; tools/halab.py down ends it)
ha-lab: build
	@tools/setup.sh ha && /usr/bin/python3 tools/halab.py up

## drill: the cluster breaks under 200 users in nine ways, 5 times each (about an hour and a half; SCENARIO=cut RUNS=1); adds to build/drill
drill: build
	@tools/setup.sh ha && /usr/bin/python3 tools/drill.py $(SCENARIO) --runs $(or $(RUNS),5)

## prove-privacy: every proof of what is promised of personal data, one line a promise
prove-privacy: build
	@tools/setup.sh test && tools/build.sh plain tests/plantao_faults && /usr/bin/python3 tools/prove-privacy.py

## restarts: N=100 restarts under load, kept and one-shot connections: no request may fail
restarts: build
	@tools/setup.sh test && cd tests && PLANTAO_TEST_RESTARTS=$(or $(N),100) /usr/bin/python3 -m pytest -q -s --timeout 3600 ops/test_restart.py -k dropped

## eval: the assistant's answers against the questions of tests/eval
eval:
	@tools/build.sh plain && /usr/bin/python3 tools/eval.py

## coverage: which lines of src/ the tests reach, and which they do not (SUITE="unit api"; an hour for all)
coverage:
	@tools/coverage.sh $(SUITE)

## analyse: gcc -fanalyzer, cppcheck, and the unit tests under valgrind (half an hour; ONLY=cppcheck)
analyse:
	@tools/setup.sh build test analyse && tools/build.sh plain all && python3 tools/analyse.py $(if $(ONLY),--only $(ONLY))

## ui-dev: the front end with live reload against a running server (PLANTAO_URL=http://127.0.0.1:8080)
ui-dev:
	@tools/ui-dev.sh

## pictures: the README's pictures, taken from the program itself
pictures: build
	@tools/pictures.sh

## ui-budgets: times of the front end against their budgets, on 10 000 patients (about 3 minutes)
ui-budgets: build
	@tools/ui-budgets.sh

## clean: remove everything that was built; data and node_modules stay
clean:
	@rm -rf build build-* ui/dist

help:
	@sed -n 's/^## \([a-z-]*\): /make \1\t/p' $(MAKEFILE_LIST) | expand -t 20
