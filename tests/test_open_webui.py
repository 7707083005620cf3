"""A real Open WebUI with metier as its model: its users, its chats, its side calls, its sources."""

from __future__ import annotations

import ast
import asyncio
import hashlib
import json
import re
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import open_webui
import pytest
from live_server import serving
from open_webui import Person
from served import audited, stored

from metier import config
from metier.app import Metier, make_keys
from metier.model import Actor, Message, Request, Role
from metier.pipeline._side_call import find_side_call
from metier.server import create_app, make_authenticator

pytestmark = pytest.mark.slow

KEY, SECRET = "the-key-of-the-chat", "s" * 40
QUESTION = "I am allergic to penicillin. What helps against a sore throat?"


@dataclass
class Seen:
    """What has reached metier: bodies by their order, once each is answered."""

    bodies: list[dict[str, Any]] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def until(self, enough: Callable[[list[dict[str, Any]]], bool]) -> None:
        """Waits until the answered requests are as expected."""
        with self.changed:
            assert self.changed.wait_for(lambda: enough(self.bodies), 60), len(self.bodies)

    def watching(self, asgi: Any) -> Any:
        """The application, watched."""

        async def watched(scope: Any, receive: Any, send: Any) -> None:
            pieces: list[bytes] = []

            async def received() -> Any:
                message = await receive()
                pieces.append(message.get("body", b""))
                return message

            await asgi(scope, received, send)
            if scope["type"] == "http" and scope["method"] == "POST":
                with self.changed:
                    self.bodies.append(json.loads(b"".join(pieces)))
                    self.changed.notify_all()

        return watched


@dataclass
class World:
    """Open WebUI and the metier behind it."""

    app: Metier
    seen: Seen
    anna: Person
    ben: Person

    def facts(self, person: Person) -> dict[str, str]:
        """What metier knows of a person."""
        actor = Actor("default", person.id)
        return {f.slot: f.value for f in asyncio.run(self.app.profile(actor))}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    open_webui.require()
    home = tmp_path_factory.mktemp("home")
    home.chmod(0o700)
    make_keys(home)
    settings = config.Settings(
        embeddings="none",
        actors=[
            {"key_sha256": hashlib.sha256(KEY.encode()).hexdigest(), "id": "chat",
             "may_act_for": ["*"]}
        ],
        access={"platforms": [{"actor": "chat", "secret_env": "METIER_TEST_SECRET"}]},
        plugins={"support": {"database": str(home / "orders.db")}},
    )  # type: ignore[arg-type]  # fmt: skip
    app, seen = Metier.open(home, settings), Seen()
    app.index_packs(app.changed_packs())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("METIER_TEST_SECRET", SECRET)
        asgi = seen.watching(create_app(app, access=make_authenticator(app)))
    folder = tmp_path_factory.mktemp("open-webui")
    with serving(asgi) as url, open_webui.open_webui(folder, url, KEY, SECRET) as address:
        anna = Person(address, "anna")
        yield World(app, seen, anna, Person(address, "ben", anna))


def chat_of(person: Person, domain: str, text: str, **fields: Any) -> str:
    """Begins a chat as the page does; returns its id."""
    answer, said = str(uuid.uuid4()), str(uuid.uuid4())
    begun = {
        "model": domain,
        "stream": True,
        "messages": [{"role": "user", "content": text}],
        "parent_id": None,
        "id": answer,
        "session_id": "page",
        "user_message": {
            "id": said, "role": "user", "content": text, "parentId": None,
            "childrenIds": [answer], "models": [domain],
        },
        "background_tasks": {
            "title_generation": True, "tags_generation": True, "follow_up_generation": True,
        },
        **fields,
    }  # fmt: skip
    found = person.post("/api/chat/completions", begun)
    return str(found.get("chat_id") or fields.get("chat_id"))


def asks_for(body: dict[str, Any], key: str) -> bool:
    """Whether a request is the platform's for that key."""
    said = body["messages"][-1]["content"]
    return said.startswith("### Task:") and f'"{key}"' in said


