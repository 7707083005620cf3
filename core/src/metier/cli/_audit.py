"""audit: verify, show and export the audit log; sign how far it has come."""

from __future__ import annotations

import getpass
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from metier import config
from metier.cli._main import run
from metier.cli._output import emit_json, json_option
from metier.model import Json, MetierError

if TYPE_CHECKING:
    from metier.audit import AuditLog, Format, Shown, SinkState, Verification
    from metier.pipeline import Parts

_file = click.Path(exists=True, dir_okay=False, path_type=Path)
_tenant = click.option("--tenant", help="Of this tenant only; '' is the installation itself.")


def _time(context: click.Context, option: click.Parameter, value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(
            "must be such as 2026-03-01 or 2026-03-01T12:00+01:00", context, option
        ) from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


_since = click.option(
    "--since", callback=_time, help="From this time on; UTC where it names no zone."
)
_until = click.option("--until", callback=_time, help="Before this time.")


@click.group()
def audit() -> None:
    """The audit log: what happened to whose data, and that nobody edited it."""


@audit.command()
@_tenant
@click.option(
    "--against",
    type=_file,
    help="Checkpoints that were kept elsewhere: a sink's file, or an export.",
)
@click.option("--export", "export_", type=_file, help="Verify this export; needs no keys.")
@click.option(
    "--public-key",
    "keys",
    multiple=True,
    help="With --export: a key to trust, in hex, or a file of what `audit public-key` prints.",
)
@json_option
def verify(
    tenant: str | None,
    against: Path | None,
    export_: Path | None,
    keys: tuple[str, ...],
    as_json: bool,
) -> None:
    """Checks every event, every link between them, and every checkpoint.

    Exit status 1 where something was changed.
    """
    from metier.audit import Report, read_checkpoints, verify_export

    if keys and export_ is None:
        raise click.UsageError("--public-key goes with --export.")
    if tenant is not None and export_ is not None:
        raise click.UsageError("An export is verified as a whole, without --tenant.")
    report = Report()
    kept = read_checkpoints(against, report) if against else []

    async def work() -> Verification:
        async with _opened() as log:
            if tenant is not None:
                await _known(log, tenant)
            return await log.verify(tenant, kept, report)

    offline = partial(verify_export, export_, kept, _keys(keys), report) if export_ else None
    found = offline() if offline else run(work)
    if as_json:
        emit_json(found)
    else:
        _say(found)
    if not found.ok:
        sys.exit(1)


@audit.command()
@click.option("--subject", help="Events about this person's data.")
@click.option("--actor", help="What this one did.")
@click.option("--kind", help="Such as turn, egress-intent or profile-read.")
@_since
@_until
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=100, show_default=True, help="The newest."
)
@_tenant
@click.option(
    "--content",
    "reason",
    metavar="REASON",
    help="With what was said in each turn. The reason goes into the log.",
)
@json_option
def show(
    subject: str | None,
    actor: str | None,
    kind: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    tenant: str | None,
    reason: str | None,
    as_json: bool,
) -> None:
    """Shows events, oldest first. That they were shown is itself an event."""
    from metier.audit import Wanted, plain

    wanted = Wanted(subject, actor, kind, since, until, limit)

    async def without() -> list[Shown]:
        async with _opened() as log:
            return await log.show(await _chosen(log, tenant), wanted, _who())

    async def with_content() -> list[Shown]:
        from metier.app import Metier

        async with Metier.open() as app:
            log, reader = app.parts.audit, partial(_turn, app.parts)
            chosen = await _chosen(log, tenant)
            return await log.show(chosen, wanted, _who(), reason=reason or "", reader=reader)

    shown: list[Shown] = run(without) if reason is None else run(with_content)
    if as_json:
        emit_json([plain(each) for each in shown])
        return
    for each in shown:
        _print(each)
    if not shown:
        name = config.load(config.home()).tenant if tenant is None else tenant
        more = "; `--tenant ''` has the installation's" if tenant is None and name else ""
        click.echo(f"No event of the tenant '{name}' fits{more}.", err=True)


@audit.command()
@click.option(
    "--format",
    "format_",
    type=click.Choice(["jsonl", "ocsf", "cef"]),
    default="jsonl",
    show_default=True,
    help="jsonl can be verified; ocsf and cef are for security systems.",
)
@_since
@_until
@_tenant
def export(
    format_: Format, since: datetime | None, until: datetime | None, tenant: str | None
) -> None:
    """Writes events to standard output, one a line. That is itself an event."""

    async def work() -> None:
        async with _opened() as log:
            chosen = await _chosen(log, tenant)
            async for line in log.export(chosen, format_, _who(), since=since, until=until):
                click.echo(line)

    run(work)


