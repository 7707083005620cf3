"""What large vaults are built of says the same as a plain search through everything."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, partial
from itertools import pairwise, product
from urllib.parse import quote

import pytest
import regex  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st

from metier.model import EntityAction
from metier.privacy import (
    Detector,
    Entry,
    Found,
    Hidden,
    StreamRestorer,
    Vault,
    default_recognizers,
    guard,
    restore,
    restore_json,
)
from metier.privacy import _vault as vault_module
from metier.privacy._disguise import encodings, needle, squeezed, together
from metier.privacy._grammar import BENT
from metier.privacy._known import KnownValues
from metier.privacy._layers import Layers
from metier.privacy._needles import Needles
from metier.privacy._normalise import normalise
from metier.privacy._people import Coming, People
from metier.privacy._persons import Name, read_name, same_person

often = settings(max_examples=300, deadline=None)
sometimes = settings(max_examples=100, deadline=None)

small = st.text(alphabet="abß王\ud83dİ", min_size=1, max_size=5)
needles = st.dictionaries(small, st.sampled_from("XYZ"), max_size=6)


@often
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 200), st.integers(0, 9))))
def test_a_map_in_layers_is_a_dict_and_its_copies_are_maps_of_their_own(
    steps: list[tuple[int, int, int]],
) -> None:
    maps: list[tuple[Layers[int, int], dict[int, int]]] = [(Layers({7: 1}), {7: 1})]
    for which, key, value in steps:
        layered, plain = maps[which % len(maps)]
        if value == 0:
            maps.append((layered.copy(), dict(plain)))
            continue
        for each in range(key, key + 10 * value):
            layered[each] = plain[each] = value
    for layered, plain in maps:
        assert list(layered.items()) == list(plain.items())
        assert list(layered) == list(plain) and list(layered.values()) == list(plain.values())
        assert len(layered) == len(plain) and layered == plain
        for key in range(0, 300, 7):
            assert layered.get(key, -1) == plain.get(key, -1)
            assert (key in layered) == (key in plain)
            if key not in plain:
                with pytest.raises(KeyError):
                    layered[key]


def test_nothing_is_taken_out_of_a_map_in_layers() -> None:
    with pytest.raises(TypeError):
        del Layers({1: 2})[1]


def everywhere(text: str, needles: Mapping[str, str]) -> list[tuple[int, int, str]]:
    found = [
        (at, at + len(needle), known)
        for needle, known in needles.items()
        for at in range(len(text))
        if text.startswith(needle, at)
    ]
    return sorted(found, key=lambda place: (place[0], -place[1]))


@often
@given(st.lists(needles, max_size=6), st.lists(small, max_size=8).map("".join), st.integers(0, 200))
def test_needles_added_at_any_time_are_found_as_by_plain_search(
    additions: list[dict[str, str]], text: str, more: int
) -> None:
    looked_for, expected = Needles(), dict[str, str]()
    filler = {f"filler number {n}": "F" for n in range(more)}  # so that there are several parts
    for each in (filler, *additions):
        looked_for = looked_for.adding(each)
        expected = each | expected
    assert looked_for.find(text) == everywhere(text, expected)


@often
@given(needles, needles, st.lists(small, max_size=8).map("".join))
def test_what_two_sets_of_needles_know_is_known_as_in_the_first(
    first: dict[str, str], second: dict[str, str], text: str
) -> None:
    both = Needles().adding(first).followed_by(Needles().adding(second))
    assert both.find(text) == everywhere(text, second | first)


VALUES = (
    "Maria Gonzalez", "MARIA", "M. Gonzalez", "Jan van der Berg", "Will Grace", "Li Wei", "王丽华",
    "丽华", "約翰·史密斯", "Straße Groß", "İpek Işık", "a@b.example", "+44 20 7946 0958",
    "4111 1111 1111 1111", "7946", "王", "<PERSON_7BQ2M>", "-12-", "Anne-Marie Dupont",
    "東京都 1-2",
)  # fmt: skip
values = st.tuples(
    st.sampled_from(["PERSON", "LOCATION", "PHONE_NUMBER", "PLACEHOLDER"]), st.sampled_from(VALUES)
)
texts = st.lists(
    st.one_of(
        st.sampled_from(VALUES),
        st.sampled_from(VALUES).map(str.lower),
        st.sampled_from(VALUES).map(lambda value: value.replace(" ", "%20")),
        st.sampled_from([" ", ", ", "\n", "我叫", "s", "TWFyaWEgR29uemFsZXo="]),
    ),
    max_size=8,
).map("".join)


@often
@given(st.lists(st.lists(values, max_size=4), max_size=6), texts)
def test_known_values_added_one_after_another_are_found_as_if_all_came_at_once(
    additions: list[list[tuple[str, str]]], text: str
) -> None:
    grown = KnownValues()
    for each in additions:
        grown = grown.adding(each)
    together = KnownValues(value for each in additions for value in each)
    assert grown.find(normalise(text)) == together.find(normalise(text))


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


FEW = ("Maria Vexil", "Brix van der Morqa", "kxa-7q-9z", "7461 8823")
"""None of them is found by a rule."""
bent = st.sampled_from(FEW).flatmap(
    lambda value: st.sampled_from([
        value, value.upper(), value.split()[-1], value.replace(" ", ""), "x" + value, value + "s",
        f"%{ord(value[0]):02x}{value[1:]}", f"{value[:2]}\u00ad{value[2:]}", " ".join(value),
        value.replace("a", "а"), value.replace(" ", "<b> </b>"), encoded(f"to {value} today"),
        f"to {value}".encode().hex(),
    ])
)  # fmt: skip
odd = st.lists(st.tuples(bent, st.sampled_from([" ", ", ", "\ue000", "-"])), max_size=3).map(
    lambda pairs: "".join(piece + apart for piece, apart in pairs)
)
few = st.tuples(st.sampled_from(["PERSON", "LOCATION"]), st.sampled_from(FEW))


@cache
def detectors() -> tuple[Detector, Detector]:
    """One that remembers, and one that doesn't."""
    every = default_recognizers()
    return Detector(every, names=False), Detector(every, names=False, remembered=0)


