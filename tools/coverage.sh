#!/bin/sh
# coverage.sh: which lines of src/ the unit and API tests reach; a table, and build-coverage/coverage/index.html.
set -eu
cd "$(dirname "$0")/.."
tools/setup.sh build node test coverage
tools/build.sh coverage all
find build-coverage -name '*.gcda' -delete

meson test -C build-coverage --no-rebuild --suite unit --quiet || failed=1
for suite in sql api conformance cases; do
	[ -d "tests/$suite" ] || continue
	PLANTAO_BIN="$PWD/build-coverage/plantao" /usr/bin/python3 -m pytest -q "tests/$suite" || failed=1
done

mkdir -p build-coverage/coverage
gcovr --root . --filter src/ --object-directory build-coverage --exclude-throw-branches \
	--txt build-coverage/coverage.txt --html-details build-coverage/coverage/index.html
cat build-coverage/coverage.txt
if [ -n "${failed:-}" ]; then
	echo "coverage: tests failed; the figures are those of a broken run" >&2
	exit 1
fi
