"""Records that were invented for one consumer: in its feed they look like every other, and tell whose copy leaked.

Their targets are random names that nobody can have (`.invalid`), known to the publisher alone. Action, label, relation
and dates are those of entries that are really listed. They are made once, and move only when a real entry would: when
their review date has passed.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from blocklists.feed.entry import Action, Entry, Relation
from blocklists.feed.errors import FeedError
from blocklists.feed.tags import entry_tag
from blocklists.feed.target import Target
from blocklists.ledger import chain, publications
from blocklists.publishing.keys import write_private

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from blocklists.feed.consumerkey import ConsumerKey
    from blocklists.ledger.book import Ledger

#: What a canary is like where nothing is listed yet.
_FIRST = {"action": "delist", "label": "nudify", "relation": "offers", "reason": "policy"}
_LATEST = 28  # days after its date within which a real entry is ruled on again


@dataclass(frozen=True, slots=True, kw_only=True)
class Canaries:
    """One consumer's: as entries, and their tags under every key that it ever had, by the key's fingerprint."""

    entries: tuple[Entry, ...]
    tags: Mapping[str, tuple[str, ...]]

    @property
    def digest(self) -> str:
        """What the log holds, so that it can be proved whose they were: SHA-256 of their targets."""
        return chain.digest_of(chain.canonical(sorted(str(entry.target) for entry in self.entries)))

    def under(self, key: ConsumerKey) -> Canaries:
        """With their tags under one more key."""
        tags = tuple(entry_tag(entry.target, key.tag_key).hex() for entry in self.entries)
        return replace(self, tags={**self.tags, key.fingerprint: tags})

    def renewed(self, today: date, days: int) -> Canaries:
        """With new dates in place of those that passed a while ago, as people would have given real entries."""
        return replace(self, entries=tuple(_renewed(entry, today, days) for entry in self.entries))


def invent(ledger: Ledger, count: int, *, today: date, days: int) -> Canaries:
    """Make canaries that are like the entries of the latest version.

    Args:
        ledger: where those are.
        count: how many.
        today: the day.
        days: after how many an entry is looked at again.
    """
    like = publications.some(ledger, count) or [
        ("invented.test/", {**_FIRST, "review_by": (today + timedelta(days=days)).isoformat()})
    ]
    return Canaries(entries=tuple(_like(*like[place % len(like)]) for place in range(count)), tags={})


def load(path: Path) -> Canaries | None:
    """A consumer's, if it has any.

    Raises:
        FeedError: the file is damaged.
    """
    if not path.exists():
        return None
    try:
        row = json.loads(path.read_bytes())
        entries = tuple(map(_read, row["entries"]))
        return Canaries(entries=entries, tags={key: tuple(tags) for key, tags in row["tags"].items()})
    except (ValueError, KeyError, TypeError, FeedError) as error:
        raise FeedError(f"{path}: damaged ({error}); restore it from a backup") from None


def save(path: Path, made: Canaries) -> None:
    """Keep a consumer's, readable by the owner only."""
    row = {"entries": [_row(entry) for entry in made.entries], "tags": {key: list(t) for key, t in made.tags.items()}}
    write_private(path, json.dumps(row, indent=1, sort_keys=True).encode() + b"\n")


def found_in(made: Canaries, data: bytes) -> dict[str, set[int]]:
    """Which of the canaries some bytes hold, by the key under which they were tagged; the key is empty for plain names.

    Tags count in hexadecimal of either case and as they are in a snapshot or a reader's table; half of one is enough.
    """
    lower, found = data.lower(), dict[str, set[int]]()
    for key, tags in made.tags.items():
        found[key] = {n for n, tag in enumerate(tags) if tag[:16].encode() in lower or bytes.fromhex(tag)[:8] in data}
    hosts = [(entry.target.host or "").encode() for entry in made.entries]
    found[""] = {n for n, host in enumerate(hosts) if host in lower}
    return {key: places for key, places in found.items() if places}


def _like(target: str, body: Mapping[str, Any]) -> Entry:
    """An entry on a name that nobody can have, with the path of a kind that the other has, and all else as it is."""
    host, _, path = target.partition("/") if Target.parse(target).host else ("", "", "x")
    parts = [secrets.token_hex(4) if part else "" for part in path.partition("?")[0].split("/")]
    query = f"?id={secrets.token_hex(4)}" if "?" in path else ""
    labels = [*(secrets.token_hex(3) for _ in range(max(0, host.count(".") - 1))), secrets.token_hex(16), "invalid"]
    return _entry(f"{'.'.join(labels)}/{'/'.join(parts)}{query}", body)


def _entry(target: str, body: Mapping[str, Any]) -> Entry:
    return Entry(
        target=Target.parse(target),
        action=Action(body["action"]),
        label=body["label"],
        relation=Relation(body["relation"]),
        reason=body["reason"],
        review_by=date.fromisoformat(body["review_by"]),
    )


def _row(entry: Entry) -> dict[str, str]:
    return {
        "target": str(entry.target),
        "action": entry.action.value,
        "label": entry.label,
        "relation": entry.relation.value,
        "reason": entry.reason,
        "review_by": entry.review_by.isoformat(),
    }


def _read(row: dict[str, str]) -> Entry:
    return _entry(row["target"], row)


def _renewed(entry: Entry, today: date, days: int) -> Entry:
    """One entry with a date that has not passed; by how much it passed before is its own, and always the same."""
    late = timedelta(days=int(chain.digest_of(f"{entry.target} {entry.review_by}")[:8], 16) % _LATEST)
    if today <= entry.review_by + late:
        return entry
    return replace(entry, review_by=entry.review_by + late + timedelta(days=days))
