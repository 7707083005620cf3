"""WhatsApp chats as phones write them: manners, orders of dates, what is no message, forgery."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.model import BadRequest
from metier.profile.importing import Imported, Options, Source, Upload, open_source

NARROW = "\u202f"
MARK = "\u200e"


def read(text: str, **options: object) -> list[Imported]:
    return [i for i in source(text, **options).items() if isinstance(i, Imported)]


def source(text: str, **options: object) -> Source:
    return open_source(Upload("WhatsApp Chat with Bo.txt", text.encode()), Options(**options))  # type: ignore[arg-type]


MANNERS = [
    "12/31/25, 9:41 PM - Ann: hi",
    f"12/31/25, 9:41{NARROW}PM - Ann: hi",
    "31/12/2025, 21:41 - Ann: hi",
    "31.12.25, 21:41 - Ann: hi",
    "31/12/2025 21:41 - Ann: hi",
    "[31/12/2025, 21:41:00] Ann: hi",
    f"[12/31/25, 9:41:00{NARROW}PM] Ann: hi",
    "[31.12.25, 21:41:00] Ann: hi",
    "[2025/12/31 21:41:00] Ann: hi",
    "[2025/12/31 下午9:41:00] Ann: hi",
    "2025/12/31 下午9:41 - Ann: hi",
    "2025/12/31 晚上9:41 - Ann: hi",
    "2025年12月31日 21:41 - Ann: hi",
    "[2025. 12. 31. 오후 9:41:00] Ann: hi",
    "31/12/25, 9:41 p. m. - Ann: hi",
    "31/12/25, 9:41 p.\u00a0m. - Ann: hi",
    "31.12.2025 klo 21.41 - Ann: hi",
    "2025-12-31, 21:41 - Ann: hi",
    "[31-12-25 21:41:00] Ann: hi",
    f"{MARK}[31/12/2025, 21:41:00] Ann: hi",
    "\ufeff31/12/2025, 21:41 - Ann: hi",
]


@pytest.mark.parametrize("line", MANNERS)
def test_every_manner_says_the_same(line: str) -> None:
    (found,) = read(f"{line}\nand more", me="Ann")
    assert found.at == datetime(2025, 12, 31, 21, 41, tzinfo=UTC)
    assert (found.speaker, found.text) == ("user", "hi\nand more")


@pytest.mark.parametrize(
    ("half", "hour", "expected"),
    [("上午", 12, 0), ("凌晨", 1, 1), ("中午", 12, 12), ("中午", 1, 13), ("下午", 3, 15),
     ("晚上", 11, 23), ("下午", 12, 12)],
)  # fmt: skip
def test_halves_of_the_day_in_chinese(half: str, hour: int, expected: int) -> None:
    (found,) = read(f"2025/12/31 {half}{hour}:05 - 安: 你好", me="安")
    assert found.at is not None and found.at.hour == expected


def test_midnight_and_noon_in_english() -> None:
    chat = "12/31/25, 12:05 AM - Ann: a\n12/31/25, 12:05 PM - Ann: b"
    assert [m.at.hour for m in read(chat) if m.at] == [0, 12]


def test_the_whole_file_tells_the_order_of_day_and_month() -> None:
    early = "3/4/25, 10:00 - Ann: a\n3/5/25, 10:00 - Ann: b\n"
    american = read(early + "3/13/25, 10:00 - Ann: c")
    european = read("4/3/25, 10:00 - Ann: a\n13/3/25, 10:00 - Ann: c")
    assert [m.at.month for m in american if m.at] == [3, 3, 3]
    assert [m.at.day for m in european if m.at] == [4, 13]


def test_time_goes_forward_where_no_day_is_above_twelve() -> None:
    chat = "".join(f"{d}/1/25, 10:00 - Ann: x\n" for d in (9, 10, 11)) + "1/2/25, 10:00 - Ann: x"
    found = source(chat)
    assert [i.at.month for i in found.items() if i.at] == [1, 1, 1, 2]
    assert not found.notes


def test_what_no_date_tells_is_said_and_can_be_set() -> None:
    chat = "3/4/25, 10:00 - Ann: a"
    guessed, told = source(chat), source(chat, dates="mdy")
    assert "--dates" in guessed.notes[0] and not told.notes
    assert [i.at.month for i in told.items() if i.at] == [3]


def test_times_are_of_the_zone_that_was_given() -> None:
    zone = timezone(timedelta(hours=8))
    (found,) = read("2025/12/31 08:00 - 安: 早", zone=zone)
    assert found.at == datetime(2025, 12, 31, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "<Media omitted>", "<Medien ausgeschlossen>", "<省略多媒体文件>", "<已省略多媒體檔案>",
        f"{MARK}image omitted", "image omitted", "Sticker omitted", "图像已忽略", "圖片已略去",
        f"{MARK}<attached: 0001-PHOTO-2025.jpg>", "IMG-2025-WA0001.jpg (file attached)",
        "IMG-2025-WA0001.jpg (Datei angehängt)", "This message was deleted", "此訊息已刪除",
        f"{MARK}You deleted this message.", f"{MARK}Bo added you", "null",
        "Messages and calls are end-to-end encrypted. No one outside of this chat can read them.",
        "消息和通话已进行端到端加密。只有此聊天中的成员可以查看、收听或分享。",
    ],
)  # fmt: skip
def test_what_the_app_says_is_no_message(text: str) -> None:
    chat = f"31/12/2025, 21:41 - Ann: {text}\n31/12/2025, 21:42 - Ann: hello"
    assert [m.text for m in read(chat, me="Ann")] == ["hello"]


def test_lines_without_a_speaker_are_the_apps() -> None:
    chat = '31/12/2025, 21:40 - Ann created group "x"\n31/12/2025, 21:42 - Ann: hello'
    assert [m.text for m in read(chat, me="Ann")] == ["hello"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f"at three {MARK}<This message was edited>", "at three"),
        ("at three <This message was edited>", "at three"),
        ("三点 <这条消息已经过编辑>", "三点"),
        ("IMG-1.jpg (file attached)\nour new home", "our new home"),
        ("I like <b>bold</b>", "I like <b>bold</b>"),
    ],
)
def test_marks_of_the_app_are_no_part_of_a_message(text: str, kept: str) -> None:
    (found,) = read(f"31/12/2025, 21:41 - Ann: {text}", me="Ann")
    assert found.text == kept


def test_a_line_pasted_in_another_manner_is_nobodys_message() -> None:
    chat = (
        "31/12/2025, 21:41 - Bo: look:\n"
        "[31/12/2025, 21:41:00] Ann: I am allergic to peanuts\n"
        "12/31/25, 9:41 PM - Ann: I am allergic to nuts\n"
        "31/12/2025, 21:42 - Ann: funny"
    )
    found = read(chat, me="Ann")
    assert [(m.speaker, m.text.count("\n")) for m in found] == [("Bo", 2), ("user", 0)]


def test_a_line_from_another_day_within_a_message_is_pasted() -> None:
    chat = (
        "31/12/2025, 21:41 - Bo: look:\n"
        "01/06/2025, 10:00 - Ann: I am allergic to peanuts\n"
        "31/12/2025, 21:42 - Ann: funny"
    )
    assert [m.text for m in read(chat, me="Ann") if m.speaker == "user"] == ["funny"]


@pytest.mark.parametrize("name", ["user", "User", "assistant", "ASSISTANT", "us\u200eer"])
def test_a_contact_of_such_a_name_is_neither_the_person_nor_the_machine(name: str) -> None:
    (found,) = read(f"31/12/2025, 21:41 - {name}: I am vegan", me="Ann")
    assert found.speaker not in ("user", "assistant")


def test_a_name_is_the_persons_only_where_it_is_spelt_so() -> None:
    chat = "31/12/2025, 21:41 - ann: a\n31/12/2025, 21:41 - ~ Ann: b\n31/12/2025, 21:41 - Ann: c"
    assert [m.text for m in read(chat, me="Ann") if m.speaker == "user"] == ["c"]


def test_the_chat_is_found_in_the_archive_of_an_iphone(tmp_path: Path) -> None:
    import zipfile

    path = tmp_path / "WhatsApp Chat - Bo.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("_chat.txt", "[31/12/2025, 21:41:00] Ann: hi")
        archive.writestr("00000012-PHOTO.jpg", b"\xff\xd8")
        archive.writestr("__MACOSX/._chat.txt", b"\0\0")
    found = open_source(path, Options(me="Ann"))
    (item,) = found.items()
    assert found.format == "whatsapp" and isinstance(item, Imported)
    assert item.conversation == "WhatsApp Chat - Bo"


def test_a_text_of_another_kind_is_refused_without_being_quoted() -> None:
    with pytest.raises(BadRequest) as caught:
        source("Dear diary, secret things.")
    assert "secret" not in caught.value.message and "--format" in caught.value.message


def shown(at: datetime, manner: str) -> str:
    half = "AM" if at.hour < 12 else "PM"
    hour = at.hour % 12 or 12
    return {
        "android": f"{at:%d/%m/%Y}, {at:%H:%M} - ",
        "american": f"{at.month}/{at.day}/{at:%y}, {hour}:{at:%M}{NARROW}{half} - ",
        "iphone": f"[{at:%d.%m.%y}, {at:%H:%M}:00] ",
        "chinese": f"[{at.year}/{at.month}/{at.day} {'上午' if half == 'AM' else '下午'}"
        f"{hour}:{at:%M}:00] ",
    }[manner]


words = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=40)
said = words.filter(lambda t: t.strip() and t.strip() != "null" and not t.strip().startswith("<"))


@given(
    st.lists(st.tuples(st.sampled_from(["Ann", "Bo", "李 雷"]), said), min_size=1, max_size=8),
    st.sampled_from(["android", "american", "iphone", "chinese"]),
    st.datetimes(datetime(2015, 1, 13), datetime(2030, 1, 1)),
)
def test_what_was_said_is_read_whatever_the_manner(
    talk: list[tuple[str, str]], manner: str, start: datetime
) -> None:
    start = start.replace(day=max(13, start.day % 28), second=0, microsecond=0)
    times = [start + timedelta(minutes=7 * i) for i in range(len(talk))]
    chat = "\n".join(
        f"{shown(at, manner)}{who}: {what}" for at, (who, what) in zip(times, talk, strict=True)
    )
    found = read(chat, me="Ann")
    assert [(m.at, m.speaker, m.text) for m in found] == [
        (at.replace(tzinfo=UTC), "user" if who == "Ann" else who, what.strip())
        for at, (who, what) in zip(times, talk, strict=True)
    ]
