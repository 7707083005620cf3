"""backup, restore: sealed copies of the home, and putting one back."""

from __future__ import annotations

import getpass
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from metier import config
from metier.cli._main import run
from metier.cli._output import emit_json, json_option
from metier.model import MetierError

if TYPE_CHECKING:
    from metier.audit import AuditLog, Detail
    from metier.backup import (
        Checked,
        Escrowed,
        Header,
        KeysRestored,
        Lost,
        Made,
        Restored,
        Restoring,
        Source,
    )
    from metier.crypto import Keyring, Root

_file = click.Path(exists=True, dir_okay=False, path_type=Path)
_folder = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("folder", metavar="DIR", type=_folder)
@click.option("--keys-only", is_flag=True, help="Only the key store's copy, such as after erasing.")
@json_option
def backup(folder: Path, keys_only: bool, as_json: bool) -> None:
    """Writes a sealed backup to DIR, also while a server runs.

    The archive holds no keys. They go, sealed under the root key, into DIR/keys.escrow, which
    each backup replaces. The root key is in neither: keep it elsewhere.
    """
    from metier.backup import make_backup, make_escrow

    async def keys() -> Escrowed:
        async with _source() as source:
            return await make_escrow(source, folder)

    async def all_of_it() -> Made:
        async with _source() as source:
            return await make_backup(source, folder)

    if keys_only:
        escrow: Escrowed = run(keys)
        emit_json(escrow) if as_json else _say_escrow(escrow)
        return
    made: Made = run(all_of_it)
    if as_json:
        said = {"path": made.path, "id": made.id, "sha256": made.sha256, "size": made.size}
        emit_json({**said, "manifest": made.manifest.model_dump(), "escrow": made.escrow})
    else:
        _say_made(made)


@click.command()
@click.argument("archive", type=_file)
@click.option("--check", "check_only", is_flag=True, help="Only try it, in a folder of its own.")
@click.option("--keys", type=_file, help="The keys.escrow, where it is not beside the archive.")
@click.option("--home", type=_folder, help="The folder to restore to; $METIER_HOME otherwise.")
@click.option("--replace", is_flag=True, help="Over a store that is there; it is kept aside.")
@click.option("--against", type=_file, help="A newer audit export, or what a sink has written.")
@click.option(
    "--allow-older-keys",
    "older",
    metavar="REASON",
    default="",
    help="Take a key store that is older than the archive. The reason goes into the log.",
)
@click.option(
    "--without-unreadable",
    is_flag=True,
    help="Leave out records whose keys are in no key store any more.",
)
@json_option
def restore(
    archive: Path,
    check_only: bool,
    keys: Path | None,
    home: Path | None,
    replace: bool,
    against: Path | None,
    older: str,
    without_unreadable: bool,
    as_json: bool,
) -> None:
    """Verifies a backup, applies the erasures since, and puts it in place.

    Nothing in the home is touched before all of it has been verified. Where only the key
    store was lost, ARCHIVE is the keys.escrow.
    """
    from metier.backup import Restoring, read_header, restore_keys
    from metier.backup import restore as put_back

    place = home or config.home()
    header = read_header(archive)
    wanted = Restoring(
        archive=archive,
        home=place,
        root=_root(place, header),
        by=_who(),
        keys=keys,
        against=against,
        replace=replace,
        older_keys=older,
        without_unreadable=without_unreadable,
    )
    if header.kind == "keys" and not check_only:
        keys_back: KeysRestored = run(lambda: restore_keys(wanted))
        emit_json(keys_back) if as_json else _say_keys(keys_back)
        return
    if check_only:
        checked: Checked = run(lambda: _tested(wanted, header.id))
        emit_json(checked) if as_json else _say_checked(checked)
        return
    done: Restored = run(lambda: put_back(wanted))
    emit_json(done) if as_json else _say_restored(done)


async def _tested(wanted: Restoring, archive: str) -> Checked:
    """The check, and the event that tells how it ended."""
    from metier.backup import check

    detail: Detail
    try:
        found = await check(wanted)
    except MetierError as error:
        await _note(wanted, {"archive": archive, "ok": False, "code": error.code})
        raise
    detail = {
        "archive": archive, "ok": True, "people": found.applied.people,
        "events": found.verified.events, "erased": found.applied.erased,
        "key_store": found.key_store, "escrow": found.escrow,
    }  # fmt: skip
    await _note(wanted, detail)
    return found


async def _note(wanted: Restoring, detail: Detail) -> None:
    """Writes down a restore test, where there is a home to write it to."""
    from metier.audit import AuditEvent

    if not ((wanted.home / "store.db").is_file() and (wanted.home / "keys.db").is_file()):
        click.echo(f"There is no store in {wanted.home}; the test is noted nowhere.", err=True)
        return
    async with _log(wanted.home) as (log, _):
        await log.append(AuditEvent("restore-test", wanted.by, "", "", detail))


# --- the home ------------------------------------------------------------------------------


@asynccontextmanager
async def _log(home: Path) -> AsyncIterator[tuple[AuditLog, Keyring]]:
    """The log and the keys of a home, without the parts that turns need."""
    from metier._home import open_keyring, open_store
    from metier.audit import AuditLog

    settings = config.load(home)
    if settings.store.url_env:
        raise MetierError(
            "The store of this home is a PostgreSQL database: back it up with its own tools, and "
            "the keys with a copy of keys.db and the root key; see docs/postgresql.md.",
            code="backup_not_here",
        )
    keyring = open_keyring(home, settings)
    # The server that may be running writes too: a backup waits its turn.
    store = open_store(home, settings, busy_seconds=60)
    try:
        yield AuditLog(store, keyring), keyring
    finally:
        await store.close()
        keyring.close()


