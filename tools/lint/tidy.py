#!/usr/bin/env python3
"""tidy.py: clang-tidy with the checks of .clang-tidy on every C file of src/.

A clean file is remembered by the hash of all that could change the verdict (the file, the
headers it includes, the checks, the flags), so that only what changed is analysed again."""
import hashlib
import json
import os
import re
import shlex
import subprocess
from concurrent.futures import ThreadPoolExecutor

import common


def commands(root):
    """File -> compiler flags, from the build's own list."""
    rows = json.loads((root / "build" / "compile_commands.json").read_text(encoding="utf-8"))
    return {os.path.realpath(os.path.join(r["directory"], r["file"])): (shlex.split(r["command"]), r["directory"]) for r in rows}


def key(path, command, directory, config):
    compiler = [a for a in command if re.match(r"-(I|isystem|D|U|std=)", a)]
    listed = subprocess.run(["gcc", *compiler, "-MM", path], capture_output=True, text=True, cwd=directory)
    if listed.returncode != 0:
        return None
    digest = hashlib.sha256(config + "\0".join(compiler).encode())
    for name in listed.stdout.replace("\\\n", " ").split(":", 1)[1].split():
        digest.update(open(os.path.join(directory, name), "rb").read())
    return digest.hexdigest()


def analyse(path, root):
    done = subprocess.run(["clang-tidy", "--quiet", "-p", root / "build", "--warnings-as-errors=*", path],
                          capture_output=True, text=True, cwd=root)
    if done.returncode == 0:
        return []
    said = [line for line in done.stdout.splitlines() if re.search(r": (warning|error): ", line)]
    return [re.sub(r"^.*?(?=src/|build/gen/)", "", line) for line in said] or [f"{path}: clang-tidy: {done.stdout}{done.stderr}".strip()]


def findings(root=common.ROOT):
    cache = root / "build" / "tidy-cache"
    cache.mkdir(parents=True, exist_ok=True)
    version = subprocess.run(["clang-tidy", "--version"], capture_output=True).stdout
    config = (root / ".clang-tidy").read_bytes() + version
    known = commands(root)

    def check(path):
        if str(path) not in known:
            return [f"{path.relative_to(root)}: not in the build"]
        command, directory = known[str(path)]
        name = key(str(path), command, directory, config)
        if name and (cache / name).exists():
            return []
        said = analyse(path, root)
        if name and not said:
            (cache / name).touch()
        return said

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        seen = set()
        for said in pool.map(check, common.matching(root, "src/**/*.c")):
            yield from (line for line in said if not (line in seen or seen.add(line)))


if __name__ == "__main__":
    common.show(findings())
