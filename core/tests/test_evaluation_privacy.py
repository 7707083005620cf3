"""`metier eval privacy`: one object of marks, from public data or the shipped sample."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from metier.cli._evaluate import eval as command
from metier.evaluation import Options, core_suites, run_core_suite
from metier.evaluation.privacy import (
    TARGETS,
    _engines,
    _source,
    _speed,
    _suite,
    measure,
    upper_bound,
)
from metier.evaluation.privacy._engines import Engine, presidio_engines
from metier.model import BadRequest, Span

SECRETS = [
    {"text": "mail a@example.com", "annotations": [{"start": 5, "end": 18, "type": "email"}]},
    {"text": "Not a key: Tom", "annotations": []},
    {"text": "Nothing here", "annotations": []},
]
PRESIDIO = [
    {
        "full_text": f"I am Tom number {n}, hello to you",
        "spans": [{"entity_type": "PERSON", "start_position": 5, "end_position": 8}],
        "template_id": n % 3,
    }
    for n in range(12)
]


def find_tom(text: str) -> list[Span]:
    at = text.find("Tom")
    return [Span(at, at + 3, "PERSON", 1.0)] if at >= 0 else []


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A detector that knows one name, and measurements of speed cut short."""
    monkeypatch.setattr(_suite, "ours", lambda names=True: Engine(
        "names" if names else "identifiers", find_tom))  # fmt: skip
    monkeypatch.setattr(_suite, "presidio_engines", lambda: [Engine("presidio_blank", find_tom)])
    monkeypatch.setattr(_suite, "LINES", 400)
    monkeypatch.setattr(_speed, "_LONG_KB", 2)
    monkeypatch.setattr(_speed, "_ROUNDS", 2)
    monkeypatch.setattr(_speed, "_TEXTS", 4)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "somewhere"
    folder.mkdir()
    (folder / "secrets.json").write_text(json.dumps(SECRETS))
    (folder / "generated_large.json").write_text(json.dumps(PRESIDIO).replace(
        '"full_text"', '"masked": "", "full_text"'))  # fmt: skip
    return folder


@pytest.mark.usefixtures("quick")
def test_marks_are_named_from_general_to_particular_with_intervals_and_targets(data: Path) -> None:
    dataset, n, marks = measure(data)
    assert dataset == "presidio-research, noren-secrets, sample"
    assert n > len(PRESIDIO) + len(SECRETS)
    assert marks["overall.f2"].value == marks["PERSON.recall"].value == 1.0
    assert marks["overall.f2"].target == TARGETS["overall.f2"]
    even, odd = marks["presidio.even.overall.spans"], marks["presidio.odd.overall.spans"]
    assert even.value + odd.value == len(PRESIDIO)
    assert marks["secrets.recall"].value == 0.0
    assert marks["secrets.negatives_flagged"].value == 0.5
    assert marks["secrets.typed_negatives_flagged"].value == 0.0  # a name is no secret
    assert marks["secrets.stated_negatives_flagged"].value == 1.0
    assert marks["source.lines"].value == 400
    assert marks["refused_texts"].value == 0
    for name in ("speed.identifiers.ratio", "speed.names.ratio", "speed.names_zh.length_ratio"):
        low, high = marks[name].low, marks[name].high
        assert low is not None and high is not None
        assert low <= marks[name].value <= high
    for mark in marks.values():
        assert mark.low is None or mark.low <= mark.value + 1e-9


@pytest.mark.usefixtures("quick")
def test_presidio_is_measured_beside_and_only_where_it_is_wanted(data: Path) -> None:
    _, _, beside = measure(data)
    assert beside["presidio_blank.overall.f2"].value == 1.0
    assert beside["presidio_blank.overall.f2"].target is None
    assert "presidio_blank.texts_per_second" in beside
    _, _, alone = measure(data, compare=False)
    assert not [name for name in alone if "presidio_blank" in name or name.endswith("s.ratio")]


@pytest.mark.usefixtures("quick")
def test_languages_are_reported_apart(data: Path) -> None:
    _, _, marks = measure(data)
    assert marks["en.PERSON.spans"].value > marks["PERSON.spans"].value  # with the sample's
    assert marks["zh.PERSON.recall"].value == 0.0
    assert marks["zh.overall.spans"].value >= 20


@pytest.mark.usefixtures("quick")
def test_without_public_data_the_shipped_sample_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    dataset, _, marks = measure()
    assert dataset == "sample"
    assert marks["overall.spans"].value >= 60


