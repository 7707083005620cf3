"""POST /v1/embeddings: vectors of texts, by the encoder of this server."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, cast

import orjson
from fastapi import FastAPI, Request, Response

from metier.encoder import Encoder
from metier.model import BadRequest, Json, MetierError
from metier.pipeline import Embedded, EncoderQueue, embed
from metier.server._callers import Callers
from metier.server._fields import Fate, Field, Table, Takes, check_fields, one_of
from metier.server._wire import App, take

if TYPE_CHECKING:
    from metier.app import Metier

MOST_TEXTS = 2048
MOST_CHARACTERS = 200_000
"""Of all texts in one request; about the work of seconds."""

EMBEDDINGS: Final[Table] = MappingProxyType(
    {
        each.name: each
        for each in (
            Field("model", Fate.USED, f"`{Encoder.name}`."),
            Field("input", Fate.USED, "A text, or a list of texts."),
            Field("encoding_format", Fate.USED, '"float" or "base64".', one_of("float", "base64")),
            Field(
                "dimensions", Fate.USED, f"{Encoder.dimensions}, as they are.",
                Takes(
                    f"{Encoder.dimensions} or left out: the vectors of this model can't be cut off "
                    "without losing what they mean",
                    lambda v: type(v) is int and v == Encoder.dimensions,
                ),
            ),
            Field("user", Fate.IGNORED, "The key says who asks."),
        )
    }
)  # fmt: skip


def add_embeddings(rest: FastAPI, app: App, callers: Callers) -> None:
    """Adds the route. It takes the scope `search`."""
    metier, queue = cast("Metier", app), EncoderQueue()

    @rest.post("/v1/embeddings")
    async def embeddings(request: Request) -> Response:
        actor = await callers.actor(request, "search")
        raw = await callers.body(request)
        check_fields(raw, EMBEDDINGS)
        if take(raw, "model", str) != Encoder.name:
            raise MetierError(
                f"There is no such embedding model. Write `{Encoder.name}`.",
                code="model_not_found", status=404, param="model",
            )  # fmt: skip
        found = await embed(metier.parts, actor, _texts(raw), queue)
        body = _listed(found, raw.get("encoding_format") == "base64")
        return Response(
            orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY), media_type="application/json"
        )


def _texts(raw: Mapping[str, Any]) -> list[str]:
    """The texts of a request.

    Raises:
        BadRequest: there is none, there are too many, or they are something else.
    """
    given = take(raw, "input", (str, list))
    texts = [given] if isinstance(given, str) else given or []
    if not texts:
        raise BadRequest("`input` is empty; send a text or a list of texts.", param="input")
    if len(texts) > MOST_TEXTS:
        raise BadRequest(f"`input` holds more than {MOST_TEXTS:,} texts.", param="input")
    if any(isinstance(each, int | list) for each in texts):
        raise BadRequest(
            "`input` holds ids of tokens. They belong to another model's vocabulary; send the "
            "texts. LangChain sends them with `check_embedding_ctx_length=False`.",
            code="unsupported_content",
            param="input",
        )
    if not all(isinstance(each, str) for each in texts):
        raise BadRequest("`input` must be a text or a list of texts.", param="input")
    if sum(map(len, texts)) > MOST_CHARACTERS:
        raise BadRequest(
            f"`input` holds more than {MOST_CHARACTERS:,} characters. Send it in pieces.",
            code="text_too_long",
            status=413,
            param="input",
        )
    if any("\0" in each for each in texts):
        raise BadRequest("`input` contains a NUL character; remove it.", param="input")
    return texts


def _listed(found: Embedded, packed: bool) -> Json:
    tokens = sum(each.tokens for each in found.measured)
    return {
        "object": "list",
        "model": Encoder.name,
        "data": [
            {
                "object": "embedding",
                "index": place,
                "embedding": b64encode(vector.astype("<f4").tobytes()).decode()
                if packed
                else vector,
            }
            for place, vector in enumerate(found.vectors)
        ],
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
        "metier": {
            "languages": list(Encoder.languages),
            "warnings": [
                {"index": place, "code": "unknown_words", "tokens": each.tokens,
                 "unknown": each.unknown}
                for place, each in enumerate(found.measured)
                if each.unknown
            ],
        },
    }  # fmt: skip
