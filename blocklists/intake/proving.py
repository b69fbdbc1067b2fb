"""Checks that an appellant owns what is listed: looks for the token that they were given where an owner can put it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocklists.case.appeal import UNANSWERED, Method, state_of
from blocklists.intake import resolving, secret
from blocklists.intake.errors import IntakeError, ProofError, UnreachedError
from blocklists.intake.fetching import fetch
from blocklists.intake.spots import PREFIX, spots_of
from blocklists.ledger import appeals, decisions, queue

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from blocklists.case.appeal import Appeal
    from blocklists.intake.fetching import Way
    from blocklists.intake.spots import Spot
    from blocklists.ledger.book import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """What was proved, and how."""

    number: str
    method: Method
    of: str


def prove(ledger: Ledger, number: str, method: Method, way: Way, now: datetime) -> Proved:
    """Look for an appeal's token, and note that ownership is proved once it is found.

    Raises:
        RulingError: there is no such appeal.
        ProofError: the token is not there.
        UnreachedError: nobody answered.
        IntakeError: this appeal has nothing to prove.
    """
    appeal = appeals.get(ledger, number)
    if appeal.proved and appeal.host:
        return Proved(number=number, method=appeal.proved, of=appeal.host)
    spots = _provable(ledger, appeal, method)
    found = _found(spots, method, way, f"{PREFIX}{secret.challenge(ledger, number)}")
    with ledger.write():
        if appeals.get(ledger, number).proved is None:
            appeals.prove(ledger, appeal, method, found.of, at=now.isoformat(timespec="seconds"))
    return Proved(number=number, method=method, of=found.of)


def _provable(ledger: Ledger, appeal: Appeal, method: Method) -> list[Spot]:
    if not appeal.owner:
        raise IntakeError(f"appeal {appeal.number}: was not opened by an owner; open one with --owner")
    if state_of(appeal, decisions.of_case(ledger, appeal.case)) not in UNANSWERED:
        raise IntakeError(f"appeal {appeal.number}: is answered; `delist appeal status` says how")
    published = queue.stands(ledger, appeal.case).published
    every = spots_of(published.targets) if published else ()
    spots = [spot for spot in every if method is Method.FILE or spot.record]
    if not spots:
        raise IntakeError(f"appeal {appeal.number}: ownership of what it is about cannot be proved by {method}")
    return spots


def _found(spots: Iterable[Spot], method: Method, way: Way, wanted: str) -> Spot:
    """The first place that holds the token; else what was wrong, where nothing was only out of reach."""
    refused: list[IntakeError] = []
    for spot in spots:
        try:
            _look(spot, method, way, wanted)
        except IntakeError as error:
            refused.append(error)
        else:
            return spot
    raise next((error for error in refused if not isinstance(error, UnreachedError)), refused[0])


def _look(spot: Spot, method: Method, way: Way, wanted: str) -> None:
    where = spot.record if method is Method.DNS and spot.record else spot.url
    lines = resolving.texts(way.resolver, where) if method is Method.DNS else fetch(where, way).splitlines()
    said = [line.strip() for line in lines]
    if wanted not in said:
        other = any(line.startswith(PREFIX) for line in said)
        what = "holds the token of another appeal" if other else f"does not hold {PREFIX}TOKEN"
        raise ProofError(f"{where}: {what}; place this appeal's own")