def test_its_own_prompts_are_known_and_by_nothing_but_their_form() -> None:
    open_webui.require()
    (source,) = open_webui.place().glob("lib/python*/site-packages/open_webui/config.py")
    found = {}
    for node in ast.parse(source.read_text("utf-8")).body:
        match node:
            case ast.Assign([ast.Name(name)], ast.Constant(str(text))) if "_PROMPT_TEMPL" in name:
                found[name.removeprefix("DEFAULT_").partition("_PROMPT_TEMPLATE")[0]] = text
    known = {name: _kind(text) for name, text in found.items()}
    assert {name: kind for name, kind in known.items() if kind} == {
        "TITLE_GENERATION": "title_generation",
        "TAGS_GENERATION": "tags_generation",
        "IMAGE_PROMPT_GENERATION": "image_prompt_generation",
        "FOLLOW_UP_GENERATION": "follow_up_generation",
        "QUERY_GENERATION": "query_generation",
        "AUTOCOMPLETE_GENERATION": "autocomplete_generation",
        "EMOJI_GENERATION": "emoji_generation",
        "MOA_GENERATION": "moa_response_generation",
    }
    tools = found["TOOLS_FUNCTION_CALLING"].replace("{{TOOLS}}", "[]")
    assert _kind("Query: What time is it?", tools) == "function_calling"


def _kind(template: str, system: str = "") -> str:
    filled = re.sub(r"\{\{MESSAGES.*?\}\}", "USER: Hello", template)
    filled = filled.replace("{{prompt}}", "Hello").replace("{{responses}}", '"""a"""')
    messages = (Message(Role.USER, filled),)
    if system:
        messages = (Message(Role.SYSTEM, system), *messages)
    found = find_side_call(Request("healthcare", messages, Actor("default", "me")))
    return found.kind if found else ""


def test_each_domain_is_a_model(world: World) -> None:
    listed = [model["id"] for model in world.ben.get("/api/models")["data"]]
    assert sorted(listed) == ["education", "healthcare", "support", "writing"]


def test_a_chat_is_answered_with_sources_and_a_title_and_learnt_from_once(world: World) -> None:
    before = len(stored(world.app.home)["turn_record"])
    chat = chat_of(world.anna, "healthcare", QUESTION)
    world.seen.until(lambda bodies: any(asks_for(b, "follow_ups") for b in bodies))

    shown = world.anna.get(f"/api/v1/chats/{chat}")
    assert shown["title"] == "I am allergic to penicillin"
    (answer,) = [m for m in shown["chat"]["history"]["messages"].values()
                 if m["role"] == "assistant"]  # fmt: skip
    assert "throat" in answer["content"]
    assert answer["followUps"] == []
    # What the page shows at "[2]" is the second source that differs from those before.
    places = [s["metadata"][0]["source"] for s in answer["sources"]]
    assert len(set(places)) == len(places)
    assert len(places) == max(int(n) for n in re.findall(r"\[(\d)\]", answer["content"]))

    assert any(asks_for(b, "title") for b in world.seen.bodies)
    assert len(stored(world.app.home)["turn_record"]) == before + 1
    ended = [e for e in audited(world.app.home) if e["kind"] == "turn"]
    assert {e["subject"] for e in ended} == {world.anna.id}
    assert sorted(e["detail"].get("side_call", "") for e in ended) == [
        "", "follow_up_generation", "title_generation",
    ]  # fmt: skip


def test_an_answer_comes_in_pieces(world: World) -> None:
    asked = {"model": "education", "stream": True,
             "messages": [{"role": "user", "content": "Solve 2x + 3 = 11"}]}  # fmt: skip
    with world.ben.client.stream("POST", "/api/chat/completions", json=asked) as answer:
        lines = [x.removeprefix("data: ") for x in answer.iter_lines() if x.startswith("data: {")]
    deltas = [c["delta"].get("content") for x in lines for c in json.loads(x).get("choices", [])]
    said = [text for text in deltas if text]
    assert "hint" in "".join(said).lower()
    assert len(deltas) > 2


def test_two_users_are_two_subjects(world: World) -> None:
    for person, name in ((world.anna, "Zebulon Anders"), (world.ben, "Theodora Birk")):
        chat_of(person, "writing", f"My name is {name}. Please correct: Its a example.")
        world.seen.until(lambda bodies, name=name: any(
            asks_for(b, "follow_ups") and name in b["messages"][-1]["content"] for b in bodies
        ))  # fmt: skip
    assert world.facts(world.anna)["name"] == "Zebulon Anders"
    assert world.facts(world.ben)["name"] == "Theodora Birk"
    rows = repr(audited(world.app.home))
    assert "mail.example" not in rows and "chat" in rows


def test_a_temporary_chat_is_kept_nowhere(world: World) -> None:
    before = stored(world.app.home)
    text = "I live in Ghent. What helps against a cough?"
    chat_of(world.ben, "healthcare", text, chat_id="temporary:page")
    world.seen.until(lambda bodies: any(b["messages"][-1]["content"] == text for b in bodies))
    assert stored(world.app.home) == before
