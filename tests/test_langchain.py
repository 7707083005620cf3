"""metier.langchain: the middleware, the two ends of a chain, the Runnable and the retriever."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.tools import tool
from pydantic import PrivateAttr
from toy import Gardening

from metier.langchain import MetierRetriever, MetierRunnable, PrivacyMiddleware, hide, restored
from metier.model import Actor, BadRequest, EgressBlocked
from metier.privacy import PSEUDONYM, Scrubber

SAID = "I am Anna Smith. Write to anna.smith@mail.example for me."


class Echo(BaseChatModel):
    """Repeats the last human message; calls the tool once with what it was given, if asked to."""

    call_tool: bool = False
    _seen: list[list[BaseMessage]] = PrivateAttr(default_factory=list)

    @property
    def seen(self) -> list[list[BaseMessage]]:
        return self._seen

    @property
    def _llm_type(self) -> str:
        return "echo"

    def bind_tools(self, tools: Any, **kwargs: Any) -> Echo:
        return self

    def _text(self, messages: list[BaseMessage]) -> str:
        self._seen.append(messages)
        return str(next(m.text for m in reversed(messages) if m.type == "human"))

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        text = self._text(messages)
        reply = AIMessage(text)
        if self.call_tool and not any(isinstance(m, ToolMessage) for m in messages):
            address = next(p for p in PSEUDONYM.findall(text) if "EMAIL" in p)
            call = {"name": "send", "args": {"to": address}, "id": "c1"}
            reply = AIMessage("", tool_calls=[call])
        return ChatResult(generations=[ChatGeneration(message=reply)])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        for character in self._text(messages):
            yield ChatGenerationChunk(message=AIMessageChunk(content=character))


def sent(model: Echo) -> str:
    return json.dumps([[m.model_dump() for m in call] for call in model.seen], default=str)


async def test_an_agents_model_sees_no_personal_data_and_its_tools_get_the_values() -> None:
    mailed: list[str] = []

    @tool
    def send(to: str) -> str:
        """Sends a mail."""
        mailed.append(to)
        return f"Sent to {to}, signed Anna Smith."

    model = Echo(call_tool=True)
    agent = create_agent(model, [send], middleware=[PrivacyMiddleware()])
    result = await agent.ainvoke({"messages": [HumanMessage(SAID)]})
    assert mailed == ["anna.smith@mail.example"]
    assert result["messages"][-1].text == SAID
    assert len(model.seen) == 2
    for value in ("Anna", "Smith", "mail.example"):
        assert value not in sent(model)


def test_synchronous_agents_work_too() -> None:
    model = Echo()
    agent = create_agent(model, [], middleware=[PrivacyMiddleware()], system_prompt="Help.")
    result = agent.invoke({"messages": [HumanMessage(SAID)]})
    assert result["messages"][-1].text == SAID
    assert "Anna" not in sent(model) and "Help." in sent(model)


async def test_two_calls_without_a_thread_share_no_vault() -> None:
    model = Echo()
    agent = create_agent(model, [], middleware=[PrivacyMiddleware()])
    await agent.ainvoke({"messages": [HumanMessage(SAID)]})
    await agent.ainvoke({"messages": [HumanMessage(SAID)]})
    first, second = (PSEUDONYM.findall(str(call[-1].text)) for call in model.seen)
    assert not set(first) & set(second)


async def test_a_thread_keeps_its_pseudonyms() -> None:
    from langgraph.checkpoint.memory import InMemorySaver

    model = Echo()
    agent = create_agent(model, [], middleware=[PrivacyMiddleware()], checkpointer=InMemorySaver())
    for thread in ("a", "a", "b"):
        config: Any = {"configurable": {"thread_id": thread}}
        await agent.ainvoke({"messages": [HumanMessage(SAID)]}, config)
    first, again, other = (PSEUDONYM.findall(str(call[-1].text)) for call in model.seen)
    assert first == again and not set(first) & set(other)


async def test_what_cannot_be_searched_is_not_sent() -> None:
    model = Echo()
    agent = create_agent(model, [], middleware=[PrivacyMiddleware()])
    picture = HumanMessage([{"type": "image_url", "image_url": {"url": "data:..."}}])
    with pytest.raises(BadRequest, match="image_url"):
        await agent.ainvoke({"messages": [picture]})
    assert not model.seen


async def test_a_tool_that_tells_of_a_person_stops_the_call() -> None:
    @tool
    def find() -> str:
        """Finds the file of anna.smith@mail.example."""
        return ""

    agent = create_agent(Echo(), [find], middleware=[PrivacyMiddleware()])
    with pytest.raises(EgressBlocked):
        await agent.ainvoke({"messages": [HumanMessage("Hello")]})


async def test_a_chain_hides_before_the_model_and_restores_after_it_also_in_a_stream() -> None:
    scrubber, model = Scrubber(), Echo()
    chain = hide(scrubber) | model | restored(scrubber)
    messages = [SystemMessage("Help Anna."), HumanMessage(SAID)]
    assert await chain.ainvoke(messages) == SAID
    assert "".join([piece async for piece in chain.astream(messages)]) == SAID
    assert "".join(chain.stream(messages)) == SAID
    assert "Anna" not in sent(model)


async def test_a_domain_is_a_runnable_and_its_knowledge_a_retriever(open_metier: Any) -> None:
    app = await open_metier(Gardening())
    gardening = MetierRunnable(app, "gardening")
    config: Any = {"configurable": {"subject": "anna", "thread_id": "c1"}}
    answer = await gardening.ainvoke("My balcony faces north. When do I prune?", config)
    assert answer.text.startswith("your light is north.")
    assert answer.response_metadata["citations"][0]["title"] == "Frost"
    pieces = [chunk.text async for chunk in gardening.astream("When do I prune?", config)]
    assert "".join(pieces).startswith("your light is north.")
    retriever = MetierRetriever(app=app, domain="gardening", actor=Actor("default", "anna"))
    assert await retriever.ainvoke("roses") == []
