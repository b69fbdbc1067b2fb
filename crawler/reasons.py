"""Why a crawl is not complete, as a log may say it: what an exception said of a page may be the page's own words."""

from __future__ import annotations

import re

_OF_A_PAGE = re.compile(r"unparsed \((\w+).*", re.DOTALL)


def told(why: str) -> str:
    """A sentence of a record's `why` without what an exception said; the record beside the crawl file has it whole."""
    return _OF_A_PAGE.sub(r"unparsed (\1)", why)
