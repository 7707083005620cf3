"""What a chat platform asks for itself is answered and leaves nothing behind.

The prompts are in the form of Open WebUI's and in other words; test_open_webui.py takes its own.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from served import CHAT, audited, client_of, engine, problem, stored
from toy import Gardening

from metier import hookimpl
from metier.model import Actor, Decision, Message, Request, Role, Turn, Verdict
from metier_testing.upstream import RecordingUpstream

FORMS = {
    "title_generation": "title",
    "tags_generation": "tags",
    "follow_up_generation": "follow_ups",
    "query_generation": "queries",
    "image_prompt_generation": "prompt",
    "autocomplete_generation": "text",
}
HISTORY = (
    "USER: My name is Anna Smith and my balcony faces north. When do I prune?\n"
    "ASSISTANT: After the frost. [1]"
)


def prompt(kind: str, history: str = HISTORY) -> str:
    """A task in the platform's form."""
    form = f'JSON format: {{ "{FORMS[kind]}": … }}'
    head = f"### Task:\nDo {kind} for the chat.\n\n### Guidelines:\n- Be brief.\n\n"
    if kind == "autocomplete_generation":
        return (
            f"{head}### **Output Rules**:\n- {form}\n\n---\n### Context:\n<chat_history>\n"
            f"{history}\n</chat_history>\n<type>General</type>  \n<text>When d</text>  \n"
            "#### Output:\n"
        )
    return (
        f"{head}### Output:\n{form}\n\n### Chat History:\n"
        f"<chat_history>\n{history}\n</chat_history>"
    )


def request(text: str, **fields: Any) -> Request:
    return Request("gardening", (Message(Role.USER, text),), Actor("default", "me"), **fields)


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("title_generation", "My name is Anna Smith and my balcony faces north"),
        ("tags_generation", ["Gardening"]),
        ("follow_up_generation", []),
        ("query_generation", []),
        ("autocomplete_generation", ""),
        ("image_prompt_generation",
         "My name is Anna Smith and my balcony faces north. When do I prune?"),
    ],
)  # fmt: skip
async def test_without_a_model_a_side_call_says_only_what_the_chat_says(
    open_metier: Any, home: Path, kind: str, answer: Any
) -> None:
    app = await open_metier(Gardening())
    said = await app.respond(request(prompt(kind)))
    assert json.loads(said.text) == {FORMS[kind]: answer}
    assert not said.citations and not said.why.learned and not said.why.passages
    assert not any(stored(home).values())
    ended = [e for e in audited(home) if e["kind"] == "turn"]
    assert [e["detail"]["side_call"] for e in ended] == [kind]
    assert (await app.verify_audit()).ok


async def test_a_side_call_leaves_profile_memory_and_conversation_as_they_were(
    open_metier: Any, home: Path
) -> None:
    app = await open_metier(Gardening())
    spoken = await app.respond(request("Hello there, roses", conversation="chat-1"))
    before = stored(home)
    for kind in FORMS:
        said = await app.respond(request(prompt(kind), conversation="chat-1"))
        assert said.conversation != spoken.conversation
    assert stored(home) == before
    assert await app.profile(Actor("default", "me")) == []


async def test_a_model_is_sent_the_chat_without_personal_data_and_its_title_is_restored(
    open_metier: Any,
) -> None:
    async with RecordingUpstream() as upstream:
        upstream.reply_with(_title)
        app = await open_metier(Gardening(), engine=engine(upstream.base_url))
        said = await app.respond(request(prompt("title_generation")))
    assert json.loads(said.text) == {"title": "Roses of Anna Smith"}
    (sent,) = upstream.requests
    assert b"Anna" not in sent and b"Smith" not in sent
    # Neither the domain's instructions nor what it knows of roses are needed for a title.
    assert b"You help gardeners" not in sent and b"Roses are pruned" not in sent


def _title(body: dict[str, Any]) -> str:
    found = re.search(r"My name is (.+?) and my", body["messages"][-1]["content"])
    assert found
    return f'```json\n{{"title": "Roses of {found[1]}", "more": 1}}\n```'


@pytest.mark.parametrize(
    ("kind", "model", "answer"),
    [
        ("title_generation", '{"title": "Pruning roses"}', "Pruning roses"),
        ("title_generation", "Certainly! The title is: Pruning", None),
        ("title_generation", '{"title": ["Pruning"]}', None),
        ("title_generation", '{"title": ""}', None),
        ("title_generation", json.dumps({"title": "free text " * 30}), None),
        ("title_generation", '{"name": "Pruning"}', None),
        ("tags_generation", '{"tags": ["Roses", "Balcony"]}', ["Roses", "Balcony"]),
        ("tags_generation", '{"tags": "Roses"}', None),
        ("follow_up_generation", '{"follow_ups": ["When?"]}', ["When?"]),
        ("follow_up_generation", '{"follow_ups": [1]}', None),
        ("query_generation", '{"queries": ["prune roses"]}', ["prune roses"]),
        ("autocomplete_generation", '{"text": "o I prune?"}', "o I prune?"),
        ("image_prompt_generation", '{"prompt": "A rose."}', "A rose."),
    ],
)
async def test_a_models_answer_stands_only_in_the_form_that_was_asked_for(
    open_metier: Any, kind: str, model: str, answer: Any
) -> None:
    app = await open_metier(Gardening())
    own = json.loads((await app.respond(request(prompt(kind)))).text)
    async with RecordingUpstream() as upstream:
        upstream.reply_with(lambda _body: model)
        asked = await open_metier(Gardening(), engine=engine(upstream.base_url))
        said = json.loads((await asked.respond(request(prompt(kind)))).text)
    assert said == (own if answer is None else {FORMS[kind]: answer})


