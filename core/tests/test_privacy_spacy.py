"""A spaCy pipeline, and recognizers from elsewhere, in place of the project's own network."""

from __future__ import annotations

from pathlib import Path

import pytest
import spacy

from metier import config
from metier.app import Metier, make_keys
from metier.model import MetierError
from metier.privacy import Detector, SpacyNames


@pytest.fixture
def pipeline(tmp_path: Path) -> Path:
    """A pipeline that knows three names by heart."""
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns(  # type: ignore[attr-defined]
        [
            {"label": "PERSON", "pattern": "Quibble Zorn"},
            {"label": "GPE", "pattern": "Zornville"},
            {"label": "MONEY", "pattern": "nine zorns"},
        ]
    )
    nlp.to_disk(tmp_path / "zorn")
    return tmp_path / "zorn"


def opened(home: Path, **privacy: object) -> Detector:
    """The detector of a domain under a configuration."""
    make_keys(home)
    settings = config.Settings.model_validate({"embeddings": "none", "privacy": privacy})
    return Metier.open(home, settings).parts.detector("education")


TEXT = "Yesterday quibbled Quibble Zorn of Zornville over nine zorns"


def test_its_persons_and_places_are_found_under_our_types(pipeline: Path) -> None:
    spans = Detector([SpacyNames(str(pipeline))]).scan(TEXT)
    assert [(TEXT[s.start : s.end], s.entity) for s in spans] == [
        ("Quibble Zorn", "PERSON"),
        ("Zornville", "LOCATION"),
    ]


def test_one_line_of_configuration_takes_it_instead_of_the_network(
    pipeline: Path, tmp_path: Path
) -> None:
    detector = opened(tmp_path, names=f"spacy:{pipeline}")
    titles = {r.name for r in detector.recognizers}
    assert f"spacy-{pipeline}" in titles and "metier-names-model" not in titles
    assert any(s.entity == "PERSON" for s in detector.scan(TEXT))


def test_a_pipeline_that_is_not_there_is_an_error_that_says_so() -> None:
    with pytest.raises(MetierError, match="en_core_web_zorn"):
        SpacyNames("en_core_web_zorn")


def test_recognizers_from_elsewhere_join_by_name(tmp_path: Path) -> None:
    place = "presidio_analyzer.predefined_recognizers:AuTfnRecognizer"
    names = {type(r).__name__ for r in opened(tmp_path, recognizers=[place]).recognizers}
    assert {"AuTfnRecognizer", "ModelNames"} <= names


def test_rules_alone_do_without_the_network(tmp_path: Path) -> None:
    names = {type(r).__name__ for r in opened(tmp_path, names="rules").recognizers}
    assert "ModelNames" not in names and "EnglishNames" in names


@pytest.mark.parametrize("place", ["no_such_module:x", "json:loads", "os:getcwd"])
def test_what_gives_no_recognizer_is_refused(tmp_path: Path, place: str) -> None:
    with pytest.raises(MetierError, match=place):
        opened(tmp_path, recognizers=[place])
