"""access key create | list | revoke, access roles."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from metier.cli._main import run
from metier.cli._output import emit_json, json_option
from metier.model import BadRequest

if TYPE_CHECKING:
    from metier.access import KeyInfo

_BY = "me"
"""Who acts at the command line: whoever can open the home, as with the other commands."""

tenant_option = click.option("--tenant", help="Another tenant than that of metier.toml.")


@click.group()
def access() -> None:
    """Who is let in, and what each role may do."""


@access.group()
def key() -> None:
    """API keys: make, list, revoke."""


@key.command("create")
@click.argument("actor")
@click.option("--role", "roles", multiple=True, default=("member",), show_default=True,
              help="What the actor is to others' data: member, author, operator, "
                   "privacy_officer or auditor. May be repeated.")  # fmt: skip
@click.option("--scope", "scopes", multiple=True, default=("chat",), show_default=True,
              help="What the key is for: chat, profile, privacy, search, subject, audit, access, "
                   "or '*' for all. May be repeated.")  # fmt: skip
@click.option("--may-act-for", "subjects", multiple=True, metavar="SUBJECT",
              help="A subject besides the actor; '*' for any. May be repeated.")  # fmt: skip
@click.option("--expires-days", "days", type=int, default=90, show_default=True)
@click.option("--no-expiry", is_flag=True, help="The key holds until it is revoked.")
@tenant_option
@json_option
def create(
    actor: str,
    roles: tuple[str, ...],
    scopes: tuple[str, ...],
    subjects: tuple[str, ...],
    days: int,
    no_expiry: bool,
    tenant: str | None,
    as_json: bool,
) -> None:
    """Makes a key for ACTOR and shows it, this once, on standard output."""
    from metier.app import Metier
    from metier.server import api_keys

    async def work() -> tuple[KeyInfo, str]:
        async with Metier.open() as app:
            keys, chosen = api_keys(app), tenant or app.settings.tenant
            row, text = await keys.create(
                chosen, actor, by=_BY, roles=roles, scopes=scopes, may_act_for=subjects,
                expires_days=None if no_expiry else days,
            )  # fmt: skip
            return next(k for k in await keys.list(chosen) if k.id == row.id), text

    made, text = run(work)
    if as_json:
        emit_json({"key": text, **_shown(made)})
        return
    click.echo(text)
    click.echo(
        f"Keep it now: it can't be shown again. Its id is {made.id}; it {_end(made)}.", err=True
    )


@key.command("list")
@tenant_option
@json_option
def list_(tenant: str | None, as_json: bool) -> None:
    """Lists a tenant's keys, without what proves them."""
    from metier.app import Metier
    from metier.server import api_keys

    async def work() -> list[KeyInfo]:
        async with Metier.open() as app:
            return await api_keys(app).list(tenant or app.settings.tenant)

    found = run(work)
    if as_json:
        emit_json([_shown(info) for info in found])
    elif not found:
        click.echo("No key was made. `metier access key create ACTOR` makes one.")
    for info in [] if as_json else found:
        grants = f", may act for {' '.join(info.may_act_for)}" if info.may_act_for else ""
        click.echo(
            f"{info.id}  {info.state:7}  {info.actor}: {' '.join(info.roles)}; "
            f"{' '.join(info.scopes)}{grants}; made {_day(info.created)}, {_end(info)}"
        )


@key.command("revoke")
@click.argument("key_id")
@tenant_option
def revoke(key_id: str, tenant: str | None) -> None:
    """Ends the key named KEY_ID, as `list` shows it."""
    from metier.app import Metier
    from metier.server import api_keys

    async def work() -> tuple[bool, int]:
        async with Metier.open() as app:
            done = await api_keys(app).revoke(tenant or app.settings.tenant, key_id, by=_BY)
            return done, app.settings.access.recheck_seconds

    done, seconds = run(work)
    if not done:
        raise BadRequest(
            "There is no such key that is in force. `metier access key list` shows which there "
            "are; the id is the part between the first two underscores.",
            code="key_not_found",
            status=404,
        )
    click.echo(f"Revoked. A running server refuses it within {seconds} seconds.")


@access.command()
@json_option
def roles(as_json: bool) -> None:
    """Shows what each role may do to other people's data, by the policies in force."""
    from metier.app import Metier
    from metier.policy import RIGHTS, ROLES

    policy = Metier.open().parts.policy
    decided = {
        right: {role: policy.may(frozenset({role}), right) for role in ROLES} for right in RIGHTS
    }
    if as_json:
        emit_json(
            [
                {"role": role, "action": right, "allowed": said.allowed, "rule": said.rule}
                for right, by_role in decided.items()
                for role, said in by_role.items()
            ]
        )
        return
    width = max(map(len, decided))
    click.echo(" " * width + "  " + "  ".join(ROLES))
    for right, by_role in decided.items():
        cells = (f"{'yes' if said.allowed else '-':{len(role)}}" for role, said in by_role.items())
        click.echo(f"{right:{width}}  {'  '.join(cells)}".rstrip())


def _shown(info: KeyInfo) -> dict[str, object]:
    def moment(at: int | None) -> str | None:
        return (
            None if at is None else datetime.fromtimestamp(at / 1000, UTC).isoformat("T", "seconds")
        )

    return {
        "id": info.id, "tenant": info.tenant, "actor": info.actor, "roles": info.roles,
        "scopes": info.scopes, "may_act_for": info.may_act_for, "state": info.state,
        "created": moment(info.created), "expires": moment(info.expires),
        "revoked": moment(info.revoked),
    }  # fmt: skip


def _day(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).date().isoformat()


def _end(info: KeyInfo) -> str:
    if info.revoked is not None:
        return f"revoked {_day(info.revoked)}"
    return "has no end" if info.expires is None else f"ends {_day(info.expires)}"
