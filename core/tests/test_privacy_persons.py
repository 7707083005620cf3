"""Which names are one person: what joins, what never does, in Latin script and in Chinese."""

from __future__ import annotations

from itertools import combinations, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metier.model import EntityAction
from metier.privacy import Detector, Hidden, Vault, pseudonymise, restore
from metier.privacy._known import KnownValues
from metier.privacy._normalise import normalise
from metier.privacy._persons import address_length, compatible, read_name


def codes(*turns: tuple[str, ...]) -> dict[str, str]:
    """The code of each name, where the names of each turn come together."""
    vault = Vault.new()
    for names in turns:
        vault = vault.adding(Hidden("PERSON", name) for name in names)
    return {e.value: e.pseudonym[1:-1].split("_")[1] for e in vault.entries.values()}


ONE_PERSON = [
    ("Maria Gonzalez", "Maria", "Gonzalez", "Ms Gonzalez", "Dr. Gonzalez", "Gonzalez's"),
    ("Maria Elena Gonzalez", "M. Gonzalez", "Maria E. Gonzalez", "M. E. Gonzalez", "GONZALEZ"),
    ("Maria Gonzalez", "Gonzalez, Maria", "GONZALEZ, Maria", "Gonzalez, M."),
    ("Maria Gonzalez-Perez", "Gonzalez-Perez", "Maria", "Perez"),
    ("Maria Gonzalez-Perez", "Maria Gonzalez", "Gonzalez-Perez"),
    ("Anne-Marie Dupont", "Anne Marie Dupont", "Mme Dupont"),
    ("Jan van der Berg", "van der Berg", "Mr van der Berg", "J. van der Berg", "Berg", "Jan"),
    ("Robert Smith Jr.", "Robert Smith, Jr", "Robert Smith Junior", "R. Smith"),
    ("Maria O'Brien", "Maria O’Brien", "O'Brien", "O'Brien's"),
    ("王丽华", "王", "丽华", "王女士", "小王", "老王", "王总", "王丽华女士"),
    ("张伟", "张先生", "小张", "张", "张伟先生"),
    ("李明", "李医生", "小明"),
    ("欧阳修远", "欧阳老师", "欧阳", "修远"),
    ("约翰·史密斯", "史密斯先生", "史密斯", "约翰", "约翰•史密斯"),
    ("王文静", "文静"),
    ("陳建國", "陈建国", "陳先生", "陈先生"),
]

TWO_PEOPLE = [
    ("Maria Gonzalez", "Maria Lopez"),
    ("Mr Gonzalez", "Ms Gonzalez"),
    ("Robert Smith Jr", "Robert Smith Sr."),
    ("Robert Smith III", "Robert Smith II"),
    ("Jan van Berg", "Jan von Berg"),
    ("Robert Smith", "Bob Smith"),
    ("Oscar Brien", "O'Brien"),
    ("M", "Maria Gonzalez"),
    ("王丽华", "王芳"),
    ("王先生", "王女士"),
    ("王丽华", "李丽华"),
    ("华先生", "阿华"),
    ("欧阳修远", "欧女士"),
    ("约翰·史密斯", "约翰·布朗"),
    ("王丽华", "丽"),
]


@pytest.mark.parametrize("names", ONE_PERSON)
def test_names_of_one_person_share_a_code(names: tuple[str, ...]) -> None:
    assert len(set(codes(names).values())) == 1
    assert len(set(codes(names[:1], *((name,) for name in names[1:])).values())) == 1


@pytest.mark.parametrize("names", TWO_PEOPLE)
def test_names_of_two_people_do_not(names: tuple[str, str]) -> None:
    for one, other in permutations(names):
        assert len(set(codes((one, other)).values())) == 2
        assert len(set(codes((one,), (other,)).values())) == 2


@pytest.mark.parametrize(
    "names",
    [
        ("Maria Gonzalez", "Maria Lopez", "Maria"),
        ("Maria Gonzalez", "Pedro Gonzalez", "Gonzalez"),
        ("Maria Gonzalez", "Mark Gonzalez", "M. Gonzalez"),
        ("Robert Smith Jr", "Robert Smith Sr", "Robert Smith"),
        ("王丽华", "王芳", "王女士"),
        ("张伟", "张强", "小张"),
        ("约翰·史密斯", "约翰·布朗", "约翰"),
    ],
)
def test_a_name_that_two_people_have_is_nobody_in_particular(names: tuple[str, ...]) -> None:
    for order in permutations(names):
        assert len(set(codes(order).values())) == 3


@pytest.mark.parametrize(
    ("known", "new"),
    [("Maria", ("Maria Gonzalez", "Maria Lopez")), ("王女士", ("王丽华", "王芳"))],
)
def test_of_two_that_come_together_neither_is_the_one_known_by_half_a_name(
    known: str, new: tuple[str, str]
) -> None:
    assert len(set(codes((known,), new).values())) == 3
    assert len(set(codes((known,), (new[0],)).values())) == 1


