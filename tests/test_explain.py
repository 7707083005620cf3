"""Answers of the API explain themselves: the stock `openai` client asks, every domain tells why."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import httpx
import pytest
from live_server import served_domains

from metier.model import Actor, Why
from metier.pipeline._trace import STAGES

ACTORS = {
    "key-anna": Actor("default", "anna"),
    "key-bob": Actor("default", "bob"),
    "key-dora": Actor("default", "dora"),
    "key-emil": Actor("default", "emil"),
    "key-fay": Actor("default", "fay"),
    "key-clerk": Actor("default", "clerk", may_act_for=frozenset({"anna"})),
}
EXPLAIN: dict[str, Any] = {"metier": {"explain": True}}
NAMES = ("Zebulon Quartermain", "诸葛明亮")
ASKED = {
    ("education", "en"): ("Solve 2x + 3 = 11", "hint"),
    ("education", "zh"): ("解方程 2x + 3 = 11", "提示"),
    ("healthcare", "en"): ("What helps against a sore throat?", "throat"),
    ("healthcare", "zh"): ("嗓子疼怎么办？", "温盐水"),
    ("support", "en"): ("Where is my order ORD-10427?", "shipped"),
    ("support", "zh"): ("我的订单 ORD-10427 到哪里了？", "发货"),
    ("writing", "en"): ("Please correct: The dog wagged it's tail.", "wagged its tail"),
    ("writing", "zh"): ("请修改：他跑的很快。", "他跑得很快"),
}
CITED = {"healthcare", "writing"}


@pytest.fixture(scope="module")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served_domains(tmp_path_factory.mktemp("home"), ACTORS) as url:
        yield url


class Person:
    """Someone with the stock client, who asks on either wire, streamed or not."""

    def __init__(self, base_url: str, key: str, **headers: str) -> None:
        from openai import OpenAI

        self.client = OpenAI(base_url=base_url, api_key=key, max_retries=0, default_headers=headers)

    def agree(self, category: str) -> None:
        """As a person who wants to be remembered."""
        place = f"/subject/consent-text/{category}"
        version = self.client.get(place, cast_to=dict[str, str])["version"]
        given = {"category": category, "version": version}
        self.client.post("/subject/consents", body=given, cast_to=dict[str, str])

    def ask(
        self, domain: str, said: str, wire: str = "chat", *, stream: bool = False, **asked: Any
    ) -> tuple[str, dict[str, Any]]:
        """The text of the answer, and what is below its `metier`."""
        options: dict[str, Any] = {"extra_body": asked} if asked else {}
        if wire == "responses":
            made = self.client.responses.create(model=domain, input=said, stream=stream, **options)
            last = list(made)[-1].response if stream else made
            return last.output_text, last.metier
        messages: Any = [{"role": "user", "content": said}]
        found: Any = self.client.chat.completions.create(
            model=domain, messages=messages, stream=stream, **options
        )
        if not stream:
            return found.choices[0].message.content, found.metier
        chunks = list(found)
        assert not any(hasattr(c, "metier") for c in chunks[:-1])
        text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
        return text, chunks[-1].metier


@pytest.fixture
def anna(base_url: str) -> Person:
    return Person(base_url, "key-anna")


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("wire", ["chat", "responses"])
@pytest.mark.parametrize(("domain", "language"), ASKED)
def test_every_domain_tells_why(
    anna: Person, domain: str, language: str, wire: str, stream: bool
) -> None:
    asked, expected = ASKED[domain, language]
    name = NAMES[language == "zh"]
    said = f"我叫{name}。{asked}" if language == "zh" else f"My name is {name}. {asked}"
    text, told = anna.ask(domain, said, wire, stream=stream, **EXPLAIN)
    why = told["why"]
    assert expected in text and told["language"] == language
    used = {f["slot"]: f for f in why["used"]}
    assert used["name"]["value"] == name
    assert used["name"]["source"] == "turn" and used["name"]["extractor"].startswith("core:name")
    assert used["name"]["turn"] and used["name"]["learned_at"]
    (person,) = [h for h in why["hidden"] if h["entity"] == "PERSON"]
    assert person["action"] == "pseudonymise" and person["count"] >= 1
    assert person["rule"] == "baseline@1:entities.*.*"
    assert why["target"] == "local" and told["engine"] == "grounded"
    assert "<PERSON_" in why["outgoing"]
    assert name not in why["outgoing"] and json.dumps(name)[1:-1] not in why["outgoing"]
    assert why["passages"] and all(p["title"] and p["source"] for p in why["passages"])
    numbers = [p["number"] for p in why["passages"] if p["cited"]]
    assert numbers == sorted(c["number"] for c in told["citations"])
    assert bool(numbers) == (domain in CITED)
    assert [s["stage"] for s in why["stages"]] == list(STAGES)
    assert all(s["ms"] >= 0 for s in why["stages"])
    assert why["verdicts"] == told["verdicts"]
    # On a slow machine a hook may be late; that is told, by names alone.
    assert all(set(f) == {"plugin", "hook", "error"} for f in why["failures"])


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("wire", ["chat", "responses"])
@pytest.mark.parametrize("asked", [{}, {"metier": None}, {"metier": {}},
                                   {"metier": {"explain": False}}])  # fmt: skip
def test_without_the_field_the_answer_is_as_ever(
    anna: Person, wire: str, stream: bool, asked: Any
) -> None:
    _, told = anna.ask("writing", "Please correct: Its a example.", wire, stream=stream, **asked)
    assert set(told) == {"conversation", "language", "engine", "citations", "verdicts"}


def test_an_explanation_leaves_out_nothing_that_the_command_line_shows(anna: Person) -> None:
    _, told = anna.ask("education", "Solve 2x + 3 = 11", **EXPLAIN)
    shown = set(told) | set(told["why"]) | {"stages", "failures"}
    assert {field.name for field in fields(Why)} <= shown
    assert told["why"]["strategy"] == "socratic"


def test_a_fact_is_learned_once_and_then_used_with_the_turn_it_comes_from(base_url: str) -> None:
    emil = Person(base_url, "key-emil")
    first = emil.client.chat.completions.create(
        model="writing",
        messages=[{"role": "user", "content": "My name is Ada Lovell. Correct: Its a example."}],
        extra_body=EXPLAIN,
    )
    (learned,) = first.metier["why"]["learned"]  # type: ignore[attr-defined]
    assert learned["value"] == "Ada Lovell"
    assert learned["turn"] == first.id.removeprefix("chatcmpl-")
    _, told = emil.ask("writing", "请修改：他跑的很快。", **EXPLAIN)
    assert told["why"]["learned"] == []
    assert [f["turn"] for f in told["why"]["used"]] == [learned["turn"]]


@pytest.mark.parametrize("said", [
    "My password is hunter2xyz. Write to ada@mail.example or bob@mail.example.",
    "我的密码是hunter2xyz，写信给 ada@mail.example 或 bob@mail.example",
])  # fmt: skip
def test_what_was_hidden_is_counted_with_the_rule_and_without_the_value(
    base_url: str, said: str
) -> None:
    _, told = Person(base_url, "key-dora").ask("writing", said, **EXPLAIN)
    hidden = {h["entity"]: h for h in told["why"]["hidden"]}
    assert hidden["SECRET"] == {
        "entity": "SECRET", "action": "redact", "rule": "baseline@1:entities.SECRET.*", "count": 1,
    }  # fmt: skip
    assert hidden["EMAIL_ADDRESS"]["count"] == 2
    assert "hunter2xyz" not in json.dumps(told)
    assert "@mail.example" not in told["why"]["outgoing"]


@pytest.mark.parametrize("said", ["I have crushing chest pain", "我胸口很痛"])
def test_a_stopped_turn_tells_the_check_and_that_nothing_went_out(anna: Person, said: str) -> None:
    _, told = anna.ask("healthcare", said, "responses", **EXPLAIN)
    why = told["why"]
    assert [v["decision"] for v in why["verdicts"]] == ["escalate"]
    assert why["verdicts"][0]["check"].startswith("healthcare:")
    assert [s["stage"] for s in why["stages"]] == ["admit", "screen", "remember"]
    assert why["outgoing"] == "" and why["hidden"] == [] and why["passages"] == []


@pytest.mark.parametrize("said", ["I am allergic to penicillin. What helps a sore throat?",
                                  "我对青霉素过敏。嗓子疼怎么办？"])  # fmt: skip
def test_a_fact_withheld_from_a_domain_is_named_without_its_value(base_url: str, said: str) -> None:
    bob = Person(base_url, "key-bob")
    bob.agree("health")
    _, told = bob.ask("healthcare", said, **EXPLAIN)
    allergy = [f for f in told["why"]["used"] if f["slot"] == "allergy"][-1]
    assert allergy["constraint"] is True
    _, told = bob.ask("support", "Where is my order ORD-10427?", **EXPLAIN)
    assert {w["slot"] for w in told["why"]["withheld"]} == {"allergy"}
    assert "health" in told["why"]["withheld"][0]["rule"]
    assert allergy["value"] not in json.dumps(told, ensure_ascii=False)


def test_nothing_of_another_person_is_told(anna: Person, base_url: str) -> None:
    anna.ask("support", "My name is Zebulon Quartermain. Where is my order ORD-10427?")
    _, told = Person(base_url, "key-dora").ask("support", "Where is my order ORD-10427?", **EXPLAIN)
    assert "Quartermain" not in json.dumps(told)
    import openai

    stranger = Person(base_url, "key-bob", **{"X-Metier-Subject": "anna"})
    with pytest.raises(openai.PermissionDeniedError):
        stranger.ask("support", "Where is my order ORD-10427?", **EXPLAIN)


def test_who_acts_for_another_by_grant_gets_the_facts_but_not_the_words(
    anna: Person, base_url: str
) -> None:
    anna.ask("support", "My name is Zebulon Quartermain. Where is my order ORD-10427?")
    clerk = Person(base_url, "key-clerk", **{"X-Metier-Subject": "anna"})
    _, told = clerk.ask("support", "Where is my order ORD-10427?", **EXPLAIN)
    assert "Zebulon Quartermain" in [f["value"] for f in told["why"]["used"]]
    assert told["why"]["outgoing"] is None
    _, own = Person(base_url, "key-clerk").ask("support", "Where is ORD-10427?", **EXPLAIN)
    assert own["why"]["outgoing"] and own["why"]["used"] == []


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("path", ["chat/completions", "responses"])
@pytest.mark.parametrize(
    ("field", "param"),
    [
        ({"explain": "true"}, "metier.explain"),
        ({"explain": 1}, "metier.explain"),
        ({"explain": None}, "metier.explain"),
        ({"explain": True, "Zebulon": 1}, "metier"),
        ({"explian": True}, "metier"),
        ([], "metier"),
        ("explain", "metier"),
        (True, "metier"),
    ],
)
def test_a_wrong_field_is_a_clear_400(
    base_url: str, path: str, field: Any, param: str, stream: bool
) -> None:
    body = {
        "model": "writing", "stream": stream, "metier": field,
        **({"input": "x"} if path == "responses" else
           {"messages": [{"role": "user", "content": "x"}]}),
    }  # fmt: skip
    headers = {"Authorization": "Bearer key-anna"}
    answer = httpx.post(f"{base_url}/{path}", json=body, headers=headers)
    error = answer.json()["error"]
    assert answer.status_code == 400 and error["param"] == param
    assert param in error["message"] and "Zebulon" not in answer.text


def test_the_quickstart_is_true(base_url: str, tmp_path: Path, capsys: Any) -> None:
    page = (Path(__file__).parent.parent / "docs" / "quickstart.md").read_text("utf-8")
    code = page.split("```text\n")[1].split("```")[0]
    assert '"http://127.0.0.1:8080/v1"' in code and '".metier/api-key"' in code
    key = tmp_path / "api-key"
    key.write_text("key-fay\n", "utf-8")
    code = code.replace("http://127.0.0.1:8080/v1", base_url).replace(".metier/api-key", str(key))
    exec(code, {})
    printed = capsys.readouterr().out
    assert "1 Sore throat http" in printed
    assert "in this conversation: allergy penicillin by core:allergy" in printed
    table = page.split("## Why this answer")[1].split("\n## ")[0]
    named = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", table, re.M))))
    _, told = Person(base_url, "key-fay").ask("writing", "他跑的快", **EXPLAIN)
    assert named == set(told["why"])
    before = set(re.findall(r"`(\w+)`", page.split("Each answer carries `metier`: ")[1][:90]))
    assert before == set(told) - {"why"}


@pytest.mark.parametrize("header", ["true", "1"])
def test_where_several_people_speak_no_profile_is_told(base_url: str, header: str) -> None:
    fay = Person(base_url, "key-fay")
    fay.ask("healthcare", "I am allergic to penicillin. What helps a sore throat?")
    shared = Person(base_url, "key-fay", **{"X-Metier-Shared": header})
    _, told = shared.ask("healthcare", "I am allergic to latex. What helps?", **EXPLAIN)
    assert told["why"]["used"] == [] and told["why"]["learned"] == []
    assert "penicillin" not in json.dumps(told["why"]["outgoing"])
