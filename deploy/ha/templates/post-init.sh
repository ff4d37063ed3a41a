#!/bin/sh
# Patroni runs this once, when the cluster is made: the program's role and database.
# The role sees the replication's figures (pg_monitor) and owns nothing but its database.
set -eu
psql -XAtq -v ON_ERROR_STOP=1 -d "$1" <<'SQL'
CREATE ROLE plantao LOGIN PASSWORD '@app_password@';
GRANT pg_monitor TO plantao;
CREATE DATABASE plantao OWNER plantao;
SQL
