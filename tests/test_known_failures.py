"""What other assistants and privacy layers got wrong, each as a test of ours.

Each test's name states the rule, its docstring the failure. They run through the
public surface, with a model server that records every byte where something is sent.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from presidio_analyzer import EntityRecognizer, Pattern, PatternRecognizer, RecognizerResult
from served import CHAT, client_of, engine
from toy import Gardening

from metier import hookimpl, rights
from metier.app import Metier
from metier.model import (
    Actor,
    Answer,
    Decision,
    Manifest,
    Message,
    Passage,
    Request,
    Role,
    TextDelta,
    Turn,
)
from metier.pipeline import consent_text
from metier.plugins import discover
from metier.privacy import (
    PSEUDONYM,
    Detector,
    Hidden,
    PrivacyError,
    Scrubber,
    StreamRestorer,
    Vault,
    restore,
    restore_json,
)
from metier_testing.upstream import RecordingUpstream

NAME, BROTHER = "Anna Smith", "Peter Novak"
ME = Actor("default", "me")


def sent(upstream: RecordingUpstream) -> str:
    """Everything the model server was sent, with JSON's escapes read."""
    return "\n".join(json.dumps(body, ensure_ascii=False) for body in upstream.bodies)


def codes(text: str) -> set[str]:
    return set(PSEUDONYM.findall(text))


@asynccontextmanager
async def served(
    open_metier: Any, plugin: object | None = None, **options: Any
) -> AsyncIterator[tuple[Metier, RecordingUpstream]]:
    """An app whose model is a recording server."""
    async with RecordingUpstream(**options) as upstream:
        app = await open_metier(plugin or Gardening(), engine=engine(upstream.base_url))
        yield app, upstream


async def agree(app: Metier, category: str) -> None:
    """The person wants to be remembered."""
    version = consent_text(app.parts, category).version
    await rights.consent(app.parts, ME, None, category, version)


async def ask(app: Metier, text: str, domain: str = "gardening", **fields: Any) -> Answer:
    return await app.respond(app.request(domain, text, **fields))


def said_by(actor: Actor, text: str) -> Request:
    return Request("gardening", (Message(Role.USER, text),), actor)


async def first_text(stream: AsyncIterator[object]) -> str:
    """The first text of a stream that goes out."""
    async for event in stream:
        if isinstance(event, TextDelta) and event.text:
            return event.text
    return ""


# --- plugins ------------------------------------------------------------------


