"""What a hub says about one service, model, app, bot, package or site: frozen, clean, and checked when made."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar
from urllib.parse import urlsplit

from crawler.media import is_refused_by_name

LONGEST_TEXT = 200_000
LONGEST_TITLE = 2_000
LONGEST_REF = 2_000
LONGEST_ADDRESS = 2_000
MOST_LINKS = 200
MOST_TAGS = 200
FILE_HUB = "file"

_BROKEN = re.compile("[\x00\ud800-\udfff]")
_NO_ADDRESS = re.compile("[\x00-\x20\x7f-\xa0\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x1f\s]")
_MOMENT = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ", re.ASCII)
_HUB = re.compile(r"[a-z][a-z0-9_]{0,40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class CrawlError(Exception):
    """A page, a listing or a crawl file is not what it should be; the message says what and where."""

    status: ClassVar[int] = 1


class Kind(StrEnum):
    """What sort of thing a listing offers."""

    MODEL = "model"
    SPACE = "space"
    DATASET = "dataset"
    APP = "app"
    BOT = "bot"
    CHANNEL = "channel"
    REPOSITORY = "repository"
    PACKAGE = "package"
    TOOL = "tool"
    SITE = "site"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One listing. NUL and lone surrogates become U+FFFD; what is too long is cut and flagged `truncated`.

    Attributes:
        id: `hub:ref`; the same listing has the same id in every crawl.
        hub: the hub's name, the name of its spider.
        kind: what is offered.
        url: the listing's page on its hub; for an item of a list the address it links to. Empty only for hub `file`.
        title: one line.
        text: plain text, markup removed.
        author: who published it, as the hub names them.
        coordinate: `github:OWNER/REPO`, a purl, an AIR, `play:ID`, `appstore:ID`, `telegram:NAME`.
        lang: the language that the hub declares; never guessed.
        tags: the hub's own keywords.
        flags: what the platform says of it (archived, nsfw, ...); weak signals.
        reach: downloads, likes, installs, members, stars.
        links: http(s) addresses that it points to; never media or weights.
        digests: published SHA-256 of weight files, lower-case hex.
        created: ISO 8601, UTC.
        updated: ISO 8601, UTC.

    Raises:
        CrawlError: names the field that is wrong.
    """

    id: str
    hub: str
    kind: Kind
    url: str
    title: str
    text: str
    author: str | None = None
    coordinate: str | None = None
    lang: str | None = None
    tags: tuple[str, ...] = ()
    flags: Mapping[str, bool | int | str] = field(default_factory=dict)
    reach: Mapping[str, int] = field(default_factory=dict)
    links: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    created: str | None = None
    updated: str | None = None

    def __post_init__(self) -> None:
        """Clean every text, then refuse what cannot be cleaned."""
        for name, value in _cleaned(self).items():
            object.__setattr__(self, name, value)
        _check(self)

    @property
    def text_digest(self) -> str:
        """SHA-256 of title, line feed, text, as UTF-8; lower-case hex."""
        return text_digest(self.title, self.text)

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Listing:
        """Read one row of a crawl file, strictly; a `text_digest` in it is checked.

        Raises:
            CrawlError: an unknown, missing or wrongly typed field; the message begins with its name.
        """
        known = {f.name: f for f in fields(cls)}
        told = {name: value for name, value in row.items() if name != "text_digest"}
        for name in told:
            if name not in known:
                raise CrawlError(f"{name[:80]}: unknown field")
        for name, its in known.items():
            if name not in told and its.default is MISSING and its.default_factory is MISSING:
                raise CrawlError(f"{name}: missing")
        made: dict[str, Any] = {name: typed(name, value) for name, value in told.items()}
        listing = cls(**made)
        if row.get("text_digest", listing.text_digest) != listing.text_digest:
            raise CrawlError("text_digest: is not the digest of this title and text")
        return listing

    def to_dict(self) -> dict[str, Any]:
        """Give the row of a crawl file: JSON types, fields in order, empty ones left out."""
        row = {f.name: getattr(self, f.name) for f in fields(self)}
        must = {"id", "hub", "kind", "url", "title", "text"}
        return {name: _plain(value) for name, value in row.items() if value or name in must}


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenAgain:
    """A listing that is as an earlier crawl file has it; only its reach is told anew."""

    id: str
    reach: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> SeenAgain:
        """Read one row of a crawl file, strictly.

        Raises:
            CrawlError: an unknown or wrong field.
        """
        if not row.keys() <= {"again", "reach"} or not is_listing_id(row["again"]):
            raise CrawlError("again: must be the id of a listing, with its reach and nothing else")
        return cls(id=row["again"], reach=_mapping("reach", row.get("reach", {})))


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A listing whose own page answered 404 or 410."""

    id: str
    status: int

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Gone:
        """Read one row of a crawl file, strictly.

        Raises:
            CrawlError: an unknown or wrong field.
        """
        if row.keys() != {"gone", "status"} or not is_listing_id(row["gone"]) or row["status"] not in (404, 410):
            raise CrawlError("gone: must be the id of a listing, with the status 404 or 410 and nothing else")
        return cls(id=row["gone"], status=row["status"])


def is_listing_id(value: object) -> bool:
    """Tell whether a value is `hub:ref`."""
    hub, colon, ref = value.partition(":") if isinstance(value, str) else ("", "", "")
    return bool(_HUB.fullmatch(hub) and colon and 0 < len(ref) <= LONGEST_REF and _is_token(ref))


def text_digest(title: str, text: str) -> str:
    """SHA-256 of title, line feed, text, as UTF-8; lower-case hex."""
    return hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()


def is_web_address(url: str) -> bool:
    """Tell whether an address is http or https, has a host, and no blank, control or half character."""
    if len(url) > LONGEST_ADDRESS or _NO_ADDRESS.search(url):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False


def moment(value: str) -> str:
    """Normalise an ISO 8601 date or time to UTC; without a zone it is UTC.

    Raises:
        CrawlError: it is no date.
    """
    if _MOMENT.fullmatch(value) and value[:4] != "0000":
        return value  # it is so already
    try:
        when = datetime.fromisoformat(value)
    except ValueError:
        raise CrawlError(f"not an ISO 8601 time: {value[:40]!r}") from None
    when = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    return when.isoformat(timespec="seconds").replace("+00:00", "Z")


def typed(name: str, value: object) -> object:
    """Check the JSON type of one field's value and give it the field's own type.

    Raises:
        CrawlError: it has another type; the message begins with the field's name.
    """
    if name == "kind":
        if value not in list(Kind):
            raise CrawlError(f"kind: must be one of {', '.join(Kind)}")
        return Kind(str(value))
    if name in ("tags", "links", "digests"):
        if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
            raise CrawlError(f"{name}: must be a list of strings")
        return tuple(value)
    if name in ("flags", "reach"):
        return _mapping(name, value)
    if value is None and name in ("author", "coordinate", "lang", "created", "updated"):
        return None
    if not isinstance(value, str):
        raise CrawlError(f"{name}: must be a string")
    return value


def _mapping(name: str, value: object) -> dict[str, Any]:
    allowed = (int,) if name == "reach" else (bool, int, str)
    if not isinstance(value, Mapping) or not all(type(one) in allowed for one in value.values()):
        raise CrawlError(f"{name}: must be an object of {'numbers' if name == 'reach' else 'flags'}")
    return dict(value)


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if isinstance(value, Mapping) else value


def _mend(text: str) -> str:
    return _BROKEN.sub("\ufffd", text)


def _cleaned(listing: Listing) -> dict[str, Any]:
    title, text = " ".join(_mend(listing.title).split()), _mend(listing.text)
    flags = {_mend(k): _mend(v) if isinstance(v, str) else v for k, v in listing.flags.items()}
    if len(title) > LONGEST_TITLE or len(text) > LONGEST_TEXT:
        flags["truncated"] = True
    made: dict[str, Any] = {"title": title[:LONGEST_TITLE].rstrip(), "text": text[:LONGEST_TEXT], "flags": flags}
    for name in ("author", "coordinate", "lang"):
        made[name] = _line(getattr(listing, name))
    made["tags"] = _unique(" ".join(_mend(tag).split())[:LONGEST_TITLE] for tag in listing.tags)[:MOST_TAGS]
    made["links"] = _unique(url for url in listing.links if is_web_address(url) and not is_refused_by_name(url))
    made["links"] = made["links"][:MOST_LINKS]
    made["digests"] = _unique(digest.lower() for digest in listing.digests)
    made["reach"] = {_mend(name): count for name, count in listing.reach.items()}
    return made


def _line(value: str | None) -> str | None:
    return None if value is None else " ".join(_mend(value).split())[:LONGEST_TITLE] or None


def _unique(values: Any) -> tuple[str, ...]:  # noqa: ANN401 - any iterable of strings
    return tuple(dict.fromkeys(value for value in values if value))


def _check(listing: Listing) -> None:
    hub = listing.id.partition(":")[0]
    if not is_listing_id(listing.id):
        raise CrawlError("id: must be hub:ref, without blanks or control characters")
    if hub != listing.hub:
        raise CrawlError(f"id: names the hub {hub}, the listing says {listing.hub[:40]!r}")
    if not is_web_address(listing.url) and (listing.url or hub != FILE_HUB):
        raise CrawlError("url: must be an http or https address with a host")
    if not all(_SHA256.fullmatch(digest) for digest in listing.digests):
        raise CrawlError("digests: must be SHA-256 in hex")
    if any(count < 0 for count in listing.reach.values()):
        raise CrawlError("reach: must not be negative")
    for name in ("created", "updated"):
        _check_moment(listing, name)


def _check_moment(listing: Listing, name: str) -> None:
    value: str | None = getattr(listing, name)
    try:
        object.__setattr__(listing, name, None if value is None else moment(value))
    except CrawlError as error:
        raise CrawlError(f"{name}: {error}") from None


def _is_token(ref: str) -> bool:
    return not _BROKEN.search(ref) and not _CONTROL.search(ref)
