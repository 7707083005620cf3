"""Files that are broken or mean harm: refused clearly, at a place, without their content."""

from __future__ import annotations

import contextlib
import io
import json
import re
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.model import BadRequest
from metier.profile.importing import Given, Imported, Limits, Options, Upload, open_source
from metier.profile.importing._elements import elements

SECRET = "hunter2"


def refused(name: str, data: bytes, **options: Any) -> BadRequest:
    with pytest.raises(BadRequest) as caught:
        for _ in open_source(Upload(name, data), Options(**options)).items():
            pass
    assert SECRET not in caught.value.message
    return caught.value


def talk(text: str = SECRET) -> dict[str, Any]:
    return {"uuid": "u", "chat_messages": [{"sender": "human", "text": text}]}


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "."), data)
    return out.getvalue()


def test_a_bomb_is_stopped_where_it_unpacks_to_too_much() -> None:
    bomb = zipped(conversations__json=b"[" + b" " * 40_000_000 + json.dumps(talk()).encode() + b"]")
    assert len(bomb) < 100_000
    error = refused("bomb.zip", bomb)
    assert (error.code, error.status) == ("import_too_large", 413)


def test_the_sum_of_members_is_limited_too() -> None:
    data = zipped(conversations__json=json.dumps([talk("x" * 5000)] * 100).encode())
    error = refused("a.zip", data, limits=Limits(total=100_000))
    assert error.code == "import_too_large"


@pytest.mark.parametrize("cut", [10, 60, 200, -5])
def test_an_archive_that_is_cut_off(cut: int) -> None:
    data = zipped(conversations__json=json.dumps([talk(str(i)) for i in range(500)]).encode())
    assert refused("a.zip", data[:cut]).code == "import_unreadable"


def test_an_archive_with_a_damaged_member() -> None:
    data = bytearray(zipped(conversations__json=json.dumps([talk("x" * 9000)]).encode()))
    data[60] ^= 0xFF
    assert refused("a.zip", bytes(data)).code == "import_unreadable"


@pytest.mark.parametrize("depth", [101, 5_000, 200_000])
def test_deep_nesting(depth: int) -> None:
    raw = b'[{"uuid":"u","chat_messages":' + b"[" * depth + b"]" * depth + b"}]"
    assert "nested" in refused("conversations.json", raw).message


@pytest.mark.parametrize("end", [-1, -3, -30])
def test_json_that_is_cut_off_names_the_element(end: int) -> None:
    raw = json.dumps([talk(), talk(), talk()])[:end].encode()
    assert "element" in refused("conversations.json", raw).message


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b"[1, 2]", b'["x"]', b"[[{}]]", b"{", b"]", b"}", b"[}", b"nonsense", b'"hunter2"',
     b"[{}] hunter2", b"[{'uuid': 'hunter2'}]", b'[{"uuid": "hunter2"}]', b"\xff\xfe\x00",
     b'[{"chat_messages": "hunter2"}]', b'[{"mapping": ["hunter2"]}]', b'[{"uuid": "\xff\xfe"}]'],
)  # fmt: skip
def test_what_is_no_export(raw: bytes) -> None:
    assert refused("conversations.json", raw).code == "import_unreadable"


def test_another_encoding_is_named_not_guessed() -> None:
    chat = "2025/12/31 下午9:41 - 安: 我对花生过敏".encode("gb18030")
    error = refused("chat.txt", chat)
    assert "--encoding" in error.message
    (found,) = open_source(Upload("chat.txt", chat), Options(encoding="gb18030", me="安")).items()
    assert isinstance(found, Imported) and found.text == "我对花生过敏"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_marked_encodings_are_read(encoding: str) -> None:
    raw = json.dumps([talk("茶")], ensure_ascii=False).encode(encoding)
    (found,) = open_source(Upload("conversations.json", raw)).items()
    assert isinstance(found, Imported) and found.text == "茶"
    chat = "31/12/2025, 21:41 - Ann: 茶".encode(encoding)
    (line,) = open_source(Upload("chat.txt", chat)).items()
    assert isinstance(line, Imported) and line.text == "茶"


def test_half_characters_and_nul_do_not_come_through() -> None:
    raw = b'[{"uuid":"u","chat_messages":[{"sender":"human","text":"a\\ud83d b\\u0000"}]}]'
    (found,) = open_source(Upload("conversations.json", raw)).items()
    assert isinstance(found, Imported) and found.text == "a\ufffd b\ufffd"


