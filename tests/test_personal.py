"""What is learned of people is used, told, kept where it belongs, and gone with its cause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toy import Gardening

from metier import hookimpl, rights
from metier.encoder import Encoder, han_share
from metier.model import (
    Actor,
    Feedback,
    Manifest,
    MetierError,
    Passage,
    Recommendation,
    Strategy,
    Turn,
)
from metier.pipeline import Pipeline, open_stored, tidy
from metier.pipeline._person import computed

ME = Actor("default", "me")
ASKED = "When do I prune roses?"
FORMAL = [
    "Dear Sir, I would be grateful if you could kindly confirm when roses are pruned.",
    "Regarding the frost, could you please advise whether it is over? Sincerely, A.",
    "Furthermore, I would appreciate a reply prior to Friday. Thank you.",
    "I am writing concerning the hedge. However, the shears are missing.",
    "Would it be possible to wait? I would be most grateful. Thank you.",
    "Kindly tell me, moreover, whether the soil is suitable. Thank you.",
]


class Words(Encoder):
    """One dimension a word; knows what is not Chinese, as the real one does."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def supports(self, text: str) -> bool:
        return han_share(text) < 0.2

    def encode(self, texts: Sequence[str]) -> Any:
        self.seen += texts
        rows = np.zeros((len(texts), 384), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.lower().replace(".", " ").split():
                row[sum(n * c for n, c in enumerate(word.encode(), 7)) % 384] += 1
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def seeing(app: Any) -> Words:
    """Gives an app an encoder."""
    encoder = Words()
    app.parts = replace(app.parts, encoder=lambda: encoder)
    app._pipeline = Pipeline(app.parts)
    return encoder


class Choosing(Gardening):
    """Two ways of answering, two passages, two things to do next."""

    @hookimpl
    def strategies(self) -> Sequence[Strategy]:
        return [Strategy("plain", "Answer plainly.", lambda _: 0.5),
                Strategy("vivid", "Paint a picture.", lambda _: 0.3)]  # fmt: skip

    @hookimpl
    def retrieve(self, turn: Turn, queries: Sequence[str]) -> Sequence[Passage]:
        return [
            Passage("frost", "After the last frost with sharp shears.", "Frost", "A", score=0.50),
            Passage("moss", "Where moss grows.", "Growing moss", "A", score=0.45),
        ]  # fmt: skip

    @hookimpl
    def recommend(self, turn: Turn) -> Sequence[Recommendation]:
        return [Recommendation("mow", "Mow the lawn", "It is May.", 0.5),
                Recommendation("moss", "Growing moss", "It is damp.", 0.4)]  # fmt: skip


async def asked(app: Any, message: str = ASKED, who: str = "me", domain: str = "gardening") -> Any:
    request = replace(app.request(domain, message), actor=Actor("default", who), conversation=None)
    return await app.respond(request)


async def judge(app: Any, rating: int, times: int, who: str = "me", message: str = ASKED) -> None:
    for _ in range(times):
        answer = await asked(app, message, who)
        await app.feedback(Actor("default", who), Feedback(answer.id, rating))


# --- how answers were received ---------------------------------------------------------------


async def test_what_a_person_judges_badly_gives_way_and_is_told(open_metier: Any) -> None:
    app = await open_metier(Choosing())
    assert (await asked(app)).why.strategy == "plain"
    await judge(app, -1, 3)
    answer = await asked(app)
    assert answer.why.strategy == "vivid"
    (told,) = [i for i in answer.why.influences if i.what == "strategy:vivid"]
    assert told.because == ("feedback:strategy:plain",)
    assert told.by == "suits:strategy:plain:feedback" and "0/3" in told.words
    shown = await app.why(ME, answer.id, each=True)
    effect = next(e for e in shown.effects if e.without == told.because)
    assert effect.strategy == ("vivid", "plain")
    assert "because of their judgements of “plain”" in shown.text("en")
    assert "此人对“plain”的评价" in shown.text("zh")


async def test_what_was_judged_in_one_domain_moves_nothing_in_another(open_metier: Any) -> None:
    app = await open_metier(Choosing(), Choosing("orchard"))
    await judge(app, -1, 3)
    assert (await asked(app)).why.strategy == "vivid"
    assert (await asked(app, domain="orchard")).why.strategy == "plain"


async def test_a_policy_that_forbids_it_is_kept_to(open_metier: Any, home: Path) -> None:
    file = home / "own.yaml"
    file.write_text(
        "name: own\nversion: '1'\ndescription: For a test.\n"
        "personalize: {gardening: {suits: {allow: false}, near: {allow: false}}}\n",
        "utf-8",
    )
    app = await open_metier(Choosing(), policies=(file,))
    seeing(app)
    await app.set_fact(ME, None, "likes", "growing moss", "preference")
    await judge(app, -1, 3)
    answer = await asked(app)
    assert answer.why.strategy == "plain"
    assert [p.id for p in answer.why.passages] == ["frost", "moss"]


class Talking(Gardening):
    """Remembers what was said."""

    @hookimpl
    def domain(self) -> Manifest:
        found = super().domain()
        both = (*found.reads, "conversations")
        return replace(found, reads=both, writes=both)


# --- how a person writes -----------------------------------------------------------------------


async def test_the_tone_follows_how_a_person_writes_unless_they_said_which_they_want(
    open_metier: Any,
) -> None:
    app = await open_metier(Talking())
    for number in range(33):
        await asked(app, FORMAL[number % len(FORMAL)])
    assert await app.tidy() > 0
    answer = await asked(app)
    (told,) = [i for i in answer.why.influences if i.what == "hint:tone"]
    assert told.by == "style:formal" and told.because == ("vector:style",)
    without = (await app.why(ME, answer.id, without=["vector:style"])).change
    assert [p.kind for p in without.gone] == ["restated"] or without.plan
    await app.set_fact(ME, None, "tone", "casual", "preference")
    answer = await asked(app)
    assert [i.by for i in answer.why.influences if i.what == "hint:tone"] == ["core:informal"]


# --- what is near to what they like ------------------------------------------------------------


async def test_what_is_near_to_a_liking_comes_sooner_and_is_told(open_metier: Any) -> None:
    app = await open_metier(Choosing())
    seeing(app)
    assert [p.id for p in (await asked(app)).why.passages] == ["frost", "moss"]
    liked = await app.set_fact(ME, None, "likes", "growing moss", "preference")
    answer = await asked(app)
    assert [p.id for p in answer.why.passages] == ["moss", "frost"]
    (told,) = [i for i in answer.why.influences if i.by == "near:liked"]
    assert told.because == (f"fact:{liked.id}",) and "growing moss" in told.words
    change = (await app.why(ME, answer.id, without=told.because)).change
    assert change.moved
    first, second = await app.recommend(ME, None, "gardening")
    assert (first.id, second.id) == ("moss", "mow")
    assert first.reason.startswith("It is damp. You said") and second.reason == "It is May."
    await app.forget_fact(ME, None, liked.id)
    assert [p.id for p in (await asked(app)).why.passages] == ["frost", "moss"]
    assert [r.id for r in await app.recommend(ME, None, "gardening")] == ["mow", "moss"]


@pytest.mark.parametrize(
    ("slot", "category"),
    [("likes", "identity"), ("religion", "preference"), ("gender", "identity")],
)
async def test_who_somebody_is_moves_no_passage(open_metier: Any, slot: str, category: str) -> None:
    app = await open_metier(Choosing())
    seeing(app)
    await app.set_fact(ME, None, slot, "growing moss", category)
    assert [p.id for p in (await asked(app)).why.passages] == ["frost", "moss"]


async def test_vectors_are_sealed_once_and_go_when_something_is_forgotten(
    open_metier: Any, home: Path
) -> None:
    app = await open_metier(Choosing())
    encoder = seeing(app)
    values = [
        f"growing {plant}"
        for plant in ("moss", "fern", "ivy", "sage", "mint", "dill", "thyme", "basil")
    ]
    facts = [await app.set_fact(ME, None, "likes", value, "preference") for value in values]
    await asked(app)  # a turn sees that vectors are due
    await app.tidy()
    stored = await app.parts.store.memory("default", "me", ["person/vectors"])
    (row,) = stored.rows
    assert not any(value.encode() in row.sealed for value in values)
    app.parts.memories.forget("default", "me")
    encoder.seen.clear()
    assert [p.id for p in (await asked(app)).why.passages] == ["moss", "frost"]
    assert not set(values) & set(encoder.seen), "what is stored is not made again"
    await app.forget_fact(ME, None, facts[0].id)
    stored = await app.parts.store.memory("default", "me", ["person/vectors"])
    assert not stored.rows
    assert [p.id for p in (await asked(app)).why.passages] == ["frost", "moss"]


async def test_in_memory_is_held_nothing_a_plugin_brought_and_nothing_that_is_forgotten(
    open_metier: Any,
) -> None:
    app = await open_metier(Choosing())
    encoder = seeing(app)
    liked = await app.set_fact(ME, None, "likes", "growing moss", "preference")
    await asked(app)
    held = app.parts.memories.encoded
    assert [text for text in encoder.seen if "moss grows" in text]
    assert not held.of_passages(encoder.seen)
    assert held.of_person(("default", "me"))
    await app.forget_fact(ME, None, liked.id)
    assert not held.of_person(("default", "me"))


# --- what must be readable, in every domain ------------------------------------------------------

ASKED_OF = {
    "education": "Solve 2x + 3 = 11",
    "writing": "Please correct: The dog wagged it's tail.",
    "support": "How do I return something?",
    "healthcare": "What helps against a cough?",
}


async def test_what_a_person_needs_to_read_an_answer_is_kept_to_in_every_domain(
    open_metier: Any,
) -> None:
    app = await open_metier()
    with pytest.raises(MetierError, match="consent"):
        await app.set_fact(ME, None, "accessibility", "blind", "health")
    await rights.consent(app.parts, ME, None, "health", "1")
    need = await app.set_fact(ME, None, "accessibility", "blind", "health")
    for domain, message in ASKED_OF.items():
        answer = await asked(app, message, domain=domain)
        (told,) = [i for i in answer.why.influences if i.what == "hint:form"]
        assert told.by == "core:blind" and told.because == (f"fact:{need.id}",)
        assert "no tables" in answer.why.outgoing
        if domain != "healthcare":  # the form follows; the fact itself stays where it belongs
            assert "blind" not in answer.why.outgoing and not answer.why.used
            assert "accessibility" in dict(answer.why.withheld)
        without = (await app.why(ME, answer.id, without=told.because)).change
        assert without.plan
    await app.forget_fact(ME, None, need.id)
    for domain, message in ASKED_OF.items():
        assert "no tables" not in (await asked(app, message, domain=domain)).why.outgoing


async def test_another_fact_of_health_has_no_part_in_another_domain(open_metier: Any) -> None:
    app = await open_metier()
    await rights.consent(app.parts, ME, None, "health", "1")
    await app.set_fact(ME, None, "condition", "dyslexia", "health")
    answer = await asked(app, ASKED_OF["education"], domain="education")
    assert not answer.why.influences and "short sentences" not in answer.why.outgoing


async def test_what_was_said_to_a_doctor_reaches_no_lesson_unless_shared(open_metier: Any) -> None:
    app = await open_metier()
    await rights.consent(app.parts, ME, None, "health", "1")
    await asked(app, "I am blind and I have a cough.", domain="healthcare")
    assert "blind" in {f.value for f in await app.profile(ME)}
    answer = await asked(app, ASKED_OF["education"], domain="education")
    assert not [i for i in answer.why.influences if i.what == "hint:form"]


# --- groups that were found ---------------------------------------------------------------------

LEARN = """
learn:
  slots: {light: preference, soil: preference, plant: preference, pot: preference}
  strategies: [plain, vivid]
  most: 5
"""
POLICY = """
name: found
version: "%s"
description: For a test.
groups: {clustering: %s, epsilon: 10, delta: 0.001}
"""
SHADE = {"light": "north", "soil": "peat", "plant": "fern", "pot": "clay"}
SUN = {"light": "south", "soil": "sand", "plant": "sage", "pot": "tin"}
CATEGORIES = dict.fromkeys(SHADE, "preference")


async def populated(app: Any) -> None:
    """Those in the shade don't like it plain, those in the sun do.

    A quarter of each differs from all others in one slot, so that what the figures leave over is
    no handful of people.
    """
    for number in range(128):
        who, shade = Actor("default", f"p{number}"), number % 2 == 0
        own = list(SHADE)[number // 2 % 4]
        facts = {**(SHADE if shade else SUN), own: f"own-{number}"}
        await app.patch_profile(who, None, facts, CATEGORIES)
        if number % 4 < 2:
            await judge(app, -1 if shade else 1, 1, who.id)


@pytest.mark.slow
async def test_a_found_group_serves_a_newcomer_who_is_like_its_members(
    open_metier: Any, home: Path
) -> None:
    (home / "cohorts.yaml").write_text(LEARN, "utf-8")
    file = home / "found.yaml"
    file.write_text(POLICY % (1, "true"), "utf-8")
    app = await open_metier(Choosing(), policies=(file,))
    await populated(app)
    told = (await app.refresh_groups())["default"]
    assert set(told.values()) == {"new"} and len(told) == 3
    newcomer = Actor("default", "newcomer")
    assert (await asked(app, who="newcomer")).why.cohorts == ()
    await app.set_fact(newcomer, None, "light", "north", "preference")
    answer = await asked(app, who="newcomer")
    (cohort,) = answer.why.cohorts
    assert cohort.startswith("found-") and told[cohort] == "new"
    found = await app.why(newcomer, answer.id)
    assumed = {a.slot: a.value for a in found.assumed if a.cohort == cohort}
    assert assumed == {slot: value for slot, value in SHADE.items() if slot != "light"}
    assert "people with much in common" in found.text("en")
    assert answer.why.strategy == "vivid"  # as those in the shade like it
    without = (await app.why(newcomer, answer.id, without=[f"cohort:{cohort}"])).change
    assert without.plan and "assumed" in {p.kind for p in without.gone}
    # What they say themselves comes first, and the same figures are given again.
    await app.set_fact(newcomer, None, "soil", "clay", "preference")
    again = await app.why(newcomer, (await asked(app, who="newcomer")).id)
    assert "soil" not in {a.slot for a in again.assumed}
    assert set((await app.refresh_groups())["default"].values()) == {"kept"}
    # Where policy no longer has it, they are not used from the next turn on, and then dropped.
    file.write_text(POLICY % (2, "false"), "utf-8")
    assert await app.follow_policies() is not None
    assert (await asked(app, who="newcomer")).why.cohorts == ()
    assert set((await app.refresh_groups())["default"]) == {"*"}
    record = await app.parts.groups.record(app.parts, "default")
    assert set(record.releases) == {"*"} and not record.found.clusters


async def test_after_an_import_facts_are_encoded_in_slices_until_all_have_a_vector(
    open_metier: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("metier.pipeline._tidy._FACTS", 3)
    app = await open_metier(Choosing())
    encoder = seeing(app)
    plants = ("moss", "fern", "ivy", "sage", "mint", "dill", "thyme", "basil")
    for plant in plants:
        await app.set_fact(ME, None, "likes", f"growing {plant}", "preference")
    encoder.seen.clear()
    sizes = []
    while not sizes or app.parts.memories.untidy:
        app.parts.memories.untidy.clear()
        before = len(encoder.seen)
        await tidy(app.parts, "default", "me")
        sizes.append(len(encoder.seen) - before)
    assert sizes == [3, 3, 2]
    assert len(encoder.seen) == len(plants), "none is made twice"


class Tagged(Choosing):
    """Passages that say of what they are."""

    @hookimpl
    def retrieve(self, turn: Turn, queries: Sequence[str]) -> Sequence[Passage]:
        return [replace(p, metadata={"tags": p.id}) for p in super().retrieve(turn, queries)]


async def received(app: Any) -> dict[str, float]:
    stored = await open_stored(app.parts, "default", "me")
    found = (await computed(app.parts, stored.records)).outcomes
    return {f"{o.about}:{o.name}": o.bad for o in found if ":" not in o.name}


async def test_forgetting_takes_of_what_was_judged_only_what_says_the_fact(
    open_metier: Any,
) -> None:
    app = await open_metier(Tagged())
    fact = await app.set_fact(ME, None, "likes", "moss", "preference")
    await judge(app, -1, 3)
    before = await received(app)
    assert before == {"strategy:plain": 3, "tag:frost": 3, "tag:moss": 3}
    undo_id = await app.forget_fact(ME, None, fact.id)
    assert await received(app) == {"strategy:plain": 3, "tag:frost": 3}
    assert (await asked(app)).why.strategy == "vivid", "what was judged badly still gives way"
    await app.undo(ME, None, undo_id)
    assert await received(app) == before


# --- whose words they are ----------------------------------------------------------------------


async def test_whose_words_they_are_is_told_only_where_something_was_read_in_them(
    open_metier: Any,
) -> None:
    app = await open_metier(Choosing())
    encoder = seeing(app)
    await asked(app, "Speaking test: I wonder about moss. Is band 7 possible?")
    assert "Speaking test: I. Is band 7 possible?" not in encoder.seen
    await asked(app, "Speaking test: I come from Hanoi. Is band 7 possible?")
    assert "Speaking test: I. Is band 7 possible?" in encoder.seen


# --- what was said before ----------------------------------------------------------------------


class Reminded(Gardening):
    """A domain that remembers conversations."""

    @hookimpl
    def domain(self) -> Manifest:
        as_it_is = super().domain()
        told = (*as_it_is.reads, "conversations")
        return replace(as_it_is, reads=told, writes=told)


async def test_what_a_turn_left_is_not_read_from_the_store_again(
    open_metier: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = await open_metier(Reminded())
    await asked(app, "The moss by the north wall is back.")
    await asked(app, "And the shears are blunt.")
    read: list[str] = []
    store = type(app.parts.store)
    as_it_was = store.memory

    async def counted(self: Any, tenant: str, subject: str, rows: Sequence[str]) -> Any:
        read.extend(row for row in rows if row.startswith("block/"))
        return await as_it_was(self, tenant, subject, rows)

    monkeypatch.setattr(store, "memory", counted)
    answer = await asked(app, "What about the moss by the north wall?")
    assert any("moss" in m.text for m in answer.why.memories)
    assert read == []
    app.parts.memories.forget("default", "me")
    answer = await asked(app, "And what about the shears, are they blunt?")
    assert any("shears" in m.text for m in answer.why.memories)
    assert len(read) == 3
