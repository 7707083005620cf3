"""`metier policy`: what it prints, as text and as JSON, and with which status it ends."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from policy_kit import written

from metier.cli._policy import policy as command
from metier.model import MetierError

SECRET = "Anna Smith"


@dataclass(frozen=True)
class Done:
    status: int
    out: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Done]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """`run("check", ...)` in this process, in a home that nobody has set up."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("METIER_HOME", str(home))

    def call(*arguments: str, stdin: str = "") -> Done:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), "utf-8"))
        capsys.readouterr()
        try:
            command.main(list(arguments), standalone_mode=False)
            status = 0
        except SystemExit as stop:
            status = stop.code if isinstance(stop.code, int) else 0
        return Done(status, capsys.readouterr().out)

    return call


def in_force(tmp_path: Path, *files: Path) -> None:
    listed = ", ".join(f'"{file}"' for file in files)
    (tmp_path / "home" / "metier.toml").write_text(f"policies = [{listed}]\n")


# --- check ------------------------------------------------------------------------------


def test_the_policies_in_force_have_no_faults(run: Run) -> None:
    done = run("check")
    assert done.status == 0 and done.out.endswith(": 0 errors, 0 warnings\n")


def test_check_tells_every_fault_of_every_file_and_ends_with_one(run: Run, tmp_path: Path) -> None:
    typo = written(tmp_path, "entities: {PERSN: {'*': block}}\nretention: {'*': 400}\n", "typo")
    bad = written(tmp_path, "retention_days: 3\n", "bad")
    done = run("check", str(typo), str(bad))
    assert done.status == 1
    assert "error    bad.yaml: The policy bad.yaml can't be used: `retention_days`" in done.out
    assert "error    typo@1:entities.PERSN: no recognizer finds the entity type 'PERSN'" in done.out
    assert "warning  typo@1:retention.*: never decides: baseline@1:retention.*" in done.out
    assert done.out.endswith("1 policy, 2 rules: 2 errors, 1 warning\n")
    told = run("check", str(typo), str(bad), "--json")
    assert told.status == 1
    assert [each["level"] for each in told.json["findings"]] == ["error", "error", "warning"]
    assert [each["name"] for each in told.json["policies"]] == ["typo"]


def test_warnings_alone_are_no_failure(run: Run, tmp_path: Path) -> None:
    file = written(tmp_path, "retention: {'*': 400}\n", "long")
    assert run("check", str(file)).status == 0


def test_a_name_of_nothing_is_one_clear_error(run: Run) -> None:
    with pytest.raises(MetierError, match="'nothing' is no file, no folder and no policy"):
        run("check", "nothing")


# --- test ----------------------------------------------------------------------------------

CASES = """\
policies: [baseline]
cases:
  - name: names are hidden
    text: my name is Anna Smith
    expect: {entities: {PERSON: pseudonymise}, allowed: true}
  - name: telephone numbers are blocked
    text: call me at +1 415 555 0132
    domain: support
    expect: {entities: {PHONE_NUMBER: block}, allowed: false, rule: entities.PHONE_NUMBER.*}
"""


def test_cases_run_on_the_real_recognizers(run: Run, tmp_path: Path) -> None:
    file = written(tmp_path, "entities: {PHONE_NUMBER: {'*': block}}\n")
    (tmp_path / "one.cases.yaml").write_text(CASES)
    assert run("test", str(file)) == Done(0, "1 policy, 2 cases: 2 passed, 0 failed\n")
    written(tmp_path, "entities: {PHONE_NUMBER: {'*': redact}}\n")
    failed = run("test", str(file))
    assert failed.status == 1
    assert "failed  one: telephone numbers are blocked: PHONE_NUMBER: redact, not block" in (
        failed.out
    )
    told = run("test", str(tmp_path), "--json")
    assert told.status == 1 and [each["passed"] for each in told.json] == [True, False]


def test_a_policy_without_cases_says_so(run: Run, tmp_path: Path) -> None:
    with pytest.raises(MetierError, match=r"write one\.cases\.yaml beside it"):
        run("test", str(written(tmp_path)))


def test_a_policy_declares_what_its_cases_find(run: Run, tmp_path: Path) -> None:
    file = written(tmp_path, "declare: {patterns: {TICKET: {pattern: 'TCK[0-9]{5}'}}}\n")
    (tmp_path / "one.cases.yaml").write_text(
        "cases: [{name: tickets, text: see TCK48213, expect: {entities: {TICKET: pseudonymise}}}]"
    )
    assert run("test", str(file)).status == 0


# --- diff -------------------------------------------------------------------------------------


def test_diff_says_what_becomes_allowed_and_what_forbidden(run: Run, tmp_path: Path) -> None:
    strict = written(tmp_path, "entities: {PERSON: {'*': block}}\n", "strict")
    both = f"baseline,{strict}"
    done = run("diff", "baseline", both)
    assert done == Done(
        3,
        "Becomes forbidden, or stricter:\n"
        "  entity (entity PERSON): pseudonymise -> block  [strict@1:entities.PERSON.*]\n",
    )
    back = run("diff", both, "baseline", "--json")
    assert back.status == 4
    (change,) = back.json["changes"]
    assert change["direction"] == "allowed" and change["where"]["entity"] == ["PERSON"]
    assert (change["old_rule"], change["new"]) == ("strict@1:entities.PERSON.*", "pseudonymise")
    assert run("diff", "baseline", "baseline") == Done(0, "Every decision is the same.\n")


# --- explain ---------------------------------------------------------------------------------


