"""`python -m tests.docs.pictures [PAGE…]`: the site in Chromium, phone and desktop, light and dark, below var/."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import tempfile
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

from tests.blocklists.service.browser import Browser, browser
from tests.docs.blocks import ROOT
from tests.docs.running import BIN

FOLDER = ROOT / "var" / "pictures"
TALLEST = 1800
WIDTHS = {"desktop": 1280, "phone": 390}
PAGES = (
    "",
    "tutorial/",
    "reference/commands/",
    "reference/configuration/",
    "explanation/threats/",
    "how-to/review-well/",
    "readme/",
)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as built:
        subprocess.run(
            [BIN / "mkdocs", "build", "--quiet", "--site-dir", built],
            cwd=ROOT,
            env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
            check=True,
        )
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=built))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with browser() as tab:
            for page in sys.argv[1:] or PAGES:
                for device, width in WIDTHS.items():
                    for dark in (False, True):
                        tab.show(f"http://127.0.0.1:{server.server_port}/{page}", width=width, dark=dark)
                        time.sleep(0.6)  # the theme fades its tabs in
                        wide = tab.value("document.documentElement.scrollWidth")
                        called = page.strip("/").replace("/", "-") or "index"
                        name = f"site-{called}-{device}-{'dark' if dark else 'light'}"
                        (FOLDER / f"{name}.png").write_bytes(_picture(tab, width))
                        print(f"{name}: {wide} wide")
                        if wide > width or tab.complaints():
                            sys.exit("\n".join(["wider than the screen"] * (wide > width) + tab.complaints()))
        server.shutdown()


def _picture(tab: Browser, width: int) -> bytes:
    """The page down to where looking is no use any more."""
    high = min(TALLEST, tab.value("document.documentElement.scrollHeight"))
    clip = {"x": 0, "y": 0, "width": width, "height": high, "scale": 1}
    made = tab.call("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
    return base64.b64decode(made["data"])


if __name__ == "__main__":
    main()
