"""vllm: a model server of this machine, started as metier needs it."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import click

from metier import config
from metier.cli._output import emit_json, json_option
from metier.cli._vllm_local import is_taken, read_local
from metier.model import MetierError

if TYPE_CHECKING:
    from metier.cli._vllm_command import Launch


@click.group()
def vllm() -> None:
    """A vLLM of this machine: started, watched over, looked at."""


@vllm.command(context_settings={"ignore_unknown_options": True})
@click.argument("model")
@click.argument("more", nargs=-1, type=click.UNPROCESSED)
@click.option("--python", default=sys.executable, help="Of the environment that has vLLM.")
@click.option("--name", default="assistant", show_default=True, help="How metier.toml calls it.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--lora", "adapters", multiple=True, metavar="NAME=FOLDER", help="An adapter.")
@click.option("--download", is_flag=True, help="The model may be fetched from the hub.")
@click.option("--drain", default=25.0, show_default=True, type=click.FloatRange(0),
              help="Seconds to finish after SIGTERM.")  # fmt: skip
@click.option("--within", default=1800.0, show_default=True, type=click.FloatRange(0),
              help="Seconds until it must be up.")  # fmt: skip
@click.option("--print", "only_print", is_flag=True, help="Show what would be started.")
def serve(
    model: str,
    more: tuple[str, ...],
    python: str,
    name: str,
    port: int,
    adapters: tuple[str, ...],
    download: bool,
    drain: float,
    within: float,
    only_print: bool,
) -> None:
    """Serves MODEL, a folder or a name of the hub, on 127.0.0.1.

    Prefix caching, chunked prefill and scheduling by priority are on; request logging and
    usage reports are off. What comes after `--` goes to vLLM as it is, such as
    `-- --max-model-len=8192`. It is started again when it fails.
    """
    from metier.cli._vllm_command import check_model, plan_launch, prepare
    from metier.cli._vllm_process import Supervisor

    home = config.home()
    launch = plan_launch(
        home, python, model, name=name, port=port, drain=drain, adapters=adapters,
        download=download, more=more,
    )  # fmt: skip
    if only_print:
        for key, value in launch.variables.items():
            click.echo(f"export {key}={shlex.quote(value)}")
        click.echo(f'export VLLM_API_KEY="$(cat {shlex.quote(str(launch.key_file))})"')
        click.echo(shlex.join(launch.command))
        return
    _check(python, port)
    check_model(model, more, download, os.environ)
    environment = prepare(home, launch)
    click.echo(f"Starting vLLM with {model}; metier.toml needs:", err=True)
    click.echo(_wanted(name, launch), err=True)
    Supervisor(launch, environment, within, drain, lambda line: click.echo(line, err=True)).run()


@vllm.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@json_option
def status(port: int, as_json: bool) -> None:
    """What the vLLM of this machine is doing, from its own metrics."""
    from metier.inference import FIGURES, read_metrics

    text = read_local(f"http://127.0.0.1:{port}/metrics")
    if text is None:
        raise MetierError(
            f"No vLLM answers on port {port} of this machine. Start one with `metier vllm serve`.",
            code="engine_unavailable",
        )
    figures = read_metrics(text)
    if figures.get("prefix_queries"):
        figures["prefix_share"] = round(figures["prefix_hits"] / figures["prefix_queries"], 4)
    if not figures:
        raise MetierError(
            f"What answers on port {port} has none of vLLM's metrics. Is it another server?",
            code="engine_protocol",
        )
    if as_json:
        emit_json(figures)
        return
    for key, value in figures.items():
        words = FIGURES[key][1] if key in FIGURES else "share of prompt tokens the cache served"
        click.echo(f"{value:>14,.10g}  {words}")


def _check(python: str, port: int) -> None:
    """Finds before the start what would make it fail.

    Raises:
        MetierError: there is no such Python, it has no vLLM, or the port is taken.
    """
    look = "import importlib.util, sys; sys.exit(importlib.util.find_spec('vllm') is None)"
    try:
        done = subprocess.run([python, "-c", look], capture_output=True, timeout=60, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        raise MetierError(
            f"{python} is no Python that runs. `--python` takes the interpreter of the environment "
            "that vLLM is installed in, such as /opt/vllm/bin/python.",
            code="vllm_missing",
        ) from None
    if done.returncode:
        raise MetierError(
            f"{python} has no vLLM. Install it there with `pip install 'metier[vllm]'`, or better "
            "into an environment of its own (`python3 -m venv /opt/vllm && /opt/vllm/bin/pip "
            "install 'vllm>=0.32'`) and name that with `--python /opt/vllm/bin/python`.",
            code="vllm_missing",
        )
    if is_taken(port):
        raise MetierError(
            f"Something serves on port {port} of this machine already. Stop it, or choose "
            "another with `--port`.",
            code="port_taken",
        )


def _wanted(name: str, launch: Launch) -> str:
    """The lines of metier.toml that fit."""
    lines = ["  [engine]", '  kind = "vllm"', '  target = "vllm"', f'  model = "{name}"']
    lines.append('  api_key_env = "METIER_VLLM_KEY"')
    lines += [f'  # adapters = {{DOMAIN = "{each.name}"}}' for each in launch.adapters]
    lines.append(f"and the environment METIER_VLLM_KEY_FILE={launch.key_file}")
    lines.append(f"and a policy that allows the target `vllm` at {launch.url}/v1 (docs/vllm.md)")
    return "\n".join(lines)
