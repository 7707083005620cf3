"""Installed plugins, each in its own guard: what is broken is listed, the rest works."""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from plugin_kit import install

from metier.cli import main
from metier.hookspecs import hookimpl
from metier.model import Manifest, MetierError, Tool, Turn
from metier.plugins import LoadedPlugin, Registry, discover
from metier.plugins._order import order
from metier.privacy import unsafe_patterns

SECRET = "Anna-Smith-7946"
WORKS = """
class Toy:
    @hookimpl
    def domain(self):
        return manifest()
    @hookimpl
    def compose(self, turn):
        return Composition(turn.message)
plugin = Toy()
"""


def listed(found: Registry, distribution: str) -> LoadedPlugin:
    (one,) = [p for p in found.plugins if p.distribution == distribution]
    return one


def test_an_installed_plugin_is_found_with_its_distribution_and_version(site: Path) -> None:
    name = install(site, WORKS)
    found = listed(discover(), name)
    assert (found.name, found.version, found.status, found.reason) == ("toy", "1.2", "ok", "")
    assert discover().domains["toy"].title == "Toy"


def test_an_installed_plugin_that_is_handed_over_too_is_one_plugin(site: Path) -> None:
    name = install(site, WORKS)
    plugin = listed(discover(), name).plugin
    found = [p for p in discover([plugin]).plugins if p.name == "toy"]
    assert [(p.distribution, p.status) for p in found] == [(name, "ok")]


