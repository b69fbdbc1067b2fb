"""Which hubs there are and which arguments their spiders take: read from the spiders' own files, none is run."""

from __future__ import annotations

import ast
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What `delist run` itself tells a spider.
_OURS: Final = frozenset({"revisit"})
_TAKEN: Final = ("get", "pop")


@cache
def known_hubs() -> tuple[str, ...]:
    """Every hub that has a spider, in the order of the alphabet."""
    return tuple(sorted(path.stem for path in _folder("crawler.spiders").glob("[!_]*.py")))


@cache
def arguments_of(hub: str) -> frozenset[str]:
    """What may be set for a hub beside `every_hours`; its spider's `-a` arguments."""
    return frozenset(_arguments(_folder("crawler.spiders") / f"{hub}.py")) - _OURS


def _folder(package: str) -> Path:
    spec = find_spec(package)
    return Path(next(iter(spec.submodule_search_locations or ()), "")) if spec else Path()


def _arguments(path: Path, name: str | None = None) -> Iterator[str]:
    """What a class of a file takes, and what the classes that it stands on take; without a name, the last class."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and (name or node.name) == node.name]
    if classes:
        yield from _taken(classes[-1])
        imported = dict(_imported(tree))
        for base in classes[-1].bases:
            if isinstance(base, ast.Name) and base.id in imported:
                yield from _arguments(imported[base.id], base.id)


def _imported(tree: ast.Module) -> Iterator[tuple[str, Path]]:
    """Names that a file has from modules of the crawler, and where these lie."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("crawler."):
            path = _folder("crawler").joinpath(*str(node.module).split(".")[1:]).with_suffix(".py")
            yield from ((alias.asname or alias.name, path) for alias in node.names)


def _taken(spider: ast.ClassDef) -> Iterator[str]:
    """The parameters by which a spider is made, and what it takes out of `**arguments`."""
    for node in spider.body:
        if isinstance(node, ast.FunctionDef) and node.name == "__init__":
            told = node.args
            yield from (one.arg for one in [*told.args[1:], *told.kwonlyargs])
            others = told.kwarg.arg if told.kwarg else ""
            yield from (key for call in ast.walk(node) for key in _looked_up(call, others))


def _looked_up(node: ast.AST, others: str) -> Iterator[str]:
    match node:
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id=name), attr=method), args=[ast.Constant(value=str(key)), *_]
        ) if name == others and method in _TAKEN:
            yield key
