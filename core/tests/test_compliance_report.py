"""The report: what a renderer says is what was found, safely, and of a real metier."""

from __future__ import annotations

import json
import re
import sqlite3
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from compliance_kit import HOSTILE, commands, findings, target

from metier import config
from metier.app import Metier, make_keys
from metier.audit import AuditEvent
from metier.cli._compliance import compliance
from metier.compliance import STATUSES, Verified, gather, to_dpia, to_html, to_json
from metier.compliance._markup import fitted, lines, tag, width
from metier.model import Actor
from metier.server import api_keys

NAME = "Zebulon Quartermain"
POLICY = """
name: house
version: "3"
description: Where our words may go.
targets:
  cloud: {operator: Example Ltd, region: EU, agreement: DPA 7,
          base_url: "https://api.example.com/v1/behind-the-path"}
  elsewhere: {operator: Somebody, region: US, base_url: "https://api.example.net"}
allow_targets: [local, cloud]
entities:
  US_SSN: {"*": block}
domains:
  support: {entities: {IBAN_CODE: {cloud: redact}}}
declare: {allow: ["Zebulon Quartermain"]}
contacts: {privacy: {"*": {name: Zebulon Quartermain, how: "+1 555 0100"}}}
"""


class Reader(HTMLParser):
    """Takes a page apart and finds what does not close, is said twice, or is loaded."""

    VOID = frozenset({"meta", "br", "hr"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names)
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(self.words)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    (folder / "house.yaml").write_text(POLICY)
    (folder / "metier.toml").write_text(
        'embeddings = "none"\npolicies = ["house.yaml"]\nrequired_policies = ["house"]\n'
        '[engine]\nkind = "openai"\ntarget = "cloud"\nmodel = "m"\n'
        'base_url = "https://api.example.com/v1/behind-the-path"\n'
        '[privacy]\nnames = "rules"\n'
    )
    make_keys(folder)
    return folder


async def gathered(home: Path) -> Any:
    async with Metier.open(home, config.load(home)) as app:
        return await gather(app)


# --- HTML ------------------------------------------------------------------------


def test_the_page_is_well_formed_and_loads_nothing() -> None:
    page = Reader(to_html(findings()))
    names = {name for name, _ in page.elements}
    assert not names & {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
    for name, attributes in page.elements:
        assert not any(key.startswith("on") for key in attributes), name
        assert "src" not in attributes
        assert name == "a" or "href" not in attributes
    style = Path(to_html.__code__.co_filename).with_name("style.css").read_text("utf-8")
    assert "url(" not in style
    assert "@import" not in style


def test_a_value_of_the_configuration_can_not_become_markup() -> None:
    text = to_html(findings())
    assert "<script" not in text
    assert HOSTILE in Reader(text).text


def test_the_page_can_be_read_without_seeing_it() -> None:
    page = Reader(to_html(findings()))
    (html,), (svg,) = page.all("html"), page.all("svg")
    assert html["lang"] == "en"
    ids = [a["id"] for _, a in page.elements if "id" in a]
    assert len(set(ids)) == len(ids)
    assert svg["role"] == "img"
    for label in (svg["aria-labelledby"] or "").split():
        assert label in ids
    assert len(page.all("h1")) == 1
    assert len(page.all("caption")) == len(page.all("table"))
    assert all(a.get("scope") in ("row", "col") for a in page.all("th"))
    for link in page.all("a"):
        href = link["href"] or ""
        assert href.startswith("https://") or href[1:] in ids


def test_a_status_is_said_in_words_and_not_by_colour_alone() -> None:
    text = Reader(to_html(findings())).text
    for status, mark in zip(STATUSES, "●◐○", strict=True):
        assert f"{mark} {status}" in text


def test_every_control_is_on_the_page_with_its_evidence() -> None:
    made = findings()
    text = Reader(to_html(made)).text.replace("\u200b", "")
    for framework in made.frameworks:
        for control in framework.controls:
            assert control.id in text
            assert control.title in text
            assert all(e.name in text for e in control.evidence)


def test_a_changed_log_is_said_first_and_where() -> None:
    broken = Verified(findings().made, False, 10, 1, 0, "Event 7 of a chain: edited.")
    text = Reader(to_html(findings(audit=broken))).text
    assert "Event 7 of a chain: edited." in text
    assert "whole" not in text.split("1. Data flows")[0]


def test_what_could_not_be_counted_is_not_shown_as_none() -> None:
    assert "could not be counted" in Reader(to_html(findings(consents=None))).text
    assert "No consent has been recorded" in Reader(to_html(findings(consents=()))).text


# --- the picture ------------------------------------------------------------------


def drawn(**changes: Any) -> ElementTree.Element:
    text = to_html(findings(**changes))
    found = re.search(r"<svg.*?</svg>", text, re.S)
    assert found
    return ElementTree.fromstring(found[0])


def words(picture: ElementTree.Element) -> list[str]:
    return [e.text or "" for e in picture.iter() if e.tag.endswith("text")]


def test_the_picture_has_the_way_through_metier_and_every_target() -> None:
    said = words(drawn())
    stages = ["screen", "learn", "recall", "pseudonymise", "guard"]
    assert [w for w in said if w in stages] == stages
    assert {"Person", "Client", "Target local", "cloud", "other"} <= set(said)
    assert "agreement: DPA 7" in said
    assert "not allowed: nothing is sent there" in said


def test_an_arrow_leaves_the_boundary_for_each_allowed_target_and_no_other() -> None:
    def arrows(*targets: Any) -> int:
        picture = drawn(targets=targets)
        return sum(e.get("class") == "out" for e in picture.iter())

    here = target("local", local=True)
    assert arrows(here) == 0
    assert arrows(here, target("a"), target("b", allowed=False)) == 1
    assert arrows(here, target("a"), target("b")) == 2


@pytest.mark.parametrize("count", [0, 1, 4, 12])
def test_boxes_lie_within_the_picture_and_targets_apart(count: int) -> None:
    many = tuple(target(f"target-{n}", operator="运营者" * 20) for n in range(count))
    picture = drawn(targets=(target("local", local=True), *many))
    _, _, width_, height = map(float, (picture.get("viewBox") or "").split())
    boxes = [e for e in picture.iter() if e.tag.endswith("rect")]
    cards = []
    for box in boxes:
        x, y, w, h = (float(box.get(key) or 0) for key in ("x", "y", "width", "height"))
        assert x >= 0
        assert y >= 0
        assert x + w <= width_
        assert y + h <= height
        if x >= 800:
            cards.append((y, y + h))
    assert all(one[1] <= other[0] for one, other in pairwise(cards))
    assert len(cards) == max(1, count)


def test_text_is_cut_to_its_place_and_han_characters_count_double() -> None:
    assert width("ab中文") == 6
    assert fitted("abcdef", 6) == "abcdef"
    assert fitted("abcdefg", 6) == "abcde…"
    assert width(fitted("个人信息保护法", 8)) <= 8
    assert lines("one two three four", 9, 2) == ["one two", "three fo…"]


def test_attributes_and_text_are_escaped() -> None:
    assert tag("p", "<b>", title='"') == '<p title="&quot;">&lt;b&gt;</p>'
    assert tag("p", tag("b", "x")) == "<p><b>x</b></p>"


# --- JSON, assessment ----------------------------------------------------------------


def test_the_json_document_holds_what_was_found() -> None:
    made = findings()
    said = json.loads(to_json(made))
    assert said["format"] == "metier-compliance-report/1"
    assert said["made"] == "2026-11-26T08:30:00Z"
    assert said["controls"] == {status: made.count(status) for status in STATUSES}
    assert said["targets"][1]["sees"] == {"pseudonymise": 2, "block": 1}
    assert said["consents"] == [
        {"category": "health", "purpose": "remember", "in_force": 12, "withdrawn": 3}
    ]


def test_the_assessment_has_the_parts_of_article_35_and_says_what_is_open() -> None:
    text = to_dpia(findings())
    for part in "abcd":
        assert f"(Article 35(7)({part}))" in text
        section = text.split(f"(Article 35(7)({part}))")[1].split("\n## ")[0]
        assert "**To be filled in by the controller:**" in section
    assert "cloud (Example Ltd, EU)" in text
    assert "| turns | 90 days | `baseline@1:retention.*` |" in text
    assert "not an assessment until a person" in text


def test_a_table_of_the_assessment_has_as_many_cells_in_every_row() -> None:
    rows = [line for line in to_dpia(findings()).splitlines() if line.startswith("|")]
    assert rows
    cells = [len(re.findall(r"(?<!\\)\|", row)) for row in rows]
    heads = [n for n, row in enumerate(rows) if set(row) <= {"|", " ", "-"}]
    for start, end in pairwise([*heads, len(rows) + 1]):
        assert len(set(cells[start - 1 : end - 1])) == 1


# --- of a real metier -----------------------------------------------------------------


async def test_targets_are_those_of_the_configuration_with_what_they_see(home: Path) -> None:
    found = await gathered(home)
    by_name = {t.name: t for t in found.targets}
    assert set(by_name) == {"local", "cloud", "elsewhere"}
    assert by_name["cloud"].allowed
    assert by_name["cloud"].used == ("engine",)
    assert by_name["cloud"].agreement == "DPA 7"
    assert by_name["cloud"].sees["block"] == 1
    assert not by_name["elsewhere"].allowed
    assert by_name["elsewhere"].rule == "house@3:allow_targets"


async def test_servers_and_stand_ins_are_named(home: Path) -> None:
    two = POLICY.replace(
        '"https://api.example.com/v1/behind-the-path"',
        '"https://one.example.com/v1/secret", base_urls: ["https://two.example.com/v1"]',
    )
    (home / "house.yaml").write_text(two)
    (home / "metier.toml").write_text(
        'embeddings = "none"\npolicies = ["house.yaml"]\n[privacy]\nnames = "rules"\n'
        '[engine]\nkind = "openai"\ntarget = "cloud"\nmodel = "m"\nbackends = ['
        '{name = "one", base_url = "https://one.example.com/v1/secret"},'
        '{name = "two", base_url = "https://two.example.com/v1"}]\n'
        '[[engine.fallbacks]]\nkind = "openai"\nmodel = "n"\ntarget = "local"\n'
        'base_url = "http://127.0.0.1:9/v1"\n'
    )
    found = await gathered(home)
    configured = found.configuration
    assert configured.addresses == ("https://one.example.com", "https://two.example.com")
    assert configured.stand_ins == ("local",)
    assert {t.name: t.used for t in found.targets}["local"] == ("engine that stands in",)
    assert "in its place local" in Reader(to_html(found)).text


async def test_an_entity_has_its_action_and_rule_by_target_and_domain(home: Path) -> None:
    found = await gathered(home)
    rows = {(e.name, e.domain): {d.of: d for d in e.actions} for e in found.entities}
    ssn = rows["US_SSN", ""]["cloud"]
    assert (ssn.action, ssn.rule) == ("block", "house@3:entities.US_SSN.*")
    assert rows["IBAN_CODE", ""]["cloud"].action == "pseudonymise"
    assert rows["IBAN_CODE", "support"]["cloud"].action == "redact"
    assert rows["IBAN_CODE", "support"]["local"].action == "pseudonymise"
    assert "elsewhere" not in rows["US_SSN", ""]


async def test_policies_stand_with_version_digest_and_rules(home: Path) -> None:
    found = await gathered(home)
    house = next(p for p in found.policies if p.name == "house")
    assert house.version == "3"
    assert re.fullmatch("[0-9a-f]{64}", house.digest)
    assert house.required
    assert ("entities.US_SSN.*", "block") in house.rules


async def test_a_special_category_needs_explicit_consent_and_says_by_which_rule(
    home: Path,
) -> None:
    found = await gathered(home)
    health = next(c for c in found.categories if c.name == "health")
    assert health.special
    assert [(d.of, d.action, d.rule) for d in health.consent] == [
        ("healthcare", "explicit", "built-in@1:consent.special")
    ]
    religion = next(c for c in found.categories if c.name == "religion")
    assert religion.learnt == ()


async def test_nobody_and_no_secret_is_in_a_report(home: Path) -> None:
    async with Metier.open(home, config.load(home)) as app:
        subject = "person-4711"
        actor = Actor(app.settings.tenant, subject)
        await app.set_fact(actor, None, "name", NAME, "identity")
        found = await gather(app)
    for text in (to_html(found), to_json(found), to_dpia(found)):
        assert NAME not in text
        assert subject not in text
        assert "555 0100" not in text
        assert "behind-the-path" not in text
        assert str(home) not in text


async def test_the_audit_log_and_the_keys_are_counted(home: Path) -> None:
    async with Metier.open(home, config.load(home)) as app:
        for name in ("one", "two"):
            await app.set_fact(Actor(app.settings.tenant, name), None, "name", "A", "identity")
        found = await gather(app)
    assert found.audit.ok
    assert found.audit.events >= 2
    keys = {key.level: key for key in found.keys}
    assert keys["root"].kind == "file"
    assert keys["person"].count == 2
    for level in ("tenant", "person"):
        made = keys[level].oldest
        assert made is not None
        assert (found.made - made).days == 0


async def test_a_chat_platform_stands_with_whom_its_keys_act_for_and_what_is_missing(
    home: Path,
) -> None:
    with (home / "metier.toml").open("a") as file:
        for actor in ("chat", "closed"):
            file.write(f'[[access.platforms]]\nactor = "{actor}"\nsecret_env = "NOT_SET_HERE"\n')
    async with Metier.open(home, config.load(home)) as app:
        await api_keys(app).create("default", "chat", by="me", may_act_for=("*",))
        found = await gather(app)
    chat, closed = found.platforms
    assert (chat.actor, chat.keys, chat.acts_for) == ("chat", 1, "anybody it signs for")
    assert chat.oldest is not None and chat.secret_written is None
    assert chat.signature.startswith("HS256") and "secret is not set" in chat.missing[0]
    assert closed.acts_for == "nobody" and "No key of it is in force." in closed.missing
    counted = {each.of: each.count for each in found.access}
    assert counted["Of those in force, keys that may act for anybody"] == 1
    assert any("platform" in each for each in found.unknown)
    text = Reader(to_html(found)).text
    assert "anybody it signs for" in text and "No key of it is in force." in text


async def test_a_key_that_has_expired_is_not_counted_as_in_force(home: Path) -> None:
    then = datetime.now(UTC) - timedelta(days=3)
    settings = config.load(home)
    async with Metier.open(home, settings, clock=lambda: then) as app:
        await api_keys(app).create("default", "chat", by="me", expires_days=1)
    found = await gathered(home)
    counted = {each.of: each.count for each in found.access}
    assert counted["API keys in force"] == 0 and counted["API keys expired or revoked"] == 1


async def test_people_are_counted_by_what_they_said_last(home: Path) -> None:
    def said(subject: str, kind: str, category: str) -> AuditEvent:
        detail = {"category": category, "purpose": "remember", "version": "1"}
        return AuditEvent(kind, subject, subject, "default", detail)

    async with Metier.open(home, config.load(home)) as app:
        await app.set_fact(Actor("default", "one"), None, "name", "A", "identity")
        for event in (
            said("one", "consent-given", "health"),
            said("two", "consent-given", "health"),
            said("two", "consent-withdrawn", "health"),
            said("three", "consent-given", "health"),
            said("three", "consent-given", "religion"),
            AuditEvent("turn", "four", "four", "default",
                       {"consents": "health:remember:given religion:remember:withdrawn"}),
            AuditEvent("subject-erase", "three", "three", "default"),
            AuditEvent("subject-export", "one", "one", "default"),
        ):  # fmt: skip
            await app.parts.audit.append(event)
        found = await gather(app)
    assert [(c.category, c.in_force, c.withdrawn) for c in found.consents or ()] == [
        ("health", 2, 1),
        ("religion", 0, 1),
    ]
    rights = {r.of: r.count for r in found.rights or ()}
    assert (rights["Exports"], rights["Erasures"]) == (1, 1)


async def test_what_ought_to_be_done_now_and_then_can_be_done_with_its_command(home: Path) -> None:
    found = await gathered(home)
    assert found.exercises
    for exercise in found.exercises:
        assert exercise.command in commands()
        assert exercise.at is None


async def test_a_test_of_a_restore_stands_in_the_report_with_its_outcome(home: Path) -> None:
    async with Metier.open(home, config.load(home)) as app:
        await app.parts.audit.append(AuditEvent("backup", "cli", "", "", {"bytes": 7}))
        await app.parts.audit.append(AuditEvent("restore-test", "cli", "", "", {"ok": True}))
        good = {e.what: e for e in (await gather(app)).exercises}
        failed = {"ok": False, "code": "backup_damaged"}
        await app.parts.audit.append(AuditEvent("restore-test", "cli", "", "", failed))
        bad = {e.what: e for e in (await gather(app)).exercises}
    assert good["Backup"].at is not None
    assert good["Restore"].at is None
    assert good["Test of a restore"].outcome == "the backup can be restored"
    assert bad["Test of a restore"].outcome == "failed (backup_damaged)"


async def test_the_numbers_of_a_log_that_was_edited_are_not_used(home: Path) -> None:
    async with Metier.open(home, config.load(home)) as app:
        await app.set_fact(Actor("default", "one"), None, "name", "A", "identity")
        with sqlite3.connect(home / "store.db") as store:
            store.execute("UPDATE audit_event SET body = X'7B7D' WHERE seq = 1")
        found = await gather(app)
    assert not found.audit.ok
    assert found.audit.problem
    assert found.consents is None
    assert found.rights is None
    assert "the log is not whole" in found.unknown[0]
    Reader(to_html(found))


async def test_two_configurations_are_told_apart_and_one_is_itself(home: Path) -> None:
    first = await gathered(home)
    again = await gathered(home)
    assert first.configuration == again.configuration
    file = home / "metier.toml"
    file.write_text(file.read_text().replace('model = "m"', 'model = "n"'))
    other = await gathered(home)
    assert other.configuration.digest != first.configuration.digest
    assert other.configuration.policy == first.configuration.policy


# --- commands ---------------------------------------------------------------------------


def run(home: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Any:
    monkeypatch.setenv("METIER_HOME", str(home))
    return CliRunner().invoke(compliance, list(arguments))


def test_the_report_is_one_page_and_one_document(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    done = run(home, monkeypatch, "report", "--out", str(out))
    assert done.exit_code == 0, done.output
    assert sorted(p.name for p in out.iterdir()) == [
        "compliance-report.html", "compliance-report.json",
    ]  # fmt: skip
    Reader((out / "compliance-report.html").read_text("utf-8"))
    json.loads((out / "compliance-report.json").read_text("utf-8"))
    again = run(home, monkeypatch, "report", "--out", str(out))
    assert again.exit_code != 0
    assert "--force" in str(again.exception)
    assert run(home, monkeypatch, "report", "--out", str(out), "--force").exit_code == 0


def test_each_document_goes_to_standard_output(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = run(home, monkeypatch, "report", "--json")
    assert json.loads(report.stdout)["configuration"]["target"] == "cloud"
    sbom = run(home, monkeypatch, "sbom")
    assert json.loads(sbom.stdout)["bomFormat"] == "CycloneDX"
    dpia = run(home, monkeypatch, "dpia")
    assert dpia.stdout.startswith("# Data protection impact assessment")


def test_the_control_map_can_be_read_without_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = Path("/nonexistent")
    listed = run(nowhere, monkeypatch, "controls", "--framework", "gdpr", "--json")
    (framework,) = json.loads(listed.stdout)
    assert framework["id"] == "gdpr"
    shown = run(nowhere, monkeypatch, "controls")
    assert "not covered" in shown.stdout
    wrong = run(nowhere, monkeypatch, "controls", "--framework", "sox")
    assert "hipaa" in str(wrong.exception)
