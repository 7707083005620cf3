"""What is searched for says nothing of who asks, nor what finds nothing beside what does."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from metier.model import Manifest, Span
from metier.pipeline._asked import asked, impersonal_query, searched_for

ARTICLES = ("throat", "lamp", "refund", "嗓子")


class Index:
    """Finds a passage where a text has a word of the articles."""

    def __init__(self) -> None:
        self.searched: list[str] = []

    def search(self, tenant: str, domain: str, queries: list[str], limit: int) -> list[str]:
        self.searched += queries
        return [w for w in ARTICLES if any(w in q for q in queries)][:limit]


def state(message: str, *names: str, **declared: str) -> Any:
    index = Index()
    spans = [Span(message.index(n), message.index(n) + len(n), "PERSON", 0.9) for n in names]
    parts = SimpleNamespace(
        index=lambda: index, detector=lambda domain: SimpleNamespace(scan=lambda text: spans)
    )
    turn = SimpleNamespace(message=message, tenant="t", domain="d")
    manifest = Manifest("d", "D", "D.", fairness_exceptions=declared)
    return SimpleNamespace(parts=parts, turn=turn, manifest=manifest, vector="vector")


@pytest.mark.parametrize(("message", "text"), [
    ("I use a bicycle. What helps a sore throat?", "What helps a sore throat?"),
    ("I use a wheelchair. What helps a sore throat?", "What helps a sore throat?"),
    ("What helps a sore throat? My neighbour is tall.", "What helps a sore throat?"),
    ("我平时用公交。嗓子疼怎么办？", "嗓子疼怎么办？"),
    ("My lamp arrived broken. What can I do?", "My lamp arrived broken. What can I do?"),
    ("My lamp broke. May I have a refund?", "My lamp broke. May I have a refund?"),
    ("I feel odd. It started today.", "I feel odd. It started today."),
    ("The lamp flickers at 3.5 volts. I use a bicycle. What can I do?",
     "The lamp flickers at 3.5 volts. What can I do?"),
    ("I am Nigerian.", ""),
])  # fmt: skip
def test_what_a_person_says_of_themselves_goes_where_it_finds_nothing_and_the_rest_does(
    message: str, text: str
) -> None:
    assert asked(state(message)).text == text


@pytest.mark.parametrize(("message", "contact", "text"), [
    ("Mail ada@mail.example. What helps a sore throat?", "ada@mail.example",
     "Mail. What helps a sore throat?"),
    ("My lamp broke, call me on 020 7946 0958", "020 7946 0958", "My lamp broke, call me on"),
    ("嗓子疼怎么办？我的邮箱是ada@mail.example。", "ada@mail.example", "嗓子疼怎么办？"),
    ("嗓子疼，请打13812345678", "13812345678", "嗓子疼，请打"),
    ("My lamp broke. Is help@shop.example really yours?", "help@shop.example",
     "My lamp broke. Is help@shop.example really yours?"),
    ("ada@mail.example", "ada@mail.example", ""),
])  # fmt: skip
def test_how_somebody_says_to_be_reached_is_not_searched_for(
    message: str, contact: str, text: str
) -> None:
    given = state(message)
    kind = "EMAIL_ADDRESS" if "@" in contact else "PHONE_NUMBER"
    start = message.index(contact)
    spans = [Span(start, start + len(contact), kind, 0.9)]
    given.parts.detector = lambda domain: SimpleNamespace(scan=lambda text: spans)
    assert asked(given).text == text


def test_the_vector_of_the_message_serves_where_nothing_was_left_out() -> None:
    assert asked(state("What helps a sore throat?")).vector == "vector"
    assert asked(state("I am Nigerian. What helps a sore throat?")).vector is None


def test_a_message_of_one_sentence_costs_no_search() -> None:
    given = state("What helps a sore throat?")
    asked(given)
    assert given.parts.index().searched == []


def test_what_the_domain_declares_is_searched_for() -> None:
    message = "I am a pregnant Nigerian woman. What helps a sore throat?"
    declared = {"pregnancy": "Not all is safe.", "sex": "Signs differ."}
    assert asked(state(message, **declared)).text == message.replace(" Nigerian", "")


def test_queries_of_plugins_do_not_bring_the_person_back() -> None:
    given = state("I am Nigerian. Sore throat?")
    assert impersonal_query(given, "i am nigerian  sore throat", ()) == ""
    assert impersonal_query(given, "I am Nigerian: medicines", ()) == "medicines"
    assert impersonal_query(given, "Sore throat", ()) == "Sore throat"
    assert impersonal_query(given, "dear Ann: lamp", ("Ann",)) == "dear: lamp"


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("I am Nigerian. What helps a sore throat?", "What helps a sore throat?"),
        ("I use a wheelchair. What helps a sore throat?", "What helps a sore throat?"),
        ("Turkish grammar", "Turkish grammar"),
        ("I am Nigerian.", ""),
    ],
)
def test_a_search_outside_a_turn_is_for_the_same(query: str, text: str) -> None:
    given = state(query)
    given.parts.registry = SimpleNamespace(domains={"d": given.manifest})
    assert searched_for(given.parts, "t", "d", query) == asked(given).text == text


def test_a_search_outside_a_turn_keeps_what_the_domain_declares() -> None:
    query = "I am a pregnant Nigerian woman. What helps a sore throat?"
    given = state(query, pregnancy="Not all is safe.", sex="Signs differ.")
    given.parts.registry = SimpleNamespace(domains={"d": given.manifest})
    assert searched_for(given.parts, "t", "d", query) == query.replace(" Nigerian", "")
