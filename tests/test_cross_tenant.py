"""Nobody gets at another's data: tried over every route of the server and every command.

The routes and the commands are asked for, not listed here: one that is new and has no
attempt makes these tests fail.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import click
import httpx
import pytest
from click.testing import CliRunner
from toy import Gardening
from trials.tamper import OF_SUBJECT

from metier import hookimpl, rights
from metier.access import ROLES, Authenticator
from metier.cli._main import cli
from metier.model import Actor, Feedback, Route, Turn
from metier.server import Door, Limits, create_app
from metier.server._asgi import _HOT
from metier.server._local import add_local
from metier.server._rest import create_rest

VICTIM = Actor("north", "anna")
PLANTED = ("Featherstone", "penicillin", "Zanzibar", "dahlia")
ATTACKERS = {
    "the same id of another tenant": Actor("south", "anna"),
    "every role and grant of another tenant": Actor(
        "south", "boss", frozenset(ROLES), frozenset({"*"}), break_glass="because I want to know"
    ),
    "another person of the tenant": Actor("north", "mallory"),
    "an operator of the tenant": Actor("north", "olga", frozenset({"operator", "author"})),
    "the victim's own id, without scopes": replace(VICTIM, scopes=frozenset()),
    "no key at all": None,
}


class Telling(Gardening):
    """Has a route and says all that it knows."""

    @hookimpl
    def routes(self) -> Sequence[Route]:
        async def facts(turn: Turn, body: Any) -> Any:
            return [[fact.slot, fact.value] for fact in turn.facts]

        return [Route("facts", facts)]


@dataclass(frozen=True, slots=True)
class Known:
    """What an attacker has learnt of the victim: ids, and what was handed out."""

    turns: tuple[str, ...]
    fact: str
    undo: str
    imported: str
    token: str
    hidden: str
    certificate: Mapping[str, Any]


async def live(app: Any) -> Known:
    """The victim's life, and what somebody may have seen of it."""
    await rights.consent(app.parts, VICTIM, None, "health", "1")
    said = (("healthcare", "I am allergic to penicillin.", "h"),
            ("gardening", "I am Wilhelmina Featherstone. My balcony faces north.", "c"),
            ("gardening", "When is Zanzibar's rose pruned?", "c"))  # fmt: skip
    turns = [
        (await app.respond(replace(app.request(d, text, conversation=c), actor=VICTIM))).id
        for d, text, c in said
    ]
    await app.feedback(VICTIM, Feedback(turns[0], 1, "Zanzibar is happy"))
    fact = await app.set_fact(VICTIM, None, "likes", "dahlia", "preference")
    other = await app.set_fact(VICTIM, None, "likes", "Zanzibar", "preference")
    undo = await app.forget_fact(VICTIM, None, other.id)
    gone = Actor("north", "gone")
    await app.set_fact(gone, None, "likes", "moss", "preference")
    certificate = asdict(await rights.erase(app.parts, gone, None))
    async with served(app, VICTIM) as client:
        text = {"text": "I am Wilhelmina Featherstone, write to w@featherstone.example."}
        made = (await client.post("/v1/privacy/pseudonymise", json=text)).json()
        chat = {"text": "13/05/2024, 10:00 - Anna: I prefer Zanzibar.", "me": "Anna"}
        brought = (await client.post("/v1/profile/imports", json=chat)).json()["id"]
    return Known(tuple(turns), fact.id, undo, brought, made["vault"], made["text"], certificate)


def victims(home: Path) -> list[Any]:
    """Every row about the victim, and their keys."""
    with closing(sqlite3.connect(home / "store.db")) as raw:
        rows: list[Any] = [
            raw.execute(f'select * from "{t}" where tenant = ? and subject = ?', ("north", "anna"))
            .fetchall()
            for t in OF_SUBJECT
        ]  # fmt: skip
    with closing(sqlite3.connect(home / "keys.db")) as raw:
        keys = "select id from subject_key where tenant = ? and subject = ?"
        return [*rows, raw.execute(keys, ("north", "anna")).fetchall()]


# --- routes -------------------------------------------------------------------------