@asynccontextmanager
async def _source() -> AsyncIterator[Source]:
    from metier.backup import Source

    home = config.home()
    settings = config.load(home)
    async with _log(home) as (log, keyring):
        named = (*settings.policies, *settings.policy_keys)
        yield Source(home, keyring, log, _who(), named, _in_force(home, settings))


def _in_force(home: Path, settings: config.Settings) -> list[Path]:
    """The policy files in force. Where a plugin is broken, only those that are named."""
    from metier._building import find_plugins, policy_files

    registry = find_plugins(home, settings)
    try:
        return policy_files(registry, settings)
    except MetierError as error:
        click.echo(f"The policies of packages are not in the backup: {error.message}", err=True)
        return []
    finally:
        registry.close()


def _root(home: Path, header: Header) -> Root:
    """The root key that is configured.

    Raises:
        MetierError: it is not there; without it the backup can't be opened.
    """
    from metier.backup import live_keys
    from metier.crypto import KeyringError
    from metier.crypto.roots import root_from_settings, root_in_force

    settings = config.load(home).root
    live, _ = live_keys(home)
    needed = f"This backup opens only with the root key {header.root} ({header.root_kind})"
    try:
        if live is not None:
            return root_in_force(settings, home, live.roots())
        if settings.kind in ("file", "passphrase") and not (home / settings.path).is_file():
            raise KeyringError(
                f"There is no root key at {home / settings.path}. Put it there, or name it in "
                f"[root] of {home / 'metier.toml'}. Don't run `metier setup` before: it would make "
                "another one.",
                code="root_missing",
            )
        return root_from_settings(settings, home)
    except KeyringError as error:
        raise KeyringError(f"{error.message} {needed}. Nothing was changed.", error.code) from None
    finally:
        if live is not None:
            live.close()


def _who() -> str:
    """The name under which what this command does is written down."""
    return f"cli:{getpass.getuser()}"


# --- for people ----------------------------------------------------------------------------


def _say_made(made: Made) -> None:
    found = made.manifest
    people, tenants = found.rows.get("subject", 0), len(found.tenants)
    click.echo(
        f"{made.path}: {_people(people)}, {_count(tenants, 'tenant')}, "
        f"{_count(sum(found.rows.values()), 'row')}, {made.size} bytes"
    )
    click.echo(f"sha256 {made.sha256}, in the audit log as {made.id}")
    _say_escrow(made.escrow)
    click.echo("Without the root key neither can be opened. Keep it elsewhere.")


def _say_escrow(made: Escrowed) -> None:
    click.echo(
        f"{made.path}: the key store at version {made.key_store}. Older copies may hold keys that "
        "were destroyed since: delete them."
    )


def _people(number: int) -> str:
    return "1 person" if number == 1 else f"{number} people"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _say_checked(found: Checked) -> None:
    click.echo(
        f"The backup of {found.made} (metier {found.metier}) can be restored: "
        f"{_people(found.applied.people)}. Its audit log is whole."
    )
    if found.escrow is None:
        click.echo("No keys.escrow opens beside it: if this home is lost, so is the backup.")
    else:
        click.echo(f"The keys.escrow opens: the key store at version {found.escrow}.")
    _say_applied(found)


def _say_restored(done: Restored) -> None:
    found = done.checked
    click.echo(
        f"Restored the backup of {found.made} to {done.home}: {_people(found.applied.people)}. The "
        f"audit log is whole, {_count(found.verified.events, 'event')}."
    )
    _say_applied(found)
    if done.revoked:
        keys = _count(done.revoked, "API key")
        click.echo(f"{keys} that had been revoked since: revoked anew.")
    for name in done.beside:
        click.echo(f"{name} was written beside the file that is there; compare them.")
    if done.kept is not None:
        click.echo(f"What was there before is in {done.kept}. Delete it once you need it no more.")
    click.echo("Next: `metier setup` indexes what packages bring; ingest your own files again.")


def _say_keys(done: KeysRestored) -> None:
    click.echo(f"The key store at version {done.key_store} is in {done.home}; it fits the store.")
    if done.kept is not None:
        click.echo(f"The one that could not be used is in {done.kept}.")


def _say_applied(found: Checked) -> None:
    if found.applied.erased:
        click.echo(
            f"{_people(found.applied.erased)} in the backup had been erased since: none of the "
            f"{_count(found.applied.rows, 'row')} was brought back."
        )
    if found.applied.unreadable:
        left_out = _people(found.applied.unreadable)
        click.echo(f"The records of {left_out} were left out: no key opens them.")
    if found.newer_log_unread:
        click.echo("The store that was there can't be read, so nobody can say what was lost.")
    for lost in found.lost:
        _say_lost(lost, found.made)
    for redo in found.redo:
        click.echo(f"Do this again: {redo.kind} of {redo.subject or '-'} at {redo.at}")


def _say_lost(lost: Lost, made: str) -> None:
    name = lost.tenant or "(installation)"
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(lost.kinds.items()))
    if lost.events:
        until = f", the last at {lost.at}" if lost.at else ""
        click.echo(
            f"{name}: {_count(lost.events, 'event')} after {made} not in this backup{until}"
            f"{f' ({kinds})' if kinds else ''}."
        )
    if lost.other_way:
        click.echo(f"{name}: the log that was there is not the continuation of this backup's.")
