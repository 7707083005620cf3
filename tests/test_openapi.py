"""`GET /openapi.json` describes every route there is, and no other; and nothing of this server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from served import client_of
from test_cross_tenant import routes
from toy import Gardening

from metier.model import Actor
from metier.server._fields import CHAT, RESPONSES, Fate
from metier.server._openapi import document, operations

KEYED = [(o.method, o.path) for o in operations() if o.scope]


def test_no_operation_is_described_twice() -> None:
    described = {
        (method.upper(), path)
        for path, methods in document()["paths"].items()
        for method in methods
    }
    assert len(described) == len(operations())


async def test_each_route_is_described_and_each_description_is_of_a_route(open_metier: Any) -> None:
    app = await open_metier(Gardening())
    there = {
        (method, re.sub(r":path}", "}", path))
        for method, path in routes(app)
        if not path.startswith("/local/")  # the door, for this home's own commands
    }
    assert {(o.method.upper(), o.path) for o in operations()} == there


async def test_it_needs_no_key_and_names_no_domain(open_metier: Any) -> None:
    app = await open_metier(Gardening(name="orchids"))
    async with client_of(app) as client:
        answer = await client.get("/openapi.json", headers={"Authorization": "Bearer wrong"})
    assert answer.status_code == 200
    assert answer.json() == document()
    assert "orchids" not in answer.text


async def test_what_is_said_to_need_a_key_needs_one(open_metier: Any) -> None:
    app = await open_metier(Gardening())
    headers = {"Authorization": "Bearer wrong"}
    async with client_of(app) as client:
        for method, path in KEYED:
            answer = await client.request(method, path, headers=headers, json={})
            assert answer.status_code in (401, 429), (method, path)


async def test_the_scope_that_is_named_is_enough(open_metier: Any) -> None:
    app = await open_metier(Gardening())
    keys = {
        scope: Actor("default", "anna", scopes=frozenset({scope}))
        for scope in {o.scope for o in operations() if o.scope}
    }
    async with client_of(app, keys) as client:
        for each in (o for o in operations() if o.scope):
            headers = {"Authorization": f"Bearer {each.scope}"}
            answer = await client.request(each.method, each.path, headers=headers, json={})
            assert "scope_missing" not in answer.text, each.path


def test_every_schema_is_one_and_every_reference_leads_to_something() -> None:
    told = document()
    for schema in _schemas(told):
        Draft202012Validator.check_schema(schema)
    for name in re.findall(r"'#/components/([a-zA-Z]+/[a-zA-Z0-9]+)'", str(told)):
        kind, _, each = name.partition("/")
        assert each in told["components"][kind], name


def _schemas(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        if "schema" in value:
            yield value["schema"]
        for inner in value.values():
            yield from _schemas(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _schemas(inner)


@pytest.mark.parametrize(
    ("path", "table"), [("/v1/chat/completions", CHAT), ("/v1/responses", RESPONSES)]
)
def test_the_hot_routes_take_the_fields_of_their_tables(path: str, table: Any) -> None:
    described = document()["paths"][path]["post"]["requestBody"]["content"]["application/json"]
    taken = {name for name, field in table.items() if field.fate is not Fate.REFUSED}
    assert set(described["schema"]["properties"]) == taken
    assert described["schema"]["additionalProperties"] is False
