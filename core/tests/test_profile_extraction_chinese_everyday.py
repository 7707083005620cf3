"""Chinese statements of everyday life, what none of the rules knows, and what must stay silent."""

# ruff: noqa: E501  (tables of what people say)
from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from metier.model import Fact, Turn
from metier.profile import extract

NOW = datetime(2026, 3, 18, 10, tzinfo=UTC)  # a Wednesday
REQUESTS = (Path(__file__).parent / "chinese_requests.txt").read_text("utf-8")


def facts(message: str) -> tuple[Fact, ...]:
    return extract(Turn("t", "acme", "s", "d", "c", message, NOW))


def own(message: str) -> set[tuple[str, str]]:
    return {(f.slot, f.value) for f in facts(message) if not f.about and not f.retracts}


@pytest.mark.parametrize(
    ("message", "slot", "value"),
    [
        ("我平时穿M码的衣服，鞋子39码。给我推荐一双跑鞋", "size", "M码的衣服"),
        ("我平时穿M码的衣服，鞋子39码。给我推荐一双跑鞋", "size", "鞋子39码"),
        ("我脚比较大，穿44的鞋，你们有货吗？", "size", "44的鞋"),
        ("我这周在上海出差，酒店附近有健身房吗", "location", "上海"),
        ("下个月要去日本玩十天，帮我列个行李清单", "trip", "日本玩十天"),
        ("国庆打算带爸妈去桂林，求攻略", "trip", "桂林"),
        ("我的会员账号是vip_8823，查一下积分", "reference", "账号是vip_8823"),
        ("我用的是联通的套餐，想换个便宜点的", "plan", "联通的套餐"),
        ("我在天津租的房子，一室一厅", "home_kind", "租的房子"),
        ("我和两个室友合租，厨房是共用的", "household", "和两个室友合租"),
        ("我属龙，今年运势怎么样", "zodiac", "龙"),
        ("我是天蝎座的", "star_sign", "天蝎座"),
        ("我从贵州嫁到宁波三年了", "origin", "贵州"),
        ("我从贵州嫁到宁波三年了", "home", "宁波"),
        ("我家有高血压家族史，外公和我妈都有", "family_history", "高血压"),
        ("我数学一直跟不上，怎么办", "difficulty", "数学一直跟不上"),
        ("我在东莞一个电子厂上夜班", "schedule", "上夜班"),
        ("坐标成都，租房最多两千五一个月，哪个区划算", "budget", "两千五一个月"),
        ("房贷每个月六千二，帮我算算提前还划不划算", "finances", "房贷每个月六千二"),
        ("我开的是一辆特斯拉Model 3，冬天续航掉得厉害", "possession", "一辆特斯拉Model 3"),
        ("我用安卓,这个app有吗", "possession", "安卓"),
        ("六级已经过了", "ability", "六级"),
        ("考研二战,目标武大新闻,每天背到想吐", "goal", "武大新闻"),
        ("后端写go,前端只会一点vue", "ability", "go"),
        ("我是PLUS会员，怎么还收我运费", "plan", "PLUS会员"),
        ("属兔,99年的,帮我起个英文名", "birthday", "99年"),
        ("我对足球没啥兴趣", "dislikes", "足球"),
        ("恐怖片是我的雷区，别推荐", "dislikes", "恐怖片"),
        ("香菜达咩!!!讨厌死了,其他都行", "dislikes", "香菜"),
        ("周杰伦铁粉一个", "likes", "周杰伦"),
        ("我怕狗", "dislikes", "狗"),
        ("我每天早上六点起来跑五公里", "habit", "每天早上六点起来跑五公里"),
        ("我有睡前看书的习惯", "habit", "睡前看书"),
        ("跟我说话不用这么客气", "never", "客气"),
        ("替我写邮件一律用敬语", "preference", "写邮件一律用敬语"),
        ("我信佛，初一十五吃素", "diet", "素"),
        ("花生和芒果我都过敏", "allergy", "芒果"),
        ("我近视五百度", "condition", "近视五百度"),
    ],
)  # fmt: skip
def test_everyday_statements_are_understood(message: str, slot: str, value: str) -> None:
    assert (slot, value) in own(message)


@pytest.mark.parametrize(
    ("message", "detail"),
    [
        ("我是房东，帮我算算这个月的水电", "房东"),
        ("我家没有缝纫机，能手缝吗", "没有缝纫机"),
        ("我没学过微积分", "没学过微积分"),
        ("打羽毛球七八年了,还能练深蹲不", "打羽毛球七八年"),
        ("跑了五年滴滴,打算转行", "跑了五年滴滴"),
        ("我负责十几个人的团队", "负责十几个人的团队"),
        ("我有三亩果园", "有三亩果园"),
        ("我家的院子朝北", "院子朝北"),
        ("我从小跟着外婆长大", "从小跟着外婆长大"),
    ],
)
def test_what_lasts_and_no_rule_knows_is_kept_in_the_persons_words(
    message: str, detail: str
) -> None:
    found = [f for f in facts(message) if f.slot == "detail"]
    assert [(f.value, f.confidence < 0.5, f.constraint) for f in found] == [(detail, True, False)]


@pytest.mark.parametrize(
    "message",
    [
        "我妈家没有缝纫机", "如果我是房东", "我好像有三亩果园", "他负责十几个人的团队", "我同事说他是房东", "我有个问题",
        "我没有思路", "我是在网上买的", "我一直登不上去", "我是不是房东", "我有抑郁症", "我一直很累", "我从小信佛",
        "写一段话：我是房东，我家没有缝纫机。", "“我有三亩果园”这句话对吗", "我是昨天下单的", "我没有收到", "我不会做这道题",
    ],
)  # fmt: skip
def test_a_task_a_mood_a_doubt_or_somebody_else_is_no_detail_of_the_person(message: str) -> None:
    assert [f for f in facts(message) if f.slot == "detail"] == []


@pytest.mark.parametrize(
    "message",
    [
        "我怕来不及，能加急吗",
        "我怕打扰你休息",
        "我怕考不上",
        "我害怕弄坏了",
        "我怕是颈椎出了问题",
        "我怕尺码不合适",
    ],
)
def test_what_is_feared_to_happen_is_no_dislike(message: str) -> None:
    assert own(message) == set()


def test_a_stay_on_a_journey_ends_by_itself() -> None:
    (said,) = facts("我在上海出差")
    assert said.slot == "location" and said.valid_to is not None and said.valid_to > NOW


def test_an_illness_in_the_family_is_not_the_persons_own() -> None:
    found = facts("我家有高血压家族史")
    assert [(f.slot, f.category) for f in found] == [("family_history", "health")]


LISTED = {"体检说我血脂偏高，饮食上注意什么": {("condition", "血脂偏高")}}
"""What a request of the list says of the person all the same."""


@pytest.mark.parametrize("request_", [r for r in REQUESTS.splitlines() if r and r[0] != "#"])
def test_nothing_is_learnt_from_ordinary_requests(request_: str) -> None:
    assert own(request_) == LISTED.get(request_, set())
    assert [f for f in facts(request_) if f.about or f.retracts] == []