@often
@given(st.lists(st.lists(few, max_size=2), max_size=3), st.lists(odd, min_size=1, max_size=4))
def test_beside_known_values_that_come_and_go_a_text_comes_out_as_if_never_seen(
    additions: list[list[tuple[str, str]]], seen: list[str]
) -> None:
    remembering, forgetful = detectors()
    together = KnownValues()
    for each in additions:
        together = together.adding(each)
        for known in (together, KnownValues(each), None):
            found = remembering.detect_all(seen, known)
            assert found == [forgetful.detect(text, known) for text in seen]


@often
@given(st.lists(st.lists(values, max_size=4), max_size=6), st.lists(values, max_size=4))
def test_the_mark_of_known_values_is_theirs_however_they_were_added(
    additions: list[list[tuple[str, str]]], others: list[tuple[str, str]]
) -> None:
    grown = KnownValues()
    for each in additions:
        grown = grown.adding(each)
    every = [value for each in additions for value in each]
    assert grown.mark == KnownValues(every).mark
    named, other_named = (
        [value for value in some if value[0] != "PLACEHOLDER"] for some in (every, others)
    )
    assert (grown.mark == KnownValues(others).mark) == (named == other_named)


@often
@given(
    st.lists(st.from_regex(r"[0-9]{6,8}", fullmatch=True), max_size=8),
    st.text(alphabet="0123456789 .x", max_size=60),
)
def test_known_numbers_are_found_as_by_plain_search(numbers: list[str], text: str) -> None:
    known = KnownValues(("PHONE_NUMBER", number) for number in numbers)
    found = {(start, end) for start, end, _ in known.find(normalise(text))}
    for number, at in product(numbers, range(len(text))):
        end = at + len(number)
        if text.startswith(number, at):
            assert (at, end) in found
    letters = [(place, c) for place, c in enumerate(text) if c.isalnum()]
    for start, end in found:
        inside = "".join(c for place, c in letters if start <= place < end)
        assert inside in numbers


