"""scrub."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from metier import config
from metier.cli._output import emit_json, json_option
from metier.cli._scrub_files import NewFile, Source, naming, source_of
from metier.model import Json, MetierError

if TYPE_CHECKING:
    from metier.app import Metier
    from metier.privacy import Format, Owner, Scrubber

_FORMATS = ("text", "json", "jsonl", "csv")
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", default="-")
@click.option("--format", "form", type=click.Choice(_FORMATS), help="Else by the file's suffix.")
@click.option("--header/--no-header", default=None, help="Whether CSV has a row of names.")
@click.option("--domain", help="Use this domain's recognizers too.")
@click.option("--target", default="local", show_default=True, help="Apply this target's policy.")
@click.option("--output", type=_FILE, help="Write to this file, not to standard output.")
@click.option("--vault", type=_FILE, help="Keep the sealed vault here; needed to restore.")
@click.option("--restore", is_flag=True, help="Put the values of --vault back into FILE.")
@click.option("--force", is_flag=True, help="Replace --output and --vault where they exist.")
@click.option("--report", is_flag=True, help="Count what was found; shows no value.")
@json_option
def scrub(
    file: str,
    form: str | None,
    header: bool | None,
    domain: str | None,
    target: str,
    output: Path | None,
    vault: Path | None,
    restore: bool,
    force: bool,
    report: bool,
    as_json: bool,
) -> None:
    """Writes FILE with what is sensitive replaced; `-` is standard input.

    Text, JSON, JSON Lines and CSV keep their structure. Without --vault nothing
    can be restored.
    """
    from metier.app import Metier
    from metier.cli._scrub_run import scrub_document
    from metier.privacy import FORMATS, KeptVault, format_for, seal_vault

    if restore and vault is None:
        raise click.UsageError("--restore needs --vault, which was written when FILE was scrubbed.")
    if restore and (report or as_json or domain or header is not None):
        raise click.UsageError("--restore takes only --vault, --format, --output and --force.")
    chosen = FORMATS[form] if form else None
    live = (form == "jsonl") and not as_json
    source = source_of(file, live)
    with ExitStack() as stack, naming(source):
        out = stack.enter_context(_new_file(output, force)) if output else None
        if restore:
            assert vault is not None
            _restore(source, chosen, vault, out)
            return
        kept = stack.enter_context(_new_file(vault, force)) if vault else None
        fitted = _fitted(chosen or format_for(file), header, source)
        app = Metier.open()
        scrubber = _scrubber(app, domain, target)
        counting = report or as_json
        done = scrub_document(scrubber, source, fitted, out, counting=counting, held=as_json)
        if kept:
            sealed = KeptVault(scrubber.vault, _about(fitted))
            kept.write(seal_vault(sealed, app.parts.keyring, _owner(app.settings)))
            kept.keep()
        if out:
            out.keep()
        if as_json:
            emit_json(done.as_json() | ({} if out else {"text": done.text}))
        elif report:
            click.echo(done.table(), err=out is None)


def _about(form: Format) -> dict[str, Json]:
    """What restoring must know of the file; sealed with its vault."""
    from metier.privacy import Csv

    table = form if isinstance(form, Csv) else Csv()
    return {"format": form.name, "delimiter": table.delimiter, "header": table.header}


def _fitted(form: Format, header: bool | None, source: Source) -> Format:
    """A table's format with the delimiter of its first line."""
    from metier.privacy import Csv

    if isinstance(form, Csv):
        return replace(form.seen(source.first_line), header=header)
    if header is not None:
        raise click.UsageError("--header and --no-header are for CSV.")
    return form


def _scrubber(app: Metier, domain: str | None, target: str) -> Scrubber:
    from metier.privacy import Scrubber, new_shift, tenant_means

    policy = app.parts.policy
    if policy.target(target) is None:
        raise MetierError(
            f"No policy allows the target '{target}'; nothing is scrubbed for it. Declare it under "
            "`targets` and `allow_targets` in a policy file.",
            code="target_not_allowed",
        )
    chosen = domain or app.domains()[0].name
    means = tenant_means(app.parts.keyring, app.settings.tenant, new_shift())
    return Scrubber(
        app.parts.detector(chosen),
        lambda entity: policy.entity_action(entity, target, chosen),
        means,
    )


def _restore(source: Source, chosen: Format | None, vault: Path, out: NewFile | None) -> None:
    from metier._home import open_keyring
    from metier.cli._scrub_run import restore_document
    from metier.privacy import FORMATS, Csv, open_vault

    home = config.home()
    settings = config.load(home)
    keyring = open_keyring(home, settings)
    kept = open_vault(vault.read_bytes(), keyring, _owner(settings))
    about = kept.about
    form = chosen or FORMATS[str(about["format"])]
    if isinstance(form, Csv):
        delimiter = about["delimiter"] or form.seen(source.first_line).delimiter
        form = Csv(str(delimiter), header=about["header"] is not False)
    unknown = restore_document(kept.vault, source, form, out)
    if out:
        out.keep()
    if unknown:
        click.echo(
            f"{unknown} placeholders are not in this vault; a neutral word stands for each.",
            err=True,
        )


def _owner(settings: config.Settings) -> Owner:
    from metier.privacy import Owner

    return Owner(settings.tenant, "file")


def _new_file(path: Path, force: bool) -> closing[NewFile]:
    return closing(NewFile(path, force))
