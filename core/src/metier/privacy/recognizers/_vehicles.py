"""Recognizers of vehicles, devices, and places on the globe."""

from __future__ import annotations

import re
from collections.abc import Iterator

from metier.privacy.recognizers._checks import luhn, varied
from metier.privacy.recognizers._labels import CODE, LINK, LINK_ZH, numbered
from metier.privacy.recognizers._rules import (
    RIGHT,
    ChunkRule,
    Found,
    Hit,
    Near,
    NumberRule,
    Recognizer,
    Rule,
    TokenRule,
    WordRule,
    after,
    at,
    whole,
)

_VIN = dict(
    zip(
        "ABCDEFGHJKLMNPRSTUVWXYZ0123456789",
        (*range(1, 9), *range(1, 6), 7, 9, *range(2, 10), *range(10)),
        strict=True,
    )
)
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def vin(text: str) -> bool:
    """Vehicle identification number, 49 CFR 565: the ninth character checks, modulus 11."""
    code = text.upper()
    total = sum(_VIN[c] * w for c, w in zip(code, _VIN_WEIGHTS, strict=True))
    mixed = any(c.isalpha() for c in code[:11]) and len(set(code)) > 4
    return mixed and "0123456789X"[total % 11] == code[8]


_PROVINCES = frozenset("京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼")
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·. ]?"
    r"(?:[A-HJ-NP-Z0-9]{4}[挂学警港澳]|[A-HJ-NP-Z0-9]{5,6}(?![A-Za-z0-9]))"
)


def _cn_plate(text: str, start: int, end: int) -> Found:
    """GA 36: a province, a letter, five or six characters; the token is the rest of it."""
    for low in range(max(0, start - 3), start):
        if text[low] in _PROVINCES:
            match = _PLATE.match(text, low)
            if match is not None and match.end() >= end:
                return match.span()
    return None


_PLATE_WORDS = (
    "license plate",
    "licence plate",
    "number plate",
    "plate number",
    "plate no",
    "plate|",
    "registration number",
    "vehicle registration",
    "reg no",
    "tag number",
    "license tag",
)

VEHICLES: tuple[Rule, ...] = (
    TokenRule("VIN", 0.9, (17,), whole("[A-HJ-NPR-Za-hj-npr-z0-9]{17}", vin)),
    TokenRule(
        "VIN",
        0.8,
        (17,),
        whole("(?=.*[A-Za-z])[A-HJ-NPR-Za-hj-npr-z0-9]{12}[0-9A-HJ-NPR-Z]{5}"),
        near=("vin|", "chassis", "vehicle identification", "车架号", "车辆识别"),
    ),
    TokenRule("LICENSE_PLATE", 0.85, (4, 5, 6, 7, 8), _cn_plate),
    WordRule(
        "LICENSE_PLATE",
        0.8,
        _PLATE_WORDS,
        after(
            LINK
            + r"(?P<v>(?=[A-Z \-]{0,7}\d)[A-Z0-9]{1,4}(?:[ \-]?[A-Z0-9]{1,5}){1,2})(?![A-Za-z0-9])",
            flags=0,
        ),
        digits=True,
    ),
    WordRule(
        "LICENSE_PLATE",
        0.8,
        ("车牌", "车牌号", "车牌号码"),
        after(r"(?:是|为)?[^\n\w\ue000]{0,4}(?P<v>[A-Z0-9·\-]{5,9})(?![A-Za-z0-9])"),
        digits=True,
    ),
    TokenRule(
        "UK_VEHICLE_REGISTRATION",
        0.85,
        (4, 7),
        at(rf"[A-HJ-PR-Y][A-HJ-PR-Y]\d{{2}} ?[A-HJ-PR-Z]{{3}}{RIGHT}"),
        near=(
            "registration",
            "reg|",
            "plate|",
            "plates|",
            "dvla",
            "vehicle",
            "car|",
            "van|",
            "parked",
        ),
        first="A",
    ),
)

