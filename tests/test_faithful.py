"""Explanations are faithful: without a cause that is named the plan is another, without one that
is not named it is the same. Over every domain, in English and Chinese, and at the edges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from toy import Gardening

from metier import hookimpl, rights
from metier.model import Actor, Segment, Strategy, Turn, Volatility
from metier.pipeline import Explanation

COHORTS = """
cohorts:
  - id: evening
    title: {en: Evening course, zh: 夜校}
    domains: [education, gardening]
    members: {subjects: [me, s-1, s-2, s-3, s-4, s-5]}
    priors:
      - {slot: level, value: beginner, category: level, why: {en: The course begins there.}}
      - {slot: light, value: south, category: preference, why: {en: Most balconies do.}}
  - id: idle
    title: {en: Nothing is said of it}
    members: {subjects: [me, t-1, t-2, t-3, t-4, t-5]}
"""
LIVES: dict[tuple[str, str], tuple[Sequence[str], Sequence[str]]] = {
    ("education", "en"): (
        ("My name is Ada Lovell. I learn best with worked examples. I prefer short answers.",
         "Yesterday I could not solve 3x - 4 = 11 and my teacher Mr Brown was cross."),
        ("Solve 2x + 3 = 11", "What did I tell you about my teacher Mr Brown?"),
    ),
    ("education", "zh"): (
        ("我叫李明。我喜欢先看例题再做题。", "昨天我和同桌小红一起做分数加法做错了。"),
        ("解方程 2x + 3 = 11", "我之前说过小红什么？"),
    ),
    ("healthcare", "en"): (
        ("I am allergic to penicillin. I take warfarin. My name is Ada Lovell.",
         "Last week I slept badly because of a cough at night."),
        ("Can I take ibuprofen for a headache?", "What did I say about my cough at night?"),
    ),
    ("healthcare", "zh"): (
        ("我对青霉素过敏。我在吃华法林。我叫李明。", "上周我晚上咳嗽睡不好。"),
        ("头痛能吃布洛芬吗？", "我之前说过晚上咳嗽的事吗？"),
    ),
    ("support", "en"): (
        ("My name is Ada Lovell. I prefer short answers. I live in Basel.",
         "My parcel came with a broken lamp last month."),
        ("How do I return something?", "What did I tell you about the broken lamp?"),
    ),
    ("support", "zh"): (
        ("我叫李明。我喜欢简短的回答。", "上个月我收到的台灯是坏的。"),
        ("怎么退货？", "我之前说过台灯怎么了？"),
    ),
    ("writing", "en"): (
        ("My name is Ada Lovell. I use British spelling. Please answer briefly.",
         "I am writing a letter to my landlord about the heating."),
        ("Please correct: The dog wagged it's tail.",
         "What did I say about the letter to my landlord?"),
    ),
    ("writing", "zh"): (
        ("我叫李明。我喜欢正式的语气。", "我正在给房东写一封关于暖气的信。"),
        ("请修改：他跑的很快。", "我之前说过给房东的信是关于什么的？"),
    ),
}  # fmt: skip
ME = Actor("default", "me")


async def lived(app: Any, domain: str, said: Sequence[str]) -> None:
    """Earlier conversations of the person."""
    for number, text in enumerate(said):
        await app.respond(app.request(domain, text, conversation=f"before {number}"))


async def asked(app: Any, domain: str, message: str, conversation: str = "now") -> Any:
    return await app.respond(app.request(domain, message, conversation=conversation))


async def faithful(app: Any, answer: str) -> Explanation:
    """Tries every cause: those that are named, and every fact that isn't."""
    found: Explanation = await app.why(ME, answer, each=True)
    assert found.differs == () and found.untried == 0
    named = {cause for effect in found.effects for cause in effect.without}
    for effect in found.effects:
        assert effect.plan, f"{effect.without} is named and changes nothing"
    for influence in found.why.influences:
        together = await app.why(ME, answer, without=influence.because)
        assert together.change.plan, influence
    others = [f"fact:{f.id}" for f in await app.profile(ME) if f"fact:{f.id}" not in named]
    for cause in others:
        change = (await app.why(ME, answer, without=[cause])).change
        assert not change.plan and change.answer is None, f"{cause} is not named and matters"
    return found


