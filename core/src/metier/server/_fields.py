"""What becomes of each field of a request: used, passed on to the model, ignored or refused.

One table a route, and nothing outside it: a name that is in no table is refused, so that
nobody believes a setting to be in force that is not. `docs/api.md` prints these tables.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from metier.model import BadRequest, Json


class Fate(StrEnum):
    """What becomes of a field."""

    USED = "used"
    PASSED = "passed on"
    IGNORED = "ignored"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Takes:
    """What a value may be, in words and as a test."""

    words: str
    test: Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a body.

    Args:
        name: as on the wire.
        fate: what becomes of it.
        note: what it does; of an ignored one why that is harmless; of a refused one why, and
            what to do instead. It is read in the docs and, of a refused one, in the error.
        takes: what its value may be, where nothing else checks that.
        harmless: values of a refused field that ask for nothing, and are let pass.
        extra: it is passed on by its name, in `Request.extra`.
        vllm: only a vLLM knows it; any other engine refuses it.
    """

    name: str
    fate: Fate
    note: str
    takes: Takes | None = None
    harmless: tuple[Json, ...] = ()
    extra: bool = False
    vllm: bool = False


Table = Mapping[str, Field]


def check_fields(raw: Mapping[str, Any], table: Table, where: str = "") -> dict[str, Json]:
    """Checks every field of an object against its table; null asks for nothing.

    Args:
        where: the object's own place in the body; "" for the body itself.

    Returns:
        The fields to pass on by name, in the table's order.

    Raises:
        BadRequest: a field that is not in the table or is refused, or a value that can't be
            taken. An unknown name is not repeated, as it can be anything that somebody wrote.
    """
    passed: set[str] = set()
    for place, (name, value) in enumerate(raw.items(), 1):
        field = table.get(name)
        if field is None:
            if value is None and where:  # clients send back all fields that their types know
                continue
            raise _unknown(name, place, table, where)
        if value is None:
            continue
        param = f"{where}.{name}" if where else name
        if field.fate is Fate.REFUSED:
            if not any(type(value) is type(ok) and value == ok for ok in field.harmless):
                raise BadRequest(
                    f"`{param}` is refused: {field.note}", code="unsupported_parameter", param=param
                )
        elif field.takes is not None and not field.takes.test(value):
            raise BadRequest(f"`{param}` must be {field.takes.words}.", param=param)
        elif field.extra:
            passed.add(name)
    return {name: raw[name] for name in table if name in passed} if passed else {}


def _unknown(name: str, place: int, table: Table, where: str) -> BadRequest:
    inside = f" of `{where}`" if where else ""
    near = difflib.get_close_matches(name[:64], list(table), 1, 0.8)
    meant = f" Did you mean `{near[0]}`?" if near else ""
    return BadRequest(
        f"Unknown parameter: field number {place}{inside} is none that this route knows.{meant} "
        "Leave it out; docs/api.md lists what is taken.",
        code="unknown_parameter",
        param=where or None,
    )


def known_keys(raw: Mapping[str, Any], names: Iterable[str], where: str) -> None:
    """Refuses keys of an object inside the body that nobody reads; null asks for nothing.

    Raises:
        BadRequest: one is not among `names`; it is not repeated.
    """
    known = dict.fromkeys(names)
    for place, (name, value) in enumerate(raw.items(), 1):
        if name not in known and value is not None:
            raise BadRequest(
                f"Unknown parameter: field number {place} of `{where}` is none of "
                f"{', '.join(f'`{each}`' for each in known)}. Leave it out.",
                code="unknown_parameter",
                param=where,
            )


# --- values ----------------------------------------------------------------------


def is_number(value: Any) -> bool:
    """Whether it is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_whole(value: Any) -> bool:
    """Whether it is a whole number."""
    return isinstance(value, int) and not isinstance(value, bool)


def _between(low: float, high: float) -> Takes:
    return Takes(f"a number from {low:g} to {high:g}", lambda v: is_number(v) and low <= v <= high)


def _whole(low: int, high: int = 2**31 - 1) -> Takes:
    return Takes(f"a whole number from {low} to {high}", lambda v: is_whole(v) and low <= v <= high)


def one_of(*values: str) -> Takes:
    """One of these words."""
    named = ", ".join(f'"{each}"' for each in values)
    return Takes(f"one of {named}", lambda v: isinstance(v, str) and v in values)


FLAG: Final = Takes("true or false", lambda v: isinstance(v, bool))
TEXT: Final = Takes("a text", lambda v: isinstance(v, str))
OBJECT: Final = Takes("an object", lambda v: isinstance(v, dict))
EFFORTS: Final = one_of("none", "minimal", "low", "medium", "high", "xhigh", "max")
VERBOSITIES: Final = one_of("low", "medium", "high")
_MOST_TOKENS = 1024
"""Tokens that a setting may name one by one."""
_DIGITS = 7
"""Of a token's id: no vocabulary needs more, and no telephone number has so few."""


def _token_id(value: Any) -> bool:
    return is_whole(value) and 0 <= value < 10**_DIGITS


def _biases(value: Any) -> bool:
    """Whether it gives token ids a bias; a key that is no token id could be anything."""
    return (
        isinstance(value, dict)
        and len(value) <= _MOST_TOKENS
        and all(key.isascii() and key.isdecimal() and len(key) <= _DIGITS for key in value)
        and all(is_number(bias) and -100 <= bias <= 100 for bias in value.values())
    )


_BIASES: Final = Takes(
    f"an object of at most {_MOST_TOKENS} token ids, each with a number from -100 to 100", _biases
)
_TOKENS: Final = Takes(
    f"a list of at most {_MOST_TOKENS} token ids",
    lambda v: isinstance(v, list) and len(v) <= _MOST_TOKENS and all(map(_token_id, v)),
)
_SWITCHES: Final = ("enable_thinking", "thinking", "thinking_budget")


def _template_settings(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and all(name in _SWITCHES for name in value)
        and all(isinstance(each, bool) or is_whole(each) for each in value.values())
    )


_FORMS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "json": lambda v: isinstance(v, dict),
    "regex": lambda v: isinstance(v, str),
    "choice": lambda v: isinstance(v, list) and bool(v) and all(isinstance(x, str) for x in v),
    "grammar": lambda v: isinstance(v, str),
    "json_object": lambda v: v is True,
}


def _structured(value: Any) -> bool:
    if not isinstance(value, dict) or len(value) != 1:
        return False
    ((name, form),) = value.items()
    return name in _FORMS and _FORMS[name](form)


# --- tables ----------------------------------------------------------------------


def _used(name: str, note: str) -> Field:
    return Field(name, Fate.USED, note)


def _setting(name: str, note: str) -> Field:
    """Passed on by a field of `Request` of its own, which checks it."""
    return Field(name, Fate.PASSED, note)


def _passed(name: str, takes: Takes, note: str) -> Field:
    return Field(name, Fate.PASSED, note, takes, extra=True)


def _vllm(name: str, takes: Takes, note: str) -> Field:
    return Field(name, Fate.PASSED, note, takes, extra=True, vllm=True)


def _ignored(name: str, takes: Takes | None, note: str) -> Field:
    return Field(name, Fate.IGNORED, note, takes)


def _refused(name: str, note: str, *harmless: Json) -> Field:
    return Field(name, Fate.REFUSED, note, harmless=harmless)


_LOGPROBS = (
    "the tokens of a model are not those of the answer, which has values put back and checks "
    "applied, so their probabilities would show placeholders or be of other words. Leave it out."
)
_OPERATORS = "the operator sets it, for all requests of the server. Leave it out."
_PROMPT = "metier makes the prompt, and keeps rules and constraints in it. Leave it out."
_GUIDED = "vLLM has dropped it and would ignore it. Use `structured_outputs` or `response_format`."
_TOKENISED = "tokens of the model show placeholders and not the answer's words. Leave it out."
_WHO = (
    "who asks is told by the key, and about whom by the header `X-Metier-Subject`. It is "
    "neither kept nor passed on."
)
_CACHE = (
    "a hint for OpenAI's own cache. Here the policies say who shares a cache, and the model "
    "server how long it keeps it."
)

_COMMON: Final = (
    _used("model", "The domain, as `GET /v1/models` lists it."),
    _used("stream", "true: server-sent events."),
    _used("store", "false: nothing of the turn is remembered. It is audited all the same."),
    _used(
        "metadata",
        "At most 16 pairs, keys of 64 characters and texts of 512. `metier_conversation` names the "
        "conversation. Nothing of it reaches the model.",
    ),
    _used("tools", "Functions the model may call; other types are refused."),
    _used("tool_choice", '"none", "auto", "required", or one of `tools` by its name.'),
    _setting("parallel_tool_calls", "Whether several calls may come at once; only with tools."),
    _setting("temperature", "0 to 2."),
    _setting("top_p", "0 to 1."),
    _setting("seed", "A whole number of 64 bits."),
    _setting("stop", "A text, or at most 16, none of them empty; values in them are hidden."),
    _passed("presence_penalty", _between(-2, 2), "-2 to 2."),
    _passed("frequency_penalty", _between(-2, 2), "-2 to 2."),
    _passed("logit_bias", _BIASES, "A bias from -100 to 100 by token id."),
    _used("metier", '`{"explain": true}` asks for `metier.why` in the answer.'),
    _ignored("user", TEXT, _WHO),
    _ignored("safety_identifier", TEXT, _WHO),
    _ignored("prompt_cache_key", TEXT, _CACHE),
    _ignored("prompt_cache_retention", one_of("in_memory", "in-memory", "24h"), _CACHE),
    _ignored("prompt_cache_options", OBJECT, _CACHE),
    _ignored(
        "service_tier",
        one_of("auto", "default"),
        "there is one tier, which the operator sets up; another one asked for is refused.",
    ),
    _refused("top_logprobs", _LOGPROBS, 0),
    _refused(
        "moderation",
        "the domain's own checks look at what comes and goes; see `metier.verdicts`. Leave it out.",
    ),
)  # fmt: skip

