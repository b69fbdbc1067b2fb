"""What somebody outside names: an address, a coordinate or a digest in its one spelling, and the case that it is in."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocklists.case.sameness import without_tracking
from blocklists.feed.address import canonicalise, expressions, shown
from blocklists.feed.coordinates import coordinates_of, rules, schemes
from blocklists.feed.errors import TargetError
from blocklists.feed.target import Target, TargetKind, refuse_protected
from blocklists.ledger import blinding, publications
from crawler.listing import is_web_address

if TYPE_CHECKING:
    from blocklists.feed.coordinates import Rule
    from blocklists.ledger.book import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """One thing that somebody named: every target that it is, the most specific first, and the page to look at."""

    targets: tuple[Target, ...]
    page: str | None

    @property
    def target(self) -> str:
        """Its first name."""
        return str(self.targets[0])

    @property
    def reference(self) -> str:
        """What it is called in a listing's id."""
        return hashlib.sha256(self.target.encode()).hexdigest()[:20]


def read(text: str) -> Named:
    """Read what somebody named.

    Raises:
        TargetError: it is no address, coordinate or digest; or a platform as a whole, of which nobody can be told.
    """
    scheme = text.strip().partition(":")[0].lower()
    named = _coordinate(text.strip()) if scheme in {*schemes(), "sha256"} else _address(text)
    refuse_protected(named.targets[0])
    return named


def _coordinate(text: str) -> Named:
    target = Target.parse(text)
    return Named(targets=(target,), page=page_of(target.value) if target.kind is TargetKind.COORDINATE else None)


def _address(text: str) -> Named:
    page = canonicalise(text)
    if not is_web_address(page):
        raise TargetError(f"{shown(text)}: not an address of the web")
    url = without_tracking(page)
    exact = Target.parse(url)
    return Named(targets=(*(Target.parse(name) for name in coordinates_of(url)), exact), page=url)


def case_of(ledger: Ledger, named: Named) -> str | None:
    """The case that holds this very thing, else the one that published something that it is a part of."""
    keys = [f"is {target}" for target in named.targets]
    same = ledger.row(
        "SELECT case_id FROM sames JOIN cases ON cases.id = case_id WHERE key IN (SELECT value FROM json_each(?)) "
        "ORDER BY opened_at, case_id LIMIT 1",
        [json.dumps([*keys, *blinding.known_keys(ledger, keys)])],
    )
    return same["case_id"] if same else published_in(ledger, named)


def published_in(ledger: Ledger, named: Named) -> str | None:
    """The case that published this thing, or something that it is a part of."""
    names = [str(target) for target in named.targets]
    names += expressions(named.page) if named.page else []
    listed = publications.among(ledger, names)
    return next((str(listed[name]["case"]) for name in names if name in listed), None)


def page_of(coordinate: str) -> str | None:
    """The page of a coordinate on its hub, by the table of coordinates."""
    pages = (_filled(rule, coordinate) for rule in rules() if rule.fits(coordinate) == coordinate)
    return next((page for page in pages if page and coordinate in coordinates_of(page)), None)


def _filled(rule: Rule, coordinate: str) -> str | None:
    shape = re.escape(rule.coordinate).replace(r"\{", "{").replace(r"\}", "}")
    parts = re.fullmatch(re.sub(r"\{([a-z]+)\}", r"(?P<\1>[^/@]+)", shape), coordinate)
    host = next((host for host in rule.hosts if "{" not in host), None)
    if parts is None or host is None:
        return None
    path = rule.paths[0][:-1] if rule.paths[0][-1] == "**" else rule.paths[0]
    filled = "/".join("tree" if segment == "*" else segment.format_map(parts.groupdict()) for segment in path)
    query = "&".join(f"{name}={parts[part]}" for name, part in rule.query)
    return f"https://{host}/{filled}" + (f"?{query}" if query else "")