def test_explain_names_what_is_found_the_rule_and_why_and_shows_what_leaves(run: Run) -> None:
    text = f"My name is {SECRET}, card 4111 1111 1111 1111, password: hunter22"
    done = run("explain", text, "--as", "auditor")
    assert done.status == 0
    assert "target local: allowed (built-in@1:targets)" in done.out
    assert "auditor reading other people's facts: not allowed (built-in@1:roles.auditor)" in (
        done.out
    )
    assert "SECRET x 1: redact (baseline@1:entities.SECRET.*)\n    No answer needs" in done.out
    assert SECRET not in done.out and "4111" not in done.out and "hunter22" not in done.out
    chinese = run("explain", text, "--language", "zh")
    assert "回答任何问题都不需要密码或密钥" in chinese.out
    told = run("explain", "-", "--json", "--as", "privacy_officer", stdin=text).json
    assert {each["entity"]: each["action"] for each in told["found"]} == {
        "PERSON": "pseudonymise", "CREDIT_CARD": "pseudonymise", "SECRET": "redact"
    }  # fmt: skip
    assert told["roles"]["read_profile"]["allowed"] and SECRET not in told["text"]


def test_explain_follows_target_and_domain(run: Run, tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "targets: {eu: {operator: X, region: EU}}\nallow_targets: [local, eu]\n"
        "domains: {support: {entities: {PERSON: {eu: block}}}}\n",
        "own",
    )
    in_force(tmp_path, file)
    text = f"My name is {SECRET}"
    blocked = run("explain", text, "--target", "eu", "--domain", "support")
    assert blocked.status == 3
    assert "PERSON x 1: block (own@1:domains.support.entities.PERSON.eu)" in blocked.out
    assert "Nothing is sent: The policy (own@1:domains.support.entities.PERSON.eu)" in blocked.out
    assert SECRET not in blocked.out
    assert run("explain", text, "--target", "eu", "--domain", "writing").status == 0
    refused = run("explain", "hello", "--target", "us")
    assert refused.status == 3 and "not allowed (own@1:allow_targets)" in refused.out


@pytest.mark.parametrize(("option", "value"), [("--as", "boss"), ("--domain", "bank")])
def test_an_unknown_role_or_domain_is_one_clear_error(run: Run, option: str, value: str) -> None:
    with pytest.raises(MetierError, match=f"There is no (role|domain) '{value}'; there are "):
        run("explain", "hello", option, value)


# --- show, schema, keys --------------------------------------------------------------------------


def test_show_lists_the_policies_and_the_rules_of_one(run: Run, tmp_path: Path) -> None:
    done = run("show")
    assert done.status == 0 and "baseline@" in done.out and "together: version " in done.out
    told = run("show", "--json").json
    assert {"baseline", "education"} <= {each["name"] for each in told["policies"]}
    assert all(len(each["sha256"]) == 64 for each in told["policies"])
    one = run("show", "baseline")
    assert "baseline@1:entities.SECRET.*  redact\n    No answer needs" in one.out
    rules = run("show", str(written(tmp_path, "regulated: true\n")), "--json").json["rules"]
    assert rules == [{"rule": "one@1:regulated", "says": "yes", "why": "", "source": ""}]


def test_the_schema_is_printed(run: Run) -> None:
    told = run("schema").json
    assert told["additionalProperties"] is False and "consent" in told["properties"]


def test_keygen_and_sign_make_a_policy_that_a_server_with_the_key_takes(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from metier.policy import load, read_public_keys

    monkeypatch.setenv("WORD", "correct horse")
    key, file = tmp_path / "key.pem", written(tmp_path)
    made = run("keygen", str(key), "--passphrase-env", "WORD", "--json").json
    signed = run("sign", str(file), "--key", str(key), "--passphrase-env", "WORD", "--json").json
    assert signed["public_key"] == made["public_key"]
    trusted = read_public_keys([tmp_path / "key.pub.pem"])
    assert load(file, trusted=trusted).digest == signed["sha256"]
    with pytest.raises(MetierError, match="NOTHING is empty"):
        run("sign", str(file), "--key", str(key), "--passphrase-env", "NOTHING")
    file.write_text("nothing: true")
    with pytest.raises(MetierError, match="can't be used"):
        run("sign", str(file), "--key", str(key), "--passphrase-env", "WORD")


def test_with_keys_what_is_not_signed_is_pinned_or_nothing_starts(run: Run, tmp_path: Path) -> None:
    file, toml = written(tmp_path, "", "own"), tmp_path / "home" / "metier.toml"
    run("keygen", str(tmp_path / "key.pem"))
    run("sign", str(file), "--key", str(tmp_path / "key.pem"))
    keys = f'policies = ["{file}"]\npolicy_keys = ["{tmp_path / "key.pub.pem"}"]\n'
    toml.write_text(keys)
    with pytest.raises(MetierError, match="it is neither signed"):
        run("show")
    assert run("show", "baseline").status == 0  # reading is not putting in force
    pins = run("pins").out
    assert pins.startswith("[policy_pins]\nbaseline = ") and "own = " in pins
    toml.write_text(keys + pins)
    assert run("show").status == 0
    told = run("show", "--json").json
    assert {each["name"]: bool(each["signer"]) for each in told["policies"]}["own"]
    toml.write_text(keys + pins.replace('own = "', 'own = "0'))
    with pytest.raises(MetierError, match="pins another for 'own'"):
        run("show")
    assert run("pins", str(file), "--json").json == {"own": pins.split('own = "')[1][:64]}


def test_every_subcommand_has_help(run: Run) -> None:
    for name in command.commands:
        shown = run(name, "--help")
        assert shown.status == 0 and shown.out.startswith("Usage: ")


def test_the_cases_of_the_policies_in_force_pass(run: Run) -> None:
    done = run("test")
    assert done.status == 0, done.out
    assert done.out.startswith("5 policies, ")