def test_a_sex_once_told_is_remembered_where_a_bare_name_came_between() -> None:
    assert len(set(codes(("Ms Gonzalez",), ("Gonzalez",), ("Mr Gonzalez",)).values())) == 2
    with_name = codes(("Ms Maria Gonzalez",), ("Gonzalez",), ("Mr Gonzalez",))
    assert with_name["Mr Gonzalez"] != with_name["Ms Maria Gonzalez"]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(ONE_PERSON).flatmap(lambda names: st.permutations(names)))
def test_the_order_in_which_names_of_a_turn_come_does_not_matter(names: list[str]) -> None:
    assert len(set(codes(tuple(names)).values())) == 1


GIVEN = ["Maria", "Anna", "Pedro", "Li", "丽华", "芳", "伟", "文静"]
SURNAMES = ["Gonzalez", "Lopez", "van der Berg", "O'Brien", "王", "李", "欧阳"]


def _people() -> st.SearchStrategy[list[str]]:
    def written(pair: tuple[str, str]) -> str | None:
        given_name, surname = pair
        if given_name.isascii() != surname.isascii():
            return None
        return f"{given_name} {surname}" if surname.isascii() else surname + given_name

    pairs = st.tuples(st.sampled_from(GIVEN), st.sampled_from(SURNAMES)).map(written)
    people = pairs.filter(bool).map(str)
    return st.lists(people, min_size=2, max_size=6, unique=True)


@settings(max_examples=300, deadline=None)
@given(_people(), st.data())
def test_two_full_names_that_differ_never_become_one(names: list[str], data: st.DataObject) -> None:
    parts = [p for name in names for p in (*read_name(name).parts, *name.split())]
    bare = data.draw(st.lists(st.sampled_from(parts), max_size=4))
    turns = data.draw(st.permutations([*((n,) for n in names), *((b,) for b in bare)]))
    found = codes(*turns)
    assert len({found[name] for name in names}) == len(names)


@settings(max_examples=300, deadline=None)
@given(_people())
def test_to_fit_goes_both_ways(names: list[str]) -> None:
    for one, other in combinations(map(read_name, names), 2):
        assert compatible(one, other) is compatible(other, one) is False


def found_by(name: str, text: str) -> list[str]:
    known = KnownValues([("PERSON", name)])
    view = normalise(text)
    return [view.text[start:end] for start, end, _ in known.find(view)]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("Jan van der Berg", "the van of van der Berg", "van der Berg"),
        ("Jan van der Berg", "der Berg", "Berg"),
        ("Robert Smith Jr", "R. Smith called", "R. Smith"),
        ("Maria Gonzalez", "see Gonzalez, Maria", "Gonzalez, Maria"),
        ("约翰·史密斯", "史密斯先生和约翰", "史密斯"),
        ("约翰·史密斯", "史密斯先生和约翰", "约翰"),
        ("王丽华女士", "王丽华和丽华", "王丽华"),
        ("佐藤美子", "美子来了", "美子"),
        ("陳建國", "陈建国来了", "陈建国"),
    ],
)
def test_a_known_name_is_found_by_what_may_stand_alone(name: str, text: str, expected: str) -> None:
    assert expected in found_by(name, text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Jan van der Berg", "a van and der"),
        ("Robert Smith Jr", "Jr and junior"),
        ("Dr. Maria Gonzalez", "the Dr. is in"),
        ("王女士", "王国"),
        ("王成功", "成功了"),
    ],
)
def test_words_that_only_belong_to_a_name_are_not_looked_for(name: str, text: str) -> None:
    assert found_by(name, text) == []


TEXTS = [
    "王丽华打电话来了。王女士说她明天来。小王没来。丽华很好。",
    "约翰·史密斯先生来了。史密斯先生说好。约翰走了。",
    "陳建國先生来了。陈建国走了。",
    "My name is Jan van der Berg. Mr van der Berg is here. Mr. Berg is here.",
    "Gonzalez, Maria was here. Maria Gonzalez's car. Ms Gonzalez left with M. Gonzalez.",
    "Robert Smith Jr. met Robert Smith Sr. and Robert Smith III.",
]


@pytest.mark.parametrize("text", TEXTS)
def test_every_name_comes_back_as_it_was_written(text: str) -> None:
    shown, vault = pseudonymise(
        text, Detector(), Vault.new(), lambda _: EntityAction("pseudonymise", "test")
    )
    assert restore(shown, vault) == text
    assert shown != text


def test_a_form_of_address_stays_outside_so_that_an_answer_can_use_it() -> None:
    text = "Ms Gonzalez and Dr. Smith called. 王女士和李医生来了。"
    rules = [r for r in Detector().recognizers if not getattr(r, "model", False)]
    shown, _ = pseudonymise(
        text, Detector(rules), Vault.new(), lambda _: EntityAction("pseudonymise", "test")
    )
    for address in ("Ms <PERSON_", "Dr. <PERSON_", ">女士", ">医生"):
        assert address in shown


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("Ms Gonzalez", "Ms "),
        ("Dr. Anna Smith", "Dr. "),
        ("Prof. Dr. Weber", "Prof. Dr. "),
        ("Mrs.Smith", "Mrs."),
        ("Missy Elliott", ""),
        ("Drew Carey", ""),
        ("Ms", ""),
        ("Anna", ""),
    ],
)
def test_the_form_of_address_of_a_found_name_can_be_left_outside(value: str, address: str) -> None:
    assert value[: address_length(value)] == address
