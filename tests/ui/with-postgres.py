#!/usr/bin/env python3
"""with-postgres.py COMMAND…: one private PostgreSQL for the length of the command, with an empty
database for each test file of this folder; PLANTAO_UI_POSTGRES holds its address up to the name."""
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from lib.postgres import Postgres  # noqa: E402 : the path comes first


def main():
    if len(sys.argv) < 2 or sys.argv[1] in ("-h", "--help"):
        print(__doc__)
        return 0 if len(sys.argv) > 1 else 2
    with Postgres() as postgres:
        for file in HERE.glob("*.test.mjs"):
            postgres.sql("postgres", f"CREATE DATABASE {file.name.split('.')[0]}")
        return subprocess.run(sys.argv[1:], check=False,
                              env={**os.environ, "PLANTAO_UI_POSTGRES": postgres.url("")}).returncode


if __name__ == "__main__":
    sys.exit(main())
