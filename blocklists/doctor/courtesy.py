"""Are the spiders those that keep robots.txt, wait between requests, and never leave the public internet?"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import crawler
from blocklists.doctor.finding import fail, ok

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blocklists.doctor.finding import Finding
    from blocklists.doctor.visit import Visit

#: What a spider that is started here and now would be given; the folder that we are in comes first, as for a spider.
_ASK: Final = """
import json, crawler.settings as given
names = ("ROBOTSTXT_OBEY", "DOWNLOAD_DELAY", "DOWNLOAD_VERIFY_CERTIFICATES", "DOWNLOADER_MIDDLEWARES")
print(json.dumps({"file": given.__file__, **{name: getattr(given, name, None) for name in names}}))
"""
_GUARDS: Final = {
    "crawler.robots.StrictRobots": "robots.txt",
    "crawler.egress.EgressGuard": "the guard against private addresses",
    "crawler.textonly.TextOnlyGuard": "the guard against media",
}
_PATIENCE: Final = 60


def robots(_: Visit) -> Iterator[Finding]:
    """No setting that makes a spider rude was changed, and no other crawler stands in the way of ours."""
    asked = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", _ASK], capture_output=True, text=True, check=False, timeout=_PATIENCE
    )
    if asked.returncode:
        last = (asked.stderr.strip().splitlines() or ["no reason given"])[-1]
        yield fail(f"the spiders' settings cannot be read: {last[:200]}", "crawler.settings", "install Delist again")
        return
    settings = json.loads(asked.stdout)
    path, ours = Path(settings["file"]), Path(str(crawler.__file__)).parent
    if path.resolve().parent != ours.resolve():
        yield fail("spiders started here are not ours: another `crawler` comes first", path, "work in another folder")
    rude = list(_rude(settings))
    yield from (fail(told, path, "take that back: hubs block who is rude, and rightly") for told in rude)
    if not rude:
        yield ok("robots.txt is kept, guards are on, a second and more between requests", path)


def _rude(settings: dict[str, Any]) -> Iterator[str]:
    if settings["ROBOTSTXT_OBEY"] is not True:
        yield "robots.txt is not kept: ROBOTSTXT_OBEY is off"
    yield from (
        f"{what} is off" for guard, what in _GUARDS.items() if not (settings["DOWNLOADER_MIDDLEWARES"] or {}).get(guard)
    )
    if (settings["DOWNLOAD_DELAY"] or 0) < 1:
        yield f"less than a second between requests: DOWNLOAD_DELAY is {settings['DOWNLOAD_DELAY']}"
    if settings["DOWNLOAD_VERIFY_CERTIFICATES"] is not True:
        yield "certificates are not verified: DOWNLOAD_VERIFY_CERTIFICATES is off"
