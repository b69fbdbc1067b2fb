"""Hostile APIs, lists and services: each bad answer is bounded, recorded and survived by the spider that it meets."""

from __future__ import annotations

import json
from contextlib import ExitStack
from functools import cache
from typing import TYPE_CHECKING

import pytest
from scrapy import Request

from crawler.listing import is_web_address
from crawler.markdownlist import LONGEST_LIST, MOST_LINES
from crawler.outcome import Outcome
from crawler.requestjson import from_json, to_json
from crawler.spiders.github import GithubSpider
from tests.crawler.conftest import Page, serving
from tests.crawler.hostile import (
    GIB,
    MIB,
    MOST_MEMORY,
    OK,
    TOOL,
    Case,
    counted,
    crawl,
    dripping,
    packed,
    page,
    raw,
    read,
    redirect,
    refused,
    reset,
    too_large,
    unparsed,
)

if TYPE_CHECKING:
    from tests.crawler.conftest import Site, Spiders

JSON = "application/json"
NO_OBJECT = "LayoutError: page: not a JSON object"
LOOPS = "a hub's next page is one that was read before: its cursor loops"


def model(number: int, **more: object) -> dict[str, object]:
    return {"id": number, "name": f"Model {number}", "modelVersions": [], **more}


def models(*rows: dict[str, object], cursor: object = None) -> str:
    return json.dumps({"items": rows, "metadata": {"nextCursor": cursor}})


def said(body: str | bytes) -> Page:
    return page(body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body, JSON)


@cache
def answers() -> list[Case]:
    """What an API answers; `2` is a row that is read as long as the page is."""
    return [
        unparsed("deep JSON", "deep", said("[" * 100_000), NO_OBJECT),
        unparsed("deep JSON", "objects", said('{"a":' * 100_000), NO_OBJECT),
        too_large("deep JSON", "dense", said("[" + "[]," * 2_700_000 + "[]]")),
        unparsed("numbers of 10^5 digits", "digits", said(models().replace("null", "9" * 100_000)), NO_OBJECT),
        unparsed("numbers of 10^5 digits", "float", said(models(model(1)).replace("1,", "1e999,")),
                 "LayoutError: id: must be int, is float"),
        unparsed("NaN and Infinity", "nan", said(models(model(1)).replace("1,", "NaN,")),
                 "LayoutError: id: must be int, is float"),
        read("duplicate keys", "twice", said(models().replace("[]", '[], "items": ' + json.dumps([model(100)])))),
        unparsed("invalid UTF-8", "utf-8", said(models(model(1)).encode() + b"\xff\xfe"), NO_OBJECT),
        read("half characters", "half", said(models(model(101, description="\ud800 " * 9, tags=["\udfff"])))),
        read("NUL bytes", "nul", said(models(model(102, description="a\0b")))),
        unparsed("NUL bytes", "raw-nul", said(models(model(1)).replace("Model", "\0")), NO_OBJECT),
        read("a listing whose title is 1 MB", "title", said(models(model(103, name="a" * MIB)))),
        read("10^5 tags", "tags", said(models(model(104, tags=[f"tag {n}" for n in range(100_000)])))),
        read("HTML in JSON", "html", said(models(model(105, description="<b>" * 300_000 + "<a href=//x>" * 9_000)))),
        unparsed("not what was asked for", "list", said("[]"), NO_OBJECT),
        unparsed("not what was asked for", "login", page(TOOL), NO_OBJECT),
        unparsed("not what was asked for", "cut", said(models(model(1))[:-9]), NO_OBJECT),
        too_large("a 2 GB body", "large", raw(OK + b"Content-Length: %d\r\n\r\n" % (2 * GIB), forever=b"a" * MIB)),
        too_large("a gzip bomb", "bomb", packed(bytes(64 * MIB))),
    ]  # fmt: skip


def search(query: str, nsfw: str = "false", cursor: str = "") -> str:
    return f"/api/v1/models?query={query}&limit=100&sort=Newest&nsfw={nsfw}{f'&cursor={cursor}' if cursor else ''}"


def test_a_hostile_api_is_bounded_recorded_and_survived(spiders: Spiders, site: Site) -> None:
    queries = [*(one.name for one in answers()), "endless", "loop", "good"]
    site.pages |= {search(query, "true"): said(models()) for query in queries}
    site.pages |= {search(one.name): one.answer for one in answers()}
    site.pages[search("good")] = said(models(model(1), model(2)))
    site.pages |= {
        search("endless", cursor=str(n) if n else ""): said(models(model(50 + n), cursor=n + 1)) for n in range(9)
    }
    site.pages |= {
        search("loop", cursor=one.strip()): said(models(model(60), cursor=to)) for one, to in (" a", "ab", "ba")
    }
    arguments = (f"base={site.base}", f"queries={';'.join(queries)}", "pages=5")
    run = crawl(spiders, "civitai", *(word for one in arguments for word in ("-a", one)), allow=site.netloc)
    assert (run.status, run.record.complete, run.peak < MOST_MEMORY) == (0, False, True)
    assert run.record.why == (*counted(answers()), LOOPS)
    assert {row["id"] for row in run.rows} == {f"civitai:{n}" for n in (1, 2, *range(50, 55), 60, *range(100, 106))}
    assert len([asked for asked in site.asked if "endless" in asked]) == 6


