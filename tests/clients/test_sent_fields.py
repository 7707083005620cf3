"""docs/clients.md lists the fields that each client sends, as they were seen."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from served import KEY

from . import installed
from .model_server import Served
from .process import ClientError, running

pytestmark = pytest.mark.slow
PAGE = Path(__file__).parents[2] / "docs" / "clients.md"
PATHS = ("/v1/chat/completions", "/v1/responses")
ROW = re.compile(r"^\| `(\w+\.\w+)` \| (.*) \| (.*) \|$", re.M)
OF_OPENAI = ("whole", "streamed", "tools", "parsed", "respond", "respond_streamed",
             "respond_parsed", "respond_tools_by_id", "respond_tool_runner")  # fmt: skip
OF_AI_SDK = ("whole", "streamed", "tools", "object", "goes_on")
WAYS = ("chat", "responses", "compatible")
SCRIPTS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "openai_node.mjs": (
        "node",
        [{"case": case} for case in OF_OPENAI]
        + [{"case": case, "stream": True} for case in OF_OPENAI if "tool" in case],
    ),
    "ai_sdk.mjs": ("node", [{"case": case, "way": way} for way in WAYS for case in OF_AI_SDK]),
    "litellm_client.py": (
        "litellm", [{"case": c} for c in ("whole", "streamed", "tools", "parsed", "respond")],
    ),
    "llamaindex_client.py": (
        "llamaindex",
        [{"case": c} for c in ("whole", "streamed", "tools", "parsed", "parsed_by_a_call")],
    ),
}  # fmt: skip


def sent(script: str, served: Served, folder: Path) -> dict[str, set[str]]:
    """The fields that a client sends, by path."""
    name, cases = SCRIPTS[script]
    with running(name, script, folder) as client:
        for case in cases:
            given = case | ({"then": "And roses?"} if case["case"] == "goes_on" else {})
            if "tool" in case["case"]:
                served.upstream.tool_call("weather", {"city": "Oslo"})
            with suppress(ClientError):  # what is no object by a schema was sent all the same
                client.ask(**given, url=served.url, key=KEY, domain="gardening", said="When?")
    return served.fields


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_page_lists_what_each_client_sends(
    scripted: Served, tmp_path: Path, script: str
) -> None:
    name, _ = SCRIPTS[script]
    if not installed(name):
        pytest.skip(f"{name} is not installed; run: python -m tests.clients.install")
    scripted.fields.clear()
    seen = sent(script, scripted, tmp_path)
    rows = {found[0]: found[1:] for found in ROW.findall(PAGE.read_text("utf-8"))}
    told = [set(re.findall(r"`(\w+)`", cell)) for cell in rows[script]]
    assert [seen.get(path, set()) for path in PATHS] == told
