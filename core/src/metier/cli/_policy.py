"""policy: check, test, diff, explain, show, schema, sign, keygen, pins."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from metier.cli._input import given
from metier.cli._output import emit_json, json_option
from metier.model import MetierError

if TYPE_CHECKING:
    from metier.cli._policy_files import Installation
    from metier.policy import Policy

STRICTER, LOOSER = 3, 4
"""Exit statuses of `diff`: there are differences; there are some that allow more."""

_files = click.argument("files", nargs=-1, metavar="[FILE]...")


@click.group()
def policy() -> None:
    """The policies: what may be collected, kept, shown to whom and sent where.

    A FILE is a policy file, a folder of them, or the name of a policy that an
    installed plugin brings, such as baseline.
    """


@policy.command()
@_files
@json_option
def check(files: tuple[str, ...], as_json: bool) -> None:
    """Looks for rules that name nothing, decide nothing, contradict, or are not explained.

    Without FILE: the policies in force. With FILE: those, each beside the policies
    in force; what is wrong with these is not told again. Exit status 1 where there
    are errors; warnings alone are 0.
    """
    from metier.cli._policy_files import Installation
    from metier.policy import Finding, compose, find_faults, load, rules_of

    here = Installation.read()
    found: list[Finding] = []
    looked: list[Policy] = []
    for path in [path for each in files for path in here.files(each)]:
        try:
            looked.append(load(path))
        except MetierError as error:
            found.append(Finding("error", path.name, error.message))
    if not files:
        looked = list(here.in_force.policies)
    names = {each.name for each in looked}
    others = [each for each in here.in_force.policies if each.name not in names] if looked else []
    together = compose([*looked, *others])
    explained = [name for name, path in here.shipped.items()
                 if any(path.resolve() == each.files[0].resolve() for each in looked)]  # fmt: skip
    heads = tuple(f"{each.model.name}@{each.model.version}:" for each in looked)
    found += [each for each in find_faults(together, here.known(), explained)
              if each.rule.startswith(heads)]  # fmt: skip
    errors = sum(each.level == "error" for each in found)
    rules = sum(len(rules_of(each)) for each in looked)
    if as_json:
        emit_json({"policies": [_about(each) for each in looked], "findings": found})
    else:
        for each in found:
            click.echo(f"{each.level:7}  {each.rule}: {each.message}")
        click.echo(
            f"{_count(len(looked), 'policy', 'policies')}, {_count(rules, 'rule')}: "
            f"{_count(errors, 'error')}, {_count(len(found) - errors, 'warning')}"
        )
    if errors:
        sys.exit(1)


@policy.command()
@_files
@json_option
def test(files: tuple[str, ...], as_json: bool) -> None:
    """Runs the cases kept beside policies, in NAME.cases.yaml.

    Each policy is tested by itself, with those that its cases name under
    `policies`. Without FILE: every policy in force that has cases. Exit status 1
    where a case fails.
    """
    from metier.cli._policy_files import Installation
    from metier.cli._policy_run import run_cases
    from metier.policy import cases_beside

    here = Installation.read()
    paths = [path for each in files for path in here.files(each)]
    single = {path for each in files for path in here.files(each)[:1] if not Path(each).is_dir()}
    if not files:
        paths = [each.files[0] for each in here.in_force.policies]
    for path in single:
        if not cases_beside(path).exists():
            raise MetierError(
                f"{path.name} has no cases; write {cases_beside(path).name} beside it.",
                code="no_cases",
            )
    ran = {path: run_cases(here, path) for path in paths if cases_beside(path).exists()}
    failed = sum(bool(each.differences) for results in ran.values() for each in results)
    if as_json:
        emit_json(
            [
                {"policy": path.stem, "case": each.name, "passed": not each.differences,
                 "differences": each.differences}
                for path, results in ran.items()
                for each in results
            ]
        )  # fmt: skip
    else:
        for path, results in ran.items():
            for each in results:
                for difference in each.differences:
                    click.echo(f"failed  {path.stem}: {each.name}: {difference}")
        total = sum(map(len, ran.values()))
        click.echo(
            f"{_count(len(ran), 'policy', 'policies')}, {_count(total, 'case')}: "
            f"{total - failed} passed, {failed} failed"
        )
    if failed:
        sys.exit(1)


@policy.command()
@click.argument("old")
@click.argument("new")
@json_option
def diff(old: str, new: str, as_json: bool) -> None:
    """Says what becomes allowed and what forbidden from OLD to NEW.

    Each is a FILE, or several joined by commas, as in baseline,own.yaml. Every
    decision is asked of both; texts are not compared. Exit status 0 where all
    decisions are the same, 3 where there are differences, 4 where some allow more.
    """
    from metier.cli._policy_files import Installation
    from metier.cli._policy_run import sentence
    from metier.policy import difference

    here = Installation.read()
    before, after = (here.composed(each.split(",")) for each in (old, new))
    changes = difference(before, after)
    if as_json:
        emit_json({"old": before.version, "new": after.version, "changes": changes})
    else:
        titles = {"allowed": "Becomes allowed, or less strict:",
                  "forbidden": "Becomes forbidden, or stricter:",
                  "changed": "Changes:"}  # fmt: skip
        for direction, title in titles.items():
            lines = [sentence(each) for each in changes if each.direction == direction]
            if lines:
                click.echo(title)
                click.echo("\n".join(f"  {line}" for line in lines))
        if not changes:
            click.echo("Every decision is the same.")
    if changes:
        sys.exit(LOOSER if any(each.direction == "allowed" for each in changes) else STRICTER)


@policy.command()
@click.argument("text")
@click.option("--target", default="local", show_default=True, help="Where the text would go.")
@click.option("--as", "roles", multiple=True, default=("member",), show_default=True,
              help="Who would read it; may be given several times.")  # fmt: skip
@click.option("--domain", default="", help="With this domain's rules and recognizers.")
@click.option("--language", type=click.Choice(("en", "zh")), default="en", help="Of the reasons.")
@json_option
def explain(
    text: str, target: str, roles: tuple[str, ...], domain: str, language: str, as_json: bool
) -> None:
    """Shows what is found in TEXT, what happens to it, and which rule says so, and why.

    Then the text as the target would see it; `-` reads it from standard input.
    Exit status 3 where it would not be sent.
    """
    from metier.cli._policy_files import Installation
    from metier.cli._policy_run import explained

    shown = explained(Installation.read(), given(text), target, roles, domain, language)
    if as_json:
        emit_json(shown.as_json())
    else:
        click.echo(shown.as_text())
    if shown.hidden is None:
        sys.exit(3)


@policy.command()
@click.argument("name", required=False)
@click.option("--language", type=click.Choice(("en", "zh")), default="en", help="Of the reasons.")
@json_option
def show(name: str | None, language: str, as_json: bool) -> None:
    """Lists the policies in force, or every rule of the policy NAME.

    NAME may also be a FILE, or a policy that a plugin brings and that is not in force.
    """
    from metier.cli._policy_files import Installation
    from metier.cli._policy_run import in_language
    from metier.policy import compose, rules_of

    here = Installation.read()
    if name is None:
        if as_json:
            emit_json({"version": here.in_force.version,
                       "policies": [_about(each) for each in here.in_force.policies]})  # fmt: skip
            return
        for each in here.in_force.policies:
            head = f"{each.name}@{each.model.version}"
            click.echo(f"{head:18} {len(rules_of(each)):3} rules  sha256 {each.digest}")
            click.echo(f"  {each.model.description.strip()}")
        click.echo(f"together: version {here.in_force.version}")
        return
    policies = compose(_named(here, name))
    rows = []
    for each in policies.policies:
        for rule in rules_of(each):
            told = policies.explanation(each.rule(rule.path))
            source = told.source if told else ""
            rows.append({"rule": each.rule(rule.path), "says": rule.says,
                         "why": in_language(told, language), "source": source})  # fmt: skip
    if as_json:
        emit_json({"policies": [_about(each) for each in policies.policies], "rules": rows})
        return
    for row in rows:
        click.echo(f"{row['rule']}  {row['says']}")
        if row["why"]:
            click.echo(f"    {row['why']} [{row['source']}]")


@policy.command()
def schema() -> None:
    """Prints the JSON Schema of policy files."""
    from metier.policy import json_schema

    emit_json(json_schema())


_passphrase = click.option(
    "--passphrase-env", metavar="NAME", help="Environment variable with the key's passphrase."
)


@policy.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--key", type=click.Path(dir_okay=False, path_type=Path), required=True,
              help="The private key (PEM).")  # fmt: skip
@_passphrase
@json_option
def sign(file: Path, key: Path, passphrase_env: str | None, as_json: bool) -> None:
    """Signs the policy FILE; the signature is written beside it, in FILE.sig.

    It covers the file's dictionaries too. A file that can't be used is not signed.
    """
    from metier.policy import load, sign_policy

    digest = load(file).digest
    target, public = sign_policy(file, digest, key, _word_of(passphrase_env))
    if as_json:
        emit_json({"file": file, "signature": target, "sha256": digest, "public_key": public})
    else:
        click.echo(f"{target.name}: signed by {public}, sha256 {digest}")


@policy.command()
@click.argument("key", type=click.Path(dir_okay=False, path_type=Path))
@_passphrase
@json_option
def keygen(key: Path, passphrase_env: str | None, as_json: bool) -> None:
    """Makes a key that signs policies: KEY (PEM, private) and its public key beside it.

    The public key goes into `policy_keys` of metier.toml; the private one does not
    belong on the machine that serves.
    """
    from metier.policy import new_key

    beside, public = new_key(key, _word_of(passphrase_env))
    if as_json:
        emit_json({"private": key, "public": beside, "public_key": public})
    else:
        click.echo(f"{key.name}: the private key, readable by you alone; keep it off the server")
        click.echo(f"{beside.name}: the public key {public}")


@policy.command()
@_files
@json_option
def pins(files: tuple[str, ...], as_json: bool) -> None:
    """Prints the digests of policies as `policy_pins` of metier.toml.

    Without FILE: of all files that the configuration puts in force, whether they are
    vouched for or not. Review them first; a pin says that somebody has.
    """
    from metier.cli._policy_files import Installation
    from metier.policy import load

    here = Installation.read()
    paths = [path for each in files for path in here.files(each)] or here.files_in_force()
    digests = {each.name: each.digest for each in map(load, paths)}
    if as_json:
        emit_json(digests)
    else:
        click.echo("[policy_pins]")
        for name, digest in sorted(digests.items()):
            click.echo(f'{name} = "{digest}"')


def _named(here: Installation, name: str) -> list[Policy]:
    """A file, or what a plugin brings, as it is; else the policy of that name in force."""
    from metier.policy import load

    try:
        return [load(path) for path in here.files(name)]
    except MetierError as error:
        if error.code != "no_policy":
            raise
        found = [each for each in here.in_force.policies if each.name == name]
        if not found:
            raise
        return found


def _word_of(name: str | None) -> str | None:
    if name is None:
        return None
    word = os.environ.get(name)
    if not word:
        raise MetierError(
            f"The environment variable {name} is empty; put the passphrase there.", code="bad_key"
        )
    return word


def _about(each: Policy) -> dict[str, object]:
    from metier.policy import rules_of

    model = each.model
    return {
        "name": model.name, "version": model.version, "description": model.description.strip(),
        "sources": model.sources, "sha256": each.digest, "signer": each.signer,
        "rules": len(rules_of(each)),
    }  # fmt: skip


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
