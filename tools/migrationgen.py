#!/usr/bin/env python3
"""migrationgen.py OUT.c FILE.sql... : the migrations, compiled in.

A file is NNNN_name.sql, numbered without gaps from 0001.  One text serves both
engines: @blob, @serial and @without_rowid are written as each engine has them;
lines after `-- :sqlite` or `-- :postgres` are for that engine only, until `-- :both`.
The checksum is that of the file: once released, a migration never changes."""
import hashlib
import pathlib
import re
import sys

WORDS = {
    "sqlite": {"@blob": "BLOB", "@serial": "INTEGER PRIMARY KEY AUTOINCREMENT", "@without_rowid": "WITHOUT ROWID"},
    "postgres": {"@blob": "BYTEA", "@serial": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "@without_rowid": ""},
}


def text_for(engine, path, text):
    section, lines = "both", []
    for line in text.splitlines():
        if m := re.match(r"-- :(\w+)\s*$", line):
            if m[1] not in ("both", *WORDS):
                sys.exit(f"migrationgen: {path}: unknown section :{m[1]}")
            section = m[1]
        elif section in ("both", engine) and line.strip() and not line.lstrip().startswith("--"):
            lines.append(re.sub(r"@\w+", lambda w: word(engine, path, w[0]), line.rstrip()))
    return "\n".join(lines)


def word(engine, path, name):
    if name not in WORDS[engine]:
        sys.exit(f"migrationgen: {path}: unknown word {name}")
    return WORDS[engine][name]


def c_string(text):
    lines = [line.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t") for line in text.splitlines()]
    return "\n\t\t  ".join(f'"{line}\\n"' for line in lines) or '""'


def main(out, files):
    rows = []
    for expected, path in enumerate(map(pathlib.Path, files), 1):
        m = re.fullmatch(r"(\d{4})_(\w+)\.sql", path.name)
        if not m or int(m[1]) != expected:
            sys.exit(f"migrationgen: {path.name}: expected {expected:04}_name.sql")
        data = path.read_bytes()
        digest = ", ".join(f"0x{b:02x}" for b in hashlib.sha256(data).digest())
        texts = ",\n\t\t  ".join(c_string(text_for(e, path, data.decode("utf-8"))) for e in ("sqlite", "postgres"))
        rows.append(f'\t{{ .number = {expected}, .name = "{m[2]}",\n\t  .text = {{ {texts} }},\n'
                    f"\t  .sha256 = {{ {digest} }} }},\n")
    pathlib.Path(out).write_text(
        "/* Generated from migrations/ by tools/migrationgen.py; do not edit. */\n"
        '#include "store/migrate.h"\n\nconst struct migration migrations[] = {\n' + "".join(rows) +
        "\t{ .number = 0 },\n};\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
