"""English extraction: corrections without a subject, statements without "I", and time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.model import Fact, Message, Role, Turn
from metier.profile import extract, identified, merge
from metier.profile.extraction._english_feasts import easter, feast

NOW = datetime(2026, 3, 18, 10, tzinfo=UTC)  # a Wednesday


def facts(message: str, *earlier: str) -> tuple[Fact, ...]:
    history = tuple(Message(Role.USER, text) for text in earlier)
    return extract(Turn("t", "acme", "s", "d", "c", message, NOW, history=history))


def believed(*messages: str) -> set[tuple[str, str, str]]:
    """What is known after the messages: slot, value, whom it is about."""
    known: tuple[Fact, ...] = ()
    for number, message in enumerate(messages):
        known = merge(known, facts(message, *messages[:number]), NOW).facts
    return {(f.slot, f.value, f.about) for f in known}


@pytest.mark.parametrize(
    ("earlier", "correction", "slot", "value"),
    [
        ("I weigh 72 kg", "sorry typo!! 82", "weight", "82 kg"),
        ("I weigh 72 kg", "*82", "weight", "82 kg"),
        ("I live in Leeds", "did I say Leeds? meant Leicester", "home", "Leicester"),
        ("I live in Leeds", "Not Leeds. Leicester.", "home", "Leicester"),
        ("I live in Leeds", "my bad, Leicester", "home", "Leicester"),
        ("I live in Portland, Oregon", "the one in Maine, not Oregon", "home", "Portland, Maine"),
        ("I'm preparing for the B1 exam in German", "B2 I mean", "goal", "B2 exam in German"),
        ("I have two cats", "three actually", "pet", "three cats"),
        ("I drive a Honda Civic", "Honda Accord, whoops", "possession", "a Honda Accord"),
        ("My budget is 400 euros", "sorry, 500 euros", "budget", "500 euros"),
        ("I'm vegetarian", "to be precise, pescatarian", "diet", "pescatarian"),
        ("I was born in 1986", "1968, I swapped the digits", "birthday", "1968"),
        (
            "My dissertation is on Kant",
            "it's on Hume, don't ask",
            "detail",
            "My dissertation is on Hume",
        ),
        ("I'm hopeless at chemistry", "I meant physics", "level", "hopeless at physics"),
        ("I grow roses", "tulips rather", "detail", "grow tulips"),
        ("I have two cats", "three now!! we adopted one", "pet", "three cats"),
        (
            "I have a degree in history",
            "it's art history, I mean",
            "studies",
            "degree in art history",
        ),
    ],
)
def test_a_bare_value_beside_a_cue_goes_to_the_fact_that_it_fits(
    earlier: str, correction: str, slot: str, value: str
) -> None:
    known = believed(earlier, correction)
    assert {(s, v) for s, v, _ in known if s == slot} == {(slot, value)}


@pytest.mark.parametrize(
    "message",
    [
        "no, thanks",
        "sorry, got it",
        "No, that's too expensive",
        "Actually, can you suggest a pub?",
        "ok make it shorter",
        "Oops, wrong window",
        "never mind, found one",
        "forget it, too far",
        "cancel my gym membership",
    ],
)
def test_a_cue_without_a_value_that_fits_changes_nothing(message: str) -> None:
    assert believed("I live in Leeds.", message) == believed("I live in Leeds.")


@pytest.mark.parametrize(
    ("message", "gone"),
    [
        ("please forget where I live", {"home"}),
        ("ignore the bit about my diet", {"diet"}),
        ("forget what I told you about Leeds", {"home"}),
        ("disregard my previous message", {"home", "diet"}),
    ],
)
def test_what_is_named_is_taken_back_and_nothing_else(message: str, gone: set[str]) -> None:
    known = believed("I live in Leeds. I'm vegan.", message)
    assert {slot for slot, _, _ in known} == {"home", "diet"} - gone


def test_a_member_of_a_list_is_taken_out_of_it() -> None:
    known = believed("I love sushi, jazz and hiking", "you can drop the jazz, that was a joke")
    assert {v for _, v, _ in known} == {"sushi and hiking"}


def test_what_was_of_somebody_else_is_about_them() -> None:
    known = believed("I'm lactose intolerant", "not me, my brother")
    assert known and {about for _, _, about in known} == {"brother"}


def test_what_is_said_of_a_friend_never_ends_an_allergy_of_ones_own() -> None:
    known = believed("I am allergic to cats", "My friend isn't allergic to cats, lucky her")
    assert ("allergy", "cats", "") in known


@pytest.mark.parametrize(
    ("message", "slot", "value"),
    [
        ("vegan here, any lunch ideas?", "diet", "vegan"),
        ("58, retired, type 2 diabetic", "occupation", "retired"),
        ("What can I eat since I'm coeliac?", "diet", "coeliac"),
        ("is swimming ok with my asthma?", "condition", "asthma"),
        ("As someone who has epilepsy, can I dive?", "condition", "epilepsy"),
        ("nurse by trade", "occupation", "nurse by trade"),
        ("our flat in Leeds is damp", "home", "Leeds"),
        ("how do I change the oil in my Honda Civic?", "possession", "Honda Civic"),
        ("ive got asthma", "condition", "asthma"),
        ("Greetings from Accra!", "home", "Accra"),
    ],
)
def test_a_statement_needs_no_subject(message: str, slot: str, value: str) -> None:
    assert (slot, value) in {(f.slot, f.value) for f in facts(message)}


@pytest.mark.parametrize(
    "message",
    [
        "vegan recipes, please",
        "Student loans are confusing",
        "I'm cooking for someone who doesn't eat pork",
        "What if I were a vegan nurse in Leeds?",
        "no tea for me today",
        "Could my cough be asthma?",
    ],
)
def test_what_is_like_a_statement_and_is_none_yields_nothing(message: str) -> None:
    assert facts(message) == ()


@pytest.mark.parametrize(
    ("message", "begins", "ends"),
    [
        ("I'm vegan until Easter", None, "2026-04-07"),
        ("I'm vegan for another three weeks", None, "2026-04-08"),
        ("I'm on crutches until mid April", None, "2026-04-21"),
        ("I'm moving to Berlin in June", "2026-06-01", None),
        ("It's been six months since I moved to Oslo", "2025-09-19", None),
    ],
)
def test_ends_and_beginnings_are_read_as_people_say_them(
    message: str, begins: str | None, ends: str | None
) -> None:
    fact = facts(message)[-1]
    assert (str(fact.valid_from)[:10] if fact.valid_from else None) == begins
    assert (str(fact.valid_to)[:10] if fact.valid_to else None) == ends


def test_a_move_without_a_date_to_come_is_no_home() -> None:
    assert facts("I'm moving to Berlin") == () or all(
        f.slot != "home" or f.valid_from == NOW for f in facts("I'm moving to Berlin")
    )


@given(st.integers(min_value=1583, max_value=3000))
def test_easter_is_a_sunday_between_its_bounds(year: int) -> None:
    day = easter(year)
    assert day.weekday() == 6
    assert (3, 22) <= (day.month, day.day) <= (4, 25)


def test_feasts_are_when_calendars_say() -> None:
    assert [str(d) for d in feast("ramadan", 2026)] == ["2026-02-18", "2026-03-20"]
    assert str(feast("thanksgiving", 2026)[0]) == "2026-11-26"
    assert str(easter(2027)) == "2027-03-28"


@pytest.mark.parametrize(
    ("message", "slot", "value"),
    [
        ("I find fractions hard", "difficulty", "fractions"),
        ("Decimals confuse me, explain adding them", "difficulty", "Decimals"),
        ("I prefer email, not phone", "avoids", "phone"),
        ("I'm Grace, 58, need low impact exercise", "age", "58"),
        ("Please use short sentences.", "preference", "short sentences"),
        ("I don't have any pets", "pet", "no pets"),
        ("I keep bees, is it time to add a super?", "detail", "keep bees"),
        ("I spend my weekends birdwatching", "detail", "spend my weekends birdwatching"),
        ("I'm retraining as a paralegal", "detail", "retraining as a paralegal"),
        ("I'm a widow and a mother of three.", "family", "a mother of three"),
        ("I have three children.", "family", "three children"),
    ],
)
def test_everyday_wordings_are_read(message: str, slot: str, value: str) -> None:
    assert (slot, value) in {(f.slot, f.value) for f in facts(message)}


@pytest.mark.parametrize(
    "message",
    [
        "I see a charge I don't know, what is it?",
        "I need to fix a bug",
        "I'm meeting the dean at 3pm, what do I wear?",
        "I'm cooking for someone who doesn't eat pork",
        "I go to church on Sundays",
        "I place a layout in the window and get an error",
    ],
)
def test_what_passes_or_is_of_a_special_kind_is_no_detail(message: str) -> None:
    assert "detail" not in {f.slot for f in facts(message)}


@pytest.mark.parametrize(
    ("earlier", "message"),
    [
        ("I'm learning Greek", "I gave up on Greek"),
        ("I go to the gym daily", "I no longer go to the gym"),
        ("I have a dog", "our dog died last week"),
    ],
)
def test_what_is_said_to_have_ended_ends(earlier: str, message: str) -> None:
    assert believed(earlier, message) == set()


def test_who_is_not_pregnant_takes_back_that_and_no_condition() -> None:
    assert {(f.slot, f.retracts) for f in facts("I'm not pregnant")} == {("pregnant", True)}


def test_a_bare_value_that_answers_the_assistant_corrects_nothing() -> None:
    history = (
        Message(Role.USER, "I have two cats"),
        Message(Role.ASSISTANT, "How many people are coming?"),
    )
    turn = Turn("t", "acme", "s", "d", "c", "three", NOW, history=history)
    assert extract(turn) == ()


@pytest.mark.parametrize("answer", ["Two.", "Three.", "10.", "May."])
def test_a_number_alone_is_no_correction_of_a_name(answer: str) -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    said = "My name is Ada Lovell."
    first = Turn("t0", "t", "me", "x", "c", said, now, "en")
    known = merge((), identified(extract(first)), now).facts
    history = (Message(Role.USER, said), Message(Role.ASSISTANT, "Welcome."))
    assert extract(Turn("t1", "t", "me", "x", "c", answer, now, "en", history, known, ())) == ()


@pytest.mark.parametrize(
    "message",
    [
        "I'm trying to solve 2x+3=11 and I keep getting 5.",
        "I work through the examples but they never match.",
        "I run the script and it crashes.",
        "I live for this stuff lol",
        "I own this mistake.",
        "I have a question about refunds.",
        "I used the code SAVE10 but it doesn't work.",
        "We open the file and then it freezes.",
    ],
)
def test_what_belongs_to_the_task_at_hand_is_no_fact_of_the_person(message: str) -> None:
    assert extract(Turn("t", "t", "me", "x", "c", message, datetime(2026, 3, 2, tzinfo=UTC),
                        "en")) == ()  # fmt: skip


@pytest.mark.parametrize(
    ("message", "occupation"),
    [
        ("I'm a Capricorn and a keen baker.", []),
        ("I'm a health and safety officer.", ["health and safety officer"]),
        ("I'm a teacher and a nurse.", ["teacher", "nurse"]),
        ("I'm a Leo and a nurse.", ["nurse"]),
        ("I'm a developer and a manager asked me for a report.", ["developer"]),
    ],
)
def test_what_stands_before_another_thing_that_one_is_belongs_to_no_job(
    message: str, occupation: list[str]
) -> None:
    assert [f.value for f in facts(message) if f.slot == "occupation"] == occupation


@pytest.mark.parametrize(
    "message",
    [
        "I have a sore throat. What helps?",
        "I have a rash on my arm.",
        "I have a stomach ache and feel sick.",
        "I have a lump in my breast.",
        "I have two blisters on my foot.",
    ],
)
def test_what_ails_somebody_is_no_mere_detail_that_needs_no_consent(message: str) -> None:
    assert {f.category for f in facts(message)} <= {"health"}
