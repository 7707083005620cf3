"""Runnables: a domain of metier, and the two ends of the privacy layer around any model."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from langchain_core.callbacks import (
    AsyncCallbackManagerForRetrieverRun,
    CallbackManagerForRetrieverRun,
)
from langchain_core.documents import Document
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.prompt_values import PromptValue
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableConfig, RunnableGenerator, RunnableLambda

from metier.langchain._messages import hidden_messages
from metier.model import Actor, Answer, BadRequest, TextDelta

if TYPE_CHECKING:
    from metier.app import Metier
    from metier.privacy import Scrubber


def hide(scrubber: Scrubber) -> Runnable[Any, list[BaseMessage]]:
    """Turns a prompt or messages into messages without personal data; put it before a model."""

    def work(value: Any) -> list[BaseMessage]:
        return hidden_messages(_messages(value), scrubber)

    return RunnableLambda(work)


def restored(scrubber: Scrubber) -> Runnable[BaseMessage, str]:
    """Restores what a model says, as text, also while it streams; put it after a model."""

    def work(chunks: Iterator[BaseMessage]) -> Iterator[str]:
        stream = scrubber.stream()
        for chunk in chunks:
            if text := stream.feed(str(chunk.text)):
                yield text
        if text := stream.close():
            yield text

    async def awork(chunks: AsyncIterator[BaseMessage]) -> AsyncIterator[str]:
        stream = scrubber.stream()
        async for chunk in chunks:
            if text := stream.feed(str(chunk.text)):
                yield text
        if text := stream.close():
            yield text

    return RunnableGenerator(work, awork)


def _messages(value: Any) -> Sequence[BaseMessage]:
    if isinstance(value, PromptValue):
        return value.to_messages()
    if isinstance(value, BaseMessage):
        return [value]
    if isinstance(value, list) and all(isinstance(m, BaseMessage) for m in value):
        return value
    raise BadRequest("hide() takes a prompt value, a message or a list of messages.")


class MetierRunnable(Runnable[str, AIMessage]):
    """One domain as a Runnable: takes a message, gives an `AIMessage`, streams text.

    The person and the conversation come from the configuration:
    `{"configurable": {"subject": "anna", "thread_id": "c1"}}`. Citations are in
    `response_metadata["citations"]`. Only its asynchronous methods work, since
    a running `Metier` belongs to one event loop.
    """

    def __init__(self, app: Metier, domain: str) -> None:
        self._app = app
        self._domain = domain

    def invoke(self, input: str, config: RunnableConfig | None = None, **kwargs: Any) -> AIMessage:
        raise BadRequest("A running metier is asynchronous; use `ainvoke` or `astream`.")

    async def ainvoke(
        self, input: str, config: RunnableConfig | None = None, **kwargs: Any
    ) -> AIMessage:
        answer = await self._app.respond(self._request(input, config))
        return _message(answer)

    async def astream(
        self, input: str, config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[AIMessage]:
        from langchain_core.messages import AIMessageChunk

        async for item in self._app.stream(self._request(input, config)):
            if isinstance(item, TextDelta) and item.text:
                yield AIMessageChunk(content=item.text)

    def _request(self, message: str, config: RunnableConfig | None) -> Any:
        chosen = (config or {}).get("configurable", {})
        return self._app.request(
            self._domain,
            message,
            subject=chosen.get("subject", "me"),
            conversation=chosen.get("thread_id"),
        )


def _message(answer: Answer) -> AIMessage:
    cited = [{"number": c.number, "title": c.title, "url": c.url} for c in answer.citations]
    return AIMessage(answer.text, response_metadata={"citations": cited, "id": answer.id})


class MetierRetriever(BaseRetriever):
    """The knowledge of a domain as a retriever.

    Args:
        app: a running `Metier`.
        domain: whose knowledge.
        actor: who searches; their tenant's knowledge is searched.
        limit: passages a query.
    """

    app: Any
    domain: str
    actor: Actor
    limit: int = 5

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        raise BadRequest("A running metier is asynchronous; use `ainvoke`.")

    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun
    ) -> list[Document]:
        found = await self.app.search(self.actor, self.domain, query, self.limit)
        return [
            Document(
                p.text,
                id=p.id,
                metadata={
                    "title": p.title, "source": p.source, "locator": p.locator, "url": p.url,
                    "date": p.date, "licence": p.licence, "score": p.score,
                },
            )
            for p in found
        ]  # fmt: skip