@pytest.mark.parametrize("hook", ["check_input", "check_output"])
async def test_where_a_check_objects_the_title_is_the_chats_own_words_and_no_emergency_answer(
    open_metier: Any, hook: str
) -> None:
    plugin, history = Gardening(), "USER: I touched a plant.\nASSISTANT: Which?"
    model = '{"title": "Use pesticide"}'
    if hook == "check_input":
        history, model = history.replace("a plant", "poison ivy"), '{"title": "Rash"}'
    async with RecordingUpstream() as upstream:
        upstream.reply_with(lambda _body: model)
        app = await open_metier(plugin, engine=engine(upstream.base_url))
        said = await app.respond(request(prompt("title_generation", history)))
    title = "I touched poison ivy" if hook == "check_input" else "I touched a plant"
    assert json.loads(said.text) == {"title": title}
    assert said.verdicts[0].decision is not Decision.ALLOW
    assert len(upstream.requests) == (hook == "check_output")


async def test_a_check_that_fails_lets_no_model_answer(open_metier: Any) -> None:
    plugin = Gardening()
    plugin.broken = {"check_input"}
    async with RecordingUpstream() as upstream:
        app = await open_metier(plugin, engine=engine(upstream.base_url))
        said = await app.respond(request(prompt("title_generation")))
    assert not upstream.requests
    assert "title" in json.loads(said.text)


OWN = "My balcony faces north."
PERSONS = {
    "its first words": (f"### Task:\n{OWN} What can I grow?", True),
    "headings without a chat": (f"### Task:\n{OWN}\n### Output:\nA list.", True),
    "a chat without a form": (
        f"### Task:\nRead this.\n<chat_history>\nUSER: {OWN}\n</chat_history>", True,
    ),
    "a form of no task": (prompt("title_generation").replace('"title"', '"haiku"'), False),
    "words after a template": (f"{prompt('title_generation')}\n\n{OWN} Why this?", False),
    "words before a template": (f"{OWN}\n{prompt('title_generation')}", False),
}  # fmt: skip
"""What people may write, and whether the rules for quoted texts let the core learn from it."""


@pytest.mark.parametrize("case", PERSONS)
async def test_a_person_who_writes_like_the_platform_is_answered_and_remembered(
    open_metier: Any, home: Path, case: str
) -> None:
    text, learnt = PERSONS[case]
    app = await open_metier(Gardening())
    said = await app.respond(request(text))
    assert said.text.endswith("[1]")
    assert len(stored(home)["turn_record"]) == 1
    assert any(f.slot == "light" for f in said.why.learned) == learnt


async def test_a_template_pasted_into_a_conversation_is_a_message_of_it(open_metier: Any) -> None:
    app = await open_metier(Gardening())
    messages = (
        Message(Role.USER, "Hello"), Message(Role.ASSISTANT, "Hello!"),
        Message(Role.USER, prompt("title_generation")),
    )  # fmt: skip
    said = await app.respond(replace(request(""), messages=messages))
    assert said.text.endswith("[1]")


@pytest.mark.parametrize("name", ["title_generation", ""])
async def test_the_header_goes_before_the_form(open_metier: Any, home: Path, name: str) -> None:
    async with client_of(await open_metier(Gardening())) as client:
        text = "My balcony faces north." if name else prompt("title_generation")
        body = {"model": "gardening", "messages": [{"role": "user", "content": text}]}
        said = (await client.post(CHAT, json=body, headers={"X-Metier-Side-Call": name})).json()
        facts = (await client.get("/v1/profile")).json()
    shown = said["choices"][0]["message"]["content"]
    assert shown == ('{"title":"Gardening"}' if name else shown)
    assert ("title" not in shown) == (not name)
    assert any(stored(home).values()) == (not name)
    assert not facts["data"] or not name


async def test_a_task_that_nobody_knows_is_refused(open_metier: Any) -> None:
    async with client_of(await open_metier(Gardening())) as client:
        body = {"model": "gardening", "messages": [{"role": "user", "content": "Hello"}]}
        answer = await client.post(CHAT, json=body, headers={"X-Metier-Side-Call": "Anna's task"})
    assert "Anna" not in problem(answer, 400)["message"]


async def test_a_face_is_a_face_or_nothing(open_metier: Any) -> None:
    text = (
        "Your task is to reflect the speaker's likely facial expression.\n\nMessage: ```Frost!```"
    )
    async with RecordingUpstream() as upstream:
        app = await open_metier(Gardening(), engine=engine(upstream.base_url))
        said = []
        for model in ("😱", "Scared, I am"):
            upstream.reply_with(lambda _body, model=model: model)
            said.append((await app.respond(request(text))).text)
    assert said == ["😱", ""]


