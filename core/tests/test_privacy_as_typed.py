"""Values as people type them, with no wish to hide them: slips, forms, chat words, nested JSON."""

from __future__ import annotations

import json
from functools import cache

import pytest

from metier.privacy import Detector

NESTED = json.dumps({"v": json.dumps({"w": json.dumps({"name": "诸葛建国"})})})
TYPED = [
    # Numbers with dashes and spaces, as a list, in the middle of emphasis.
    ("My SSN is 536 - 90 - 4399.", "US_SSN", "536 - 90 - 4399"),
    ("SSN 536—90—4399", "US_SSN", "536—90—4399"),
    ("my social is 536904399", "US_SSN", "536904399"),
    ("the last 4 of my SSN: 4399", "US_SSN", "4399"),
    ("SSN **536**-90-4399", "US_SSN", "536**-90-4399"),
    ("My card is 4111 **1111** 1111 1111", "CREDIT_CARD", "4111 **1111** 1111 1111"),
    ("**4111**111111111111 is my card", "CREDIT_CARD", "4111**111111111111"),
    ("my visa ending 1111", "ACCOUNT_ID", "1111"),
    ("电话13812345678/13912345678", "PHONE_NUMBER", "13912345678"),
    ("手机 138 1234 五六七八", "PHONE_NUMBER", "138 1234 五六七八"),
    ("电话幺三八拐拐幺三八洞勾六", "PHONE_NUMBER", "幺三八拐拐幺三八洞勾六"),
    ("我的手机是幺三八幺两三四五六拐八", "PHONE_NUMBER", "幺三八幺两三四五六拐八"),
    ("ph. 98765 43210", "PHONE_NUMBER", "98765 43210"),
    ("账号 0200 0000 0000 1234 567", "ACCOUNT_ID", "0200 0000 0000 1234 567"),
    # Addresses with a stop of Chinese, a comma, a space.
    ("我的邮箱wang@qq。com，谢谢", "EMAIL_ADDRESS", "wang@qq。com"),
    ("anna@mail,com", "EMAIL_ADDRESS", "anna@mail,com"),
    ("wang@ qq.com", "EMAIL_ADDRESS", "wang@ qq.com"),
    ("w.feather @ mail . example", "EMAIL_ADDRESS", "w.feather @ mail . example"),
    ("住在朝阳区三里屯路19号院5号楼2单元301", "ADDRESS", "朝阳区三里屯路19号院5号楼2单元301"),
    # What people call their accounts.
    ("加我V：dragon77", "USERNAME", "dragon77"),
    ("微信dragon77", "USERNAME", "dragon77"),
    ("vx dragon_77", "USERNAME", "dragon_77"),
    ("抖音号dragon77", "USERNAME", "dragon77"),
    ("q号123456789", "USERNAME", "123456789"),
    ("IG: dragon77", "USERNAME", "dragon77"),
    ("on discord dragon77#1234", "USERNAME", "dragon77#1234"),
    ("skype live:anna.b", "USERNAME", "live:anna.b"),
    # Names in forms, and in JSON within JSON within JSON.
    ("姓名：张　三", "PERSON", "张　三"),
    ("姓 名：王 小 明 性 别：男", "PERSON", "王 小 明"),
    ("我叫 诸 葛 建 国。", "PERSON", "诸 葛 建 国"),
    ("From: =?UTF-8?Q?Zo=C3=AB_M=C3=BCller?= <z@mail.example>", "PERSON",
     "=?UTF-8?Q?Zo=C3=AB_M=C3=BCller?="),
    ("联系人：=?utf-8?B?6K+46JGb5bu65Zu9?=", "PERSON", "=?utf-8?B?6K+46JGb5bu65Zu9?="),
    (NESTED, "PERSON", NESTED[NESTED.index("u8bf8") : NESTED.index("u56fd") + 5]),
]  # fmt: skip
BENIGN = [
    "wx.request({url: base}), wx: true, wx_version 3",
    "VX: enabled",
    "2**10000000 and 10**20, **1990**-2000",
    "y = x @ w.T, z = a @ b.transpose()",
    "Pages 123 - 45 - 6",
    "图 一 二 三 四 五",
    r"C:\\users\\public\\new and \\underline",
    "他在单元楼下等了30年",
    "pH 7.4, ph 4.35 to 7.45",
]


@pytest.mark.parametrize(("text", "entity", "value"), TYPED)
def test_a_value_is_found_as_people_type_it(text: str, entity: str, value: str) -> None:
    detector = _named() if entity == "PERSON" else _without_names()
    found = [(s.entity, text[s.start : s.end].strip("\\")) for s in detector.scan(text)]
    assert (entity, value) in found


@pytest.mark.parametrize("text", BENIGN)
def test_what_is_written_alike_is_left(text: str) -> None:
    found = [(s.entity, text[s.start : s.end]) for s in _without_names().scan(text)]
    assert [f for f in found if f[0] != "DATE_TIME"] == []


@pytest.mark.parametrize("half", [r"\ud83d", r"\u{dc00}", "\ud83d", "\udc00"])
def test_half_a_character_stops_no_search(half: str) -> None:
    text = f"log: {half} by Anna Smith, anna{half}@mail.example"
    assert "PERSON" in [s.entity for s in _named().scan(text)]
    assert len(_without_names().scan(f"{half} call +44 20 7946 0958")) == 1


@cache
def _named() -> Detector:
    return Detector()


@cache
def _without_names() -> Detector:
    return Detector(names=False)
