"""Nothing that is not text is fetched: refused by name before asking, by type and size before a body is read."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import pytest

from crawler.media import is_refused_by_name, is_text

if TYPE_CHECKING:
    from conftest import Asked, Site, Spiders


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example.test/x.png",
        "https://a.example.test/X.JPEG?size=1",
        "https://a.example.test/m.safetensors#a",
        "https://a.example.test/m%2Eckpt",
        "https://a.example.test/a/b.tar.gz",
        "https://a.example.test/clip.mp4;v=1/../clip.mp4",
        "https://a.example.test/pytorch_model.bin",
    ],
)
def test_media_weights_and_archives_are_known_by_name(url: str) -> None:
    assert is_refused_by_name(url)


@pytest.mark.parametrize("path", ["", "tool/png", "a.html", "README.md", "sitemap.xml.gz", "v1.5", "x.png/about"])
def test_pages_and_sitemaps_are_not_taken_for_media(path: str) -> None:
    assert not is_refused_by_name(f"https://a.example.test/{path}")


@pytest.mark.parametrize(
    ("kind", "path", "text"),
    [
        ("text/html; charset=utf-8", "", True),
        ("Application/JSON", "", True),
        ("application/ld+json", "", True),
        ("application/vnd.github.raw+json; charset=utf-8", "", True),
        ("application/atom+xml", "", True),
        ("image/svg+xml", "", False),
        ("image/png", "a.html", False),
        ("application/octet-stream", "README.md", False),
        ("application/zip", "", False),
        ("application/x-gzip", "sitemap.xml.gz", True),
        ("application/gzip", "weights.gz", False),
        ("video/mp4", "", False),
        ("nonsense", "", False),
        ("", "robots.txt", True),
        ("", "README.md", True),
        ("", "tool/1", False),
    ],
)
def test_a_declared_type_is_judged_strictly(kind: str, path: str, *, text: bool) -> None:
    assert is_text(kind, f"https://a.example.test/{path}") is text


def test_an_address_that_names_media_is_never_asked(spiders: Spiders, probe: str, site: Site) -> None:
    urls = [f"{site.base}/{name}" for name in ("a.png", "b.mp4", "c.safetensors", "d.zip")]
    site.redirect("/hop", "/e.webp")
    run = spiders.run(
        probe, "-a", f"base={site.base}", "-a", f"urls={' '.join([*urls, site.base])}/hop", allow=site.netloc
    )
    assert set(site.asked) == {"/robots.txt", "/hop"}
    assert run.record.pages["media"] == 5
    assert run.record.why == ("5 pages media (suffix)", "no page was read", "no listing was found")


class Withheld:
    """Answers with headers only; sends the body when the client is still there to read it."""

    def __init__(self, **headers: str) -> None:
        self.headers = headers
        self.hung_up = threading.Event()

    def __call__(self, asked: Asked) -> None:
        asked.send_response(200)
        for name, value in self.headers.items():
            asked.send_header(name.replace("_", "-"), value)
        asked.end_headers()
        asked.wfile.flush()
        asked.connection.settimeout(20)
        try:
            if asked.connection.recv(1, socket.MSG_PEEK) == b"":
                self.hung_up.set()
        except ConnectionResetError:
            self.hung_up.set()
        except TimeoutError:
            return


def test_media_is_refused_when_its_headers_arrive_before_its_body(spiders: Spiders, probe: str, site: Site) -> None:
    image = Withheld(Content_Type="image/png", Content_Length="1000")
    unknown = Withheld(Content_Length="1000")
    large = Withheld(Content_Type="text/html", Content_Length=str(9 * 1024 * 1024))
    site.pages |= {"/image": image, "/unknown": unknown, "/large": large}
    urls = " ".join(f"{site.base}/{name}" for name in ("image", "unknown", "large"))
    run = spiders.run(probe, "-a", f"base={site.base}", "-a", f"urls={urls}", allow=site.netloc)
    assert image.hung_up.wait(5)
    assert unknown.hung_up.wait(5)
    assert large.hung_up.wait(5)
    assert run.record.pages["media"] == 2
    assert run.record.pages["too_large"] == 1
    assert run.rows == []
    assert set(run.record.why) >= {"1 pages media (image/png)", "1 pages media (no Content-Type)", "1 pages too_large"}


def test_a_body_that_grows_beyond_the_limit_is_cut_off(spiders: Spiders, probe: str, site: Site) -> None:
    def endless(asked: Asked) -> None:
        asked.send_response(200)
        asked.send_header("Content-Type", "text/plain")
        asked.send_header("Connection", "close")
        asked.end_headers()
        try:
            for _ in range(20):
                asked.wfile.write(b"x" * 1024 * 1024)
        except OSError:
            return

    site.pages["/endless"] = endless
    run = spiders.run(probe, "-a", f"base={site.base}", "-a", f"urls={site.base}/endless", allow=site.netloc)
    assert run.record.pages["too_large"] == 1
    assert run.rows == []
