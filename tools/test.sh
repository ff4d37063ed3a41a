#!/bin/sh
# test.sh: installs what the tests need and runs them; SUITE and SAN come from the environment.
set -eu
cd "$(dirname "$0")/.."
tools/setup.sh build node test ha
for lock in tests/*/package-lock.json; do
	[ ! -f "$lock" ] || tools/npm.sh "${lock%/*}"
done
exec python3 tools/run-tests.py ${SUITE:+--suite "$SUITE"} ${SAN:+--san "$SAN"}