PARTS = (
    "Maria", "Anna", "anna-maria", "Gonzalez", "Gonzalez-Perez", "Perez", "van der Berg", "Berg",
    "M.", "A.", "G.", "Elena", "Smith", "Al", "ß", "Ж.", "Жанна", "-", "É.", "Éva",
)  # fmt: skip
latin = st.tuples(
    st.sampled_from(["", "Ms ", "Mr. ", "Dr "]),
    st.lists(st.sampled_from(PARTS), min_size=1, max_size=4).map(" ".join),
    st.sampled_from(["", "", " Jr", ", III", "'s", ", Maria"]),
).map("".join)
chinese = st.tuples(
    st.sampled_from(["王", "李", "欧阳", "陳", ""]),
    st.sampled_from(["丽华", "丽", "明", "文静", "", "建國"]),
    st.sampled_from(["", "", "先生", "女士", "医生", "·史密斯"]),
).map("".join)
EVERY_NAME = [
    *PARTS,
    *(" ".join(pair) for pair in product(PARTS, PARTS)),
    *(f"{one} Elena {other}" for one, other in product(PARTS[:7], PARTS[3:12])),
    *map("".join, product(["王", "李", "欧阳", ""], ["丽华", "丽", "文静"], ["", "女士", "医生"])),
    *map("".join, product(["王", "李", "欧阳"], ["先生", "女士", "医生"])),
]
names = st.one_of(latin, chinese.filter(bool)).map(read_name)


@often
@given(
    st.lists(st.tuples(st.integers(0, 5), names), max_size=12), names, st.lists(names, max_size=6)
)
def test_a_name_belongs_to_whom_it_belongs_among_everybody(
    known: list[tuple[int, Name]], name: Name, coming: list[Name]
) -> None:
    people, everybody = People(), dict[str, list[Name]]()
    for person, their in known:
        people = people.copy()
        people.add(str(person), their)
        everybody.setdefault(str(person), []).append(their)
    for wanted in (name, *coming):
        expected = same_person(wanted, everybody, coming)
        assert people.owner(wanted, Coming(coming)) == expected


def test_whoever_a_name_can_belong_to_is_near_to_it() -> None:
    known = {name: read_name(name) for name in EVERY_NAME}
    people = People()
    for text, name in known.items():
        people.add(text, name)
    for name in known.values():
        near = people.near(name)
        for text, other in known.items():
            if text not in near:
                assert same_person(name, {text: [other]}) is None


@pytest.mark.parametrize("together", [True, False])
def test_a_stand_in_stands_for_one_value(together: bool) -> None:
    one, other = (
        Hidden("PHONE_NUMBER", number, stand_in=partial(next, iter(["taken", "free"])))
        for number in ("020 7946 0001", "020 7946 0002")
    )
    new = Vault.new()
    vault = new.adding([one, other]) if together else new.adding([one]).adding([other])
    assert {e.value: e.pseudonym for e in vault.entries.values()} == {
        "020 7946 0001": "taken",
        "020 7946 0002": "free",
    }


def hidden(value: tuple[str, str]) -> Hidden:
    entity, text = value
    if entity == "LOCATION":
        return Hidden(entity, text, lost=f"[{len(text)}]")
    if entity == "PHONE_NUMBER":
        return Hidden(entity, text, stand_in=lambda: f"+1 555 {sum(map(ord, text)):06d}")
    return Hidden(entity, text)


def told(vault: Vault, text: str, more: Sequence[tuple[str, str]]) -> list[object]:
    """All that can be asked of a vault."""
    entries = list(vault.entries.values())
    return [
        entries,
        dict(vault.lost),
        dict(vault.stand_ins),
        vault.bare_prefixes,
        [vault.value(e.pseudonym) for e in entries],
        [vault.find(e.pseudonym[-6:-1], 1) for e in entries],
        [vault.shown(*value) for value in more],
        vault.known.find(normalise(text)),
        len(vault),
        list(vault),
        vault.dumps(),
    ]


