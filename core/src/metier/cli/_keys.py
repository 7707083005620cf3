"""keys: what keys there are, and new ones in the place of old ones."""

from __future__ import annotations

import getpass
import json
import os
import time
import tomllib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from metier import config
from metier.cli._main import run
from metier.cli._output import emit_json, json_option, progress
from metier.model import MetierError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from metier.crypto import RotationRow
    from metier.crypto.roots import RootSettings
    from metier.pipeline import Parts
    from metier.rotation import KeyStatus, Opened, Pace, Rotated
    from metier.rotation import Progress as Told

    _Work = Callable[[Parts, str, Pace, Told], Awaitable[Rotated]]

_tenant = click.option("--tenant", help="The tenant; the configured one where none is named.")
_share = click.option(
    "--share",
    type=click.IntRange(1, 100),
    default=25,
    show_default=True,
    help="Percent of the time it works; it rests in between, so that turns are served.",
)


@click.group()
def keys() -> None:
    """The keys: what there are, and new ones in the place of old ones."""


@keys.command()
@json_option
def status(as_json: bool) -> None:
    """Shows the root, the tenants' keys and their ages, and what is not finished."""
    from metier.rotation import key_status

    async def work() -> KeyStatus:
        async with _opened() as opened:
            home = config.home()
            return key_status(opened.keyring, home, config.load(home).root)

    found = run(work)
    if as_json:
        emit_json(found)
    else:
        _print(found)


@keys.group()
def rotate() -> None:
    """A new key in the place of an old one; `metier keys resume` finishes what is cut short."""


@rotate.command()
@click.option(
    "--to",
    "kind",
    type=click.Choice(["file", "passphrase"]),
    help="Where the new key is kept; as the present one, where nothing is said.",
)
@click.option(
    "--settings",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with the table [root] as it is to be: for a key service.",
)
@click.option(
    "--passphrase-env",
    default="METIER_NEW_PASSPHRASE",
    show_default=True,
    help="The variable with the new passphrase, where the new key has one.",
)
def root(kind: str | None, settings: Path | None, passphrase_env: str) -> None:
    """Puts a new root key in the place of the one in use; no record is touched."""
    from metier.rotation import rotate_root

    if kind is not None and settings is not None:
        raise click.UsageError("Either --to or --settings.")
    home = config.home()
    configured = config.load(home).root

    async def work() -> tuple[RootSettings, RotationRow, str, str]:
        async with _opened() as opened:
            old = opened.keyring.root
            wanted = _wanted(configured, kind or _kind(old.kind), settings)
            new = _new_passphrase(passphrase_env) if wanted.kind == "passphrase" else None
            line = await rotate_root(opened, home, configured, wanted, _who(), new)
            return wanted, line, old.id, opened.keyring.root.id

    wanted, line, old, new = run(work)
    click.echo(f"Root {old} -> {new}: {_count(line.total, 'tenant key')} wrapped anew.")
    if wanted != configured and not (configured.kind == "file" and wanted.kind == "passphrase"):
        click.echo("Now write this into metier.toml, in the place of its table [root]:\n")
        click.echo(_table(wanted))
    if wanted.kind == "passphrase":
        variable = wanted.secret_env
        click.echo(f"From now on {variable} has to hold the new passphrase.")
    click.echo(
        "The key before it is needed for backups of the key store from before. When there are "
        "none left: `metier keys forget-root`."
    )


@rotate.command()
@_tenant
def tenant(tenant: str | None) -> None:
    """Gives a tenant a newer key, and wraps its people's keys with it; no record is touched."""
    from metier.rotation import rotate_tenant

    chosen = tenant if tenant is not None else config.load(config.home()).tenant

    async def work() -> RotationRow:
        async with _opened() as opened:
            with progress("Wrapping keys") as step:
                return await rotate_tenant(opened, chosen, _who(), step)

    line = run(work)
    click.echo(f"Tenant {chosen}: {_count(line.total, 'key')} wrapped anew, the old key destroyed.")


