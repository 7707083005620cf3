"""What must be found, and exactly where it starts and ends."""

import importlib
import itertools
import subprocess
import sys

import pytest

from metier.privacy import Detector, PrivacyError, default_recognizers

FOUND = [
    # e-mail
    (
        "Write to anna.smith+x@mail.example.co.uk today",
        "EMAIL_ADDRESS",
        "anna.smith+x@mail.example.co.uk",
    ),
    ("我的邮箱是wang.fang@example.cn谢谢", "EMAIL_ADDRESS", "wang.fang@example.cn"),
    ("mail me: anna at example dot com", "EMAIL_ADDRESS", "anna at example dot com"),
    ("邮箱ａｎｎａ＠example.com。", "EMAIL_ADDRESS", "ａｎｎａ＠example.com"),
    # phone
    ("Ring +44 20 7946 0958 now", "PHONE_NUMBER", "+44 20 7946 0958"),
    ("It is (555) 234-5678.", "PHONE_NUMBER", "(555) 234-5678"),
    ("Reach me on 001-253-476-0934x5234", "PHONE_NUMBER", "001-253-476-0934x5234"),
    ("My number is 5552345678", "PHONE_NUMBER", "5552345678"),
    ("手机13800138000请联系", "PHONE_NUMBER", "13800138000"),
    ("手机１３８００１３８０００请联系", "PHONE_NUMBER", "１３８００１３８０００"),
    ("手机138\u200b0013\u200b8000", "PHONE_NUMBER", "138\u200b0013\u200b8000"),
    ("座机010-62345678转", "PHONE_NUMBER", "010-62345678"),
    ("Appelez le 06 12 34 56 78", "PHONE_NUMBER", "06 12 34 56 78"),
    # money
    ("card 4111 1111 1111 1111 exp", "CREDIT_CARD", "4111 1111 1111 1111"),
    ("卡号5500005555555559有效", "CREDIT_CARD", "5500005555555559"),
    ("Pay to GB82 WEST 1234 5698 7654 32 OK", "IBAN_CODE", "GB82 WEST 1234 5698 7654 32"),
    ("转到DE89370400440532013000即可", "IBAN_CODE", "DE89370400440532013000"),
    # network
    ("Login from 203.0.113.42 failed", "IP_ADDRESS", "203.0.113.42"),
    ("host 2001:db8::8a2e:370:7334 is up", "IP_ADDRESS", "2001:db8::8a2e:370:7334"),
    (
        "see https://shop.example/reset?token=abc123def",
        "URL",
        "https://shop.example/reset?token=abc123def",
    ),
    ("my page https://linkedin.com/in/annasmith", "URL", "https://linkedin.com/in/annasmith"),
    # state
    ("my SSN is 536-22-1234", "US_SSN", "536-22-1234"),
    ("身份证号11010519491231002X谢谢", "CN_RESIDENT_ID", "11010519491231002X"),
    ("passport number X1234567", "PASSPORT", "X1234567"),
    ("护照号码E12345678", "PASSPORT", "E12345678"),
    # birth
    ("I was born on March 2, 1985 in a town", "DATE_OF_BIRTH", "March 2, 1985"),
    ("DOB: 02/03/1985", "DATE_OF_BIRTH", "02/03/1985"),
    ("出生日期：1985年3月2日", "DATE_OF_BIRTH", "1985年3月2日"),
    ("我1985年3月2日出生", "DATE_OF_BIRTH", "1985年3月2日"),
    # addresses
    (
        "Send it to 12 Oak Street, Springfield, IL 62704 please",
        "ADDRESS",
        "12 Oak Street, Springfield, IL 62704",
    ),
    ("I live at 221B Baker Street", "ADDRESS", "221B Baker Street"),
    ("Ich wohne Hauptstraße 12", "ADDRESS", "Hauptstraße 12"),
    (
        "我住在北京市海淀区中关村大街27号3号楼502室。",
        "ADDRESS",
        "北京市海淀区中关村大街27号3号楼502室",
    ),
    ("寄到上海市浦东新区世纪大道100号", "ADDRESS", "上海市浦东新区世纪大道100号"),
    ("My zip code is 90210", "POSTAL_CODE", "90210"),
    ("邮编100080", "POSTAL_CODE", "100080"),
    # accounts
    ("MRN: 00482913", "MEDICAL_RECORD_NUMBER", "00482913"),
    ("Order number AB-123456 is late", "ACCOUNT_ID", "AB-123456"),
    ("order #48213 is late", "ACCOUNT_ID", "48213"),
    ("my member id is 77120391", "ACCOUNT_ID", "77120391"),
    (
        "user id: f47ac10b-58cc-4372-a567-0e02b2c3d479",
        "ACCOUNT_ID",
        "f47ac10b-58cc-4372-a567-0e02b2c3d479",
    ),
    ("订单号是2023110599887", "ACCOUNT_ID", "2023110599887"),
    ("病历号A0012345", "MEDICAL_RECORD_NUMBER", "A0012345"),
    # secrets
    ("key sk-abcdEFGH1234567890abcd", "SECRET", "sk-abcdEFGH1234567890abcd"),
    ("AWS AKIAIOSFODNN7EXAMPLE", "SECRET", "AKIAIOSFODNN7EXAMPLE"),
    (
        "Authorization: Bearer abc123DEF456ghi",
        "SECRET",
        "Authorization: Bearer abc123DEF456ghi",
    ),
    ("my password is hunter2", "SECRET", "hunter2"),
    ("password=correcthorse", "SECRET", "correcthorse"),
    ("我的密码是Abc12345，请记住", "SECRET", "Abc12345"),
    ("the PIN is 4821", "SECRET", "4821"),
    # user names
    ("my username is dragon_77", "USERNAME", "dragon_77"),
    ("用户名：dragon77", "USERNAME", "dragon77"),
    ("follow me on twitter @dragon_77", "USERNAME", "@dragon_77"),
    # names
    ("My name is Anna Smith.", "PERSON", "Anna Smith"),
    ("my name is anna smith", "PERSON", "anna smith"),
    ("My name is Xochitl Qwer", "PERSON", "Xochitl Qwer"),
    ("I'm Tom, nice to meet you", "PERSON", "Tom"),
    ("This is Priya Patel speaking", "PERSON", "Priya Patel"),
    ("Mr. Zbrowski called", "PERSON", "Zbrowski"),
    ("I saw Dr Okonkwo today", "PERSON", "Okonkwo"),
    ("my wife Anna is ill", "PERSON", "Anna"),
    ("Please call Rose tomorrow", "PERSON", "Rose"),
    ("Send an email to Grace", "PERSON", "Grace"),
    ("Ask Will Smith about it", "PERSON", "Will Smith"),
    ("I, Alasdair Munro, declare this", "PERSON", "Alasdair Munro"),
    ("Dear May, thank you", "PERSON", "May"),
    ("See you soon.\n\nBest,\nAnna", "PERSON", "Anna"),
    ("Regards,\nXander Qwerty", "PERSON", "Xander Qwerty"),
    ("Jennifer's book is here", "PERSON", "Jennifer"),
    ("I met Michael O'Brien there", "PERSON", "Michael O'Brien"),
    ("with Juan de la Cruz again", "PERSON", "Juan de la Cruz"),
    ("the report of J. Patterson", "PERSON", "J. Patterson"),
    ("Zhang Wei came by", "PERSON", "Zhang Wei"),
    ("The call with Olufemi Johnson went well", "PERSON", "Olufemi Johnson"),
    ("MARIA GONZALEZ SIGNED", "PERSON", "MARIA GONZALEZ"),
    ("我叫王芳，今年三十岁", "PERSON", "王芳"),
    ("你好，我是李小明。", "PERSON", "李小明"),
    ("姓名：欧阳修远", "PERSON", "欧阳修远"),
    ("王先生您好", "PERSON", "王"),
    ("请联系李明医生", "PERSON", "李明"),
    ("我妻子王芳生病了", "PERSON", "王芳"),
    ("我的朋友张伟明天来", "PERSON", "张伟"),
    ("请转告陈建国。", "PERSON", "陈建国"),
    ("高老师，您好", "PERSON", "高"),
]


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector()


