#!/bin/sh
# Makes the environment of tests/test_open_webui.py: Open WebUI of a pinned version, in a folder of its
# own and never in ours. It declares torch for models that run beside it; none does here, so it is left
# out. METIER_OPEN_WEBUI names another folder than ~/.cache/metier-open-webui.
set -eu
version=0.12.4
place=${METIER_OPEN_WEBUI:-$HOME/.cache/metier-open-webui}
uv=$(command -v uv || echo "$(dirname "$0")/../.venv/bin/uv")
[ -x "$place/bin/python" ] || "$uv" venv --quiet --python "${PYTHON:-python3}" --no-python-downloads "$place"
overrides=$(mktemp)
trap 'rm -f "$overrides"' EXIT
echo 'torch ; python_version < "3"' > "$overrides"
"$uv" pip install --quiet --python "$place/bin/python" --overrides "$overrides" "open-webui==$version"
echo "open-webui $version is in $place"
