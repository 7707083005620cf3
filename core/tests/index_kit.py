"""Places where tests of the index keep it: files, and a Qdrant server."""

from __future__ import annotations

import json
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from metier.egress import TargetRule
from metier.knowledge import QdrantServer

REAL = os.environ.get("METIER_QDRANT_URL", "")
"""A Qdrant server for the slow tests; they delete the collections they make."""


def in_memory() -> Any:
    """The client of Qdrant without a server: the same calls on lists in memory."""
    from qdrant_client import QdrantClient

    return QdrantClient(":memory:")


def server(client: Any, model: str = "none", name: str = "metier") -> QdrantServer:
    return QdrantServer(client, name, model)


def at(url: str, key: str | None = None, seconds: float = 5.0, model: str = "none") -> QdrantServer:
    """A server reached as metier reaches it."""
    rule = TargetRule(url, private=True, connect=seconds, first_byte=seconds, between_bytes=seconds)
    return QdrantServer.at("local", rule, key, "metier", model)


@contextmanager
def real(model: str = "none") -> Iterator[QdrantServer]:
    """The server at METIER_QDRANT_URL, under a name of its own, emptied afterwards."""
    name = f"metier-test-{uuid.uuid4().hex[:12]}"
    rule = TargetRule(REAL, private=True)
    key = os.environ.get("METIER_QDRANT_API_KEY")
    place = QdrantServer.at("local", rule, key, name, model)
    try:
        yield place
    finally:
        for each in place._client.get_collections().collections:
            if each.name.startswith(name):
                place._client.delete_collection(each.name)
        place.close()


class Double:
    """A small HTTP server in Qdrant's place, which passes requests on to the client in memory.

    Args:
        key: the API key that it wants.

    Set `broken` to a status to answer with it, or `stalled` to answer nothing until it is unset.
    """

    def __init__(self, key: str | None = None) -> None:
        self.key = key
        self.broken = 0
        self.version = "1.20.0"
        self.requests: list[tuple[str, str, bytes]] = []
        self.running = threading.Event()
        self.running.set()
        self.memory = in_memory()
        self._lock = threading.Lock()
        self._http: ThreadingHTTPServer | None = None
        self._port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Listens, after `stop` at the same port as before."""
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                double.requests.append((self.command, self.path, body))
                double.running.wait(30)
                status, answer = double.answer(
                    self.command, self.path, body, self.headers.get("api-key")
                )
                text = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = _any

            def log_message(self, *_: Any) -> None: ...

        self._http = ThreadingHTTPServer(("127.0.0.1", self._port), Handler)
        self._http.daemon_threads = True
        self._port = self._http.server_address[1]
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        """Stops listening; connections that are open are refused their next request."""
        self.running.set()
        if self._http is not None:
            self._http.shutdown()
            self._http.server_close()
            self._http = None

    def answer(self, method: str, path: str, body: bytes, key: str | None) -> tuple[int, Any]:
        if self._http is None:
            return 503, {"status": {"error": "stopped"}}
        if self.broken:
            return self.broken, {"status": {"error": "broken: " + body.decode("utf-8", "replace")}}
        place, _, _ = path.partition("?")
        if place == "/":
            return 200, {"title": "qdrant", "version": self.version}
        if self.key is not None and key != self.key:
            return 401, {"status": {"error": "Invalid API key"}}
        with self._lock:
            found = _call(self.memory, method, place, json.loads(body or b"{}"))
        status, result = found
        return status, {"result": result, "status": "ok", "time": 0.0}


def _call(memory: Any, method: str, place: str, body: dict[str, Any]) -> tuple[int, Any]:
    """What the client in memory makes of a request of the REST interface."""
    from qdrant_client import models as m

    parts = place.strip("/").split("/")
    assert parts[0] == "collections", place
    name, rest = parts[1], (method, *parts[2:])
    if rest == ("GET", "exists"):
        return 200, {"exists": memory.collection_exists(name)}
    if rest == ("PUT",):
        if memory.collection_exists(name):
            return 409, None
        made = m.CreateCollection.model_validate(body)
        memory.create_collection(
            name, made.vectors, sparse_vectors_config=made.sparse_vectors, metadata=made.metadata
        )
        return 200, True
    if not memory.collection_exists(name):
        return 404, None
    calls: dict[tuple[str, ...], Callable[[], Any]] = {
        ("GET",): lambda: memory.get_collection(name),
        ("PATCH",): lambda: memory.update_collection(name, metadata=body["metadata"]),
        ("PUT", "index"): lambda: _done(),
        ("PUT", "points"): lambda: memory.upsert(name, m.PointsList.model_validate(body).points),
        ("POST", "points"): lambda: memory.retrieve(name, **_kept(body)),
        ("POST", "points", "count"): lambda: memory.count(
            name, count_filter=m.CountRequest.model_validate(body).filter
        ),
        ("POST", "points", "delete"): lambda: memory.delete(
            name, m.FilterSelector.model_validate(body)
        ),
        ("POST", "points", "query", "batch"): lambda: memory.query_batch_points(
            name, m.QueryRequestBatch.model_validate(body).searches
        ),
    }
    result = calls[rest]()
    return 200, json.loads(json.dumps(result, default=_plain))


def _kept(body: dict[str, Any]) -> dict[str, Any]:
    return {"ids": body["ids"], "with_payload": body.get("with_payload", True)}


def _done() -> dict[str, Any]:
    return {"operation_id": 0, "status": "completed"}


def _plain(value: Any) -> Any:
    return value.model_dump(mode="json", exclude_none=True)


def waited(holds: Callable[[], bool], seconds: float = 20.0) -> bool:
    """Whether something comes to hold; asked again and again."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
