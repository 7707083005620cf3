"""new."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from metier import config


@click.command("new")
@click.argument("name")
@click.option("--title", default="", help="What people call it; made of NAME where left out.")
@click.option("--languages", default="en,zh", show_default=True, help="Of its articles.")
@click.option(
    "--into", default=".", show_default=True, help="The folder that the project's comes into.",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)  # fmt: skip
def new(name: str, title: str, languages: str, into: Path) -> None:
    """Writes the project of a plugin: a domain NAME that answers, with a policy and a test.

    It comes into a folder of its own, metier-NAME. docs/plugin.md goes on from there.
    """
    from metier._building import find_plugins
    from metier.scaffold import new_project

    home = config.home()
    registry = find_plugins(home, config.load(home))
    registry.close()
    folder = new_project(
        name,
        title=title,
        languages=[language.strip() for language in languages.split(",")],
        into=into,
        today=date.today(),
        taken={plugin.name for plugin in registry.plugins},
        categories={c for p in registry.plugins if p.manifest for c in p.manifest.reads},
    )
    click.echo(
        f"{folder}: a plugin that answers from one placeholder. Next, in the environment of "
        "metier:\n"
        f"  cd {folder}\n"
        "  uv pip install --no-deps -e .\n"
        "  python -m pytest\n"
        "  metier setup\n"
        f"  metier eval {name}\n"
        "Then put your articles in the place of the placeholder. README.md there says what is what."
    )
