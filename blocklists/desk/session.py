"""A person's session at the desk without its screen: which case is open, what was revealed, what was decided."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from blocklists.case.errors import RulingError
from blocklists.desk.breaks import Stretch
from blocklists.ledger import claims
from blocklists.triage import claiming, golden, reading, revealing, ruling

if TYPE_CHECKING:
    from collections.abc import Callable

    from blocklists.case.appeal import Outcome
    from blocklists.desk.outside import Asked, Outside
    from blocklists.triage.appealing import Answered
    from blocklists.triage.desk import Desk
    from blocklists.triage.reading import CaseFile, Count, Row
    from blocklists.triage.ruling import Proposal, Ruled

#: So much of the queue is shown.
SHOWN = 200
HIDEABLE = "minor_abuse"
_OTHERS = """
SELECT reviewer, count(*) AS n FROM claims WHERE until > ? AND reviewer <> ? GROUP BY reviewer ORDER BY reviewer
"""
_TERMS = """
SELECT members.case_id, verdicts.body FROM json_each(:cases) AS wanted
JOIN members ON members.listing = (SELECT min(listing) FROM members WHERE case_id = wanted.value)
JOIN listings ON listings.id = members.listing
JOIN verdicts ON verdicts.listing = listings.id AND verdicts.text_digest = listings.text_digest
"""
#: A lease is renewed by activity, not more often than this.
_RENEWED = timedelta(seconds=20)


_UNFILTERED = reading.Wanted(limit=SHOWN)


def wall_clock() -> datetime:
    """Now."""
    return datetime.now(UTC)


class Session:
    """What one person does from sitting down to leaving. Every act is checked, written and logged below."""

    def __init__(self, desk: Desk, clock: Callable[[], datetime] = wall_clock) -> None:
        self.clock = clock
        with desk.ledger.write():
            self._desk = replace(desk, now=clock()).signed_in()
        self.wanted = _UNFILTERED
        self.file: CaseFile | None = None
        self.telling: dict[str, list[dict[str, Any]]] = {}
        self.outside: Outside | None = None
        self.until = ""
        self.revealed: set[str] = set()
        self.decided: list[str] = []
        self.stretch = Stretch(since=clock())
        self._renewed = clock()

    @property
    def desk(self) -> Desk:
        """The desk, now."""
        return replace(self._desk, now=self.clock())

    def rows(self) -> list[Row]:
        """The queue as it is filtered."""
        wanted = replace(self.wanted, hides=self._hides())
        found = golden.seen_queue(self.desk.ledger, now=self.clock(), wanted=wanted, reader=self._desk.reviewer)
        if self.file is None or self.wanted != _UNFILTERED or self.file.row.case in {row.case for row in found}:
            return found
        return sorted([*found, self.file.row], key=lambda row: (row.due, row.case))  # what is open is in the queue

    def _hides(self) -> tuple[str, ...]:
        person = self._desk.person
        return (*self.wanted.hides, *self._desk.hides, *(person.hides if person else ()))

    def appeals(self) -> list[Asked]:
        """Every appeal that waits for an answer, the one that is due first at the top."""
        from blocklists.desk import outside  # noqa: PLC0415 - the desk opens without it

        return outside.waiting(self._desk.ledger, self._desk.reviewer, self.clock(), hides=self._hides())

    def counts(self) -> list[Count]:
        """The counts of every queue."""
        return golden.seen_counts(self.desk.ledger, now=self.clock(), reader=self._desk.reviewer)

    def others(self) -> dict[str, int]:
        """Who else is here: everybody with live claims, and how many."""
        rows = self.desk.ledger.rows(_OTHERS, [self.clock().isoformat(), self._desk.reviewer])
        return {row["reviewer"]: row["n"] for row in rows}

    def title_terms(self, cases: list[str]) -> dict[str, list[dict[str, Any]]]:
        """What the verdicts on the first listing of each case rest on, by which titles are masked."""
        found = dict[str, list[dict[str, Any]]]()
        for row in self.desk.ledger.rows(_TERMS, {"cases": json.dumps(cases)}):
            found.setdefault(row["case_id"], []).extend(json.loads(row["body"]).get("because", []))
        return found

    def open(self, case: str | None = None) -> CaseFile:
        """Claim and open a case, by default the most pressing free one; the open one is given back.

        Raises:
            RulingError: nothing is free, or somebody else holds it.
        """
        taken, until = claiming.claim(self.desk, case)
        self.give_back(but=taken)
        self.until, self._renewed = until, self.clock()
        file = self.file = self._read(taken)
        self.revealed = set()
        revealing.show(self.desk, file)
        return file

    def _read(self, case: str) -> CaseFile:
        from blocklists.desk import outside  # noqa: PLC0415 - the desk opens without it

        self.outside = outside.heard(self._desk.ledger, case, self._desk.reviewer, self.clock())
        self.telling = revealing.telling(self.desk.ledger, case)
        return reading.case_file(self.desk.ledger, case, now=self.clock(), reader=self._desk.reviewer)

    def look_again(self) -> None:
        """Read the open case anew, as it is now; what is new in it is masked."""
        if self.file is not None:
            before = {one.listing.id: one.listing.text_digest for one in self.file.members}
            self.file = self._read(self.file.row.case)
            now = {one.listing.id: one.listing.text_digest for one in self.file.members}
            self.revealed = {one for one in self.revealed if before.get(one) == now.get(one)}
            revealing.show(self.desk, self.file)

    def give_back(self, *, but: str = "") -> None:
        """Close the open case and give its claim back."""
        if self.file is not None and self.file.row.case != but:
            claiming.release(self.desk, self.file.row.case)
        self.file, self.revealed = None, set()

    def skip(self) -> str:
        """Give the open case back, and leave it to others for this session; which it was.

        Raises:
            RulingError: no case is open.
        """
        case = self.need().row.case
        self._desk = replace(self._desk, passes=(*self._desk.passes, case))
        self.give_back()
        return case

    def need(self) -> CaseFile:
        """The open case.

        Raises:
            RulingError: none is.
        """
        if self.file is None:
            raise RulingError("no case is open; n takes the next one")
        return self.file

    def reveal(self) -> str:
        """Reveal the next masked listing of the open case, or mask all again once none is left; which, empty for none.

        Raises:
            RulingError: no case is open, or its texts are withheld.
        """
        file = self.need()
        left = [one.listing.id for one in file.members if one.listing.id not in self.revealed]
        if not left:
            self.revealed = set()
            return ""
        revealing.reveal(self.desk, file.row.case, left[0])
        self.revealed.add(left[0])
        self.stretch = self.stretch.revealed()
        return left[0]

    def decide(self, proposal: Proposal, *, dry: bool) -> Ruled:
        """Rule on the open case as it was seen; dry, only say what that would do.

        Raises:
            RulingError: the policy forbids it, or the case changed meanwhile.
            TargetError: a target is protected.
        """
        done = ruling.decide(self.desk, proposal, dry=dry, seen=self.need())
        if not dry:
            self.decided.append(proposal.case)
            self.file, self.revealed = None, set()
        return done

    def answer(self, number: str, outcome: Outcome, reason: str, *, dry: bool) -> Answered:
        """Answer an appeal on the open case as it was seen; dry, only say what that would do.

        Raises:
            RulingError: it is not this person's to answer, the reason does not fit, or the case changed meanwhile.
        """
        from blocklists.triage import appealing  # noqa: PLC0415 - the desk opens without it

        done = appealing.answer(self.desk, number, outcome, reason, dry=dry, seen=self.need())
        if not dry:
            self.decided.append(done.case if done.decision else "")
            self.file, self.revealed = None, set()
        return done

    def undo(self) -> Ruled:
        """Take back the last ruling of this session, or this person's ruling on the open case; it is opened again.

        Raises:
            RulingError: there is none.
        """
        if not self.decided and self.file is None:
            raise RulingError("nothing was decided in this session; open a case to undo your ruling on it")
        case = self.decided[-1] if self.decided else self.need().row.case
        if not case:
            self.decided = self.decided[:-1]
            raise RulingError("your last act rejected an appeal, and that stays; u again takes back the ruling before")
        done = ruling.undo(self.desk, case)
        self.decided = self.decided[:-1]
        with suppress(RulingError):  # somebody else has it by now: the ruling is taken back all the same
            self.open(case)
        return done

    def renew(self) -> bool:
        """Renew the lease on the open case after activity; false when somebody else has taken it meanwhile."""
        if self.file is None or self.clock() - self._renewed < _RENEWED:
            return True
        try:
            _, self.until = claiming.claim(self.desk, self.file.row.case)
        except RulingError:
            self.file, self.revealed = None, set()
            return False
        self._renewed = self.clock()
        return True

    def lapsed(self) -> bool:
        """Whether the lease on the open case ran out."""
        held = self.file and claims.held_by(self.desk.ledger, self.file.row.case, now=self.clock())
        return self.file is not None and held != self._desk.reviewer

    def toggle_hidden(self) -> bool:
        """Hide the queue of minor_abuse in this session, or show it again; whether it is hidden now."""
        hidden = HIDEABLE not in self._desk.hides
        self._desk = replace(self._desk, hides=(HIDEABLE,) if hidden else ())
        return hidden

    def rested(self) -> None:
        """Begin a new stretch of work."""
        self.stretch = Stretch(since=self.clock())

    def due_break(self) -> str:
        """Why a break is due; empty while none is."""
        return self.stretch.over(self._desk.care, self.clock())

    def leave(self) -> None:
        """Give back what is still held from this desk."""
        self.give_back()
