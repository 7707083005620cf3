"""scrub."""

from __future__ import annotations

import sys

import click

from metier.cli._output import emit_json, json_option


@click.command()
@click.argument("text", default="-")
@click.option("--domain", help="Use this domain's recognizers too.")
@click.option("--target", default="local", show_default=True, help="Apply this target's policy.")
@json_option
def scrub(text: str, domain: str | None, target: str, as_json: bool) -> None:
    """Shows TEXT (or standard input) with what is sensitive replaced."""

    from metier.app import Metier
    from metier.privacy import Vault, pseudonymise

    source = sys.stdin.read() if text == "-" else text
    app = Metier.open()
    name = domain or app.domains()[0].name
    detector = app.parts.detector(name)
    vault = Vault.new()
    scrubbed, vault = pseudonymise(
        source, detector, vault, lambda entity: app.parts.policy.entity_action(entity, target)
    )
    if as_json:
        emit_json(
            {
                "text": scrubbed,
                "hidden": list((e.pseudonym, e.entity) for e in vault.entries.values()),
            }
        )
        return
    click.echo(scrubbed)