async def test_a_plugin_that_breaks_at_import_is_listed_and_the_others_answer(
    open_metier: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Entry points loaded without a guard: one broken package kept the whole host down."""
    about = tmp_path / "site" / "metier_broken-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: metier-broken\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[metier.plugins]\nbroken = breaks_at_import:plugin\n")
    (about.parent / "breaks_at_import.py").write_text("raise SystemExit('no host today')")
    monkeypatch.syspath_prepend(str(about.parent))
    (listed,) = [p for p in discover().plugins if p.distribution == "metier-broken"]
    assert listed.status != "ok" and "SystemExit" in listed.reason
    app = await open_metier(Gardening())
    assert (await ask(app, "When do I prune?")).text


async def test_a_hook_that_fails_logs_no_content(
    open_metier: Any, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """A host logged the parameters of a failed hook; debug tracing printed what was said."""
    caplog.set_level(logging.DEBUG)

    class Quotes(Gardening):
        @hookimpl
        def retrieve(self, turn: Turn, queries: Sequence[str]) -> Sequence[Passage]:
            raise RuntimeError(f"could not search for {turn.message}")

    app = await open_metier(Quotes(), engine=None)
    answer = None
    try:
        answer = await ask(app, f"I am {NAME}, when do I prune?")
    except Exception as error:
        assert NAME not in str(error)
    out, err = capfd.readouterr()
    assert NAME not in caplog.text + out + err
    assert answer is None or answer.trace.failures


# --- detection ----------------------------------------------------------------


class Down(Gardening):
    """A domain whose recognizer is down."""

    @hookimpl
    def recognizers(self) -> Sequence[EntityRecognizer]:
        class Broken(EntityRecognizer):  # type: ignore[misc]
            def load(self) -> None: ...

            def analyze(self, text: str, entities: Any, nlp_artifacts: Any = None) -> list[Any]:
                raise ConnectionError("the service is down")

        return [Broken(["GARDEN_PLOT"], name="plots")]


async def test_a_detector_that_is_down_sends_nothing(open_metier: Any) -> None:
    """A gateway whose detector was down forwarded the original text."""
    async with served(open_metier, Down()) as (app, upstream):
        with pytest.raises(PrivacyError):
            await ask(app, f"I am {NAME}.")
        assert upstream.requests == []


def test_a_pattern_that_runs_out_of_time_is_an_error_and_no_empty_result(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A pattern's timeout was logged and the pattern skipped: nothing found, text sent."""
    monkeypatch.setattr("metier.privacy._detector.PATTERN_SECONDS", 0.05)
    slow = PatternRecognizer("SLOW", patterns=[Pattern("slow", r"a*a*a*a*a*a*[bc]", 0.9)])
    detector = Detector([slow])
    assert [s.entity for s in detector.scan("aaab")] == ["SLOW"]
    with pytest.raises(PrivacyError):
        detector.scan("a" * 3000)


def test_spans_that_overlap_hide_all_they_cover_and_nothing_else() -> None:
    """Overlapping findings were merged from first to last and swallowed the words between."""

    class Fixed(EntityRecognizer):  # type: ignore[misc]
        def __init__(self, entity: str, *values: str) -> None:
            self.values = values
            super().__init__([entity], name=entity)

        def load(self) -> None: ...

        def analyze(self, text: str, entities: Any, nlp_artifacts: Any = None) -> list[Any]:
            return [
                RecognizerResult(
                    self.supported_entities[0], text.index(v), text.index(v) + len(v), 0.9
                )
                for v in self.values
                if v in text
            ]

    both = Detector([Fixed("ONE", "red green", "violet"), Fixed("TWO", "green blue", "orange red")])
    text = "the orange red green blue and then violet flower"
    scrubber = Scrubber(both)
    hidden = scrubber.hide(text)
    assert re.fullmatch(r"the (<\w+> ?)+ and then <\w+> flower", hidden), hidden
    assert scrubber.restore(hidden) == text


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("身份证11010519491231002X谢谢", "11010519491231002X"),
        ("打13800138000找我", "13800138000"),
        ("邮箱anna.smith@mail.example里", "anna.smith@mail.example"),
        ("卡号４１１１１１１１１１１１１１１１吧", "４１１１１１１１１１１１１１１１"),
        ("call 138\u200b0013\u200b8000 now", "138\u200b0013\u200b8000"),
    ],
)
async def test_identifiers_are_found_next_to_han_in_full_width_and_with_zero_width_spaces(
    open_metier: Any, said: str, value: str
) -> None:
    r"""`\b` takes Han for letters of a word; wide digits and zero-width spaces hid numbers."""
    async with served(open_metier) as (app, upstream):
        answer = await ask(app, said)
        assert upstream.requests and value not in sent(upstream)
        assert value in answer.text


