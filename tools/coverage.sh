#!/bin/sh
# coverage.sh [SUITE...]: which lines of src/ the tests reach, on both engines (about an hour; api alone: ten minutes).
# coverage.sh --figures: those of what has been counted so far, while it runs or after it was broken off.
#
# Leaves in build-coverage: coverage.txt (a line a file), uncovered.txt (the lines by file), tests.txt (what the
# suites said), coverage/index.html.  A test that fails takes no figures away.  Ends with 1 below COVERAGE_LEAST
# percent (90), or when a test failed.  Which suites cannot be counted, and why, is in tools/run-tests.py and printed.
set -eu
cd "$(dirname "$0")/.."

figures() {
	mkdir -p build-coverage/coverage
	# A program that was killed while it wrote its counts leaves a file that gcov cannot read: one object less, said.
	gcovr --root . --filter src/ --object-directory build-coverage --exclude-throw-branches --gcov-ignore-parse-errors \
		-j 2 --json build-coverage/coverage.json --txt build-coverage/coverage.txt \
		--html-details build-coverage/coverage/index.html build-coverage
	python3 tools/uncovered.py build-coverage/coverage.json >build-coverage/uncovered.txt
	cat build-coverage/coverage.txt
	tail -1 build-coverage/uncovered.txt
}

if [ "${1:-}" = --figures ]; then
	figures
	exit
fi

tools/setup.sh build node test ha coverage
for lock in tests/*/package-lock.json; do
	[ ! -f "$lock" ] || tools/npm.sh "${lock%/*}"
done
tools/build.sh coverage all
find build-coverage -name '*.gcda' -delete
# A child that becomes another account (pgBackRest's) counts too; where it may not, it says so in what its caller reads.
find build-coverage -name '*.gcno' -exec sh -c 'for f; do : >"${f%.gcno}.gcda" && chmod a+rw "${f%.gcno}.gcda"; done' sh {} +

names=$(echo "$*" | tr ' ' ',')
# The status has to outlive the pipe that shows the suites' lines as they come.
(
	failed=0
	python3 tools/run-tests.py --san coverage ${names:+--suite "$names"} || failed=1
	echo "$failed" >build-coverage/failed
) | tee build-coverage/tests.txt
figures
if [ "$(cat build-coverage/failed)" != 0 ]; then
	echo "coverage: tests failed, the figures are those of a broken run (build-coverage/tests.txt)" >&2
	exit 1
fi
python3 tools/uncovered.py build-coverage/coverage.json --least "${COVERAGE_LEAST:-90}" >/dev/null
