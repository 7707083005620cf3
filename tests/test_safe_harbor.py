"""The page on HIPAA's Safe Harbor is true: each row's recognizer finds its example."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from presidio_analyzer import EntityRecognizer
from served import CHAT, client_of
from toy import Gardening

from metier.policy import compose, load
from metier.privacy import Detector, default_recognizers
from metier_policies import FILES

PAGE = Path(__file__).parent.parent / "docs" / "safe-harbor.md"
ROW = re.compile(r"^\| ([A-R]) \| (.+?) \| `(\w+)` \| `([\w-]+)` \| (\S+) \| `(.+)` \|$", re.M)
ROWS = ROW.findall(PAGE.read_text("utf-8"))


@cache
def recognizers() -> dict[str, EntityRecognizer]:
    return {r.name: r for r in default_recognizers()}


def test_every_one_of_the_eighteen_is_on_the_page() -> None:
    assert sorted({row[0] for row in ROWS}) == [chr(c) for c in range(ord("A"), ord("R") + 1)]
    table = [x for x in PAGE.read_text("utf-8").splitlines() if x.startswith("| ")]
    assert len(ROWS) == len(table) - 2  # no row is written so that it goes untested


@pytest.mark.parametrize(("letter", "kind", "entity", "recognizer", "action", "example"), ROWS)
def test_the_recognizer_of_a_row_finds_its_example(
    letter: str, kind: str, entity: str, recognizer: str, action: str, example: str
) -> None:
    named = recognizers()[recognizer]
    assert entity in named.supported_entities
    assert entity in {span.entity for span in Detector([named]).scan(example)}, (letter, kind)


@pytest.mark.parametrize(("entity", "action"), sorted({(row[2], row[4]) for row in ROWS}))
def test_the_baseline_does_what_the_page_says(entity: str, action: str) -> None:
    baseline = compose([load(FILES / "baseline.yaml")])
    assert baseline.entity_action(entity, "anywhere").action == action.strip("*")


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image_url", "image_url": {"url": "x"}},
        {"type": "input_image", "image_url": "x"},
        {"type": "input_audio", "input_audio": {"data": "eA==", "format": "wav"}},
        {"type": "file", "file": {"file_id": "x"}},
        {"type": "input_file", "file_id": "x"},
    ],
)
async def test_pictures_sound_and_files_are_refused_at_admission(
    open_metier: Any, part: dict[str, Any]
) -> None:
    app = await open_metier(Gardening())
    content = [{"type": "text", "text": "Who is this?"}, part]
    body = {"model": "gardening", "messages": [{"role": "user", "content": content}]}
    async with client_of(app) as client:
        answer = await client.post(CHAT, json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "unsupported_content"
