"""Extraction in Chinese: whose a statement is, what a correction means, and when it holds."""

# ruff: noqa: E501  (tables of what people say)
from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metier.model import Fact, Message, Role, Turn
from metier.profile import extract

NOW = datetime(2026, 3, 18, 10, tzinfo=UTC)  # a Wednesday


def facts(message: str, *earlier: str) -> tuple[Fact, ...]:
    history = tuple(Message(Role.USER, text) for text in earlier)
    return extract(Turn("t", "acme", "s", "d", "c", message, NOW, history=history))


def own(message: str, *earlier: str) -> set[tuple[str, str]]:
    found = facts(message, *earlier)
    return {(f.slot, f.value) for f in found if not f.about and not f.retracts}


def gone(message: str, *earlier: str) -> set[tuple[str, str]]:
    return {(f.slot, f.value) for f in facts(message, *earlier) if f.retracts}


@pytest.mark.parametrize(
    ("message", "slot", "value"),
    [
        ("乳糖不耐", "intolerance", "乳糖"),
        ("在深圳做运维", "occupation", "运维"),
        ("今年五十八", "age", "五十八"),
        ("平时吃素", "diet", "素"),
        ("海鲜我一口都不能碰", "never", "海鲜"),
        ("芒果碰不得", "never", "芒果"),
        ("我花生过敏", "allergy", "花生"),
        ("一吃虾就起疹子", "allergy", "虾"),
        ("俺是种地的", "occupation", "种地"),
        ("人在纽约，时差党", "home", "纽约"),
        ("老家湖南", "origin", "湖南"),
        ("推荐个餐厅，我不吃辣，坐标成都", "home", "成都"),
        ("能不能给个食谱？对麸质过敏", "allergy", "麸质"),
        ("日语N2，想冲N1", "level", "日语N2"),
        ("回答简短点", "answer_length", "简短"),
        ("我單身，住臺北，對蝦過敏", "home", "臺北"),
    ],
)
def test_a_clause_without_a_subject_is_of_the_person(message: str, slot: str, value: str) -> None:
    assert (slot, value) in own(message)


@pytest.mark.parametrize(
    "message",
    [
        "我妈68了。有高血压。", "小王吃素，推荐个馆子", "客户不吃牛肉", "朋友说他不吃辣", "我同事对花生过敏",
        "要是我对海鲜过敏呢", "假如我住在巴黎", "我想当医生", "可能有点乳糖不耐", "退休前我是老师",
        "对花粉过敏的人，春天怎么出门？", "我出差两周，在武汉",
    ],
)  # fmt: skip
def test_what_is_of_others_supposed_wished_or_past_is_not_of_the_person(message: str) -> None:
    assert own(message) == set()


SLIPS = (
    "说错了，是{}", "打错字了，{}", "口误，应该是{}", "更正一下：{}", "不是{old}，是{}", "是{}不是{old}",
    "{}，不是{old}", "我把{}说成{old}了", "刚才写错了，改成{}", "前面说的{old}不对，应该是{}", "搞错了。是{}。",
    "{}，刚才打错了", "不好意思，是{}", "哦不对，{}", "记错了，{}才对", "把{old}改成{}吧", "應該是{}，打錯了",
)  # fmt: skip
SAID = (
    ("我住在苏州", "苏州", "常州", "home", "常州"),
    ("我会说法语", "法语", "德语", "speaks", "德语"),
    ("我今年35岁", "35", "36", "age", "36"),
    ("我是高二学生", "高二", "高三", "level", "高三"),
    ("我的生日是3月5号", "3月5号", "3月15号", "birthday", "3月15号"),
    ("我血型是A型", "A型", "O型", "blood_type", "O型"),
)


@pytest.mark.parametrize("slip", SLIPS)
@pytest.mark.parametrize(("said", "old", "new", "slot", "value"), SAID)
def test_a_correction_is_a_cue_and_a_value_of_the_kind_that_was_said(
    slip: str, said: str, old: str, new: str, slot: str, value: str
) -> None:
    correction = slip.format(new, old=old)
    assert (slot, value) in own(correction, said), correction
    assert (slot, old) not in own(correction, said)


