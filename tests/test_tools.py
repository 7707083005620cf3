"""Tools as plugins offer and call them: what is asked, what is seen, and whose fault it is."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from toy import Gardening

from metier import hookimpl
from metier.egress import EgressClient, TargetRule
from metier.inference import OpenAIEngine
from metier.model import Composition, MetierError, Tool, ToolCall, Turn
from metier_testing.upstream import RecordingUpstream


class Posting(Gardening):
    """Sends a parcel to an address, after a yes; its tool doesn't word its question."""

    def __init__(self, call: str = "send_parcel", offered: str = "send_parcel") -> None:
        super().__init__()
        self.call, self.offered = call, offered
        self.sent: list[Mapping[str, Any]] = []
        self.seen: list[Turn] = []

    @hookimpl
    def tools(self, turn: Turn) -> Sequence[Tool]:
        async def send(arguments: Mapping[str, Any], turn: Turn) -> Any:
            self.sent.append(arguments)
            return {"sent": True}

        words = "寄出包裹。" if turn.language == "zh" else "Sends a parcel."
        return [Tool(self.offered, words, {"type": "object"}, send, confirm=True)]

    @hookimpl
    def compose(self, turn: Turn) -> Composition | None:
        self.seen.append(turn)
        if turn.tool_results:
            result = json.loads(turn.tool_results[-1].content)
            return Composition(result.get("question", "Done."))
        if turn.confirmed:
            return Composition(tool_calls=(turn.confirmed,))
        to = re.search(r"<EMAIL_ADDRESS_\w+>", turn.message)
        arguments = json.dumps({"to": to[0] if to else "", "count": 2})
        return Composition(tool_calls=(ToolCall("1", self.call, arguments),))


@pytest.mark.parametrize(
    ("said", "question", "yes"),
    [
        (
            "Please send it to ada@mail.example",
            "Please confirm: Sends a parcel (to: ada@mail.example, count: 2). ",
            "yes",
        ),
        ("请寄到 ada@mail.example", "请确认：寄出包裹（to：ada@mail.example，count：2）。", "好的"),
    ],
)
async def test_a_question_without_words_of_its_own_names_every_argument(
    open_metier: Any, said: str, question: str, yes: str
) -> None:
    plugin = Posting()
    app = await open_metier(plugin)
    answer = await app.respond(app.request("gardening", said, conversation="c"))
    assert answer.text.startswith(question)
    assert not plugin.sent
    done = await app.respond(app.request("gardening", yes, conversation="c"))
    assert (done.text, plugin.sent) == ("Done.", [{"to": "ada@mail.example", "count": 2}])


class Obliging(Posting):
    """Has nothing to say to what names no address."""

    @hookimpl
    def compose(self, turn: Turn) -> Composition | None:
        return super().compose(turn) if turn.tool_results or "@" in turn.message else None


@pytest.mark.parametrize(
    ("said", "no", "told"),
    [
        ("Please send it to @ ada@mail.example", "no", "I have not done it"),
        ("Please send it to @ ada@mail.example", "No, thanks.", "I have not done it"),
        ("Please send it to @ ada@mail.example", "don't", "I have not done it"),
        ("请寄到 @ ada@mail.example", "不用了", "没有执行"),
        ("请寄到 @ ada@mail.example", "算了", "没有执行"),
    ],
)
async def test_who_says_no_is_told_that_it_was_not_done_and_later_that_nothing_waits(
    open_metier: Any, said: str, no: str, told: str
) -> None:
    plugin = Obliging()
    app = await open_metier(plugin)
    answers = [
        await app.respond(app.request("gardening", message, conversation="c"))
        for message in (said, no, no)
    ]
    assert told in answers[1].text and told not in answers[2].text
    assert not plugin.sent


async def test_compose_sees_no_value_in_the_action_that_was_confirmed(open_metier: Any) -> None:
    plugin = Posting()
    app = await open_metier(plugin)
    for said in ("Please send it to ada@mail.example", "yes"):
        await app.respond(app.request("gardening", said, conversation="c"))
    confirmed = [turn.confirmed for turn in plugin.seen if turn.confirmed]
    assert confirmed and "ada@" not in repr(plugin.seen)
    assert all("<EMAIL_ADDRESS_" in call.arguments for call in confirmed)


async def test_a_tool_that_compose_makes_up_is_a_fault_by_name(open_metier: Any) -> None:
    app = await open_metier(Posting(call="send_letter"))
    with pytest.raises(MetierError) as error:
        await app.respond(app.request("gardening", "Send it"))
    assert error.value.code == "compose_failed"
    assert "'send_letter'" in error.value.message and "send_parcel" in error.value.message


async def test_a_model_that_makes_up_a_tool_is_told_and_goes_on(open_metier: Any) -> None:
    async with RecordingUpstream() as upstream:
        client = EgressClient({"local": TargetRule(upstream.base_url, private=True)})
        app = await open_metier(Gardening(), engine=OpenAIEngine(client, "local", "tiny"))
        upstream.tool_call("send_letter", {})
        answer = await app.respond(app.request("gardening", "Send a letter"))
        assert b"There is no such tool. There are: water." in upstream.requests[-1]
    assert answer.text and not answer.tool_calls


async def test_a_tool_name_that_appears_in_one_turn_only_is_refused_there(
    open_metier: Any,
) -> None:
    plugin = Posting()
    app = await open_metier(plugin)
    plugin.offered = "send parcel"
    plugin.call = "water"
    with pytest.raises(MetierError, match="Offered: none"):
        await app.respond(app.request("gardening", "Send it"))


async def test_a_plugin_that_is_given_needs_a_name_that_is_free(home: Path) -> None:
    from metier import config
    from metier.app import Metier

    with pytest.raises(MetierError) as error:
        Metier.open(home, config.Settings(embeddings="none"), plugins=[Gardening("education")])
    assert error.value.code == "plugin_not_usable"
    assert "its name is taken" in error.value.message and "metier-education" in error.value.message
