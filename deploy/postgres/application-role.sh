#!/usr/bin/env bash
# Runs once, when the database container makes its data folder. The role that supportdesk works under owns its database
# and nothing else: neither superuser nor BYPASSRLS, so that row-level security holds for it.
set -euo pipefail
psql --username "$POSTGRES_USER" --dbname postgres --set ON_ERROR_STOP=1 --set password="$APPLICATION_PASSWORD" <<'SQL'
CREATE ROLE supportdesk LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE PASSWORD :'password';
CREATE DATABASE supportdesk OWNER supportdesk;
SQL
