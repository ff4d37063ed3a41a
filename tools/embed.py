#!/usr/bin/env python3
"""embed.py OUT.c DEPFILE DIST : the built front end (ui/dist) as C data for http/assets.h.

embed.py OUT.c DEPFILE --none : an empty table, for builds that serve no front end.

Every file becomes gzip bytes (same input, same bytes: no time stamp), a content type, an ETag and
whether its name carries a hash. Without a built front end the build stops and says what to run."""
import gzip
import hashlib
import pathlib
import re
import sys

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
}
HASHED = re.compile(r"^/assets/.+-[A-Za-z0-9_-]{8}\.\w+$")
HEAD = '/* Made by tools/embed.py from ui/dist. */\n#include "http/assets.h"\n\n'


def c_bytes(data):
    lines = []
    for at in range(0, len(data), 24):
        lines.append("\t" + "".join(f"{b}," for b in data[at:at + 24]))
    return "\n".join(lines)


def table(dist):
    rows, blobs = [], []
    files = sorted((p for p in dist.rglob("*") if p.is_file()), key=lambda p: p.relative_to(dist).as_posix().encode())
    for i, path in enumerate(files):
        name = "/" + path.relative_to(dist).as_posix()
        kind = TYPES.get(path.suffix)
        if kind is None:
            sys.exit(f"embed: {path}: no content type is known for {path.suffix!r} files; add it to tools/embed.py")
        plain = path.read_bytes()
        packed = gzip.compress(plain, 9, mtime=0)
        etag = hashlib.sha256(plain).hexdigest()[:20]
        blobs.append(f"static const unsigned char file_{i}[] = {{\n{c_bytes(packed)}\n}};\n")
        rows.append(f'\t{{ "{name}", "{kind}", "\\"{etag}\\"", file_{i}, {len(packed)}, {len(plain)}, '
                    f'{"true" if HASHED.match(name) else "false"} }},')
    return files, "\n".join(blobs), "\n".join(rows), len(rows)


def main():
    out, depfile, source = sys.argv[1:4]
    files, blobs, rows, count = [], "", "", 0
    if source != "--none":
        dist = pathlib.Path(source)
        if not (dist / "index.html").is_file():
            sys.exit("embed: the front end (ui/dist) is not built: run `make build`, "
                     "or set up without it: meson configure build -Dui=false")
        files, blobs, rows, count = table(dist)
    pathlib.Path(out).write_text(
        f"{HEAD}{blobs}\nconst struct asset asset_rows[] = {{\n{rows}\n\t{{ .path = NULL }},\n}};\n"
        f"const size_t asset_count = {count};\n")
    escaped = (str(p).replace(" ", "\\ ") for p in files)
    pathlib.Path(depfile).write_text(f"{out}: {' '.join(escaped)}\n")


main()
