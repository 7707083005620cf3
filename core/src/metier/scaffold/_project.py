"""Filling the templates in."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Collection, Sequence
from datetime import date
from importlib import resources
from pathlib import Path
from string import Template

from metier.model import BadRequest

LANGUAGES = ("en", "zh")
"""Those that metier speaks itself, and that there is a placeholder for."""
_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_LONGEST = 40
_LONGEST_TITLE = 60
_QUESTIONS = {"en": "What is the placeholder for?", "zh": "占位文章有什么用？"}
"""Answered by the placeholder of each language."""


def new_project(
    name: str,
    *,
    title: str = "",
    languages: Sequence[str] = LANGUAGES,
    into: Path,
    today: date,
    taken: Collection[str] = (),
    categories: Collection[str] = (),
) -> Path:
    """Writes the project of a new domain: a folder `metier-NAME` in `into`.

    Args:
        name: of the domain, which is the model that clients ask for.
        title: for people; made of the name where empty.
        languages: of its articles; the first is that of the README's question.
        into: an existing folder.
        today: the date of the placeholders.
        taken: names of the installed plugins.
        categories: of facts that installed plugins know. The domain's own is none of them, as
            its policy would take such a category from the others.

    Returns:
        The project's folder.

    Raises:
        BadRequest: for a name, title or language that can't be used, and where the folder is
            there already; nothing is written then.
        OSError: where the folder can't be written.
    """
    module = f"metier_{name.replace('-', '_')}"
    title = title.strip() or name.replace("-", " ").capitalize()
    _check(name, module, title, languages, taken)
    folder = into / f"metier-{name}"
    if folder.exists():
        raise BadRequest(f"{folder} is there already. Choose another name, or move it away.")
    values = {
        "name": name,
        "category": f"{name}-notes" if name in categories else name,
        "distribution": f"metier-{name}",
        "module": module,
        "class_name": "".join(part.capitalize() for part in name.split("-")) + "Plugin",
        "title": title,
        "title_quoted": _quoted(title),
        "kept_quoted": _quoted(f"What is kept of a person. The domain: {title}."),
        "languages": _tuple(languages),
        "question": _QUESTIONS[languages[0]],
        "questions": _tuple([_QUESTIONS[language] for language in languages]),
        "date": today.isoformat(),
    }
    for place, template in _files(module, languages).items():
        file = folder / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(_filled(template, values), "utf-8")
    return folder


def _check(
    name: str, module: str, title: str, languages: Sequence[str], taken: Collection[str]
) -> None:
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        raise BadRequest(
            f"A name has small letters and digits, words joined by hyphens, begins with a letter "
            f"and has {_LONGEST} characters at most, such as bicycle-workshop."
        )
    if name in taken or importlib.util.find_spec(module) is not None:
        raise BadRequest(
            f"'{name}' is taken: a plugin or a package {module} of that name is installed. "
            "Choose another; `metier plugins` lists the plugins."
        )
    if not title.isprintable() or len(title) > _LONGEST_TITLE:
        raise BadRequest(f"A title is one line of {_LONGEST_TITLE} characters at most.")
    unknown = [language for language in languages if language not in LANGUAGES]
    if unknown or not languages or len({*languages}) < len(languages):
        raise BadRequest(
            f"Languages are {' and '.join(LANGUAGES)}, each once, joined by a comma. For another "
            "begin with one of these, then add its articles and its code to the manifest."
        )


def _files(module: str, languages: Sequence[str]) -> dict[str, str]:
    """The files of a project, each with its template."""
    package = f"src/{module}"
    return {
        "pyproject.toml": "pyproject.toml",
        "README.md": "README.md",
        f"{package}/__init__.py": "__init__.py",
        f"{package}/py.typed": "py.typed",
        f"{package}/policy.yaml": "policy.yaml",
        f"{package}/policy.cases.yaml": "policy.cases.yaml",
        **{
            f"{package}/knowledge/placeholder.{language}.md": f"placeholder.{language}.md"
            for language in languages
        },
        f"tests/test_{module}.py": "test.py",
    }


def _filled(template: str, values: dict[str, str]) -> str:
    file = resources.files("metier.scaffold").joinpath("templates", f"{template}.tmpl")
    return Template(file.read_text("utf-8")).substitute(values)


def _quoted(text: str) -> str:
    """As a string of Python, TOML and YAML, which read those of JSON alike."""
    return json.dumps(text, ensure_ascii=False)


def _tuple(items: Sequence[str]) -> str:
    """What stands between the brackets of a tuple."""
    return ", ".join(map(_quoted, items)) + ("," if len(items) == 1 else "")
