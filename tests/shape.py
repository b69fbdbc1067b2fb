"""`python -m tests.shape`: prints the sizes of functions and modules, and fails where one is out of shape."""

import ast
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

LONGEST_MODULE, LONGEST_FUNCTION, MEDIAN_FUNCTION = 300, 40, 9
MEANINGLESS = {"utils", "helpers", "common", "core", "models", "types", "misc"}
PACKAGES = ("crawler", "classifiers", "blocklists", "reference")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def modules() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", *PACKAGES], capture_output=True, text=True, check=True)
    return [path for path in map(Path, listed.stdout.splitlines()) if path.suffix == ".py" and path.exists()]


def lengths(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Functions with their lines, the docstring not counted."""
    for node in ast.walk(tree):
        if isinstance(node, FUNCTIONS):
            first = node.body[0]
            told = first.end_lineno - first.lineno + 1 if ast.get_docstring(node) and first.end_lineno else 0
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1 - told


def faults(path: Path, text: str) -> Iterator[str]:
    tree = ast.parse(text)
    if path.stem in MEANINGLESS:
        yield f"{path}: a name that means nothing collects everything"
    if text.count("\n") > LONGEST_MODULE:
        yield f"{path}: {text.count(chr(10))} lines, {LONGEST_MODULE} at most"
    if text.strip() and not ast.get_docstring(tree):
        yield f"{path}: does not say what it promises"
    yield from (f"{path}: {name} has {n} lines" for name, n in lengths(tree) if n > LONGEST_FUNCTION)
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and (
            node.type is None or "Exception" in ast.unparse(node.type).split(".")
        ):
            yield f"{path}:{node.lineno}: catches everything"


def main() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in modules()}
    sizes = [n for text in texts.values() for _, n in lengths(ast.parse(text))]
    lines = [text.count("\n") for text in texts.values() if text.strip()]
    median = statistics.median(sizes)
    print(
        f"{len(texts)} modules, {sum(lines)} lines, median {statistics.median(lines):.0f}, longest {max(lines)}; "
        f"{len(sizes)} functions, median {median:.0f} lines, longest {max(sizes)}"
    )
    found = [fault for path, text in texts.items() for fault in faults(path, text)]
    if median > MEDIAN_FUNCTION:
        found.append(f"the median function has {median} lines")
    sys.exit("\n".join(found) or 0)


if __name__ == "__main__":
    main()
