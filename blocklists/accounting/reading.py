"""Reads from the ledger what was known at the end of a period; rows that came later are left out."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from blocklists.accounting.facts import SIGNAL, TOLD, Acknowledged, Asked, Change, Crawled, Facts, Joined, Told
from blocklists.case.presence import How, Look
from blocklists.case.signals import LABEL
from blocklists.ledger import acknowledgements, appeals, consumers, golden, publications, reports
from blocklists.place import LOCAL
from blocklists.triage.quality import histories

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blocklists.accounting.period import Period
    from blocklists.case.appeal import Appeal
    from blocklists.case.quality import History
    from blocklists.ledger.book import Ledger

_SPIDER = re.compile(r"[a-z][a-z0-9_]{0,40}")
#: What is kept of hubs that are no spider's: whatever a file has called itself.
OTHER = "other"


def read(ledger: Ledger, period: Period) -> Facts:
    """Everything that a report is counted from."""
    end = period.end.isoformat()
    asked = {row["case_id"]: _asked(row) for row in ledger.rows(_ASKED, [end])}
    return Facts(
        asked=asked,
        crawls=tuple(_crawled(row) for row in ledger.rows(_CRAWLS, [end])),
        joined=tuple(_joined(row) for row in ledger.rows(_JOINED, [end])),
        histories={case: history for history in histories(ledger) for case, history in _known(history, asked, period)},
        changes=tuple(_changes(ledger, end)),
        published={int(row["subject"]): row["at"] for row in _log(ledger, publications.KIND, end)},
        looks={listing: tuple(found) for listing, found in _looks(ledger, end)},
        told=tuple(_told(row) for row in _log(ledger, reports.KIND, end)),
        appeals=tuple(_appeals(ledger, period)),
        marked=_marked(ledger, end),
        answers=tuple(one for one in golden.every_answer(ledger) if not period.precedes(one.at)),
        acknowledged=tuple(_acknowledged(row) for row in _log(ledger, acknowledgements.KIND, end)),
        given=_given(ledger, end),
    )


def last_row(ledger: Ledger, period: Period) -> tuple[int, str]:
    """The number and hash of the last row of the log before the end of the period."""
    sql = "SELECT number, hash FROM log WHERE at < ? ORDER BY number DESC LIMIT 1"
    row = ledger.row(sql, [period.end.isoformat()])
    return (row["number"], row["hash"]) if row else (0, "")


_ASKED = """
SELECT members.case_id, cases.opened_at, verdicts.label, verdicts.band, min(verdicts.model) AS model FROM members
JOIN cases ON cases.id = members.case_id JOIN verdicts ON verdicts.listing = members.listing
WHERE joined_by = 'opened it' AND opened_at < ?1
AND verdicts.at = (SELECT min(at) FROM verdicts AS first WHERE first.listing = members.listing)
GROUP BY members.case_id ORDER BY members.case_id
"""
_CRAWLS = "SELECT * FROM crawls WHERE started < ? ORDER BY started, digest"
_JOINED = """
SELECT members.listing, listings.hub, joined_at, joined_by, listings.first_seen,
    first.label, first.band,
    lag(listings.hub) OVER (PARTITION BY members.case_id ORDER BY joined_at, hub, members.listing) AS before
FROM members JOIN listings ON listings.id = members.listing
LEFT JOIN verdicts AS first ON (first.listing, first.text_digest, first.model) = (SELECT listing, text_digest, model
    FROM verdicts WHERE verdicts.listing = members.listing ORDER BY at, model, text_digest LIMIT 1)
