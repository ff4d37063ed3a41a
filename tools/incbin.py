#!/usr/bin/env python3
"""incbin.py OUT.c HEADER TABLE FILE... : files as they are, as C data.

TABLE is declared by HEADER as an array of { name, bytes, end } that ends with a NULL name. The assembler
takes the bytes in, so that the compiler need not read them as numbers."""
import pathlib
import sys

HEAD = """/* Made by tools/incbin.py. */
#include "{header}"
"""
BLOB = """
__asm__(".section .rodata\\n"
        ".balign 16\\n"
        "{table}_{i}:\\n"
        ".incbin \\"{path}\\"\\n"
        "{table}_{i}_end:\\n"
        ".byte 0\\n"
        ".previous\\n");
extern const unsigned char {table}_{i}[] __attribute__((visibility("hidden")));
extern const unsigned char {table}_{i}_end[] __attribute__((visibility("hidden")));
"""


def main():
    out, header, table, *files = sys.argv[1:]
    paths = [pathlib.Path(f).resolve() for f in files]
    text = HEAD.format(header=header)
    for i, path in enumerate(paths):
        if any(c in str(path) for c in '"\\\n'):
            sys.exit(f"incbin: {path}: a path the assembler cannot take")
        text += BLOB.format(table=table, i=i, path=path)
    text += f"\nconst struct incbin {table}[] = {{\n"
    for i, path in enumerate(paths):
        text += f'\t{{ "{path.name}", {table}_{i}, {table}_{i}_end }},\n'
    text += "\t{ 0 },\n};\n"
    pathlib.Path(out).write_text(text, encoding="utf-8")


main()
