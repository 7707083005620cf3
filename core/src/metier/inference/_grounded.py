"""The engine without a model: it lets the domain compose the answer."""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncGenerator, Iterator
from typing import Final

import orjson

from metier._messages import render, render_tools
from metier.encoder import detect_language
from metier.inference._openai import refuse_extra
from metier.model import (
    BadRequest,
    EngineError,
    EngineRequest,
    Event,
    Finish,
    Plan,
    TextDelta,
    ToolCallDelta,
    Usage,
)

# Where a sentence ends. Latin marks need a space after them ("3.5 mg" is no
# end); Chinese marks need nothing.
_END: Final = re.compile(r"[.!?][\"'”’)\]]*\s+|[。！？]+[”’」』）]*\s*|\n+")


_UNSEEN: Final = {
    "en": (
        "I can't look at pictures or files here, so I answer from your words alone. ",
        "I can't look at pictures or files here, and my sources have nothing about your words "
        "alone. Could you tell me what it shows or says?",
    ),
    "zh": (
        "我在这里看不了图片和文件，只能根据您的文字回答。",
        "我在这里看不了图片和文件，仅凭您的文字也没有找到相关资料。您能说说其中的内容吗？",
    ),
}
"""Before an answer, and where there is none."""


class GroundedEngine:
    """Composes a cited answer from passages and profile, through the domain's `compose` hooks.

    It is no model and doesn't pretend to be one: it has no tokens (`Usage` is
    zero), one composition a request, and calls only the domain's own tools.
    `stop` is honoured; sampling settings and `max_tokens` mean nothing here
    and are ignored, since cutting a composed answer could cut off its warning.
    What would give the answer another form is refused.
    """

    name = "grounded"
    target = "local"
    looks = False
    """It composes from words: what is attached to a message reaches it as a note at most."""

    def encode(self, request: EngineRequest) -> bytes:
        """The OpenAI body that a model would have been sent, for the guard and for `why`.

        Raises:
            BadRequest: where the request asks for what only a model can do.
        """
        _check(request)
        return orjson.dumps(
            {
                "model": request.model or self.name,
                "messages": render(request.plan),
                "tools": render_tools((*request.plan.tools, *request.tools)),
            }
        )

    async def send(self, body: bytes, request: EngineRequest) -> AsyncGenerator[Event]:
        """Yields the domain's composition as events; `body` is not needed, as nothing is sent.

        Where no hook has anything to say there is no text: `Finish("stop")` comes
        at once, and the pipeline words the abstention.

        Raises:
            BadRequest: as `encode`.
            EngineError: where the request carries no composer.
        """
        _check(request)
        if request.composer is None:
            raise EngineError(
                "The grounded engine was given no composer; the pipeline must set one.",
                code="engine_misconfigured",
                status=500,
            )
        composition = await request.composer(request.plan)
        if composition is not None and composition.tool_calls and request.tool_choice != "none":
            for index, call in enumerate(composition.tool_calls):
                identity = call.id or f"call_{secrets.token_hex(12)}"
                yield ToolCallDelta(index, identity, call.name, call.arguments)
            yield Finish("tool_calls")
        else:
            text = composition.text if composition is not None else ""
            text = _unseen(request.plan, text) + text
            for piece in _sentences(_cut(text, request.stop)):
                yield TextDelta(piece)
            yield Finish("stop")
        yield Usage()

    async def close(self) -> None:
        """Nothing to release."""


def _unseen(plan: Plan, text: str) -> str:
    """What is said before an answer to a message with attachments: that nobody looked at them."""
    for segment in reversed(plan.segments):
        message = segment.message
        if message is not None and message.attachments:
            with_answer, alone = _UNSEEN[detect_language(message.content)]
            return with_answer if text else alone
    return ""


_MEANINGLESS: Final = frozenset(
    {"presence_penalty", "frequency_penalty", "logit_bias", "reasoning_effort"}
)
"""Settings of a model's sampling and thinking; there is neither."""


def _check(request: EngineRequest) -> None:
    refuse_extra(request, _MEANINGLESS)
    if request.n != 1:
        raise BadRequest(
            "The grounded engine composes one answer from its sources; several would be the same "
            "one repeated. Set n to 1, or configure a model engine.",
            param="n",
        )
    if request.tool_choice not in (None, "auto", "none"):
        raise BadRequest(
            "The grounded engine calls only the domain's own tools, when the domain decides to; "
            "a tool can't be forced. Leave tool_choice out, or configure a model engine.",
            param="tool_choice",
        )
    wanted = request.response_format
    if wanted is not None and not (isinstance(wanted, dict) and wanted.get("type") == "text"):
        raise BadRequest(
            "The grounded engine composes text and can't be held to a JSON format. "
            "Leave response_format out, or configure a model engine.",
            param="response_format",
        )


def _cut(text: str, stop: tuple[str, ...]) -> str:
    """Ends `text` before the first stop sequence, as a model server would."""
    places = [at for mark in stop if mark and (at := text.find(mark)) >= 0]
    return text[: min(places)] if places else text


def _sentences(text: str) -> Iterator[str]:
    """Splits `text` into sentences; joined again they are `text` exactly."""
    end = 0
    for match in _END.finditer(text):
        yield text[end : match.end()]
        end = match.end()
    if end < len(text):
        yield text[end:]