WHERE joined_at < ? ORDER BY joined_at, members.listing
"""
_LOG = "SELECT number, at, actor, subject, body FROM log WHERE kind = ? AND at < ? ORDER BY number"
_LOOKS = "SELECT listing, at, how FROM presences WHERE at < ? ORDER BY listing, at, number"
_CHANGES = """
SELECT version, change, target, entries.body, log.at FROM entries
JOIN log ON log.kind = 'publication' AND log.subject = CAST(version AS TEXT) WHERE log.at < ? ORDER BY entries.number
"""


def _log(ledger: Ledger, kind: str, end: str) -> list[dict[str, Any]]:
    rows = ledger.rows(_LOG, [kind, end])
    return [row | {"body": json.loads(row["body"])} for row in rows]


def _hub(name: str) -> str:
    return name if _SPIDER.fullmatch(name) else OTHER


def _asked(row: dict[str, Any]) -> Asked:
    if row["model"] == "none":
        return Asked(label=row["label"], band=TOLD, opened=row["opened_at"])
    if row["band"] == "clear":
        return Asked(label=LABEL, band=SIGNAL, opened=row["opened_at"])
    return Asked(label=row["label"], band=row["band"], opened=row["opened_at"])


def _crawled(row: dict[str, Any]) -> Crawled:
    found = row["found"] if row["found"] is not None else row["listings"]
    return Crawled(
        hub=_hub(row["hub"]),
        at=row["started"],
        screened=row["screened_at"],
        complete=bool(row["complete"]),
        seen=found,
        judged=row["listings"],
        flagged=row["flagged"],
    )


def _joined(row: dict[str, Any]) -> Joined:
    label = LABEL if row["band"] == "clear" else row["label"]
    return Joined(
        listing=row["listing"],
        hub=_hub(row["hub"]),
        label=label or LABEL,
        at=row["joined_at"],
        by=row["joined_by"],
        before=_hub(row["before"]) if row["before"] else None,
        first_seen=row["first_seen"],
    )


def _known(history: History, asked: dict[str, Asked], period: Period) -> Iterator[tuple[str, History]]:
    """A case's history as it was at the end of the period, under what the case was taken for."""
    said = tuple(one for one in history.decisions if not period.precedes(one.at))
    if said and said[0].case in asked:
        events = tuple(event for event in history.reopenings if not period.precedes(event.at))
        label = asked[said[0].case].label
        yield said[0].case, replace(history, label=label, decisions=said, reopenings=events)


def _changes(ledger: Ledger, end: str) -> Iterator[Change]:
    """What came and went; of a removal label and action are those with which the entry had come."""
    listed: dict[str, dict[str, str]] = {}
    for row in ledger.rows(_CHANGES, [end]):
        body, came = json.loads(row["body"]), row["change"] == "add"
        of = body if came else listed.get(row["target"], {})
        if came:
            listed[row["target"]] = body
        yield Change(
            came=came,
            target=row["target"],
            case=body["case"],
            label=of.get("label", ""),
            action=of.get("action", ""),
            reason=body["reason"],
            version=row["version"],
            at=row["at"],
        )


def _looks(ledger: Ledger, end: str) -> Iterator[tuple[str, list[Look]]]:
    for listing, rows in groupby(ledger.rows(_LOOKS, [end]), key=lambda row: str(row["listing"])):
        yield listing, [Look(at=row["at"], how=How(row["how"])) for row in rows]


def _told(row: dict[str, Any]) -> Told:
    body = row["body"]
    return Told(number=row["number"], case=row["subject"], who=body["who"], category=body["category"], at=row["at"])


def _appeals(ledger: Ledger, period: Period) -> Iterator[tuple[Appeal, tuple[tuple[int, str], ...]]]:
    """Appeals with the answers that there were, and in which row and when each was given."""
    given: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for row in _log(ledger, appeals.KIND, period.end.isoformat()):
        if row["body"]["act"] == "answered":
            given[row["body"]["appeal"]].append((row["number"], row["at"]))
    for appeal in appeals.every(ledger):
        if not period.precedes(appeal.at):
            rows = tuple(given[appeal.number])
            yield replace(appeal, answers=appeal.answers[: len(rows)]), rows


def _marked(ledger: Ledger, end: str) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for row in _log(ledger, golden.KIND, end):
        if row["body"]["ruling"]:
            found[row["subject"]] = (row["body"]["ruling"], row["body"]["label"])
        else:
            found.pop(row["subject"], None)
    return found


def _acknowledged(row: dict[str, Any]) -> Acknowledged:
    return Acknowledged(consumer=row["subject"], version=row["body"]["version"], at=row["at"])


def _given(ledger: Ledger, end: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in _log(ledger, consumers.KIND, end):
        if row["subject"] == LOCAL:
            continue
        if row["body"]["change"] == "revoke":
            found.pop(row["subject"], None)
        else:
            found.setdefault(row["subject"], row["at"])
    return found
