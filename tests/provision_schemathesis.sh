#!/usr/bin/env bash
# Makes .schemathesis/, the environment of schemathesis, which tests/test_schemathesis.py runs.
# It brings another pytest and hypothesis, so it is kept apart from .venv/. Does nothing where it
# is already made.
#
# tests/schemathesis.lock was made with
#   uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
#     -o tests/schemathesis.lock <(echo schemathesis==4.32.5)
set -euo pipefail
cd "$(dirname "$0")/.."
PLACE=.schemathesis
LOCK=tests/schemathesis.lock

fail() { echo "provision_schemathesis: $*" >&2; exit 1; }

wanted="$(cat "$LOCK" "$0" | sha256sum | cut -d' ' -f1)"
if [ "$(cat "$PLACE/.ready" 2>/dev/null)" = "$wanted" ]; then exit 0; fi

command -v uv >/dev/null || fail "uv is missing: pip install uv"
PYTHON="${PYTHON:-.venv/bin/python}"
[ -x "$PYTHON" ] || fail "$PYTHON is missing: run make setup, or name another in PYTHON."

rm -rf "$PLACE"
uv venv --quiet --python "$PYTHON" "$PLACE"
echo '*' >"$PLACE/.gitignore"
uv pip sync --quiet --python "$PLACE/bin/python" --require-hashes "$LOCK" ||
  fail "what $LOCK names can't be had."
echo "$wanted" >"$PLACE/.ready"
