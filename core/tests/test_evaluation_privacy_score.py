"""How the privacy suite counts: what is found, what is false, how sure the figure is."""

from __future__ import annotations

import numpy as np
import pytest

from metier.evaluation.privacy._engines import Engine, predict
from metier.evaluation.privacy._find import parse_marked
from metier.evaluation.privacy._intervals import f2_mark, proportion, rate, wilson
from metier.evaluation.privacy._samples import DataSet, Label, Sample, half, limited
from metier.evaluation.privacy._score import marks, score
from metier.evaluation.privacy._types import accepts, groups
from metier.model import Mark, Span
from metier.privacy import PrivacyError


def measured(data: DataSet, *spans: list[Span]) -> dict[str, Mark]:
    return marks(score(data, spans), data, data.prefix, {})


def one(text: str, *labels: Label) -> DataSet:
    return DataSet("test", "", (Sample(text, labels, "one"),))


def test_a_span_is_found_when_every_letter_and_digit_is_covered() -> None:
    data = one("call (202) 555-0143.", Label(5, 19, "PHONE_NUMBER"))
    covered = measured(data, [Span(6, 9, "PHONE_NUMBER", 1.0), Span(11, 19, "PHONE_NUMBER", 1.0)])
    assert covered["PHONE_NUMBER.recall"].value == 1.0
    one_digit_out = measured(data, [Span(6, 18, "PHONE_NUMBER", 1.0)])
    assert one_digit_out["PHONE_NUMBER.recall"].value == 0.0
    assert one_digit_out["overall.leaks"].value == 1
    assert one_digit_out["overall.leaked_texts"].value == 1


def test_han_characters_are_letters() -> None:
    data = one("我叫欧阳思雨。", Label(2, 6, "PERSON"))
    assert measured(data, [Span(2, 5, "PERSON", 1.0)])["PERSON.recall"].value == 0.0
    assert measured(data, [Span(2, 6, "PERSON", 1.0)])["PERSON.recall"].value == 1.0


def test_a_prediction_that_touches_a_label_is_no_false_positive() -> None:
    data = one("Anna Smith of Leeds", Label(0, 10, "PERSON"), Label(14, 19, "LOCATION"))
    result = measured(data, [Span(5, 13, "PERSON", 1.0), Span(11, 13, "PERSON", 1.0)])
    assert result["overall.precision"].value == 0.5
    assert result["overall.recall"].value == 0.0


def test_types_are_reported_beside_and_do_not_decide() -> None:
    data = one("I live in Leeds", Label(10, 15, "LOCATION"))
    result = measured(data, [Span(10, 15, "PERSON", 1.0)])
    assert result["overall.recall"].value == result["overall.precision"].value == 1.0
    assert result["overall.typed_recall"].value == result["overall.typed_precision"].value == 0.0
    assert "LOCATION.precision" not in result  # nothing was taken for a place


def test_what_need_not_be_found_is_neither_a_leak_nor_a_false_positive() -> None:
    data = one("The Beatles came", Label(4, 11, "group", required=False), Label(0, 3, "PERSON"))
    missed = measured(data, [])
    assert missed["overall.spans"].value == 1
    hit = measured(data, [Span(4, 11, "PERSON", 1.0)])
    assert hit["PERSON.precision"].value == 1.0
    assert hit["PERSON.typed_precision"].value == 0.0


def test_types_left_unlabelled_on_purpose_are_not_judged() -> None:
    sample = Sample("Tom on 3 May", (Label(0, 3, "PERSON"),), "one")
    data = DataSet("test", "", (sample,), unlabelled=frozenset({"DATE_TIME"}))
    found = [Span(0, 3, "PERSON", 1.0), Span(7, 12, "DATE_TIME", 1.0)]
    assert measured(data, found)["overall.precision"].value == 1.0


def test_recall_by_characters_counts_what_is_covered_of_each_name() -> None:
    sample = Sample("Anna Smith", (Label(0, 10, "PERSON"),), "one")
    data = DataSet("test", "w.", (sample,), whole=False, characters=True)
    result = measured(data, [Span(0, 4, "PERSON", 1.0)])
    assert result["w.PERSON.recall"].value == pytest.approx(4 / 9)
    assert result["w.PERSON.whole_recall"].value == 0.0
    assert "w.overall.recall" not in result


def test_a_set_without_a_prediction_has_no_f2_above_nought() -> None:
    result = measured(one("Anna", Label(0, 4, "PERSON")), [])
    assert result["overall.f2"].value == 0.0
    assert result["overall.recall"].value == 0.0


