"""Events are the same however the bytes of a stream are cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.inference._sse import SseParser
from metier.model import EngineError


def parse(pieces: list[bytes]) -> list[bytes]:
    parser = SseParser()
    events = [event for piece in pieces for event in parser.feed(piece)]
    return events + parser.close()


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"data: a\n\ndata: b\n\n", [b"a", b"b"]),
        (b"data:a\r\n\r\ndata:  b\r\n\r\n", [b"a", b" b"]),
        (b"data: a\r\rdata: b\r\r", [b"a", b"b"]),
        (b": ping\n\n: ping\ndata: a\n\n", [b"a"]),
        (b"event: x\nid: 1\nretry: 5\ndata: a\n\n", [b"a"]),
        (b"data: a\ndata: b\n\n", [b"a\nb"]),
        (b"\n\n\ndata: a\n\n\n", [b"a"]),
        (b"\xef\xbb\xbfdata: a\n\n", [b"a"]),
        (b"data: a\n\ndata: [DONE]", [b"a", b"[DONE]"]),
        (b"data: [DONE]\n", [b"[DONE]"]),
        (b"", []),
        (b"data\n\n", [b""]),
    ],
)
def test_events_of_a_stream(stream: bytes, events: list[bytes]) -> None:
    assert parse([stream]) == events
    assert parse([stream[i : i + 1] for i in range(len(stream))]) == events


texts = st.text(alphabet='aé你😀: {}"', min_size=1, max_size=20)


@given(
    st.lists(texts, max_size=8),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.lists(st.integers(1, 9), min_size=1, max_size=30),
    st.booleans(),
)
def test_cutting_anywhere_changes_nothing(
    datas: list[str], line_end: str, sizes: list[int], comments: bool
) -> None:
    comment = f": keep-alive{line_end}{line_end}" if comments else ""
    stream = "".join(f"{comment}data: {d}{line_end}{line_end}" for d in datas).encode()
    pieces: list[bytes] = []
    at = 0
    while at < len(stream):
        size = sizes[len(pieces) % len(sizes)]
        pieces.append(stream[at : at + size])
        at += size
    assert parse(pieces) == [d.encode() for d in datas]


def test_an_event_may_be_larger_than_many_chunks() -> None:
    large = b"x" * 1_000_000
    stream = b"data: " + large + b"\n\ndata: y\n\n"
    assert parse([stream[i : i + 4096] for i in range(0, len(stream), 4096)]) == [large, b"y"]


def test_an_event_without_end_is_refused() -> None:
    parser = SseParser()
    piece = b"data: " + b"x" * (1024 * 1024)
    with pytest.raises(EngineError) as caught:
        for _ in range(17):
            parser.feed(piece)
    assert caught.value.code == "engine_protocol"


def test_many_events_together_may_be_larger_than_one_may_be() -> None:
    parser = SseParser()
    event = b"data: " + b"x" * (1024 * 1024) + b"\n\n"
    assert sum(len(parser.feed(event)) for _ in range(20)) == 20


def test_endless_comments_do_not_add_up() -> None:
    parser = SseParser()
    for _ in range(20):
        assert parser.feed(b": " + b"x" * (1024 * 1024) + b"\n") == []
    assert parser.feed(b"data: a\n\n") == [b"a"]
