"""Files, recordings and pictures given with a message: read, refused or passed on by policy."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from served import CHAT, RESPONSES, Client, client_of, engine, problem, stored
from test_leaks_generated import texts_of
from toy import Gardening

from metier.model import Actor, Attachment, BadRequest, EgressBlocked, Message, Request, Role
from metier.privacy.images import Redacted
from metier_testing.upstream import PSEUDONYM, RecordingUpstream

NAME, MAIL, ZH_NAME, ZH_PHONE = (
    "Zebulon Quartermain", "zebulon.quartermain7@corp.example", "王丽华", "13800138000",
)  # fmt: skip
LETTER = f"Dear {NAME},\nwe will write to {MAIL} when the roses can be pruned.\n"
ZH_LETTER = f"患者姓名：{ZH_NAME}\n联系电话：{ZH_PHONE}\n"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAQAAAAEAQAAAACBiqPTAAAAD0lEQVR4nGP4z8DAAMEAEfgB/6HMnKIAAAAASUVORK5CYII="
)
PNG += bytes(range(256))  # decoders don't mind what follows a picture
POLICY = 'name: parts\nversion: "1"\ndescription: Of the tests.\nparts: {parts}\n'


@pytest.fixture
async def upstream() -> AsyncIterator[RecordingUpstream]:
    async with RecordingUpstream(split="whole") as server:
        yield server


@pytest.fixture
async def client(open_metier: Any, upstream: RecordingUpstream) -> AsyncIterator[Client]:
    async with client_of(await open_metier(Gardening(), engine=engine(upstream.base_url))) as found:
        yield found


@pytest.fixture
async def permissive(
    open_metier: Any, upstream: RecordingUpstream, tmp_path: Path
) -> AsyncIterator[Client]:
    """Under a policy that passes pictures and recordings on to the target `local`."""
    file = tmp_path / "parts.yaml"
    file.write_text(POLICY.format(parts="{image: local, audio: local}"), "utf-8")
    app = await open_metier(Gardening(), engine=engine(upstream.base_url), policies=(file,))
    async with client_of(app) as found:
        yield found


def inline(data: bytes, media_type: str) -> str:
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


def asked(path: str, part: dict[str, Any], text: str = "What does it say?") -> dict[str, Any]:
    kind, field = ("text", "messages") if path == CHAT else ("input_text", "input")
    content = [{"type": kind, "text": text}, part]
    return {"model": "gardening", field: [{"role": "user", "content": content}]}


def file_part(path: str, data: bytes, name: str, media_type: str = "") -> dict[str, Any]:
    payload = inline(data, media_type) if media_type else base64.b64encode(data).decode()
    holder = {"filename": name, "file_data": payload}
    return {"type": "file", "file": holder} if path == CHAT else {"type": "input_file", **holder}


def image_part(data: bytes) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": inline(data, "image/png")}}


def pdf(text: str) -> bytes:
    """A PDF of one page; built by hand, since pypdf writes no text."""
    shown = "".join(f"({line}) Tj 0 -20 Td " for line in text.splitlines())
    stream = f"BT /F1 12 Tf 50 700 Td {shown}ET"
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R"
        "/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>",
        f"<</Length {len(stream)}>>stream\n{stream}\nendstream",
    ]
    out = io.BytesIO(b"%PDF-1.4\n")
    out.seek(0, io.SEEK_END)
    places = []
    for number, each in enumerate(objects, 1):
        places.append(out.tell())
        out.write(f"{number} 0 obj{each}endobj\n".encode())
    start = out.tell()
    out.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode())
    out.write("".join(f"{place:010} 00000 n \n" for place in places).encode())
    out.write(f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF".encode())
    return out.getvalue()


FILES: dict[str, tuple[bytes, str, str]] = {
    "PDF": (pdf(LETTER), "letter.pdf", "application/pdf"),
    "PDF without a name": (pdf(LETTER), "", "application/pdf"),
    "text": (LETTER.encode(), "letter.txt", "text/plain"),
    "text in base64 alone": (LETTER.encode(), "letter.txt", ""),
    "Markdown": (f"# A letter\n\n{LETTER}".encode(), "letter.md", "text/markdown"),
    "CSV": (f"name,mail,crop\n{NAME},{MAIL},roses\n".encode(), "people.csv", "text/csv"),
    "JSON": (json.dumps({"name": NAME, "mail": MAIL, "crop": "roses"}).encode(),
             "people.json", "application/json"),
    "HTML": (f"<title>{NAME}</title><p>{LETTER}</p>".encode(), "letter.html", "text/html"),
}  # fmt: skip


@pytest.mark.parametrize("path", [CHAT, RESPONSES])
@pytest.mark.parametrize("kind", FILES)
async def test_a_file_is_read_hidden_like_a_message_and_restored_in_the_answer(
    client: Client, upstream: RecordingUpstream, kind: str, path: str
) -> None:
    data, name, media_type = FILES[kind]
    answer = await client.post(
        path, json=asked(path, file_part(path, data, name and f"{MAIL} {name}", media_type))
    )
    assert answer.status_code == 200, answer.text
    sent = texts_of(upstream.requests[-1])
    assert "roses" in sent and "Zebulon" not in sent and MAIL not in sent
    assert "<PERSON_" in sent or NAME not in data.decode("latin-1")
    assert NAME in answer.text and MAIL in answer.text  # the upstream repeats the pseudonyms


async def test_a_chinese_file_is_hidden_too(client: Client, upstream: RecordingUpstream) -> None:
    part = file_part(CHAT, ZH_LETTER.encode(), f"{ZH_NAME}的病历.txt", "text/plain")
    answer = await client.post(CHAT, json=asked(CHAT, part, "上面写了什么？"))
    assert answer.status_code == 200, answer.text
    sent = texts_of(upstream.requests[-1])
    assert "患者姓名" in sent and ZH_NAME not in sent and ZH_PHONE not in sent
    assert ZH_NAME in answer.json()["choices"][0]["message"]["content"]


async def test_a_name_known_from_the_words_is_hidden_in_the_file(
    client: Client, upstream: RecordingUpstream
) -> None:
    part = file_part(CHAT, b"mossgrave: three roses", "list.txt", "text/plain")
    text = "My name is Tamsin Mossgrave. What is there for me?"
    assert (await client.post(CHAT, json=asked(CHAT, part, text))).status_code == 200
    assert "mossgrave" not in texts_of(upstream.requests[-1]).lower()


REFUSED_FILES: dict[str, tuple[bytes, str, str, str]] = {
    "a type that is not read": (b"PK\3\4", "letter.docx", "application/octet-stream", ".docx"),
    "a type nobody knows": (b"x", f"letter.{MAIL}", "", "can't be searched"),
    "an empty file": (b" ", "letter.txt", "text/plain", "empty"),
    "a broken PDF": (b"%PDF-1.4 nothing", "letter.pdf", "application/pdf", "PDF"),
    "a text in another encoding": (b"\xff\xfe\x00", "letter.txt", "text/plain", "file.txt"),
    "a picture": (PNG, "letter.png", "image/png", ".png"),
}


@pytest.mark.parametrize("case", REFUSED_FILES)
async def test_a_file_that_cannot_be_read_is_refused_with_the_reason(
    client: Client, upstream: RecordingUpstream, case: str
) -> None:
    data, name, media_type, says = REFUSED_FILES[case]
    answer = await client.post(CHAT, json=asked(CHAT, file_part(CHAT, data, name, media_type)))
    error = problem(answer, 400)
    assert error["code"] == "unsupported_content" and says in error["message"]
    assert "Instead, paste what it says" in error["message"]
    assert MAIL not in answer.text and not upstream.requests


async def test_a_file_that_is_too_long_is_refused(
    client: Client, upstream: RecordingUpstream
) -> None:
    part = file_part(CHAT, b"roses " * 20_000, "long.txt", "text/plain")
    problem(await client.post(CHAT, json=asked(CHAT, part)), 413)
    assert not upstream.requests


@pytest.mark.parametrize("scheme", ["https://pictures.example/", "http://", "file:///etc/", "//"])
async def test_nothing_is_fetched(client: Client, upstream: RecordingUpstream, scheme: str) -> None:
    for part in (
        {"type": "image_url", "image_url": {"url": f"{scheme}{MAIL}"}},
        {"type": "file", "file": {"file_data": f"{scheme}{MAIL}"}},
    ):
        answer = await client.post(CHAT, json=asked(CHAT, part))
        error = problem(answer, 400)
        assert "nothing is fetched" in error["message"] or "not valid base64" in error["message"]
        assert MAIL not in answer.text and not upstream.requests


@pytest.mark.parametrize("payload", ["", "data:image/png;base64,@@@", "data:image/png,plain", "x"])
async def test_data_that_is_none_is_refused(
    client: Client, upstream: RecordingUpstream, payload: str
) -> None:
    part = {"type": "image_url", "image_url": {"url": payload}}
    problem(await client.post(CHAT, json=asked(CHAT, part)), 400)
    assert not upstream.requests


async def test_a_recording_is_refused_unless_policy_says_otherwise(
    client: Client, upstream: RecordingUpstream
) -> None:
    part = {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}}
    error = problem(await client.post(CHAT, json=asked(CHAT, part)), 400)
    assert "`input_audio`" in error["message"] and "transcript" in error["message"]
    assert "parts.audio" in error["message"] and not upstream.requests


async def test_without_a_text_recogniser_pictures_are_refused_and_it_says_what_is_missing(
    client: Client, upstream: RecordingUpstream, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    error = problem(await client.post(CHAT, json=asked(CHAT, image_part(PNG))), 400)
    assert "tesseract is not installed" in error["message"] and not upstream.requests


async def test_what_policy_keeps_local_passes_to_the_local_target_as_it_came(
    permissive: Client, upstream: RecordingUpstream
) -> None:
    sound = {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}}
    for part in (sound, image_part(PNG)):
        answer = await permissive.post(CHAT, json=asked(CHAT, part))
        assert answer.status_code == 200, answer.text
        sent = json.loads(upstream.requests[-1])["messages"][-1]["content"]
        assert part in sent and {"type": "text", "text": "What does it say?"} in sent


async def test_only_the_newest_message_brings_its_attachments(
    permissive: Client, upstream: RecordingUpstream
) -> None:
    upstream.reply_with("Roses.")
    first = asked(CHAT, image_part(PNG))
    assert (await permissive.post(CHAT, json=first)).status_code == 200
    said = [*first["messages"], {"role": "assistant", "content": "Roses."},
            {"role": "user", "content": "And when?"}]  # fmt: skip
    again = await permissive.post(CHAT, json={"model": "gardening", "messages": said})
    assert again.status_code == 200
    sent = texts_of(upstream.requests[-1])
    assert "What does it say?\n[image]" in sent and "base64" not in sent


async def test_a_conversation_keeps_a_note_and_no_picture(
    permissive: Client, upstream: RecordingUpstream, home: Path
) -> None:
    upstream.reply_with("Roses.")
    headers = {"X-Metier-Conversation": "garden"}
    body = asked(CHAT, image_part(PNG)) | {"metier": {"explain": True}}
    told = await permissive.post(CHAT, json=body, headers=headers)
    payload = base64.b64encode(PNG).decode()
    assert payload not in json.dumps(told.json()["metier"]["why"]["outgoing"])
    assert "[image, sha256 " in told.json()["metier"]["why"]["outgoing"]
    again = {"model": "gardening", "messages": [{"role": "user", "content": "And when?"}]}
    assert (await permissive.post(CHAT, json=again, headers=headers)).status_code == 200
    sent = texts_of(upstream.requests[-1])
    assert "What does it say?\n[image]" in sent and payload not in sent
    assert stored(home)


async def test_a_conversation_is_found_again_by_its_picture(
    permissive: Client, upstream: RecordingUpstream
) -> None:
    """An edit of the picture is an edit: it branches, and its vault is its own."""
    upstream.reply_with("A rose.")
    first = asked(CHAT, image_part(PNG), "I am Tamsin Mossgrave. What is it?")
    assert (await permissive.post(CHAT, json=first)).status_code == 200
    (pseudonym,) = set(PSEUDONYM.findall(texts_of(upstream.requests[-1])))
    for data, same in ((PNG, True), (PNG + b"\0", False)):
        edited = asked(CHAT, image_part(data), "I am Tamsin Mossgrave. What is it?")["messages"]
        said = [*edited, {"role": "assistant", "content": "A rose."},
                {"role": "user", "content": "And when?"}]  # fmt: skip
        body = {"model": "gardening", "messages": said}
        assert (await permissive.post(CHAT, json=body)).status_code == 200
        assert (pseudonym in texts_of(upstream.requests[-1])) is same


@pytest.mark.parametrize(
    "text", [inline(PNG * 3, "image/png"), f"<img src='{inline(PNG * 3, 'image/png')}'>",
             base64.b64encode(pdf(LETTER)).decode()],
)  # fmt: skip
async def test_a_file_inside_the_words_is_refused(
    client: Client, upstream: RecordingUpstream, text: str
) -> None:
    body = {"model": "gardening", "messages": [{"role": "user", "content": f"What is {text}?"}]}
    error = problem(await client.post(CHAT, json=body), 400)
    assert error["code"] == "unsupported_content" and not upstream.requests


@pytest.mark.parametrize("role", [Role.SYSTEM, Role.ASSISTANT])
async def test_python_callers_attach_to_user_messages_only(open_metier: Any, role: Role) -> None:
    app = await open_metier(Gardening())
    picture = Message(role, "x", attachments=(Attachment("image", "image/png", PNG),))
    request = Request("gardening", (picture, Message(Role.USER, "x")), Actor("default", "anna"))
    with pytest.raises(BadRequest, match="only a user's message"):
        await app.respond(request)


@pytest.mark.parametrize("kind", ["video", "model_config", ""])
async def test_a_kind_nobody_knows_is_refused(
    open_metier: Any, upstream: RecordingUpstream, kind: str
) -> None:
    app = await open_metier(Gardening(), engine=engine(upstream.base_url))
    message = Message(Role.USER, "What?", attachments=(Attachment(kind, "x/y", PNG),))
    with pytest.raises(BadRequest, match="refused here"):
        await app.respond(Request("gardening", (message,), Actor("default", "anna")))
    assert not upstream.requests


async def test_too_many_attachments_are_refused(client: Client) -> None:
    body = asked(CHAT, image_part(PNG))
    body["messages"][0]["content"] += [image_part(PNG)] * 8
    problem(await client.post(CHAT, json=body), 400)


async def test_a_message_needs_words_beside_its_picture(client: Client) -> None:
    error = problem(await client.post(CHAT, json=asked(CHAT, image_part(PNG), "")), 400)
    assert "in words" in error["message"]


@pytest.mark.parametrize(
    ("text", "says"),
    [("When do I prune?", "can't look at pictures"), ("月季什么时候修剪？", "看不了图片")],
)
async def test_the_grounded_engine_says_that_it_looks_at_nothing_and_answers_from_the_words(
    open_metier: Any, text: str, says: str
) -> None:
    async with client_of(await open_metier(Gardening())) as client:
        answer = await client.post(CHAT, json=asked(CHAT, image_part(PNG), text))
        plain = await client.post(
            CHAT, json={"model": "gardening", "messages": [{"role": "user", "content": text}]}
        )
    said = answer.json()["choices"][0]["message"]["content"]
    assert says in said and said.endswith(plain.json()["choices"][0]["message"]["content"])


async def test_a_picture_that_was_not_searched_never_leaves(
    open_metier: Any, upstream: RecordingUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the redaction made is let past the guard by its digest, and nothing else."""
    from metier.pipeline import _attachments

    app = await open_metier(Gardening(), engine=engine(upstream.base_url))
    real = _attachments.hide_attachments

    def unsearched(state: Any, plan: Any, *rest: Any) -> Any:
        return plan, real(state, plan, *rest)[1]

    monkeypatch.setattr("metier.pipeline._prepare.hide_attachments", unsearched)
    monkeypatch.setattr(_attachments, "find_reader", lambda: None)
    safe = Redacted(PNG[:90], "image/png", 1)
    monkeypatch.setattr(_attachments, "redact", lambda *_: safe)
    picture = Message(Role.USER, "What?", attachments=(Attachment("image", "image/png", PNG),))
    with pytest.raises(EgressBlocked, match="not searched"):
        await app.respond(Request("gardening", (picture,), Actor("default", "anna")))
    assert not upstream.requests