def attempts(known: Known) -> dict[tuple[str, str], list[tuple[str, Any]]]:
    """What is sent to each route, as (path, body)."""
    chats = [
        {
            "model": "gardening",
            "messages": [{"role": "user", "content": "What do you know?"}],
            **more,
        }
        for more in ({}, {"metadata": {"metier_conversation": "c"}})
    ]
    responses: list[Any] = [
        {"model": "gardening", "input": "What do you know?", "previous_response_id": f"resp_{turn}"}
        for turn in known.turns
    ]
    chat = {"text": "13/05/2024, 10:00 - Ann: I live in Leeds.", "me": "Ann"}
    reason = {"reason": "because I want to"}
    category = {"category": "health", "version": "1"}
    restored = [{"text": known.hidden, "vault": known.token}]
    plain: dict[tuple[str, str], list[Any]] = {
        ("GET", "/v1/models"): [None], ("GET", "/healthz"): [None], ("GET", "/readyz"): [None],
        ("GET", "/openapi.json"): [None],
        ("GET", "/v1/profile"): [None],
        ("PUT", "/v1/profile"): [{"slot": "likes", "value": "weeds", "category": "preference"}],
        ("PATCH", "/v1/profile"): [{"facts": {"likes": "weeds"}}, {"facts": {"likes": None}}],
        ("GET", "/v1/profile/history"): [None], ("GET", "/v1/profile/undo"): [None],
        ("GET", "/v1/profile/imports"): [None], ("POST", "/v1/profile/imports"): [chat],
        ("POST", "/v1/profile/imports/preview"): [chat],
        ("POST", "/v1/feedback"): [{"answer": turn, "rating": -1} for turn in known.turns],
        ("POST", "/v1/search"): [{"domain": "gardening", "query": "rose"}],
        ("POST", "/v1/embeddings"): [{"model": "all-minilm-l6-v2", "input": "dahlia"}],
        ("POST", "/v1/recommend"): [{"domain": "gardening"}],
        ("POST", "/v1/privacy/analyze"): [{"text": "Wilhelmina"}],
        ("GET", "/v1/privacy/supportedentities"): [None],
        ("POST", "/v1/privacy/pseudonymise"): [{"text": "x", "vault": known.token}],
        ("POST", "/v1/privacy/restore"): restored,
        ("GET", "/v1/subject/export"): [None], ("GET", "/v1/subject/standing"): [None],
        ("POST", "/v1/subject/erase"): [None],
        ("POST", "/v1/subject/certificate"): [dict(known.certificate)],
        ("POST", "/v1/subject/correct"): [{"id": known.fact, "value": "weeds"}],
        ("POST", "/v1/subject/restrict"): [{"on": True, **reason}, {"on": False, **reason}],
        ("POST", "/v1/subject/hold"): [{"on": True, **reason}, {"on": False, **reason}],
        ("GET", "/v1/subject/consents"): [None], ("POST", "/v1/subject/consents"): [category],
        ("POST", "/v1/subject/consents/withdraw"): [category],
        ("POST", "/v1/chat/completions"): chats,
        ("POST", "/v1/responses"): [*responses, {"model": "gardening", "input": "And?",
                                                 "metadata": {"metier_conversation": "c"}}],
        ("POST", "/local/ask"): [{"domain": "gardening", "message": "What do you know?",
                                  "subject": "anna", "conversation": "c"}],
        ("POST", "/v1/why"): [
            {"answer": turn, "each": True} for turn in known.turns
        ] + [{"answer": known.turns[0], "without": [f"fact:{known.fact}"]}],
        ("POST", "/local/why"): [{"answer": known.turns[0], "subject": "anna"}],
        ("POST", "/local/search"): [{"domain": "gardening", "query": "rose", "subject": "anna"}],
        ("POST", "/local/batch"): [
            {"subject": "anna", "request": {"method": "POST", "url": "/v1/chat/completions",
                                            "body": body}} for body in chats
        ],
        ("POST", "/local/packs"): [{}],
        ("POST", "/local/ingest"): [{"domain": "gardening", "paths": ["/etc/hostname"]}],
        ("POST", "/local/switched-off"): [{}],
    }  # fmt: skip
    named: dict[tuple[str, str], list[tuple[str, Any]]] = {
        ("GET", "/v1/models/{name}"): [("/v1/models/gardening", None)],
        ("DELETE", "/v1/profile/{fact_id}"): [(f"/v1/profile/{known.fact}", None)],
        ("GET", "/v1/profile/{fact_id}/why"): [(f"/v1/profile/{known.fact}/why", None)],
        ("POST", "/v1/profile/undo/{undo_id}"): [(f"/v1/profile/undo/{known.undo}", None)],
        ("DELETE", "/v1/profile/imports/{import_id}"): [
            (f"/v1/profile/imports/{known.imported}", None)
        ],
        ("GET", "/v1/subject/consent-text/{category}"): [("/v1/subject/consent-text/health", None)],
        ("POST", "/v1/plugins/{plugin}/{path:path}"): [("/v1/plugins/gardening/facts", {})],
    }
    for method, route in (
        ("GET", "/v1/responses/{response_id}"),
        ("GET", "/v1/responses/{response_id}/input_items"),
        ("POST", "/v1/responses/{response_id}/cancel"),
        ("DELETE", "/v1/responses/{response_id}"),
        ("GET", "/v1/chat/completions/{completion_id}"),
        ("DELETE", "/v1/chat/completions/{completion_id}"),
    ):
        paths = [
            route.format(response_id=f"resp_{turn}", completion_id=f"chatcmpl-{turn}")
            for turn in known.turns
        ]
        named[method, route] = [(path, None) for path in paths]
    return {**{key: [(key[1], b) for b in bodies] for key, bodies in plain.items()}, **named}


