"""What policies ask for people: disclosures at first, and care with the young."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from served import audited
from toy import Gardening

from metier.model import Actor, MetierError
from metier.pipeline._minors import stated_age

ME = Actor("default", "me")

LANGUAGES = """
name: house
version: "1"
description: For tests.
languages: {"*": [zh]}
contacts: {escalation: {"*": {name: The duty nurse, how: extension 4711}}}
"""

POLICY = """
name: house
version: "1"
description: For tests.
disclosures: {"*": {en: "I am a program.", zh: "我是程序。"}}
minors: {min_age: 16, below: BELOW}
"""


async def open_under(open_metier: Any, home: Path, below: str = "no_profile") -> Any:
    file = home / "house.yaml"
    file.write_text(POLICY.replace("BELOW", below))
    return await open_metier(Gardening(), policies=(file,))


async def test_a_disclosure_is_made_once_in_the_language_of_the_answer(
    open_metier: Any, home: Path
) -> None:
    app = await open_under(open_metier, home)
    first = await app.respond(app.request("gardening", "When are roses pruned?"))
    assert first.text.endswith("I am a program.")
    again = await app.respond(app.request("gardening", "When are roses pruned?"))
    assert "program" not in again.text
    other = await app.respond(app.request("gardening", "玫瑰什么时候修剪？", subject="li"))
    assert other.text.endswith("我是程序。")


@pytest.mark.parametrize(
    ("message", "age"),
    [
        ("I'm 12 years old. When?", 12), ("I am 15", 15), ("i am only 9, help", 9),
        ("我今年13岁，请问", 13), ("我12周岁", 12), ("My age is 14.", 14),
        ("I am 12 weeks pregnant", None), ("I'm 70 kg", None), ("My son is 12 years old", None),
        ("我儿子12岁", None), ("I am 100% sure", None), ("I am 5th in line", None),
        ("It takes 12 days", None), ("I am 45 years old", 45), ("I am 10 minutes late", None),
    ],
)  # fmt: skip
def test_an_age_is_what_people_say_of_themselves(message: str, age: int | None) -> None:
    assert stated_age(message) == age


async def test_of_the_young_no_profile_is_kept(open_metier: Any, home: Path) -> None:
    app = await open_under(open_metier, home)
    for message in ("I'm 12 years old. My balcony faces north.", "My balcony faces north."):
        answer = await app.respond(app.request("gardening", message, conversation="c"))
        assert answer.why.learned == ()
    assert await app.profile(ME) == []
    await app.respond(app.request("gardening", "My balcony faces north.", conversation="other"))
    assert len(await app.profile(ME)) == 1


async def test_the_young_are_sent_to_their_parents_where_a_policy_says_so(
    open_metier: Any, home: Path
) -> None:
    app = await open_under(open_metier, home, "refuse")
    for message in ("我今年12岁。玫瑰什么时候修剪？", "玫瑰什么时候修剪？"):
        answer = await app.respond(app.request("gardening", message, conversation="c"))
        assert "16" in answer.text and "父母" in answer.text
    emergency = "I'm 12 and touched poison ivy"
    answer = await app.respond(app.request("gardening", emergency, conversation="c"))
    assert "doctor" in answer.text  # safety goes first


async def test_an_answer_is_in_a_language_that_the_policies_allow(
    open_metier: Any, home: Path
) -> None:
    (home / "house.yaml").write_text(LANGUAGES)
    app = await open_metier(Gardening(), policies=(home / "house.yaml",))
    answer = await app.respond(app.request("gardening", "When are roses pruned?"))
    assert answer.language == "zh"


async def test_what_is_escalated_names_whom_to_turn_to(open_metier: Any, home: Path) -> None:
    (home / "house.yaml").write_text(LANGUAGES)
    app = await open_metier(Gardening(), policies=(home / "house.yaml",))
    answer = await app.respond(app.request("gardening", "I touched poison ivy"))
    assert answer.text.endswith("The duty nurse: extension 4711")


async def test_changed_policies_come_into_force_without_a_restart(
    open_metier: Any, home: Path
) -> None:
    app = await open_under(open_metier, home)
    assert await app.follow_policies() is None
    file = home / "house.yaml"
    file.write_text(POLICY.replace("BELOW", "refuse").replace("I am a program.", "I am a robot."))
    change = await app.follow_policies()
    assert change is not None and [f.name for f in change.files] == ["house"]
    first = await app.respond(app.request("gardening", "When are roses pruned?"))
    assert first.text.endswith("I am a robot.")
    young = await app.respond(app.request("gardening", "I'm 12 years old. When?"))
    assert "parent" in young.text
    before = app.parts.policy.version
    file.write_text("name: house\nversion: [oops")
    with pytest.raises(MetierError, match="stay in force"):
        await app.follow_policies()
    assert app.parts.policy.version == before
    assert (await app.respond(app.request("gardening", "When are roses pruned?"))).text
    events = [e for e in audited(home) if e["kind"].startswith("policy-")]
    assert [e["kind"] for e in events] == ["policy-changed", "policy-refused"]
    assert events[0]["detail"]["to"] == before
