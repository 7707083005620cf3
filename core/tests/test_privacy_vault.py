"""The vault: random codes, one code for one person or value, a pseudonym for each spelling."""

from __future__ import annotations

import pytest

from metier.privacy import PSEUDONYM, Hidden, PrivacyError, Vault


def holding(*values: tuple[str, str]) -> Vault:
    return Vault.new().adding(Hidden(entity, value) for entity, value in values)


def code(vault: Vault, entity: str, value: str) -> str:
    shown = vault.shown(entity, value)
    assert shown is not None and PSEUDONYM.fullmatch(shown)
    return shown[1:-1].removeprefix(f"{entity}_")[:5]


def test_a_code_is_random_and_not_derived_from_the_value() -> None:
    codes = {code(holding(("PERSON", "Anna Smith")), "PERSON", "Anna Smith") for _ in range(20)}
    assert len(codes) > 15


def test_a_value_keeps_its_pseudonym_while_others_come() -> None:
    vault = holding(("PERSON", "Anna Smith"))
    later = vault.adding([Hidden("EMAIL_ADDRESS", "a@b.example"), Hidden("PERSON", "Anna Smith")])
    assert later.shown("PERSON", "Anna Smith") == vault.shown("PERSON", "Anna Smith")
    assert later.adding([Hidden("PERSON", "Anna Smith")]) is later


def test_names_of_one_person_share_a_code_and_each_comes_back_as_written() -> None:
    names = ["Maria Gonzalez", "Maria", "GONZALEZ", "M. Gonzalez"]
    vault = holding(*(("PERSON", name) for name in names))
    assert len({code(vault, "PERSON", name) for name in names}) == 1
    for name in names:
        shown = vault.shown("PERSON", name)
        assert shown is not None and vault.value(shown) == name


def test_a_part_that_came_first_joins_the_full_name_that_comes_later() -> None:
    vault = holding(("PERSON", "Maria")).adding([Hidden("PERSON", "Maria Gonzalez")])
    assert code(vault, "PERSON", "Maria") == code(vault, "PERSON", "Maria Gonzalez")


def test_two_marias_are_two_and_a_bare_maria_is_then_nobody_in_particular() -> None:
    vault = holding(("PERSON", "Maria Gonzalez"), ("PERSON", "Maria Lopez"), ("PERSON", "Maria"))
    assert len({code(vault, "PERSON", n) for n in ("Maria Gonzalez", "Maria Lopez", "Maria")}) == 3


def test_chinese_names_of_one_person_share_a_code() -> None:
    vault = holding(("PERSON", "王丽华"), ("PERSON", "王"), ("PERSON", "丽华"), ("PERSON", "李丽"))
    assert code(vault, "PERSON", "王丽华") == code(vault, "PERSON", "王")
    assert code(vault, "PERSON", "王丽华") == code(vault, "PERSON", "丽华")
    assert code(vault, "PERSON", "王丽华") != code(vault, "PERSON", "李丽")


def test_spellings_of_one_number_share_a_code() -> None:
    vault = holding(("PHONE_NUMBER", "415-555-0132"), ("PHONE_NUMBER", "(415) 555 0132"))
    assert code(vault, "PHONE_NUMBER", "415-555-0132") == code(
        vault, "PHONE_NUMBER", "(415) 555 0132"
    )


def test_the_same_text_as_two_types_is_two_values() -> None:
    vault = holding(("PERSON", "Jordan"), ("LOCATION", "Jordan"))
    assert vault.shown("PERSON", "Jordan") != vault.shown("LOCATION", "Jordan")


def test_no_code_is_chosen_that_the_text_already_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    from metier.privacy import _grammar

    letters = iter("BBBBB" * 1 + "CCCCC")
    monkeypatch.setattr(
        _grammar.secrets, "choice", lambda a: "2" if a == "234567" else next(letters)
    )
    monkeypatch.setattr(_grammar.secrets, "randbelow", lambda n: 0)
    vault = Vault.new().adding([Hidden("PERSON", "Anna Smith")], avoid=["see 2BBBB here"])
    assert vault.shown("PERSON", "Anna Smith") == "<PERSON_2CCCC>"


def test_what_is_hidden_for_good_is_not_stored() -> None:
    vault = Vault.new().adding([Hidden("SECRET", "hunter2hunter2", lost="[SECRET]")])
    assert vault.shown("SECRET", "hunter2hunter2") == "[SECRET]"
    assert b"hunter2" not in vault.dumps()
    assert Vault.loads(vault.dumps()) == Vault.new()


def test_a_vault_survives_storage_and_damage_is_an_error() -> None:
    vault = holding(("PERSON", "王丽华"), ("EMAIL_ADDRESS", "a@b.example"))
    assert Vault.loads(vault.dumps()) == vault
    for data in (b"", b"{}", b'{"version":1,"entries":[]}', vault.dumps()[:-3]):
        with pytest.raises(PrivacyError) as error:
            Vault.loads(data)
        assert error.value.code == "vault_broken"


def test_reprs_show_no_value() -> None:
    vault = holding(("PERSON", "Anna Smith"))
    told = repr(vault) + repr(list(vault.entries.values())) + repr(Hidden("PERSON", "Anna Smith"))
    assert "Anna" not in told


@pytest.mark.parametrize("text", ["see (17412345678), thanks", "（17412345678）"])
def test_a_mobile_number_in_brackets_is_found_whole(text: str) -> None:
    from metier.privacy import Detector

    assert [text[s.start : s.end] for s in Detector().scan(text)] == ["17412345678"]
