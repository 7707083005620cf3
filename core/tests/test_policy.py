"""Policies: never half understood, the strictest wins, every decision names its rule."""

from __future__ import annotations

from pathlib import Path

import pytest
from policy_kit import policies, policy

from metier.model import MetierError
from metier.policy import PolicySet, compose, load

SECRET = "hunter2"

# --- reading -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"entities: [{SECRET}", "not valid YAML"),
        ("entitys: {}", "`entitys`"),
        (f"entities: {{PERSON: {{'*': {SECRET}}}}}", "`entities.PERSON.*`: Input should be 'keep'"),
        ("entities: {PERSON: keep}", "`entities.PERSON`"),
        ("collect: {health: true}", "`collect.health`"),
        ("collect: {health: {allow: true, domain: [x]}}", "`collect.health.domain`"),
        ("collect: {health: {}}", "`collect.health.allow`"),
        ("review: {'*': word}", "`review.*`"),
        ("allow_targets: local", "`allow_targets`"),
        ("targets: {eu: {operator: X}}", "`targets.eu.region`"),
        ("retention: {'*': 0}", "`retention.*`"),
        ("retention: {'*': forever}", "`retention.*`"),
        ("retention_days: 90", "`retention_days`: write it as"),
        ("version: 2", "line 4 repeats a setting"),
        ("x: !!python/object/apply:os.system [echo]", "not valid YAML"),
        ("a: &a [*a]", "not valid YAML"),
        ("regulated: true\nregulated: false", "line 5 repeats a setting"),
    ],
)
def test_a_policy_that_is_not_understood_is_never_half_used(
    tmp_path: Path, text: str, reason: str
) -> None:
    with pytest.raises(MetierError) as error:
        policy(tmp_path, text)
    message = error.value.message
    assert reason in message and "one.yaml" in message
    assert "nothing is served under a policy that isn't understood" in message
    assert SECRET not in message and error.value.code == "bad_policy"


