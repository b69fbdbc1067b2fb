"""Is the configuration read, and does it say whom hubs may write to?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from blocklists.configuration import CONTACT
from blocklists.doctor.finding import fail, ok, warn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blocklists.doctor.finding import Finding
    from blocklists.doctor.visit import Visit

#: Names that nobody can be reached under (RFC 2606, RFC 6761).
_NOBODY: Final = re.compile(r"(?:^|[@./])(?:(?:example|test|invalid|localhost)|example\.(?:com|net|org))\.?$")
_HOST: Final = re.compile(r"(?:mailto:)?[^@/]*@([^/?#]+)|https?://(?:[^@/]*@)?([^/:?#]+)")


def configuration(visit: Visit) -> Iterator[Finding]:
    """Every line of it is what it should be; without a file every default holds, and no hub is crawled."""
    path = visit.place.config
    if visit.refused:
        for told in visit.refused.splitlines():
            yield fail(told, path, "correct the line; docs/delist.example.toml shows every setting")
    elif not path.exists():
        yield warn("there is no configuration: every default holds, and no hub is crawled", path, "delist init")
    else:
        yield ok("read", path)


def contact(visit: Visit) -> Iterator[Finding]:
    """Hubs can write to the operator."""
    told, todo = visit.contact, f'[operator] contact = "..." in {visit.place.config}: an address that people read'
    host = _HOST.match(told.lower())
    if not told:
        yield fail("nobody to write to: spiders do not start", visit.place.config, todo)
    elif not CONTACT.fullmatch(told) or not told.isascii():
        yield fail(f"{told[:80]!a} is neither a mail address nor a page", visit.place.config, todo)
    elif host is None or _NOBODY.search(host[1] or host[2] or ""):
        yield fail(f"{told[:80]}: an invented address, at which nobody is reached", visit.place.config, todo)
    else:
        yield ok(told, visit.place.config)
