"""Which kinds of audit events the source writes, read from it without running it.

A kind is followed back from every place where an event is made: through the parameters of
functions to those who call them, through constants and choices, until only texts are left.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READ_BACK = {("core/src/metier/server/_access.py", "e.kind")}
"""Kinds that are taken from an event that was read; whoever wrote it is found elsewhere."""


@dataclass(frozen=True)
class Sink:
    """Something whose calls name a kind.

    Args:
        room: the folder or the file its calls are looked for in; empty for everywhere.
        place: of the argument among those without a name, `self` not counted.
    """

    name: str
    room: str
    place: int
    keyword: str = "kind"


@dataclass(frozen=True)
class Source:
    path: str
    tree: ast.Module

    @property
    def room(self) -> str:
        return "/".join(self.path.split("/")[:4])  # core/src/metier/ROOM, plugins/NAME/src/ROOM


def kinds() -> dict[str, set[str]]:
    """Every kind that is written, with the files where it is.

    Raises:
        AssertionError: a kind can't be followed back to a text.
    """
    sources = [Source(str(p.relative_to(ROOT)), ast.parse(p.read_text())) for p in _files()]
    found: dict[str, set[str]] = {}
    todo = [Sink("AuditEvent", "", 0), Sink("KeyChange", "", 0)]
    done: set[Sink] = set()
    while todo:
        sink = todo.pop()
        if sink in done:
            continue
        done.add(sink)
        for source in sources:
            if sink.room and sink.room not in (source.room, source.path):
                continue
            for call, inside in _calls(source.tree, sink.name):
                asked = _argument(call, sink)
                if asked is None:
                    continue
                texts, more = _followed(asked, inside, source, sources)
                todo += more
                for text in texts:
                    found.setdefault(text, set()).add(source.path)
    return found


def _files() -> list[Path]:
    return sorted(
        p for d in (ROOT / "core/src", *ROOT.glob("plugins/*/src")) for p in d.rglob("*.py")
    )


def _calls(tree: ast.AST, name: str) -> Iterator[tuple[ast.Call, list[ast.AST]]]:
    """Calls of a name, each with the functions it stands in, the innermost last."""

    def walk(node: ast.AST, inside: list[ast.AST]) -> Iterator[tuple[ast.Call, list[ast.AST]]]:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            inside = [*inside, node]
        if isinstance(node, ast.Call) and _name(node.func) == name:
            yield node, inside
        for child in ast.iter_child_nodes(node):
            yield from walk(child, inside)

    yield from walk(tree, [])


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


def _argument(call: ast.Call, sink: Sink) -> ast.expr | None:
    named = [k.value for k in call.keywords if k.arg == sink.keyword]
    return named[0] if named else call.args[sink.place] if len(call.args) > sink.place else None


def _followed(
    asked: ast.expr, inside: list[ast.AST], source: Source, sources: list[Source]
) -> tuple[set[str], list[Sink]]:
    """The texts that it can be, and whose callers say more."""
    if isinstance(asked, ast.Constant) and isinstance(asked.value, str):
        return {asked.value}, []
    if isinstance(asked, ast.IfExp):
        one, other = (_followed(e, inside, source, sources) for e in (asked.body, asked.orelse))
        return one[0] | other[0], [*one[1], *other[1]]
    if isinstance(asked, ast.JoinedStr):
        return _pieced(asked, inside, source), []
    if isinstance(asked, ast.Attribute) and asked.attr == "kind":
        here = (source.path, ast.unparse(asked))
        assert here in READ_BACK or "KeyChange" in _annotation(_name(asked.value), inside), here
        return set(), []
    assert isinstance(asked, ast.Name), (source.path, ast.unparse(asked))
    for function in reversed(inside):
        assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        given = [a.arg for a in function.args.args if a.arg not in ("self", "cls")]
        if asked.id in given:
            where = source.path if function.name.startswith("_") else source.room
            return set(), [Sink(function.name, where, given.index(asked.id), asked.id)]
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and _name(node.targets[0]) == asked.id:
                return _followed(node.value, inside, source, sources)
    texts = {text for s in (source, *sources) for text in _constant(s.tree, asked.id)}
    assert texts, (source.path, asked.id)
    return texts, []


def _pieced(asked: ast.JoinedStr, inside: list[ast.AST], source: Source) -> set[str]:
    """Of a text with one of few words in it: all that it can be."""
    made = {""}
    for part in asked.values:
        if isinstance(part, ast.Constant):
            words = {str(part.value)}
        else:
            assert isinstance(part, ast.FormattedValue)
            words = _choices(source, _annotation(_name(part.value), inside))
            assert words, (source.path, ast.unparse(asked))
        made = {a + b for a in made for b in words}
    return made


def _annotation(name: str, inside: list[ast.AST]) -> str:
    for function in reversed(inside):
        assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for each in function.args.args:
            if each.arg == name and each.annotation is not None:
                return ast.unparse(each.annotation)
    return ""


def _choices(source: Source, annotation: str) -> set[str]:
    """The words of a `Literal` that is written in the same file or the same room."""
    for path in sorted((ROOT / source.room).rglob("*.py")):
        for node in ast.parse(path.read_text()).body:
            is_it = isinstance(node, ast.Assign) and _name(node.targets[0]) == annotation
            if is_it and isinstance(node.value, ast.Subscript):  # type: ignore[attr-defined]
                return set(ast.literal_eval(node.value.slice))  # type: ignore[attr-defined]
    return set()


def _constant(tree: ast.Module, name: str) -> set[str]:
    return {
        node.value.value
        for node in tree.body
        if isinstance(node, ast.AnnAssign | ast.Assign)
        and name in map(_name, node.targets if isinstance(node, ast.Assign) else [node.target])
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }
