"""The example shop's orders: synthetic data of ours in SQLite.

Every order belongs to one subject; to anybody else it is "not found".
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    id TEXT PRIMARY KEY, subject TEXT NOT NULL, item TEXT NOT NULL, status TEXT NOT NULL,
    ordered TEXT NOT NULL, expected TEXT NOT NULL, tracking TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS tickets (
    number INTEGER PRIMARY KEY AUTOINCREMENT, subject TEXT NOT NULL, topic TEXT NOT NULL);
"""
_EXAMPLES = (
    ("ORD-10427", "wireless headphones", "shipped", "2026-11-12", "2026-11-27", "ZX81000427"),
    ("ORD-10428", "desk lamp", "processing", "2026-11-20", "2026-11-30", ""),
    ("ORD-10429", "coffee grinder", "delivered", "2026-10-30", "2026-11-06", "ZX81000429"),
    ("ORD-10430", "winter jacket", "processing", "2026-11-22", "2026-12-02", ""),
    ("ORD-10431", "notebook set", "cancelled", "2026-11-01", "2026-11-10", ""),
)

_ORDER = re.compile(r"[\s#]*(?:ord(?:er)?)?[\s\-#:：.]*(\d+)\s*", re.I)


def canonical(order: str) -> str:
    """An order number as the shop writes it: "ord 10427", "#10427" and "10427" are ORD-10427.

    What is none, such as a parcel's number, is returned in capitals.
    """
    match = _ORDER.fullmatch(order)
    return f"ORD-{match[1]}" if match else order.strip().upper()


class Orders:
    """The back end. Methods block; call them in a thread."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = path

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=5)
        connection.row_factory = sqlite3.Row
        connection.executescript(_SCHEMA)
        return connection

    def seed(self, subject: str) -> None:
        """Gives the subject the example orders, where there are none of anybody yet."""
        with self._open() as db:
            if db.execute("SELECT 1 FROM orders LIMIT 1").fetchone() is None:
                rows = [(n, subject, *rest) for n, *rest in _EXAMPLES]
                db.executemany(
                    "INSERT OR IGNORE INTO orders "
                    "(id, subject, item, status, ordered, expected, tracking) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?)",
                    rows,
                )

    def of(self, subject: str) -> list[dict[str, Any]]:
        with self._open() as db:
            rows = db.execute("SELECT * FROM orders WHERE subject = ? ORDER BY id", (subject,))
            return [_public(row) for row in rows]

    def status(self, subject: str, order: str) -> dict[str, Any]:
        """One order of the subject, by its number or its parcel's."""
        number = canonical(order)
        with self._open() as db:
            row = db.execute(
                "SELECT * FROM orders WHERE (id = ? OR (tracking <> '' AND tracking = ?)) AND subject = ?",
                (number, number, subject),
            ).fetchone()
        return _public(row) if row else {"error": "not_found", "order": number}

    def cancel(self, subject: str, order: str) -> dict[str, Any]:
        """Cancels an order that has not been shipped; cancelling twice changes nothing."""
        with self._open() as db:
            changed = db.execute(
                "UPDATE orders SET status = 'cancelled' "
                "WHERE id = ? AND subject = ? AND status = 'processing'",
                (canonical(order), subject),
            ).rowcount
        found = self.status(subject, order)
        if "error" in found:
            return found
        if found["status"] == "cancelled":
            return {"order": found["order"], "cancelled": True, "already": not changed}
        return {"order": found["order"], "cancelled": False, "reason": found["status"]}

    def ticket(self, subject: str, topic: str) -> int:
        """Opens a ticket for a person; it keeps the topic, not the words of the conversation."""
        with self._open() as db:
            cursor = db.execute(
                "INSERT INTO tickets (subject, topic) VALUES (?, ?)", (subject, topic)
            )
            return 2000 + int(cursor.lastrowid or 0)


def _public(row: sqlite3.Row) -> dict[str, Any]:
    found: Mapping[str, Any] = dict(row)
    return {"order": found["id"], **{k: found[k] for k in
            ("item", "status", "ordered", "expected", "tracking") if found[k]}}  # fmt: skip
