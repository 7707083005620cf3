"""`python -m metier.model [NAME ...]`: the nouns that plugins use, as they are written.

pydoc shows what dataclasses generate as well: a hundred lines for a noun of three fields.
"""

from __future__ import annotations

import ast
import difflib
import sys
from collections.abc import Iterator
from pathlib import Path

from metier import model


def written() -> dict[str, str]:
    """The source of each public name, with the words below it."""
    found: dict[str, str] = {}
    for file in sorted(Path(__file__).parent.glob("_[a-z]*.py")):
        text = file.read_text("utf-8")
        body = ast.parse(text).body
        for node, below in zip(body, [*body[1:], None], strict=True):
            source = ast.get_source_segment(text, node) or ""
            if isinstance(node, ast.Assign | ast.AnnAssign) and _words(below):
                source += "\n" + (ast.get_source_segment(text, below) or "" if below else "")
            found |= {name: source for name in _names(node) if name in model.__all__}
    return dict(sorted(found.items()))


def _names(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        yield node.name
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        yield from (each.id for each in targets if isinstance(each, ast.Name))


def _words(node: ast.stmt | None) -> str:
    """What a string that stands alone says."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return node.value.value if isinstance(node.value.value, str) else ""
    return ""


def _gist(source: str) -> str:
    """The first line of what is said of it, or the first of its own."""
    body = ast.parse(source).body
    first = body[0]
    said = _words(body[-1])
    if isinstance(first, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        said = ast.get_docstring(first) or ""
    return (said or source).strip().splitlines()[0]


def main(names: list[str]) -> int:
    every = written()
    for name in names:
        if name not in every:
            folded = {known.casefold(): known for known in every}
            near = difflib.get_close_matches(name.casefold(), folded, 1)
            hint = f"Did you mean '{folded[near[0]]}'?" if near else "Without names all are listed."
            print(f"metier.model has no '{name}'. {hint}", file=sys.stderr)
            return 1
    if names:
        print("\n\n".join(every[name] for name in names))
    else:
        print("\n".join(f"{name:20} {_gist(source)}" for name, source in every.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
