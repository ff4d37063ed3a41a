#!/usr/bin/env python3
"""layers.py: who may include whom.  The tables are the architecture; ARCHITECTURE.md tells it in words."""
import fnmatch
import re

import common

# A layer, and the layers whose headers its files may include.
MAY = {
    "base": {"base"},
    "sys": {"base", "sys"},
    "store": {"base", "sys", "store"},
    "http": {"base", "sys", "store", "http"},
    "features": {"base", "sys", "store", "http", "features"},
    "ops": {"base", "sys", "store", "ops"},
    "cmd": {"base", "sys", "store", "http", "features", "ops", "cmd"},
    "main.c": {"base", "cmd"},
}

# A feature may use the words of another (features/B/B.h) only along these edges, which form no circle.
EDGES = {
    ("assistant", "calc"),
    ("audit", "patients"), ("audit", "users"),
    ("auth", "users"),
    ("breakglass", "patients"), ("breakglass", "users"),
    ("demo", "fhir"), ("demo", "hansen_cases"), ("demo", "patients"), ("demo", "records"), ("demo", "tenants"), ("demo", "users"),
    ("fhir", "patients"), ("fhir", "records"),
    ("hansen", "calc"),
    ("hansen_cases", "hansen"), ("hansen_cases", "patients"),
    ("incidents", "calc"),
    ("patients", "users"),
    ("privacy", "hansen_cases"), ("privacy", "patients"),
    ("records", "patients"), ("records", "users"),
    ("tenants", "users"),
}

# A library has one door: header pattern, and the files that may include it.
ONLY = {
    "sqlite3.h": ["store/sqlite*.c"],
    "libpq-fe.h": ["store/postgres*.c"],
    "openssl/*": ["sys/crypto*", "http/tls.c"],
    "argon2.h": ["sys/password.c"],
    "jansson.h": ["base/json_lib.h"],
    "curl/*": ["sys/client.c", "ops/drill.c", "ops/s3.c"],
    "seccomp.h": ["sys/sandbox.c"],
    "libstemmer.h": ["store/token.c"],
    "utf8proc.h": ["store/token.c"],
    "zlib.h": ["base/gunzip.c", "base/gzip.c"],
    "zstd.h": ["base/zstd.c"],
    "sanitizer/*": ["base/arena.c", "sys/*"],
}

# Everything else in <> is the C library's or the kernel's.
SYSTEM = re.compile(r"(sys|net|netinet|arpa|linux)/\w+\.h|(assert|ctype|dirent|errno|fcntl|fnmatch|ftw|glob|grp|inttypes"
                    r"|limits|locale|math|netdb|poll|pthread|pwd|sched|search|semaphore|setjmp|signal|spawn|stdalign|stdarg"
                    r"|ifaddrs|stdatomic|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn|string|strings|syslog|termios|threads"
                    r"|time|unistd|wchar|getopt|malloc|link|execinfo|features|dlfcn|ucontext|err)\.h")

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+([<"])([^>"]+)[>"]', re.M)


def circle(edges):
    """One circle in the edges as a list of names, or None."""
    def walk(name, path):
        if name in path:
            return path[path.index(name):] + [name]
        return next(filter(None, (walk(b, path + [name]) for a, b in sorted(edges) if a == name)), None)
    return next(filter(None, (walk(a, []) for a, _ in sorted(edges))), None)


def foreign(name, me):
    """A finding about an #include <name>, or None."""
    owners = next((files for pattern, files in ONLY.items() if fnmatch.fnmatch(name, pattern)), None)
    if owners is None:
        return None if SYSTEM.fullmatch(name) else f"<{name}> has no owner in layers.py"
    if not any(fnmatch.fnmatch(me, pattern) for pattern in owners):
        return f"<{name}> belongs to {', '.join(owners)}"
    return None


def own(name, me, layer, homes):
    """A finding about an #include "name", or None.  homes: generated header -> the folder of its SQL."""
    if "/" not in name or name.startswith("gen/"):
        name = name.removeprefix("gen/")
        if name in homes:
            return None if homes[name] == me.rsplit("/", 1)[0] else f'"{name}" belongs to {homes[name]}/'
        return f'"{name}": write the path from src/'
    target = name.split("/")
    if target[0] not in MAY[layer]:
        return f"{layer} may not see {name}"
    if layer == target[0] == "features":
        mine, theirs = me.split("/")[1], target[1]
        if mine != theirs and ((mine, theirs) not in EDGES or target[-1] != f"{theirs}.h"):
            return f"feature {mine} may not see {name}"
    return None


def findings(root=common.ROOT):
    found = circle(EDGES)
    if found:
        yield f"tools/lint/layers.py: features in a circle: {' -> '.join(found)}"
    src = root / "src"
    homes = {f"{p.stem}_sql.h": p.parent.relative_to(src).as_posix() for p in common.matching(root, "src/**/*.sql")}
    used = set()
    for path in common.matching(root, "src/**/*.c", "src/**/*.h"):
        me = path.relative_to(src).as_posix()
        layer = me.split("/")[0]
        if layer not in MAY:
            yield f"src/{me}: {layer} is not a layer"
            continue
        text = path.read_text(encoding="utf-8")
        for match in INCLUDE.finditer(text):
            kind, name = match.groups()
            used.add((me.split("/")[1] if layer == "features" else layer, name.split("/")[1] if "/" in name else ""))
            said = foreign(name, me) if kind == "<" else own(name, me, layer, homes)
            if said:
                yield f"src/{me}:{text[:match.start()].count(chr(10)) + 1}: {said}"
    for edge in sorted(EDGES - used if root == common.ROOT else ()):
        yield f"tools/lint/layers.py: the edge {edge[0]} -> {edge[1]} is not used"


if __name__ == "__main__":
    common.show(findings())
