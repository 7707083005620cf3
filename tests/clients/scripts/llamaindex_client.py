"""LlamaIndex with its class for servers that speak like OpenAI's."""

import asyncio

from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.chat_engine import SimpleChatEngine
from llama_index.core.llms import ChatMessage
from llama_index.core.tools import FunctionTool
from llama_index.llms.openai_like import OpenAILike
from pydantic import BaseModel
from talk import serve


class Plant(BaseModel):
    plant: str
    weeks: int


def model(url, key, domain, retries=0, **more):
    return OpenAILike(
        model=domain, api_base=url, api_key=key, is_chat_model=True, max_retries=retries, **more
    )


def whole(said, **given):
    answer = model(**given).chat([ChatMessage(role="user", content=said)])
    return {"text": answer.message.content, "usage": answer.raw.usage.model_dump()}


def complete(said, **given):
    return {"text": model(**given).complete(said).text}


def streamed(said, **given):
    pieces = list(model(**given).stream_chat([ChatMessage(role="user", content=said)]))
    return {"text": "".join(piece.delta for piece in pieces), "whole": pieces[-1].message.content}


def tools(said, **given):
    seen = []

    def weather(city: str) -> str:
        """Looks out."""
        seen.append(city)
        return f"clear in {city}"

    async def run():
        agent = FunctionAgent(
            tools=[FunctionTool.from_defaults(weather)], system_prompt="Be brief.",
            llm=model(**given, is_function_calling_model=True),
        )  # fmt: skip
        return str(await agent.run(said))

    return {"text": asyncio.run(run()), "seen": seen}


def parsed(said, **given):
    """By a schema that the answer must keep."""
    wanted = model(**given, should_use_structured_outputs=True).as_structured_llm(Plant)
    return wanted.complete(said).raw.model_dump()


def parsed_by_a_call(said, **given):
    """By a tool that the model must call."""
    wanted = model(**given, is_function_calling_model=True).as_structured_llm(Plant)
    return wanted.complete(said).raw.model_dump()


def goes_on(said, then, **given):
    engine = SimpleChatEngine.from_defaults(llm=model(**given))
    return {"first": str(engine.chat(said)), "second": str(engine.chat(then))}


serve(
    {
        f.__name__: f
        for f in (whole, complete, streamed, tools, parsed, parsed_by_a_call, goes_on)
    }
)  # fmt: skip
