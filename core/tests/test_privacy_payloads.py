"""Files in base64 are seen wherever they stand; only those that were searched pass the guard."""

from __future__ import annotations

import base64
import json

import pytest

from metier.model import EgressBlocked
from metier.privacy import Detector, Vault, guard, hide_everything, holds_payload, payload_digest

HEADS = {
    "PNG": b"\x89PNG\r\n\x1a\n", "JPEG": b"\xff\xd8\xff\xe0", "GIF": b"GIF89a", "PDF": b"%PDF-1.7",
    "WebP and WAV": b"RIFF\0\0\0\0WEBP", "MP3": b"ID3\4", "Ogg": b"OggS", "office": b"PK\3\4",
}  # fmt: skip


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("form", ["{}", "see {} there", "data:x/y;base64,{}", '{{"a": "{}"}}'])
def test_a_file_in_base64_is_seen(head: str, form: str) -> None:
    payload = base64.b64encode(HEADS[head] + bytes(range(200))).decode()
    assert holds_payload(form.format(payload))
    folded = "\n".join(payload[i : i + 76] for i in range(0, len(payload), 76))
    assert holds_payload(form.format(folded))


@pytest.mark.parametrize(
    "text",
    [
        "What does data:image/png;base64, mean?",
        "data:,hello",
        "iVBORw0KGgo is how a PNG begins",
        "a" * 5000,
        base64.b64encode(b"My name is Anna and I like roses. " * 20).decode(),
        "月季" * 500,
    ],
)
def test_words_are_no_file(text: str) -> None:
    assert not holds_payload(text)


def body(url: str) -> bytes:
    part = {"type": "image_url", "image_url": {"url": url}}
    return json.dumps({"messages": [{"role": "user", "content": [part]}]}).encode()


def test_the_guard_lets_past_exactly_what_was_searched() -> None:
    payload = base64.b64encode(HEADS["PNG"] + bytes(range(200))).decode()
    searched = f"data:image/png;base64,{payload}"
    passed = {payload_digest(searched)}

    def look(url: str) -> None:
        guard(body(url), Vault.new(), Detector(), hide_everything, payloads=passed)

    look(searched)
    for other in (searched[:-4] + "AAAA", searched + "AAAA", f"{searched} ", f"x {searched}"):
        with pytest.raises(EgressBlocked, match="not searched"):
            look(other)
    with pytest.raises(EgressBlocked, match="not searched"):
        guard(body(searched), Vault.new(), Detector(), hide_everything)
