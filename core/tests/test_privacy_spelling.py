"""Values written around patterns: how they read, and that the map back stays exact."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metier.privacy._normalise import normalise
from metier.privacy._spelling import STEPS

READ = [
    ("four one one one oh two three", "4111023"),
    ("Four One One, one zero two three", "411-1023"),
    ("call double two three three triple four", "call 2233444"),
    ("4one11zerothree58", "41110358"),
    ("一三八零零一三八〇〇〇", "13800138000"),
    ("幺三八 零零幺三八零零零", "13800138000"),
    ("壹叁捌零零壹叁捌零零零", "13800138000"),
    ("1三800一38零零0", "13800138000"),
    ("1 3 8 0 0 1 3 8 0 0 0", "13800138000"),
    ("4-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1", "4111111111111111"),
    ("138·0013·8000", "138-0013-8000"),
    ("4111\n1111\n1111\n1111", "4111 1111 1111 1111"),
    ("**4111** **1111** **1111** **1111**", "**4111-1111-1111-1111**"),
    ("<b>138</b>0013<i>8000", "<b>13800138000"),
    ("138<br/>0013<br/>8000", "138 0013 8000"),
    ("anna<!-- x -->@mail.org", "anna@mail.org"),
    ('"4111" + "1111"', '"41111111"'),
    ("'anna' || '@mail.org'", "'anna@mail.org'"),
    ("**anna**@mail.org", "**anna@mail.org"),
    ("`anna@` `mail.org`", "`anna@mail.org`"),
    ("a n n a @ m a i l . o r g", "anna@mail.org"),
    ("4l11 l1O1 1111 2222", "4111 1101 1111 2222"),
    (r"\x31\u{33}\u0038", "138"),
    ("❶❸⑻", "138"),
]
LEFT = [
    "One two three four five, once I caught a fish alive.",
    "一二三四五。上山打老虎。",
    "三百六十五天、二十四小时",
    "圆周率是三点一四一五九二六五三五",
    "x = [1111, 2222, 3333, 4444]",
    "3.14 + 2.72 = 5.86",
    "192.168.100.200",
    "2147483647 and BB1388568 and 12345678Z",
    "<td>Anna</td><td>Smith</td>",
    "f('a', 'b') + g(1)",
    "2**31 and 12 * 34 * 56",
    "the IOU and BOSS 2000",
]


@pytest.mark.parametrize(("text", "read"), READ)
def test_a_value_reads_as_if_plainly_written(text: str, read: str) -> None:
    assert normalise(text).text == read


@pytest.mark.parametrize("text", LEFT)
def test_what_is_no_disguise_is_left_alone(text: str) -> None:
    assert normalise(text).text == text


PIECES = st.one_of(
    st.sampled_from([text for text, _ in READ]),
    st.sampled_from(
        ["one", " ", "double ", "一", "3", "-", ".", "<b>", "</b>", "**", '" + "', "@", "l", "O",
         "\u200b", "%34", "&#49;", "１", "\\x34", "\n", "example.com", "e\u0301"]
    ),
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=14).map("".join)


@settings(deadline=None)
@given(TEXTS)
def test_the_map_of_a_reading_leads_back_and_never_goes_backwards(text: str) -> None:
    view = normalise(text)
    before = (0, 0)
    for place in range(len(view.text)):
        start, end = view.original(place, place + 1)
        assert before[0] <= start < end <= len(text) and before[1] <= end
        before = (start, end)


@settings(deadline=None)
@given(TEXTS)
def test_edits_are_in_order_and_do_not_overlap(text: str) -> None:
    for step in STEPS:
        at = 0
        for start, end, _ in step(text):
            assert at <= start < end <= len(text)
            at = end


def test_a_span_in_a_reading_covers_what_was_written() -> None:
    text = "call four one one, one zero two three."
    view = normalise(text)
    at = view.text.index("411")
    assert view.original(at, at + len("411-1023")) == (5, len(text) - 1)


@pytest.mark.parametrize("quote", ['"', "'", "`"])
@pytest.mark.parametrize("by", ["", "+", ".", "||", " + ", "\n", " \\\n "])
def test_literals_with_anything_between_never_fail(quote: str, by: str) -> None:
    for before, behind in (("a", "b"), ("1", "2"), ("", ""), (")", "(")):
        text = f"{before}{quote}{by}{quote}{behind}" * 3
        normalise(text)


@settings(deadline=None)
@given(st.text(alphabet="ab1@. \"'`+|\\\n<>/-!*=_", max_size=60))
def test_no_mixture_of_marks_fails(text: str) -> None:
    for step in STEPS:
        step(text)


def test_a_number_word_elsewhere_leaves_groups_of_digits_as_they_are() -> None:
    # "phone" holds "one".
    for text in ("Tata 251-86-2658 and phone: 15362887302", "one of them: 194-67-5733"):
        assert normalise(text).text == text
