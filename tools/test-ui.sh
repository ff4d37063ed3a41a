#!/bin/sh
# test-ui.sh [FILE...]: the front end's tests in Debian's Chromium against the program, as TAP.
set -eu
cd "$(dirname "$0")/.."
tools/npm.sh tests/ui >&2
cd tests/ui
[ $# -gt 0 ] || set -- *.test.mjs
exec node --test --test-reporter=tap "$@"
