"""Presidio's analyzer and anonymizer over HTTP, for the environment of a peer.

    python _presidio.py PORT

The two calls that LiteLLM's guardrail makes, answered by the libraries themselves with a blank
spaCy: what has a pattern or a checksum is found, and no network of names is run, which would take
tens of milliseconds. Microsoft's images do the same behind Flask.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import spacy
import uvicorn
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import SpacyNlpEngine
from presidio_anonymizer import AnonymizerEngine
from presidio_anonymizer.entities import RecognizerResult


class _Blank(SpacyNlpEngine):
    """A spaCy that splits into words and knows no names."""

    def __init__(self) -> None:
        super().__init__()
        self.nlp: Any = {"en": spacy.blank("en")}


class Presidio:
    """The ASGI application."""

    def __init__(self) -> None:
        self._analyzer = AnalyzerEngine(nlp_engine=_Blank(), supported_languages=["en"])
        self._anonymizer = AnonymizerEngine()

    def _answer(self, path: str, asked: dict[str, Any]) -> Any:
        if path == "/analyze":
            found = self._analyzer.analyze(
                asked["text"], asked.get("language", "en"), entities=asked.get("entities")
            )
            return [each.to_dict() for each in found]
        results = [RecognizerResult.from_json(each) for each in asked["analyzer_results"]]
        return json.loads(self._anonymizer.anonymize(asked["text"], results).to_json())

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", scope["method"] == "POST"
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        answer = self._answer(scope["path"], json.loads(body)) if body else {}
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})


if __name__ == "__main__":
    uvicorn.run(Presidio(), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning",
                access_log=False, lifespan="off")  # fmt: skip