@pytest.mark.parametrize(
    ("said", "correction", "value"),
    [
        ("我每天吃20毫克阿托伐他汀", "不是20毫克，是40毫克", "40毫克阿托伐他汀"),
        ("我叫李思", "是“诗”不是“思”", "李诗"),
        ("我叫李思", "名字打错了，是诗歌的诗", "李诗"),
        ("我喜欢看恐怖片", "说错了，是悬疑片", "看悬疑片"),
        ("我养了两只猫", "说错了，三只", "三只猫"),
        ("我对虾过敏", "说错了，是蟹", "蟹"),
    ],
)
def test_a_correction_keeps_what_it_does_not_speak_of(
    said: str, correction: str, value: str
) -> None:
    assert value in {v for _, v in own(correction, said)}


@pytest.mark.parametrize(
    "back",
    [
        "当我没说", "刚才那句别记", "算了，当我没说吧", "请把我的住址删掉", "上一条作废", "收回刚才的话", "我瞎说的，别当真",
        "把我住哪儿忘掉吧", "苏州那个删了吧，不用记",
    ],
)  # fmt: skip
def test_what_is_taken_back_without_another_value_is_believed_no_longer(back: str) -> None:
    assert gone(back, "我住在苏州") == {("home", "苏州")}


def test_a_correction_is_of_whom_the_statement_was() -> None:
    found = facts("不对，六岁了", "我儿子五岁")
    assert [(f.about, f.slot) for f in found] == [("儿子", "age")]


def test_what_is_supposed_corrects_nothing() -> None:
    assert own("要是改成纯素呢", "我吃蛋奶素") == set()


def test_what_is_added_replaces_nothing() -> None:
    assert gone("其实我还喜欢打羽毛球", "我喜欢跑步") == set()


@pytest.mark.parametrize(
    ("message", "begins", "ends"),
    [
        ("我下个月搬去成都", "2026-04-01", None),
        ("我4月2日搬到热那亚", "2026-04-02", None),
        ("我4月2日搬到了热那亚", "2025-04-02", None),
        ("我前年搬到南京了", "2024-01-01", None),
        ("我从2018年起就住在青岛", "2018-01-01", None),
        ("我一月份起就不吃肉了", "2026-01-01", None),
        ("2012年到2016年我住在兰州", "2012-01-01", "2017-01-01"),
        ("我不吃牛羊肉已经三年了", "2023-03-19", None),
        ("从明天起我戒糖三十天", "2026-03-19", "2026-04-18"),
        ("到下周五为止我不喝酒", None, "2026-03-28"),
        ("这学期我不喝酒", None, "2026-08-01"),
        ("三天前我搬到宁波了", "2026-03-15", None),
    ],
)
def test_dates_are_read_relative_to_the_message(
    message: str, begins: str | None, ends: str | None
) -> None:
    (fact, *_) = facts(message)
    assert (fact.valid_from and f"{fact.valid_from:%Y-%m-%d}") == begins or begins is None
    assert (fact.valid_to and f"{fact.valid_to:%Y-%m-%d}") == ends


def test_lines_about_which_something_is_asked_are_a_document() -> None:
    assert facts("这几行谁写的\n我是陈默。\n我住在大连，我吃素。\n落款没有日期") == ()
    assert own("我叫陈默\n我住在大连\n我吃素") == {
        ("name", "陈默"),
        ("home", "大连"),
        ("diet", "素"),
    }
    assert facts("我住在大连，我吃素，今年四十岁了，在银行上班。\n总结一下上面的内容") == ()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["我", "我妈", "对花生过敏", "不", "是", "说错了", "，", "。", "住在北京", "“", "”", "下个月", "十年前", "过敏", "改成", "当我没说", "的", "30", "岁", "\n"]
        ),
        max_size=25,
    ).map("".join)
)  # fmt: skip
def test_any_text_is_read_and_every_span_lies_in_the_message(text: str) -> None:
    for fact in facts(text, "我住在苏州，对虾过敏，今年35岁"):
        start, end = fact.provenance.start, fact.provenance.end
        assert start is not None and end is not None and 0 <= start <= end <= len(text)
