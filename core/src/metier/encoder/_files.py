"""The files of a built model, and the manifest that names their hashes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from metier.model import MetierError

FORMAT = 1
MANIFEST = "manifest.json"
GRAPH = "model.onnx"
TOKENIZER = "tokenizer.json"
SOURCE_HASHES: Mapping[str, str] = {
    # As published for sentence-transformers/all-MiniLM-L6-v2.
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    TOKENIZER: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "special_tokens_map.json": "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
}
BUILT = (GRAPH, TOKENIZER, "config.json", "special_tokens_map.json", "tokenizer_config.json")


class ModelMissing(MetierError):
    """The embedding model, or the package it is built from, is not there."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="model_missing", status=503)


class ModelBroken(MetierError):
    """A file of the embedding model is not the one that was built."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="model_broken", status=503)


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_built(path: Path) -> bool:
    """Whether `path` holds a model of this version. Its hashes are checked at load."""
    try:
        manifest = read_manifest(path)
    except MetierError:
        return False
    return all((path / name).is_file() for name in manifest)


def read_manifest(path: Path) -> dict[str, str]:
    """The hashes of the model's files by name.

    Raises:
        ModelMissing: where no model of this version is in `path`.
        ModelBroken: where its manifest can't be read.
    """
    mend = 'Build it with `metier models fetch`, or set `embeddings = "none"` in metier.toml.'
    try:
        found = json.loads((path / MANIFEST).read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise ModelMissing(f"The embedding model is not built in {path}. {mend}") from None
    except (OSError, ValueError):
        raise ModelBroken(
            f"{path / MANIFEST} can't be read, so the embedding model is refused. Delete the "
            f"folder and build it again with `metier models fetch`."
        ) from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise ModelMissing(f"The embedding model in {path} is of another version. {mend}")
    files = found.get("files")
    if not isinstance(files, dict) or set(files) != set(BUILT):
        raise ModelBroken(
            f"{path / MANIFEST} names other files than it should, so the embedding model is "
            f"refused. Delete the folder and build it again with `metier models fetch`."
        )
    return {str(name): str(digest) for name, digest in files.items()}


def verify(path: Path) -> None:
    """Checks every file of the model against its hash.

    Raises:
        ModelMissing: where no model is in `path`.
        ModelBroken: where a file differs, naming it.
    """
    for name, digest in read_manifest(path).items():
        expected = SOURCE_HASHES.get(name, digest)
        try:
            actual = sha256(path / name)
        except OSError:
            actual = ""
        if actual != digest or actual != expected:
            raise ModelBroken(
                f"{path / name} is not the file that was built (its SHA-256 differs), so the "
                f"embedding model is refused. Delete {path} and run `metier models fetch`."
            )
