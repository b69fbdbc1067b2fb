"""A report for programs: one row a figure as CSV, one object as JSON; the same report always gives the same bytes."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from blocklists.accounting.report import SCHEMA

if TYPE_CHECKING:
    from blocklists.accounting.figures import Figure
    from blocklists.accounting.report import Report

COLUMNS = ("measure", "hub", "label", "reason", "unit", "value", "suppressed")
#: What may be another one when a report is made again: settings; what rests on rows of crawls, which say what the model
#: found that screened a file last; what rests on keys, which say nothing any more once a case is sealed or erased.
AS_OF_NOW = {
    "settings": ["clocks", "floor"],
    "rescreened": ["crawls", "listings_seen", "texts_flagged", "texts_judged", "time_flagged"],
    "sealed_or_erased": ["moved", "moved_by"],
}


def to_csv(report: Report) -> str:
    """Tidy: a head, then one figure a row; what is suppressed has an empty value."""
    made = io.StringIO()
    rows = csv.writer(made, lineterminator="\n")
    rows.writerow(COLUMNS)
    for one in report.figures:
        value = "" if one.value is None else f"{one.value:g}" if isinstance(one.value, float) else one.value
        rows.writerow([*one.key, one.unit.value, value, "yes" if one.suppressed else "no"])
    return made.getvalue()


def to_json(report: Report) -> str:
    """One object; its form is `schema`, which docs/transparency.md describes."""
    body = {
        "schema": SCHEMA,
        "feed": report.name,
        "from": report.period.first.isoformat(),
        "to": report.period.end.isoformat(),
        "floor": report.floor,
        "clocks": {"report_hours": report.clocks.report_hours, "appeal_hours": report.clocks.appeal_hours},
        "log": {"row": report.row, "hash": report.hash},
        "as_of_now": AS_OF_NOW,
        "figures": [_row(one) for one in report.figures],
    }
    return json.dumps(body, indent=1, ensure_ascii=True) + "\n"


def _row(one: Figure) -> dict[str, Any]:
    named = {name: part for name, part in one.key._asdict().items() if part}
    return {**named, "unit": one.unit.value, "value": one.value, "suppressed": one.suppressed}
