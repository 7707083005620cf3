"""What a person may ask of their data: nothing left out, nothing left over, nothing by others."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from served import audited, client_of, problem
from toy import Gardening

from metier import hookimpl, rights
from metier.crypto import Erasure, erasure_tag
from metier.model import Actor, BadRequest, Composition, Feedback, MetierError, Turn
from metier.pipeline import permit

ME = Actor("default", "me")
OTHER = Actor("default", "other")
OFFICER = Actor("default", "officer", frozenset({"privacy_officer"}))
NAME, ALLERGY = "Wilhelmina Featherstone", "penicillin"
PLANTED = (NAME, ALLERGY, "Zanzibar")


async def refused(work: Any) -> MetierError:
    with pytest.raises(MetierError) as error:
        await work
    return error.value


async def say(app: Any, message: str, conversation: str = "c", subject: str = "me") -> Any:
    """One turn with the domain that may learn of health."""
    asked = app.request("healthcare", message, conversation=conversation)
    return await app.respond(replace(asked, actor=replace(ME, id=subject)))


@pytest.mark.parametrize(
    ("said", "yes"),
    [
        (f"Remember my health details. I'm allergic to {ALLERGY}.", "yes"),
        (
            f"I'm allergic to {ALLERGY}. Please remember my allergies. What helps against a cold?",
            "Yes, please",
        ),
        (f"Please remember that I'm allergic to {ALLERGY}.", "yes"),
        ("请记住我的健康信息，我对青霉素过敏。", "好的"),
        ("请记得我对青霉素过敏。", "同意"),
    ],
)
@pytest.mark.parametrize("told", [False, True], ids=["first", "told before"])
async def test_a_wish_with_a_statement_is_asked_about_and_a_yes_keeps_what_was_said(
    open_metier: Any, said: str, yes: str, told: bool
) -> None:
    app = await open_metier(Gardening())
    if told:  # that health isn't kept; the offer is made once a conversation
        await say(app, "I have asthma.")
    shown = (await say(app, said)).text
    assert shown.rstrip().endswith(("Reply “yes” if you do.", "同意请回复“是”。"))
    assert "remember my health details" not in shown and "记住我的健康信息" not in shown
    assert await app.profile(ME) == []
    await say(app, yes)
    kept = {f.value for f in await app.profile(ME)}
    assert kept & {ALLERGY, "青霉素"}, kept
    (given,) = await rights.consents_of(app.parts, ME, None)
    assert (given.category, given.given) == ("health", True)


async def test_a_wish_that_is_not_agreed_to_keeps_nothing(open_metier: Any) -> None:
    app = await open_metier(Gardening())
    await say(app, f"Remember my health details. I'm allergic to {ALLERGY}.")
    await say(app, "What helps against a cold?")
    await say(app, "yes")  # to nothing: the question doesn't wait any more
    assert await app.profile(ME) == []
    assert await rights.consents_of(app.parts, ME, None) == ()


async def test_who_has_agreed_is_not_asked_again(open_metier: Any) -> None:
    app = await open_metier(Gardening())
    for message in ("Remember my health details", "yes"):
        await say(app, message)
    answer = await say(app, f"Remember my health details. I'm allergic to {ALLERGY}.")
    assert "Do you agree?" not in answer.text
    assert [f.value for f in await app.profile(ME)] == [ALLERGY]


async def test_a_wish_to_forget_beside_a_question_asks_first_and_then_forgets(
    open_metier: Any,
) -> None:
    app = await open_metier(Gardening())
    await talk(app)
    shown = (await say(app, "Forget my health details. What helps against a cold?")).text
    assert "Shall I forget" in shown
    (given,) = await rights.consents_of(app.parts, ME, None)
    assert given.given  # the consent is taken back with the yes
    await say(app, "yes")
    assert not [f for f in await app.profile(ME) if f.category == "health"]
    statements = await rights.consents_of(app.parts, ME, None)
    assert [s.given for s in statements] == [True, False]


async def test_where_health_is_not_learnt_a_wish_with_a_statement_says_so(
    open_metier: Any,
) -> None:
    app = await open_metier(Gardening())
    said = f"Remember my health details. I'm allergic to {ALLERGY}. When do I prune?"
    answer = await app.respond(app.request("gardening", said, conversation="c"))
    assert "Here I keep nothing of that kind" in answer.text


async def talk(app: Any, subject: str = "me") -> str:
    """A person who agrees that health is remembered, and tells all kinds of things."""
    me = replace(ME, id=subject)
    for message in ("Remember my health details", "yes", f"I am allergic to {ALLERGY}."):
        await say(app, message, subject=subject)
    told = f"I am {NAME}. My balcony faces north. When is Zanzibar's rose pruned?"
    asked = app.request("gardening", told, conversation="c")
    answer = await app.respond(replace(asked, actor=me))
    await app.feedback(me, Feedback(answer.id, 1, "Zanzibar is happy"))
    return str(answer.id)


# --- consent ------------------------------------------------------------------------


async def test_health_is_not_kept_without_consent_and_holds_in_its_conversation(
    open_metier: Any,
) -> None:
    app = await open_metier(Gardening())
    answer = await say(app, f"I am allergic to {ALLERGY}. What helps against a cold?")
    assert "remember my health details" in answer.text
    assert await app.profile(ME) == []
    again = await say(app, "And against a cough?")
    assert [f.value for f in again.why.used] == [ALLERGY]
    assert "remember my health details" not in again.text  # said once
    elsewhere = await say(app, "What helps against a cold?", "d")
    assert elsewhere.why.used == ()


@pytest.mark.parametrize(
    ("ask", "yes", "forget"),
    [
        ("Remember my health details", "yes", "forget my health details"),
        ("Please remember my allergies.", "Yes, please", "Don't remember my allergies"),
        ("请记住我的健康信息", "好的", "不要再记住我的健康信息"),
    ],
)
async def test_consent_is_given_and_taken_back_in_the_conversation(
    open_metier: Any, ask: str, yes: str, forget: str
) -> None:
    app = await open_metier(Gardening())
    await say(app, f"I am allergic to {ALLERGY}.")
    shown = (await say(app, ask)).text
    assert await app.profile(ME) == [] and ("agree" in shown or "同意" in shown)
    await say(app, yes)
    assert [f.value for f in await app.profile(ME)] == [ALLERGY]  # what was said before it, too
    (given,) = await rights.consents_of(app.parts, ME, None)
    assert (given.category, given.given, given.channel) == ("health", True, "chat")
    await say(app, "I am allergic to latex too.", "d")
    assert len(await app.profile(ME)) == 2
    await say(app, forget, "d")
    assert await app.profile(ME) == []
    statements = await rights.consents_of(app.parts, ME, None)
    assert [s.given for s in statements] == [True, False]
    await say(app, "I am allergic to nickel.", "e")
    assert await app.profile(ME) == []


@pytest.mark.parametrize(
    ("forget", "deleted", "left"),
    [
        ("forget my health details", "is deleted", "stands in our conversations until they expire"),
        ("不要再记住我的健康信息", "已删除", "会留在对话里，直到对话到期"),
    ],
)
async def test_who_takes_consent_back_is_told_that_conversations_keep_their_words(
    open_metier: Any, forget: str, deleted: str, left: str
) -> None:
    app = await open_metier(Gardening())
    for message in (f"I am allergic to {ALLERGY}.", "Remember my health details", "yes"):
        await say(app, message)
    said = (await say(app, forget)).text
    assert deleted in said and left in said
    kept = await rights.export(app.parts, ME, None)
    assert kept["facts"] == [] and kept["memories"] == []
    assert ALLERGY in str(kept["conversations"])


async def test_no_yes_no_consent(open_metier: Any) -> None:
    app = await open_metier(Gardening())
    for message in ("Remember my health details", "no", "I am allergic to latex."):
        await say(app, message)
    assert await app.profile(ME) == []
    assert await rights.consents_of(app.parts, ME, None) == ()


async def test_consent_is_to_the_text_in_force(open_metier: Any) -> None:
    app = await open_metier(Gardening())
    error = await refused(rights.consent(app.parts, ME, None, "health", "0"))
    assert error.code == "consent_text_outdated"
    await rights.consent(app.parts, ME, None, "health", "1")
    assert (await app.set_fact(ME, None, "allergy", ALLERGY, "health")).value == ALLERGY
    assert await rights.withdraw(app.parts, ME, None, "health") == 1
    error = await refused(app.set_fact(ME, None, "allergy", ALLERGY, "health"))
    assert error.code == "consent_needed" and ALLERGY not in error.message


async def test_what_one_domain_learnt_another_uses_only_where_policy_and_person_allow_it(
    open_metier: Any, home: Path
) -> None:
    app = await open_metier(Gardening(), Gardening("orchard"))
    await app.respond(app.request("gardening", "My balcony faces north.", conversation="c"))
    there = await app.respond(app.request("orchard", "When are trees pruned?"))
    assert there.why.used == () and [slot for slot, _ in there.why.withheld] == ["light"]


async def test_what_is_told_again_in_another_domain_is_known_there_too(open_metier: Any) -> None:
    app = await open_metier(Gardening(), Gardening("orchard"))
    for domain in ("gardening", "orchard"):
        await app.respond(app.request(domain, "My balcony faces north.", conversation="c"))
    for domain in ("gardening", "orchard"):
        told = await app.respond(app.request(domain, "When are trees pruned?"))
        assert [f.value for f in told.why.used] == ["north"]


async def test_nobody_agrees_in_a_turn_of_which_nothing_is_kept(open_metier: Any) -> None:
    app = await open_metier(Gardening())
    await say(app, "Remember my health details")
    asked = app.request("healthcare", "yes", conversation="c")
    answer = await app.respond(replace(asked, store=False))
    assert "From now on" not in answer.text
    assert await rights.consents_of(app.parts, ME, None) == ()


# --- export, correction, restriction, hold ------------------------------------------


async def test_an_export_leaves_nothing_out(open_metier: Any, home: Path) -> None:
    app = await open_metier(Gardening())
    turn = await talk(app)
    found = json.loads(json.dumps(await rights.export(app.parts, ME, None)))
    text = json.dumps(found, ensure_ascii=False)
    for planted in PLANTED:
        assert planted in text
    assert {f["slot"] for f in found["facts"]} >= {"allergy", "light"}
    assert all(f["collected_by"] and f["consent"] for f in found["facts"])
    assert turn in {t["turn"] for t in found["turns"]}
    assert found["feedback"][0]["comment"] == "Zanzibar is happy"
    assert NAME in json.dumps(found["stand_ins"])
    assert [s["category"] for s in found["statements"]] == ["health"]
    assert {"turn", "feedback", "egress-intent"} <= {e["kind"] for e in found["events"]}
    with sqlite3.connect(home / "store.db") as raw:
        for table, name in (("fact", "facts"), ("conversation", "conversations"),
                            ("turn_record", "turns"), ("vault", "stand_ins")):  # fmt: skip
            (rows,) = raw.execute(f"select count(*) from {table}").fetchone()
            assert len(found[name]) == rows, table
    kinds = [e["kind"] for e in audited(home)]
    assert kinds[-1] == "subject-export"


async def test_a_correction_takes_the_place_of_what_was_known(open_metier: Any) -> None:
    app = await open_metier(Gardening())
    await talk(app)
    (fact,) = [f for f in await app.profile(ME) if f.slot == "allergy"]
    await rights.correct(app.parts, ME, None, fact.id, "latex")
    assert [f.value for f in await app.profile(ME) if f.slot == "allergy"] == ["latex"]
    assert (await refused(rights.correct(app.parts, ME, None, "nope", "x"))).status == 404


async def test_restricted_data_is_neither_used_nor_added_to(open_metier: Any) -> None:
    app = await open_metier(Gardening())
    await talk(app)
    before = await rights.export(app.parts, ME, None)
    await rights.restrict(app.parts, ME, None, True, "I dispute it")
    answer = await say(app, "I am allergic to latex. What helps against a cold?")
    assert answer.why.used == () and answer.why.learned == ()
    after = await rights.export(app.parts, ME, None)
    assert after["facts"] == before["facts"] and after["turns"] == before["turns"]
    await rights.restrict(app.parts, ME, None, False, "settled now")
    answer = await app.respond(app.request("gardening", "When are roses pruned?"))
    assert answer.why.used


async def test_a_hold_keeps_data_from_erasure_until_it_is_released(open_metier: Any) -> None:
    app = await open_metier(Gardening())
    await talk(app)
    assert (await refused(rights.hold(app.parts, ME, None, "mine to set?"))).status == 403
    await rights.hold(app.parts, OFFICER, "me", "case 4711")
    for actor in (ME, OFFICER):
        error = await refused(rights.erase(app.parts, actor, "me"))
        assert (error.code, error.status) == ("legal_hold", 409) and "4711" not in error.message
    assert await app.profile(ME)
    standing = await rights.standing(app.parts, OFFICER, "me")
    assert standing.held and standing.statements[-1]["reason"] == "case 4711"
    await rights.release(app.parts, OFFICER, "me", "case closed")
    assert (await rights.erase(app.parts, ME, None)).rows


# --- erasure ------------------------------------------------------------------------


def encodings(value: str) -> Iterator[bytes]:
    raw = value.encode()
    yield from (raw, raw.hex().encode(), value.encode("utf-16-le"), value.encode("utf-16-be"))
    for cut in range(3):
        yield base64.b64encode(raw[cut:])[:-4]


def search(folder: Path, values: tuple[str, ...]) -> list[str]:
    """Files below a folder that hold one of the values, raw or encoded."""
    return [
        f"{file.relative_to(folder)}: {value}"
        for file in folder.rglob("*")
        if file.is_file()
        for data in [file.read_bytes()]
        for value in values
        if any(encoded in data for encoded in encodings(value))
    ]


def holds(folder: Path, value: bytes) -> bool:
    """Whether a file below a folder holds the bytes."""
    return any(f.is_file() and value in f.read_bytes() for f in folder.rglob("*"))


async def test_no_file_holds_what_was_said_in_clear(open_metier: Any, home: Path) -> None:
    app = await open_metier(Gardening())
    await talk(app)
    assert await app.profile(ME)
    assert search(home, PLANTED) == []


async def test_an_erasure_leaves_no_row_no_key_and_a_true_certificate(
    open_metier: Any, home: Path
) -> None:
    app = await open_metier(Gardening())
    await talk(app)
    await talk(app, "other")
    wrapped = app.parts.keyring.store.subject_keys("default", "me")[0].wrapped
    certificate = await rights.erase(app.parts, ME, None)
    assert len(certificate.keys) == 1 and sum(certificate.rows.values()) >= 7
    assert all((await rights.check(app.parts, ME, None, certificate)).values())
    assert await app.parts.store.whole_subject("default", "me") is not None  # its last event
    assert await app.profile(ME) == []
    assert not holds(home, wrapped)
    assert [f.value for f in await app.profile(OTHER) if f.slot == "allergy"] == [ALLERGY]
    forged = replace(certificate, rows={"fact": 0})
    found = await rights.check(app.parts, ME, None, forged)
    assert not found["signed by this installation"] and found["keys are gone"]
    others = await rights.check(app.parts, OFFICER, "other", certificate)
    assert not others["is this person's"]
    assert (await app.verify_audit()).ok


async def test_who_comes_back_after_an_erasure_is_new(open_metier: Any) -> None:
    app = await open_metier(Gardening())
    await talk(app)
    first = await rights.erase(app.parts, ME, None)
    assert await app.profile(ME) == []
    await talk(app)
    assert await app.profile(ME)
    second = await rights.erase(app.parts, ME, None)
    assert set(first.keys).isdisjoint(second.keys)


async def test_an_erasure_that_was_interrupted_is_finished_at_the_next_start(
    open_metier: Any, home: Path
) -> None:
    app = await open_metier(Gardening())
    await talk(app)
    tag = erasure_tag(app.parts.keyring, "default", "me")
    # the process died after the keys were destroyed
    app.parts.keyring.destroy_subject(Erasure("e1", "default", tag, (), 1000, "me"))
    await app.close()
    again = await open_metier(Gardening())
    assert again.parts.keyring.store.erasures(open_only=True) == []
    with sqlite3.connect(home / "store.db") as raw:
        for table in ("subject", "fact", "conversation", "vault", "turn_record", "feedback"):
            assert raw.execute(f"select count(*) from {table}").fetchone() == (0,)
    assert await again.profile(ME) == []


async def test_a_ledger_that_somebody_has_changed_erases_nobody(
    open_metier: Any, home: Path
) -> None:
    app = await open_metier(Gardening())
    await talk(app)
    await talk(app, "other")
    await rights.erase(app.parts, ME, None)
    await app.close()
    with sqlite3.connect(home / "keys.db") as raw:
        raw.execute("update erasure set done = null, subject = 'other'")
    error = await refused(open_metier(Gardening()))
    assert error.code == "key_store_unusable" and "other" not in error.message.split()
    with sqlite3.connect(home / "keys.db") as raw:
        raw.execute("update erasure set done = null, subject = 'me'")  # theirs, and finished before
    again = await open_metier(Gardening())
    await talk(again)
    with sqlite3.connect(home / "keys.db") as raw:
        raw.execute("update erasure set done = null, subject = 'me'")  # they are back meanwhile
    assert await rights.resume_erasures(again.parts) == 1
    for actor in (ME, OTHER):
        assert [f.value for f in await again.profile(actor) if f.slot == "allergy"] == [ALLERGY]


async def test_an_export_says_which_turns_and_events_are_gone(open_metier: Any, home: Path) -> None:
    app = await open_metier(Gardening())
    turn = await talk(app)
    whole = await rights.export(app.parts, ME, None)
    assert whole["missing_turns"] == [] and whole["missing_events"] == []
    with sqlite3.connect(home / "store.db") as raw:
        raw.execute("delete from turn_record where turn = ?", (turn,))
        raw.execute("delete from audit_event where kind = 'turn' and revision = 2")
    found = await rights.export(app.parts, ME, None)
    assert [each["turn"] for each in found["missing_turns"]] == [turn]  # type: ignore[index,union-attr,call-overload]
    assert found["missing_events"] == [2]
    with sqlite3.connect(home / "store.db") as raw:
        raw.execute("update audit_event set body = replace(body, 'gardening', 'orchard')")
    assert (await refused(rights.export(app.parts, ME, None))).code == "audit_broken"


async def test_a_turn_during_an_erasure_brings_nothing_back(open_metier: Any) -> None:
    class During(Gardening):
        erase: Any = None

        @hookimpl
        async def compose(self, turn: Turn) -> Composition | None:
            if self.erase is not None:
                erase, self.erase = self.erase, None
                await erase()
            return Composition("Done.")

    plugin = During()
    app = await open_metier(plugin)
    await talk(app)

    async def erase() -> None:
        await rights.erase(app.parts, ME, None)

    plugin.erase = erase
    error = await refused(app.respond(app.request("gardening", "When?", conversation="c")))
    assert error.code == "erased"
    whole = await rights.export(app.parts, ME, None)
    assert (whole["facts"], whole["conversations"], whole["turns"]) == ([], [], [])


async def test_a_first_turn_during_an_erasure_leaves_nothing_that_can_not_be_opened(
    open_metier: Any,
) -> None:
    app = await open_metier(Gardening())
    real = app.parts.store.commit_turn

    async def late(commit: Any) -> None:
        await rights.erase(app.parts, ME, None)
        await real(commit)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app.parts.store, "commit_turn", late)
        await app.respond(app.request("gardening", "My balcony faces north.", conversation="c"))
    assert await app.profile(ME) == []
    await app.respond(app.request("gardening", "My balcony faces north.", conversation="c"))
    assert len(await app.profile(ME)) == 1


# --- who may ------------------------------------------------------------------------


@pytest.mark.parametrize("actor", [OTHER, Actor("other-tenant", "me"),
                                   Actor("default", "o", frozenset({"operator", "auditor"}))],
                         ids=["another person", "another tenant", "operator"])  # fmt: skip
async def test_nobody_else_may_ask(open_metier: Any, actor: Actor) -> None:
    app = await open_metier(Gardening())
    await talk(app)
    parts = app.parts
    own = actor.id == "me"
    works = {
        "export": lambda: rights.export(parts, actor, "me"),
        "erase": lambda: rights.erase(parts, actor, "me"),
        "correct": lambda: rights.correct(parts, actor, "me", "x", "y"),
        "restrict": lambda: rights.restrict(parts, actor, "me", True, "because"),
        "hold": lambda: rights.hold(parts, actor, "me", "because"),
        "standing": lambda: rights.standing(parts, actor, "me"),
        "consents": lambda: rights.consents_of(parts, actor, "me"),
        "consent": lambda: rights.consent(parts, actor, "me", "health", "1"),
        "withdraw": lambda: rights.withdraw(parts, actor, "me", "health"),
    }
    before = await rights.export(parts, ME, None)
    for name, work in works.items():
        if own:  # their own "me", of another tenant: something else, and empty
            if name == "export":
                assert (await work())["facts"] == []  # type: ignore[index,no-untyped-call]
        else:
            assert (await refused(work())).status == 403, name
    after = await rights.export(parts, ME, None)
    assert after["facts"] == before["facts"] and after["statements"] == before["statements"]


async def test_breaking_the_glass_is_allowed_to_few_and_is_loud(
    open_metier: Any, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = await open_metier(Gardening())
    await talk(app)
    reason = "the ward is on the phone"
    assert await refused(rights.export(app.parts, replace(OTHER, break_glass=reason), "me"))
    breaker = replace(OFFICER, break_glass=reason)
    # an officer's role allows reading a profile; turns need the glass broken
    await rights.standing(app.parts, breaker, "me")
    await permit(app.parts, breaker, "me", "read_turns")
    event = audited(home)[-1]
    assert event["kind"] == "break-glass" and event["detail"]["reason"] == reason
    assert "broke the glass" in caplog.text and "Featherstone" not in caplog.text


# --- over HTTP ----------------------------------------------------------------------


async def test_the_routes_do_what_the_functions_do(open_metier: Any) -> None:
    app = await open_metier(Gardening())
    await talk(app, "anna")
    async with client_of(app) as client:
        export = (await client.get("/v1/subject/export")).json()
        assert {f["slot"] for f in export["facts"]} >= {"allergy", "light"}
        text = (await client.get("/v1/subject/consent-text/health")).json()
        assert text["version"] == "1" and "health" in text["text"]
        wrong = {"category": "health", "version": "9"}
        assert (await client.post("/v1/subject/consents", json=wrong)).status_code == 400
        right = {"category": "health", "version": text["version"]}
        assert (await client.post("/v1/subject/consents", json=right)).json()["given"]
        gone = await client.post("/v1/subject/consents/withdraw", json={"category": "health"})
        assert gone.json() == {"facts_deleted": 1}
        statements = (await client.get("/v1/subject/consents")).json()["data"]
        assert [s["given"] for s in statements] == [True, True, False]
        fact = {"id": export["facts"][-1]["id"], "value": "Featherstone"}
        assert (await client.post("/v1/subject/correct", json=fact)).json()["value"] == fact[
            "value"
        ]
        await client.post("/v1/subject/restrict", json={"on": True, "reason": "I dispute it"})
        assert (await client.get("/v1/subject/standing")).json()["restricted"]
        held = await client.post("/v1/subject/hold", json={"reason": "not mine to set"})
        assert held.status_code == 403
        certificate = (await client.post("/v1/subject/erase")).json()
        found = (await client.post("/v1/subject/certificate", json=certificate)).json()
        assert all(found.values())
        bad = await client.post("/v1/subject/certificate", json={"id": "x"})
        assert "certificate" in problem(bad, 400)["message"]
        assert (await client.get("/v1/subject/export")).json()["facts"] == []


_WHOLE = {
    "id": "a", "tenant": "default", "tag": "b", "at": 1, "by": "me", "keys": ["00"],
    "rows": {"fact": 1}, "ledger_version": 1, "remains": ["c"], "public_key": "", "signature": "",
}  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": []}, {"tag": None}, {"at": "now"}, {"at": True}, {"keys": [1]}, {"keys": ["x"]},
        {"keys": "not hex"}, {"keys": 1}, {"rows": []}, {"rows": {"fact": "1"}}, {"remains": [{}]},
        {"signature": 0}, {"more": 1},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_certificate_is_refused(wrong: dict[str, Any]) -> None:
    rights.read_certificate(_WHOLE)
    with pytest.raises(BadRequest):
        rights.read_certificate({**_WHOLE, **wrong})


async def test_the_kept_copy_of_the_keys_follows_an_erasure(
    open_metier: Any, home: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "escrow"
    app = await open_metier(Gardening(), escrow=folder)
    await talk(app)
    first = await rights.erase(app.parts, ME, None)
    assert (folder / "keys.escrow").stat().st_mode & 0o077 == 0
    before = (folder / "keys.escrow").read_bytes()
    await talk(app)
    await rights.erase(app.parts, ME, None)
    assert (folder / "keys.escrow").read_bytes() != before
    assert "could not be replaced" not in " ".join(first.remains)
    (folder / "keys.escrow").unlink()
    folder.rmdir()
    folder.write_text("no folder any more")
    await talk(app)
    last = await rights.erase(app.parts, ME, None)
    assert "could not be replaced" in last.remains[0]
