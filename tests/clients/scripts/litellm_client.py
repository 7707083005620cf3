"""LiteLLM as a library."""

import json

import litellm
from pydantic import BaseModel
from talk import serve

litellm.suppress_debug_info = True
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Looks out.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}


class Plant(BaseModel):
    plant: str
    weeks: int


def asked(url, key, domain, said=None, messages=None, retries=0):
    return {
        "model": f"openai/{domain}", "api_base": url, "api_key": key, "num_retries": retries,
        "max_retries": 0, "messages": messages or [{"role": "user", "content": said}],
    }  # fmt: skip


def responded(url, key, domain, said, previous=None):
    settings = {"model": f"openai/{domain}", "api_base": url, "api_key": key, "max_retries": 0}
    return {**settings, "input": said, "previous_response_id": previous}


def whole(**given):
    answer = litellm.completion(**asked(**given))
    message = answer.choices[0].message
    return {
        "text": message.content, "finish": answer.choices[0].finish_reason,
        "usage": answer.usage.model_dump(), "annotations": message.get("annotations"),
        "reasoning": message.get("reasoning_content"), "metier": getattr(answer, "metier", None),
    }  # fmt: skip


def streamed(**given):
    options = {"stream": True, "stream_options": {"include_usage": True}}
    chunks = list(litellm.completion(**asked(**given), **options))
    answer = litellm.stream_chunk_builder(chunks)
    message = answer.choices[0].message
    return {
        "text": message.content, "finish": answer.choices[0].finish_reason,
        "usage": answer.usage.model_dump(), "reasoning": message.get("reasoning_content"),
    }  # fmt: skip


def tools(said, stream=False, **given):
    messages, seen = [{"role": "user", "content": said}], []
    while True:
        answer = litellm.completion(
            **asked(**given, messages=messages), tools=[WEATHER], stream=stream
        )
        if stream:
            answer = litellm.stream_chunk_builder(list(answer))
        message = answer.choices[0].message
        if not message.tool_calls:
            return {"text": message.content, "seen": seen}
        messages.append(message.model_dump())
        for call in message.tool_calls:
            seen.append(json.loads(call.function.arguments)["city"])
            messages.append({"role": "tool", "tool_call_id": call.id, "content": "clear"})


def parsed(**given):
    answer = litellm.completion(**asked(**given), response_format=Plant)
    return Plant.model_validate_json(answer.choices[0].message.content).model_dump()


def goes_on(said, then, **given):
    messages = [{"role": "user", "content": said}]
    first = litellm.completion(**asked(**given, messages=messages)).choices[0].message
    messages += [first.model_dump(), {"role": "user", "content": then}]
    second = litellm.completion(**asked(**given, messages=messages)).choices[0].message
    return {"first": first.content, "second": second.content}


def respond(**given):
    answer = litellm.responses(**responded(**given))
    return {"id": answer.id, "text": answer.output_text, "status": answer.status}


def respond_streamed(**given):
    events = list(litellm.responses(**responded(**given), stream=True))
    text = "".join(e.delta for e in events if e.type == "response.output_text.delta")
    return {"text": text, "last": events[-1].type}


def left_after_a_piece(**given):
    answer = litellm.completion(**asked(**given), stream=True)
    for chunk in answer:
        if chunk.choices[0].delta.content:
            answer.completion_stream.close()
            return chunk.choices[0].delta.content


serve(
    {
        f.__name__: f
        for f in (whole, streamed, tools, parsed, goes_on, respond, respond_streamed,
                  left_after_a_piece)
    }
)  # fmt: skip
