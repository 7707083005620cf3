"""The table of medicines: names, classes, allergies and pairs, each with its source."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from metier.model import Message, Role, Turn
from metier_healthcare import plugin
from metier_healthcare._fit import forbidden, listed
from metier_healthcare._medicines import allergy_to, mentioned, table, unlisted_names
from metier_healthcare._situation import Situation, own_statements, situation, statements


def test_every_row_names_a_source_there_is_and_every_class_exists() -> None:
    known = table()
    for medicine in known.medicines.values():
        assert medicine.en and medicine.zh and set(medicine.groups) <= set(known.groups)
        for caution in (medicine.cautions or {}).values():
            assert caution.level in ("ok", "ask", "avoid") and caution.source in known.sources
        assert not medicine.under_months or medicine.under_source in known.sources
        assert medicine.note is None or medicine.note["source"] in known.sources
    for row in known.interactions:
        for side in (row.one, row.other):
            assert side in known.medicines or side in known.groups
        assert row.level in ("ok", "ask", "avoid") and row.source in known.sources
        assert row.text["en"] and row.text["zh"]
    for source in known.sources.values():
        assert source.publisher and source.title and source.url.startswith("http")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Can I take Advil?", ["ibuprofen"]), ("penicillins and red wine", ["penicillin", "alcohol"]),
        ("布洛芬缓释胶囊", ["ibuprofen"]), ("頭孢和酒", ["cephalosporin", "alcohol"]),
        ("St John’s wort", ["st-johns-wort"]), ("drinking water", []), ("阿莫西林克拉维酸钾", ["co-amoxiclav"]),
    ],
)  # fmt: skip
def test_medicines_are_known_by_all_their_names(text: str, names: list[str]) -> None:
    found = [m.name for m in mentioned(text)]
    assert found == names or (names == ["penicillin", "alcohol"] and found[1] == "alcohol")


@pytest.mark.parametrize(
    ("allergy", "medicine", "level"),
    [
        ("penicillin", "amoxicillin", "avoid"), ("penicillin", "co-amoxiclav", "avoid"),
        ("青霉素", "amoxicillin", "avoid"), ("penicillin", "cefalexin", "ask"), ("penicillin", "paracetamol", ""),
        ("NSAIDs", "aspirin", "avoid"), ("ibuprofen", "aspirin", "avoid"), ("aspirin", "ibuprofen", "avoid"),
        ("布洛芬", "naproxen", "avoid"), ("sulfa drugs", "co-trimoxazole", "avoid"), ("头孢", "ceftriaxone", "avoid"),
        ("peanuts", "ibuprofen", ""), ("paracetamol", "paracetamol", "avoid"),
    ],
)  # fmt: skip
def test_an_allergy_covers_its_class(allergy: str, medicine: str, level: str) -> None:
    assert allergy_to(table().medicines[medicine], (allergy,)) == level


def test_a_pair_is_listed_by_name_or_by_class_or_not_at_all() -> None:
    medicines, anybody = table().medicines, Situation()
    row = listed(medicines["ibuprofen"], medicines["warfarin"], anybody)
    assert row is not None and row.one == "ibuprofen" and row.level == "avoid"
    by_class = listed(medicines["celecoxib"], medicines["apixaban"], anybody)
    assert by_class is not None and (by_class.one, by_class.other) == ("nsaid", "anticoagulant")
    assert listed(medicines["paracetamol"], medicines["doxycycline"], anybody) is None


def test_what_is_said_of_adults_is_not_said_of_a_child() -> None:
    one, other = table().medicines["paracetamol"], table().medicines["ibuprofen"]
    adult = listed(one, other, Situation())
    assert adult is not None and adult.level == "ok"
    assert listed(one, other, Situation(age_months=60, child=True)) is None


@pytest.mark.parametrize(
    ("given", "medicine", "code"),
    [
        (Situation(child=True), "aspirin", "age"), (Situation(age_months=60), "aspirin", "age"),
        (Situation(age_months=240), "aspirin", ""), (Situation(child=True), "paracetamol", ""),
        (Situation(age_months=2), "ibuprofen", "age"), (Situation(conditions=frozenset({"pregnancy"})), "ibuprofen", "pregnancy"),
        (Situation(conditions=frozenset({"pregnancy"})), "paracetamol", ""),
        (Situation(conditions=frozenset({"chickenpox"})), "ibuprofen", "chickenpox"),
        (Situation(conditions=frozenset({"ulcer"})), "naproxen", "ulcer"),
    ],
)  # fmt: skip
def test_age_pregnancy_and_illness_rule_medicines_out(
    given: Situation, medicine: str, code: str
) -> None:
    assert forbidden(table().medicines[medicine], given) == code


def test_a_medicine_outside_the_table_is_noticed() -> None:
    assert unlisted_names("can I take gabapentin with amitriptyline") == [
        "gabapentin",
        "amitriptyline",
    ]
    assert unlisted_names("ibuprofen and atorvastatin") == []
    assert unlisted_names("加巴喷丁") == ["加巴喷丁"]


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("I take warfarin.", {("medicine", "warfarin")}), ("Can I take warfarin?", set()),
        ("I'm on warfarin", {("medicine", "warfarin")}), ("take warfarin every day", {("medicine", "warfarin")}),
        ("been taking warfarin since march", {("medicine", "warfarin")}), ("on warfarin, can I take ibuprofen?", {("medicine", "warfarin")}),
        ("my doctor put me on warfarin", {("medicine", "warfarin")}), ("prescribed warfarin last week", {("medicine", "warfarin")}),
        ("should I take warfarin", set()), ("my dad takes warfarin", set()), ("take warfarin with food?", set()),
        ("我吃华法林", {("medicine", "warfarin")}), ("医生给我开了华法林", {("medicine", "warfarin")}), ("我每天都吃华法林", {("medicine", "warfarin")}),
        ("我爸在吃华法林", set()), ("我该吃华法林吗", set()),
        ("I take warfarin, can I take ibuprofen?", {("medicine", "warfarin")}),
        ("i have kidney disease can i take advil", {("kidney_disease", "yes")}),
        ("I'm 70 and on blood thinners", {("age_months", "840"), ("medicine", "anticoagulant")}),
        ("I took ibuprofen an hour ago", set()), ("我早上吃了泰诺", set()),
        ("I don't take warfarin", set()), ("I'm 20 weeks pregnant", {("pregnant", "yes")}),
        ("Is it ok if I'm pregnant?", set()), ("I'm not pregnant", set()), ("My wife is pregnant", set()),
        ("I have asthma and high blood pressure", {("asthma", "yes"), ("high_blood_pressure", "yes")}),
        ("My 5 year old has a fever", set()), ("I'm 34 years old", {("age_months", "408")}),
        ("My son is allergic to penicillin", set()), ("I'm penicillin allergic", {("allergy", "penicillin")}),
        ("我在吃华法林", {("medicine", "warfarin")}), ("我可以吃华法林吗", set()), ("我怀孕三个月了", {("pregnant", "yes")}),
        ("我妈有高血压", set()), ("我有高血压", {("high_blood_pressure", "yes")}), ("我没有高血压", set()),
        ("我今年34岁", {("age_months", "408")}), ("我青霉素过敏", {("allergy", "青霉素")}),
    ],
)  # fmt: skip
def test_only_what_a_person_states_of_themselves_is_kept(
    text: str, facts: set[tuple[str, str]]
) -> None:
    assert {(s.slot, s.value) for s in own_statements(text)} == facts


@pytest.mark.parametrize(
    ("text", "slot"),
    [("I stopped taking warfarin", "medicine"), ("I'm no longer pregnant", "pregnant")],
)
def test_what_is_over_is_retracted(text: str, slot: str) -> None:
    assert [(s.slot, s.retracts) for s in own_statements(text)] == [(slot, True)]


def test_a_fact_points_at_its_place_in_the_message(turn: Callable[..., Turn]) -> None:
    message = "Hello. I'm pregnant."
    (found,) = plugin.extract_profile(turn(message))
    where = found.provenance
    assert where.start is not None and message[where.start : where.end] == "pregnant"


def test_what_is_said_of_somebody_else_counts_for_them_in_the_conversation(
    turn: Callable[..., Turn],
) -> None:
    history = (Message(Role.USER, "My son is allergic to penicillin"),)
    his = situation(turn("Can he take augmentin?", history=history))
    assert his.allergies == ("penicillin",) and his.other
    mine = situation(turn("Can I take augmentin?", history=history))
    assert mine.allergies == ()


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("my 8 year old", 96),
        ("she is 6 months old", 6),
        ("6-week-old", 1),
        ("孩子5岁", 60),
        ("8个月大的宝宝", 8),
        ("my two year old", 24),
        ("三岁的孩子", 36),
        ("宝宝两个月", 2),
        ("头疼两个月了", None),
        ("十二岁", 144),
    ],
)
def test_ages_are_read_in_months(text: str, months: int | None) -> None:
    found = [int(s.value) for s in statements(text) if s.slot == "age_months"]
    assert found == ([] if months is None else [months])


def test_what_was_taken_once_counts_now(turn: Callable[..., Turn]) -> None:
    given = situation(turn("I took ibuprofen an hour ago, can I take aspirin now?"))
    assert [m.name for m in given.medicines] == ["ibuprofen"]
