"""A real engine reads our rules: they stop exactly the pages that the entries name, case and end of path included."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blocklists.feed.address import expressions
from tests.blocklists.formats.printing import came, printed, publish

if TYPE_CHECKING:
    from collections.abc import Iterable

    from blocklists.ledger.book import Ledger

NODE = Path(__file__).parent / "node"
TARGETS = (
    "bad.test/",
    "203.0.113.5/",
    "site.test/App",
    "site.test/folder/",
    "site.test/m/1",
    "site.test/find?id=7",
    "site.test/$,document/x'y\"~##z",
    "site.test/a/b/c/d/",
    "sub.other.test/m/(1)*+[x]|^",
    "203.0.113.6/page",
)
PAGES = (
    *("https://bad.test/", "http://bad.test/any/page?x=1", "https://www.bad.test/", "https://a.b.bad.test/x"),
    *("https://notbad.test/", "https://bad.test.good.test/", "https://good.test/bad.test/", "https://good.test/?u=bad.test"),
    *("https://203.0.113.5/x", "https://203.0.113.50/", "https://203.0.113.6/page", "https://203.0.113.6/pages"),
    *("https://site.test/", "https://site.test/App", "https://www.site.test/App?x=1", "https://site.test/app"),
    *("https://site.test/Application", "https://site.test/App/", "https://site.test/App/x", "https://other.test/App"),
    *("https://site.test/folder/", "https://site.test/folder/x/y", "https://site.test/folder", "https://site.test/Folder/x"),
    *("https://site.test/m/1", "https://site.test/m/12", "https://site.test/m/1?from=x", "https://site.test/m/2"),
    *("https://site.test/find?id=7", "https://site.test/find?id=71", "https://site.test/find", "https://site.test/find?id=8"),
    *("https://site.test/$,document/x'y\"~", "https://site.test/$,document/x", "https://site.test/a/b/c/d/"),
    *("https://site.test/a/b/c/d/e", "https://sub.other.test/m/(1)*+[x]|^", "https://sub.other.test/m/1111"),
)  # fmt: skip


def read(text: str, pages: Iterable[str], kind: str = "main_frame") -> dict[str, Any]:
    node = shutil.which("node")
    assert node, "node is missing: make setup-servers"
    assert (NODE / "node_modules/@ghostery/adblocker").is_dir(), "no reader of adblock rules: make setup-servers"
    told = json.dumps({"list": text, "requests": [[page, kind] for page in pages]})
    done = subprocess.run([node, "reader.mjs"], cwd=NODE, input=told, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_an_engine_stops_exactly_the_pages_that_the_feed_would_hide(ledger: Ledger) -> None:
    publish(ledger, *(came(target.partition("#")[0]) for target in TARGETS))
    done = printed(ledger, "adblock")
    assert done.refused == {}
    heard = read(done.text, PAGES)
    assert len(heard["rules"]) == done.made.export.count == len(TARGETS)
    assert heard["others"] == 0
    listed = {target.partition("#")[0] for target in TARGETS}
    hidden = {page for page in PAGES if listed & set(expressions(page))}
    assert {page for page, stop in zip(PAGES, heard["stopped"], strict=True) if stop} == hidden
    assert len(hidden) == 16
    whole = read(done.text, ["https://bad.test/x.js", "https://site.test/App"], "script")["stopped"]
    assert whole == [True, False]


def test_without_the_list_the_engine_stops_nothing(ledger: Ledger) -> None:
    publish(ledger, came("app.test/", action="warn"))
    heard = read(printed(ledger, "adblock").text, PAGES)
    assert heard == {"rules": [], "others": 0, "stopped": [False] * len(PAGES)}


def test_what_rules_cannot_name_exactly_is_refused(ledger: Ledger) -> None:
    publish(ledger, came("github:owner/repo"), came(f"sha256:{'0a' * 32}"), came("[2001:db8::1]/"), came("bad.test/"))
    done = printed(ledger, "adblock")
    assert done.refused == {
        "github:owner/repo": "a coordinate, which has many addresses",
        f"sha256:{'0a' * 32}": "a file, which has no address",
        "[2001:db8::1]/": "an IPv6 address, which rules cannot name",
    }
    assert "github" not in done.text