@pytest.mark.parametrize(("text", "entity", "value"), FOUND)
def test_a_planted_value_is_found_whole(
    detector: Detector, text: str, entity: str, value: str
) -> None:
    # Beside a name its form of address may be found as well.
    found = [(s.entity, text[s.start : s.end].split()[-1:]) for s in detector.scan(text)]
    assert (entity, value.split()[-1:]) in found
    at = text.index(value)
    assert any(s.start <= at and s.end >= at + len(value) for s in detector.scan(text))


def test_values_glued_to_han_characters_are_found(detector: Detector) -> None:
    text = "电话13800138000邮箱a.b@example.com身份证11010519491231002X卡4111111111111111完"
    assert [s.entity for s in detector.scan(text)] == [
        "PHONE_NUMBER",
        "EMAIL_ADDRESS",
        "CN_RESIDENT_ID",
        "CREDIT_CARD",
    ]


@pytest.mark.parametrize(
    "text",
    ["4111 1111 1111 1112", "GB82 WEST 1234 5698 7654 33", "000-12-3456", "1101051949123100214"],
)
def test_a_wrong_checksum_is_not_a_value(detector: Detector, text: str) -> None:
    assert detector.scan(f"the code {text} here") == ()


def test_json_escapes_do_not_hide_a_name(detector: Detector) -> None:
    text = r"{'note': '\u6211\u53eb\u738b\u82b3'}"
    assert [text[s.start : s.end] for s in detector.scan(text)] == [r"\u738b\u82b3"]


