"""Where sentences of an answer end while its words come in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from metier.pipeline._review import end_of_sentences

PIECES = st.lists(st.sampled_from([*"ab.!?。！\n \"')”", ". ", '." ', "word "]), max_size=30)


@given(PIECES)
def test_sentences_end_where_they_do_when_all_is_looked_through_with_each_word(
    pieces: list[str],
) -> None:
    quick, slow, looked = "", "", 0
    for piece in pieces:
        quick, slow = quick + piece, slow + piece
        cut = end_of_sentences(quick, looked)
        assert cut == end_of_sentences(slow, 0)
        looked = len(quick) - cut
        quick, slow = quick[cut:], slow[cut:]
