#!/bin/sh
# pictures.sh : docs/pictures/*.png, taken from the built program in a real browser.
set -eu
cd "$(dirname "$0")/.."
tools/setup.sh node test
tools/npm.sh tests/ui
exec node tests/ui/pictures.mjs
