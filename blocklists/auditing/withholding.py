"""Leaves `minor_abuse` listings out of the crawl files that named them, once they are screened and sealed.

A crawl file holds texts and addresses in clear for as long as its retention. What the ledger knows by a blind id only
is taken out of it at once; a later model judges the rest again, and these no more: people have them already.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from blocklists.ledger import blinding, chain
from crawler.withholding import named_in
from crawler.withholding import withhold as rewrite

if TYPE_CHECKING:
    from collections.abc import Iterable

    from blocklists.ledger.book import Ledger
    from crawler.crawlfile import Crawl

KIND = "withheld"
_SEALED = "SELECT count(*) AS n FROM seals WHERE listing >= ?1 || ':blind-' AND listing < ?1 || ':blind.'"


def withhold(ledger: Ledger, crawls: Iterable[Crawl]) -> int:
    """Take out of screened crawl files what is sealed; how many lines is returned.

    A file is read again only if more listings of its hub were sealed since.

    Raises:
        CrawlError: a crawl file is not what its record says.
        LedgerError: the ledger could not be written; run the same command again.
    """
    return sum(_withhold(ledger, crawl) for crawl in crawls if crawl.record is not None)


def _withhold(ledger: Ledger, crawl: Crawl) -> int:
    sealed = (ledger.row(_SEALED, [crawl.hub]) or {"n": 0})["n"]
    if not ledger.row("SELECT 1 FROM crawls WHERE digest = ? AND blind < ?", [crawl.identity, sealed]):
        return 0
    named = list(named_in(crawl))
    blind = blinding.called(ledger, dict.fromkeys(named))
    lines = sum(name in blind for name in named)
    now = rewrite(crawl, blind) if lines else crawl
    with ledger.write():
        ledger.db.execute("DELETE FROM crawls WHERE digest = ? AND digest <> ?", [now.identity, crawl.identity])
        ledger.db.execute(
            "UPDATE crawls SET digest = ?, blind = ? WHERE digest = ?", [now.identity, sealed, crawl.identity]
        )
        if lines:
            body = {"file": crawl.path.name, "was": crawl.digest, "now": now.digest, "lines": lines}
            at = datetime.now(UTC).isoformat(timespec="seconds")
            chain.append(ledger, kind=KIND, actor="delist screen", subject=crawl.hub, body=body, at=at)
    return lines