def routes(app: Any) -> set[tuple[str, str]]:
    """Every route there is, those of the door and the two hot ones included."""
    rest = create_rest(app, Authenticator({}), Limits())
    add_local(rest, app, Door.make("http://127.0.0.1", "north"), Limits())
    found = {(m, r.path) for r in rest.routes for m in r.methods}  # type: ignore[attr-defined]
    return found | {("POST", path) for path in _HOT}


@asynccontextmanager
async def served(app: Any, actor: Actor | None) -> AsyncIterator[httpx.AsyncClient]:
    """A client with the actor's key, of a server whose door is there as well."""
    keys = {hashlib.sha256(b"key").hexdigest(): actor} if actor else {}
    asgi: Any = create_app(app, keys=keys, door=Door.make("http://127.0.0.1", "north"))
    headers = {"Authorization": "Bearer key", "Content-Type": "application/json"}
    transport = httpx.ASGITransport(app=asgi)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test", headers=headers
    ) as client:
        yield client


@pytest.mark.parametrize("attacker", ATTACKERS)
async def test_no_route_gives_or_changes_anothers_data(
    open_metier: Any, home: Path, attacker: str
) -> None:
    app = await open_metier(Telling())
    known, actor = await live(app), ATTACKERS[attacker]
    tried = attempts(known)
    assert set(tried) == routes(app), "a route without an attempt, or the other way round"
    before, count = victims(home), 0
    async with served(app, actor) as client:
        for (method, _), requests in tried.items():
            for path, body in requests:
                for subject in (None, "anna", "north/anna", "*"):
                    if actor is not None and actor.id == "anna" and subject == "anna":
                        subject = None  # their own
                    headers = {"X-Metier-Subject": subject} if subject else {}
                    content = None if body is None else json.dumps(body)
                    answer = await client.request(method, path, content=content, headers=headers)
                    count += 1
                    case = (attacker, method, path, subject, answer.status_code)
                    assert answer.status_code != 500, case
                    assert not any(word in answer.text for word in PLANTED), case
                    assert victims(home) == before, case
                    open_to_all = path in ("/healthz", "/readyz", "/openapi.json")
                    if actor is None:
                        assert answer.status_code in (401, 429) or open_to_all, case
                    elif not actor.scopes or path.startswith("/local/"):
                        assert answer.status_code in (401, 403, 404) or open_to_all, case
    assert count > 150
    assert [f.value for f in await app.profile(VICTIM) if f.slot == "likes"] == ["dahlia"]


async def test_the_attempts_succeed_where_they_may(open_metier: Any, home: Path) -> None:
    app = await open_metier(Telling())
    known, text = await live(app), ""
    async with served(app, VICTIM) as client:
        for (method, route), requests in attempts(known).items():
            if method in ("PATCH", "DELETE") or route == "/v1/subject/erase":
                continue
            if "undo" not in route:
                for path, body in requests:
                    content = None if body is None else json.dumps(body)
                    text += (await client.request(method, path, content=content)).text
    assert all(word in text for word in PLANTED)


# --- commands -----------------------------------------------------------------------

NO_PERSONS_DATA = {
    "serve", "ingest", "search", "scrub", "plugins", "models fetch", "models list", "policy check",
    "policy diff", "policy explain", "policy keygen", "policy pins", "policy schema", "policy show",
    "policy sign", "policy test", "access roles", "compliance controls", "compliance sbom",
    "config check", "config schema", "config show", "doctor", "vllm serve", "vllm status",
    "eval", "setup", "new", "keys export-public", "keys forget-root",
}  # fmt: skip
WHOLE_INSTALLATION = {"backup", "restore", "keys rotate root", "keys resume"}
"""Sealed, or in no person's name; `test_backup` and `test_rotation` try them."""


