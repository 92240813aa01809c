#!/bin/sh
# Makes the role that web, worker and due work sign in as (docs/deploy.md, "Two roles of the database").
# The image of PostgreSQL runs it once, when it makes the database; compose.yaml gives it the password.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --set password="$RUNTIME_PASSWORD" <<'SQL'
CREATE ROLE bops_runtime LOGIN PASSWORD :'password';
SQL
