"""The consumer's reader as one Python file that a search engine can keep among its own: every module, and the tables.

Modules are joined as they are written, so that the file can be read and compared; what their names mean must therefore
be the same in all of them, and they import each other by name only.
"""

from __future__ import annotations

import ast
import base64
import textwrap
import zlib
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from blocklists.feed.errors import FeedError

if TYPE_CHECKING:
    from collections.abc import Iterator

ENTRANCE: Final = "blocklists.client.__main__"
TABLES: Final = ("conformance/coordinates.json", "protected.json", "public_suffix_list.dat")
_DATA: Final = "blocklists.feed.data"  # finds tables beside itself; in one file they are within
_OURS: Final = ("blocklists.feed.", "blocklists.client.")
_HEAD = '''"""Delist's reader in one file: verify, keep and ask a feed of listings that people decided to delist.

Made by `delist vendor` from version {version}, Apache-2.0; Python 3.11 or later, nothing else. As a library:
`Feed.open(place, ConsumerKey.parse(text), state)`, then `check`, `filter`, `update`. As a command: `--help`.
"""

# ruff: noqa
from __future__ import annotations

'''
_TABLES = '''
def table(name: str) -> str:
    """The text of a table, which is packed into this file."""
    import base64
    import zlib

    return zlib.decompress(base64.b85decode("".join(_TABLES[name].split()))).decode("utf-8")


_TABLES = {{
{rows}}}
'''


def single_file(version: str) -> str:
    """The text of the file.

    Raises:
        FeedError: two modules give one name two meanings, or import in a way that one file cannot follow.
    """
    modules = _behind(ENTRANCE, [])
    _check_names(modules)
    parts = [_HEAD.format(version=version)]
    for name in modules:
        parts.append(f"\n# ---- {name}\n")
        parts.append(_tables() if name == _DATA else _body(name))
    return "".join(parts)


def _behind(name: str, known: list[str]) -> list[str]:
    """The known modules, then those that this one needs, then itself."""
    if name in known:
        return known
    made = known
    for node in _parsed(name).body:
        for module in _named(node):
            made = _behind(module, made)
    return [*made, name]


def _named(node: ast.AST) -> list[str]:
    """The modules of ours that a statement imports from, those for types too: one file has them all."""
    if isinstance(node, ast.If):
        return [module for inner in node.body for module in _named(inner)]
    if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("blocklists"):
        return []
    if not node.module.startswith(_OURS) or any(alias.asname for alias in node.names):  # type: ignore[union-attr] # seen above
        raise FeedError(f"one file cannot follow `{ast.unparse(node)}`")
    return [node.module]  # type: ignore[list-item] # seen above


def _check_names(modules: list[str]) -> None:
    owners: dict[str, str] = {}
    for module in modules:
        for name in _defined(_parsed(module)):
            if name in owners:
                raise FeedError(
                    f"{name} is defined in {owners[name]} and in {module}: in one file it must be one thing"
                )
            owners[name] = module


def _defined(tree: ast.Module) -> Iterator[str]:
    """The names that a module gives a meaning at its top."""
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case ast.Assign(targets=targets):
                yield from (n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name))
            case _:
                pass


def _body(name: str) -> str:
    """A module's text without its docstring's quotes and without what it imports of ours."""
    text, tree = _text(name), _parsed(name)
    lines = text.splitlines(keepends=True)
    for node in sorted(_dropped(tree), key=lambda node: -node.lineno):
        del lines[node.lineno - 1 : node.end_lineno]
    said = ast.get_docstring(tree) or ""
    return textwrap.indent(said, "# ", lambda _: True) + "\n" + "".join(lines)


def _dropped(tree: ast.Module) -> Iterator[ast.stmt]:
    """Statements that one file does not need: docstring, `__future__`, imports of ours, blocks of nothing else."""
    for node in tree.body:
        match node:
            case ast.Expr(value=ast.Constant(value=str())) if node is tree.body[0]:
                yield node
            case ast.ImportFrom(module="__future__"):
                yield node
            case ast.ImportFrom() if _named(node):
                yield node
            case ast.If(body=body):
                ours = [inner for inner in body if _named(inner)]
                yield from [node] if ours and len(ours) == len(body) else ours
            case _:
                pass


def _tables() -> str:
    rows = []
    for name in TABLES:
        packed = base64.b85encode(zlib.compress(files("blocklists.feed").joinpath(name).read_bytes(), 9)).decode(
            "ascii"
        )
        lines = "".join(f'        "{packed[start : start + 100]}"\n' for start in range(0, len(packed), 100))
        rows.append(f'    "{name}": (\n{lines}    ),\n')
    return _TABLES.format(rows="".join(rows))


def _text(name: str) -> str:
    package, _, module = name.rpartition(".")
    return files(package).joinpath(f"{module}.py").read_text("utf-8")


def _parsed(name: str) -> ast.Module:
    return ast.parse(_text(name))
