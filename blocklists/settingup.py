"""Makes what a new operator needs where it is missing: configuration, private folders, ledger, keys."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from blocklists.ledger import chain, consumers, publications, signing
from blocklists.ledger.book import open_at
from blocklists.ledger.errors import LedgerError
from blocklists.place import LOCAL
from blocklists.publishing import exposing
from blocklists.publishing.press import Press
from blocklists.publishing.signing import signing as feed_signing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from blocklists.ledger.book import Ledger
    from blocklists.place import Place


def set_up(place: Place, text: str | None) -> Iterator[Path]:
    """Make what is missing, and yield each path that was made; what is there is not touched.

    Args:
        place: where.
        text: the configuration, where there is none.

    Raises:
        ConfigurationError: the configuration that is there is refused; nothing else was made.
        LedgerError, FeedError: a ledger or key that is there is none.
        OSError: a file or folder cannot be made.
    """
    if text is not None and _written(place.config, text):
        yield place.config
    press = Press.of(place)  # reads the configuration
    for folder in (place.var, place.keys, place.crawls, place.logs, place.feeds):
        if not folder.exists():
            folder.mkdir(mode=0o700, parents=True)
            yield folder
    files = (place.ledger, *_keys(place))
    before = {path for path in files if path.exists()}
    with open_at(place) as ledger, exposing.only_one(place.feeds):
        _refuse_lost(place, ledger)
        signing.key(ledger.path)
        now = datetime.now(UTC)
        lines = feed_signing(ledger, place.keys, now).lines
        press.key_files.of(consumers.everybody(ledger, now)[LOCAL], lines)
    yield from (path for path in files if path not in before)


def _refuse_lost(place: Place, ledger: Ledger) -> None:
    """Make no key in place of one that has signed something, and is lost.

    Raises:
        LedgerError: says which.
    """
    signed = {"log.key": chain.head(ledger)[0], "feed.key": publications.last(ledger)}
    for name, something in signed.items():
        if something and not (place.keys / name).exists():
            raise LedgerError(
                f"{place.keys / name}: is missing, and has signed what is there; put it back from a backup "
                "(docs/scale.md says what is lost without it)"
            )


def _keys(place: Place) -> tuple[Path, ...]:
    names = ("log.key", "log.pub", "feed.key", "feed.pub")
    return (*(place.keys / name for name in names), place.key_file())


def _written(path: Path, text: str) -> bool:
    """Write a file that is not there yet, whole or not at all; false where somebody was quicker."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("x", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)  # unlike a rename, it replaces nothing
    except FileExistsError:
        return False
    finally:
        draft.unlink(missing_ok=True)
    return True