def _codes(vault: Vault, more: Iterable[tuple[str, str]]) -> list[str | None]:
    """Which known person or value each of `more` is, and None where it is a new one."""
    wanted = [(entity, value) for entity, value in more if entity in ("PERSON", "PLACEHOLDER")]
    grown = vault.adding(Hidden(*each) for each in wanted)
    codes = [(grown.shown(*each) or "").strip("<>").split("_")[1] for each in wanted]
    return [code if vault.find(code, 1) else None for code in codes]


@sometimes
@given(st.lists(st.lists(values, max_size=4), max_size=6), texts, st.lists(values, max_size=4))
def test_a_vault_that_grew_is_the_vault_that_is_built_of_its_entries(
    additions: list[list[tuple[str, str]]], text: str, more: list[tuple[str, str]]
) -> None:
    grown = Vault.new()
    before: list[tuple[Vault, list[object]]] = []
    for each in additions:
        before.append((grown, told(grown, text, more)))
        grown = grown.adding(map(hidden, each))
    built = Vault(grown.entries.values(), grown.lost)
    assert grown == built
    assert told(grown, text, more) == told(built, text, more)
    assert _codes(grown, more) == _codes(built, more)
    for vault, said in before:
        assert told(vault, text, more) == said, "adding changed the vault that was added to"


@often
@given(st.lists(st.text(alphabet="abc王", max_size=20)), st.text(alphabet="abc王", max_size=9))
def test_whether_texts_hold_a_string_is_said_as_by_plain_search(
    held: list[str], wanted: str
) -> None:
    assert vault_module._Texts(held).hold(wanted) == any(wanted in text for text in held)


@often
@given(st.lists(st.text(alphabet="AB27<_a王", max_size=20)))
def test_no_code_is_drawn_that_texts_hold(held: list[str]) -> None:
    texts = vault_module._Texts(held)
    for code in map("".join, product("AB2", repeat=5)):
        assert texts.hold_code(code) == any(code in text for text in held)


def disguised(text: str, values: list[tuple[str, str]]) -> tuple[str, str] | None:
    """The first value of the vault that is in `text`, as a plain search through all says."""
    plain, places = squeezed(text)
    needles = {bare: entity for entity, value in values if (bare := needle(value))}
    for bare, entity in needles.items():
        for at in range(len(plain)):
            run = places[at : at + len(bare)]
            if plain.startswith(bare, at) and together(run):
                return entity, text[run[0] : run[-1] + 1]
    for entity, value in values:
        if any(encoding in text for encoding in encodings(value)):
            return entity, value
    return None


LEAKS = (
    "Maria Gonzalez",
    "+44 20 7946 0958",
    "王丽华 2号",
    "7946 0958 4111",
    "46 0958",
    "阿里/1234",
)


@often
@given(
    st.lists(st.sampled_from(LEAKS), min_size=1, max_size=5),
    st.sampled_from([0, 70]),
    st.lists(
        st.one_of(
            st.sampled_from(LEAKS),
            st.sampled_from(LEAKS).map(quote),
            st.sampled_from(LEAKS).map(encoded),
            st.sampled_from(LEAKS).map(lambda value: " - ".join(value.upper())),
            st.sampled_from(LEAKS).map(lambda value: " --- ".join(value)),
            st.just(" 4"),
        ),
        min_size=1,
        max_size=3,
    ).map("".join),
)
def test_the_guard_finds_disguises_as_a_plain_search_through_all_values(
    held: list[str], more: int, text: str
) -> None:
    held += (f"filler number {n}" for n in range(more))
    vault = Vault.new().adding(Hidden(f"TYPE{len(value)}", value) for value in held)
    expected = disguised(text, [(e.entity, e.value) for e in vault.entries.values()])
    body = json.dumps({"content": text}).encode()

    def look() -> None:
        guard(body, vault, Detector([]), lambda _: EntityAction("keep", "test"))

    if expected is None:
        look()
    else:
        with pytest.raises(Found) as error:
            look()
        assert (error.value.entity, error.value.value) == expected