@rotate.command()
@click.argument("subject", required=False)
@click.option("--all", "all_", is_flag=True, help="Everybody of the tenant.")
@click.option("--all-tenants", is_flag=True, help="Everybody of every tenant.")
@click.option(
    "--keep-old",
    is_flag=True,
    help="Leaves the old keys until `keys resume`: backups from before need them.",
)
@_tenant
@_share
def subject(
    subject: str | None,
    all_: bool,
    all_tenants: bool,
    keep_old: bool,
    tenant: str | None,
    share: int,
) -> None:
    """Gives one person, or everybody, a newer key, and seals their records with it."""
    from metier.rotation import Rotated, rotate_people, rotate_person

    if [bool(subject), all_, all_tenants].count(True) != 1:
        raise click.UsageError("Name one person, or say --all or --all-tenants.")
    if all_tenants and tenant is not None:
        raise click.UsageError("Either --tenant or --all-tenants.")

    async def work(parts: Parts, chosen: str, pace: Pace, told: Told) -> Rotated:
        who = _who()
        if subject:
            return await rotate_person(parts, chosen, subject, who, pace)
        names = await parts.store.tenants() if all_tenants else [chosen]
        done = Rotated()
        for name in names:
            done += await rotate_people(parts, name, who, pace, told)
        return done

    _report(_with_app(work, tenant, share, keep_old))


@keys.command()
@_share
def resume(share: int) -> None:
    """Finishes rotations that were cut short, and destroys keys that nothing needs any more."""
    from metier.rotation import resume_levels, resume_subjects

    async def levels() -> list[RotationRow]:
        async with _opened() as opened:
            home = config.home()
            return await resume_levels(opened, home, config.load(home).root, _who())

    async def subjects(parts: Parts, chosen: str, pace: Pace, told: Told) -> Rotated:
        return await resume_subjects(parts, _who(), pace, told)

    for line in run(levels):
        name = f"{line.level} {line.tenant}".strip()
        click.echo(f"Finished: {name}, {_count(line.total, 'key')}.")
    _report(_with_app(subjects, None, share))


@keys.command("export-public")
def export_public() -> None:
    """Prints, as PEM, the keys with which others check checkpoints and erasure certificates."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    async def work() -> dict[str, bytes]:
        async with _opened() as opened:
            return {name: opened.audit.public_key(name) for name in opened.keyring.store.tenants()}

    for name, raw in run(work).items():
        key = Ed25519PublicKey.from_public_bytes(raw)
        pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        click.echo(f"# tenant: {name or '(installation)'}\n{pem}", nl=False)


@keys.command("forget-root")
def forget_root() -> None:
    """Deletes the files of roots that were replaced; older backups of keys no longer open."""
    from metier.crypto.roots import old_roots, stored_id

    async def work() -> list[str]:
        async with _opened() as opened:
            home = config.home()
            named = opened.keyring.store.roots()
            gone = []
            for path in old_roots(home, config.load(home).root):
                if stored_id(path) in named:
                    raise MetierError(f"{path.name} is the root key in use; it is not deleted.")
                path.unlink()
                gone.append(path.name)
            return gone

    for name in run(work):
        click.echo(f"Deleted {name}.")


# --- the keys of this home ---------------------------------------------------------------


@asynccontextmanager
async def _opened() -> AsyncIterator[Opened]:
    """Keys and audit log, without the parts that turns need."""
    from metier._home import open_keyring, open_store
    from metier.audit import AuditLog
    from metier.rotation import Opened

    home = config.home()
    settings = config.load(home)
    keyring = open_keyring(home, settings)
    store = open_store(home, settings)
    try:
        await store.migrate()
        yield Opened(keyring, AuditLog(store, keyring))
    finally:
        await store.close()
        keyring.close()


def _with_app(work: _Work, tenant: str | None, share: int, keep_old: bool = False) -> Rotated:
    """Does work on people's records, with a line that says how far it is."""

    async def call() -> Rotated:
        from metier.app import Metier
        from metier.rotation import Pace

        async with Metier.open() as app:
            chosen = tenant if tenant is not None else app.settings.tenant
            with _people() as told:
                return await work(app.parts, chosen, Pace(share / 100, keep_old=keep_old), told)

    done: Rotated = run(call)
    return done


