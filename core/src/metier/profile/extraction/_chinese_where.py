"""Chinese rules: where somebody lives and comes from, and how they can be reached."""

# ruff: noqa: E501  (patterns, one kind a line)
from __future__ import annotations

import re

from metier.profile.extraction._chinese_who import ORG
from metier.profile.extraction._chinese_words import ACT, CITY, PLACE, TRADE, WORK, S, said
from metier.profile.extraction._rule import Rule

_MOVED = r"(?:搬家?到了?|搬家?去了?|搬来了?|搬回了?|搬进了?|搬|移居(?:到)?了?|定居(?:在|到)?了?|迁到了?|迁居|移民(?:到|去)?了?|调到了?|调去了?|外派到了?|回到了?|回了?(?=[\u4e00-\u9fff]{2,4}(?:住|发展|定居|生活|工作|上班)))"

RULES: tuple[Rule, ...] = (
    said(
        "workplace",
        "home",
        "contact",
        rf"{S}(?:是)?在(?P<v>{CITY})(?:这边|那边|市区)?(?:工作|上班|打工|做{TRADE}|当{TRADE}|做[\u4e00-\u9fff]{{2,6}}|当[\u4e00-\u9fff]{{2,6}}|上大学|读书|上学|念书|读研|读博|打拼|创业|北漂|漂着?)",
        confidence=0.6,
    ),
    said(
        "no-home",
        "home",
        "contact",
        rf"{S}(?:不住(?:在)?|没住在?|不再住(?:在)?|搬离了?|离开了?|搬出了?)(?P<v>[\u4e00-\u9fffA-Za-z]{{2,12}}?)(?:住)?(?:了)?(?=[，。！？；\n]|$)",
        retracts=True,
        check=lambda v: not ORG.search(v),
    ),
    said(
        "home-moved",
        "home",
        "contact",
        rf"{S}(?:[\d一-龥]{{0,10}}?)(?:从[\u4e00-\u9fff]{{2,8}})?(?:刚刚?|才|已经|又|就|要|会|将)?{_MOVED}(?P<v>(?!新家|没多久|不久|没几|这里|这儿|一起|家里|家|到|去|来|宿舍|出|走)[\u4e00-\u9fffA-Za-z ]{{2,14}}?)(?:了|住|居住|生活|定居|工作|上班|发展|来|去|啦|的)*(?=[，。！？；\n]|$)",
        past=True,
        check=lambda v: not ORG.search(v),
    ),
    said(
        "home",
        "home",
        "contact",
        rf"{S}(?:现居|现住在?|住在|家住在?|常住|定居在?|居住在|租住在|租房在|生活在|家在|家是|家里在|人在|人现在在|坐标|base在?|Base在?|身在|现在人在|待在|呆在|漂在|落户在?|住址是?|的?家就?在|在(?=[\u4e00-\u9fff]{{2,8}}(?:居住|生活|定居|住|常住|待了|呆了|漂|租房)))[:：]?(?P<v>(?!一起|家里|宿舍|酒店|医院|这|那|哪|一楼|顶楼|学校|老家)[\u4e00-\u9fffA-Za-z ]{{2,16}}?)(?:这边|那边|市区)?(?:居住|生活|定居|常住|租房住?|住|待|呆|漂)?(?:着|了)?(?=[，。！？；\n]|$|已经|快|\d|[一两二三四五六七八九十几]+多?[年个]|附近)",
        check=lambda v: not re.search(r"出差|旅游|旅行|度假|路上|公司|单位$", v),
    ),
    said(
        "home-bare",
        "home",
        "contact",
        rf"{S}(?:住|家|在|(?<=现在)|(?<=目前)|(?<=如今))(?P<v>{PLACE})(?:这边|那边|这儿|市区|附近)?(?:住|工作|上班)?(?:[\d一二三四五六七八九十几两]{{1,3}}多?年)?(?:了|的)?(?=[，。！？；\s]|$)",
        confidence=0.75,
        check=lambda v: not re.fullmatch(r"小区|超市|城市|市", v),
    ),
    said(
        "home-years",
        "home",
        "contact",
        rf"{S}(?:来|到|在)(?:了)?(?P<v>{CITY})(?:已经|都|也|快|有)?(?:[\d一二三四五六七八九十几两半]{{1,3}})(?:多)?(?:个月|年)(?:多)?了?",
        confidence=0.75,
        plain=False,
    ),
    said(
        "lived",
        "lived_in",
        "contact",
        rf"{S}(?:以前|曾经?|过去|小时候|原来|之前|大学时|从前|早年|当年|年轻时|去年|前年)+(?:一直)?(?:都)?(?:住(?:在|过)?|生活在|定居在?|在)(?P<v>[\u4e00-\u9fffA-Za-z]{{2,12}}?)(?:住|生活|居住|待|呆)?(?:过|了)?(?:\S{{0,4}}[年月])?(?=[，。！？；\n]|$)",
        multiple=True,
        ended=True,
        confidence=0.8,
        check=lambda v: (
            not ORG.search(v) and not re.search(rf"{ACT}|{WORK}|腾讯|阿里|字节|百度|华为", v)
        ),
    ),
    said(
        "origin",
        "origin",
        "identity",
        rf"{S}(?:来自|老家是?在?|家乡是?在?|故乡是?在?|出生在|出生于|祖籍|籍贯是?|户口在?|户籍在?|是从|是土生土长的?|土生土长的?|是地道的?|是(?=[\u4e00-\u9fff]{{2,5}}(?:本地)?人$)|(?=(?:{CITY})[\u4e00-\u9fff]{{0,3}}人$))[:：]?(?P<v>[\u4e00-\u9fff]{{2,10}}?)(?:来的|长大的?|本地|本地人|人)?(?=[，。！？；\s]|$)",
        confidence=0.8,
        check=lambda v: (
            not re.search(
                r"什么|哪|个|机器|外星|地球|^本地|老|男|女|名|位|好|坏|普通|现代|成年|残疾|过来|年轻|聪明|中年|病|打工|当事|负责|法定|家里|主持|经纪|合伙|创始|投资",
                v,
            )
        ),
    ),
    said(
        "phone",
        "phone",
        "contact",
        r"(?<!公司)(?<!客服)(?:我的?|新|本人)?(?:手机|电话|联系方式)(?:号码?|号)?(?:是|为|换成了?|改成了?|[:：])\s*(?P<v>\+?\d[\d \-]{5,18}\d)",
        plain=False,
    ),
    said(
        "email",
        "email",
        "contact",
        r"我?的?(?:邮箱|电子邮箱|邮件地址|电邮)(?:地址)?(?:是|为|换成了?|改成了?|[:：])\s*(?P<v>[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+)",
        plain=False,
    ),
    said(
        "address",
        "address",
        "contact",
        r"我的?(?:家庭|收货|现在的)?(?:地址|住址)(?:是|为|改成了?|变成了?|换成了?|[:：])\s*(?P<v>[^，。！？；\n]{4,60})",
    ),
)
