"""The network that finds names: its files, its windows, and where it is not asked."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from metier.model import EntityAction
from metier.privacy import (
    Detector,
    ModelNames,
    PrivacyError,
    Scrubber,
    default_recognizers,
    guard,
)
from metier.privacy._normalise import normalise
from metier.privacy.ner import FOLDER, TYPES, ModelError, NameTagger, packaged, windows


def found(text: str, detector: Detector) -> set[tuple[str, str]]:
    return {(text[s.start : s.end], s.entity) for s in detector.scan(text)}


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector()


# --- the network ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "yesterday thorvald ingebrigtsen came by with the keys",
        "We hired Thorvaldsdottir for the night shift.",
        "RT @someone: dinner with zbigniew was great lol",
    ],
)
def test_names_without_title_greeting_or_gazetteer_are_found(text: str, detector: Detector) -> None:
    by_rules = Detector(default_recognizers(names="rules"))
    assert not by_rules.scan(text)
    assert any(entity == "PERSON" for _, entity in found(text, detector))


def test_a_name_is_found_wherever_it_stands_in_a_long_text() -> None:
    tagger = packaged()
    filler = "The order was packed and it left the warehouse on time. "
    for before in (0, 5, 9, 10, 11, 20, 60):
        text = filler * before + "Then Siobhan Gallagher signed for it. " + filler * 12
        assert any("Gallagher" in text[a:b] for a, b, _, _ in tagger.spans(text)), before


@given(st.integers(1, 2000))
def test_windows_cover_every_piece_and_overlap(count: int) -> None:
    places = list(windows(count))
    assert places[0][0] == 0 and places[-1][1] == count
    for (_, end), (start, _) in pairwise(places):
        assert start < end


@settings(max_examples=60)
@example("£0©")
@given(st.text(max_size=300))
def test_spans_of_any_text_lie_in_it_apart_and_in_order(text: str) -> None:
    spans = packaged().spans(text, "recall")
    at = 0
    for start, end, kind, score in spans:
        assert at <= start < end <= len(text)
        assert kind in TYPES and 0 < score <= 1
        assert text[start].isalnum() or text[end - 1].isalnum()
        at = end


def test_recall_finds_at_least_what_precision_finds() -> None:
    text = "saw mike and dr patel at the gym, then ana from acme called about leeds"
    covered = {
        point: sum(b - a for a, b, _, _ in packaged().spans(text, point))
        for point in ("precision", "balanced", "recall")
    }
    assert covered["precision"] <= covered["balanced"] <= covered["recall"]
    assert covered["recall"] > 0


def test_threads_share_one_network() -> None:
    texts = [f"Please call {name} back." for name in ("Ngozi", "Anneliese", "Rashid", "Yuki")] * 8
    alone = [packaged().spans(text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(packaged().spans, texts)) == alone


# --- its files ----------------------------------------------------------------------------


def copied(tmp_path: Path) -> Path:
    for name in ("ner.onnx", "ner.json", "tokenizer.json"):
        shutil.copy(FOLDER / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("name", ["ner.onnx", "tokenizer.json"])
def test_a_changed_file_is_refused_and_the_text_with_it(tmp_path: Path, name: str) -> None:
    folder = copied(tmp_path)
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(ModelError, match=name):
        NameTagger(folder)


@pytest.mark.parametrize("name", ["ner.onnx", "tokenizer.json", "ner.json"])
def test_a_missing_file_is_an_error_that_says_how_to_mend_it(tmp_path: Path, name: str) -> None:
    folder = copied(tmp_path)
    (folder / name).unlink()
    with pytest.raises(ModelError, match=r"(?s)" + name + r".*privacy\.names"):
        NameTagger(folder)


def test_a_network_that_fails_stops_the_text(tmp_path: Path) -> None:
    class Broken(NameTagger):
        def __init__(self) -> None:
            """Has nothing to run."""

    broken = Detector([ModelNames(tagger=Broken())])
    with pytest.raises(PrivacyError, match="metier-names-model"):
        broken.scan("Call me back, Anna.")
    with pytest.raises(PrivacyError):
        Scrubber(broken).hide("Call me back, Anna.")


def test_the_files_are_small_enough_for_the_wheel_and_the_card_says_what_they_are() -> None:
    size = sum(f.stat().st_size for f in FOLDER.iterdir() if f.is_file())
    assert size < 25 * 1024 * 1024
    card = (FOLDER / "MODEL_CARD.md").read_text("utf-8")
    for line in ("Data", "Licence", "Marks", "Limits"):
        assert f"## {line}" in card
    points = json.loads((FOLDER / "ner.json").read_text("utf-8"))["points"]
    assert set(points) == {"precision", "balanced", "recall"}


# --- where it is asked, and what is made of its answer -------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Crohn's disease and Parkinson's disease are not the same.",
        "Explain Newton's second law and Euler's formula.",
        "Isaac Newton and Albert Einstein never met.",
        "My aunt asked about Alzheimer disease and Hodgkin lymphoma.",
    ],
)
def test_well_known_people_and_what_is_called_after_people_are_no_persons(
    text: str, detector: Detector
) -> None:
    assert not any(entity == "PERSON" for _, entity in found(text, detector))


@pytest.mark.parametrize("title", ["Dr", "Mr.", "Ms"])
def test_titles_stay_so_that_a_reader_knows_how_to_address_somebody(
    title: str, detector: Detector
) -> None:
    hidden = Scrubber(detector).hide(f"Then {title} Okonkwo-Lindqvist said no.")
    assert hidden.startswith(f"Then {title} <PERSON_") and "Lindqvist" not in hidden


@pytest.mark.parametrize(
    "text",
    [
        "from metier.anna import siobhan_lopez",
        "self.assertEqual(mary.kowalski(), None)",
        "open /home/kowalski/anna.txt",
    ],
)
def test_identifiers_of_programs_and_paths_are_no_names(text: str, detector: Detector) -> None:
    assert not any(entity == "PERSON" for _, entity in found(text, detector))


@pytest.mark.parametrize(
    "text",
    [
        "if (kind === null) return entries.filter((e) => e.owner);",
        "while j < n and rawdata[j].isspace():",
        "Prune in March.",
        "Shorten: we made the decision to stay inside of the house.",
        "my husband snores and the baby wont settle",
        "Can I give my daughter Calpol?",
        "note: c",
        "The mean of 32, 26, 65, 61, 14, 74, 87?",
    ],
)
def test_words_of_code_recipes_and_chat_are_no_names(text: str, detector: Detector) -> None:
    assert found(text, detector) == set()


@pytest.mark.parametrize(
    "text",
    ["Does paracetamol make you sleepy?", "I take Zocor every day", "is cefixime ok in pregnancy",
     "Give Zolfetapine to a child?", "Does St John's wort make you sleepy?"],
)  # fmt: skip
def test_medicines_are_no_names_even_where_recall_comes_first(text: str) -> None:
    assert found(text, Detector(default_recognizers(names="recall"))) == set()


def test_a_person_who_takes_a_medicine_is_still_found() -> None:
    text = "Yasmin Okonkwo takes warfarin."
    assert ("Yasmin Okonkwo", "PERSON") in found(
        text, Detector(default_recognizers(names="recall"))
    )


def test_rules_beat_the_network_on_the_same_words(detector: Detector) -> None:
    assert found("My zip code is 90210", detector) == {("90210", "POSTAL_CODE")}


def test_countries_and_states_are_another_type_than_towns(detector: Detector) -> None:
    text = "She moved from Lyon to Canada and then to Texas."
    assert {("Lyon", "LOCATION"), ("Canada", "COUNTRY"), ("Texas", "COUNTRY")} <= found(
        text, detector
    )


@pytest.mark.parametrize("text", ["我的邮箱和手机号都换了", "订单什么时候发货?", "Где мой заказ?"])
def test_text_it_cannot_read_is_left_to_the_rules(text: str) -> None:
    class Deaf(NameTagger):
        def __init__(self) -> None:
            """Must not be asked."""

    Detector([ModelNames(tagger=Deaf())]).scan(text)


def test_a_latin_name_after_a_chinese_introduction_is_found(detector: Detector) -> None:
    for text in ("我叫Zebulon Quartermain", "您好，我的名字是 Zebulon Quartermain。"):
        assert ("Zebulon Quartermain", "PERSON") in found(text, detector)


def test_english_between_chinese_is_read(detector: Detector) -> None:
    text = "她在信里写道:yesterday oluwaseun adebayo came by,然后就走了"
    assert ("oluwaseun adebayo", "PERSON") in found(text, detector)


def test_places_that_the_policy_keeps_hide_no_name_from_the_rules() -> None:
    class Towns(ModelNames):
        def find(self, view: object) -> list[tuple[int, int, str, float]]:
            return [(0, 37, "LOCATION", 0.99)]

    def keeps_places(entity: str) -> EntityAction:
        return EntityAction("keep" if entity == "LOCATION" else "pseudonymise", "test")

    text = "My name is Anna Smith and I like cats"
    scrubber = Scrubber(Detector([*default_recognizers(names="rules"), Towns()]), keeps_places)
    hidden = scrubber.hide(text)
    assert "Anna" not in hidden and "cats" in hidden
    guard(
        json.dumps({"messages": [{"role": "user", "content": hidden}]}).encode(),
        scrubber.vault,
        scrubber.detector,
        keeps_places,
    )


def test_the_guard_passes_what_was_hidden_with_the_network(detector: Detector) -> None:
    text = "dinner with zbigniew and oluwaseun adebayo in Wroclaw, then back to acme GmbH"
    scrubber = Scrubber(detector)
    hidden = scrubber.hide(text)
    assert not {"zbigniew", "oluwaseun", "adebayo", "Wroclaw"} & set(hidden.split())
    body = json.dumps({"messages": [{"role": "user", "content": hidden}]}).encode()
    guard(body, scrubber.vault, detector, scrubber.policy_action)
    assert scrubber.restore(hidden) == text


def test_offsets_are_those_of_the_text_as_given() -> None:
    text = "Ｙｅｓｔｅｒｄａｙ ngozi\u200b adichie called"  # full width and a zero-width space
    spans = Detector([ModelNames()]).scan(text)
    assert [text[s.start : s.end].replace("\u200b", "") for s in spans] == ["ngozi adichie"]
    assert normalise(text).text != text


# --- what was seen before -------------------------------------------------------------------


def test_a_text_that_was_seen_is_not_scanned_again() -> None:
    asked: list[str] = []

    class Counting(NameTagger):
        def __init__(self) -> None:
            """Counts."""

        def spans(self, text: str, point: str = "balanced") -> list[tuple[int, int, str, float]]:
            asked.append(text)
            return [(0, 4, "PERSON", 0.9)]

    counting = Detector([ModelNames(tagger=Counting())])
    history = [f"Anna wrote letter {n}" for n in range(5)]
    for turn in range(1, 6):
        for text in history[:turn]:
            assert [(s.start, s.end) for s in counting.detect(text, None)] == [(0, 4)]
    assert asked == history
    fresh = Detector([ModelNames(tagger=Counting())], remembered=0)
    fresh.scan(history[0])
    fresh.scan(history[0])
    assert asked == [*history, history[0], history[0]]
