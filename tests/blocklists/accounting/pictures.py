"""`python -m tests.blocklists.accounting.pictures`: the transparency report of the simulated year, drawn by Chromium.

It is that of `make year`, lived through first where there is none: five minutes.
"""

from __future__ import annotations

import base64
import sys
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.blocklists.accounting import year
from tests.blocklists.service.browser import browser
from tests.blocklists.service.palette import smaller

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.blocklists.service.browser import Browser

CHECKOUT = Path(__file__).parents[3]
FOLDER = CHECKOUT / "docs" / "pictures"
LOOKED_AT = CHECKOUT / "var" / "pictures"
REPORT = CHECKOUT / "var" / "year" / "report"
WIDTHS = {"desktop": 960, "phone": 390}
HIGH = 1400
MOVED = "What moved"


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A folder over HTTP on loopback, since a page from a file is given no policy's origin."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def part(tab: Browser, top: float, high: float, width: int) -> bytes:
    """A part of the page, as wide as it is."""
    clip: dict[str, Any] = {"x": 0, "y": top, "width": width, "height": high, "scale": 1}
    return base64.b64decode(
        tab.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)["data"]
    )


def where(tab: Browser, heading: str) -> tuple[float, float]:
    """From where on the section under a heading goes, and how tall it is."""
    sections = f"[...document.querySelectorAll('section')].find(s => s.querySelector('h2').textContent == '{heading}')"
    found = tab.value(f"(r => [r.top + window.scrollY, r.height].join())({sections}.getBoundingClientRect())")
    top, high = map(float, found.split(","))
    return top, high


def main() -> None:
    if REPORT.is_dir():
        year.report(REPORT.parent, 52)
    else:
        sys.argv[1:] = []
        year.main()
    FOLDER.mkdir(exist_ok=True)
    LOOKED_AT.mkdir(parents=True, exist_ok=True)
    (page,) = REPORT.glob("*.html")
    with served(REPORT) as base, browser() as tab:
        for device, width in WIDTHS.items():
            for dark in (False, True):
                tab.show(f"{base}/{page.name}", width=width, dark=dark)
                light = "dark" if dark else "light"
                (LOOKED_AT / f"transparency-{device}-{light}.png").write_bytes(tab.picture())
                pieces = {f"transparency-{device}-{light}": (0.0, float(HIGH))}
                if device == "desktop":
                    pieces[f"transparency-moved-{light}"] = where(tab, MOVED)
                for name, (top, high) in pieces.items():
                    path = FOLDER / f"{name}.png"
                    path.write_bytes(smaller(part(tab, top, high, width), 256))
                    print(f"{path.relative_to(CHECKOUT)}: {path.stat().st_size} bytes")
                if said := tab.complaints():
                    sys.exit("\n".join(said))


if __name__ == "__main__":
    main()
