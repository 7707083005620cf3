"""Restoring: one pass, any chunking, any JSON, only where the code leaves no doubt."""

from __future__ import annotations

import json
import os
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metier.model import EntityAction
from metier.privacy import (
    Detector,
    Hidden,
    StreamRestorer,
    Vault,
    pseudonymise,
    pseudonymise_json,
    restore,
    restore_json,
)
from metier.privacy._grammar import BENT, BENT_IN_JSON
from metier.privacy._restore import next_pseudonym

EXAMPLES = int(os.environ.get("METIER_EXAMPLES", "150"))
every = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck)
)  # METIER_EXAMPLES says how many

PERSONAL = (
    "Anna Smith", "anna.smith@mail.example", "+44 20 7946 0958", "王丽华", "13812345678",
    "4111 1111 1111 1111", "11010519491231002X", "my password is hunter2-Hunter",
    "192.0.2.44", "Dr. Okonkwo", "221 Maple Avenue", "born 14/03/1961", "<PERSON_7BQ2M>",
    "PERSON_7BQ2M", "< person_7bq2m >", "〈EMAIL_ADDRESS_2BCDF〉", "&lt;PERSON_7BQ2M&gt;",
    "<INPUT_FIELD>", "a < b > c", "<<", "\\u003cPERSON_7BQ2M\\u003e",
)  # fmt: skip
texts = st.lists(
    st.one_of(
        st.sampled_from(PERSONAL),
        st.text(max_size=12),
        st.sampled_from([" ", ", ", "\n", "我叫", "。"]),
    ),
    max_size=8,
).map("".join)


@cache
def detector() -> Detector:
    return Detector()


def hide(entity: str) -> EntityAction:
    return EntityAction("pseudonymise", "test")


def vault_of(*values: tuple[str, str]) -> Vault:
    return Vault.new().adding(Hidden(e, v) for e, v in values)


def shown(vault: Vault, entity: str, value: str) -> str:
    found = vault.shown(entity, value)
    assert found is not None
    return found


def streamed(text: str, cuts: list[int], vault: Vault) -> str:
    restorer = StreamRestorer(vault)
    places = sorted({min(c, len(text)) for c in cuts} | {0, len(text)})
    pieces = [text[a:b] for a, b in pairwise(places)]
    return "".join([*(restorer.feed(p) for p in pieces), restorer.close()])


@every
@given(texts)
def test_what_was_hidden_comes_back_exactly(text: str) -> None:
    hidden, vault = pseudonymise(text, detector(), Vault.new(), hide)
    assert restore(hidden, vault) == text


@every
@given(texts, st.lists(st.integers(0, 200), max_size=30))
def test_any_chunking_restores_the_same(text: str, cuts: list[int]) -> None:
    hidden, vault = pseudonymise(text, detector(), Vault.new(), hide)
    assert streamed(hidden, cuts, vault) == text


@every
@given(
    st.text(alphabet="<>〈〉&lt;gPERSON_perso7BQ2Mbqm 23x。", max_size=60),
    st.lists(st.integers(0, 60)),
    st.lists(st.integers(0, 12)),
)
def test_pieces_that_come_together_are_restored_as_one_by_one(
    text: str, cuts: list[int], reads: list[int]
) -> None:
    vault = vault_of(("PERSON", "Anna Smith"), ("PERSON", "Anna"), ("EMAIL_ADDRESS", "a@b.example"))
    for entry in vault.entries.values():
        text = text.replace("PERSON_7BQ2M", entry.pseudonym[1:-1], 1)
    places = sorted({min(c, len(text)) for c in cuts} | {0, len(text)})
    pieces = [text[a:b] for a, b in pairwise(places)]
    ends = sorted({min(r, len(pieces)) for r in reads} | {0, len(pieces)})
    one, together = StreamRestorer(vault), StreamRestorer(vault)
    for start, end in pairwise(ends):
        batch = pieces[start:end]
        found = together.feed_all(batch)
        assert len(found) == len(batch)
        assert "".join(found) == "".join(one.feed(piece) for piece in batch)
    assert together.close() == one.close()


@every
@given(
    st.text(alphabet="<>〈〉&lt;gPERSON_perso7BQ2Mbqm 23x", max_size=60),
    st.lists(st.integers(0, 60)),
)
def test_a_stream_is_restored_as_the_whole_would_be(text: str, cuts: list[int]) -> None:
    vault = vault_of(("PERSON", "Anna Smith"), ("PERSON", "Anna"), ("EMAIL_ADDRESS", "a@b.example"))
    for entry in vault.entries.values():
        text = text.replace("PERSON_7BQ2M", entry.pseudonym[1:-1], 1)
    assert streamed(text, cuts, vault) == restore(text, vault)


