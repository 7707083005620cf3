#!/bin/sh
# The roles of docs/postgresql.md, made once, when the database is new. Replace each password, and
# use the same ones in the secrets store_url, owner_url and keys_url.
set -eu
psql --set ON_ERROR_STOP=1 --username postgres <<'SQL'
CREATE ROLE metier_owner LOGIN PASSWORD 'change-me' NOSUPERUSER NOBYPASSRLS;
CREATE ROLE metier_app LOGIN PASSWORD 'change-me-too' NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
CREATE ROLE metier_backup LOGIN PASSWORD 'and-me' BYPASSRLS IN ROLE pg_read_all_data;
CREATE ROLE metier_keys LOGIN PASSWORD 'and-me-too' NOSUPERUSER NOBYPASSRLS;
CREATE DATABASE metier OWNER metier_owner ENCODING 'UTF8' TEMPLATE template0;
CREATE DATABASE metier_keys OWNER metier_keys ENCODING 'UTF8' TEMPLATE template0;
SQL