@audit.command()
@_tenant
@json_option
def checkpoint(tenant: str | None, as_json: bool) -> None:
    """Signs the newest event of each chain, and sends to the sinks what they have not got."""
    from metier.audit import Checkpoint, Keeper, sinks_of

    async def work() -> tuple[list[Checkpoint], list[SinkState]]:
        home = config.home()
        settings = config.load(home).audit
        async with _opened() as log:
            names = await log.store.audit_tenants() if tenant is None else [tenant]
            if tenant is not None:
                await _known(log, tenant)
            made = [await log.checkpoint(name) for name in names]
            keeper = Keeper(log, settings, sinks_of(settings, home))
            await keeper.deliver(now=True)
            states = await keeper.states()
            await keeper.close()
            return [each for each in made if each is not None], states

    made, states = run(work)
    if as_json:
        emit_json({"checkpoints": [asdict(c) for c in made], "sinks": [asdict(s) for s in states]})
        return
    for each in made:
        click.echo(f"{_name(each.tenant)}: event {each.seq}, {each.hash}")
    for state in states:
        what = "has everything" if state.up else f"{state.waiting} wait: {state.error}"
        click.echo(f"sink {state.name}: {what}")


@audit.command("public-key")
@_tenant
@json_option
def public_key(tenant: str | None, as_json: bool) -> None:
    """Prints the key with which others check a tenant's checkpoints."""

    async def work() -> dict[str, str]:
        async with _opened() as log:
            if tenant is not None:
                await _known(log, tenant)
            names = await log.store.audit_tenants() if tenant is None else [tenant]
            return {name: log.public_key(name).hex() for name in names}

    keys = run(work)
    if as_json:
        emit_json(keys)
        return
    for name, key in keys.items():
        click.echo(f"{key}  {_name(name)}")


# --- the log of this home ----------------------------------------------------------------


@asynccontextmanager
async def _opened() -> AsyncIterator[AuditLog]:
    """The log, without the parts that turns need: it opens though a policy is broken."""
    from metier._home import open_keyring, open_store
    from metier.audit import AuditLog

    home = config.home()
    settings = config.load(home)
    keyring = open_keyring(home, settings)
    store = open_store(home, settings)
    try:
        await store.migrate()
        yield AuditLog(store, keyring)
    finally:
        await store.close()
        keyring.close()


async def _chosen(log: AuditLog, tenant: str | None) -> str:
    """The tenant that was named, or the configured one."""
    if tenant is None:
        return config.load(config.home()).tenant
    await _known(log, tenant)
    return tenant


async def _known(log: AuditLog, tenant: str) -> None:
    names = await log.store.audit_tenants()
    if tenant not in names:
        there = ", ".join(_name(name) for name in names) or "none"
        raise MetierError(f"There is no log of tenant '{tenant}'. There are: {there}.")


def _who() -> str:
    """The name under which what this command does is written down."""
    return f"cli:{getpass.getuser()}"


async def _turn(parts: Parts, tenant: str, turn: str) -> Json:
    """What the sealed record of a turn holds. Who has the root key may open it."""
    import orjson

    from metier.pipeline import open_stored

    row = await parts.store.turn_record(tenant, turn)
    if row is None:
        return None
    stored = await open_stored(parts, tenant, row.subject)
    content: Json = orjson.loads(stored.records.open("turn_record", turn, row.sealed))
    return content


def _keys(given: Sequence[str]) -> list[bytes]:
    """Public keys, each in hex or as a file whose lines begin with one."""
    found: list[bytes] = []
    for each in given:
        path = Path(each)
        texts = path.read_text("utf-8").splitlines() if path.is_file() else [each]
        for text in texts:
            word = text.split()[0] if text.split() else ""
            try:
                key = bytes.fromhex(word)
            except ValueError:
                key = b""
            if len(key) != 32:
                raise MetierError("A public key must be 64 hexadecimal digits, or a file of such.")
            found.append(key)
    return found


# --- for people ----------------------------------------------------------------------------


def _say(found: Verification) -> None:
    for warning in found.warnings:
        click.echo(f"warning: {_place(warning.tenant, warning.seq)}{warning.what}", err=True)
    for finding in found.findings:
        place = _place(finding.tenant, finding.seq)
        click.echo(f"{finding.kind}: {place}{finding.what}", err=True)
    counted = (
        f"{_count(found.events, 'event')} of {_count(found.chains, 'chain')}, "
        f"{_count(found.checkpoints, 'checkpoint')}"
    )
    if not found.ok:
        click.echo(f"The log was changed ({counted} looked at).", err=True)
        return
    click.echo(f"The log is whole: {counted}.")
    if not found.checkpoints:
        click.echo("Without a checkpoint nobody can tell whether its end was cut off.")


def _place(tenant: str, seq: int) -> str:
    return f"{_name(tenant)}, event {seq}: " if seq or tenant else ""


def _name(tenant: str) -> str:
    return tenant or "(installation)"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _print(shown: Shown) -> None:
    event = shown.event
    time = event.time.isoformat(sep=" ", timespec="milliseconds").removesuffix("+00:00")
    detail: Mapping[str, object] = event.detail
    said = " ".join(f"{name}={value}" for name, value in detail.items() if value not in (None, ""))
    about = f" about {event.subject}" if event.subject not in ("", event.actor) else ""
    click.echo(f"{event.seq:>7}  {time}  {event.kind:16} {event.actor}{about}  {said}")
    if shown.content is not None:
        emit_json(shown.content)