@pytest.mark.parametrize(("domain", "language"), LIVES)
async def test_what_an_explanation_names_matters_and_nothing_else_does(
    open_metier: Any, home: Path, domain: str, language: str
) -> None:
    (home / "cohorts.yaml").write_text(COHORTS, "utf-8")
    app = await open_metier(
        plugins={"support": {"database": str(home / "orders.db"), "example_owner": "me"}}
    )
    app.index_packs({k: packs for k, packs in app.changed_packs().items() if k == domain})
    await rights.consent(app.parts, ME, None, "health", "1")
    before, after = LIVES[domain, language]
    await lived(app, domain, before)
    kinds: set[str] = set()
    for number, message in enumerate(after):
        answer = await asked(app, domain, message, f"now {number}")
        found = await faithful(app, answer.id)
        # What is told later is what was told with the answer.
        assert [f.id for f in found.why.used] == [f.id for f in answer.why.used]
        assert found.why.influences == answer.why.influences
        assert found.why.passages == answer.why.passages
        assert found.why.memories == answer.why.memories
        assert found.why.withheld == answer.why.withheld
        assert found.language == language
        kinds |= {cause.partition(":")[0] for e in found.effects for cause in e.without}
    wanted = {"fact", "memory"} | ({"cohort"} if domain == "education" else set())
    assert kinds >= wanted, "the scenario tries too little"


async def test_without_what_the_person_said_the_answer_is_that_of_somebody_unknown(
    open_metier: Any,
) -> None:
    app = await open_metier(Gardening())
    await lived(app, "gardening", ["My name is Ada Lovell. My balcony faces north."])
    answer = await asked(app, "gardening", "When do I prune roses?")
    found = await app.why(ME, answer.id)
    causes = [f"fact:{f.id}" for f in found.why.used]
    stranger = await app.respond(app.request("gardening", "When do I prune roses?", subject="new"))
    change = (await app.why(ME, answer.id, without=causes)).change
    assert change.compared and change.answer == (answer.text, stranger.text)
    assert "your light is north" in answer.text and "Ada" not in stranger.text


# --- used: a slot that a hook merely looks at is none that it goes by ------------------------


class Looking(Gardening):
    """Looks at what the person likes; goes by it if told so."""

    heeds = ""

    @hookimpl
    def assemble_prompt(self, turn: Turn) -> Sequence[Segment]:
        liked = self.heeds in turn.values("likes")
        text = "You help gardeners" + (" who like it." if liked else ".")
        return [Segment(text, self.name, Volatility.DOMAIN)]


@pytest.mark.parametrize("heeds", [False, True])
async def test_a_fact_that_found_no_room_is_used_only_where_something_goes_by_it(
    open_metier: Any, heeds: bool
) -> None:
    plugin = Looking()
    app = await open_metier(plugin)
    for number in range(24):
        value = f"plant number {number}, " + "with many words about how it grows " * 3
        await app.set_fact(ME, None, "likes", value.strip(), "preference")
    left = (await asked(app, "gardening", "When do I prune roses?", "first")).why.left_out
    out = {fact for fact, reason in left if reason == "no room"}
    assert out, "the plan has room for all of it"
    known = {f.id: f.value for f in await app.profile(ME)}
    chosen = sorted(out)[0]
    plugin.heeds = known[chosen] if heeds else "nothing that anybody likes"
    answer = await asked(app, "gardening", "When do I prune roses?", "second")
    shaping = {f.id for f in answer.why.used} & out
    assert shaping == ({chosen} if heeds else set())
    change = (await app.why(ME, answer.id, without=[f"fact:{chosen}"])).change
    assert change.plan is heeds


# --- influences and groups: only what made a difference --------------------------------------


class Choosing(Gardening):
    @hookimpl
    def strategies(self) -> Sequence[Strategy]:
        return [Strategy("plain", "Answer plainly.", lambda _: 0.5),
                Strategy("vivid", "Paint a picture.", lambda _: 0.3)]  # fmt: skip


def rule(name: str, slot: str, value: str, then: str) -> str:
    return f"""
  - name: {name}
    when: {{facts: [{{slot: {slot}, values: [{value}]}}]}}
    then: {then}
    why: {{en: "Because of {name}.", zh: "因为{name}。"}}
    example: {{facts: [{{{slot}: {value}}}]}}"""


PREFER = "{prefer: {strategies: {vivid: 0.4}}}"


