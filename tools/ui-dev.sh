#!/bin/sh
# ui-dev.sh : the front end with live reload against a running server, PLANTAO_URL.
set -eu
cd "$(dirname "$0")/.."
tools/setup.sh node
tools/npm.sh ui
cd ui
export PLANTAO_URL="${PLANTAO_URL:-http://127.0.0.1:8080}"
exec npm run --silent dev