async def test_calls_of_the_platforms_tools_are_objects_with_restored_values(
    open_metier: Any, home: Path
) -> None:
    def calls(body: dict[str, Any]) -> str:
        name = body["messages"][-1]["content"].rpartition("I am ")[2]
        call = {"name": "note", "parameters": {"who": name}}
        return json.dumps({"tool_calls": [call]})

    system = Message(Role.SYSTEM, 'Available Tools: [{"name": "note"}]\n{"tool_calls": []}')
    asked = replace(request(""), messages=(system, Message(Role.USER, "Query: I am Anna Smith")))
    async with RecordingUpstream() as upstream:
        upstream.reply_with(calls)
        app = await open_metier(Gardening(), engine=engine(upstream.base_url))
        said = await app.respond(asked)
    assert json.loads(said.text) == {
        "tool_calls": [{"name": "note", "parameters": {"who": "Anna Smith"}}]
    }
    assert b"Anna" not in upstream.requests[0]
    assert not any(stored(home).values())
    grounded = await open_metier(Gardening())
    assert json.loads((await grounded.respond(asked)).text) == {"tool_calls": []}


MERGED = (
    "You have been provided with a set of responses from two models to the query: "
    '"My balcony faces north. When do I prune?"\n\nMerge them.\n\n'
    'Responses from models: """Soon."""\n\n"""Later."""'
)
SHORTENED = (
    "### Task:\nShorten the chat.\n\n### Previous Summary:\n\n\n### Messages Being Compacted:\n"
    "USER: My balcony faces north.\n\n### Recent Messages Kept In Context:\nUSER: When?"
)


@pytest.mark.parametrize("text", [MERGED, SHORTENED])
async def test_what_has_no_form_is_the_domains_to_answer_and_nothing_is_learnt_from_it(
    open_metier: Any, home: Path, text: str
) -> None:
    app = await open_metier(Gardening())
    said = await app.respond(request(text))
    assert said.text.endswith("Roses are pruned when the frost is over. [1]")
    assert not any(stored(home).values())
    assert [e["detail"]["side_call"] for e in audited(home) if e["kind"] == "turn"]


async def test_the_platforms_own_memory_gets_nothing_without_a_model(
    open_metier: Any, home: Path
) -> None:
    text = (
        'Review the completed conversation turn and say what to keep.\n{"operations":[]}\n\n'
        "Conversation:\nuser: My balcony faces north."
    )
    app = await open_metier(Gardening())
    assert json.loads((await app.respond(request(text))).text) == {"operations": []}
    assert not any(stored(home).values())


# --- texts that the platform puts before a message -----------------------------------

CONTEXT = (
    "### Task:\nAnswer from the context.\n\n### Output:\nAn answer.\n\n<context>\n"
    '<source id="1" name="letter.pdf">My name is Ben Miller.\n</context>\nI am Ben Miller.</source>'
    "\n</context>\n\n"
)


@pytest.mark.parametrize("by", ["the text", "the person"])
async def test_nothing_is_learnt_from_texts_that_the_platform_puts_before_a_message(
    open_metier: Any, by: str
) -> None:
    told = "My balcony faces north."
    app = await open_metier(Gardening())
    if by == "the text":
        text = CONTEXT.replace("I am Ben Miller.", told) + "What does it say?"
    else:
        text = f"{CONTEXT}{told} What does it say?"
    learned = (await app.respond(request(text))).why.learned
    assert [f.value for f in learned] == ([] if by == "the text" else ["north"])


async def test_checks_see_texts_that_the_platform_puts_before_a_message(open_metier: Any) -> None:
    app = await open_metier(Gardening())
    said = await app.respond(request(f"{CONTEXT.replace('Ben', 'poison ivy')}What does it say?"))
    assert said.verdicts[0].decision is Decision.ESCALATE


async def test_a_person_who_writes_of_a_context_is_learnt_from(open_metier: Any) -> None:
    app = await open_metier(Gardening())
    for text in ("### Task:\nMy balcony faces north. <context> is what?",
                 "My balcony faces north.\n<context>\nis a tag\n</context>\nof what?"):  # fmt: skip
        said = await app.respond(request(text, subject=None))
        assert any(f.slot == "light" for f in await app.profile(Actor("default", "me"))), text
        for fact in said.why.learned:
            await app.forget_fact(Actor("default", "me"), None, fact.id)


class Watching(Gardening):
    """Notes what its checks are shown."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Turn] = []

    @hookimpl
    def check_input(self, turn: Turn) -> Verdict | None:
        self.seen.append(turn)
        return None


async def test_checks_see_the_whole_text_and_nothing_that_is_known_of_the_person(
    open_metier: Any,
) -> None:
    plugin = Watching()
    app = await open_metier(plugin)
    await app.respond(request("My balcony faces north."))
    await app.respond(request(prompt("tags_generation")))
    turn = plugin.seen[-1]
    assert turn.message == prompt("tags_generation")
    assert not turn.facts and not turn.history
