"""The commands. Errors become one line on standard error and exit status 1."""

from __future__ import annotations

import asyncio
import importlib
import os
import sys
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import click

from metier.cli._output import TRACEBACK, unforeseen
from metier.model import MetierError

COMMANDS = {
    "serve": ("_serve", "Serve every domain over the OpenAI wire."),
    "chat": ("_talk", "Talk with a domain, turn by turn."),
    "ask": ("_talk", "Ask once; the answer goes to standard output."),
    "batch": ("_batch", "Answer a file of requests, offline; goes on where it was stopped."),
    "ingest": ("_knowledge", "Index files for a domain."),
    "search": ("_knowledge", "Search a domain's knowledge."),
    "recommend": ("_talk", "What a domain suggests to do next."),
    "scrub": ("_privacy", "Show text as a model outside would see it."),
    "keys": ("_keys", "Keys: what there are, how old, and changing them."),
    "profile": ("_profile", "What is known of a person: shown, changed, forgotten, imported."),
    "subject": ("_subject", "A person's rights: export, correct, erase, restrict, hold, consent."),
    "new": ("_new", "Write the project of a new plugin, which works at once."),
    "plugins": ("_inspect", "One line a plugin: what it is, or why it does not work."),
    "models": ("_inspect", "The embedding model: fetch it, list what there is."),
    "policy": ("_policy", "Check, test, compare, explain and sign policies."),
    "access": ("_access", "API keys, and what each role may do."),
    "audit": ("_audit", "The audit log: check it, read it, export it, sign it."),
    "backup": ("_backup", "A sealed backup, while metier serves."),
    "restore": ("_backup", "Puts a backup back, verified, with what was erased since left out."),
    "compliance": ("_compliance", "A report for reviewers, the bill of materials, a DPIA."),
    "config": ("_config", "The configuration: what is in force, what is wrong, its schema."),
    "doctor": ("_doctor", "Checks the whole installation, and says how to mend it."),
    "eval": ("_evaluate", "Run an evaluation suite."),
    "vllm": ("_vllm", "A vLLM of this machine: start it, look at it."),
    "setup": ("_setup", "Prepare the home: keys, store, model, sample knowledge."),
}


class _Lazy(click.Group):
    """Loads a command's module only when it runs, so that --help stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name in COMMANDS:
            module = importlib.import_module(f"metier.cli.{COMMANDS[name][0]}")
            command: click.Command = getattr(module, name)
            return command
        from metier.cli._inspect import plugin_command

        return plugin_command(name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])
        # To name them here, every plugin would have to be loaded.
        formatter.write_paragraph()
        formatter.write_text("Plugins bring commands of their own: `metier plugins` lists them.")


@click.command(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="metier", message="%(version)s")
def cli() -> None:
    """metier: vertical assistants with personal profiles and a privacy layer.

    State lives in $METIER_HOME (default ~/.metier). Start with `metier setup`.
    """


def run(work: Callable[[], Awaitable[Any]]) -> Any:
    """Runs a command's coroutine."""

    async def call() -> Any:
        return await work()

    return asyncio.run(call())


def main() -> None:
    """The entry point `metier`."""
    from metier.cli._input import check_arguments

    try:
        check_arguments(sys.argv[1:])
        # Where a command gives a status itself, it is returned.
        sys.exit(cli(standalone_mode=False) or 0)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except Exception as error:
        click.echo(f"metier: {_said(error)}", err=True)
        sys.exit(1)


def _said(error: Exception) -> str:
    """One line for an error. Of one that nobody foresaw, its words may be content."""
    if isinstance(error, MetierError) and error.__cause__ is None:
        return error.message
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror}."
    if os.environ.get(TRACEBACK):
        return "".join(traceback.format_exception(error))
    if isinstance(error, MetierError):
        return error.message
    return f"{unforeseen(error)}. {TRACEBACK}=1 shows more, which may hold personal data."
