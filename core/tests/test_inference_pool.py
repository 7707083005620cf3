"""Several servers of one target behind one engine: who is asked, and what happens to failures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace

import pytest

from metier.inference import Backend, Circuit, Pool, Timeouts, prefix_key, ranked
from metier.model import (
    BadRequest,
    EngineError,
    EngineRequest,
    Event,
    Finish,
    Message,
    MetierError,
    Role,
    Segment,
    TextDelta,
    Volatility,
)
from metier.prompt import build_plan

WORDS: tuple[Event, ...] = (TextDelta("one"), TextDelta("two"), Finish("stop"))
DOWN = EngineError("It is down.", code="engine_unavailable")


class Scripted:
    """An engine that gives events, raises errors and waits, as its script says."""

    name = "openai"

    def __init__(self, *script: object, target: str = "t") -> None:
        self.script: Sequence[object] = script or WORDS
        self.target = target
        self.asked: list[bytes] = []
        self.ended = 0
        self.reached: MetierError | None = None

    def encode(self, request: EngineRequest) -> bytes:
        return b"body"

    async def send(self, body: bytes, request: EngineRequest) -> AsyncGenerator[Event]:
        self.asked.append(body)
        try:
            for step in self.script:
                if isinstance(step, MetierError):
                    raise step
                if isinstance(step, asyncio.Event):
                    await step.wait()
                else:
                    yield step  # type: ignore[misc]
        finally:
            self.ended += 1

    async def reach(self) -> None:
        if self.reached:
            raise self.reached

    async def close(self) -> None:
        self.script = ()


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def asking(text: str = "Hello", *, before: str = "You help.", past: str = "") -> EngineRequest:
    def said(text: str, volatility: Volatility) -> Segment:
        return Segment(text, "c", volatility, Role.USER, message=Message(Role.USER, text))

    segments = [Segment(before, "d", Volatility.DOMAIN)]
    segments += [said(past, Volatility.HISTORY)] if past else []
    return EngineRequest(build_plan([*segments, said(text, Volatility.MESSAGE)]))


def pool_of(*engines: Scripted, clock: Callable[[], float] | None = None, **more: object) -> Pool:
    clock = clock or Clock()
    backends = [Backend(f"s{n}", each, Circuit(2, 10.0, clock)) for n, each in enumerate(engines)]
    return Pool(backends, **more)  # type: ignore[arg-type]


async def ask(pool: Pool, request: EngineRequest | None = None) -> list[Event]:
    request = request or asking()
    return [event async for event in pool.send(pool.encode(request), request)]


def favourites(request: EngineRequest, count: int = 2) -> list[int]:
    """The places of the servers in the order in which they are asked."""
    return [int(name[1:]) for name in ranked(prefix_key(request), (f"s{n}" for n in range(count)))]


def in_order(request: EngineRequest, *wanted: Scripted) -> list[Scripted]:
    """The engines at such places that `wanted[0]` is asked first, and so on."""
    placed = list(wanted)
    for place, engine in zip(favourites(request, len(wanted)), wanted, strict=True):
        placed[place] = engine
    return placed


# --- who is asked ----------------------------------------------------------------


def test_a_conversation_keeps_its_key_and_another_one_has_another() -> None:
    first = asking("When do I prune?")
    second = asking("And lilies?", past="When do I prune?")
    assert prefix_key(first) == prefix_key(second)
    assert prefix_key(first) != prefix_key(asking("什么时候修剪?"))
    assert prefix_key(first) != prefix_key(asking("When do I prune?", before="You cook."))


def test_a_server_that_leaves_moves_only_its_own_requests() -> None:
    keys = [prefix_key(asking(f"question {n}")) for n in range(300)]
    names = ["a", "b", "c"]
    before = {key: ranked(key, names)[0] for key in keys}
    after = {key: ranked(key, ["a", "b"])[0] for key in keys}
    assert {before[k] for k in keys if before[k] != after[k]} == {"c"}
    shares = [list(before.values()).count(name) for name in names]
    assert min(shares) > 60


async def test_the_same_beginning_goes_to_the_same_server() -> None:
    engines = [Scripted(), Scripted(), Scripted()]
    pool = pool_of(*engines)
    for n in range(4):
        assert await ask(pool, asking(f"again {n}", past="Hello")) == list(WORDS)
    assert sorted(len(engine.asked) for engine in engines) == [0, 0, 4]


async def test_a_server_with_more_than_its_share_lets_the_next_one_answer() -> None:
    request, gate = asking(), asyncio.Event()
    busy, other = Scripted(gate, *WORDS), Scripted(gate, *WORDS)
    pool = pool_of(*in_order(request, busy, other))
    waiting = [asyncio.create_task(ask(pool, request)) for _ in range(6)]
    while len(busy.asked) + len(other.asked) < 6:  # noqa: ASYNC110
        await asyncio.sleep(0)
    assert len(busy.asked) == 4 and len(other.asked) == 2
    assert sorted(each.in_flight for each in pool.standing()) == [2, 4]
    gate.set()
    await asyncio.gather(*waiting)
    assert [each.in_flight for each in pool.standing()] == [0, 0]


# --- failures --------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    ["engine_unavailable", "engine_timeout", "engine_busy", "engine_cut", "engine_unauthorised"],
)
async def test_before_the_first_event_the_next_server_answers(code: str) -> None:
    request = asking()
    broken, well = Scripted(EngineError("No.", code=code)), Scripted()
    pool = pool_of(*in_order(request, broken, well))
    assert await ask(pool, request) == list(WORDS)
    assert broken.asked == well.asked == [b"body"]


async def test_after_the_first_event_nobody_else_is_asked() -> None:
    request = asking()
    cut = EngineError("It broke off.", code="engine_cut")
    broken, well = Scripted(TextDelta("one"), cut), Scripted()
    pool = pool_of(*in_order(request, broken, well))
    seen: list[Event] = []
    with pytest.raises(EngineError) as caught:
        async for event in pool.send(b"body", request):
            seen.append(event)
    assert caught.value.code == "engine_cut" and seen == [TextDelta("one")] and not well.asked


@pytest.mark.parametrize("error", [BadRequest("No.", param="n"),
                                   EngineError("No.", code="engine_rejected"),
                                   EngineError("No.", code="context_length_exceeded")])  # fmt: skip
async def test_what_the_request_itself_is_at_fault_for_goes_nowhere_else(
    error: MetierError,
) -> None:
    request = asking()
    refusing, other = Scripted(error), Scripted()
    pool = pool_of(*in_order(request, refusing, other))
    for _ in range(3):
        with pytest.raises(type(error)):
            await ask(pool, request)
    assert not other.asked and {each.circuit for each in pool.standing()} == {"closed"}


async def test_no_more_servers_are_asked_than_retries_allow() -> None:
    engines = [Scripted(DOWN) for _ in range(4)]
    with pytest.raises(EngineError):
        await ask(pool_of(*engines, retries=1))
    assert sum(len(engine.asked) for engine in engines) == 2


# --- the circuit -----------------------------------------------------------------


async def test_a_server_that_keeps_failing_is_left_alone_until_one_request_may_try() -> None:
    request, clock = asking(), Clock()
    broken, well = Scripted(DOWN), Scripted()
    pool = pool_of(*in_order(request, broken, well), clock=clock)
    for _ in range(5):
        await ask(pool, request)
    assert len(broken.asked) == 2
    clock.now = 10.0
    assert "half-open" in {each.circuit for each in pool.standing()}
    await ask(pool, request)
    await ask(pool, request)
    assert len(broken.asked) == 3
    broken.script, clock.now = WORDS, 25.0
    await ask(pool, request)
    assert len(broken.asked) == 4 and {each.circuit for each in pool.standing()} == {"closed"}


async def test_while_one_request_tries_the_others_go_elsewhere() -> None:
    request, clock, gate = asking(), Clock(), asyncio.Event()
    broken, well = Scripted(DOWN), Scripted()
    pool = pool_of(*in_order(request, broken, well), clock=clock)
    for _ in range(2):
        await ask(pool, request)
    broken.script, clock.now = (gate, *WORDS), 11.0
    trying = asyncio.create_task(ask(pool, request))
    while len(broken.asked) < 3:  # noqa: ASYNC110
        await asyncio.sleep(0)
    await ask(pool, request)
    assert len(broken.asked) == 3 and len(well.asked) == 3
    gate.set()
    assert await trying == list(WORDS)


async def test_a_trial_that_is_left_lets_the_next_one_try() -> None:
    request, clock = asking(), Clock()
    only = Scripted(DOWN)
    pool = pool_of(only, clock=clock)
    for _ in range(2):
        with pytest.raises(EngineError):
            await ask(pool, request)
    only.script, clock.now = (asyncio.Event(),), 11.0
    trying = asyncio.create_task(ask(pool, request))
    while len(only.asked) < 3:  # noqa: ASYNC110
        await asyncio.sleep(0)
    trying.cancel()
    await asyncio.gather(trying, return_exceptions=True)
    only.script = WORDS
    assert await ask(pool, request) == list(WORDS)


async def test_answers_that_are_always_cut_open_the_circuit_too() -> None:
    cutting = Scripted(TextDelta("one"), EngineError("Cut.", code="engine_cut"))
    pool = pool_of(cutting)
    for _ in range(2):
        with pytest.raises(EngineError):
            await ask(pool)
    assert [each.circuit for each in pool.standing()] == ["open"]


async def test_where_every_circuit_is_open_that_is_said_at_once() -> None:
    only = Scripted(DOWN)
    pool = pool_of(only)
    for _ in range(2):
        with pytest.raises(EngineError):
            await ask(pool)
    with pytest.raises(EngineError) as caught:
        await ask(pool)
    assert caught.value.status == 503 and "10 s" in caught.value.message and len(only.asked) == 2


# --- time ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "timeouts", "said"),
    [
        ((asyncio.Event(),), Timeouts(first_token=0.01), "before the first token"),
        ((TextDelta("a"), asyncio.Event()), Timeouts(between_tokens=0.01), "between two tokens"),
        ((TextDelta("a"), asyncio.Event()), Timeouts(whole=0.01), "for the whole answer"),
    ],
)
async def test_a_server_that_takes_too_long_is_named_with_what_took_too_long(
    script: tuple[object, ...], timeouts: Timeouts, said: str
) -> None:
    slow = Scripted(*script)
    with pytest.raises(EngineError) as caught:
        await ask(pool_of(slow, timeouts=timeouts))
    assert (caught.value.code, caught.value.status) == ("engine_timeout", 504)
    assert said in caught.value.message and "'s0'" in caught.value.message
    assert slow.ended == 1


async def test_a_second_server_is_asked_where_the_first_is_slow_and_the_slower_one_is_left() -> (
    None
):
    request = asking()
    slow, quick = Scripted(asyncio.Event()), Scripted()
    pool = pool_of(*in_order(request, slow, quick), hedge=0.01)
    assert await ask(pool, request) == list(WORDS)
    assert slow.ended == 1 and [each.in_flight for each in pool.standing()] == [0, 0]
    assert {each.circuit for each in pool.standing()} == {"closed"}


async def test_hedging_still_moves_on_where_the_first_server_fails_at_once() -> None:
    request = asking()
    broken, well = Scripted(DOWN), Scripted()
    pool = pool_of(*in_order(request, broken, well), hedge=30.0)
    assert await ask(pool, request) == list(WORDS)


async def test_a_caller_who_leaves_ends_the_request_at_its_server() -> None:
    engine = Scripted(TextDelta("one"), asyncio.Event())
    pool = pool_of(engine)
    async with aclosing(pool.batches(b"body", asking())) as batches:
        await anext(batches)
    assert engine.ended == 1 and pool.standing()[0].in_flight == 0
    assert pool.standing()[0].circuit == "closed"


# --- announced -------------------------------------------------------------------


async def test_a_further_send_is_announced_with_its_server_before_it_goes_out() -> None:
    broken, well = Scripted(DOWN), Scripted()
    told: list[tuple[str, int]] = []

    async def again(server: str) -> None:
        told.append((server, len(well.asked)))

    request = replace(asking(), again=again)
    assert await ask(pool_of(*in_order(request, broken, well)), request) == list(WORDS)
    assert told == [(f"s{favourites(request)[1]}", 0)]


@pytest.mark.parametrize("hedge", [0.0, 0.01])
async def test_a_further_send_that_can_not_be_announced_does_not_go_out(hedge: float) -> None:
    first = Scripted(asyncio.Event()) if hedge else Scripted(DOWN)
    other = Scripted()

    async def again(server: str) -> None:
        raise MetierError("The log is full.", code="audit_unavailable")

    request = replace(asking(), again=again)
    pool = pool_of(*in_order(request, first, other), hedge=hedge)
    with pytest.raises(MetierError, match="log is full"):
        await ask(pool, request)
    assert not other.asked and [each.in_flight for each in pool.standing()] == [0, 0]
    assert {each.circuit for each in pool.standing()} == {"closed"}


async def test_when_the_time_for_all_of_it_is_over_no_further_server_is_asked() -> None:
    request = asking()
    slow, other = Scripted(asyncio.Event()), Scripted()
    pool = pool_of(*in_order(request, slow, other), timeouts=Timeouts(whole=0.01))
    with pytest.raises(EngineError, match="for the whole answer"):
        await ask(pool, request)
    assert not other.asked


async def test_a_server_that_never_begins_an_answer_in_one_piece_is_left_alone_in_the_end() -> None:
    hung, well, request = Scripted(asyncio.Event()), Scripted(), replace(asking(), whole=True)
    pool = pool_of(*in_order(request, hung, well), timeouts=Timeouts(whole=0.01))
    for _ in range(2):
        with pytest.raises(EngineError, match="for the whole answer"):
            await ask(pool, request)
    assert await ask(pool, request) == list(WORDS)
    begun = Scripted(TextDelta("one"), asyncio.Event())  # was at work all the time
    other = pool_of(begun, timeouts=Timeouts(whole=0.01))
    for _ in range(3):
        with pytest.raises(EngineError, match="for the whole answer"):
            await ask(other, request)
    assert [each.circuit for each in other.standing()] == ["closed"]


# --- the pool itself -------------------------------------------------------------


async def test_it_is_reached_where_one_of_its_servers_is() -> None:
    there, gone = Scripted(), Scripted()
    gone.reached = DOWN
    pool = pool_of(gone, there)
    await pool.reach()
    there.reached = DOWN
    with pytest.raises(EngineError):
        await pool.reach()


def test_servers_of_two_targets_are_no_pool() -> None:
    with pytest.raises(MetierError) as caught:
        pool_of(Scripted(), Scripted(target="elsewhere"))
    assert "one target" in caught.value.message


async def test_an_answer_in_one_piece_has_the_time_of_the_whole_and_is_asked_of_one_server() -> (
    None
):
    made = asyncio.Event()
    slow, idle, request = Scripted(made, *WORDS), Scripted(), asking()
    timeouts = Timeouts(first_token=0.01, whole=30.0)
    pool = pool_of(*in_order(request, slow, idle), timeouts=timeouts, hedge=0.01)
    asking_it = asyncio.create_task(ask(pool, replace(request, whole=True)))
    await asyncio.sleep(0.05)
    made.set()
    assert await asking_it == list(WORDS)
    assert (len(slow.asked), len(idle.asked)) == (1, 0)
