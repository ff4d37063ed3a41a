#!/usr/bin/env python3
"""banned.py: calls that have a safer sister here, and what to use instead."""
import re

import common

ANYWHERE = {
    "strcpy|strcat|stpcpy|strncpy|strncat": "no bound, or no terminator: struct str and buf carry lengths",
    "sprintf|vsprintf": "no bound: snprintf, buf_printf, arena_printf",
    "gets|scanf|fscanf|sscanf|vsscanf": "overflows silently: str_int and the parsers of base/",
    "atoi|atol|atoll|atof": "no errors: str_int",
    "strtok|strtok_r": "changes its input",
    "system|popen|wordexp": "a shell: posix_spawn with an argument vector",
    "rand|srand|random|srandom|rand_r|drand48|lrand48": "guessable: random_bytes",
    "localtime|gmtime|asctime|ctime|asctime_r|ctime_r": "shared state, or the machine's zone: instant_print, date_print",
    "alloca": "the stack has no ceiling a client cannot reach: the arena",
    "mktemp|tmpnam|tempnam|tmpfile": "a race: open with O_EXCL or mkstemp",
    "signal": "differs between systems: sigaction",
    "setjmp|longjmp|sigsetjmp|siglongjmp": "skips what must be undone: enum err and TRY",
    "gethostbyname|inet_ntoa|inet_addr": "shared state, IPv4 alone: getaddrinfo, inet_ntop, inet_pton",
    "usleep": "obsolete: nanosleep",
    "setuid|setgid|vfork": "only with care: setresuid, setresgid, posix_spawn",
    "assert_perror|__builtin_alloca": "see assert, see alloca",
}
# Tests may want repeatable randomness, a file nobody sees, a shell; their fixed texts are under AddressSanitizer.
FINE_IN_TESTS = {"rand", "srand", "tmpfile", "system", "strcpy", "strcat"}
# A handler's memory is the arena's, its time is the request's, its words are rows.
IN_FEATURES = {
    "malloc|calloc|realloc|free|strdup|strndup|asprintf|vasprintf": "memory of a request is the arena's",
    "time|gettimeofday|clock_gettime|clock_now": "one instant for the whole request: ctx->now",
    "printf|fprintf|puts|fputs|putchar|perror": "features answer through the spine and log events",
}
# (file, call): why it is right there.  An exception that is not used is a finding.
EXCEPT = {
    ("src/base/json_lib.c", "setjmp"): "jansson scans past the end after a failed allocation: it is left instead, and holds arena memory alone",
    ("src/base/json_lib.c", "longjmp"): "as setjmp",
    ("src/features/incidents/watch.c", "clock_now"): "a thread of its own, outside any request",
    ("src/features/incidents/watch.c", "clock_gettime"): "the deadline of a wait",
    ("src/features/system/health.c", "clock_now"): "a watcher of its own, outside any request",
    ("src/features/system/health.c", "clock_gettime"): "it compares the wall clock with the monotonic one",
}


def rules(me):
    tables = [ANYWHERE] + ([IN_FEATURES] if me.startswith("src/features/") else [])
    fine = FINE_IN_TESTS if me.startswith("tests/") else set()
    return {name: why for table in tables for names, why in table.items() for name in names.split("|") if name not in fine}


def findings(root=common.ROOT):
    used = set()
    for path in common.matching(root, "src/**/*.c", "src/**/*.h", "tests/**/*.c", "tests/**/*.h"):
        me = path.relative_to(root).as_posix()
        text, banned = common.code(path.read_text(encoding="utf-8")), rules(me)
        for match in re.finditer(r"(?<![\w.>])([A-Za-z_]\w*)\s*\(", text):
            name = match[1]
            if name not in banned:
                continue
            if (me, name) in EXCEPT:
                used.add((me, name))
                continue
            yield f"{me}:{text[:match.start()].count(chr(10)) + 1}: {name}: {banned[name]}"
    for me, name in sorted(EXCEPT.keys() - used if root == common.ROOT else ()):
        yield f"tools/lint/banned.py: the exception ({me}, {name}) is not used"


if __name__ == "__main__":
    common.show(findings())
