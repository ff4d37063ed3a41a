#!/bin/sh
# setup.sh [GROUP...]: installs what is missing of the named groups of packages.txt (default: build node).
#
# Says what it installs before it does.  When nothing is missing it asks dpkg once and is done.
# It uses Debian's packages alone; node modules are npm.sh's.
set -eu
cd "$(dirname "$0")/.."

# Services that come with a package (PostgreSQL, nginx, Prometheus) are not started: the tests run their own.
install_as_root() {
	policy=/usr/sbin/policy-rc.d
	if [ ! -e "$policy" ]; then
		trap 'rm -f "$policy"' EXIT
		trap 'exit 1' INT TERM HUP
		printf '#!/bin/sh\nexit 101\n' >"$policy"
		chmod 755 "$policy"
	fi
	export DEBIAN_FRONTEND=noninteractive
	log=$(mktemp)
	quietly apt-get -qq -o DPkg::Lock::Timeout=600 update
	quietly apt-get -qq -y -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 --no-install-recommends install "$@"
	rm -f "$log"
}

quietly() {
	"$@" >"$log" 2>&1 </dev/null && return
	cat "$log" >&2
	echo "setup: failed: $*" >&2
	exit 1
}

if [ "${1:-}" = --as-root ]; then
	shift
	install_as_root "$@"
	exit
fi

has_node() {
	command -v npm >/dev/null && version=$(node --version 2>/dev/null) || return 1
	major=${version#v}
	[ "${major%%.*}" -ge 18 ]
}

[ $# -gt 0 ] || set -- build node
groups=
for group; do
	[ "$group" = node ] && has_node && continue
	groups="$groups $group"
done

# One line a package of the wanted groups, alternatives and all.
wanted=$(awk -v groups="$groups" '
	BEGIN { n = split(groups, g, " "); for (i = 1; i <= n; i++) want[g[i]] = 1 }
	{ sub(/#.*/, "") }
	/^\[/ { gsub(/[][ ]/, ""); on = ($0 in want); seen[$0] = 1; next }
	on && NF { print $1 }
	END { for (i = 1; i <= n; i++) if (!(g[i] in seen)) { print "setup: no group " g[i] > "/dev/stderr"; exit 2 } }
' tools/packages.txt)
[ -n "$wanted" ] || exit 0

if ! command -v dpkg-query >/dev/null; then
	echo "setup: not a Debian system; these packages, or your system's names for them, must be there:"
	echo "$wanted"
	exit 0
fi

# shellcheck disable=SC2046 # package names have no blanks
missing=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' $(echo "$wanted" | tr '|' '\n') 2>/dev/null |
	awk -v wanted="$wanted" '
	$2 == "installed" { have[$1] = 1 }
	END {
		n = split(wanted, line, "\n")
		for (i = 1; i <= n; i++) {
			m = split(line[i], name, "|")
			for (ok = j = 0; ++j <= m; ) ok = ok || (name[j] in have)
			if (!ok) printf "%s ", name[1]
		}
	}')
[ -n "$missing" ] || exit 0

echo "setup: installing from Debian (a minute or two): $missing"
if [ "$(id -u)" = 0 ]; then
	sudo=
elif command -v sudo >/dev/null; then
	sudo=sudo
else
	echo "setup: neither root nor sudo; as root: apt-get install $missing" >&2
	exit 1
fi
# shellcheck disable=SC2086 # as above
$sudo sh tools/setup.sh --as-root $missing
