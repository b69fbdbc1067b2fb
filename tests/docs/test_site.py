"""The site is built strictly, holds what the code says, and asks nobody for anything."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import click
import pytest

from blocklists.case.policy import REASONS
from blocklists.service.families import FAMILIES
from reference import commands, configuration, hook, statuses
from tests.docs.blocks import PAGES, ROOT
from tests.docs.running import BIN

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.xdist_group("site")
FETCHED = {"script": "src", "img": "src", "iframe": "src", "link": "href", "source": "src", "object": "data"}


class Fetches(HTMLParser):
    """What a page makes a browser fetch."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if address := said.get(FETCHED.get(tag, "")):
            self.found.append(address)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [BIN / "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_every_page_is_built_and_no_link_or_anchor_leads_nowhere(site: Path) -> None:
    built = {str(path.relative_to(site)) for path in site.rglob("index.html")}
    for page in PAGES[1:]:
        name = page.relative_to(ROOT / "docs").with_suffix("")
        folder = name.parent if name.name in ("index", "README") else name
        assert str(folder / "index.html") in built, page
    assert {"readme/index.html", "security/index.html", "changelog/index.html"} <= built


def test_no_page_makes_a_browser_ask_anybody_else(site: Path) -> None:
    pages = [*site.rglob("*.html")]
    foreign = {
        f"{path.name}: {address}"
        for path in pages
        for address in Fetches(path.read_text(encoding="utf-8")).found
        if re.match(r"(?:\w+:)?//", address)
    }
    assert len(pages) > len(PAGES)
    assert foreign == set()
    styles = "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.css"))
    assert re.findall(r"url\(['\"]?(?:https?:)?//[^)]*\)|@import[^;]*", styles) == []


def test_the_readmes_links_work_in_both_places(site: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", readme)
    page = (site / "readme/index.html").read_text(encoding="utf-8")
    for link in links:
        assert (ROOT / link).exists(), link
        assert f'href="../{_built(link)}' in page, link


def _built(link: str) -> str:
    name = hook.BESIDE.get(link, link).removeprefix("docs/").removesuffix(".md")
    return name.removesuffix("README")


def test_the_reference_names_every_command_and_every_option() -> None:
    page = commands.page()
    for context in commands.every_command():
        assert f"{context.command_path} {{:" in page
        for option in context.command.params:
            if isinstance(option, click.Option) and not option.hidden:
                assert f"`{option.opts[0]}`" in page, f"{context.command_path} {option.opts[0]}"


def test_the_reference_has_every_key_of_the_configuration_with_its_default_and_its_comment() -> None:
    example = (ROOT / "docs/delist.example.toml").read_text(encoding="utf-8")
    page = configuration.page(example)
    keys = [(key, value) for table in tomllib.loads(example).values() for key, value in table.items()]
    assert len(keys) > 40
    for key, value in keys:
        if not isinstance(value, dict) and key != "contact":
            written = f'"{value}"' if isinstance(value, str) else value
            assert f"| `{key}` | `{written}` |" in page, key
    assert "| `golden_rate` | `0.02` | 0 to 0.5 | share of cases given out whose answer is known |" in page


def test_the_reference_has_every_variable_of_the_environment_that_the_code_asks_for() -> None:
    page = configuration.page("")
    asked = {
        name
        for package in ("blocklists", "crawler", "classifiers")
        for path in (ROOT / package).rglob("*.py")
        for name in re.findall(r'"((?:DELIST|EGRESS)_[A-Z_]+)"', path.read_text(encoding="utf-8"))
    } - {"DELIST_PACK"}  # of a consumer that is asked by the conformance pack
    assert len(asked) > 9
    assert [name for name in sorted(asked) if f"`{name}`" not in page] == []


def test_the_reference_names_every_reason_metric_and_exit_status() -> None:
    made = {address: make() for address, make in hook.pages().items()}
    assert all(f"`{code}`" in made["reference/policy.md"] for code in REASONS)
    assert all(f"`delist_{name}`" in made["reference/metrics.md"] for name in FAMILIES)
    assert all(f"\n| {status} | " in made["reference/exit-statuses.md"] for status in statuses.MEANINGS)
    assert "### Feed.filter" in made["reference/python.md"]


@pytest.mark.parametrize(
    "fence", ['```console not-run="needs a cluster"\n$ x\n```', "<!-- not run: needs a cluster -->\n\n    x"]
)
def test_a_block_that_is_not_run_says_so_to_readers(fence: str) -> None:
    assert "not run by a test: needs a cluster" in hook.titled(fence).lower()