def commands(known: Known, folder: Path) -> dict[str, list[list[str]]]:
    """The arguments with which each command is tried."""
    certificate = folder / "certificate.json"
    certificate.write_text(json.dumps(known.certificate))
    chat = folder / "chat.txt"
    chat.write_text("13/05/2024, 10:00 - Ann: I live in Leeds.")
    asked = {"model": "writing", "messages": [{"role": "user", "content": "What do you know?"}]}
    request = {"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": asked}
    (folder / "batch.jsonl").write_text(json.dumps(request))
    who, why = ["anna"], ["--reason", "because I want to"]
    return {
        "chat": [["writing", "--as", "anna"]],
        "ask": [["writing", "What do you know?", "--as", "anna", "--conversation", "c"]],
        "batch": [[str(folder / "batch.jsonl"), "-o", str(folder / "report.out"), "--as", "anna"]],
        "recommend": [["writing", "--as", "anna"]],
        "profile show": [["--as", "anna", "--json"]],
        "profile set": [["likes", "weeds", "--as", "anna"]],
        "profile forget": [[known.fact, "--as", "anna"]],
        "profile history": [["--as", "anna", "--json"]],
        "profile why": [[known.fact, "--as", "anna"]],
        "profile undo": [["--as", "anna", "--json"], [known.undo, "--as", "anna"]],
        "profile export": [["--as", "anna"]],
        "profile import": [[str(chat), "--me", "Ann", "--as", "anna", "--yes"]],
        "profile imports": [["--as", "anna"]],
        "profile undo-import": [[known.imported, "--as", "anna", "--yes"]],
        "subject export": [who],
        "subject erase": [[*who, "--yes"]],
        "subject certificate": [[str(certificate), "--of", "gone"]],
        "subject correct": [[*who, known.fact, "weeds"]],
        "subject restrict": [[*who, *why]],
        "subject hold": [[*who, *why]],
        "subject standing": [who],
        "subject consent": [[*who, "health", "--yes"]],
        "subject consents": [who],
        "subject withdraw": [[*who, "health"]],
        "keys status": [[]],
        "keys rotate subject": [who, ["--all"]],
        "keys rotate tenant": [[]],
        "access key create": [["anna", "--role", "privacy_officer", "--may-act-for", "*"]],
        "access key list": [[]],
        "access key revoke": [["0123456789abcdef"]],
        "audit checkpoint": [["--tenant", "south"]],
        "audit export": [["--tenant", "south"]],
        "audit public-key": [["--tenant", "south"]],
        "audit show": [["--tenant", "south", "--subject", "anna", "--content", "because I can"]],
        "audit verify": [["--tenant", "south"]],
        "compliance report": [["--out", str(folder / "report")]],
        "compliance dpia": [[]],
    }


def leaves(command: click.Command, name: str = "") -> Iterator[str]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for each in command.list_commands(context):
            below = command.get_command(context, each)
            assert below is not None
            yield from leaves(below, f"{name} {each}".strip())
    else:
        yield name


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_no_command_gives_or_changes_another_tenants_data(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import asyncio

    from metier import config
    from metier.app import Metier

    async def lived() -> Known:
        settings = config.Settings(embeddings="none")
        async with Metier.open(home, settings, plugins=[Telling()]) as app:
            return await live(app)

    known = asyncio.run(lived())
    (home / "metier.toml").write_text('tenant = "south"\nembeddings = "none"\n')
    monkeypatch.setenv("METIER_HOME", str(home))
    tried = commands(known, tmp_path)
    assert set(leaves(cli)) == set(tried) | NO_PERSONS_DATA | WHOLE_INSTALLATION
    before, done = victims(home), 0
    for name, cases in tried.items():
        for arguments in cases:
            words = [*name.split(), *arguments]
            found = CliRunner().invoke(cli, words, input="What do you know?\n")
            report = "".join(
                file.read_text("utf-8")
                for file in (*tmp_path.glob("report/*"), *tmp_path.glob("report.out*"))
                if file.is_file()
            )
            done += found.exit_code == 0
            assert not any(word in found.output + report for word in PLANTED), words
            assert victims(home) == before, words
    assert done > len(tried) / 2  # they do run
