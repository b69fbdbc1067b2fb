"""One ruling on many cases: counted first, then only exactly that many, each a decision of its own, all or none."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocklists.case.errors import RulingError
from blocklists.feed.errors import TargetError
from blocklists.ledger import chain
from blocklists.triage import reading
from blocklists.triage.ruling import Proposal, rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from blocklists.case.policy import Ruling
    from blocklists.triage.desk import Desk
    from blocklists.triage.reading import Row, Wanted
    from blocklists.triage.ruling import Ruled

KIND = "bulk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to rule, on which cases; each keeps its own label and publishes its listings' own addresses."""

    ruling: Ruling
    reason: str
    wanted: Wanted

    def on(self, case: str) -> Proposal:
        """The proposal for one of them."""
        return Proposal(case=case, ruling=self.ruling, reason=self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What an order would do.

    Attributes:
        cases: how many it reaches.
        most: how many one order may reach.
        ruled: what would be decided on each, where they are few enough.
        refused: the cases that stand in the way of all others, each with why.
    """

    cases: int
    most: int
    ruled: tuple[Ruled, ...] = ()
    refused: tuple[str, ...] = ()


def count(desk: Desk, order: Order) -> Count:
    """Say what an order would do, and write nothing.

    Raises:
        RulingError: a case of minor_abuse is among them, or this person may not rule.
    """
    with desk.ledger.write():
        desk = desk.signed_in()
        rows, most = _reached(desk, order), desk.policy.bulk_at_once
        ruled, refused = [], []
        for row in rows if len(rows) <= most else ():
            try:
                ruled.append(rule(desk, order.on(row.case), dry=True))
            except (RulingError, TargetError) as error:
                refused.append(_named(row.case, str(error)))
    return Count(cases=len(rows), most=most, ruled=tuple(ruled), refused=tuple(refused))


def _named(case: str, why: str) -> str:
    return why if case in why else f"case {case}: {why}"


def rule_all(desk: Desk, order: Order, *, expect: int) -> list[Ruled]:
    """Rule on every case that an order reaches, if they are as many as was counted; one refusal refuses all.

    Raises:
        RulingError: they are more, fewer or too many; one is of minor_abuse; or one of them cannot be ruled on so.
    """
    with desk.ledger.write():
        desk = desk.signed_in()
        rows, most = _reached(desk, order), desk.policy.bulk_at_once
        if len(rows) != expect:
            raise RulingError(f"{len(rows)} cases, not the {expect} that were counted; count again, nothing is decided")
        if expect > most:
            raise RulingError(f"{expect} cases, {most} at most in one bulk ruling; narrow it, nothing is decided")
        body = {"ruling": order.ruling.value, "reason": order.reason, "cases": len(rows)}
        chain.append(desk.ledger, kind=KIND, actor=desk.reviewer, subject=KIND, body=body, at=desk.at)
        return [_rule(desk, order, row.case) for row in rows]


def _rule(desk: Desk, order: Order, case: str) -> Ruled:
    try:
        return rule(desk, order.on(case))
    except (RulingError, TargetError) as error:
        raise RulingError(f"{_named(case, str(error))}; nothing is decided") from None


_CALLED_WORST = """
SELECT count(DISTINCT subject) AS n FROM log WHERE kind = 'decision' AND json_extract(body, '$.label') = 'minor_abuse'
AND subject IN (SELECT value FROM json_each(?))
"""


def _reached(desk: Desk, order: Order) -> Sequence[Row]:
    """The cases that an order reaches, none of minor_abuse among them, by the model's word or by anybody's."""
    rows = reading.queue(desk.ledger, now=desk.now, wanted=order.wanted)
    worst = sum(row.label == "minor_abuse" for row in rows)
    called = desk.ledger.row(_CALLED_WORST, [json.dumps([row.case for row in rows if row.label != "minor_abuse"])])
    worst += called["n"] if called else 0
    if worst:
        raise RulingError(f"{worst} of {len(rows)} cases are minor_abuse, never ruled in bulk; narrow it with --label")
    return rows
