#!/bin/sh
# fuzz.sh [MINUTES [NAME...]]: fuzzes tests/fuzz/fuzz_NAME.c, each for MINUTES (1), under ASan and UBSan.
#
# Starts from tests/fuzz/corpus/NAME, with words of tests/fuzz/NAME.dict; what it finds worth keeping goes to
# build-fuzz/found/NAME.  An input that breaks something is named at the end and is left in build-fuzz.
set -eu
cd "$(dirname "$0")/.."

minutes=${1:-1}
[ $# -eq 0 ] || shift
if [ $# -eq 0 ]; then
	for file in tests/fuzz/fuzz_*.c; do
		set -- "$@" "$(basename "$file" .c | sed 's/^fuzz_//')"
	done
fi
# shellcheck disable=SC2046 # names have no blanks
tools/build.sh fuzz $(printf 'tests/fuzz_%s ' "$@")
for name in "$@"; do
	found=build-fuzz/found/$name corpus=tests/fuzz/corpus/$name dict=tests/fuzz/$name.dict
	mkdir -p "$found"
	[ -d "$corpus" ] || corpus=
	[ -f "$dict" ] || dict=
	log=build-fuzz/$name.log
	if build-fuzz/tests/fuzz_"$name" -max_len=4096 -max_total_time=$((minutes * 60)) -print_final_stats=1 \
		-artifact_prefix=build-fuzz/ ${dict:+-dict="$dict"} "$found" ${corpus:+"$corpus"} >"$log" 2>&1; then
		echo "$name: $(sed -n 's/.*number_of_executed_units: //p' "$log") inputs," \
			"coverage $(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -1), nothing found"
	else
		tail -40 "$log"
		echo "$name: BROKEN; all of it: $log" >&2
		exit 1
	fi
done