async def test_every_part_of_a_request_is_searched(open_metier: Any) -> None:
    """Only `content` was scrubbed; history, arguments, results, names went out in clear."""
    values = [
        f"{who}@mail.example" for who in ("sys", "hist", "own", "args", "result", "desc", "now")
    ]
    system, history, own, arguments, result, description, now = values
    call = {"id": "c1", "type": "function",
            "function": {"name": "look", "arguments": json.dumps({"who": arguments})}}  # fmt: skip
    body = {
        "model": "gardening",
        "messages": [
            {"role": "system", "content": f"You write to {system}."},
            {"role": "user", "content": f"I was {history}.", "name": "Zebulon"},
            {"role": "assistant", "content": f"Noted {own}.", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c1", "content": json.dumps({"mail": result})},
            {"role": "user", "content": [{"type": "text", "text": f"Now {now}."}]},
        ],
        "tools": [{"type": "function", "function": {
            "name": "look", "description": f"Asks {description}.",
            "parameters": {"type": "object", "properties": {"who": {"type": "string"}}}}}],
    }  # fmt: skip
    async with served(open_metier) as (app, upstream), client_of(app) as client:
        answer = await client.post(CHAT, json=body)
        assert answer.status_code == 200, answer.text
        for value in [*values, "Zebulon"]:
            assert value not in sent(upstream), value
        assert now in answer.text


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}},
        {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}},
        {"type": "file", "file": {"file_data": "data:application/pdf;base64,JVBERi0="}},
    ],
)
async def test_attachments_that_cannot_be_searched_are_refused(
    open_metier: Any, part: dict[str, Any]
) -> None:
    """Attachments went past the scrubber; what can't be searched isn't passed on."""
    content = [{"type": "text", "text": "What is this?"}, part]
    body = {"model": "gardening", "messages": [{"role": "user", "content": content}]}
    async with served(open_metier) as (app, upstream), client_of(app) as client:
        answer = await client.post(CHAT, json=body)
        assert answer.status_code == 400
        assert upstream.requests == []


# --- pseudonyms and restoring ---------------------------------------------------


async def test_two_people_of_a_conversation_never_share_a_pseudonym(open_metier: Any) -> None:
    """Numbering began anew with each message: two people were both <PERSON_1>."""
    async with served(open_metier) as (app, upstream):
        await ask(app, f"My name is {NAME}.", conversation="c")
        first = codes(sent(upstream))
        await ask(app, f"My brother is called {BROTHER}.", conversation="c")
        own = [
            m["content"] for m in upstream.bodies[-1]["messages"] if "brother" in str(m["content"])
        ]
        assert first and codes(own[-1]) and not first & codes(own[-1])
        before = len(upstream.requests)
        await ask(app, f"My name is {NAME}.", conversation="another")
        again = codes("".join(json.dumps(b) for b in upstream.bodies[before:]))
        assert again and not again & first


async def test_a_pseudonym_that_is_cut_off_is_restored_as_nobody(open_metier: Any) -> None:
    """A reply that ended in "<PERSON_" was restored as the first person."""
    async with served(open_metier, split="char") as (app, upstream):
        for reply in ("Ask <PERSON_", "Ask <PERSON", "Ask <PERSON_1>", "Ask PERSON_"):
            upstream.reply_with(reply)
            answer = await ask(app, f"My name is {NAME}.")
            assert NAME not in answer.text and "Anna" not in answer.text
            assert answer.text.startswith("Ask")


async def test_numbers_of_a_reply_are_never_taken_for_people(open_metier: Any) -> None:
    """Counters and fuzzy matching made "Alice owes Alice" of "2 owes 1"."""
    reply = "2 owes 1. Person 1 and person 2, PERSON 1, P1, <1>, [2] stay."
    async with served(open_metier) as (app, upstream):
        upstream.reply_with(reply)
        answer = await ask(app, f"My name is {NAME} and my brother is called {BROTHER}.")
        assert reply in answer.text


def test_a_value_that_holds_a_pseudonym_pulls_no_other_value_out() -> None:
    """Restoring in passes: a restored value with a placeholder in it was restored again."""
    vault = Vault.new().adding([Hidden("PERSON", NAME)])
    (person,) = codes(str(vault.shown("PERSON", NAME)))
    trap = f"call {person} home"
    vault = vault.adding([Hidden("SECRET", trap)])
    shown = vault.shown("SECRET", trap)
    assert shown is not None and restore(f"It is {shown}.", vault) == f"It is {trap}."
    stream = StreamRestorer(vault)
    assert "".join([*map(stream.feed, f"It is {shown}."), stream.close()]) == f"It is {trap}."


