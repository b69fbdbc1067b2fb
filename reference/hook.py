"""What MkDocs calls: adds the pages that are made, points their links, and says which blocks no test runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File

from reference import commands, configuration, metrics, policy, python, statuses

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
#: What lies beside docs/ and is a page of the site, too.
BESIDE: Mapping[str, str] = {"README.md": "readme.md", "CHANGELOG.md": "changelog.md", "SECURITY.md": "security.md"}
_FENCE = re.compile(r'^(?P<mark>\s*`{3,}\w*) +not-run="(?P<why>[^"]*)"', re.MULTILINE)
_NOTE = re.compile(r"^<!-- not run: (?P<why>.*?) -->\n", re.MULTILINE)
_INDEX = """# Reference

Made from the code at each build, so that it says what the program does: [commands](commands.md),
[configuration](configuration.md), [exit statuses](exit-statuses.md), [labels, rulings and reason codes](policy.md),
[metrics](metrics.md), [Python](python.md).

Written by hand, and held by tests: the [format of the feed](../feed.md), its [conformance pack](../conformance.md), the
[hubs](../hubs.md).
"""


def pages() -> dict[str, Callable[[], str]]:
    """Every page that is made, by its address, with what makes it."""
    example = (ROOT / "docs" / "delist.example.toml").read_text(encoding="utf-8")
    made: dict[str, Callable[[], str]] = {
        "reference/index.md": lambda: _INDEX,
        "reference/commands.md": commands.page,
        "reference/configuration.md": lambda: configuration.page(example),
        "reference/exit-statuses.md": statuses.page,
        "reference/policy.md": policy.page,
        "reference/metrics.md": metrics.page,
        "reference/python.md": python.page,
    }
    return made | {page: _beside(name) for name, page in BESIDE.items()}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Name every decision about the structure in the navigation."""
    decided = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
    explained = next(part["Explanation"] for part in config.nav or () if "Explanation" in part)
    section = next(entry for entry in explained if "Decisions" in entry)
    section["Decisions"] = ["adr/README.md", *(f"adr/{path.name}" for path in decided)]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add them."""
    for address, make in pages().items():
        files.append(File.generated(config, address, content=make()))
    return files


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:  # noqa: ARG001 - MkDocs' signature
    """A block that no test runs says so in its title."""
    return titled(markdown)


def titled(markdown: str) -> str:
    """Markdown whose blocks that are not run say why not."""
    markdown = _FENCE.sub(r'\g<mark> title="not run by a test: \g<why>"', markdown)
    return _NOTE.sub(r"*Not run by a test: \g<why>.*{: .not-run }\n\n", markdown)


def _beside(name: str) -> Callable[[], str]:
    def make() -> str:
        text = (ROOT / name).read_text(encoding="utf-8")
        for other, page in BESIDE.items():
            text = text.replace(f"]({other})", f"]({page})")
        return text.replace("](docs/", "](")

    return make
