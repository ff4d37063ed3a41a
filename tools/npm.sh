#!/bin/sh
# npm.sh DIR: brings DIR/node_modules to DIR/package-lock.json; does nothing when it is there already.
# The lock's hash lies inside node_modules, so removing that folder is enough to start afresh.
set -eu
cd "$1"
lock=$(sha256sum package-lock.json)
stamp=node_modules/.plantao-lock
[ "$(cat "$stamp" 2>/dev/null)" = "$lock" ] && exit 0
echo "setup: npm packages of $1, by its lock file"
npm ci --no-audit --no-fund --no-progress --loglevel=error </dev/null
mkdir -p node_modules
echo "$lock" >"$stamp"