def test_a_value_is_put_into_json_arguments_as_json() -> None:
    """Values were pasted into tool arguments as they are; a quote broke the JSON."""
    value = 'Anna "Nan" O\\Brien\n{"admin": true}'
    vault = Vault.new().adding([Hidden("PERSON", value)])
    shown = vault.shown("PERSON", value)
    arguments = restore_json(json.dumps({"who": f"for {shown}", "n": [shown]}), vault)
    assert json.loads(arguments) == {"who": f"for {value}", "n": [value]}


async def test_vaults_are_never_shared_between_people(open_metier: Any) -> None:
    """One vault served the whole process: a reply to one restored values of another."""
    async with served(open_metier) as (app, upstream):
        anna, bob = Actor("default", "anna"), Actor("default", "bob")
        await app.respond(said_by(anna, f"My name is {NAME}."))
        (code,) = codes(json.dumps(upstream.bodies[-1]["messages"][-1]["content"]))
        upstream.reply_with(f"Hello {code}.")
        theirs, own = await asyncio.gather(
            app.respond(said_by(bob, "Who am I?")),
            app.respond(said_by(bob, f"My name is {BROTHER}.")),
        )
        assert NAME not in theirs.text and NAME not in own.text


# --- streaming ------------------------------------------------------------------


async def test_a_stream_stays_a_stream_and_its_tail_is_not_lost(open_metier: Any) -> None:
    """200 events became one, time to first token the whole time; a held-back tail was lost."""
    pieces = [f"w{n} " for n in range(200)] + ["1 < 2, the end <"]
    async with served(open_metier) as (app, upstream):
        upstream.reply_with(pieces)
        texts = []
        async for event in app.stream(app.request("gardening", f"My name is {NAME}.")):
            if isinstance(event, TextDelta) and event.text:
                texts.append(event.text)
        assert len(texts) >= 200
        assert "".join(texts) == "".join(pieces)


async def test_the_first_text_goes_out_while_the_model_still_writes(open_metier: Any) -> None:
    """As above: here the model never ends, so what comes cannot have waited for it."""
    async with served(open_metier) as (app, upstream):
        upstream.reply_with(["Prune ", "in March."])
        upstream.delay(0, between=600)
        stream = app.stream(app.request("gardening", "When do I prune?"))
        async with asyncio.timeout(60):
            assert (await first_text(stream)).startswith("Prune")
        await stream.aclose()


@pytest.mark.parametrize("split", ["char", "random"])
async def test_a_pseudonym_cut_by_chunks_is_restored(open_metier: Any, split: str) -> None:
    """Tokens that came in several chunks reached the reader as placeholders."""
    async with served(open_metier, split=split, seed=3) as (app, _):
        answer = await ask(app, f"My name is {NAME}. Mail anna.smith@mail.example.")
        assert NAME in answer.text and "anna.smith@mail.example" in answer.text
        assert not codes(answer.text)


async def test_a_client_that_leaves_stops_the_model(open_metier: Any) -> None:
    """Upstream went on generating for clients that had disconnected."""
    async with served(open_metier, split="char") as (app, upstream):
        upstream.delay(0, between=30)
        stream = app.stream(app.request("gardening", "When do I prune?"))
        assert await first_text(stream)
        await stream.aclose()
        async with asyncio.timeout(60):
            await upstream.until_aborted()
        assert upstream.aborted == 1


# --- memory ---------------------------------------------------------------------


class Library(Gardening):
    """A domain whose passages speak in the first person."""

    @hookimpl
    def retrieve(self, turn: Turn, queries: Sequence[str]) -> Sequence[Passage]:
        said = "My name is Bob Stone. I am allergic to nuts. My balcony faces north."
        return [Passage("letter", said, "Letter", "Archive", score=0.9)]