def test_well_known_people_are_let_through_unless_introduced(detector: Detector) -> None:
    assert detector.scan("Explain what Albert Einstein published in 1905.") == ()
    assert [s.entity for s in detector.scan("My name is Albert Einstein.")] == ["PERSON"]


def test_words_between_overlapping_spans_survive(detector: Detector) -> None:
    text = "Anna Smith and her colleague 12 Anna Street, then Anna"
    spans = detector.scan(text)
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))
    kept = text
    for span in reversed(spans):
        kept = kept[: span.start] + "*" + kept[span.end :]
    assert kept == "* and her colleague *, then *"


def test_a_losing_overlap_stays_covered() -> None:
    from presidio_analyzer import Pattern, PatternRecognizer

    first = PatternRecognizer("FIRST", patterns=[Pattern("a", "alpha beta", 0.9)])
    second = PatternRecognizer("SECOND", patterns=[Pattern("b", "beta gamma delta", 0.9)])
    text = "say alpha beta gamma delta now"
    spans = Detector([first, second]).scan(text)
    assert [(s.entity, text[s.start : s.end]) for s in spans] == [
        ("FIRST", "alpha"),
        ("SECOND", "beta gamma delta"),
    ]


def test_a_plugins_weak_pattern_counts_with_its_context_word() -> None:
    from presidio_analyzer import Pattern, PatternRecognizer

    plot = PatternRecognizer(
        "PLOT", patterns=[Pattern("plot", "[0-9]{4}", 0.2)], context=["garden"]
    )
    detector = Detector([plot])
    assert detector.scan("the number 1234") == ()
    assert [s.entity for s in detector.scan("garden 1234")] == ["PLOT"]


def test_a_recognizer_that_fails_stops_the_turn_without_content() -> None:
    from presidio_analyzer import EntityRecognizer

    class Broken(EntityRecognizer):  # type: ignore[misc]
        def load(self) -> None:
            pass

        def analyze(self, text, entities, nlp_artifacts):  # type: ignore[no-untyped-def]
            raise ValueError(text)

    with pytest.raises(PrivacyError) as caught:
        Detector([Broken(["X"])]).scan("my secret text")
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_pattern_that_runs_out_of_time_stops_the_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    from presidio_analyzer import Pattern, PatternRecognizer

    slow = PatternRecognizer("SLOW", patterns=[Pattern("slow", "(a|aa)+$", 0.9)])
    module = importlib.import_module("metier.privacy._detector")
    monkeypatch.setattr(module, "PATTERN_SECONDS", 0.05)
    with pytest.raises(PrivacyError):
        Detector([slow]).scan("a" * 200 + "b")


def test_default_recognizers_are_presidio_recognizers() -> None:
    from presidio_analyzer import EntityRecognizer

    recognizers = default_recognizers()
    assert recognizers
    assert all(isinstance(r, EntityRecognizer) for r in recognizers)
    text = "手机１３８００１３８０００"
    results = [x for r in recognizers for x in r.analyze(text, ["PHONE_NUMBER"], None)]
    assert {(x.start, x.end) for x in results} == {(2, 13)}


