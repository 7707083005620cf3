"""Recognizers of numbers of the United States: tax, health care, licences."""

from __future__ import annotations

from metier.privacy.recognizers._checks import luhn, varied
from metier.privacy.recognizers._labels import CODE, GROUPS, LINK, LINK_ZH, numbered
from metier.privacy.recognizers._rules import (
    RIGHT,
    NumberRule,
    Recognizer,
    Rule,
    TokenRule,
    WordRule,
    after,
    at,
    whole,
)

_UNISSUED = frozenset(("078051120", "219099999", "123456789", "987654320", "457555462"))
"""Numbers printed in advertisements and sample cards."""


def ssn(digits: str) -> bool:
    """A number the Social Security Administration may have issued."""
    return (
        digits[0] != "9"
        and digits[:3] not in ("000", "666")
        and digits[3:5] != "00"
        and digits[5:] != "0000"
        and len(set(digits)) > 1
        and digits not in _UNISSUED
    )


def itin(digits: str) -> bool:
    """A taxpayer number of the IRS: 9XX and one of the groups in use."""
    group = int(digits[3:5])
    used = 50 <= group <= 65 or 70 <= group <= 88 or 90 <= group <= 92 or 94 <= group <= 99
    return digits[0] == "9" and used and digits[5:] != "0000"


def npi(digits: str) -> bool:
    """A National Provider Identifier: Luhn with the prefix 80840 (45 CFR 162.406)."""
    return digits[0] in "12" and varied(digits) and luhn("80840" + digits)


def dea(text: str) -> bool:
    """A Drug Enforcement Administration number: its last digit ends the weighted sum."""
    digits = [int(c) for c in text[2:]]
    total = digits[0] + digits[2] + digits[4] + 2 * (digits[1] + digits[3] + digits[5])
    return total % 10 == digits[6] and len(set(digits)) > 1


_SSN = ("ssn|", "ssns|", "social security", "social-security", "ss#", "ss number", "社会安全号",
        "my social|", "his social|", "her social|")  # fmt: skip
_DASHED = frozenset("-")
_SPLIT = frozenset(((3, 2, 4),))
_LOOSE = frozenset(((3, 2, 4), (9,)))
_ANY = frozenset(" -.")

TAX: tuple[Rule, ...] = (
    NumberRule("US_SSN", 0.85, (9,), ssn, shapes=_SPLIT, gaps=_DASHED),
    NumberRule("US_SSN", 0.9, (9,), ssn, shapes=_LOOSE, gaps=_ANY, near=_SSN),
    NumberRule("US_ITIN", 0.85, (9,), itin, shapes=_SPLIT, gaps=_DASHED),
    NumberRule(
        "US_ITIN",
        0.9,
        (9,),
        itin,
        shapes=_LOOSE,
        gaps=_ANY,
        near=("itin|", "taxpayer id", "individual taxpayer", "tax id", *_SSN),
    ),
    WordRule(
        "US_SSN",
        0.8,
        ("ssn|", "social security number", "social security no", "social security #"),
        after(
            r"(?: number)?[^\n\d\ue000]{0,16}(?:ending|ends|last (?:four|4))[^\n\d\ue000]{0,16}"
            r"(?P<v>\d{4})(?!\d)"
        ),
        digits=True,
    ),
    WordRule(
        "US_SSN",
        0.8,
        tuple(
            f"last {n} of my {w}"
            for n in ("4", "four", "4 digits", "four digits")
            for w in ("ssn", "social")
        ),
        after(r"[^\n\d\ue000]{0,24}(?P<v>\d{4})(?!\d)"),
        digits=True,
    ),
    WordRule(
        "US_EIN",
        0.8,
        ("ein|", "employer identification", "federal tax id", "fein|"),
        after(r"[^\n\d\ue000]{0,20}(?P<v>\d{2}-?\d{7})(?![\dA-Za-z])"),
        digits=True,
    ),
)

_MBI = r"[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d"
_MBI2 = r"[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d"
_MBI3 = r"[AC-HJKMNP-RT-Y]{2}\d{2}"