@contextmanager
def _people() -> Iterator[Told]:
    """A line on standard error: people, of how many, records, records a second."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (
        TextColumn("Sealing anew"), BarColumn(), MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
    )  # fmt: skip
    bar = Progress(*columns, console=Console(stderr=True))
    task = bar.add_task("", total=None, rate="")
    started = time.monotonic()

    def told(done: int, total: int, records: int) -> None:
        bar.start()
        rate = records / max(time.monotonic() - started, 0.001)
        text = f"people; {records:,} records, {rate:,.0f} a second"
        bar.update(task, completed=done, total=total, rate=text)

    try:
        yield told
    finally:
        if bar.live.is_started:
            bar.stop()


def _kind(kind: str) -> str:
    if kind not in ("file", "passphrase"):
        raise click.UsageError("The root is in a key service: say --settings FILE, or --to.")
    return kind


def _wanted(configured: RootSettings, kind: str, settings: Path | None) -> RootSettings:
    """The table [root] as it is to be."""
    from pydantic import ValidationError

    from metier.crypto.roots import RootSettings

    if settings is None:
        if configured.kind == kind:
            return configured
        in_file = configured.kind in ("file", "passphrase")
        path = (
            {"path": configured.path} if in_file and "path" in configured.model_fields_set else {}
        )
        return RootSettings.model_validate({"kind": kind, **path})
    try:
        raw = tomllib.loads(settings.read_text("utf-8"))
        return RootSettings.model_validate(raw["root"])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError):
        raise MetierError(
            f"{settings} is no TOML with a table [root].", code="bad_config"
        ) from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(("root", *(str(part) for part in first["loc"])))
        raise MetierError(f"{settings}: `{where}`: {first['msg']}", code="bad_config") from None


def _new_passphrase(variable: str) -> str:
    given = os.environ.get(variable)
    if not given:
        raise MetierError(
            f"The new root key is to have a passphrase; set {variable}. Nothing was changed.",
            code="bad_config",
        )
    return given


def _table(wanted: RootSettings) -> str:
    plain = wanted.model_dump(mode="json", exclude_unset=True)
    return "\n".join(["[root]", *(f"{name} = {json.dumps(v)}" for name, v in plain.items())]) + "\n"


def _who() -> str:
    """The name under which what this command does is written down."""
    return f"cli:{getpass.getuser()}"


# --- for people ----------------------------------------------------------------------------


def _report(done: Rotated) -> None:
    rate = done.records / done.seconds if done.seconds else 0.0
    click.echo(
        f"{_people_of(done.people)} with a newer key, {_count(done.records, 'record')} sealed "
        f"anew in {done.seconds:.1f} s ({rate:,.0f} a second)."
    )
    if done.failed:
        raise MetierError(
            f"{done.failed} could not be done: their records can't be opened, and their keys are "
            "as they were. Run `metier audit verify`, then `metier keys resume`.",
            code="rotation_incomplete",
        )


def _print(found: KeyStatus) -> None:
    opens = {True: "opens the key store", False: "DOES NOT OPEN THE KEY STORE", None: "nothing yet"}
    click.echo(f"root       {found.root_kind} {found.root_id}: {opens[found.opens]}")
    if found.problem:
        click.echo(f"           {found.problem}")
    for name in found.old_roots:
        click.echo(f"           kept for older backups: {name}")
    click.echo(f"key store  version {found.version}")
    for each in found.tenants:
        older = f", {each.older} older in use" if each.older else ""
        click.echo(f"tenant     {each.tenant or '(installation)'}: key of {_day(each.made)}{older}")
        if each.oldest is not None and each.newest is not None:
            click.echo(
                f"           {_count(each.keys, 'key')} of {_people_of(each.people)}, the oldest "
                f"of {_day(each.oldest)}, the newest of {_day(each.newest)}"
            )
        if each.unfinished:
            click.echo(f"           {_people_of(each.unfinished)} with an older key left")
    for line in found.rotations:
        what = f"{line.level} {line.tenant}".strip()
        click.echo(f"rotation   {what}: {line.done:,} of {line.total:,}; `metier keys resume`")
    click.echo(f"erasures   {found.erasures:,}, {found.erasures_open:,} with rows left")


def _day(at: int) -> str:
    days = (int(time.time()) - at) // 86_400
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d} ({_count(max(days, 0), 'day')})"


def _people_of(number: int) -> str:
    return f"{number:,} {'person' if number == 1 else 'people'}"


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
