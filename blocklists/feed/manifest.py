"""The small signed file that vouches for everything else in a feed: read strictly, written in one form."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

from blocklists.feed.consumerkey import NAME
from blocklists.feed.errors import FeedError
from blocklists.feed.fields import DIGEST, FILE_NAME, FINGERPRINT, HELP, KEY_ID, PUBLIC_LINE, Fields
from blocklists.feed.minisign import PublicKey

FORMAT: Final = "delist-feed/1"
#: Fields beyond the format's own that this reader understands; a critical one outside is a reason to refuse.
UNDERSTOOD: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """What the manifest says about one file."""

    length: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A delta that the manifest offers: from version `base` to `version`, in the file `name`."""

    base: int
    version: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """The head of the publisher's log: how many rows, and the hash that stands for all of them."""

    size: int
    head: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Successor:
    """The key that will sign next, as minisign's base64 line: from when on it signs, until when the old one counts."""

    key: str
    signs_from: datetime
    old_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One version of one consumer's feed.

    Attributes:
        feed: the publisher's name for it; the same in every version.
        consumer: whose feed.
        version: rises by one with every publication.
        generated, expires: from when to when it may be fetched; UTC, whole seconds.
        max_age: seconds from `generated` during which a reader that cannot reach the feed may go on with it.
        key_id: minisign's name of the key that signed.
        suffixes, taxonomy: versions of the Public Suffix List and of the labels that it was made with.
        files: every file of this version by name.
        snapshot, retractions: names of two of the files; deltas: more of them, one for each base.
        checksum: SHA-256 of the snapshot, whichever way a reader came to it.
        entries: how many records the snapshot holds.
        previous: SHA-256 of the manifest of the version before; None in the first that this consumer gets.
        log: the head of the publisher's log.
        critical: names of further fields that a reader must understand.
        tag_key: fingerprint of the tag key that the tags were made with; None in a manifest that does not say.
        retires: when this tag key's feed ends; None while no other key has taken its place.
        next_key: the signing key that will follow, announced while the present one still signs.
        terms: name of the file of query terms, None where there are none.
        help: the address of a page where people who search for them are sent, if there is one.
    """

    feed: str
    consumer: str
    version: int
    generated: datetime
    expires: datetime
    max_age: int
    key_id: str
    suffixes: str
    taxonomy: str
    files: dict[str, File]
    snapshot: str
    retractions: str
    deltas: tuple[Step, ...]
    checksum: str
    entries: int
    previous: str | None
    log: Log
    critical: tuple[str, ...] = field(default=())
    tag_key: str | None = None
    retires: datetime | None = None
    next_key: Successor | None = None
    terms: str | None = None
    help: str | None = None

    @property
    def useful_until(self) -> datetime:
        """Until when a reader that cannot reach the feed may go on with this version."""
        return self.generated + timedelta(seconds=self.max_age)

    def to_bytes(self) -> bytes:
        """Canonical JSON: sorted keys, no spaces, ASCII, one newline at the end."""
        row: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        row |= {"format": FORMAT, "generated": written(self.generated), "expires": written(self.expires)}
        row["files"] = {name: {"length": f.length, "sha256": f.sha256} for name, f in self.files.items()}
        row["deltas"] = [{"base": d.base, "name": d.name, "version": d.version} for d in self.deltas]
        row["log"] = {"size": self.log.size, "head": self.log.head}
        row["retires"] = self.retires and written(self.retires)
        row["next_key"] = self.next_key and _announced(self.next_key)
        row = {name: value for name, value in row.items() if value is not None or name not in _OPTIONAL}
        return json.dumps(row, sort_keys=True, separators=(",", ":")).encode("ascii") + b"\n"

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read strictly: unknown fields are ignored unless `critical` names them.

        Raises:
            FeedError: names the field that is missing, of another type, or contradicts another.
        """
        row = Fields.load(data)
        if (form := row.text("format")) != FORMAT:
            raise FeedError(f"manifest: format is {form!r}, this reader knows {FORMAT!r}")
        if unknown := [name for name in row.texts("critical") if name not in UNDERSTOOD]:
            raise FeedError(f"manifest: critical field {unknown[0]!r} is not understood; update the reader")
        made = cls._of(row)
        made._check()  # noqa: SLF001 - its own class
        return made

    @classmethod
    def _of(cls, row: Fields) -> Self:
        log = row.inner("log")
        return cls(
            feed=row.text("feed", NAME),
            consumer=row.text("consumer", NAME),
            version=row.number("version", least=1),
            generated=row.time("generated"),
            expires=row.time("expires"),
            max_age=row.number("max_age"),
            key_id=row.text("key_id", KEY_ID),
            suffixes=row.text("suffixes"),
            taxonomy=row.text("taxonomy"),
            files={name: _file(row.inner("files"), name) for name in row.inner("files").names(FILE_NAME)},
            snapshot=row.text("snapshot"),
            retractions=row.text("retractions"),
            deltas=tuple(map(_step, row.rows("deltas"))),
            checksum=row.text("checksum", DIGEST),
            entries=row.number("entries"),
            previous=row.text_or_none("previous", DIGEST),
            log=Log(size=log.number("size"), head=log.text("head", DIGEST)),
            critical=row.texts("critical"),
            tag_key=row.text("tag_key", FINGERPRINT) if "tag_key" in row.row else None,
            retires=row.time("retires") if "retires" in row.row else None,
            next_key=_successor(row.inner("next_key")) if "next_key" in row.row else None,
            terms=row.text("terms", FILE_NAME) if "terms" in row.row else None,
            help=row.text("help", HELP) if "help" in row.row else None,
        )

    def _check(self) -> None:
        """What must hold between fields."""
        named = [self.snapshot, self.retractions, *(step.name for step in self.deltas)]
        for name in [*named, self.terms] if self.terms is not None else named:
            if name not in self.files:
                raise FeedError(f"manifest: file {name!r} is named and not in files")
        if any(not step.base < step.version == self.version for step in self.deltas):
            raise FeedError(f"manifest: a delta in deltas does not lead up to version {self.version}")
        if not self.generated < self.expires <= self.useful_until:
            raise FeedError("manifest: generated, expires and the end of max_age do not follow one another")
        if self.previous is not None and self.version == 1:
            raise FeedError("manifest: previous is there in version 1")
        if self.next_key and not self.next_key.signs_from <= self.next_key.old_until:
            raise FeedError("manifest: next_key signs from a moment after the old one ends")


#: Fields that are left out where there is nothing to say.
_OPTIONAL: Final = frozenset({"tag_key", "retires", "next_key", "terms", "help"})


def written(moment: datetime) -> str:
    """A moment as the feed writes it: UTC, whole seconds, `Z`."""
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def _file(files: Fields, name: str) -> File:
    inner = files.inner(name)
    return File(length=inner.number("length"), sha256=inner.text("sha256", DIGEST))


def _step(row: Fields) -> Step:
    return Step(base=row.number("base", least=1), version=row.number("version", least=1), name=row.text("name"))


def _announced(key: Successor) -> dict[str, str]:
    return {"key": key.key, "from": written(key.signs_from), "old_until": written(key.old_until)}


def _successor(row: Fields) -> Successor:
    line = row.text("key", PUBLIC_LINE)
    try:
        PublicKey.parse(line)
    except FeedError as error:
        raise FeedError(f"manifest: field next_key.key: {error}") from None
    return Successor(key=line, signs_from=row.time("from"), old_until=row.time("old_until"))
