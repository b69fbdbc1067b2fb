"""Appeals in the log: opened, proved, answered, a row each; read back as the rules know them."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from blocklists.case.appeal import UNANSWERED, Answer, Appeal, Method, Outcome, state_of
from blocklists.case.errors import RulingError
from blocklists.ledger import chain, decisions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from blocklists.ledger.book import Ledger

KIND = "appeal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plea:
    """What somebody asks: `about` is a case, a report's number or what is listed; `owner` says that it is theirs."""

    about: str
    reason: str
    contact: str = ""
    owner: bool = False


def add(ledger: Ledger, number: str, plea: Plea, *, at: str) -> Appeal:
    """Open an appeal about a case inside the caller's transaction; what was written is kept beside the log."""
    body = {
        "act": "opened",
        "appeal": number,
        "owner": plea.owner,
        "reason": chain.remember(ledger, plea.reason),
        "contact": chain.remember(ledger, plea.contact),
    }
    row = chain.append(ledger, kind=KIND, actor="delist appeal", subject=plea.about, body=body, at=at)
    ledger.db.execute("INSERT INTO appeals VALUES (?, ?, ?)", [number, row, plea.about])
    return _opened(row, plea.about, at, body)


def prove(ledger: Ledger, appeal: Appeal, method: Method, host: str, *, at: str) -> None:
    """Note, inside the caller's transaction, that ownership was proved, how, and of what."""
    body = {"act": "proved", "appeal": appeal.number, "method": method.value, "host": host}
    chain.append(ledger, kind=KIND, actor="delist appeal", subject=appeal.case, body=body, at=at)


def answer(ledger: Ledger, appeal: Appeal, said: Answer, *, by: str, at: str) -> None:
    """Note, inside the caller's transaction, how a person answered."""
    body = {
        "act": "answered",
        "appeal": appeal.number,
        "outcome": said.outcome.value,
        "reason": said.reason,
        "decision": said.decision,
    }
    chain.append(ledger, kind=KIND, actor=by, subject=appeal.case, body=body, at=at)


def get(ledger: Ledger, number: str) -> Appeal:
    """One appeal by its number.

    Raises:
        RulingError: there is none.
    """
    row = ledger.row("SELECT case_id FROM appeals WHERE number = ?", [number])
    found = [appeal for appeal in of_case(ledger, row["case_id"]) if appeal.number == number] if row else []
    if not found:
        raise RulingError(f"appeal {number[:40]!a}: no such number; `delist appeal open` gives one, A- and ten signs")
    return found[0]


def of_case(ledger: Ledger, case: str) -> list[Appeal]:
    """Every appeal on one case, oldest first."""
    return _read(ledger.rows(f"{_SELECT} AND subject = ? ORDER BY number", [KIND, case]))


def every(ledger: Ledger) -> list[Appeal]:
    """Every appeal, oldest first."""
    return _read(ledger.rows(f"{_SELECT} ORDER BY number", [KIND]))


def written(ledger: Ledger, appeal: Appeal) -> str | None:
    """What the appellant wrote, unless it was erased."""
    row = ledger.row("SELECT text FROM remarks WHERE digest = ?", [appeal.reason])
    return row["text"] if row else None


def unanswered(ledger: Ledger, case: str) -> list[Appeal]:
    """The appeals on one case that somebody has to decide, oldest first."""
    found = of_case(ledger, case)
    made = decisions.of_case(ledger, case) if found else []
    return [appeal for appeal in found if state_of(appeal, made) in UNANSWERED]


_SELECT = "SELECT number, at, subject, body FROM log WHERE kind = ?"


def _read(rows: Iterable[dict[str, Any]]) -> list[Appeal]:
    found: dict[str, Appeal] = {}
    for row in rows:
        body = json.loads(row["body"])
        number = body["appeal"]
        if body["act"] == "opened":
            found[number] = _opened(row["number"], row["subject"], row["at"], body)
        elif body["act"] == "proved":
            found[number] = replace(found[number], proved=Method(body["method"]), host=body["host"])
        else:
            found[number] = replace(found[number], answers=(*found[number].answers, _answer(body)))
    return list(found.values())


def _opened(row: int, case: str, at: str, body: dict[str, Any]) -> Appeal:
    told = {name: body[name] for name in ("owner", "reason", "contact")}
    return Appeal(number=body["appeal"], case=case, row=row, at=at, **told)


def _answer(body: dict[str, Any]) -> Answer:
    return Answer(outcome=Outcome(body["outcome"]), reason=body["reason"], decision=body["decision"])