@pytest.mark.usefixtures("quick")
def test_public_data_beside_the_working_directory_is_found(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = data.parent / "project"
    here.mkdir()
    (data.parent / "shared").mkdir()
    data.rename(data.parent / "shared" / "data")
    monkeypatch.chdir(here)
    assert measure()[0] == "presidio-research, noren-secrets, sample"


@pytest.mark.usefixtures("quick")
def test_a_limit_holds_for_each_set(data: Path) -> None:
    _, _, marks = measure(data, limit=2)
    assert marks["overall.texts"].value == marks["sample.overall.texts"].value == 2


@pytest.mark.usefixtures("quick")
def test_the_command_prints_one_object(data: Path) -> None:
    done = CliRunner().invoke(command, ["privacy", "--data", str(data), "--json"])
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert set(report) == {"suite", "dataset", "n", "seconds", "encoder", "metrics"}
    assert report["suite"] == "privacy"
    assert all(set(m) == {"value", "low", "high", "target"} for m in report["metrics"].values())


@pytest.mark.usefixtures("quick")
def test_the_table_shows_what_has_a_target_first(data: Path) -> None:
    done = CliRunner().invoke(command, ["privacy", "--data", str(data), "--limit", "3"])
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()[1:]
    with_target = ["target" in line for line in lines]
    assert with_target == sorted(with_target, reverse=True)
    assert any(line.split()[0] == "overall.f2" for line in lines)


def test_flags_refusals_and_slowdown_are_bounded_from_above_the_rest_from_below() -> None:
    above = {name for name in TARGETS if upper_bound(name)}
    assert above == {
        "secrets.negatives_flagged",
        "secrets.typed_negatives_flagged",
        "secrets.stated_negatives_flagged",
        "source.secrets_per_1000_lines",
    }
    assert upper_bound("speed.names.length_ratio")
    assert not upper_bound("speed.names.ratio")


def test_a_path_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    done = CliRunner().invoke(command, ["privacy", "--data", str(tmp_path / "no")])
    assert done.exit_code != 0
    assert "does not exist" in done.stderr
    with pytest.raises(BadRequest, match="none of the privacy sets"):
        run_core_suite("privacy", Options(data=tmp_path))


def test_a_suite_of_a_plugin_takes_no_limit() -> None:
    done = CliRunner().invoke(command, ["education", "--limit", "3"])
    assert done.exit_code == 2
    assert "--limit is for privacy" in done.stderr


def test_an_unknown_core_suite_names_those_there_are() -> None:
    assert "privacy" in core_suites()
    with pytest.raises(BadRequest, match=r"Known: .*privacy"):
        run_core_suite("nothing", Options())


def test_importing_the_suite_loads_no_spacy() -> None:
    code = "import sys, metier.evaluation.privacy; print('spacy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_presidios_analyzer_is_run_with_a_blank_pipeline_and_stays_offline() -> None:
    engine = presidio_engines()[0]
    assert engine.name == "presidio_blank"
    found = engine.find("Mail anna@example.com, card 4111 1111 1111 1111")
    assert {"EMAIL_ADDRESS", "CREDIT_CARD"} <= {span.entity for span in found}
    from tldextract import tldextract

    assert tldextract.TLD_EXTRACTOR.suffix_list_urls == ()


def test_presidio_is_run_with_a_spacy_model_too_where_one_is_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import spacy

    def load(name: str) -> spacy.language.Language:
        assert name == "en_core_web_md_of_somebody"
        pipeline = spacy.blank("en")
        ruler = pipeline.add_pipe("entity_ruler")
        ruler.add_patterns([{"label": "PERSON", "pattern": "Tom"}])  # type: ignore[attr-defined]
        return pipeline

    monkeypatch.setattr(spacy.util, "get_installed_models", lambda: [
        "de_core_news_lg", "en_core_web_sm", "en_core_web_md_of_somebody"])  # fmt: skip
    monkeypatch.setattr(spacy, "load", load)
    blank, model = presidio_engines()
    assert (blank.name, model.name) == ("presidio_blank", "presidio_spacy")
    assert [span.entity for span in model.find("I met Tom today")] == ["PERSON"]
    assert [span.entity for span in blank.find("I met Tom today")] == []


def test_metiers_own_detector_is_what_is_measured() -> None:
    found = _engines.ours(names=False).find("Mail anna@example.com")
    assert [span.entity for span in found] == ["EMAIL_ADDRESS"]


def test_source_code_is_sampled_the_same_way_every_time_without_tests(tmp_path: Path) -> None:
    for name, lines in (("a.py", 500), ("b/c.py", 10), ("test/d.py", 900), ("e.txt", 900)):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(f"{name} {n}\n" for n in range(lines)))
    blocks = _source.source_blocks(300, tmp_path)
    assert blocks == _source.source_blocks(300, tmp_path)
    assert sum(n for _, n in blocks) == 300
    assert all(text.count("\n") == n - 1 for text, n in blocks)
    every = _source.source_blocks(10_000, tmp_path)
    assert sum(n for _, n in every) == 510
    assert "test/d.py" not in "".join(text for text, _ in every)


def test_the_long_text_is_the_short_ones_put_together() -> None:
    pieces = _speed.pieces(["Some words of a text.", "第二段文字，中文。"])
    assert len(pieces) == 100
    sizes = [len(piece.encode()) for piece in pieces]
    assert min(sizes) >= 1024
    assert max(sizes) < 1024 + 800
