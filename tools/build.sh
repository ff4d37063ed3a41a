#!/bin/sh
# build.sh [KIND [TARGET...]]: installs what is missing, builds the front end, then the program.
#
#   plain     build/          gcc, what `make run` starts
#   address   build-address/  AddressSanitizer and UndefinedBehaviourSanitizer
#   thread    build-thread/   ThreadSanitizer
#   clang     build-clang/    the second compiler
#   coverage  build-coverage/ counts executed lines
#   fuzz      build-fuzz/     the fuzz targets, under libFuzzer and both of `address`
#
# TARGET defaults to plantao; `all` adds the unit tests.  A warning fails the build
# under the two compilers the project promises to be clean with (gcc 12, clang 14).
set -eu
cd "$(dirname "$0")/.."

kind=${1:-plain}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- plantao
dir=build-$kind
cc=gcc
clean_version=12
options=
case $kind in
plain) dir=build ;;
address) options='-Db_sanitize=address,undefined -Db_lundef=false -Dc_args=-fno-sanitize-recover=all' ;;
thread) options='-Db_sanitize=thread -Db_lundef=false' ;;
clang) cc=clang clean_version=14 ;;
coverage) options='-Db_coverage=true -Doptimization=0 -Dc_args=-fprofile-update=atomic' ;;
fuzz) cc=clang clean_version=14 options="-Dfuzz=true -Dui=false -Db_sanitize=address,undefined -Db_lundef=false
-Dc_args=-fno-sanitize-recover=all" ;;
*)
	echo "build: no kind $kind: plain, address, thread, clang, coverage, fuzz" >&2
	exit 2
	;;
esac

groups=build
[ ! -f ui/package.json ] || groups="$groups node"
[ "$cc" = gcc ] || groups="$groups test"
# shellcheck disable=SC2086 # words
tools/setup.sh $groups
mkdir -p build

# The front end is built when a file of it has changed; gen/meson.build compiles ui/dist in.
if [ -f ui/package.json ]; then
	now=$(find ui docs/openapi.json src -name node_modules -prune -o -path ui/dist -prune -o -path ui/src/api/gen -prune -o \
		-type f \( -path 'ui/*' -o -name openapi.json -o -name '*.def' \) -print | LC_ALL=C sort | xargs -d '\n' sha256sum)
	if [ ! -f ui/dist/index.html ] || [ "$(cat build/ui.stamp 2>/dev/null)" != "$now" ]; then
		tools/npm.sh ui
		echo "build: the front end"
		if ! (cd ui && npm run --silent build) >build/ui.log 2>&1 </dev/null; then
			cat build/ui.log >&2
			exit 1
		fi
		echo "$now" >build/ui.stamp
	fi
fi

case $($cc -dumpversion) in
"$clean_version" | "$clean_version".*) options="$options --werror" ;;
esac

# Sources are found by folder, so a file that came or went means a new setup.
now=$(
	echo "$cc $options"
	python3 tools/sources.py . 'src/**/*.c' 'src/**/*.sql' 'migrations/*.sql' 'tests/**/*.c' 'ui/dist/**/*'
)
if [ ! -f "$dir/build.ninja" ] || [ "$(cat "$dir/sources.stamp" 2>/dev/null)" != "$now" ]; then
	again=
	[ ! -f "$dir/build.ninja" ] || again=--reconfigure
	mkdir -p "$dir"
	# shellcheck disable=SC2086 # words
	if ! CC=$cc meson setup $again $options "$dir" >"$dir/setup.log" 2>&1 </dev/null; then
		cat "$dir/setup.log" >&2
		exit 1
	fi
	echo "$now" >"$dir/sources.stamp"
fi
if [ -t 1 ]; then
	ninja -C "$dir" "$@"
else
	ninja -C "$dir" --quiet "$@"
fi