@cache
def services() -> list[Case]:
    """What the hosts do whose front pages are asked for; a name that begins with robots is about robots.txt alone."""
    unread = "text/plain"
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"
    wait = "the hub asks for a longer wait than QUOTA_LONGEST_WAIT"
    return [
        too_large("robots.txt of 2 GB", "robots-large", raw(head, forever=b"Allow: /\n" * 100_000)),
        refused("robots.txt that redirects for ever", "robots-loop", redirect("/robots.txt"), "redirects without end"),
        refused("slow-drip bodies", "robots-drip", dripping(head, b"a"), "DownloadTimeout"),
        refused("a connection broken off", "robots-reset", reset, "ResponseDataLoss"),
        read("rules without end", "robots-rules", page(b"User-agent: *\n" + b"Disallow: /*a*$\n" * 100_000, unread)),
        refused("slow-drip bodies", "drip", dripping(OK + b"\r\n", b"a"), "DownloadTimeout"),
        refused("slow-drip bodies", "drip-chunks", dripping(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
                "DownloadTimeout"),
        refused("slow-drip bodies", "silent", dripping(b"", b""), "DownloadTimeout"),
        refused("TLS expected but plain text", "plain", page(TOOL), "DownloadFailed"),
        Case(kind="Retry-After of years", name="years", answer=Page(status=503, headers={"Retry-After": "999999999"}),
             meets=Outcome.LOST_TO_QUOTA, cause=wait),
        Case(kind="Retry-After: 0 for ever", name="zero", answer=Page(status=429, headers={"Retry-After": "0"}),
             meets=Outcome.LOST_TO_QUOTA, cause=wait),
        read("a page that answers differently each time", "fickle", raw(OK + b"\r\n" + TOOL)),
    ]  # fmt: skip


def test_hostile_services_are_bounded_recorded_and_survived(spiders: Spiders) -> None:
    with ExitStack() as stack:
        hosts = {one.name: stack.enter_context(serving()) for one in services()}
        good = [stack.enter_context(serving()) for _ in range(2)]
        for one in services():
            hosts[one.name].pages |= {"/": page(TOOL)}
            hosts[one.name].pages["/robots.txt" if one.name.startswith("robots") else "/"] = one.answer
        for host in good:
            host.pages["/"] = page(TOOL)
        urls = [host.base.replace("http", "https") if name == "plain" else host.base for name, host in hosts.items()]
        urls += [host.base for host in good]
        allow = ",".join(host.netloc for host in [*hosts.values(), *good])
        arguments = ("-a", f"urls={' '.join(urls)}", "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=8")
        run = crawl(spiders, "site", *arguments, allow=allow)
    assert (run.status, run.record.complete, run.peak < MOST_MEMORY) == (0, False, True)
    assert run.record.why == counted(services())
    assert len(run.rows) == len([one for one in services() if one.meets is Outcome.GOT]) + len(good)


@cache
def lists() -> list[Case]:
    """Files of Markdown, one a list."""
    long = f"LayoutError: list: longer than {LONGEST_LIST} characters or {MOST_LINES} lines"
    none = "LayoutError: list: no item `- [name](address)`"
    return [
        unparsed("a list of 8 MB", "items", markdown("- [a](http://b.test/)\n" * 350_000), long),
        unparsed("a list of 8 MB", "brackets", markdown("[" * 8_000_000), long),
        unparsed("a list of 8 MB", "emphasis", markdown("*a_ " * 2_000_000), long),
        unparsed("Markdown that nests", "quotes", markdown("> " * 100_000), none),
        unparsed("Markdown that nests", "nested", markdown("- " * 100_000), none),
        unparsed("Markdown that nests", "links", markdown("[a](http://b.test/" * 20_000), none),
        too_large("a gzip bomb", "bomb", packed(bytes(64 * MIB))),
    ]


def markdown(text: str) -> Page:
    return page(text.encode(), "text/plain; charset=utf-8")


def test_hostile_lists_of_links_are_bounded_recorded_and_survived(spiders: Spiders, site: Site) -> None:
    tables = {f"a/{one.name}": one.answer for one in lists()} | {
        "a/good": markdown("- [A tool](https://b.example.test/)")
    }
    site.pages |= {f"/raw/{name}/HEAD/README.md": answer for name, answer in tables.items()}
    run = crawl(spiders, "awesome", "-a", f"base={site.base}", "-a", f"list={','.join(tables)}", allow=site.netloc)
    assert (run.status, run.record.complete, run.peak < MOST_MEMORY) == (0, False, True)
    assert run.record.why == counted(lists())
    assert [row["title"] for row in run.rows] == ["A tool"]


INDEXES = [
    too_large("a 2 GB body", "endless", raw(OK + b"\r\n", forever=b"a" * MIB)),
    too_large("deep JSON", "dense", said('{"repo":{},"packages":{"a.b":[' + "[]," * 5_000_000 + "[]]}}")),
]


@pytest.mark.parametrize("case", INDEXES, ids=lambda case: case.name)
def test_a_hostile_index_is_bounded_and_recorded(spiders: Spiders, site: Site, case: Case) -> None:
    site.pages["/index-v2.json"] = case.answer
    run = crawl(spiders, "fdroid", "-a", f"base={site.base}", allow=site.netloc)
    assert (run.status, run.record.complete, run.peak < MOST_MEMORY) == (0, False, True)
    assert run.record.why == (*counted([case]), "no page was read", "no listing was found")


def test_half_a_character_costs_no_row_its_place_and_no_listing_its_line() -> None:
    spider = GithubSpider(base="http://127.0.0.1:1")
    request = Request("http://127.0.0.1:1/x", spider.parse_readme, cb_kwargs={"item": {"description": "\ud800"}})
    kept = to_json(request, spider).encode()
    assert from_json(kept.decode(), spider).cb_kwargs == request.cb_kwargs
    assert not is_web_address("https://a.example.test/\ud800")