@every
@given(
    st.lists(
        st.sampled_from(
            ["PERSON_7BQ2M", "E_7BQ2M_2", "A" * 32 + "_7BQ2M", "<", "〈", "&lt;", "\\u003c", "_",
             '"', "p 7bq2m", ">", "\\u003E", "名_7BQ2M", " ", "x" * 45, "X1_"]
        ),
        max_size=10,
    ).map("".join),
    st.integers(0, 30),
)  # fmt: skip
def test_a_pseudonym_is_looked_for_only_near_a_sign_and_none_is_missed(text: str, at: int) -> None:
    for pattern in (BENT, BENT_IN_JSON):
        found, plain = next_pseudonym(pattern, text, at), pattern.search(text, at)
        assert (found and found.span()) == (plain and plain.span())


leaves = st.one_of(
    texts, st.integers(), st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(), st.none(),
    st.sampled_from([13812345678, 4111111111111111, 110105194912310020]),
)  # fmt: skip
jsons = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(["name", "phone", "patientName", "note", "x"]), inner),
    ),
    max_leaves=8,
).filter(lambda value: isinstance(value, list | dict))


@every
@given(jsons, st.booleans())
def test_any_json_comes_back(value: Any, escaped: bool) -> None:
    text = json.dumps(value, ensure_ascii=escaped)
    hidden, vault = pseudonymise_json(text, detector(), Vault.new(), hide)
    json.loads(hidden)
    assert json.loads(restore_json(hidden, vault)) == value


def test_a_number_that_was_hidden_is_a_number_again() -> None:
    text = '{"phone": 13812345678}'
    hidden, vault = pseudonymise_json(text, detector(), Vault.new(), hide)
    assert "13812345678" not in hidden
    assert restore_json(hidden, vault) == text


@pytest.mark.parametrize(
    "bend",
    [
        str.lower,
        lambda p: p.replace("<", "< ").replace(">", " >"),
        lambda p: p.replace("<", "〈").replace(">", "〉"),
        lambda p: p.replace("<", "＜").replace(">", "＞"),
        lambda p: p.replace("<", "&lt;").replace(">", "&gt;"),
        lambda p: p.replace("PERSON", "人名"),
        lambda p: p.replace("PERSON_", "PERSON "),
        lambda p: p.strip("<>"),
    ],
)
def test_a_pseudonym_that_a_model_bent_is_restored(bend: Any) -> None:
    vault = vault_of(("PERSON", "Anna Smith"))
    pseudonym = shown(vault, "PERSON", "Anna Smith")
    assert restore(f"Ask {bend(pseudonym)}.", vault) == "Ask Anna Smith."


def test_a_truncated_pseudonym_is_nobody() -> None:
    vault = vault_of(("PERSON", "Anna Smith"), ("PERSON", "Bob Jones"))
    pseudonym = shown(vault, "PERSON", "Anna Smith")
    for length in range(1, len(pseudonym) - 1):
        cut = pseudonym[:length]
        assert restore(cut, vault) == cut
        assert streamed(cut, list(range(length)), vault) == cut


def test_a_made_up_pseudonym_is_a_neutral_word() -> None:
    assert restore("Ask <PERSON_2ZZZZ>.", Vault.new()) == "Ask someone."
    assert restore("请问<PERSON_2ZZZZ>。", Vault.new(), "zh") == "请问某人。"
    assert restore("<ODD_2ZZZZ>", Vault.new()) == "something"


def test_another_form_of_a_known_code_is_the_same_person() -> None:
    vault = vault_of(("PERSON", "Anna Smith"))
    pseudonym = shown(vault, "PERSON", "Anna Smith")
    assert restore(pseudonym.replace(">", "_7>"), vault) == "Anna Smith"


def test_a_value_that_holds_a_pseudonym_pulls_nothing_out() -> None:
    vault = vault_of(("SECRET", "s3cret-s3cret"))
    secret = shown(vault, "SECRET", "s3cret-s3cret")
    vault = vault.adding([Hidden("PERSON", f"Anna {secret}")])
    anna = shown(vault, "PERSON", f"Anna {secret}")
    assert restore(anna, vault) == f"Anna {secret}"
    assert streamed(anna, list(range(40)), vault) == f"Anna {secret}"


def test_counters_do_not_confuse_people() -> None:
    """ "2 owes 1" stays what it is: digits and codes never stand for people by themselves."""
    vault = vault_of(("PERSON", "Alice Hill"), ("PERSON", "Bob Stone"))
    text = "2 owes 1, and " + shown(vault, "PERSON", "Bob Stone") + " owes 3"
    assert restore(text, vault) == "2 owes 1, and Bob Stone owes 3"


def test_a_quote_in_a_value_keeps_tool_arguments_valid() -> None:
    vault = vault_of(("PERSON", 'Anna "Ace" Smith\\'))
    arguments = json.dumps({"to": shown(vault, "PERSON", 'Anna "Ace" Smith\\')})
    assert json.loads(restore_json(arguments, vault)) == {"to": 'Anna "Ace" Smith\\'}


def test_a_stream_holds_back_no_more_than_it_must() -> None:
    vault = vault_of(("PERSON", "Anna Smith"))
    restorer = StreamRestorer(vault)
    for piece in ("Hello", " there, 3 ", "< 4", " and <b>", "bold</b>", " end."):
        assert restorer.feed(piece) == piece
    assert restorer.feed("<PER") == ""