PROBE = """
import sys
import metier.privacy
assert not any(m.startswith(("presidio", "regex_never", "spacy")) for m in sys.modules), "eager"
metier.privacy.Detector()
assert "spacy" not in sys.modules, "spacy"
from presidio_analyzer import EntityRecognizer, Pattern, PatternRecognizer
assert "spacy" not in sys.modules, "spacy"
from presidio_analyzer.predefined_recognizers import EmailRecognizer
from presidio_analyzer import AnalyzerEngine
import presidio_analyzer
assert issubclass(EmailRecognizer, PatternRecognizer)
assert presidio_analyzer.EntityRecognizer is EntityRecognizer
assert all(isinstance(r, EntityRecognizer) for r in metier.privacy.default_recognizers())
found = metier.privacy.Detector([EmailRecognizer()]).scan("to a@example.com now")
assert [(s.start, s.end) for s in found] == [(3, 16)], found
"""


def test_presidio_loads_late_and_without_spacy_yet_stays_whole() -> None:
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


SAFE_HARBOR = [
    ("Names", "my name is Anna Smith", "PERSON"),
    ("Geographic subdivisions", "ship to 12 Oak Street, Springfield, IL 62704", "ADDRESS"),
    ("Geographic subdivisions", "zip code 62704", "POSTAL_CODE"),
    ("Dates", "admitted on March 3, 2024", "DATE_TIME"),
    ("Dates", "born on March 3, 1984", "DATE_OF_BIRTH"),
    ("Ages over 89", "a 93-year-old woman", "AGE"),
    ("Telephone numbers", "call (555) 234-5678", "PHONE_NUMBER"),
    ("Fax numbers", "fax: 555-234-5678", "PHONE_NUMBER"),
    ("E-mail addresses", "anna@mail.example", "EMAIL_ADDRESS"),
    ("Social security numbers", "SSN 536-22-1234", "US_SSN"),
    ("Medical record numbers", "MRN: 00482913", "MEDICAL_RECORD_NUMBER"),
    ("Health plan beneficiary numbers", "Medicare 1EG4-TE5-MK73", "US_MBI"),
    ("Health plan beneficiary numbers", "health plan id: XYZ123456789",
     "US_HEALTH_INSURANCE_MEMBER_ID"),
    ("Account numbers", "bank account number 000123456789", "US_BANK_NUMBER"),
    ("Certificate and licence numbers", "driver's license number A1253258", "US_DRIVER_LICENSE"),
    ("Certificate and licence numbers", "DEA BB1388568", "MEDICAL_LICENSE"),
    ("Vehicle identifiers", "VIN 1M8GDM9AXKP042788", "VIN"),
    ("Vehicle identifiers", "license plate 7ABC123", "LICENSE_PLATE"),
    ("Device identifiers", "pacemaker serial number: SN-8842-A19", "DEVICE_ID"),
    ("Web addresses", "my page https://linkedin.com/in/annasmith", "URL"),
    ("IP addresses", "from 203.0.113.42", "IP_ADDRESS"),
    ("Biometric identifiers", "fingerprint id: FP-00921", "BIOMETRIC_ID"),
    ("Full-face photographs", "her photo: anna_face.jpg", "PHOTO"),
    ("Any other unique number", "claim number 88-120019", "ACCOUNT_ID"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "entity"), SAFE_HARBOR)
def test_every_identifier_of_hipaas_safe_harbor_is_found(
    detector: Detector, kind: str, text: str, entity: str
) -> None:
    """45 CFR 164.514(b)(2)(i), items A to R."""
    assert entity in [s.entity for s in detector.scan(text)]


def test_the_regions_of_telephone_numbers_can_be_chosen() -> None:
    text = "x 06 12 34 56 78 y"
    assert Detector(default_recognizers(regions=("FR",)), names=False).scan(text) != ()
    assert Detector(default_recognizers(regions=("US",)), names=False).scan(text) == ()


def test_declared_recognizers_have_a_public_door() -> None:
    from metier.privacy import recognizers

    assert recognizers.DictionaryRecognizer("X", ["abc"]).name == "dictionary"
    assert recognizers.DeclaredPattern("X", "abc").name == "pattern"