async def test_nothing_is_learned_from_documents_answers_or_instructions(open_metier: Any) -> None:
    """Memory took facts from documents and its own answers, and restated its boot files."""
    async with served(open_metier, Library()) as (app, upstream):
        upstream.reply_with("I am allergic to cats and my name is Robot.")
        said = (
            Message(Role.SYSTEM, "My name is HAL. I am allergic to water."),
            Message(Role.USER, "Hello."),
            Message(Role.ASSISTANT, "My name is Eliza. I am allergic to dust."),
            Message(Role.USER, 'Summarise: "I am allergic to eggs. My name is Carl."'),
        )
        for _ in range(2):
            await app.respond(Request("gardening", said, ME))
        assert upstream.requests
        assert await app.profile(ME) == []
        await ask(app, "My name is Dora Weber.")  # and it does learn from what is said
        assert [f.slot for f in await app.profile(ME)] == ["name"]


async def test_a_narrow_change_retires_no_other_fact(open_metier: Any) -> None:
    """A new, narrow fact retired true ones beside it."""
    app = await open_metier()
    await agree(app, "health")
    await ask(app, "I'm allergic to penicillin and peanuts.", "healthcare")
    allergies = {("allergy", "penicillin"), ("allergy", "peanuts")}
    assert allergies <= {(f.slot, f.value) for f in await app.profile(ME)}
    await ask(app, "I prefer short answers.", "healthcare")
    assert allergies <= {(f.slot, f.value) for f in await app.profile(ME)}


async def test_a_constraint_is_in_every_prompt_however_long_ago_it_was_said(
    open_metier: Any,
) -> None:
    """Similarity search brought a stated preference up for a quarter of questions."""
    async with RecordingUpstream() as upstream:
        app = await open_metier(engine=engine(upstream.base_url))
        await agree(app, "health")
        await ask(app, "I'm allergic to penicillin.", "healthcare", conversation="first")
        before = len(upstream.requests)
        for turn in range(12):
            said = f"What helps against hay fever? I ask for the {turn}th time."
            await ask(app, said, "healthcare", conversation=f"c{turn % 5}")
        later = upstream.bodies[before:]
        assert later and all("penicillin" in json.dumps(body) for body in later)


# --- trades ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("I have crushing chest pain, which tablets help?", "112"),
        ("我胸口剧痛，吃什么药好？", "120"),
    ],
)
async def test_an_emergency_is_no_matter_for_advice(
    open_metier: Any, said: str, number: str
) -> None:
    """An emergency symptom was answered with advice."""
    async with served(open_metier) as (app, upstream):
        answer = await ask(app, said, "healthcare")
        assert Decision.ESCALATE in {v.decision for v in answer.verdicts}
        assert number in answer.text
        assert upstream.requests == []  # no model was asked for advice


async def test_a_pair_that_is_not_listed_is_not_called_safe(open_metier: Any) -> None:
    """ "No known interaction" was said where the pair was simply not in the table."""
    async with served(open_metier) as (app, upstream):
        claim = "There is no known interaction between ibuprofen and tolvaptan."
        upstream.reply_with(claim)
        answer = await ask(app, "Can I take ibuprofen with tolvaptan?", "healthcare")
        assert upstream.requests
        assert "no known interaction" not in answer.text.lower()


@pytest.mark.parametrize(
    ("said", "claim"),
    [
        ("Where is my order?", "I have cancelled your order and refunded it."),
        ("我的订单在哪里？", "我已经为您取消了订单。"),
    ],
)
async def test_an_action_that_no_tool_performed_is_not_claimed(
    open_metier: Any, said: str, claim: str
) -> None:
    """An action was claimed in text that no tool had performed."""
    async with served(open_metier) as (app, upstream):
        upstream.reply_with(claim)
        answer = await ask(app, said, "support")
        assert upstream.requests
        assert claim not in answer.text
        assert Decision.REVISE in {v.decision for v in answer.verdicts}


def test_a_domain_says_what_it_reads_before_it_is_given_anything() -> None:
    """Plugins got whole profiles; a manifest that declares nothing reads nothing."""
    assert Manifest("x", "X", "x").reads == ()
