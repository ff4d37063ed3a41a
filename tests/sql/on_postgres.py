#!/usr/bin/env python3
"""on_postgres.py PROGRAM [ARG...] : runs a test program against a private PostgreSQL.

The program finds an empty database at PLANTAO_TEST_POSTGRES_URL.  Its role owns the
database but is no superuser, as in production: the second wall between tenants
(row-level security) would not hold for one.  A superuser's way to the same database is
at PLANTAO_TEST_POSTGRES_ADMIN, for tests that make the server fail."""
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from lib.postgres import Postgres  # noqa: E402


def main():
    with Postgres() as pg:
        pg.sql("postgres", f"CREATE ROLE app LOGIN PASSWORD '{pg.password}'")
        pg.sql("postgres", "CREATE DATABASE app OWNER app")
        url = pg.url("app").replace("//plantao:", "//app:")
        env = {**os.environ, "PLANTAO_TEST_POSTGRES_URL": url, "PLANTAO_TEST_POSTGRES_ADMIN": pg.url("app")}
        return subprocess.run(sys.argv[1:], env=env).returncode


sys.exit(main())
