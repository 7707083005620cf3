"""Cases beside a policy: each asks one question, and fails where the answer is another."""

from __future__ import annotations

from pathlib import Path

import pytest
from policy_kit import policies, written

from metier.model import MetierError
from metier.policy import Case, cases_beside, load_cases, run_case

POLICY = """\
entities: {'*': {'*': pseudonymise}, SECRET: {'*': block}, DATE: {'*': keep}}
targets: {eu: {operator: X, region: EU}}
allow_targets: [local, eu]
collect: {goal: {allow: true, domains: [shop], purposes: [service]}}
show: {goal: {purposes: [service]}}
consent: {goal: {kind: given}}
cross_domain: {goal: {allow: true}}
retention: {turns: 30}
roles: {auditor: {deny: [report]}}
parts: {image: local}
review: {shop: whole}
"""


def find(text: str, domain: str) -> list[str]:
    """Every word in capitals is an entity type."""
    return [word for word in text.split() if word.isupper()]


def differences(folder: Path, case: str) -> tuple[str, ...]:
    file = folder / "p0.cases.yaml"
    file.write_text(f"cases: [{{name: a case, {case}}}]\n", "utf-8")
    (only,) = load_cases(file).cases
    return run_case(only, policies(folder, POLICY), find).differences


PASS = [
    "text: PERSON and DATE, expect: {entities: {PERSON: pseudonymise, DATE: keep, URL: absent}}",
    "text: PERSON, target: eu, expect: {allowed: true}",
    "text: a SECRET, expect: {allowed: false, rule: entities.SECRET.*}",
    "text: hello, target: us, expect: {allowed: false, rule: 'p0@1:allow_targets'}",
    "target: eu, expect: {allowed: true}",
    "role: auditor, may: report, expect: {allowed: false, rule: roles.auditor.deny}",
    "role: auditor, may: export_audit, expect: {allowed: true}",
    "learn: goal, domain: shop, purpose: service, expect: {allowed: true}",
    "learn: goal, domain: bank, expect: {allowed: false}",
    "show: goal, domain: shop, purpose: answering, expect: {allowed: false, rule: show.goal}",
    "cross_domain: goal, origin: a, domain: b, expect: {allowed: true}",
    "consent: goal, domain: shop, expect: {consent: given, rule: consent.goal}",
    "keep: turns, expect: {days: 30, rule: retention.turns}",
    "keep: audit, expect: {days: null}",
    "part: image, target: eu, expect: {handling: refuse, rule: parts.image}",
    "part: image, expect: {handling: pass}",
    "review: shop, expect: {review: whole, rule: review.shop}",
]
FAIL = {
    "text: PERSON, expect: {entities: {PERSON: keep}}": "PERSON: pseudonymise, not keep",
    "text: nobody, domain: shop, expect: {entities: {PERSON: keep}}": "PERSON: absent, not keep",
    "text: nobody, expect: {entities: {PERSON: keep}}":
        "PERSON: absent, not keep; name the `domain` that brings its recognizer",
    "text: a DATE, expect: {entities: {DATE: absent}}": "DATE: keep, not absent",
    "text: a SECRET, expect: {allowed: true}": "allowed: no, not yes",
    "text: PERSON, expect: {rule: entities.PERSON.*}":
        "rule: p0@1:entities.*.*, not entities.PERSON.*",
    "role: auditor, may: report, expect: {allowed: true}": "allowed: no, not yes",
    "target: us, expect: {allowed: true}": "allowed: no, not yes",
    "consent: health, domain: a, expect: {consent: none}": "consent: explicit, not none",
    "keep: turns, expect: {days: 31}": "days: 30, not 31",
    "keep: audit, expect: {days: 31}": "days: no limit, not 31",
    "part: image, target: eu, expect: {handling: redact}": "handling: refuse, not redact",
    "review: bank, expect: {review: whole}": "review: pass, not whole",
    "keep: turns, expect: {days: null}": "days: 30, not no limit",
}  # fmt: skip


@pytest.mark.parametrize("case", PASS)
def test_a_case_passes_where_the_answer_is_the_expected_one(tmp_path: Path, case: str) -> None:
    assert differences(tmp_path, case) == ()


@pytest.mark.parametrize(("case", "said"), FAIL.items())
def test_a_case_fails_where_the_answer_is_another_and_says_which(
    tmp_path: Path, case: str, said: str
) -> None:
    assert differences(tmp_path, case) == (said,)


@pytest.mark.parametrize(
    ("case", "problem"),
    [
        ("expect: {allowed: true}", "asks nothing"),
        ("text: a, learn: goal, expect: {allowed: true}", "asks text and learn"),
        ("may: report, expect: {allowed: true}", "`may` needs a `role`"),
        ("text: a", "expect"),
        ("text: a, expect: {}", "`expect` is empty"),
        ("text: a, expect: {alowed: true}", "`cases.0.expect.alowed`: there is no such setting"),
        ("text: a, expect: {entities: {PERSON: hide}}", "entities.PERSON"),
        ("role: root, may: report, expect: {allowed: true}", "role"),
    ],
)
def test_a_case_that_tests_nothing_or_is_not_understood_is_refused(
    tmp_path: Path, case: str, problem: str
) -> None:
    with pytest.raises(MetierError, match=r"The cases p0\.cases\.yaml: ") as error:
        differences(tmp_path, case)
    assert problem in error.value.message and error.value.code == "bad_cases"


def test_cases_stand_beside_their_policy(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert cases_beside(path) == tmp_path / "one.cases.yaml"
    with pytest.raises(MetierError, match="No such file"):
        load_cases(cases_beside(path))
    cases_beside(path).write_text("cases: []")
    with pytest.raises(MetierError, match="cases"):
        load_cases(cases_beside(path))


def test_a_case_is_about_the_domain_it_names(tmp_path: Path) -> None:
    seen: list[tuple[str, str]] = []

    def asked(text: str, domain: str) -> list[str]:
        seen.append((text, domain))
        return []

    case = Case.model_validate(
        {"name": "x", "text": "hello", "domain": "shop", "expect": {"allowed": True}}
    )
    assert run_case(case, policies(tmp_path, POLICY), asked).differences == ()
    assert seen == [("hello", "shop")]
