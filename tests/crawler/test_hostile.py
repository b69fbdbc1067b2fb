"""A hostile directory: every bad answer that we could think of in one crawl, each bounded, recorded and survived."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

import brotli  # type: ignore[import-untyped] # it ships no types

from crawler.listing import LONGEST_TITLE, MOST_LINKS
from crawler.outcome import Outcome
from tests.crawler.hostile import (
    CHUNKED,
    GIB,
    MIB,
    MOST_MEMORY,
    OK,
    SIZED,
    TOOL,
    Case,
    chunk,
    counted,
    crawl,
    dripping,
    longer,
    media,
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
from tests.crawler.test_hostile_hubs import INDEXES, answers, lists, services
from tests.crawler.test_hostile_lists import WALKS, Walk

if TYPE_CHECKING:
    from tests.crawler.conftest import Asked, Page, Site, Spiders

ASKED_FOR = {
    "endless pagination", "a cursor that loops", "a 2 GB body", "a gzip bomb", "a brotli bomb", "slow-drip bodies",
    "redirect loops", "redirects to private addresses", "sitemap bombs", "deep JSON", "invalid UTF-8",
    "HTML with 10^6 nested tags", "XML entities", "media",
}  # fmt: skip
"""What the issue names."""
LEAST_CASES = 130
GOOD = ["ash", "birch", "cedar"]
FAILED, LOST = "DownloadFailed", "ResponseDataLoss"
NOWHERE = "a redirect to no address"
UNPACKED = "LayoutError: sitemap: larger than 8388608 bytes when it is unpacked"
BINARY, ENDLESS, PRIVATE = "binary, declared as text", "redirects without end", "EgressRefused"
HEADER = b"X-Filler: " + b"a" * 8000 + b"\r\n"
XML = "application/xml"
OUTSIDE = '<!ENTITY x SYSTEM "file:///etc/hostname">'


def html(text: str, charset: str = "utf-8", codec: str = "") -> Page:
    return page(text.encode(codec or charset), f"text/html; charset={charset}")


@cache
def sizes() -> list[Case]:
    return [
        too_large("a 2 GB body", "announced", raw(OK + b"Content-Length: %d\r\n\r\n" % (2 * GIB), forever=b"a" * MIB)),
        too_large("a 2 GB body", "unannounced", raw(OK + b"\r\n", forever=b"a" * MIB)),
        too_large("a 2 GB body", "chunked", raw(CHUNKED, forever=chunk(b"a" * MIB))),
        too_large("a gzip bomb", "gzip", packed(bytes(64 * MIB))),
        too_large("a gzip bomb", "gzip-twice", packed(bytes(64 * MIB), 2)),
        too_large("a brotli bomb", "brotli", page(brotli.compress(bytes(64 * MIB), quality=1), Content_Encoding="br")),
        refused("a gzip bomb", "gzip-300", page(TOOL, Content_Encoding=", ".join(["gzip"] * 300)), "Content-Encoding"),
        refused("slow-drip bodies", "drip-body", dripping(OK + b"\r\n", b"a"), "DownloadTimeout"),
        refused("slow-drip bodies", "drip-head", dripping(b"HTTP/1.1 200 OK\r\nX: ", b"a"), "DownloadTimeout"),
    ]  # fmt: skip


@cache
def redirects() -> list[Case]:
    return [
        refused("redirect loops", "loop", redirect("/tool/loop"), ENDLESS),
        refused("redirect loops", "grow", longer, ENDLESS),
        refused("redirects to private addresses", "to-10", redirect("http://10.0.0.1/"), PRIVATE),
        refused("redirects to private addresses", "to-number", redirect("http://2130706433:1/"), PRIVATE),
        refused("redirects to private addresses", "to-octal", redirect("http://0177.0.0.1/"), PRIVATE),
        refused("redirects to private addresses", "to-v6", redirect("http://[::ffff:127.0.0.1]/"), PRIVATE),
        refused("redirects to private addresses", "to-meta", redirect("http://169.254.169.254/latest"), PRIVATE),
        refused("redirects to private addresses", "to-22", redirect("http://127.0.0.1:22/"), PRIVATE),
        refused("redirects to private addresses", "to-user", redirect("http://a.example.test@127.0.0.1:22/"), PRIVATE),
        refused("redirects to no address", "to-file", redirect("file:///etc/hostname"), "HTTP 302"),
        refused("redirects to no address", "to-data", redirect("data:text/html,hello"), "HTTP 302"),
        refused("redirects to no address", "to-port", redirect("http://127.0.0.1:65536/"), NOWHERE),
        refused("redirects to no address", "to-port-0", redirect("http://127.0.0.1:0/"), PRIVATE),
        refused("redirects to no address", "to-bracket", redirect("http://[::1"), NOWHERE),
        read("a redirect with a 2 GB body", "moved", raw(
            b"HTTP/1.1 302 Found\r\nLocation: /tool/elsewhere\r\nContent-Type: image/png\r\n\r\n", forever=b"a" * MIB)),
    ]  # fmt: skip


@cache
def types() -> list[Case]:
    return [
        media("media", "suffix.png", page(TOOL)),
        media("media", "image", page(b"", "image/png", Content_Length="5000")),
        media("media", "untyped", raw(b"HTTP/1.1 200 OK\r\n" + SIZED)),
        media("media", "odd", page(TOOL, "image/\x1b[31m\x9b2J")),
        media("media", "image-moved", page(b"\x89PNG" * 2000, "image/png", Location="/tool/ash")),
        refused("media declared as text", "png", page(b"\x89PNG\r\n\x1a\n" + TOOL), BINARY),
        refused("media declared as text", "mp4", page(b"\0\0\0\x20ftypisom" + TOOL), BINARY),
        refused("media declared as text", "zip", page(b"PK\x03\x04" + TOOL), BINARY),
        refused("wrong Content-Encoding", "gz-plain", page(TOOL, Content_Encoding="gzip"), "BadGzipFile"),
        refused("wrong Content-Encoding", "br-plain", page(TOOL, Content_Encoding="br"), "brotli.error"),
        refused("wrong Content-Encoding", "gz-unsaid", page(packed(TOOL).body), BINARY),
        read("wrong Content-Encoding", "unknown-coding", page(TOOL, Content_Encoding="compress")),
        read("gzip of gzip", "gz-gz", packed(TOOL, 2)),
    ]  # fmt: skip


@cache
def transports() -> list[Case]:
    return [
        read("Content-Length lies", "shorter", raw(OK + b"Content-Length: 40\r\n\r\n" + TOOL)),
        refused("Content-Length lies", "longer", raw(OK + b"Content-Length: 4000\r\n\r\n" + TOOL), LOST),
        refused("Content-Length lies", "negative", raw(OK + b"Content-Length: -5\r\n\r\n" + TOOL), FAILED),
        refused("Content-Length lies", "several", raw(OK + b"Content-Length: 5\r\n" + SIZED), FAILED),
        refused("Content-Length lies", "digits", raw(OK + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n"), FAILED),
        refused("bad chunks", "chunk-length", raw(CHUNKED, forever=b"f" * MIB), LOST),
        refused("bad chunks", "chunk-extension", raw(CHUNKED + b"1;", forever=b"a" * MIB), LOST),
        refused("bad chunks", "chunk-trailers", raw(CHUNKED + chunk(TOOL) + b"0\r\n", forever=HEADER * 100), LOST),
        refused("bad chunks", "no-such-coding", raw(OK + b"Transfer-Encoding: gzip\r\n\r\n" + TOOL), FAILED),
        refused("header floods", "headers", raw(OK, forever=HEADER * 100), FAILED),
        refused("header floods", "folded", raw(OK + b"X: a\r\n", forever=b" " + HEADER), FAILED),
        refused("header floods", "header", raw(OK + b"X: ", forever=b"a" * MIB), FAILED),
        refused("header floods", "status-line", raw(forever=b"H" * MIB), FAILED),
        read("header floods", "thousands", raw(OK, b"X-Filler: a\r\n" * 10_000, SIZED)),
        read("Set-Cookie floods", "cookies", raw(OK, b"Set-Cookie: a=b; Path=/\r\n" * 5_000, SIZED)),
        refused("1xx floods", "continue", raw(forever=b"HTTP/1.1 100 Continue\r\n\r\n" * 1000), FAILED),
        refused("no HTTP", "http-0.9", raw(TOOL), FAILED),
        unparsed("204 and 206", "204", raw(b"HTTP/1.1 204 No Content\r\n\r\n"), "LayoutError: page: not HTML"),
        refused("204 and 206", "206", raw(OK.replace(b"200 OK", b"206 Part") + SIZED), "HTTP 206, a part"),
        refused("a 304 that nobody asked for", "304", raw(b"HTTP/1.1 304 Not Modified\r\n\r\n"), "HTTP 304"),
        refused("a connection broken off", "reset", reset, LOST),
    ]  # fmt: skip


@cache
def texts() -> list[Case]:
    return [
        read("invalid UTF-8", "utf-8", page(TOOL + b"\xff\xfe\xc3\x28\xed\xa0\x80")),
        read("NUL bytes", "nul", page(b"\0".join([TOOL] * 100))),
        read("charset lies", "utf-7", html("<h1>A tool</h1>+ADw-script+AD4-", "utf-7", "ascii")),
        read("charset lies", "utf-16", html(TOOL.decode(), "utf-16", "utf-16-le")),
        read("charset lies", "punycode", html("<h1>A tool</h1>-" + "b" * 500_000, "punycode", "ascii")),
        read("charset lies", "hex", html(TOOL.decode(), "hex", "ascii")),
        too_large("HTML with 10^6 nested tags", "siblings", page(b"<h1>A tool</h1>" + b"<p>" * 2_000_000)),
        too_large("HTML with 10^6 nested tags", "nested", page(b"<h1>A tool</h1>" + b"<b>" * 1_000_000)),
        read("HTML with 10^5 nested tags", "deep", page(b"<h1>A tool</h1>" + b"<div>" * 100_000 + b"</i>" * 100_000)),
        read("HTML with 10^5 nested tags", "deep-links", page(b"<h1>A tool</h1>" + b"<div><a href=//b.test>" * 80_000)),
        read("HTML with 10^5 nested tags", "microdata", page(
            b"<h1>A tool</h1><div itemscope itemtype=https://schema.org/WebApplication>"
            + b"<div itemprop=name>" * 2_000 + b"<hr>" * 200_000)),
        read("JSON-LD of 10^5 depth", "json-ld", page(
            TOOL + b'<script type="application/ld+json">' + b"[" * 100_000 + b"</script>")),
        read("XML entities", "entities", page(f"<!DOCTYPE html [{OUTSIDE}]>&x;".encode() + TOOL)),
        read("a listing whose title is 1 MB", "title", page(b"<h1>A tool" + b" and more" * 110_000 + b"</h1>")),
        read("10^5 links", "links", page(TOOL + b"<main>" + b"<a href='javascript:x()'>x</a>" * 100_000)),
        read("addresses of 100 kB", "long-links", page(TOOL + b"<a href=//b.test/" + b"a" * 100_000 + b">x</a>")),
        read("meta refresh", "refresh", page(b'<meta http-equiv=refresh content="0;url=/tool/secret">' + TOOL)),
    ]  # fmt: skip


def pages() -> list[Case]:
    return [*sizes(), *redirects(), *types(), *transports(), *texts()]


def sitemap(*addresses: str, before: str = "") -> Page:
    urls = "".join(f"<url><loc>{address}</loc></url>" for address in addresses)
    return page(f"{before}<urlset>{urls}</urlset>".encode(), XML)


def index(*addresses: str) -> Page:
    named = "".join(f"<sitemap><loc>{address}</loc></sitemap>" for address in addresses)
    return page(f"<sitemapindex>{named}</sitemapindex>".encode(), XML)


def deeper(asked: Asked) -> None:
    """An index that names an index that was not there before."""
    asked.answer(index(f"{asked.path}x"))


def laughs(levels: int) -> str:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, levels))
    return f'<!DOCTYPE urlset [<!ENTITY e0 "ha">{entities}]>'


NOT_XML, BEYOND = "LayoutError: sitemap: not XML", "the sitemap names pages that are not below "
TOO_MANY = "there are more sitemaps than 2000, or more than 3 deep"
ELSEWHERE = (
    "javascript:alert(1)", "data:text/html,x", "file:///etc/hostname", "ftp://127.0.0.1/x", "http://127.0.0.1:0/",
    "http://127.0.0.1:22/", "http://127.0.0.1:65536/", "http://[::1", "http://2130706433/", "http://a@127.0.0.1:22/",
    "http://\u0430pple.example.test/", "http://xn--a-.example.test/", "//", "http://",
)  # fmt: skip


@cache
def sitemaps() -> list[Case]:
    return [
        read("sitemap bombs", "itself.xml", index("/itself.xml")),
        read("sitemap bombs", "deeper.xml", deeper),
        read("sitemap bombs", "beyond.xml", sitemap(*("//b.test/1" for _ in range(50_000)))),
        read("sitemap bombs", "elsewhere.xml", sitemap(*ELSEWHERE)),
        too_large("sitemap bombs", "large.xml", sitemap(*(f"//b.test/{number}" for number in range(1_000_000)))),
        unparsed("sitemap bombs", "bomb.xml.gz", page(packed(bytes(64 * MIB)).body, "application/gzip"), UNPACKED),
        unparsed("sitemap bombs", "no.xml", page(b"\x1f\x8b" + b"a" * 1000, XML), NOT_XML),
        read("XML entities", "laughs.xml", sitemap("&e29;", before=laughs(30))),
        read(
            "XML entities", "file.xml", sitemap("&x;", before='<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>')
        ),
        read("deep XML", "deep.xml", page(b"<urlset>" + b"<url>" * 500_000, XML)),
        read("invalid UTF-8", "utf-8.xml", page(b"<urlset><url><loc>/tool/\xff\xfe</loc></url></urlset>", XML)),
    ]


def served(site: Site) -> None:
    """Serve the whole directory: its robots.txt names bad sitemaps first, its good sitemap names bad pages first."""
    for one in pages():
        site.pages[f"/tool/{one.name}"] = one.answer
    for one in sitemaps():
        site.pages[f"/{one.name}"] = one.answer
    for more in range(1, 10):
        site.pages[f"/tool/grow{'x' * more}"] = longer
        site.pages[f"/deeper.xml{'x' * more}"] = deeper
    site.pages |= {f"/tool/{name}": page(TOOL) for name in (*GOOD, "elsewhere")}
    site.pages["/tools.xml"] = sitemap(
        *(f"{site.base}/tool/{name}" for name in (*(one.name for one in pages()), *GOOD))
    )
    names = [*(one.name for one in sitemaps()), "tools.xml"]
    site.put("/robots.txt", "".join(f"Sitemap: {site.base}/{name}\n" for name in names), "text/plain")


def test_a_hostile_directory_is_bounded_recorded_and_survived(spiders: Spiders, site: Site) -> None:
    served(site)
    run = crawl(spiders, "directory", "-a", f"base={site.base}", allow=site.netloc, DELIST_CONTACT="ops@example.test")
    assert (run.status, run.record.complete, run.peak < MOST_MEMORY) == (0, False, True)
    assert {*run.record.why} == {*counted([*pages(), *sitemaps()]), TOO_MANY, f"{BEYOND}{site.base}"}
    met = Counter(one.meets for one in [*pages(), *sitemaps()])
    met[Outcome.GONE] += len(("/tool/",))  # what is left of an address that is not UTF-8
    met[Outcome.GOT] += len(("robots.txt", "tools.xml", "deeper.xmlx", "deeper.xmlxx", *GOOD))
    assert run.record.pages == {"asked": met.total(), **{str(one): met[one] for one in Outcome}}
    found = {row["url"].rpartition("/")[2]: row for row in run.rows}
    assert found.keys() == {"elsewhere", *GOOD, *(one.name for one in pages() if one.meets is Outcome.GOT)} - {"moved"}
    assert {row["title"][:6] for row in run.rows} == {"A tool"}
    assert len(found["title"]["title"]) <= LONGEST_TITLE
    assert found["title"]["flags"] == {"truncated": True}
    assert max(len(row.get("links", [])) for row in run.rows) <= MOST_LINKS
    assert not {"/tool/secret", "/tool/suffix.png"} & set(site.asked)
    assert not set("\x1b\x9b") & set(run.log)


def test_every_way_to_be_hostile_that_was_asked_for_has_a_case() -> None:
    cases: list[Case | Walk] = [*pages(), *sitemaps(), *answers(), *services(), *lists(), *INDEXES, *WALKS]
    missing = ASKED_FOR - {one.kind for one in cases}
    print(f"{len(cases)} cases of {len({one.kind for one in cases})} kinds")
    assert not missing
    for table in (pages(), sitemaps(), answers(), services(), lists(), INDEXES, WALKS):
        assert len({one.name for one in table}) == len(table)
    assert len(cases) >= LEAST_CASES
