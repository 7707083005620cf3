"""The privacy suite reads every public format and says plainly what it cannot read."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from metier.evaluation.privacy._find import find, read_sets, shipped
from metier.evaluation.privacy._formats import lifebench_entity, recognise
from metier.evaluation.privacy._samples import DataSet
from metier.model import BadRequest


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, "utf-8")
    return path


def found(data: DataSet) -> list[tuple[str, str, bool]]:
    return [(s.text[x.start : x.end], x.entity, x.required) for s in data.samples for x in s.labels]


PRESIDIO = [
    {
        "full_text": "Call Judy in Austria",
        "masked": "Call {{first_name}} in {{country}}",
        "spans": [
            {"entity_type": "PERSON", "entity_value": "Judy", "start_position": 5,
             "end_position": 9},
            {"entity_type": "LOCATION", "entity_value": "Austria", "start_position": 13,
             "end_position": 20},
        ],
        "template_id": 7,
        "metadata": None,
    }
]  # fmt: skip
LIFEBENCH = {
    "id": "p_0000",
    "question": "Who?",
    "data_to_answer": "Wu Wei, +8613900139000, at No. 4, Lake Road; card 8899",
    "pii_spans": [
        {"start": 0, "end": 6, "type": "PERSON", "text": "Wu Wei"},
        {"start": 8, "end": 22, "type": "PHONE", "text": "+8613900139000"},
        {"start": 27, "end": 43, "type": "LOCATION", "text": "No. 4, Lake Road"},
        {"start": 50, "end": 54, "type": "ID", "text": "8899"},
    ],
}
SECRETS = [
    {"id": "a", "text": "mail to a@example.com", "annotations": [
        {"start": 8, "end": 21, "type": "email", "value": "a@example.com"}]},
    {"id": "b", "text": "Not a key: shortkey", "annotations": []},
    {"id": "c", "text": "sid=1", "annotations": [
        {"start": 0, "end": 5, "type": "sec_cookie", "value": "sid=1"}]},
]  # fmt: skip
WNUT = "Hi\tO\nAnna\tB-person\nSmith\tI-person\nat\tO\nIKEA\tB-corporation\n\nNike\tB-product\n"
WEIBO = "吴0\tB-PER.NAM\n磊1\tI-PER.NAM\n的0\tO\n男0\tB-PER.NOM\n友1\tI-PER.NOM\n\n好0\tO\n"
RESUME = "吴 B-NAME\n重 M-NAME\n阳 E-NAME\n， O\n王 S-NAME\n董 B-TITLE\n事 E-TITLE\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    root = tmp_path / "data"
    pii = root / "pii"
    write(pii / "one" / "generated_large.json", json.dumps(PRESIDIO))
    write(pii / "one" / "generated_small.json", json.dumps(PRESIDIO))
    write(pii / "two" / "p.jsonl.gz", json.dumps(LIFEBENCH) + "\n")
    write(pii / "three" / "core.json", json.dumps(SECRETS))
    write(pii / "four" / "x.dev.conll", WNUT)
    write(pii / "four" / "x17train.conll", WNUT)
    write(pii / "five" / "weibo.dev", WEIBO)
    write(pii / "six" / "dev.char.bmes", RESUME)
    write(pii / "README.md", "# Person\tB-person")
    write(root / "health" / "other.json", json.dumps([{"question": "x"}]))
    return root


def test_every_set_is_found_by_its_content(data: Path) -> None:
    sets = {d.prefix: d for d in read_sets(data)}
    assert set(sets) == {
        "", "presidio.small.", "lifebench.", "secrets.", "wnut17.", "wnut17.train.", "zh.weibo.",
        "zh.resume.",
    }  # fmt: skip
    assert found(sets[""]) == [("Judy", "PERSON", True), ("Austria", "LOCATION", True)]
    assert sets[""].samples[0].cluster == "template 7"
    assert found(sets["lifebench."]) == [
        ("Wu Wei", "PERSON", True),
        ("+8613900139000", "PHONE_NUMBER", True),
        ("No. 4, Lake Road", "ADDRESS", True),
        ("8899", "SHORT_ID", True),
    ]
    assert found(sets["secrets."]) == [
        ("a@example.com", "EMAIL_ADDRESS", True),
        ("sid=1", "SECRET", True),
    ]
    assert found(sets["wnut17."]) == [
        ("Anna Smith", "PERSON", True),
        ("IKEA", "ORGANIZATION", True),
        ("Nike", "PRODUCT", False),
    ]
    assert found(sets["zh.weibo."]) == [("吴磊", "PERSON", True), ("男友", "PER.NOM", False)]
    assert [s.text for s in sets["zh.weibo."].samples] == ["吴磊的男友", "好"]
    assert found(sets["zh.resume."]) == [
        ("吴重阳", "PERSON", True),
        ("王", "PERSON", True),
        ("董事", "TITLE", False),
    ]
    assert {s.language for s in sets["zh.resume."].samples} == {"zh"}


def test_one_set_or_one_file_may_be_named(data: Path) -> None:
    assert [d.prefix for d in read_sets(data / "pii" / "three")] == ["secrets."]
    small = data / "pii" / "one" / "generated_small.json"
    assert [d.prefix for d in read_sets(small)] == [""]


def test_what_belongs_to_no_set_is_passed_over(data: Path) -> None:
    assert recognise(data / "health" / "other.json") is None
    assert recognise(data / "pii" / "README.md") is None


def test_the_characters_of_weibo_may_be_digits_and_separated_by_a_space(tmp_path: Path) -> None:
    write(tmp_path / "w.test", "20\tO\n王1\tB-PER.NAM\n\n")
    write(tmp_path / "w.dev", "北 O\n王 B-PER.NAM\n")
    (both,) = read_sets(tmp_path)
    assert [s.text for s in both.samples] == ["北王", "2王"]


def test_a_path_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="not there"):
        read_sets(tmp_path / "nowhere")


def test_a_path_without_any_set_names_those_it_looked_for(tmp_path: Path) -> None:
    write(tmp_path / "a.json", "[]")
    with pytest.raises(BadRequest, match=r"none of the privacy sets.*wnut17"):
        read_sets(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a.json", json.dumps(PRESIDIO)[:-3], "not valid JSON"),
        ("b.json", json.dumps([*PRESIDIO, {"spans": []}]), "lacks full_text"),
        ("c.json", json.dumps(PRESIDIO).replace("20}", "99}"), "outside its text, in record 1"),
        ("d.jsonl", json.dumps(LIFEBENCH) + "\n{", "not valid JSONL"),
        ("e.json", json.dumps([*SECRETS, {"text": "x"}]), "lacks text or annotations"),
    ],
)
def test_a_broken_file_is_named_without_its_content(
    tmp_path: Path, name: str, content: str, what: str
) -> None:
    write(tmp_path / name, content)
    with pytest.raises(BadRequest, match=what) as raised:
        read_sets(tmp_path)
    assert name in raised.value.message
    assert "Judy" not in raised.value.message


@pytest.mark.parametrize(
    ("kind", "text", "entity"),
    [
        ("LOCATION", "No. 128, South Hubin Road, Siming District", "ADDRESS"),
        ("LOCATION", "Meeting Room 1806", "LOCATION"),
        ("LOCATION", "Qingzhuhu Avenue", "LOCATION"),
        ("ID", "JD202508012045123456", "ID"),
        ("ID", "account ending with 8899", "SHORT_ID"),
        ("ORG", "Alipay", "ORGANIZATION"),
        ("PERSON", "Wu Wei", "PERSON"),
    ],
)
def test_lifebench_labels_are_told_apart_by_what_they_point_at(
    kind: str, text: str, entity: str
) -> None:
    assert lifebench_entity(kind, text) == entity


def test_the_shipped_sample_has_both_languages_with_and_without_labels() -> None:
    samples = shipped().samples
    assert len(samples) >= 60
    for language in ("en", "zh"):
        mine = [s for s in samples if s.language == language]
        assert sum(bool(s.labels) for s in mine) >= 20
        assert sum(not s.labels for s in mine) >= 8
    assert all("⟦" not in s.text and "|" not in s.text for s in samples)
    assert len({s.text for s in samples}) == len(samples)


def test_files_are_found_in_the_same_order_every_time(data: Path) -> None:
    assert find(data) == find(data)
    assert [f.name for _, f in find(data)][:1] == ["weibo.dev"]
