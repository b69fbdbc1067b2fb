"""One export: who may have it is checked, the bytes are made, and the log says so before anybody gets them."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, cast

from blocklists.feed.consumerkey import NAME
from blocklists.feed.errors import FeedError
from blocklists.formats.frame.choosing import Choice
from blocklists.formats.frame.finding import find
from blocklists.formats.frame.form import Edition
from blocklists.ledger import chain, consumers, exports, publications, recommendations
from blocklists.ledger.consumers import Tier
from blocklists.ledger.errors import LedgerError
from blocklists.place import LOCAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from blocklists.feed.entry import Entry
    from blocklists.formats.frame.choosing import Refusal
    from blocklists.formats.frame.form import FolderFormat, Format
    from blocklists.ledger.book import Ledger
    from blocklists.ledger.exports import Export

Spool = tempfile.SpooledTemporaryFile[bytes]
_IN_MEMORY = 16 << 20  # bytes of a file; what is longer waits on disk, where nobody else can open it


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked for: a format, for whom, by whom, with which canaries, of which feed.

    Attributes:
        days: after how many days an entry is looked at again.
    """

    format: str
    consumer: str
    by: str
    feed: str
    canaries: Sequence[Entry] = ()
    days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """An export that the log holds: what it is, what it refused, its files in order.

    A format of one file has it under the empty name; `withheld` entries are in no plain export.
    """

    export: Export
    refusals: Sequence[Refusal]
    withheld: int
    files: Mapping[str, Spool]


def check_partner(ledger: Ledger, name: str, now: datetime) -> None:
    """Let those pass who may have plain formats: partners, and this house.

    Raises:
        LedgerError: it is somebody else, or nobody; says how they become one.
    """
    known = consumers.everybody(ledger, now).get(name)
    if known is None or known.revoked:
        what = f"was revoked on {known.revoked}" if known else "is nobody's name"
        raise LedgerError(f"consumer {name[:80]!a}: {what}; `delist consumer list` names everybody")
    if name != LOCAL and known.tier is not Tier.PARTNER:
        raise LedgerError(
            f"consumer {name}: is of tier {known.tier} and gets the keyed feed; plain formats go to partners "
            "(`delist consumer add NAME --tier partner`)"
        )


def export(ledger: Ledger, order: Order, *, now: datetime) -> Made:
    """Make an export of the version that was published last, and append a row to the log.

    Raises:
        LedgerError: the consumer may not have it, or nothing was published yet.
        TargetError: there is no such format.
        FeedError: the feed has a name that is none.
    """
    module = find(order.format)
    check_partner(ledger, order.consumer, now)
    if not NAME.fullmatch(order.feed):  # it stands in comments of the files
        raise FeedError(
            f"feed.name {order.feed[:80]!a}: a name is 1 to 63 of a-z, 0-9 and hyphen, a hyphen never first"
        )
    last = publications.last(ledger)
    if last is None:
        raise LedgerError(f"{ledger.path}: nothing is published yet; `delist publish` first")
    edition = Edition(
        feed=order.feed, consumer=order.consumer, version=last.version, at=datetime.fromisoformat(last.at)
    )
    before = exports.given(ledger, order.consumer, order.format)
    choice = Choice(
        ledger=ledger,
        module=module,
        before=before,
        invented=order.canaries,
        rests_on=recommendations.origins(ledger, order.feed),
        days=order.days,
    )
    files = _written(module, edition, choice)
    made = exports.Export(
        format=order.format,
        consumer=order.consumer,
        version=last.version,
        count=choice.count,
        refused=len(choice.refusals),
        canaries=choice.canaries,
        digest=_digest(files),
    )
    with ledger.write():
        exports.record(ledger, made, by=order.by, at=now.isoformat(timespec="seconds"))
    return Made(export=made, refusals=choice.refusals, withheld=choice.withheld, files=files)


def _written(module: Format | FolderFormat, edition: Edition, choice: Choice) -> dict[str, Spool]:
    files: dict[str, Spool] = {}
    if module.FORM.folder:
        for name, text in cast("FolderFormat", module).write(edition, choice):
            files[name] = _spool([text])
    else:
        files[""] = _spool(cast("Format", module).write(edition, choice))
    return files


def _spool(pieces: Iterable[str]) -> Spool:
    """Text as bytes; a lone surrogate, which no UTF-8 can hold, becomes its escape."""
    file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - the caller reads it
    for piece in pieces:
        file.write(piece.encode("utf-8", "backslashreplace"))
    file.seek(0)
    return file


def _digest(files: Mapping[str, Spool]) -> str:
    """SHA-256 of the bytes of a file; of a folder, of its files' names and digests as canonical JSON."""
    digests = {}
    for name, file in files.items():
        digests[name] = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
    return digests[""] if [*digests] == [""] else chain.digest_of(chain.canonical(digests))