def write_rules(home: Path, *rules: str) -> None:
    (home / "rules").mkdir()
    head = "name: own\nversion: '1'\ndescription: For a test.\nrules:"
    (home / "rules" / "own.yaml").write_text(head + "".join(rules), "utf-8")


async def test_a_rule_that_decides_is_told_and_one_that_changes_nothing_is_not(
    open_metier: Any, home: Path
) -> None:
    write_rules(
        home,
        rule("colours", "likes", "colours", PREFER),
        rule("weak", "likes", "stories", "{prefer: {strategies: {vivid: 0.05}}}"),
        rule("vain", "likes", "lists", "{prefer: {tags: {nothing-has-this-tag: 0.9}}}"),
    )
    app = await open_metier(Choosing())
    for value in ("colours", "stories", "lists"):
        await app.set_fact(ME, None, "likes", value, "preference")
    answer = await asked(app, "gardening", "When do I prune roses?")
    assert answer.why.strategy == "vivid"
    assert [(i.what, i.by) for i in answer.why.influences] == [("strategy:vivid", "own:colours")]
    found = await faithful(app, answer.id)
    (colours,) = answer.why.influences[0].because
    change = (await app.why(ME, answer.id, without=[colours])).change
    assert change.strategy == ("vivid", "plain")
    assert "vivid (chosen; score 0.30; +0.4" in found.text("en")


async def test_rules_that_would_each_have_been_enough_are_told_together(
    open_metier: Any, home: Path
) -> None:
    write_rules(home, rule("one", "likes", "colours", PREFER),
                rule("two", "likes", "stories", PREFER))  # fmt: skip
    app = await open_metier(Choosing())
    for value in ("colours", "stories"):
        await app.set_fact(ME, None, "likes", value, "preference")
    answer = await asked(app, "gardening", "When do I prune roses?")
    (influence,) = answer.why.influences
    assert influence.by == "own:one, own:two" and len(influence.because) == 2
    await faithful(app, answer.id)
    for cause in influence.because:
        assert (await app.why(ME, answer.id, without=[cause])).change.strategy is None
    both = await app.why(ME, answer.id, without=influence.because)
    assert both.change.strategy == ("vivid", "plain")


async def test_a_group_is_named_where_something_came_from_it(open_metier: Any, home: Path) -> None:
    (home / "cohorts.yaml").write_text(COHORTS, "utf-8")
    app = await open_metier(Gardening())
    answer = await asked(app, "gardening", "When do I prune roses?")
    assert answer.why.cohorts == ("evening",)  # and not "idle", where they are as well
    found = await faithful(app, answer.id)
    assert [(a.slot, a.value, a.title) for a in found.assumed] == [
        ("light", "south", "Evening course")
    ]
    without = (await app.why(ME, answer.id, without=["cohort:evening"])).change
    assert [p.kind for p in without.gone] == ["assumed"]
    # Who says something of it themselves is not assumed to be like the others; and would be.
    await lived(app, "gardening", ["My balcony faces north."])
    answer = await asked(app, "gardening", "When do I prune roses?", "later")
    (light,) = [f for f in answer.why.used if f.slot == "light"]
    assert answer.why.cohorts == () and light.value == "north"
    change = (await app.why(ME, answer.id, without=[f"fact:{light.id}"])).change
    assert [p.kind for p in change.new] == ["assumed"]
    assert replace(change, answer=None).plan


async def test_facts_that_stand_in_for_one_another_are_tried_together(open_metier: Any) -> None:
    class Light(Gardening):
        @hookimpl
        def assemble_prompt(self, turn: Turn) -> Sequence[Segment]:
            fond = "fond of green" if turn.values("likes") else "new here"
            return [Segment(f"They are {fond}.", self.name, Volatility.DOMAIN)]

    app = await open_metier(Light())
    facts = [await app.set_fact(ME, None, "likes", v, "preference") for v in ("moss", "ferns")]
    answer = await asked(app, "gardening", "When do I prune roses?")
    effects = {e.without: e for e in (await app.why(ME, answer.id, each=True)).effects}
    one, other = (f"fact:{f.id}" for f in facts)
    together = next(e for causes, e in effects.items() if set(causes) == {one, other})
    assert "instruction" not in {p.kind for p in (*effects[one,].gone, *effects[other,].gone)}
    assert [p.text for p in together.new] == ["They are new here."]
