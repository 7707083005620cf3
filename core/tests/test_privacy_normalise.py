"""The reading of a text: what it shows, and that its map back is exact."""

import base64
import string
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metier.privacy._normalise import _HOMOGLYPHS, _ODD, MASK, _single, encoded, normalise

READ = [
    ("１３８００１３８０００", "13800138000"),
    ("ａｎｎａ＠ｅｘ", "anna@ex"),
    ("138\u200b0013\u20608000\ufeff", "13800138000"),
    ("pass\u00adword", "password"),
    ("cafe\u0301", "café"),
    ("1\u03362\u0336", "12"),
    ("9\ufe0f\u20e3", "9"),
    ("٣٤ and ३४", "34 and 34"),
    ("𝟙𝟚𝓪", "12a"),
    ("①②⑪", "1211"),
    ("ﬁne", "fine"),
    ("“a”–‘b’", "\"a\"-'b'"),
    ("a\u3000b\u2028c", "a b\nc"),
    ("аnnа", "anna"),  # Cyrillic а
    ("привет anna", "привет anna"),
    ("Αnna", "Anna"),  # Greek Alpha
    ("AT&#64;B &#x40; &commat; &amp; &nosuch; & b", "AT@B @ @ & &nosuch; & b"),
    ("a%40b%2Bc 50% off 100%25 %zz", "a@b+c 50% off 100% %zz"),
    ("%E7%8E%8B %FF", "王 %FF"),
    ("%2540 and %252540 100%2525", "@ and @ 100%"),
    (r"\u738b\u82b3 \ud83d\ude00 a\nb", "王芳 😀 a\nb"),
    (r"\\\\u738b\\\\ud83d\\\\ude00 \\\"a\\\"", '王😀 "a"'),  # JSON in a string of JSON
    ("anna\ud83d@ex \\ud83d \\u{dc00}", "anna@ex \\ud83d \\u{dc00}"),  # halves of a character
    (MASK + "x", MASK + "x"),
]


@pytest.mark.parametrize(("text", "read"), READ)
def test_a_text_reads_as_a_person_reads_it(text: str, read: str) -> None:
    assert normalise(text).text == read


PIECES = st.one_of(
    st.text(max_size=6),
    st.text(alphabet=string.printable, max_size=8),
    st.sampled_from(
        ["&#64;", "&amp;", "%40", "%E7%8E", r"\u738b", r"\ud83d\ude00", r"\n", "\u200b", "e\u0301",
         "ﬁ", "１２", "аn", "\u0336" * 9, "\ud800", MASK, "%", "&", "\\", "\uf8f0", "\uf8f1"]
    ),
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=12).map("".join)


@settings(deadline=None)
@given(TEXTS)
def test_the_map_leads_back_into_the_text_and_never_goes_backwards(text: str) -> None:
    view = normalise(text)
    before = (0, 0)
    for place in range(len(view.text)):
        start, end = view.original(place, place + 1)
        assert 0 <= start < end <= len(text)
        assert start >= before[0] and end >= before[1]
        before = (start, end)
    if view.text:
        start, end = view.original(0, len(view.text))
        assert 0 <= start < end <= len(text)


@settings(deadline=None)
@given(TEXTS)
def test_what_reads_as_itself_keeps_its_place(text: str) -> None:
    view = normalise(text)
    for place, character in enumerate(view.text):
        start, end = view.original(place, place + 1)
        if end - start == 1 and text[start].isascii():
            assert text[start] == character


@settings(deadline=None)
@given(st.text(alphabet=[c for c in map(chr, range(128)) if c not in "\\&%@*_~`"]))
def test_plain_ascii_is_left_as_it_is(text: str) -> None:
    view = normalise(text)
    assert view.text is text and not view.breaks


@settings(deadline=None)
@given(st.text(alphabet=string.digits, min_size=1))
def test_digits_of_any_script_read_alike(digits: str) -> None:
    for zero in ("０", "٠", "०", "𝟎"):
        other = "".join(chr(ord(zero) + int(d)) for d in digits)
        assert normalise(other).text == digits


@settings(deadline=None)
@given(TEXTS)
def test_the_folded_text_has_the_same_offsets(text: str) -> None:
    view = normalise(text)
    assert len(view.folded) == len(view.text)
    for lower, character in zip(view.folded, view.text, strict=True):
        assert lower in (character, character.lower())


def test_characters_taken_for_plain_read_as_themselves() -> None:
    plain = [c for c in map(chr, range(0x10000)) if not _ODD.match(c)]
    assert len(plain) > 30000
    assert [c for c in plain if not c.isascii() and c != MASK and _single(c) != c] == []


def test_look_alikes_are_letters_of_other_scripts_and_stand_for_latin_ones() -> None:
    for foreign, latin in _HOMOGLYPHS.items():
        name = unicodedata.name(chr(foreign))
        assert name.startswith(("CYRILLIC", "GREEK"))
        assert chr(latin).isascii() and chr(latin).isalpha()


def _base64(text: str, url: bool = False) -> str:
    raw = text.encode()
    return (base64.urlsafe_b64encode(raw) if url else base64.b64encode(raw)).decode()


@settings(deadline=None)
@given(st.text(alphabet=st.characters(blacklist_categories=["C"]), min_size=16), st.booleans())
def test_base64_is_read_beside_the_text(text: str, url: bool) -> None:
    token = _base64(text, url)
    found = list(encoded(normalise(f"see {token} there")))
    assert [(e.start, e.end, e.text) for e in found] == [(4, 4 + len(token), text)]


def test_base64_broken_into_lines_is_read_as_one() -> None:
    text = "the card 4111 1111 1111 1111 of Anna Smith, valid for two more years " * 2
    token = _base64(text)
    lines = "\n".join(token[i : i + 76] for i in range(0, len(token), 76))
    assert [e.text for e in encoded(normalise(lines))] == [text]


@pytest.mark.parametrize(
    "text",
    ["internationalization of documentation", "AKIAIOSFODNN7EXAMPLE", "a/path/to/some/file/name"],
)
def test_words_that_decode_to_no_text_are_not_base64(text: str) -> None:
    assert list(encoded(normalise(text))) == []
