"""Shows masked texts and verdicts to a person: each sight is a row of the log, which holds no text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from blocklists.case.errors import RulingError
from blocklists.ledger import chain, claims
from blocklists.triage.reading import case_file

if TYPE_CHECKING:
    from blocklists.ledger.book import Ledger
    from blocklists.triage.desk import Desk
    from blocklists.triage.reading import CaseFile, Member

REVEAL, SHOWN = "reveal", "shown"
_WITHHELD = "minor_abuse"
_SHOWN_BEFORE = """
SELECT 1 FROM log WHERE kind = :shown AND subject = :case AND actor = :actor
AND json_extract(body, '$.touched') = :touched AND number > (SELECT coalesce(max(number), 0) FROM log
    WHERE kind = 'claim' AND subject = :case AND actor = :actor)
"""


_TELLING = """
SELECT verdicts.listing, verdicts.body FROM members JOIN verdicts ON verdicts.listing = members.listing
WHERE members.case_id = ?
"""


def telling(ledger: Ledger, case: str) -> dict[str, list[dict[str, Any]]]:
    """For each listing of a case what any verdict on any of its texts rested on: what a diff must not show either."""
    found = dict[str, list[dict[str, Any]]]()
    for row in ledger.rows(_TELLING, [case]):
        spans = json.loads(row["body"]).get("because", [])
        found.setdefault(row["listing"], []).extend({**span, "field": ""} for span in spans)
    return found


def withheld(file: CaseFile) -> bool:
    """Whether nobody is shown the texts of a case: it is, or was said to be, about minors."""
    said = {file.row.label, *(decision.label for decision in file.decisions)}
    return _WITHHELD in said


def reveal(desk: Desk, case: str, listing: str = "") -> Member:
    """One listing of a case with its whole text; the log says who saw which text, and never what it says.

    Args:
        desk: who looks.
        case: the case.
        listing: which of its listings; the first where there is no other wish.

    Raises:
        RulingError: there is no such case or listing, somebody else holds it, or its texts are withheld.
        LedgerError: the reviewer is not who they say.
    """
    with desk.ledger.write():
        desk.enter()
        file = case_file(desk.ledger, case, now=desk.now, reader=desk.reviewer)
        claims.refuse_others(desk.ledger, case, desk.reviewer, now=desk.now)
        if withheld(file):
            raise RulingError(
                f"case {case}: texts of {_WITHHELD} are shown to nobody; rule on what is there, or escalate"
            )
        member = next((one for one in file.members if listing in ("", one.listing.id)), None)
        if member is None:
            raise RulingError(f"case {case}: has no listing {listing}")
        body = {"listing": member.listing.id, "digest": member.listing.text_digest}
        chain.append(desk.ledger, kind=REVEAL, actor=desk.reviewer, subject=case, body=body, at=desk.at)
    return member


def show(desk: Desk, file: CaseFile) -> bool:
    """Note that a person was shown the verdict on a case, once a claim; whether it was written is returned.

    Raises:
        LedgerError: the reviewer is not who they say.
    """
    with desk.ledger.write():
        desk.enter()
        case, touched = file.row.case, file.row.touched
        asked = {"shown": SHOWN, "case": case, "actor": desk.reviewer, "touched": touched}
        if desk.ledger.row(_SHOWN_BEFORE, asked):
            return False
        models = sorted({str(member.verdict.get("model", "")) for member in file.members})
        body = {"touched": touched, "model": " ".join(models), "band": file.row.band}
        chain.append(desk.ledger, kind=SHOWN, actor=desk.reviewer, subject=case, body=body, at=desk.at)
    return True
