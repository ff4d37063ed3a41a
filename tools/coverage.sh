#!/bin/sh
# coverage.sh [SUITE...]: which lines of src/ the tests reach, on both engines (about an hour; api alone: ten minutes).
#
# Leaves in build-coverage: coverage.txt (a line a file), uncovered.txt (the lines by file),
# coverage/index.html.  Ends with 1 below COVERAGE_LEAST percent (90), or when a test failed.
set -eu
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- unit sql http api badday conformance privacy backup ops audit cases docs eval drill
tools/setup.sh build node test ha coverage
for lock in tests/*/package-lock.json; do
	[ ! -f "$lock" ] || tools/npm.sh "${lock%/*}"
done
tools/build.sh coverage all
find build-coverage -name '*.gcda' -delete

failed=
for suite; do
	echo "coverage: $suite"
	case $suite in
	unit | sql) timeout 1800 meson test -C build-coverage --no-rebuild --suite "$suite" --quiet -t 4 || failed="$failed $suite" ;;
	esac
	[ "$suite" != unit ] || continue
	TESTED_PROGRAM="$PWD/build-coverage/plantao" timeout 3600 /usr/bin/python3 -m pytest -q "tests/$suite" || failed="$failed $suite"
done

mkdir -p build-coverage/coverage
gcovr --root . --filter src/ --object-directory build-coverage --exclude-throw-branches -j 2 --json build-coverage/coverage.json \
	--txt build-coverage/coverage.txt --html-details build-coverage/coverage/index.html build-coverage
python3 tools/uncovered.py build-coverage/coverage.json >build-coverage/uncovered.txt
cat build-coverage/coverage.txt
tail -1 build-coverage/uncovered.txt
if [ -n "$failed" ]; then
	echo "coverage: tests failed, the figures are those of a broken run:$failed" >&2
	exit 1
fi
python3 tools/uncovered.py build-coverage/coverage.json --least "${COVERAGE_LEAST:-90}" >/dev/null
