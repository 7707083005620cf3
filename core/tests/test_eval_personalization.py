"""`metier eval personalization`: scores are right, and new people stay unseen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from metier.evaluation.personalization import TARGETS, measure
from metier.evaluation.personalization._people import (
    FOLDS,
    SEEN,
    Person,
    folds,
    read_assistments,
    read_movielens,
)
from metier.evaluation.personalization._sample import learners, readers
from metier.evaluation.personalization._score import auc_mark, auc_parts, mean_mark, ndcg
from metier.model import BadRequest, Mark


@pytest.fixture(scope="module")
def marks() -> dict[str, Mark]:
    _, count, found = measure(limit=12)
    assert count == 300
    return found


def test_the_sample_alone_is_measured_with_blind_baselines_beside(marks: dict[str, Mark]) -> None:
    for n in SEEN:
        for name in (
            f"sample.reading.ours.at_{n}.ndcg@10",
            f"baseline.sample.reading.random.at_{n}.ndcg@10",
            f"baseline.sample.reading.shuffled_group.at_{n}.ndcg@10",
            f"sample.answering.ours.at_{n}.auc",
            f"baseline.sample.answering.shuffled_group.at_{n}.auc",
            f"baseline.sample.answering.most_common.at_{n}.accuracy",
        ):
            assert 0 <= marks[name].value <= 1, name
    assert not any("noisy" in name or "unprotected" in name for name in marks)


def test_a_group_helps_where_people_of_a_group_are_alike(marks: dict[str, Mark]) -> None:
    own = marks["sample.reading.group.at_0.ndcg@10"].value
    assert own > marks["sample.reading.global.at_0.ndcg@10"].value
    assert own > marks["baseline.sample.reading.shuffled_group.at_0.ndcg@10"].value
    for n in SEEN:
        gain = marks[f"sample.reading.gain_over_person.at_{n}.ndcg@10"]
        assert gain.low is not None and gain.low > 0
    late = marks["sample.answering.gain_over_group.at_10.auc"]
    assert late.value > 0


def test_the_same_run_gives_the_same_marks(marks: dict[str, Mark]) -> None:
    assert measure(limit=12)[2] == marks


def test_marks_have_targets_where_they_were_promised() -> None:
    assert TARGETS["movielens.ours.at_0.ndcg@10"] == 0.549
    assert TARGETS["movielens.ours.at_10.ndcg@10"] == 0.428
    assert TARGETS["assistments.gain_over_person.at_3.auc"] == 0.0


def test_a_folder_without_a_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="No set is there"):
        measure(tmp_path)


def test_everybody_is_new_once_and_never_among_those_learned_from() -> None:
    people, _ = readers()
    parts = folds(people)
    assert len(parts) == FOLDS
    for train, new in parts:
        assert not {p.id for p in train} & {p.id for p in new}
        assert len(train) + len(new) == len(people)
    assert sorted(p.id for _, new in parts for p in new) == sorted(p.id for p in people)
    inner = folds(parts[0][0], "inner")
    assert all(new for _, new in inner), "a part of a part must not be empty"


# --- the scores -----------------------------------------------------------------------------


def test_ndcg_counts_what_is_found_by_its_place() -> None:
    none = np.array([], dtype=np.int64)
    scores = np.array([4.0, 3.0, 2.0, 1.0])
    assert ndcg(scores, np.array([0]), none) == 1.0
    assert ndcg(scores, np.array([1]), none) == pytest.approx(1 / np.log2(3))
    assert ndcg(scores, np.array([1]), np.array([0])) == 1.0
    best, second = 1.0, 1 / np.log2(3)
    assert ndcg(scores, np.array([0, 2]), none) == pytest.approx((best + 0.5) / (best + second))


def test_the_auc_is_the_share_of_pairs_in_order() -> None:
    draw = np.random.default_rng(1)
    right = draw.integers(0, 2, 60)
    scores = np.round(draw.random(60), 1)
    who = np.arange(60) // 3
    pairs = [
        1.0 if a > b else 0.5 if a == b else 0.0
        for a in scores[right == 1]
        for b in scores[right == 0]
    ]
    value, added = auc_parts(right, scores, who)
    assert value == pytest.approx(np.mean(pairs))
    assert added.sum() == pytest.approx(0.0, abs=1e-12) and len(added) == 20


def test_the_interval_of_the_auc_takes_the_answers_of_one_person_together() -> None:
    draw = np.random.default_rng(2)
    right = draw.integers(0, 2, 400)
    scores = draw.random(400) + 0.3 * right
    alone = auc_mark(*auc_parts(right, scores, np.arange(400)))
    # Each answer ten times over tells nothing new.
    again = auc_mark(*auc_parts(np.repeat(right, 10), np.repeat(scores, 10),
                                np.repeat(np.arange(400), 10)))  # fmt: skip
    assert again.value == pytest.approx(alone.value)
    assert again.low == pytest.approx(alone.low) and again.high == pytest.approx(alone.high)


def test_the_interval_of_a_difference_is_of_what_differs_within_people() -> None:
    draw = np.random.default_rng(3)
    own = draw.normal(0, 1, 500)
    better = own + 0.1
    gain = mean_mark(better - own)
    assert gain.low == pytest.approx(0.1) and gain.high == pytest.approx(0.1)
    assert mean_mark(np.array([0.5])).low is None


def test_the_auc_of_what_cannot_be_told_apart_is_a_half() -> None:
    right = np.array([1, 0, 1, 0])
    assert auc_parts(right, np.full(4, 0.3), np.arange(4))[0] == 0.5
    assert auc_parts(np.ones(4, dtype=np.int64), np.arange(4.0), np.arange(4))[0] == 0.5


# --- the files -------------------------------------------------------------------------------


def movielens(folder: Path, users: str, ratings: str) -> Path:
    (folder / "ml-100k.user").write_text(
        "user_id:token\tage:token\tgender:token\toccupation:token\tzip_code:token\n" + users
    )
    (folder / "ml-100k.inter").write_text(
        "user_id:token\titem_id:token\trating:float\ttimestamp:float\n" + ratings
    )
    return folder


def test_films_are_read_in_the_order_of_time_with_ages_in_bands(tmp_path: Path) -> None:
    folder = movielens(
        tmp_path, "1\t24\tM\twriter\t0\n2\t7\tF\tnone\t0\n",
        "1\t10\t3\t200\n1\t2\t5\t100\n2\t10\t1\t50\n",
    )  # fmt: skip
    people, items = read_movielens(folder)
    assert items == 2
    assert people[0].items.tolist() == [0, 1]
    assert dict(people[0].groups) == {"age": "2", "gender": "M", "occupation": "writer"}
    assert dict(people[1].groups)["age"] == "1"
    assert isinstance(people[0], Person)


def test_files_of_another_form_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match=r"ml-100k\.user"):
        read_movielens(tmp_path)
    with pytest.raises(BadRequest, match="form"):
        read_movielens(movielens(tmp_path, "1\told\tM\tx\t0\n", "1\t1\t1\t1\n"))
    (tmp_path / "ml-100k.inter").write_text("a\tb\n")
    with pytest.raises(BadRequest, match="lacks one of the columns"):
        read_movielens(tmp_path)


@pytest.mark.parametrize(
    "text", ["2\n1,2\n0\n", "x\n1\n0\n", "1\n1\n?\n", "1\n-1\n0\n", "1\n1000\n0\n"]
)
def test_answers_of_another_form_are_refused_with_the_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "answers.csv"
    path.write_text("1\n3\n1\n" + text)
    with pytest.raises(BadRequest, match="line 4"):
        read_assistments(path)


def test_answers_are_read(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_text("2\n3,4,\n1,0,\n")
    (learner,) = read_assistments(path)
    assert learner.skills.tolist() == [3, 4] and learner.right.tolist() == [1, 0]
    with pytest.raises(BadRequest, match="can't be read"):
        read_assistments(tmp_path / "none.csv")


def test_the_sample_is_the_same_each_time() -> None:
    one, other = readers()[0], readers()[0]
    assert all((a.items == b.items).all() for a, b in zip(one, other, strict=True))
    assert all((a.right == b.right).all() for a, b in zip(learners(), learners(), strict=True))
