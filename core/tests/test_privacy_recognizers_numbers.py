"""Numbers with a check digit or a grammar: found in every dress, not found when a digit is off.

The values are the specimens that the issuing authorities and standards print, or made up.
"""

import unicodedata

import pytest

from metier.privacy import Detector

CHECKED = [
    # entity, words before, value, the same value broken
    ("CREDIT_CARD", "", "4111111111111111", "4111111111111112"),
    ("CREDIT_CARD", "", "5555-5555-5555-4444", "5555-5555-5555-4445"),
    ("CREDIT_CARD", "", "3782 822463 10005", "3782 822463 10006"),
    ("CREDIT_CARD", "", "6222021234567890128", "6222021234567890129"),
    ("IBAN_CODE", "", "GB82 WEST 1234 5698 7654 32", "GB82 WEST 1234 5698 7654 33"),
    ("IBAN_CODE", "", "DE89370400440532013000", "DE89370400440532013001"),
    ("ABA_ROUTING_NUMBER", "routing number ", "021000021", "021000022"),
    ("CRYPTO", "", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"),
    (
        "CRYPTO",
        "",
        "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
        "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdr",
    ),
    ("VIN", "", "1M8GDM9AXKP042788", "1M8GDM9A1KP042788"),
    ("DEVICE_ID", "IMEI ", "490154203237518", None),
    # United States
    ("US_SSN", "", "536-22-1234", "666-22-1234"),
    ("US_SSN", "SSN ", "536221234", "000221234"),
    ("US_ITIN", "", "911-70-1234", "911-69-1234"),
    ("US_NPI", "NPI ", "1245319599", "1245319598"),
    ("MEDICAL_LICENSE", "DEA ", "BB1388568", "BB1388567"),
    ("US_MBI", "", "1EG4-TE5-MK73", "1SG4-TE5-MK73"),
    ("US_MBI", "", "1EG4TE5MK73", "1EG4TE5MKL3"),
    # China
    ("CN_RESIDENT_ID", "", "11010519491231002X", "110105194912310021"),
    ("CN_SOCIAL_CREDIT_CODE", "", "91350100M000100Y43", "91350100M000100Y44"),
    ("HK_ID", "", "A123456(3)", "A123456(4)"),
    ("TW_ID", "", "A123456789", "A123456788"),
    # Europe
    ("UK_NHS", "NHS ", "943 476 5919", "943 476 5918"),
    ("UK_NINO", "", "AB123456C", "BG123456C"),
    ("UK_NINO", "", "AB 12 34 56 C", "AB 12 34 56 E"),
    ("UK_UTR", "UTR ", "1955839661", "2955839661"),
    ("IE_PPS", "PPS ", "6433435F", "6433435E"),
    ("DE_TAX_ID", "Steuer-ID ", "86095742719", "86095742718"),
    ("DE_SOCIAL_SECURITY", "", "15070649C103", "15070649C104"),
    ("DE_ID_CARD", "Personalausweis ", "L01X00T471", "L01X00T472"),
    ("DE_HEALTH_INSURANCE", "", "A000500015", "A000500016"),
    ("DE_LANR", "LANR ", "123456601", "123456701"),
    ("SE_ORGANISATIONSNUMMER", "org.nr ", "556703-7485", "556703-7486"),
    ("DE_VAT_ID", "", "DE136695976", "DE136695978"),
    ("AT_SVNR", "SVNR ", "1237 010180", "1238 010180"),
    ("CH_AHV", "", "756.9217.0769.85", "756.9217.0769.84"),
    ("ES_NIF", "", "12345678Z", "12345678A"),
    ("ES_NIE", "", "X1234567L", "X1234567A"),
    ("IT_FISCAL_CODE", "", "RSSMRA85T10A562S", "RSSMRA85T10A562T"),
    ("IT_VAT_CODE", "Partita IVA ", "00743110157", "00743110158"),
    ("FR_NIR", "", "255081416802538", "255081416802539"),
    ("FR_NIR", "", "2 55 08 14 168 025 38", "2 55 08 14 168 025 39"),
    ("PT_NIF", "contribuinte ", "123456789", "123456788"),
    ("NL_BSN", "BSN ", "111222333", "111222334"),
    ("BE_NATIONAL_NUMBER", "", "85.07.30-033.28", "85.07.30-033.29"),
    ("LU_MATRICULE", "", "1893120105732", "1893120105733"),
    ("SE_PERSONNUMMER", "", "640823-3234", "640823-3235"),
    ("FI_PERSONAL_IDENTITY_CODE", "", "131052-308T", "131052-308U"),
    ("NO_FODSELSNUMMER", "", "15108695088", "15108695089"),
    ("DK_CPR", "CPR ", "211062-5629", "321062-5629"),
    ("PL_PESEL", "PESEL ", "44051401359", "44051401358"),
    ("PL_NIP", "NIP ", "8567346215", "8567346216"),
    ("CZ_BIRTH_NUMBER", "", "710319/2745", "710319/2746"),
    ("RO_CNP", "CNP ", "1630615123457", "1630615123458"),
    ("BG_EGN", "ЕГН ", "7523169263", "7523169264"),
    ("GR_AMKA", "AMKA ", "01013099997", "01013099998"),
    ("HR_OIB", "OIB ", "33392005961", "33392005962"),
    ("SI_EMSO", "EMŠO ", "0101006500006", "0101006500007"),
    ("EE_ISIKUKOOD", "isikukood ", "36805280109", "36805280108"),
    ("LV_PERSONAS_KODS", "personas kods ", "161175-19997", "161375-19997"),
    # The rest of the world
    ("IN_AADHAAR", "", "2341 2341 2346", "2341 2341 2347"),
    ("IN_AADHAAR", "Aadhaar ", "234123412346", "234123412347"),
    ("IN_PAN", "", "ABCPE1234F", "ABCDE1234F"),
    ("IN_GSTIN", "", "27AAPFU0939F1ZV", "27AAPFU0939F1ZW"),
    ("SG_NRIC_FIN", "", "S1234567D", "S1234567E"),
    ("SG_NRIC_FIN", "", "G1234567X", "G1234567Y"),
    ("KR_RRN", "", "920101-1234567", "921301-1234567"),
    ("JP_MY_NUMBER", "マイナンバー", "123456789018", "123456789017"),
    ("TH_TNIN", "", "3-1006-00445-63-5", "3-1006-00445-63-6"),
    ("TR_NATIONAL_ID", "kimlik ", "17291716060", "17291716061"),
    ("IL_ID", "teudat zehut ", "039337423", "039337424"),
    ("ZA_ID_NUMBER", "", "8001015009087", "8001015009088"),
    ("AU_TFN", "TFN ", "123 456 782", "123 456 783"),
    ("AU_ABN", "", "83 914 571 673", "83 914 571 674"),
    ("AU_ACN", "ACN ", "004 085 616", "004 085 617"),
    ("AU_MEDICARE", "medicare ", "2123 45670 1", None),
    ("CA_SIN", "SIN ", "130 692 544", "130 692 545"),
    ("BR_CPF", "", "390.533.447-05", "390.533.447-06"),
    ("BR_CNPJ", "", "16.727.230/0001-97", "16.727.230/0001-98"),
    ("AR_CUIT", "", "20-05536168-2", "20-05536168-3"),
    ("CL_RUT", "", "12.531.909-2", "12.531.909-3"),
    ("MX_CURP", "", "BOXW310820HNERXN09", "BOXW310820HNERXN08"),
]

LABELLED = [
    ("my driver's license number is A125325867", "US_DRIVER_LICENSE", "A125325867"),
    ("Driving licence: MORGA657054SM9IJ", "UK_DRIVING_LICENCE", "MORGA657054SM9IJ"),
    ("Führerschein: B072RRE2I55", "US_DRIVER_LICENSE", "B072RRE2I55"),
    ("EIN: 12-3456789", "US_EIN", "12-3456789"),
    ("sort code 12-34-56", "UK_SORT_CODE", "12-34-56"),
    ("my bank account number is 000123456789", "US_BANK_NUMBER", "000123456789"),
    ("Medicare number 1EG4-TE5-MK73", "US_MBI", "1EG4-TE5-MK73"),
    ("health plan id: XYZ123456789", "US_HEALTH_INSURANCE_MEMBER_ID", "XYZ123456789"),
    ("医保卡号：A12345678", "US_HEALTH_INSURANCE_MEMBER_ID", "A12345678"),
    ("medical record number 0048-2913", "MEDICAL_RECORD_NUMBER", "0048-2913"),
    ("住院号：00482913", "MEDICAL_RECORD_NUMBER", "00482913"),
    ("nursing license #RN123456", "LICENSE_NUMBER", "RN123456"),
    ("license plate 7ABC123", "LICENSE_PLATE", "7ABC123"),
    ("我的车是京A12345，停在楼下", "LICENSE_PLATE", "京A12345"),
    ("车牌号码粤B·D12345", "LICENSE_PLATE", "粤B·D12345"),
    ("my car reg is AB12 CDE", "UK_VEHICLE_REGISTRATION", "AB12 CDE"),
    ("the car MH12AB1234 was seen", "IN_VEHICLE_REGISTRATION", "MH12AB1234"),
    ("Kennzeichen: B-MA 1234", "DE_LICENSE_PLATE", "B-MA 1234"),
    ("serial number: SN-8842-A19", "DEVICE_ID", "SN-8842-A19"),
    ("fingerprint id: FP-00921", "BIOMETRIC_ID", "FP-00921"),
    ("护照号码是E12345678", "PASSPORT", "E12345678"),
    ("My passport no. is 536381234", "PASSPORT", "536381234"),
    ("港澳通行证号码C12345678", "CN_TRAVEL_PERMIT", "C12345678"),
    ("台胞证：12345678", "CN_TRAVEL_PERMIT", "12345678"),
    ("老身份证110105491231002", "CN_RESIDENT_ID", "110105491231002"),
    ("RFC: GODE561231GR8", "MX_RFC", "GODE561231GR8"),
    ("voter id ABC1234567", "IN_VOTER", "ABC1234567"),
    ("GPS 40.7128, -74.0060 is home", "COORDINATES", "40.7128, -74.0060"),
    ("at 40°26'46\"N 79°58'56\"W now", "COORDINATES", "40°26'46\"N 79°58'56\"W"),
    ("定位在北纬：纬度39.9042", "COORDINATES", "39.9042"),
    ("device 00:1B:44:11:3A:B7 joined", "MAC_ADDRESS", "00:1B:44:11:3A:B7"),
    ("device 00-1B-44-11-3A-B7 joined", "MAC_ADDRESS", "00-1B-44-11-3A-B7"),
    ("wallet 0x52908400098527886E0F7030069857D2E4169EE7", "CRYPTO",
     "0x52908400098527886E0F7030069857D2E4169EE7"),
    ("She is 92 years old", "AGE", "92"),
    ("a 95-year-old man", "AGE", "95"),
    ("奶奶今年97岁了", "AGE", "97"),
    ("Order no. 2024-88812", "ACCOUNT_ID", "2024-88812"),
    ("Appointment number: AG20251105001.", "ACCOUNT_ID", "AG20251105001"),
    ("your reservation code 888123", "ACCOUNT_ID", "888123"),
    ("Meeting ID: 884 567 321.", "ACCOUNT_ID", "884 567 321"),
    ("your savings card ending with 3478 had", "ACCOUNT_ID", "3478"),
    ("银行卡尾号8899消费", "ACCOUNT_ID", "8899"),
    ("会员卡号：88120019", "ACCOUNT_ID", "88120019"),
    ("parcel 1Z999AA10123456784", "ACCOUNT_ID", "1Z999AA10123456784"),
]  # fmt: skip

BENIGN = [
    "The meeting on 2024-03-15 at 10:30 lasts 90 minutes.",
    "Version 10.2.1.4 replaces version 9.8.7.6 on 12/31/2025.",
    "It costs $1,234,567.89 or 4 111 euros.",
    "ISBN 978-3-16-148410-0 and ISSN 2049-3630",
    "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "uuid 550e8400-e29b-41d4-a716-446655440000",
    "commit 3b18e512dba79e4c8300dd08aeb37f8e728b8dad",
    "In 1990, 2000, 2010 and 2020 it was 1000000, 2000000 or 33554432.",
    "pi is 3.141592653589793 and e is 2.718281828459045",
    "x = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]",
    "for i in range(100): print(i ** 2, 0xFF, 1e10, b'\\x00')",
    "He is 45 years old, she turned 30, room 95.",
    "The error code 40013, model number 1000345, page number 10234 and the number 1234567 in all",
    "a sentence ending in 1234 words",
    "The ratio is 16:9, the score 3:2, the time 12:30:45.",
    "Windows 11 22H2, Python 3.11.7, RFC 8259, HTTP/1.1 404",
    "1024x768, 1920x1080 and 3840 x 2160 pixels",
    "Take 400 mg of ibuprofen, 3 x 2 tablets, for 10 days.",
    "A vector (0.12345, 0.67890, 0.11111) of floats",
    "Flight LH 400, train ICE 597, bus M29, gate B12.",
    "圆周率是3.14159265，公式是x=2a+3b，共1000000个。",
    "第12章第3节第100页，2024年3月15日，共3.5亿元。",
    "身高175厘米，体重65公斤，血压120/80。",
]


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector(names=False)


def _wide(text: str) -> str:
    """ASCII letters and digits in their full-width forms."""
    return "".join(chr(ord(c) + 0xFEE0) if c.isascii() and c.isalnum() else c for c in text)


def _found(detector: Detector, text: str) -> list[tuple[str, str]]:
    return [(s.entity, text[s.start : s.end]) for s in detector.scan(text)]


@pytest.mark.parametrize(("entity", "before", "value", "broken"), CHECKED)
def test_a_number_is_found_whole(
    detector: Detector, entity: str, before: str, value: str, broken: str | None
) -> None:
    assert (entity, value) in _found(detector, f"Note: {before}{value}, thanks.")


@pytest.mark.parametrize(("entity", "before", "value", "broken"), CHECKED)
def test_a_number_glued_to_han_characters_is_found(
    detector: Detector, entity: str, before: str, value: str, broken: str | None
) -> None:
    assert (entity, value) in _found(detector, f"{before}这个{value}请记下")


@pytest.mark.parametrize(("entity", "before", "value", "broken"), CHECKED)
def test_a_number_in_full_width_is_found(
    detector: Detector, entity: str, before: str, value: str, broken: str | None
) -> None:
    wide = _wide(value)
    assert unicodedata.normalize("NFKC", wide) == value
    assert (entity, wide) in _found(detector, f"{before}这个{wide}请记下")


@pytest.mark.parametrize(("entity", "before", "value", "broken"), CHECKED)
def test_a_zero_width_space_does_not_hide_a_number(
    detector: Detector, entity: str, before: str, value: str, broken: str | None
) -> None:
    split = value[:3] + "\u200b" + value[3:]
    assert (entity, split) in _found(detector, f"Note: {before}{split}, thanks.")


@pytest.mark.parametrize(
    ("entity", "before", "broken"), [(e, b, x) for e, b, _, x in CHECKED if x is not None]
)
def test_a_number_with_a_wrong_check_is_not_found(
    detector: Detector, entity: str, before: str, broken: str
) -> None:
    assert (entity, broken) not in _found(detector, f"Note: {before}{broken}, thanks.")


@pytest.mark.parametrize(("text", "entity", "value"), LABELLED)
def test_a_labelled_or_shaped_value_is_found_whole(
    detector: Detector, text: str, entity: str, value: str
) -> None:
    assert (entity, value) in _found(detector, text)


@pytest.mark.parametrize("text", BENIGN)
def test_numbers_that_only_look_alike_are_let_through(detector: Detector, text: str) -> None:
    assert [f for f in _found(detector, text) if f[0] != "DATE_TIME"] == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I was born on 02/03/1985", "DATE_OF_BIRTH"),
        ("The invoice is of 02/03/2024", "DATE_TIME"),
        ("我生于1985年3月2日", "DATE_OF_BIRTH"),
        ("1967年9月出生，大学学历", "DATE_OF_BIRTH"),
        ("会议在2024年3月2日", "DATE_TIME"),
        ("杨先生于2007年8月至今任职", "DATE_TIME"),
        ("Admitted on March 3, 2024", "DATE_TIME"),
    ],
)
def test_dates_of_birth_are_told_from_other_dates(detector: Detector, text: str, kind: str) -> None:
    assert [s.entity for s in detector.scan(text)] == [kind]


def test_a_long_number_is_not_cut_into_shorter_ones(detector: Detector) -> None:
    assert _found(detector, "id 41111111111111111111111111 end") == []


def test_a_weak_check_counts_only_with_a_word_beside_it(detector: Detector) -> None:
    assert _found(detector, "the codes 123456782, 8567346215 and 33392005961 here") == []
