"""Contacts and places: e-mail, telephone, links, handles, postal addresses."""

import pytest

from metier.privacy import Detector
from metier.privacy.recognizers._phones import Phones

FOUND = [
    ("anna@mail.example", "EMAIL_ADDRESS", "anna@mail.example"),
    ("to a.b+c@sub.mail.example.co.uk.", "EMAIL_ADDRESS", "a.b+c@sub.mail.example.co.uk"),
    ("anna (at) example (dot) com", "EMAIL_ADDRESS", "anna (at) example (dot) com"),
    ("anna[at]cs.uni.example", "EMAIL_ADDRESS", "anna[at]cs.uni.example"),
    ("call +49 (0)30 1234567 now", "PHONE_NUMBER", "+49 (0)30 1234567"),
    ("Tel:010-62345678，", "PHONE_NUMBER", "010-62345678"),
    ("电话：010-62345678，想取消", "PHONE_NUMBER", "010-62345678"),
    ("Phone: 02.27.96.63.08", "PHONE_NUMBER", "02.27.96.63.08"),
    ("dial 555-0123456", "PHONE_NUMBER", "555-0123456"),
    ("my mobile (55 5012 3456) is off", "PHONE_NUMBER", "55 5012 3456"),
    ("phone 55 (5012) 3456", "PHONE_NUMBER", "55 (5012) 3456"),
    ("(555)234-5678x12 is it", "PHONE_NUMBER", "(555)234-5678x12"),
    ("0044 20 7946 0958", "PHONE_NUMBER", "0044 20 7946 0958"),
    ("My website is https://anna.example/", "URL", "https://anna.example/"),
    ("在我的博客https://anna.example/a里", "URL", "https://anna.example/a"),
    ("x https://a.example/users/anna y", "URL", "https://a.example/users/anna"),
    ("see linkedin.com/in/annasmith.", "URL", "linkedin.com/in/annasmith"),
    ("my username is dragon_77", "USERNAME", "dragon_77"),
    ("telegram: @dragon77", "USERNAME", "@dragon77"),
    ("微信号：dragon77", "USERNAME", "dragon77"),
    ("Ship to 12 Oak Street, Springfield, IL 62704 today", "ADDRESS",
     "12 Oak Street, Springfield, IL 62704"),
    ("Her address: 91 Carne Azeda 16", "ADDRESS", "91 Carne Azeda 16"),
    ("9 Elm Way\nSuite 12\nLeeds\nUnited Kingdom 12345", "ADDRESS",
     "9 Elm Way\nSuite 12\nLeeds\nUnited Kingdom 12345"),
    ("PSC 4926, Box 7979\nAPO AA 63682", "ADDRESS", "PSC 4926, Box 7979\nAPO AA 63682"),
    ("at the corner of Elm Street and Oak Road 12 now", "ADDRESS",
     "the corner of Elm Street and Oak Road 12"),
    ("Latvia 04731", "ADDRESS", "Latvia 04731"),
    ("Ich wohne Lindenallee 4a", "ADDRESS", "Lindenallee 4a"),
    ("J'habite 12 rue de la Paix, 75002 Paris", "ADDRESS", "12 rue de la Paix, 75002 Paris"),
    ("vive en Calle Mayor 5", "ADDRESS", "Calle Mayor 5"),
    ("P.O. Box 1234", "ADDRESS", "P.O. Box 1234"),
    ("寄到广东省深圳市南山区科技园路8号A座1203室收", "ADDRESS",
     "广东省深圳市南山区科技园路8号A座1203室"),
    ("[Call 1] Wu Bin (+8613800138000) is here", "PHONE_NUMBER", "+8613800138000"),
    ("Phone: 138****5678", "PHONE_NUMBER", "138****5678"),
    ("please call 027-8888XXXX.", "PHONE_NUMBER", "027-8888XXXX"),
    (
        "tea (at Blue Heron Tea House, No. 12, Elm Road, Kaifu District, Changsha City; with Li)",
        "ADDRESS",
        "Blue Heron Tea House, No. 12, Elm Road, Kaifu District, Changsha City",
    ),
    ("Location: 100 Elm Road, Tsim Sha Tsui. Bye", "ADDRESS", "100 Elm Road, Tsim Sha Tsui"),
    (
        "He lives in Siming District, Xiamen City, Fujian Province.",
        "ADDRESS",
        "Siming District, Xiamen City, Fujian Province",
    ),
    ("I live in Leeds, postcode LS1 4AP", "POSTAL_CODE", "LS1 4AP"),
]  # fmt: skip

BENIGN = [
    "Invalid: not@email without an ending, logo@2x.png, git@github.com:a/b.git",
    "@property and @media screen, y = x@w.T",
    "It takes 15 minutes for the first half of the 20 floors on the way to the park.",
    "9900-6600 = 3300, so what is 250 - 185?",
    "Student: 33-28 = 5. Teacher: 200-90-45 = 65",
    "The District Court of the city heard it, the County Fair was full.",
    "Quality Control, Product Design and City Planning are taught.",
    "Spring 2024 and String 5, during 2020, comparing 1 to 2",
    "Mortgage 5300, Utilities and Property Management 680, Tuition and Classes 3200, Food 2600",
    "World War 2 ended in 1945; Chapter 3 Section 4, Title",
    "See https://docs.python.org/3/library/re.html#module-re for details.",
    "Wall Street fell and Main Street suffered.",
    "SELECT handle FROM t; pipe_handle=child; login = account = None",
    "The 1990 World Cup, Germany 1 Argentina 0",
    "2 rabbits came to a hill and each night they had 10 babies",
    "Germany and France, Poland 2023",
    "The phone that I bought (2026-11-27), my mobile",
    "之前的对话中曾这样回答（2026-11-27）：手机",
    "先生于2019年在路口等第3辆公交车",
    "这条街有100家店，城里有20座桥。",
]


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector(names=False)


def _found(detector: Detector, text: str) -> list[tuple[str, str]]:
    return [(s.entity, text[s.start : s.end]) for s in detector.scan(text)]


@pytest.mark.parametrize(("text", "entity", "value"), FOUND)
def test_a_contact_is_found_whole(detector: Detector, text: str, entity: str, value: str) -> None:
    assert (entity, value) in _found(detector, text)


@pytest.mark.parametrize("text", BENIGN)
def test_what_only_looks_like_a_contact_is_let_through(detector: Detector, text: str) -> None:
    assert [f for f in _found(detector, text) if f[0] != "DATE_TIME"] == []


def test_national_formats_are_those_of_the_regions_asked_for() -> None:
    text = "Le numéro 06 12 34 56 78"
    assert _found(Detector([Phones(regions=("FR",))]), "x 06 12 34 56 78") != []
    assert _found(Detector([Phones(regions=("US",))]), "x 06 12 34 56 78") == []
    assert _found(Detector([Phones(regions=("US",))]), text) != []  # a word beside it is enough


@pytest.mark.parametrize(
    "text",
    [
        "mail: anna&#64;mail.example",
        "mail: anna&commat;mail.example",
        "mail: anna%40mail.example",
        r"mail: anna\u0040mail.example",
        "mail: аnna@mаil.example",
        "mail: anna@mail\u00ad.example",
        "mail: ａｎｎａ＠ｍａｉｌ.example",
        "mail: YW5uYS5zbWl0aEBtYWlsLmV4YW1wbGU=",
    ],
)
def test_an_encoding_does_not_hide_an_address(detector: Detector, text: str) -> None:
    spans = detector.scan(text)
    assert [(s.entity, s.start, s.end) for s in spans] == [("EMAIL_ADDRESS", 6, len(text))]
