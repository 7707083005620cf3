"""The entity action table: what stands for a value under each action."""

from __future__ import annotations

import pytest

from metier.model import EgressBlocked, EntityAction
from metier.privacy import Detector, Means, PrivacyError, Vault, pseudonymise, restore

MEANS = Means(hash_key=b"k" * 32, shift_days=37)


def scrub(text: str, action: str, entity: str = "*", means: Means = MEANS) -> tuple[str, Vault]:
    def policy(found: str) -> EntityAction:
        chosen = action if entity in ("*", found) else "keep"
        return EntityAction(chosen, "test@1:entities")

    return pseudonymise(text, Detector(), Vault.new(), policy, means)


def test_keep_leaves_the_text() -> None:
    assert scrub("I am Anna Smith.", "keep")[0] == "I am Anna Smith."


def test_block_stops_the_turn_and_names_the_rule() -> None:
    with pytest.raises(EgressBlocked, match="test@1:entities") as error:
        scrub("I am Anna Smith.", "block")
    assert "Anna" not in error.value.message


@pytest.mark.parametrize(("action", "shown"), [("redact", "I am [PERSON]."), ("drop", "I am .")])
def test_redact_and_drop_do_not_come_back(action: str, shown: str) -> None:
    text, vault = scrub("I am Anna Smith.", action)
    assert text == shown and restore(text, vault) == shown


def test_a_hash_is_the_same_in_every_conversation_of_a_tenant_and_no_other() -> None:
    one, _ = scrub("I am Anna Smith.", "hash")
    again, _ = scrub("I am Anna Smith.", "hash")
    other, _ = scrub("I am Anna Smith.", "hash", means=Means(hash_key=b"x" * 32))
    assert one == again != other
    assert one.startswith("I am [PERSON:")


def test_a_surrogate_is_a_name_and_comes_back() -> None:
    text, vault = scrub("I am Anna Smith, Anna for short. 我叫王丽华。", "surrogate", "PERSON")
    assert "Anna" not in text and "王丽华" not in text and "<" not in text
    assert restore(text, vault) == "I am Anna Smith, Anna for short. 我叫王丽华。"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("I was born on 14/03/1961.", "I was born on 20/04/1961."),
        ("Date of birth: 1961-03-14", "Date of birth: 1961-04-20"),
        ("Born March 14, 1961, in Leeds.", "Born April 20, 1961, in Leeds."),
        ("出生日期：1961年3月14日", "出生日期：1961年4月20日"),
    ],
)
def test_dates_are_shifted_in_their_form_and_come_back(said: str, shown: str) -> None:
    text, vault = scrub(said, "shift", "DATE_OF_BIRTH")
    assert text == shown
    assert restore(text, vault) == said


def test_two_dates_of_a_person_keep_their_distance() -> None:
    text, _ = scrub("Born 2001-01-01. Her son was born 2021-01-11.", "shift", "DATE_OF_BIRTH")
    assert text == "Born 2001-02-07. Her son was born 2021-02-17."


def test_a_birth_date_is_generalised_to_its_year_and_very_old_people_to_a_band() -> None:
    assert scrub("Born 1961-03-14.", "generalise", "DATE_OF_BIRTH")[0] == "Born 1961."
    assert " or earlier" in scrub("Born 1920-03-14.", "generalise", "DATE_OF_BIRTH")[0]


def test_an_address_of_the_net_is_generalised_to_its_network() -> None:
    assert scrub("From 203.0.113.77", "generalise", "IP_ADDRESS")[0] == "From 203.0.113.0/24"


def test_what_cannot_be_generalised_is_redacted() -> None:
    assert scrub("I am Anna Smith.", "generalise")[0] == "I am [PERSON]."


@pytest.mark.parametrize("action", ["hash", "shift"])
def test_an_action_without_its_means_is_an_error(action: str) -> None:
    with pytest.raises(PrivacyError, match="needs"):
        scrub("Born 1961-03-14, I am Anna Smith", action, means=Means())


def test_an_unknown_action_is_an_error() -> None:
    with pytest.raises(PrivacyError, match="unknown action"):
        scrub("I am Anna Smith.", "forget")