def test_a_line_without_end() -> None:
    chat = b"31/12/2025, 21:41 - Ann: " + b"x" * 2_000_000
    assert "longer than" in refused("chat.txt", chat).message


def test_a_table_with_an_open_quotation() -> None:
    error = refused("a.csv", b'text,author\nok,Ann\n"hunter2,Ann\n')
    assert "line 3" in error.message


@pytest.mark.parametrize(
    "raw",
    [b"BEGIN:VCARD\nFN:hunter2\n", b"BEGIN:VCARD\nhunter2\nEND:VCARD\n", b"FN:hunter2\n",
     b"BEGIN:VCARD\nBEGIN:VCARD\n",
     b"BEGIN:VCARD\nFN;CHARSET=nonsense;ENCODING=QUOTED-PRINTABLE:hunter2\nEND:VCARD\n"],
)  # fmt: skip
def test_cards_that_are_none(raw: bytes) -> None:
    assert refused("a.vcf", raw).code == "import_unreadable"


@pytest.mark.parametrize("row", ["Hunter2!,x", "name,", "name," + "x" * 501, ",hunter2"])
def test_facts_that_cannot_be(row: str) -> None:
    assert "Line 2" in refused("a.csv", f"slot,value\n{row}\n".encode()).message


def test_links_in_a_folder_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text(json.dumps([talk()]))
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "conversations.json").symlink_to(tmp_path / "secret.json")
    with pytest.raises(BadRequest):
        open_source(folder)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="not there"):
        open_source(tmp_path / "nothing.json")


objects = st.dictionaries(
    st.text(max_size=5),
    st.recursive(
        st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=12),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
        ),
        max_leaves=8,
    ),
    max_size=4,
)


@given(st.lists(objects, max_size=6), st.integers(1, 40), st.booleans(), st.booleans())
def test_a_list_is_cut_as_json_has_it_wherever_its_pieces_end(
    values: list[dict[str, Any]], size: int, listed: bool, ascii_only: bool
) -> None:
    whole = [json.dumps(v, ensure_ascii=ascii_only) for v in values]
    raw = (f"[{', '.join(whole)}]" if listed else "\n".join(whole)).encode()
    pieces: Iterator[bytes] = (raw[i : i + size] for i in range(0, len(raw), size))
    assert list(elements(pieces, Limits(), "the file")) == values


def test_a_large_file_is_never_held_whole(tmp_path: Path) -> None:
    path = tmp_path / "conversations.json"
    one = json.dumps(talk("x" * 20_000)).encode()
    with path.open("wb") as file:
        file.write(b"[" + b",".join([one] * 1_000) + b"]")
    found = open_source(path)
    tracemalloc.start()
    count = sum(1 for _ in found.items())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 1_000
    assert peak < 4_000_000, "of 20 MB"


def test_the_same_file_read_in_the_same_way_has_the_same_fingerprint(tmp_path: Path) -> None:
    raw = json.dumps([talk()]).encode()
    (tmp_path / "a.json").write_bytes(raw)
    (tmp_path / "b.json").write_bytes(raw + b" ")
    first, again = open_source(tmp_path / "a.json"), open_source(tmp_path / "a.json")
    assert first.fingerprint == again.fingerprint
    assert first.fingerprint != open_source(tmp_path / "b.json").fingerprint
    assert first.fingerprint != open_source(tmp_path / "a.json", Options(me="Ann")).fingerprint
    assert list(first.items()) == list(first.items())