@pytest.mark.parametrize(
    ("labelled", "predicted", "right"),
    [
        ("PERSON", "PERSON", True),
        ("PERSON", "LOCATION", False),
        ("DATE_TIME", "DATE_OF_BIRTH", True),
        ("DOMAIN_NAME", "URL", True),
        ("SECRET", "SECRET_JWT", True),
        ("ID", "ACCOUNT_ID", True),
        ("ID", "PERSON", False),
        ("CREDIT_CARD", "ACCOUNT_ID", False),
    ],
)
def test_the_table_of_types(labelled: str, predicted: str, right: bool) -> None:
    assert accepts(labelled, predicted) is right


def test_cards_and_accounts_with_check_digits_are_a_group() -> None:
    assert groups("CREDIT_CARD") == groups("IBAN_CODE") == ("checksum",)
    assert groups("PERSON") == ()


def test_wilsons_interval_is_the_published_one() -> None:
    low, high = wilson(0.5, 10)
    assert (round(low, 4), round(high, 4)) == (0.2366, 0.7634)
    assert wilson(0.3, 0) == (0.0, 1.0)


def test_texts_of_one_template_widen_the_interval() -> None:
    apart = proportion(np.array([1, 0] * 50), np.array([1] * 100))
    together = proportion(np.array([10, 0] * 5), np.array([10] * 10))
    assert apart.value == together.value == 0.5
    assert apart.low is not None and together.low is not None
    assert together.low < apart.low


def test_nothing_missed_in_few_clusters_is_not_certainty() -> None:
    mark = proportion(np.array([50, 50]), np.array([50, 50]))
    assert mark.value == mark.high == 1.0
    assert mark.low is not None and mark.low < 0.5


def test_f2_weighs_recall_and_encloses_its_value() -> None:
    found, labelled = np.array([1, 0, 1, 0]), np.array([1, 1, 1, 1])
    mark = f2_mark(found, labelled, labelled, labelled)
    assert mark.value == pytest.approx(5 * 0.5 / 4.5)
    assert mark.low is not None and mark.high is not None
    assert mark.low < mark.value < mark.high
    assert mark == f2_mark(found, labelled, labelled, labelled)
    perfect = f2_mark(labelled, labelled, labelled, labelled)
    assert perfect.value == 1.0
    assert perfect.low is not None and perfect.low < 0.7


def test_a_rate_without_an_event_has_an_upper_bound() -> None:
    mark = rate(0, 20.0)
    assert mark.value == mark.low == 0.0
    assert mark.high == pytest.approx(3.69 / 20, rel=0.1)


def test_a_refused_text_counts_as_nothing_found() -> None:
    def find(text: str) -> list[Span]:
        if "bomb" in text:
            raise PrivacyError("out of time")
        return [Span(0, 4, "PERSON", 1.0)]

    result = predict(Engine("test", find), ["Anna", "bomb"])
    assert result.refused == 1
    assert result.spans == ((Span(0, 4, "PERSON", 1.0),), ())


def test_pseudonyms_that_stand_in_a_text_are_not_finds() -> None:
    engine = Engine("test", lambda text: [Span(0, 4, "PLACEHOLDER", 1.0)])
    assert predict(engine, ["text"]).spans == ((),)


def test_halves_are_the_parity_of_the_sha256_of_the_text() -> None:
    # sha256("abc") ends in ...ad, sha256("") in ...55
    assert half(Sample("abc", (), "a")) == "odd"
    assert half(Sample("metier", (), "a")) == half(Sample("metier", (), "b"))
    both = {half(Sample(str(n), (), "a")) for n in range(20)}
    assert both == {"even", "odd"}


def test_a_limit_takes_the_same_texts_every_time_in_their_order() -> None:
    data = DataSet("test", "", tuple(Sample(f"text {n}", (), "a") for n in range(50)))
    part = limited(data, 10)
    assert len(part.samples) == 10
    assert part == limited(data, 10)
    assert [s for s in data.samples if s in part.samples] == list(part.samples)
    assert limited(data, None) is data


def test_labels_written_in_place_are_read() -> None:
    sample = parse_marked("我叫⟦PERSON|欧阳思雨⟧，在⟦ADDRESS|临顿路88号⟧。", "zh")
    assert sample.text == "我叫欧阳思雨，在临顿路88号。"
    assert [(sample.text[x.start : x.end], x.entity) for x in sample.labels] == [
        ("欧阳思雨", "PERSON"),
        ("临顿路88号", "ADDRESS"),
    ]