BROKEN = {
    "an error at import": (f"raise RuntimeError('{SECRET}')", "raised RuntimeError"),
    "an exit at import": ("raise SystemExit(3)", "raised SystemExit"),
    "a cancellation at import": ("raise asyncio.CancelledError()", "raised CancelledError"),
    "a strange error at import": (
        f"class Strange(BaseException): ...\nraise Strange('{SECRET}')",
        "raised Strange",
    ),
    "a missing dependency": ("import no_such_thing", "no module 'no_such_thing'"),
    "a syntax error": (f"def ({SECRET}", "raised SyntaxError"),
    "nothing of that name": ("other = 1", "raised AttributeError"),
    "no domain hook": ("class P: ...\nplugin = P()", "no `domain` hook"),
    "an unmarked domain hook": (
        "class P:\n  def domain(self): return manifest()\nplugin = P()",
        "no `domain` hook",
    ),
    "a class instead of an object": (
        "class plugin:\n  @hookimpl\n  def domain(self): return manifest()",
        "names the class plugin",
    ),
    "a domain hook that raises": (
        f"class P:\n  @hookimpl\n  def domain(self): raise ValueError('{SECRET}')\nplugin = P()",
        "`domain` hook raised ValueError",
    ),
    "a domain hook that exits": (
        "class P:\n  @hookimpl\n  def domain(self): raise SystemExit\nplugin = P()",
        "`domain` hook raised SystemExit",
    ),
    "an async domain hook": (
        "class P:\n  @hookimpl\n  async def domain(self): return manifest()\nplugin = P()",
        "`domain` hook is async",
    ),
    "a domain hook that gives text": (
        f"class P:\n  @hookimpl\n  def domain(self): return '{SECRET}'\nplugin = P()",
        "returned str, not a Manifest",
    ),
    "a bad name": (
        "class P:\n  @hookimpl\n  def domain(self): return manifest('Toy Two')\nplugin = P()",
        "small letters",
    ),
    "a name that is no text": (
        "class P:\n  @hookimpl\n  def domain(self): return manifest(5)\nplugin = P()",
        "`name` is not of the type str",
    ),
    "categories as one text": (
        "class P:\n  @hookimpl\n  def domain(self): return manifest(reads='health')\nplugin = P()",
        "`reads` is not of the type",
    ),
    "a configuration that is no model": (
        "class P:\n  @hookimpl\n  def domain(self): return manifest(config=dict)\nplugin = P()",
        "`config` is not of the type",
    ),
    "another api version": (
        "class P:\n  @hookimpl\n  def domain(self): return manifest(api=2)\nplugin = P()",
        "asks for api 2; this metier has api 1",
    ),
    "an unknown granularity": (
        "class P:\n  @hookimpl\n  def domain(self): return manifest(review='word')\nplugin = P()",
        "granularity",
    ),
    "an unknown attribute by which it treats people differently": (
        "class P:\n  @hookimpl\n  def domain(self):\n"
        "    return manifest(fairness_exceptions={'shoe': 'x'})\nplugin = P()",
        "fairness exceptions name an attribute that is none of name, pronoun",
    ),
    "a fairness exception without a reason": (
        "class P:\n  @hookimpl\n  def domain(self):\n"
        "    return manifest(fairness_exceptions={'age': ' '})\nplugin = P()",
        "its fairness exception for age gives no reason",
    ),
    "an unknown hook": (
        WORKS.replace("def compose", "def composes"),
        "`composes` is no hook of metier; did you mean `compose`",
    ),
    "an unknown argument": (
        WORKS.replace("self, turn", "self, turn, prompt"),
        "`compose` asks for prompt; the hook's arguments: turn",
    ),
    "arguments of any name": (
        WORKS.replace("self, turn", "self, **turn"),
        "`compose` must take its arguments by name",
    ),
    "arguments without a name": (
        WORKS.replace("self, turn", "self, turn, /"),
        "`compose` must take its arguments by name",
    ),
    "a wrapper": (
        WORKS + "Toy.compose = pluggy.HookimplMarker('metier')(wrapper=True)"
        "(lambda self, turn: (yield))",
        "`compose` is a wrapper",
    ),
    "an old wrapper": (
        WORKS + "Toy.compose = pluggy.HookimplMarker('metier')(hookwrapper=True)"
        "(lambda self, turn: (yield))",
        "`compose` is a wrapper",
    ),
    "a coroutine where one can't be": (
        WORKS + "class P(Toy):\n  @hookimpl\n  async def views(self): return []\nplugin = P()",
        "`views` is read once",
    ),
    "async and blocking": (
        WORKS + "class P(Toy):\n  @hookimpl(blocking=True)\n  async def retrieve(self): ...\n"
        "plugin = P()",
        "`retrieve` is async",
    ),
    "first and last": (
        WORKS + "class P(Toy):\n  @hookimpl(tryfirst=True, trylast=True)\n"
        "  def retrieve(self): ...\nplugin = P()",
        "both tryfirst and trylast",
    ),
    # Such a check would run at no granularity at all.
    "a check that needs nothing known": (
        WORKS + "class P(Toy):\n  @hookimpl(needs='sentense')\n  def check_output(self): ...\n"
        "plugin = P()",
        "needs 'sentense'",
    ),
    "a deadline that is none": (
        WORKS + "class P(Toy):\n  @hookimpl(deadline=0)\n  def retrieve(self): ...\nplugin = P()",
        "deadline of `retrieve`",
    ),
    "a safety hook that was not marked": (
        WORKS + "class P(Toy):\n  def check_output(self, turn, answer): ...\nplugin = P()",
        "`check_output` is not marked",
    ),
    "a property that raises": (
        WORKS + f"class P(Toy):\n  @property\n  def x(self): raise OSError('{SECRET}')\n"
        "plugin = P()",
        "looking at it raised OSError",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_plugin_is_listed_with_the_reason_and_the_rest_works(
    site: Path, what: str, caplog: pytest.LogCaptureFixture
) -> None:
    code, reason = BROKEN[what]
    bad = install(site, code, name="metier-bad", entry="bad")
    good = install(site, WORKS.replace("manifest()", "manifest('good')"), name="metier-good")
    found = discover()
    entry = listed(found, bad)
    assert entry.status == "broken" and entry.manifest is None
    assert reason in entry.reason
    assert SECRET not in entry.reason + caplog.text
    assert listed(found, good).status == "ok" and "good" in found.domains
    with pytest.raises(MetierError, match="does not work"):
        found.host(entry.name)


RECOGNIZERS = """
from presidio_analyzer import EntityRecognizer, Pattern, PatternRecognizer
from metier.privacy import DeclaredPattern
class Good(Toy):
    @hookimpl
    def domain(self):
        return manifest('good')
class P(Toy):
    @hookimpl
    def recognizers(self):
        GIVES
plugin = P()
"""
GIVEN = {
    "a dangerous pattern of Presidio's": (
        "return [PatternRecognizer('X', name='plots', patterns=[Pattern('plot', '(a+)+$', 0.5)])]",
        "its recognizers must not be used: plots: plot: a repeated part",
    ),
    "a dangerous pattern of ours": (
        "return [DeclaredPattern('X', '(a+)+$', name='plots')]",
        "its `recognizers` hook: The pattern plots cannot be used: a repeated part",
    ),
    "an error": (f"raise ValueError('{SECRET}')", "its `recognizers` hook raised ValueError"),
    "an error of ours": (
        f"from metier.model import MetierError\n        raise MetierError('{SECRET}')",
        "its `recognizers` hook raised MetierError",
    ),
    "text": (f"return '{SECRET}'", "gave something else than a list"),
}


@pytest.mark.parametrize("what", GIVEN)
def test_a_domain_whose_recognizers_must_not_be_used_is_not_served(site: Path, what: str) -> None:
    gives, reason = GIVEN[what]
    bad = install(site, WORKS + RECOGNIZERS.replace("GIVES", gives), name="metier-bad")
    good = install(site, WORKS.replace("manifest()", "manifest('good')"), name="metier-good")
    found = discover(judge=unsafe_patterns)
    entry = listed(found, bad)
    assert entry.status == "broken" and reason in entry.reason
    assert SECRET not in entry.reason
    assert listed(found, good).status == "ok"
    with pytest.raises(MetierError, match="does not work"):
        found.host("toy")


def test_recognizers_without_danger_are_used(site: Path) -> None:
    gives = "return [PatternRecognizer('X', patterns=[Pattern('plot', 'PLOT-[0-9]{4}', 0.5)])]"
    name = install(site, WORKS + RECOGNIZERS.replace("GIVES", gives))
    found = discover(judge=unsafe_patterns)
    assert listed(found, name).status == "ok"
    assert len(found.host("toy").collect("recognizers")) == 1


def test_the_command_that_lists_plugins_shows_a_dangerous_pattern(
    site: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gives, reason = GIVEN["a dangerous pattern of Presidio's"]
    install(site, WORKS + RECOGNIZERS.replace("GIVES", gives))
    monkeypatch.setattr(sys, "argv", ["metier", "plugins", "--json"])
    with pytest.raises(SystemExit):
        main()
    (toy,) = [p for p in json.loads(capsys.readouterr().out) if p["name"] == "toy"]
    assert toy["status"] == "broken" and reason in toy["reason"]


def test_the_keyboard_still_interrupts_while_plugins_are_imported(site: Path) -> None:
    install(site, "raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        discover()


def test_what_a_plugin_prints_at_import_does_not_get_into_output(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    install(site, WORKS + "print('hello')")
    discover()
    shown = capsys.readouterr()
    assert shown.out == "" and "hello" in shown.err


@pytest.mark.parametrize(
    ("file", "data"),
    [
        ("entry_points.txt", b"[metier.plugins]\ntoy\n"),
        ("entry_points.txt", b"[metier.plugins]\ntoy = \n"),
        ("entry_points.txt", b"[metier.plugins]\ntoy = a b c:\n"),
        ("entry_points.txt", b"[metier.plugins]\n\xff\xfe = x:y\n"),
        ("entry_points.txt", b"[metier.plugins\ntoy = x:y\n"),
        ("METADATA", None),
        ("METADATA", b""),
        ("METADATA", b"\xff\xfe\x00"),
    ],
)
def test_damaged_files_of_one_distribution_do_not_stop_the_others(
    site: Path, file: str, data: bytes | None
) -> None:
    install(site, WORKS, name="metier-bad")
    target = site / "metier_bad-1.2.dist-info" / file
    target.unlink() if data is None else target.write_bytes(data)
    good = install(site, WORKS.replace("manifest()", "manifest('good')"), name="metier-good")
    found = discover()
    assert listed(found, good).status == "ok"
    assert "good" in found.domains


def test_the_same_distribution_twice_on_the_path_is_one_plugin(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = install(site, WORKS)
    copy = tmp_path / "copy"
    copy.mkdir()
    for folder in site.glob("*.dist-info"):
        (copy / folder.name).mkdir()
        for file in folder.iterdir():
            (copy / folder.name / file.name).write_bytes(file.read_bytes())
    monkeypatch.syspath_prepend(str(copy))
    assert listed(discover(), name).status == "ok"


def test_of_two_with_one_name_the_first_stays_and_the_other_names_both(site: Path) -> None:
    one = install(site, WORKS, name="metier-a")
    two = install(site, WORKS, name="metier-b")
    found = discover()
    assert listed(found, one).status == "ok"
    assert listed(found, two).status == "broken"
    assert "metier-a and metier-b both bring 'toy'" in listed(found, two).reason


# --- circles ---------------------------------------------------------------------


def joins(name: str, before: Sequence[str] = (), after: Sequence[str] = ()) -> Any:
    manifest = Manifest(
        name, name, "Joins.", domain=False, before=tuple(before), after=tuple(after)
    )

    class Joins:
        @hookimpl
        def domain(self) -> Manifest:
            return manifest

    return Joins()


def statuses(found: Registry, *names: str) -> list[str]:
    return [p.status for name in names for p in found.plugins if p.name == name]


def test_plugins_that_declare_a_circle_are_broken_and_named() -> None:
    found = discover([joins("a", before=["b"]), joins("b", before=["a"]), joins("c", after=["a"])])
    assert statuses(found, "a", "b", "c") == ["broken", "broken", "ok"]
    reasons = [p.reason for p in found.plugins if p.name in "ab"]
    assert reasons == ["before and after form a circle: a, b"] * 2


def test_several_circles_are_all_found() -> None:
    found = discover(
        [
            *(joins("a", before=["b"]), joins("b", before=["c"]), joins("c", before=["a"])),
            *(joins("x", after=["y"]), joins("y", after=["x"])),
            *(joins("z", after=["z"]), joins("ok", after=["a", "x"])),
        ]
    )
    assert statuses(found, *"abcxyz", "ok") == ["broken"] * 6 + ["ok"]


def test_one_plugin_cannot_take_out_another_or_the_core_with_a_circle_of_its_own() -> None:
    evil = joins("evil", before=["core", "victim"], after=["core", "victim"])
    found = discover([joins("victim"), evil], defaults=[joins("core")])
    assert statuses(found, "core", "victim", "evil") == ["ok", "ok", "broken"]


def test_a_plugin_that_lost_its_name_has_no_say_in_the_order() -> None:
    found = discover([joins("a", before=["b"]), joins("b"), joins("b", before=["a"])])
    assert statuses(found, "a", "b") == ["ok", "ok", "broken"]


def test_order_follows_names_wherever_nothing_is_declared() -> None:
    manifests = [joins(n, after=a).domain() for n, a in [("a", "d"), ("b", ""), ("d", "")]]
    assert order(manifests) == ["b", "d", "a"]
    for shuffled in itertools.permutations(manifests):
        assert order(shuffled) == ["b", "d", "a"]


@pytest.mark.parametrize("how", ["raises", "circle"])
def test_without_the_core_nothing_is_served(how: str) -> None:
    class Broken:
        @hookimpl
        def domain(self) -> Any:
            raise RuntimeError(SECRET)

    core = Broken() if how == "raises" else joins("core", before=["core"])
    with pytest.raises(MetierError, match="core's own plugin") as error:
        discover(defaults=[core])
    assert SECRET not in error.value.message


def test_the_name_of_the_core_cannot_be_taken() -> None:
    found = discover([joins("core")], defaults=[joins("core")])
    assert [p.status for p in found.plugins if p.name == "core"] == ["ok", "broken"]


# --- the command -------------------------------------------------------------------


def test_the_command_lists_what_works_and_why_something_does_not(
    site: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    install(site, WORKS + "print('hello')", name="metier-toy")
    install(site, f"raise RuntimeError('{SECRET}')", name="metier-bad", entry="bad")

    def run(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["metier", "plugins", *arguments])
        with pytest.raises(SystemExit) as stop:
            main()
        shown = capsys.readouterr()
        assert stop.value.code == 0 and SECRET not in shown.out + shown.err
        return shown.out

    lines = {line.split()[1]: line for line in run().splitlines()}
    assert lines["toy"].startswith("ok") and "metier-toy 1.2" in lines["toy"]
    assert lines["bad"].startswith("broken") and "raised RuntimeError" in lines["bad"]
    (bad,) = [p for p in json.loads(run("--json")) if p["distribution"] == "metier-bad"]
    assert bad["status"] == "broken" and "RuntimeError" in bad["reason"]


class Offering:
    """A domain that offers one tool, by hooks as given."""

    def __init__(self, name: str) -> None:
        self.name = name

    @hookimpl
    def domain(self) -> Manifest:
        return Manifest("shop", "Shop", "Sells.")

    @hookimpl
    def tools(self, turn: Turn) -> Sequence[Tool]:
        return [Tool(self.name, "Orders seeds.", {"type": "object"})]


@pytest.mark.parametrize("name", ["order seeds", "订购", "", "a" * 65, "order.seeds"])
def test_a_tool_whose_name_model_servers_refuse_breaks_its_plugin_with_the_reason(
    name: str,
) -> None:
    (found,) = discover([Offering(name)]).plugins[-1:]
    assert found.status == "broken"
    assert f"the tool '{name}'" in found.reason and "1 to 64 letters" in found.reason


@pytest.mark.parametrize("name", ["order_seeds", "Order-Seeds2", "a" * 64])
def test_a_tool_with_a_name_of_the_wire_is_fine(name: str) -> None:
    assert statuses(discover([Offering(name)]), "shop") == ["ok"]


class NeedsATurn(Offering):
    @hookimpl
    def tools(self, turn: Turn) -> Sequence[Tool]:
        return [Tool(turn.facts[0].value, "Orders.", {"type": "object"})]


def test_tools_that_can_only_be_told_in_a_turn_are_left_to_it() -> None:
    assert statuses(discover([NeedsATurn("")]), "shop") == ["ok"]


class Forgetful(Offering):
    def compose(self, turn: Turn) -> None:
        """Meant as a hook."""


def test_a_method_named_like_a_hook_that_is_none_is_a_warning(
    site: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (found,) = discover([Forgetful("order")]).plugins[-1:]
    assert found.status == "ok"
    assert found.warnings == (
        "`compose` is not marked, so it is never called; "
        "mark it with @metier.hookimpl or rename it",
    )
    install(site, WORKS.replace("    @hookimpl\n    def compose", "    def compose"))
    monkeypatch.setattr(sys, "argv", ["metier", "plugins"])
    with pytest.raises(SystemExit):
        main()
    assert "warning: `compose` is not marked" in capsys.readouterr().out


def test_what_metier_brings_has_no_warnings() -> None:
    assert [(p.name, p.warnings) for p in discover().plugins if p.warnings] == []
