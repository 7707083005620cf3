"""Forty scripted conversations: nothing planted goes out, everything comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import yaml

from metier import config
from metier.app import Metier, make_keys
from metier.egress import EgressClient, TargetRule
from metier.inference import OpenAIEngine
from metier.model import Decision
from metier_testing.upstream import RecordingUpstream

CONVERSATIONS: Sequence[Mapping[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "conversations.yaml").read_text("utf-8")
)


def test_there_are_forty_ten_a_domain_in_two_languages() -> None:
    domains = [c["domain"] for c in CONVERSATIONS]
    assert len(domains) == 40 and {domains.count(d) for d in domains} == {10}
    chinese = [c for c in CONVERSATIONS if any("\u4e00" <= x <= "\u9fff" for x in c["turns"][0])]
    assert len(chinese) >= 16


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["whole", "char", "random"])
async def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Metier, RecordingUpstream]]:
    """One app for all conversations, each of another person, and one upstream a way of cutting."""
    home = tmp_path_factory.mktemp("home")
    make_keys(home)
    async with RecordingUpstream(split=request.param, seed=7) as upstream:
        client = EgressClient({"local": TargetRule(upstream.base_url, private=True)})
        engine = OpenAIEngine(client, "local", "test-model")
        async with Metier.open(home, config.Settings(embeddings="none"), engine=engine) as app:
            yield app, upstream


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("number", range(len(CONVERSATIONS)))
async def test_nothing_planted_leaves_and_all_of_it_is_restored(
    served: tuple[Metier, RecordingUpstream], number: int
) -> None:
    app, upstream = served
    upstream.requests.clear()
    conversation = CONVERSATIONS[number]
    answers = []
    for said in conversation["turns"]:
        asked = app.request(
            conversation["domain"], said, subject=f"person-{number}", conversation="c"
        )
        answers.append(await app.respond(asked))
    sent = b"\n".join(upstream.requests).decode()
    for value in conversation["planted"]:
        assert value not in sent
        assert value.encode("unicode_escape").decode() not in sent
    shown = "\n".join(a.text for a in answers)
    judged = any(v.decision is not Decision.ALLOW for a in answers for v in a.verdicts)
    assert upstream.requests or judged
    if not judged:  # the upstream repeats what it was sent; checks may rewrite an answer
        for value in conversation["planted"]:
            assert value in shown
        assert not [p for p in answers[-1].why.hidden if p.shown in shown]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("said", ["手机13812345678", "My mobile: 07700 900123"])
async def test_what_is_remembered_of_a_person_stops_no_later_conversation(
    served: tuple[Metier, RecordingUpstream], said: str
) -> None:
    app, _ = served
    for conversation in ("first", "second"):
        asked = app.request("writing", said, subject=f"again-{said}", conversation=conversation)
        assert said in (await app.respond(asked)).text