_OF_VLLM: Final = (
    _vllm("top_k", _whole(-1), "0 or -1: all tokens."),
    _vllm("min_p", _between(0, 1), "0 to 1."),
    _vllm("repetition_penalty", _between(0.01, 10), "0.01 to 10."),
    _vllm("min_tokens", _whole(0), "At least so many tokens."),
    _vllm("stop_token_ids", _TOKENS, "Tokens that end the answer."),
    _vllm("allowed_token_ids", _TOKENS, "The only tokens that may come."),
    _vllm("ignore_eos", FLAG, "Goes on after the end."),
    _vllm("include_stop_str_in_output", FLAG, "The stop sequence stays in the answer."),
    _vllm("skip_special_tokens", FLAG, "Whether special tokens are left out of the text."),
    _vllm("spaces_between_special_tokens", FLAG, "Whether spaces stand between them."),
    _vllm("include_reasoning", FLAG, "false: the model's thinking doesn't come back."),
    _vllm("thinking_token_budget", _whole(-1), "At most so many tokens of thinking."),
    _vllm(
        "chat_template_kwargs",
        Takes(
            f"an object of {', '.join(_SWITCHES)}, each true, false or a whole number",
            _template_settings,
        ),
        f"{', '.join(f'`{each}`' for each in _SWITCHES)} only: others change what the prompt says.",
    ),
    _vllm(
        "structured_outputs",
        Takes(f"an object with exactly one of {', '.join(_FORMS)}", _structured),
        "One of `json`, `regex`, `choice`, `grammar`, `json_object`; values in it are hidden.",
    ),
    _refused("cache_salt", _OPERATORS),
    _refused("priority", _OPERATORS),
    _refused("truncate_prompt_tokens", f"it cuts rules and constraints off; {_OPERATORS}"),
    _refused("truncation_side", _OPERATORS),
    _refused("mm_processor_kwargs", f"it can use up a server's memory; {_OPERATORS}"),
    _refused("media_io_kwargs", _OPERATORS),
    _refused("vllm_xargs", _OPERATORS),
    _refused("kv_transfer_params", _OPERATORS),
    _refused("chat_template", _PROMPT),
    _refused("documents", "metier makes the prompt. Ingest them, or send them in a message."),
    _refused("add_generation_prompt", _PROMPT, True),
    _refused("continue_final_message", _PROMPT, False),
    _refused("add_special_tokens", _PROMPT, False),
    _refused("echo", _PROMPT, False),
    _refused("guided_json", _GUIDED),
    _refused("guided_regex", _GUIDED),
    _refused("guided_choice", _GUIDED),
    _refused("guided_grammar", _GUIDED),
    _refused("guided_decoding_backend", _GUIDED),
    _refused("prompt_logprobs", _LOGPROBS),
    _refused("return_tokens_as_token_ids", _TOKENISED, False),
    _refused("return_token_ids", _TOKENISED, False),
    _refused("bad_words", "what is hidden can't be forbidden by its words. Use `logit_bias`.", []),
    _refused("use_beam_search", "it can't be streamed and checked. Use `n`.", False),
    _refused("length_penalty", "it is for beam search, which is refused. Leave it out.", 1, 1.0),
    _refused("best_of", "there are no probabilities to choose by. Use `n`.", 1),
)


def _table(*groups: tuple[Field, ...]) -> Table:
    return {field.name: field for group in groups for field in group}


