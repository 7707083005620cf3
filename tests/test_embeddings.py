"""Vectors of texts: those of the encoder, for what it can read, and nothing kept of them."""

from __future__ import annotations

import asyncio
import json
import threading
from base64 import b64decode
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import openai
import pytest
from served import KEY, SECRET, Client, audited, client_of, problem, stored
from toy import Gardening

from metier import config
from metier.app import Metier
from metier.encoder import Encoder, build_model, is_built
from metier.model import Actor, MetierError
from metier.pipeline import EncoderQueue
from metier.server._embeddings import MOST_CHARACTERS, MOST_TEXTS, _texts

ROUTE = "/v1/embeddings"
MODEL = Encoder.name
TEXTS = ["Prune roses in March.", "When are roses cut back?", "The train to Leeds is late."]
CHINESE = "发烧时要多喝水，注意休息。"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model of the prepared home, else one built here."""
    prepared = config.home() / "model"
    if is_built(prepared):
        return prepared
    folder = tmp_path_factory.mktemp("encoder") / "model"
    build_model(folder)
    return folder


@pytest.fixture
async def client(home: Path, built: Path) -> AsyncIterator[Client]:
    (home / "model").symlink_to(built)
    async with (
        Metier.open(home, config.Settings(), plugins=[Gardening()]) as app,
        client_of(app, {"no-scope": Actor("default", "olga", scopes=frozenset({"chat"}))}) as found,
    ):
        yield found


def asked(**fields: Any) -> dict[str, Any]:
    return {"model": MODEL, "input": TEXTS[0], **fields}


async def test_the_vectors_are_the_encoders_and_what_is_alike_is_near(
    client: Client, built: Path
) -> None:
    answer = (await client.post(ROUTE, json=asked(input=TEXTS))).json()
    made = np.array([each["embedding"] for each in answer["data"]], np.float32)
    assert [each["index"] for each in answer["data"]] == [0, 1, 2]
    assert np.allclose(made, Encoder.open(built).encode(TEXTS), atol=1e-5)
    assert made[0] @ made[1] > made[0] @ made[2] + 0.2
    counted = sum(each.tokens for each in Encoder.open(built).measure(TEXTS))
    assert answer["usage"] == {"prompt_tokens": counted, "total_tokens": counted}
    assert answer["metier"] == {"languages": ["en"], "warnings": []}


async def test_base64_holds_the_same_numbers(client: Client) -> None:
    plain = (await client.post(ROUTE, json=asked())).json()["data"][0]["embedding"]
    packed = (await client.post(ROUTE, json=asked(encoding_format="base64"))).json()
    found = np.frombuffer(b64decode(packed["data"][0]["embedding"]), "<f4")
    assert np.allclose(found, plain, atol=1e-7) and len(found) == Encoder.dimensions


async def test_the_openai_client_works_as_it_comes(client: Client) -> None:
    sdk = openai.AsyncOpenAI(api_key=KEY, base_url="http://test/v1", http_client=client)
    found = await sdk.embeddings.create(model=MODEL, input=TEXTS)
    assert [len(each.embedding) for each in found.data] == [384, 384, 384]
    assert found.usage.prompt_tokens > 0 and found.model == MODEL


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (CHINESE, "Chinese"),
        ("什么是 machine learning", "mostly Chinese"),
        ("Добрый день", "Cyrillic"),
        ("مرحبا بالعالم", "Arabic"),
        ("hello 😀😀😀😀😀", "half of it unknown"),
        ("12345", "no words"),
    ],
)
async def test_what_the_encoder_cannot_read_gets_no_vector(
    client: Client, text: str, why: str
) -> None:
    error = problem(await client.post(ROUTE, json=asked(input=[TEXTS[0], text])), 400, why)
    assert (error["code"], error["param"]) == ("language_not_supported", "input[1]")
    assert text not in error["message"]


async def test_a_word_that_is_unknown_is_told(client: Client) -> None:
    texts = [TEXTS[0], "Please translate the word 好 into English for me"]
    found = (await client.post(ROUTE, json=asked(input=texts))).json()["metier"]["warnings"]
    assert [(each["index"], each["code"], each["unknown"]) for each in found] == [
        (1, "unknown_words", 1)
    ]


@pytest.mark.parametrize(
    ("fields", "status", "code", "param"),
    [
        ({"model": SECRET}, 404, "model_not_found", "model"),
        ({"model": "gardening"}, 404, "model_not_found", "model"),
        ({"input": None}, 400, None, "input"),
        ({"input": []}, 400, None, "input"),
        ({"input": ""}, 400, None, "input[0]"),
        ({"input": " "}, 400, None, "input[0]"),
        ({"input": [1, 2, 3]}, 400, "unsupported_content", "input"),
        ({"input": [[1, 2], [3]]}, 400, "unsupported_content", "input"),
        ({"input": ["a", {"text": SECRET}]}, 400, None, "input"),
        ({"input": {"text": SECRET}}, 400, None, "input"),
        ({"input": f"{SECRET}\0"}, 400, None, "input"),
        ({"input": ["a"] * (MOST_TEXTS + 1)}, 400, None, "input"),
        ({"input": "word " * 9000}, 400, "text_too_long", "input[0]"),
        ({"encoding_format": "int8"}, 400, None, "encoding_format"),
        ({"dimensions": 256}, 400, None, "dimensions"),
        ({SECRET: 1}, 400, "unknown_parameter", None),
    ],
)
async def test_what_cannot_be_taken_is_refused_without_its_words(
    client: Client, fields: dict[str, Any], status: int, code: str | None, param: str | None
) -> None:
    error = problem(await client.post(ROUTE, json=asked(**fields)), status)
    assert code is None or error["code"] == code
    assert param is None or error["param"] == param


def test_the_texts_of_one_request_are_bounded_together() -> None:
    assert len(_texts({"input": ["x" * (MOST_CHARACTERS // 2)] * 2})) == 2
    with pytest.raises(MetierError) as error:
        _texts({"input": ["x" * (MOST_CHARACTERS // 2)] * 3})
    assert (error.value.status, error.value.code) == (413, "text_too_long")


async def test_the_whole_dimensions_may_be_asked_for(client: Client) -> None:
    answer = await client.post(ROUTE, json=asked(dimensions=384, user="u", encoding_format=None))
    assert len(answer.json()["data"][0]["embedding"]) == 384


async def test_it_takes_a_key_for_searching(client: Client) -> None:
    no_key = await client.post(ROUTE, json=asked(), headers={"Authorization": "Bearer none"})
    problem(no_key, 401)
    other = await client.post(ROUTE, json=asked(), headers={"Authorization": "Bearer no-scope"})
    assert problem(other, 403)["code"] == "scope_missing"


async def test_the_log_counts_and_nothing_is_kept(client: Client, home: Path) -> None:
    before = stored(home)
    text = f"I am {SECRET}."
    tokens = await client.post(ROUTE, json=asked(input=[text]))
    event = audited(home)[-1]
    assert (event["kind"], event["actor"]) == ("texts-embedded", "anna")
    assert event["detail"] == {
        "model": MODEL, "texts": 1, "tokens": tokens.json()["usage"]["total_tokens"],
    }  # fmt: skip
    assert stored(home) == before
    assert not any(word in json.dumps(audited(home)) for word in SECRET.split())


def rows(home: Path) -> Any:
    from served import stored

    return stored(home)


async def test_without_an_encoder_the_error_says_how_to_get_one(open_metier: Any) -> None:
    async with client_of(await open_metier(Gardening())) as client:
        error = problem(await client.post(ROUTE, json=asked()), 404)
    assert "metier models fetch" in error["message"]


async def test_a_model_that_is_not_built_is_said_so(home: Path) -> None:
    async with (
        Metier.open(home, config.Settings(), plugins=[Gardening()]) as app,
        client_of(app) as client,
    ):
        error = problem(await client.post(ROUTE, json=asked()), 503)
    assert error["code"] == "model_missing"


# --- the queue -----------------------------------------------------------------------


async def test_one_works_at_a_time_and_small_work_is_not_behind_all_of_the_large() -> None:
    queue, order, busy = EncoderQueue(), [], SimpleNamespace(now=0, most=0)

    def work(name: str) -> None:
        busy.now += 1
        busy.most = max(busy.most, busy.now)
        order.append(name)
        busy.now -= 1

    await asyncio.gather(queue.run([lambda: work("large")] * 4), queue.run([lambda: work("small")]))
    assert busy.most == 1
    assert order.index("small") < 2


async def test_who_comes_when_too_many_wait_is_told_to_come_again() -> None:
    queue, gate = EncoderQueue(most=2), threading.Event()
    waiting = [asyncio.create_task(queue.run([gate.wait])) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(MetierError) as error:
        await queue.run([gate.wait])
    assert (error.value.status, error.value.code) == (429, "embeddings_busy")
    gate.set()
    await asyncio.gather(*waiting)
    assert await queue.run([lambda: 1]) == [1]


async def test_a_failure_leaves_the_queue_open() -> None:
    queue = EncoderQueue(most=1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            await queue.run([lambda: 1 / 0])
    assert await queue.run([lambda: 2]) == [2]