SAMPLES: dict[str, bytes] = {
    "conversations.json": json.dumps(
        [
            {"uuid": "u", "current_leaf_message_uuid": "1", "chat_messages": [
                {"uuid": "1", "parent_message_uuid": "0", "sender": "human", "text": "a",
                 "created_at": "2024-05-01T10:00:00Z", "content": [{"type": "text", "text": "b"}]},
            ]},
            {"mapping": {"a": {"parent": None, "message": {"author": {"role": "user"}}}},
             "chat_messages": []},
        ]
    ).encode(),
    "chatgpt.json": json.dumps(
        [{"conversation_id": "c", "current_node": "a", "create_time": 1.5, "mapping": {
            "a": {"parent": "b", "message": {"author": {"role": "user"}, "create_time": 2.5,
                  "content": {"content_type": "text", "parts": ["x", {"text": "y"}]}}},
            "b": {"parent": None, "message": None}}}]
    ).encode(),
    "chat.txt": b"31/12/2025, 21:41 - Ann: hi\n[31.12.25, 21:41:00] Bo: yo\nmore\n",
    "a.csv": b'date;author;text\n2024-05-01;Ann;"hi; there"\n3/4/25;Bo;yo\n',
    "b.csv": b"slot,value,category\nname,Ann,identity\n",
    "a.vcf": b"BEGIN:VCARD\nVERSION:4.0\nFN;X=\"a;b\":Ann\nBDAY:19960415\n"
    b"ADR:;;a;b;c;d;e\nEND:VCARD\n",
    "a.json": json.dumps(
        [{"date": "3/4/25", "author": "Ann", "text": "hi"}, {"slot": "name", "value": "Ann"},
         {"format": "metier-subject-1", "facts": [{"slot": "a", "value": "b"}]}]
    ).encode(),
}  # fmt: skip


SLACK: dict[str, bytes] = {
    "users.json": b'[{"id": "U1", "name": "Ann", "profile": {"display_name": "A"}}]',
    "general/2024-05-01.json": b'[{"type": "message", "user": "U1", "text": "a <@U1> <x|y>",'
    b' "ts": "1714557600.0002", "subtype": null, "bot_id": null}]',
}


@given(st.sampled_from(sorted(SLACK)), st.data())
def test_however_a_slack_export_is_broken_it_is_read_or_refused(
    name: str, data: st.DataObject
) -> None:
    value = data.draw(st.sampled_from([b"[]", b"{}", b"1", b"null", b'"U1"', b"1e999", b"", b"x"]))
    parts = re.split(rb'(?<=: )("[^"]*"|null)', SLACK[name])
    parts[data.draw(st.integers(0, len(parts) - 1))] = value
    members = {**SLACK, name: b"".join(parts)}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for each, raw in members.items():
            archive.writestr(each, raw)
    with contextlib.suppress(BadRequest):
        list(open_source(Upload("a.zip", out.getvalue()), Options(me="Ann")).items())


@pytest.mark.parametrize("name", sorted(SAMPLES))
@given(st.data())
def test_however_a_file_is_broken_it_is_read_or_refused(name: str, data: st.DataObject) -> None:
    raw = bytearray(SAMPLES[name])
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(raw)))
        cut = data.draw(st.integers(0, 6))
        piece = data.draw(
            st.sampled_from(
                [b"", b"\0", b"\xff", b'"', b"{", b"]", b"\n", b"null", b"[1]", b"9" * 30, b"1e999",
                 b"\xe2\x80\x8e", b"true", b"[]", b'{"a":[]}', b"-", b":", b";", b"\\", b"=\n",
                 b"9999-99-99"]
            )
        )  # fmt: skip
        raw[at : at + cut] = piece
    try:
        for item in open_source(Upload(name, bytes(raw)), Options(me="Ann")).items():
            assert isinstance(item, Imported | Given)
    except BadRequest as error:
        assert error.code.startswith("import_")


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("chat.txt", b"31/12/2025, 21:41 - Ann: " + b" " * 900_000 + b"x"),
        ("chat.txt", b"31/12/2025, 21:41 - Ann: x\n" + b"<" * 900_000),
        ("chat.txt", b"31/12/2025, 21:41 - Ann: x\n" + b"1/1/1, " * 100_000),
        ("a.vcf", b"BEGIN:VCARD\nFN" + b';"' * 400_000 + b":x\nEND:VCARD\n"),
        ("a.vcf", b"BEGIN:VCARD\nADR:" + b"\\" * 400_000 + b"\nEND:VCARD\n"),
        ("a.csv", b"text,date\nx," + b"1/2/2024" + b" " * 100_000 + b"x\n"),
        ("a.json", b'[{"text":"' + b"\\n" * 400_000 + b'"}]'),
    ],
    ids=range(7),
)
def test_no_line_takes_longer_than_its_length(name: str, raw: bytes) -> None:
    with contextlib.suppress(BadRequest):
        for _ in open_source(Upload(name, raw), Options(me="Ann")).items():
            pass