DEVICES: tuple[Rule, ...] = (
    NumberRule(
        "DEVICE_ID",
        0.9,
        (15,),
        lambda d: luhn(d) and varied(d),
        shapes=frozenset(((15,), (2, 6, 6, 1), (6, 2, 6, 1))),
        near=("imei", "手机串号", "串号"),
    ),
    NumberRule(
        "DEVICE_ID", 0.9, (19, 20), lambda d: d[:2] == "89", near=("iccid", "sim|", "sim card")
    ),
    WordRule(
        "DEVICE_ID",
        0.8,
        (
            "serial number",
            "serial no",
            "serial #",
            "s/n",
            "device id",
            "device identifier",
            "udi|",
            "imei",
            "imsi",
            "udid",
            "pacemaker serial",
            "序列号",
            "设备号",
            "设备编号",
            "机身号",
        ),
        after(r"(?: ?(?:number|no\.?|#))?(?:是|为| is| was)?[^\n\w\ue000]{0,6}" + CODE, numbered),
        digits=True,
    ),
    WordRule(
        "BIOMETRIC_ID",
        0.8,
        (
            "fingerprint id",
            "fingerprint template",
            "biometric id",
            "face id template",
            "voiceprint id",
            "retina scan id",
            "指纹编号",
            "人脸编号",
            "声纹编号",
        ),
        after(LINK_ZH + LINK + CODE, numbered),
        digits=True,
    ),
    WordRule(
        "PHOTO",
        0.7,
        (
            "photo|",
            "photograph|",
            "picture|",
            "selfie",
            "headshot",
            "portrait",
            "mugshot",
            "照片",
            "自拍",
            "证件照",
            "头像",
        ),
        after(
            r"(?: (?:is|was|of [^\n.,;:]{1,32}))?(?:是|为)?[^\n\w\ue000]{0,4}"
            r"(?P<v>[\w\-]{1,64}\.(?:jpe?g|png|heic|gif|webp|tiff?|bmp))(?![A-Za-z0-9])"
        ),
    ),
)

_PAIR = re.compile(
    r"(?P<lat>[+\-]?\d{1,2}\.\d{3,15})°? ?(?P<ns>[NS北南])?(?:[,;/]? ?|, ?lon(?:gitude)?[ :=]+)"
    r"(?P<lon>[+\-]?\d{1,3}\.\d{3,15})°? ?(?P<ew>[EW东西])?(?![\w.]|, ?[+\-]?\d)"
)
_GLOBE = (
    "coordinates",
    "coords",
    "gps",
    "latitude",
    "longitude",
    "lat|",
    "location",
    "located",
    "pinned",
    "map|",
    "坐标",
    "经纬度",
    "定位",
    "位置",
)


def _pairs(
    text: str, groups: list[tuple[int, int]], gaps: list[str], near: Near, mask: int
) -> Iterator[Hit]:
    reached = 0
    for place, (start, _) in enumerate(groups):
        if start < reached or gaps[place : place + 1] != ["."]:
            continue
        low = start - 1 if text[start - 1 : start] in ("-", "+") else start
        match = _PAIR.match(text, low)
        if match is None or abs(float(match["lat"])) > 90 or abs(float(match["lon"])) > 180:
            continue
        reached = match.end()
        lettered = bool(match["ns"] and match["ew"])
        listed = text[max(0, low - 2) : low].rstrip(" ")[-1:] == "," and not lettered
        if not listed and (lettered or near(mask, low, reached)):
            yield low, reached, "COORDINATES", 0.85


_DMS = re.compile(
    r"\d{1,3}° ?\d{1,2}(?:\.\d+)?['′]{1} ?(?:\d{1,2}(?:\.\d+)?(?:\"|''|′′|″) ?)?[NSEW北南东西]?"
    r"(?:[,; ]{0,3}\d{1,3}° ?\d{1,2}(?:\.\d+)?['′] ?"
    r"(?:\d{1,2}(?:\.\d+)?(?:\"|''|′′|″) ?)?[NSEW北南东西]?)?"
)


def _dms(text: str, start: int, end: int) -> Found:
    """Degrees, minutes and seconds; the anchor is the degree sign."""
    low = start
    while low and start - low < 3 and text[low - 1].isdigit():
        low -= 1
    match = _DMS.match(text, low) if low < start else None
    return match.span() if match is not None else None


PLACES: tuple[Rule, ...] = (
    ChunkRule(("COORDINATES",), 5, _pairs, gap=".", near=_GLOBE),
    WordRule("COORDINATES", 0.85, ("°",), _dms, digits=True),
    WordRule(
        "COORDINATES",
        0.8,
        ("lat|", "latitude", "lng|", "lon|", "long|", "longitude", "纬度", "经度"),
        after(r"\"?(?: is|是|为)?[^\n\w\ue000]{0,4}(?P<v>[+\-]?\d{1,3}\.\d{3,15})(?![\w.])"),
        digits=True,
    ),
)


def recognizers() -> list[Recognizer]:
    """The recognizers of this module."""
    return [
        Recognizer("metier-vehicle", rules=VEHICLES),
        Recognizer("metier-device", rules=DEVICES),
        Recognizer("metier-coordinates", rules=PLACES),
    ]