HEALTH: tuple[Rule, ...] = (
    NumberRule(
        "US_NPI",
        0.95,
        (10,),
        npi,
        near=("npi|", "national provider", "provider id", "provider identifier", "provider number"),
    ),
    TokenRule(
        "MEDICAL_LICENSE",
        0.95,
        (9,),
        whole("[ABCDEFGHJKLMPRSTUXabcdefghjklmprstux][A-Za-z9][0-9]{7}", dea),
        near=("dea|", "drug enforcement", "prescriber", "controlled substance", "medical license"),
        alone=0.45,
        first="A",
    ),
    # Medicare beneficiary: CMS, Understanding the MBI format.
    TokenRule("US_MBI", 0.9, (11,), whole(_MBI + _MBI2 + _MBI3), first="1"),
    TokenRule("US_MBI", 0.9, (4,), at(f"{_MBI}-{_MBI2}-{_MBI3}{RIGHT}"), first="1", follow="-"),
    WordRule(
        "MEDICAL_RECORD_NUMBER",
        0.85,
        (
            "mrn|",
            "medical record",
            "medical records",
            "patient id",
            "patient number",
            "patient no",
            "chart number",
            "chart no",
            "medical file",
            "encounter number",
            "accession number",
            "hospital number",
            "hospital no",
        ),
        after(LINK + CODE, numbered),
        digits=True,
    ),
    WordRule(
        "MEDICAL_RECORD_NUMBER",
        0.85,
        ("mrn|", "medical record", "patient id", "hospital number"),
        after(LINK + GROUPS),
        digits=True,
    ),
    WordRule(
        "MEDICAL_RECORD_NUMBER",
        0.85,
        ("病历", "病案", "住院", "门诊", "就诊", "就诊卡", "诊疗卡", "登记", "检查号", "标本"),
        after(r"(?:编号|号码|号|卡号|ID|id)(?:是|为)?[^\n\w\ue000]{0,6}" + CODE, numbered),
        digits=True,
    ),
    WordRule(
        "US_HEALTH_INSURANCE_MEMBER_ID",
        0.85,
        (
            "health plan",
            "health insurance",
            "insurance member",
            "insurance id",
            "insurance number",
            "insurance policy",
            "medicare",
            "medicaid",
            "beneficiary",
            "subscriber id",
            "group number",
            "plan id",
            "rx bin",
            "rxbin",
            "rxgrp",
            "rx group",
            "hicn|",
        ),
        after(
            r"(?: (?:member|card|policy|beneficiary|plan|subscriber|identification))?"
            + LINK
            + CODE,
            numbered,
        ),
        digits=True,
    ),
    WordRule(
        "US_HEALTH_INSURANCE_MEMBER_ID",
        0.85,
        ("医保", "医疗保险", "社保"),
        after(r"(?:卡|账户|个人)?(?:编号|号码|号|卡号)" + LINK_ZH + CODE, numbered),
        digits=True,
    ),
)

_LICENSE = (
    "driver's license",
    "drivers license",
    "driver license",
    "driving license",
    "driver's licence",
    "drivers licence",
    "driver licence",
    "driving licence",
    "driver's lic",
    "dl number",
    "dl no",
    "dl#",
    "dl #",
    "driver's permit",
    "learner's permit",
    "operator license",
    "führerschein",
    "permis de conduire",
    "permiso de conducir",
    "rijbewijs",
    "驾驶证",
    "驾照",
)

LICENSES: tuple[Rule, ...] = (
    WordRule(
        "US_DRIVER_LICENSE",
        0.85,
        _LICENSE,
        after(
            r"(?:s|ses)?(?: (?:number|no\.?|num|id|#))?(?:(?:档案)?(?:编号|号码|号))?(?:是|为)?"
            r"[^\n\d\ue000]{0,16}?(?<![A-Za-z0-9])"
            r"(?P<v>[A-Z]{0,3}[ \-]?\d(?:[A-Z\d]|[ \-](?=\d)){4,18})(?![A-Za-z0-9])",
            numbered,
        ),
        digits=True,
    ),
    WordRule(
        "LICENSE_NUMBER",
        0.8,
        (
            "medical license",
            "nursing license",
            "professional license",
            "license",
            "licence",
            "certificate",
            "certification",
            "registration",
            "执业证",
            "资格证",
            "许可证",
            "证书",
        ),
        after(
            r"(?: (?:number|no\.?|num|id|#)|编号|号码|号)(?:是|为)?(?: is| was)?[^\n\w\ue000]{0,6}"
            + CODE,
            numbered,
        ),
        digits=True,
    ),
)


def recognizers() -> list[Recognizer]:
    """The recognizers of this module."""
    return [
        Recognizer("metier-us-tax", rules=TAX),
        Recognizer("metier-health", rules=HEALTH),
        Recognizer("metier-license", rules=LICENSES),
    ]