CHAT: Final = _table(
    (
        _used("messages", "The conversation; at least one, the last one the user's or a tool's."),
        *_COMMON,
        _used("stream_options", "`include_usage`: usage in a last chunk. Only with `stream`."),
        _setting("max_tokens", "At most so many tokens; the older name of the next."),
        _setting("max_completion_tokens", "At most so many tokens, thinking included."),
        _setting("n", "1 to 8 answers."),
        _setting(
            "response_format", '"text", "json_object", or "json_schema" with a name and a schema.'
        ),
        _passed("reasoning_effort", EFFORTS, f"{EFFORTS.words[0].upper()}{EFFORTS.words[1:]}."),
        _passed("verbosity", VERBOSITIES, '"low", "medium" or "high"; vLLM knows none.'),
        _refused("logprobs", _LOGPROBS, False),
        _refused("functions", "it is out of date. Use `tools`.", []),
        _refused("function_call", "it is out of date. Use `tool_choice`."),
        _refused("modalities", 'answers are text. Leave it out, or send ["text"].', ["text"]),
        _refused("audio", "answers are text. Leave it out."),
        _refused(
            "prediction",
            "it saves time only, and all of it would have to be searched first. Leave it out.",
        ),
        _refused(
            "web_search_options",
            "the domain searches its own sources, and the web isn't asked. Leave it out.",
        ),
    ),
    _OF_VLLM,
)
"""POST /v1/chat/completions."""

_OPENAIS = "it steers machinery of OpenAI's own. Leave it out."
RESPONSES: Final = _table(
    (
        _used("input", "A text, or a list of messages, calls and their results."),
        *_COMMON,
        _used("instructions", "A system message before the input."),
        _used("previous_response_id", "Goes on after that answer."),
        _used("conversation", "The name of the conversation, or an object with its `id`."),
        _used("stream_options", "`include_obfuscation`: false, since nothing is padded."),
        _setting("max_output_tokens", "At most so many tokens, thinking included."),
        _setting("text", "`format` as `response_format` of chat, and `verbosity`."),
        _setting("reasoning", "`effort`, as `reasoning_effort` of chat."),
        _used("include", '`["reasoning.encrypted_content"]` or empty; see below.'),
        _refused(
            "background",
            "an answer is made while its client waits. Leave it out.",
            False,
        ),
        _refused("background_options", "there is no work in the background. Leave it out."),
        _refused(
            "truncation",
            'nothing is cut off unseen: a conversation that is too long is refused. Send "disabled"'
            ", and less.",
            "disabled",
        ),
        _refused(
            "context_management", "nothing is cut off or summed up unseen. Leave it out.", []
        ),
        _refused(
            "max_tool_calls", "the operator bounds the calls of a domain's tools. Leave it out."
        ),
        _refused("prompt", "there is no library of prompts. Use `instructions`."),
        _refused("image", _OPENAIS),
        _refused("access_programs", _OPENAIS),
    ),
    _OF_VLLM,
)  # fmt: skip
"""POST /v1/responses."""

RESPONSE_TEXT: Final = _table(
    (
        Field(
            "format",
            Fate.USED,
            "As `response_format` of chat; name and schema stand in it directly.",
            OBJECT,
        ),
        _passed("verbosity", VERBOSITIES, '"low", "medium" or "high"; vLLM knows none.'),
    )
)
"""`text` of the Responses route."""

_ONE_MODE = "there is one way of thinking, that of the model. Leave it out."
RESPONSE_REASONING: Final = _table(
    (
        _passed("effort", EFFORTS, "As `reasoning_effort` of chat."),
        _ignored("summary", one_of("auto"), "thinking isn't summed up, and auto allows for that."),
        _ignored("generate_summary", one_of("auto"), "the older name of `summary`."),
        _refused("context", "thinking isn't shown to a model again. Leave it out.", "auto",
                 "current_turn"),
        _refused("mode", _ONE_MODE, "standard"),
    )
)  # fmt: skip
"""`reasoning` of the Responses route."""

_BACK = "it came with an answer, and a model isn't shown it again."
CHAT_MESSAGE: Final = _table(
    (
        _used("role", "system, developer (sent on as system), user, assistant or tool."),
        _used("content", "A text or parts. Pictures, recordings and files: in the user's only."),
        _used("name", "Who speaks; hidden as any value. A system message goes without it."),
        _used("tool_calls", "An assistant's calls, as they came."),
        _used("tool_call_id", "The call that a tool's message answers."),
        _used("refusal", "An assistant's words, where it has no content."),
        _ignored("reasoning_content", None, _BACK),
        _ignored("reasoning", None, _BACK),
        _ignored("annotations", None, _BACK),
        _ignored("parsed", None, "what the OpenAI client read into the content."),
        _ignored("provider_specific_fields", None, "LiteLLM's own notes of an answer."),
        _refused("function_call", "it is out of date. Use `tool_calls`."),
        _refused("audio", "spoken answers are not kept. Send its words as `content`."),
    )
)
"""A message of `messages`."""
