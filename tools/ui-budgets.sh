#!/bin/sh
# ui-budgets.sh : times of the front end against their budgets; exit 1 when one is missed.
set -eu
cd "$(dirname "$0")/.."
tools/setup.sh node test
tools/npm.sh tests/ui
exec node tests/ui/budgets.mjs
