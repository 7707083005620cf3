"""Chinese corrections that name no fact, changes without a word of correction, and what is neither."""

# ruff: noqa: E501  (tables of what people say)
from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from metier.model import Fact, Message, Role, Turn
from metier.profile import current, extract, merge

NOW = datetime(2026, 3, 18, 10, tzinfo=UTC)
REQUESTS = (Path(__file__).parent / "chinese_requests.txt").read_text("utf-8")
FOLLOWING = (Path(__file__).parent / "chinese_following.txt").read_text("utf-8")


def facts(message: str, *earlier: str, asked: str = "") -> tuple[Fact, ...]:
    history = tuple(Message(Role.USER, text) for text in earlier)
    history += (Message(Role.ASSISTANT, asked),) if asked else ()
    return extract(Turn("t", "acme", "s", "d", "c", message, NOW, history=history))


def held(*messages: str) -> set[tuple[str, str, str]]:
    """What is believed after messages, one after the other."""
    known: tuple[Fact, ...] = ()
    said: list[Message] = []
    for number, message in enumerate(messages):
        turn = Turn(
            f"t{number}", "acme", "s", "d", "c", message, NOW, history=tuple(said), facts=known
        )
        known = merge(known, extract(turn), NOW).facts
        said.append(Message(Role.USER, message))
    return {(f.about, f.slot, f.value) for f in current(known, NOW)}


@pytest.mark.parametrize(
    ("said", "then", "believed"),
    [
        ("我对青霉素过敏", "我不再对青霉素过敏了，医生复查过", set()),
        ("我对芒果过敏", "现在不过敏了", set()),
        ("我今年35岁", "搞错了。36。", {("", "age", "36")}),
        ("我对花生过敏", "不是我，是我儿子", {("儿子", "allergy", "花生")}),
        ("我女儿学钢琴的", "不是女儿，是我侄女，刚打太快了", {("侄女", "activity", "学钢琴")}),
        ("我儿子上初一", "女儿，打错了", {("女儿", "level", "初一")}),
        ("我女朋友不吃香菜", "不是女朋友，是我自己", {("", "never", "吃香菜")}),
        ("我有糖尿病", "口误，是我爸有糖尿病", {("爸", "condition", "糖尿病")}),
        ("我喜欢喝茶，不喜欢咖啡", "说反了，是喜欢咖啡不喜欢茶", {("", "likes", "咖啡"), ("", "dislikes", "茶")}),
        ("我是B型血", "翻到体检单了，我是AB型，之前记错了", {("", "blood_type", "AB型")}),
        ("我领导姓刘", "是柳，杨柳的柳", {("领导", "name", "柳")}),
        ("我叫陈思远", "远是渊，深渊的渊", {("", "name", "陈思渊")}),
        ("我家猫叫团子", "是丸子啦 又打错了", {("", "pet", "猫叫丸子")}),
        ("我养了一只柯基", "打错字，是柴犬", {("", "pet", "一只柴犬")}),
        ("日语N1", "N2啊N2，手快了，N1我可没有", {("", "level", "日语N2")}),
        ("我女儿上小学三年级", "四年级了都，瞧我这记性", {("女儿", "level", "小学四年级")}),
        ("我每周跑三次步", "四次，周日也跑", {("", "habit", "每周跑四次步")}),
        ("我穿42的鞋", "最近买的都是43了，以43为准", {("", "size", "43的鞋")}),
        ("我体重80公斤", "体重是78，家里那秤坏了", {("", "weight", "78公斤")}),
        ("回答用英文", "还是中文吧，英文看着累", {("", "answer_language", "zh")}),
        ("我的邮箱是lihua@qq.com", "写漏了，lihua88@qq.com", {("", "email", "lihua88@qq.com")}),
        ("我在吃二甲双胍", "二甲双胍已经停了，医生给换成达格列净了", {("", "medicine", "达格列净")}),
        ("我用的是华为手机", "换苹果了，华为给我爸了", {("", "possession", "苹果")}),
        ("我喜欢打篮球", "现在不打了，膝盖不行", set()),
        ("我在备考公务员", "不考了", set()),
        ("我不喝酒", "现在偶尔也喝一点红酒", set()),
        ("我怀孕三个月", "我已经生了，是个女儿", set()),
        ("我在招商银行上班", "离职了，上个月就走了", set()),
        ("我单身", "脱单啦！", set()),
        ("我在备考教资", "考过了！昨天出的成绩", set()),
        ("我住在朝阳区", "忘了我说的住址吧", set()),
        ("我不吃牛肉", "别管我刚才说的", set()),
        ("我每天走一万步", "吹牛的，也就五六千", set()),
    ],
)  # fmt: skip
def test_what_was_said_is_put_right_or_ends(
    said: str, then: str, believed: set[tuple[str, str, str]]
) -> None:
    assert believed <= held(said, then)
    assert not (held(said) - believed) & held(said, then)


EARLIER = (
    "我住在苏州，养了两只猫，老婆怀孕五个月了", "我对花生过敏，每天吃20毫克阿托伐他汀，有高血压", "我是高二学生，在学吉他，喜欢打篮球",
    "我儿子五岁，我女儿学钢琴", "我在招商银行做柜员，预算两万，穿42的鞋", "我每天喝两杯咖啡，不吃辣，在备考雅思",
    "以后用中文回答，回答简短点，叫我小鱼",
)  # fmt: skip


@pytest.mark.parametrize("earlier", EARLIER)
def test_ordinary_requests_change_nothing_of_what_was_said(earlier: str) -> None:
    """A correction of a text, a sum or an answer is none of the person."""
    wrong = [
        request for request, alone in _asked().items() if _plain(facts(request, earlier)) != alone
    ]
    assert wrong == []


@cache
def _asked() -> dict[str, set[tuple[str, str, bool]]]:
    """Every request, and what it tells where nothing was said before."""
    requests = (*REQUESTS.splitlines(), *FOLLOWING.splitlines())
    return {r: _plain(facts(r)) for r in requests if r and r[0] != "#"}


def _plain(found: tuple[Fact, ...]) -> set[tuple[str, str, bool]]:
    return {(f.slot, f.value, f.retracts) for f in found}


def test_a_bare_value_that_answers_a_question_corrects_nothing() -> None:
    assert _plain(facts("四次", "我每周跑三次步")) != set()
    assert facts("四次", "我每周跑三次步", asked="每周想安排几次力量训练？") == ()


@pytest.mark.parametrize(
    "then", ["要是改成四次呢", "可能是四次", "我同事每周四次", "四次也行", "大概四次吧，不确定"]
)
def test_what_is_supposed_or_added_puts_nothing_right(then: str) -> None:
    assert ("", "habit", "每周跑三次步") in held("我每周跑三次步", then)
