#!/bin/sh
# test-ui.sh [FILE...]: the front end's tests in Debian's Chromium against the program on both engines, as TAP;
# two files at a time, each with servers and a browser of its own.
set -eu
cd "$(dirname "$0")/.."
tools/npm.sh tests/ui >&2
cd tests/ui
[ $# -gt 0 ] || set -- *.test.mjs
exec /usr/bin/python3 with-postgres.py node --test --test-concurrency=2 --test-reporter=tap "$@"
