"""Taking texts out of the ledger: what is left in their place, and that nothing of them stays in the file.

What was there is known by its digest; a row of the log says which digests stand for what is left, so that the evidence
still verifies. Verdicts are append-only; the pieces of text in them are taken out all the same, and so are the ids of
listings that nobody may know (blinding); nothing else is.
"""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

from blocklists.ledger import chain, migrations, verdicts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from blocklists.ledger.book import Ledger


@contextlib.contextmanager
def thorough(ledger: Ledger, *, compact: bool = False) -> Iterator[None]:
    """Let what is deleted meanwhile leave no bytes behind: overwritten in the file, the write-ahead log emptied.

    Args:
        ledger: whose file.
        compact: write the file anew as well, which leaves nothing of older changes either.

    Raises:
        LedgerError: somebody else holds the file for too long.
    """
    ledger.rows("PRAGMA secure_delete = ON")
    yield
    if compact:
        ledger.db.execute("VACUUM")
    ledger.rows("PRAGMA wal_checkpoint(TRUNCATE)")


def left(title: str, body: str) -> str:
    """The digest of a text as it is kept."""
    return chain.digest_of(f"{title}\n{body}")


def texts_of(ledger: Ledger, case: str) -> list[str]:
    """Every text that listings of a case have or had, by digest."""
    rows = ledger.rows(
        "SELECT text_digest FROM verdicts JOIN members USING (listing) WHERE case_id = ?1 "
        "UNION SELECT text_digest FROM listings JOIN members ON listings.id = listing WHERE case_id = ?1",
        [case],
    )
    return [row["text_digest"] for row in rows]


def replace_texts(ledger: Ledger, digests: Iterable[str], title: str) -> dict[str, str]:
    """Take texts out inside the caller's transaction, a word in their place; digests before, and of what is left."""
    done = {}
    for digest in dict.fromkeys(digests):
        changed = ledger.db.execute(
            "UPDATE texts SET title = ?1, body = '' WHERE digest = ?2 AND (title, body) <> (?1, '')", [title, digest]
        )
        if changed.rowcount:
            done[digest] = left(title, "")
    return done


def silence_verdicts(
    ledger: Ledger, listings: Iterable[str], change: Callable[[str], str] = lambda _: ""
) -> dict[str, str]:
    """Take the pieces of text out of the verdicts on some listings, or change them; their digests before and after.

    Where the pieces lie in the text stays, and so does every score.
    """
    done = {}
    with unprotected(ledger, "verdicts"):
        for listing in dict.fromkeys(listings):
            for row in ledger.rows("SELECT text_digest, model, body FROM verdicts WHERE listing = ?", [listing]):
                body = json.loads(row["body"])
                spans = [span for span in body["because"] if "text" in span]
                before = [span["text"] for span in spans]
                for span in spans:
                    span["text"] = change(span["text"])
                if (after := [span["text"] for span in spans]) != before:
                    key = (listing, row["text_digest"], row["model"])
                    ledger.db.execute(_SILENCED, [json.dumps(body), *key])
                    done[verdicts.pieces_of(*key, before)] = verdicts.pieces_of(*key, after)
    return done


_SILENCED = "UPDATE verdicts SET body = ? WHERE listing = ? AND text_digest = ? AND model = ?"


@contextlib.contextmanager
def unprotected(ledger: Ledger, table: str) -> Iterator[None]:
    """Let rows of an append-only table be changed, inside the caller's transaction and nowhere else."""
    ledger.db.execute(f"DROP TRIGGER {table}_no_update")
    ledger.db.execute(f"DROP TRIGGER {table}_no_delete")
    yield
    migrations.protect(ledger.db, table)
