"""A state is never changed: what follows from it is a new one."""

from __future__ import annotations

from typing import Any

import pytest

from metier.pipeline._state import State


def state_of(**fields: Any) -> State:
    return State(*([None] * 7), **fields)  # type: ignore[arg-type]


def test_a_state_with_something_else_leaves_the_first_as_it_was() -> None:
    first = state_of(said="a", outgoing=b"1")
    second = first.but(said="b")
    assert (first.said, second.said, second.outgoing) == ("a", "b", b"1")
    assert second == state_of(said="b", outgoing=b"1")


def test_a_field_that_a_state_does_not_have_is_refused() -> None:
    with pytest.raises(TypeError, match="no sayed"):
        state_of().but(sayed="b")
