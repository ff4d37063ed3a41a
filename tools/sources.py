#!/usr/bin/env python3
"""sources.py ROOT PATTERN... : files below ROOT that match, sorted, one a line.

meson.build asks it for the sources, so that adding a feature is adding a folder."""
import pathlib
import sys

root = pathlib.Path(sys.argv[1])
found = {p.relative_to(root).as_posix() for pattern in sys.argv[2:] for p in root.glob(pattern)}
print("\n".join(sorted(found)))