@pytest.mark.parametrize("lost", [True, False])
def test_the_guard_lets_stand_ins_pass_the_longer_first(lost: bool) -> None:
    numbers = {"020 7946 0958": "Ref 9", "020 7946 0959": "Ref 9 4111 1111 1111 1111"}
    vault = Vault.new().adding(
        Hidden("PHONE_NUMBER", value, lost=shown if lost else None, stand_in=partial(str, shown))
        for value, shown in numbers.items()
    )
    body = json.dumps({"content": "Ref 9 4111 1111 1111 1111 or Ref 9"}).encode()
    guard(body, vault, Detector(), lambda _: EntityAction("pseudonymise", "test"))


STAND_INS = (
    "Anna", "Anna Bell", "Bell", "bell@example.org", "王嘉铭", "嘉铭", "+1 212 555 0142",
    'A "B" \\ C', "PERSON_7BQ2M x", "x <",
)  # fmt: skip
stood_for = st.lists(st.sampled_from(STAND_INS), unique=True).map(
    lambda names: Vault(
        [
            *(Entry(name, "PERSON", name[::-1] + " Bell") for name in names),
            Entry("<PERSON_7BQ2M>", "PERSON", "Zoe Anna"),
            Entry("<PERSON_7BQ2M_2>", "PERSON", "Zoe"),
        ]
    )
)
answers = st.lists(
    st.sampled_from(
        [*STAND_INS, "<PERSON_7BQ2M>", "<person_7bq2m_2>", "<PERSON_2BBBB>", " ", "n", "。"]
    ),
    max_size=8,
).map("".join)


def with_one_pattern(text: str, vault: Vault) -> str:
    """`restore`, by a pattern of all stand-ins."""
    words = "|".join(map(regex.escape, sorted(vault.stand_ins, key=len, reverse=True)))
    pattern = regex.compile(rf"(?<![A-Za-z0-9])(?P<in>{words})(?![A-Za-z0-9])|{BENT.pattern}")
    without = Vault(e for e in vault.entries.values() if not e.plain)

    def put(match: regex.Match[str]) -> str:
        return vault.stand_ins[match["in"]].value if match["in"] else restore(match[0], without)

    return str(pattern.sub(put, text)) if words else restore(text, without)


@often
@given(stood_for, answers)
def test_stand_ins_are_restored_as_by_one_pattern_of_all(vault: Vault, text: str) -> None:
    assert restore(text, vault) == with_one_pattern(text, vault)


@often
@given(stood_for, answers, st.sets(st.integers(0, 60)))
def test_a_stream_with_stand_ins_is_restored_as_the_whole_would_be(
    vault: Vault, text: str, cuts: set[int]
) -> None:
    restorer = StreamRestorer(vault)
    places = sorted({0, len(text)} | {cut for cut in cuts if cut < len(text)})
    pieces = [restorer.feed(text[a:b]) for a, b in pairwise(places)]
    assert "".join([*pieces, restorer.close()]) == restore(text, vault)


def test_in_json_what_was_put_back_is_not_looked_at_again() -> None:
    vault = Vault(
        [
            Entry("Anna Bell", "PERSON", "Laura Miller"),
            Entry("Laura Miller", "PERSON", "王嘉铭"),
            Entry("<PERSON_7BQ2M>", "PERSON", "Laura Miller"),
        ]
    )
    text = '["Anna Bell", "Laura Miller", "<PERSON_7BQ2M>"]'
    assert restore_json(text, vault) == '["Laura Miller", "王嘉铭", "Laura Miller"]'


def test_in_json_stand_ins_and_values_are_escaped() -> None:
    vault = Vault([Entry('A "B" \\ C', "PERSON", 'x "y"\n'), Entry("Bell", "PERSON", "王丽华")])
    text = json.dumps({"a": 'to A "B" \\ C', "b": "\nBell"})
    assert json.loads(restore_json(text, vault)) == {"a": 'to x "y"\n', "b": "\n王丽华"}
