"""A Qdrant server that fails is told with a code and how to mend it; it comes back by itself."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import index_kit
import pytest

from metier.egress import TargetRule
from metier.knowledge import Index, QdrantServer
from metier.model import Document, MetierError

SECRET = "Zebulon Quartermain"
EN = [
    Document("fever.md", f"# Fever\n\nDrink fluids when you have a fever, {SECRET}.", "F", "C"),
    Document("return.md", "# Returns\n\nSend back an item within 14 days.", "R", "S"),
]
QUERY = f"does {SECRET} have a fever"


@pytest.fixture
def double() -> Iterator[index_kit.Double]:
    found = index_kit.Double()
    yield found
    found.stop()


@pytest.fixture
def open_at(tmp_path: Path) -> Iterator[Callable[..., Index]]:
    opened: list[Index] = []

    def open_index(url: str, **options: Any) -> Index:
        place = index_kit.at(url, **options)
        opened.append(Index.open(tmp_path / str(len(opened)), None, place=place))
        return opened[-1]

    yield open_index
    for each in opened:
        each.close()


def refusal(call: Callable[[], object], code: str) -> str:
    with pytest.raises(MetierError) as error:
        call()
    assert error.value.code == code and error.value.status == 503
    assert "Zebulon" not in error.value.message and error.value.__cause__ is None
    assert error.value.__suppress_context__ or error.value.__context__ is None
    return error.value.message


def works(index: Index) -> bool:
    try:
        return [p.title for p in index.search("t", "d", [QUERY], 5)] == ["F"]
    except MetierError:
        return False


def calls(index: Index) -> dict[str, Callable[[], object]]:
    return {
        "search": lambda: index.search("t", "d", [QUERY], 5),
        "add": lambda: index.add("t", "d", EN),
        "remove": lambda: index.remove("t", "d", "fever.md"),
        "count": lambda: index.count("t", "d"),
        "packs": lambda: index.packs("t"),
        "check": index.check,
    }


def test_the_index_works_over_http_as_it_does_in_memory(
    double: index_kit.Double, open_at: Callable[..., Index]
) -> None:
    index = open_at(double.url)
    assert index.add("t", "d", EN) == 2 and index.count("t", "d") == 2
    assert works(index)
    assert index.remove("t", "d", "fever.md") == 1 and not works(index)
    index.check()


def test_a_search_sends_no_text_and_no_tenant_s_name(
    double: index_kit.Double, open_at: Callable[..., Index]
) -> None:
    index = open_at(double.url)
    index.add("acme-tenant", "d", EN)
    double.requests.clear()
    assert index.search("acme-tenant", "d", [QUERY], 5)
    sent = " ".join(f"{path} {body.decode()}" for _, path, body in double.requests)
    assert double.requests and "acme" not in sent
    assert not any(word in sent.lower() for word in ("zebulon", "quartermain", "fever"))


@pytest.mark.parametrize("status", [400, 404, 429, 500, 502, 503])
def test_a_server_that_answers_with_an_error_is_away_and_comes_back(
    double: index_kit.Double, open_at: Callable[..., Index], status: int
) -> None:
    index = open_at(double.url)
    index.add("t", "d", EN)
    double.broken = status
    for call in calls(index).values():
        assert f"status {status}" in refusal(call, "index_unavailable")
    double.broken = 0
    assert works(index)


def test_a_server_that_is_not_there_is_away_and_comes_back(
    double: index_kit.Double, open_at: Callable[..., Index]
) -> None:
    double.stop()
    index = open_at(double.url)  # nothing is asked of it yet
    for call in calls(index).values():
        assert "can't be reached" in refusal(call, "index_unavailable")
    double.start()
    assert index.add("t", "d", EN) == 2 and works(index)


def test_a_server_that_stalls_is_not_waited_for_longer_than_is_set(
    double: index_kit.Double, open_at: Callable[..., Index]
) -> None:
    index = open_at(double.url, seconds=0.2)
    index.add("t", "d", EN)
    double.running.clear()
    for call in (calls(index)["search"], calls(index)["check"]):
        assert "`index.timeout_seconds`" in refusal(call, "index_timeout")
    double.running.set()
    assert index_kit.waited(lambda: works(index))


@pytest.mark.parametrize("key", [None, "wrong"])
def test_a_wrong_api_key_is_denied_and_says_which_setting_names_it(
    open_at: Callable[..., Index], key: str | None
) -> None:
    double = index_kit.Double(key="right")
    right = open_at(double.url, key="right")
    right.add("t", "d", EN)
    assert works(right)
    index = open_at(double.url, key=key)
    for call in calls(index).values():
        message = refusal(call, "index_denied")
        assert "`index.api_key_env`" in message and "wrong" not in message
    double.stop()


def test_an_answer_that_is_no_json_is_away(
    double: index_kit.Double, open_at: Callable[..., Index], monkeypatch: pytest.MonkeyPatch
) -> None:
    index = open_at(double.url)
    index.add("t", "d", EN)
    monkeypatch.setattr(double, "answer", lambda *_: (200, f"<html>{SECRET}"))
    for call in calls(index).values():
        refusal(call, "index_unavailable")


def test_an_older_qdrant_is_refused_since_it_ranks_otherwise(
    double: index_kit.Double, open_at: Callable[..., Index]
) -> None:
    double.version = "1.18.3"
    index = open_at(double.url)
    for call in (calls(index)["search"], calls(index)["add"], calls(index)["check"]):
        assert "older version than 1.19" in refusal(call, "index_foreign")
    double.version = "1.19.0"
    assert index.add("t", "d", EN) == 2 and works(index)


def test_servers_that_make_a_collection_at_the_same_time_both_go_on(
    double: index_kit.Double, open_at: Callable[..., Index]
) -> None:
    indexes = [open_at(double.url) for _ in range(4)]
    together = threading.Barrier(4)
    failed: list[Exception] = []

    def ingest(index: Index) -> None:
        together.wait(10)
        try:
            index.add("t", "d", EN)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=ingest, args=(index,)) for index in indexes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failed == [] and all(index.count("t", "d") == 2 and works(index) for index in indexes)


def test_a_collection_that_was_made_anew_by_another_model_is_refused_once_it_is_noticed(
    double: index_kit.Double, open_at: Callable[..., Index], monkeypatch: pytest.MonkeyPatch
) -> None:
    index = open_at(double.url)
    index.add("t", "d", EN)
    name = QdrantServer._of(index._place, "t")  # type: ignore[arg-type]
    double.memory.delete_collection(name)
    refusal(calls(index)["search"], "index_unavailable")  # the look was a moment ago
    other = open_at(double.url, model="another")
    other.add("t", "d", EN)
    assert "another model" in refusal(calls(index)["search"], "index_foreign")


def test_the_client_knows_no_way_but_through_egress(
    double: index_kit.Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    place = index_kit.at(double.url, key="a-key")
    assert place._client.collection_exists("x") is False
    assert {path for _, path, _ in double.requests} == {"/collections/x/exists"}
    assert "index.invalid" in str(vars(place._client._client))
    assert "a-key" not in json.dumps(vars(place._client._client), default=str)
    place.close()


def test_an_address_of_a_private_network_needs_a_target_that_is_private(tmp_path: Path) -> None:
    rule = TargetRule("https://127.0.0.1:6333")
    place = QdrantServer.at("cloud", rule, None, "metier", "none")
    index = Index.open(tmp_path, None, place=place)
    assert "private network" in refusal(index.check, "index_denied")
    index.close()


def test_without_its_client_the_extra_to_install_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "qdrant_client", None)
    with pytest.raises(MetierError, match=r"pip install 'metier\[qdrant\]'") as error:
        index_kit.at("http://127.0.0.1:6333")
    assert error.value.code == "not_installed"