@pytest.mark.parametrize("data", [b"", b"- a\n", b"text", b"\xff\xfe\x00", b"a: b: c"])
def test_a_file_that_is_no_policy_says_so(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.yaml").write_bytes(data)
    with pytest.raises(MetierError, match=r"a\.yaml can't be used") as error:
        load(tmp_path / "a.yaml")
    assert error.value.code == "bad_policy"


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    for path in (tmp_path / "gone.yaml", tmp_path):
        with pytest.raises(MetierError, match="can't be used: "):
            load(path)


def test_two_files_of_one_name_and_two_declarations_of_one_target_are_refused(
    tmp_path: Path,
) -> None:
    with pytest.raises(MetierError, match="Two policy files are named 'one'"):
        compose([policy(tmp_path), policy(tmp_path)])
    target = "targets: {{eu: {{operator: X, region: {0}}}}}"
    with pytest.raises(MetierError, match="declare the target 'eu' differently"):
        policies(tmp_path, target.format("EU"), target.format("US"))
    assert policies(tmp_path, target.format("EU"), target.format("EU")).targets["eu"].region == "EU"


# --- entities --------------------------------------------------------------------------


def test_without_a_rule_every_entity_is_pseudonymised_and_nothing_leaves_but_to_local(
    tmp_path: Path,
) -> None:
    for chosen in (compose([]), policies(tmp_path, "")):
        found = chosen.entity_action("PERSON", "anywhere")
        assert (found.action, found.rule) == ("pseudonymise", "built-in@1:entities")
        assert chosen.target("local") is not None and chosen.target("eu") is None
        assert chosen.may_learn("health", "x") and chosen.review("x") == "pass"
        assert chosen.retention("conversations").days is None


def test_the_most_particular_rule_of_a_file_counts(tmp_path: Path) -> None:
    chosen = policies(
        tmp_path,
        "entities:\n  '*': {'*': redact, local: pseudonymise}\n"
        "  PERSON: {'*': block, local: keep}\n  DATE: {'*': keep}\n",
    )
    cases = {
        ("PERSON", "local"): ("keep", "entities.PERSON.local"),
        ("PERSON", "eu"): ("block", "entities.PERSON.*"),
        ("DATE", "local"): ("keep", "entities.DATE.*"),
        ("EMAIL", "local"): ("pseudonymise", "entities.*.local"),
        ("EMAIL", "eu"): ("redact", "entities.*.*"),
    }
    for (entity, target), (action, rule) in cases.items():
        found = chosen.entity_action(entity, target)
        assert (found.action, found.rule) == (action, f"p0@1:{rule}")


@pytest.mark.parametrize(
    ("one", "other", "strictest"),
    [
        ("keep", "pseudonymise", "pseudonymise"),
        ("pseudonymise", "redact", "redact"),
        ("redact", "block", "block"),
        ("keep", "block", "block"),
    ],
)
def test_of_several_files_the_strictest_action_wins_in_any_order(
    tmp_path: Path, one: str, other: str, strictest: str
) -> None:
    texts = [f"entities: {{PERSON: {{'*': {action}}}}}" for action in (one, other)]
    for order in (texts, texts[::-1]):
        assert policies(tmp_path, *order).entity_action("PERSON", "local").action == strictest
    # A file that says nothing of it allows nothing.
    assert policies(tmp_path, texts[1], "").entity_action("PERSON", "x").action == other


def test_a_domain_may_have_its_own_rules_but_not_for_what_the_file_names_more_closely(
    tmp_path: Path,
) -> None:
    general = "entities:\n  '*': {'*': pseudonymise}\n  SECRET: {'*': redact}\n"
    own = "domains:\n  maps: {entities: {LOCATION: {'*': keep, eu: drop}, '*': {'*': hash}}}\n"
    chosen = policies(tmp_path, general + own)
    cases = {
        ("LOCATION", "local", "maps"): ("keep", "domains.maps.entities.LOCATION.*"),
        ("LOCATION", "eu", "maps"): ("drop", "domains.maps.entities.LOCATION.eu"),
        ("LOCATION", "local", "other"): ("pseudonymise", "entities.*.*"),
        ("LOCATION", "local", ""): ("pseudonymise", "entities.*.*"),
        ("PERSON", "local", "maps"): ("hash", "domains.maps.entities.*.*"),
        ("SECRET", "local", "maps"): ("redact", "entities.SECRET.*"),
    }
    for (entity, target, domain), (action, rule) in cases.items():
        found = chosen.entity_action(entity, target, domain)
        assert (found.action, found.rule) == (action, f"p0@1:{rule}")
    stricter = policies(tmp_path, general + own, "entities: {LOCATION: {'*': pseudonymise}}")
    assert stricter.entity_action("LOCATION", "local", "maps").action == "pseudonymise"


def test_detection_is_balanced_unless_a_file_says_more_and_the_most_finding_point_wins(
    tmp_path: Path,
) -> None:
    assert compose([]).detection("x") == "balanced"
    one = policies(tmp_path, "detection: {'*': precision, clinic: recall}")
    assert (one.detection("x"), one.detection("clinic")) == ("precision", "recall")
    both = policies(
        tmp_path, "detection: {'*': precision, clinic: recall}", "detection: {'*': balanced}"
    )
    assert (both.detection("x"), both.detection("clinic")) == ("balanced", "recall")
    with pytest.raises(MetierError, match="detection"):
        policies(tmp_path, "detection: {'*': most}")


# --- what may be learned, shown, sent ------------------------------------------------------


def test_every_file_must_allow_learning_and_the_rule_that_forbids_is_named(
    tmp_path: Path,
) -> None:
    allow = "collect: {health: {allow: true, domains: [healthcare]}, '*': {allow: true}}"
    deny = "collect: {contact: {allow: false}}"
    chosen = policies(tmp_path, allow, deny)
    assert chosen.may_learn("health", "healthcare") == (True, "p0@1:collect.health")
    assert chosen.may_learn("health", "support") == (False, "p0@1:collect.health")
    assert chosen.may_learn("contact", "support") == (False, "p1@1:collect.contact")
    assert chosen.may_learn("goal", "support") == (True, "p0@1:collect.*")


def test_a_category_that_a_file_names_does_not_fall_under_what_others_say_of_all(
    tmp_path: Path,
) -> None:
    chosen = policies(
        tmp_path,
        "collect: {'*': {allow: false}}",
        "collect: {luggage: {allow: true, domains: [packer]}}",
    )
    assert chosen.may_learn("luggage", "packer") == (True, "p1@1:collect.luggage")
    assert chosen.may_learn("luggage", "support") == (False, "p1@1:collect.luggage")
    assert chosen.may_learn("hobby", "packer") == (False, "p0@1:collect.*")


def test_facts_are_shown_to_domains_for_a_purpose(tmp_path: Path) -> None:
    chosen = policies(
        tmp_path,
        "show: {health: {domains: [healthcare], purposes: [answering]}, '*': {purposes: [x]}}",
        "show: {health: {domains: ['*']}}",
    )
    assert chosen.may_show("health", "healthcare", ["answering"]).allowed
    assert chosen.may_show("health", "healthcare", ["marketing", "answering"]).allowed
    assert chosen.may_show("health", "healthcare", ["marketing"]) == (False, "p0@1:show.health")
    assert chosen.may_show("health", "support", ["answering"]) == (False, "p0@1:show.health")
    assert not chosen.may_show("health", "healthcare", []).allowed
    assert chosen.may_show("goal", "support", ["answering"]) == (False, "p0@1:show.*")


def test_a_target_must_be_allowed_by_every_file_that_names_any(tmp_path: Path) -> None:
    eu = "targets: {eu: {operator: X, region: EU}}\n"
    both = eu + "allow_targets: [local, eu]"
    assert policies(tmp_path, both).target("eu") is not None
    assert policies(tmp_path, both, "").target("eu") is not None
    assert policies(tmp_path, both, "allow_targets: [local]").target("eu") is None
    assert policies(tmp_path, eu).target("eu") is None  # declared, but nobody allows it
    assert policies(tmp_path, "allow_targets: [eu]").target("eu") is None  # allowed, not declared
    assert policies(tmp_path, "allow_targets: []").target("local") is None


def test_the_strictest_review_and_the_shortest_retention_hold(tmp_path: Path) -> None:
    chosen = policies(
        tmp_path,
        "review: {'*': sentence, writing: pass}\nretention: {'*': 90}",
        "review: {healthcare: whole}\nretention: {'*': 30}",
        "",
    )
    assert [chosen.review(d) for d in ("healthcare", "support", "writing")] == [
        "whole", "sentence", "sentence"
    ]  # fmt: skip
    assert chosen.retention("conversations") == (30, "p1@1:retention.*")


def test_the_version_changes_with_any_byte_and_not_with_the_order(tmp_path: Path) -> None:
    one, two = policy(tmp_path, "", "a"), policy(tmp_path, "", "b")
    assert compose([one, two]).version == compose([two, one]).version
    changed = policy(tmp_path, "# a comment\n", "b")
    assert compose([one, changed]).version != compose([one, two]).version
    assert compose([one]).version != compose([]).version


# --- what is declared -----------------------------------------------------------------------


def declaring(
    folder: Path, text: str, terms: str | bytes = "Blue Heron\n# a remark\n\n蓝鹭计划\n"
) -> PolicySet:
    (folder / "projects.txt").write_bytes(terms if isinstance(terms, bytes) else terms.encode())
    return policies(folder, f"declare:\n{text}")


DICTIONARY = "  dictionaries: {PROJECT: {file: projects.txt, context: [project]}}\n"


def test_terms_stand_in_a_file_beside_the_policy_and_count_for_its_version(tmp_path: Path) -> None:
    chosen = declaring(tmp_path, DICTIONARY)
    (found,) = chosen.declared
    assert (found.entity, found.terms) == ("PROJECT", ("Blue Heron", "蓝鹭计划"))
    assert found.rule == "p0@1:declare.dictionaries.PROJECT" and found.context == ("project",)
    assert declaring(tmp_path, DICTIONARY, "Red Heron\n").version != chosen.version


def test_patterns_allowed_values_and_regions_are_joined(tmp_path: Path) -> None:
    chosen = policies(
        tmp_path,
        "declare: {patterns: {TICKET: {pattern: 'T-[0-9]{4}', score: 0.5}}, regions: [ES, AR]}",
        "declare: {allow: [Acme], regions: [AR, CL]}",
    )
    (found,) = chosen.declared
    assert (found.entity, found.pattern, found.score) == ("TICKET", "T-[0-9]{4}", 0.5)
    assert chosen.allowed_values == ("Acme",) and chosen.regions == ("ES", "AR", "CL")


@pytest.mark.parametrize(
    ("text", "terms", "problem"),
    [
        ("  dictionaries: {X: {file: none.txt}}", "a", "none.txt"),
        (DICTIONARY, b"\xff\xfe\xff", "UTF-8"),
        ("  regions: [Spain]", "a", "regions"),
        ("  patterns: {X: {pattern: ''}}", "a", "pattern"),
        ("  lists: {}", "a", "lists"),
    ],
)
def test_a_declaration_that_cannot_be_read_stops_the_policy(
    tmp_path: Path, text: str, terms: str | bytes, problem: str
) -> None:
    with pytest.raises(MetierError, match=problem):
        declaring(tmp_path, text, terms)


# --- what isn't text -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "kind", "target", "action"),
    [
        ((), "image", "anywhere", "redact"),
        ((), "audio", "local", "refuse"),
        ((), "file", "anywhere", "text"),
        ((), "video", "local", "refuse"),
        (("parts: {image: local}",), "image", "local", "pass"),
        (("parts: {image: local}",), "image", "anywhere", "refuse"),
        (("parts: {image: local}", "parts: {image: redact}"), "image", "local", "redact"),
        (("parts: {image: local}", "parts: {image: redact}"), "image", "anywhere", "refuse"),
        (("parts: {image: refuse}", "parts: {image: local}"), "image", "local", "refuse"),
        (("parts: {audio: local}", "parts: {file: refuse}"), "audio", "local", "pass"),
        (("parts: {audio: local}", "parts: {file: refuse}"), "file", "local", "refuse"),
        (("domains: {d: {parts: {image: refuse}}}",), "image", "local", "refuse"),
        (("parts: {image: refuse}\ndomains: {d: {parts: {image: redact}}}",),
         "image", "x", "redact"),
        (("domains: {other: {parts: {image: refuse}}}",), "image", "local", "redact"),
    ],
)  # fmt: skip
def test_of_the_rules_for_parts_the_strictest_wins(
    tmp_path: Path, texts: tuple[str, ...], kind: str, target: str, action: str
) -> None:
    assert policies(tmp_path, *texts).part(kind, target, "d").action == action


def test_a_rule_for_parts_is_named(tmp_path: Path) -> None:
    chosen = policies(tmp_path, "parts: {image: refuse}", "domains: {d: {parts: {file: refuse}}}")
    assert chosen.part("image", "x", "d").rule == "p0@1:parts.image"
    assert chosen.part("file", "x", "d").rule == "p1@1:domains.d.parts.file"
    assert "parts.audio" in chosen.part("audio", "x", "d").rule


@pytest.mark.parametrize("text", ["parts: {audio: redact}", "parts: {video: local}", "parts: keep"])
def test_a_handling_that_does_not_exist_is_no_policy(tmp_path: Path, text: str) -> None:
    with pytest.raises(MetierError, match="parts"):
        policy(tmp_path, text)
