"""The report in the order of the Digital Services Act's transparency reports; what needs counsel is said in it.

Whether the house owes such a report at all, and in which form, is a question of law that this module does not answer.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from blocklists.accounting.figures import Key
from blocklists.feed.entry import LABELS, Action
from blocklists.formats.dsa import GROUNDS, VISIBILITY

if TYPE_CHECKING:
    from blocklists.accounting.report import Report

SCHEMA: Final = "delist.transparency.dsa/1"
COUNSEL: Final = (
    "Whether this house is an intermediary service, or of which kind, and so whether Articles 15 and 24 bind it.",
    "Whether reports from outside are notices under Article 16, or whether some of them are.",
    "Whether an entry in a feed that others apply is a restriction by this house, or by who applies it.",
    "Orders of authorities (Article 15(1)(a)): this ledger tells reports of authorities apart, not orders.",
    "The categories and keywords, the nearest in the statement-of-reasons database, which has none for a tool.",
    "The template of Implementing Regulation (EU) 2024/2835 wants further fields that this house does not have.",
    "Out-of-court settlements and suspensions (Article 24(1)): there are none in this ledger.",
    "Whether withholding small counts is allowed in a report that the law asks for.",
)


def to_dsa(report: Report) -> str:
    """One object, under the points of Articles 15 and 24."""
    body = {
        "schema": SCHEMA,
        "from": report.period.first.isoformat(),
        "to": report.period.end.isoformat(),
        "floor": report.floor,
        "withheld": "null: a count below the floor, or one that would give such a count away",
        "article_15_1_b_notices": _notices(report),
        "article_15_1_c_own_initiative": _own(report),
        "article_15_1_d_complaints": _complaints(report),
        "article_15_1_e_automated_means": _automated(report),
        "article_24_5_statements_of_reasons": [_statement(report, label) for label in LABELS if label in GROUNDS],
        "needs_counsel": list(COUNSEL),
    }
    return json.dumps(body, indent=1, ensure_ascii=True) + "\n"


def _value(report: Report, measure: str, **parts: str) -> float | None:
    return report.get(Key(measure, **parts)).value


def _notices(report: Report) -> dict[str, Any]:
    return {
        "by_category": {
            GROUNDS[label].what if label in GROUNDS else label: _value(report, "reports", label=label)
            for label in LABELS
        },
        "total": _value(report, "reports"),
        "by_authorities": _value(report, "reports", reason="authority"),
        "median_hours_to_a_ruling_of_victims": _value(report, "time_victim_median"),
        "processed_by_automated_means_alone": 0,
    }


def _own(report: Report) -> dict[str, Any]:
    """Restrictions at the house's own initiative, and by which means they were detected."""
    return {
        "restrictions": {
            VISIBILITY[action]: _value(report, "ruled", reason=action.value) for action in reversed(Action)
        },
        "detected_by": {
            "automated means": _value(report, "model_cases"),
            "kept apart (golden cases)": _value(report, "model_golden_cases"),
        },
        "decided_by": "people, always",
    }


def _complaints(report: Report) -> dict[str, Any]:
    return {
        "received": _value(report, "appeals"),
        "decisions_reversed": _value(report, "appeals_answered", reason="upheld"),
        "decisions_upheld": _value(report, "appeals_answered", reason="rejected"),
        "median_hours": _value(report, "time_appeal_median"),
    }


def _automated(report: Report) -> dict[str, Any]:
    right = _value(report, "model_precision")
    return {
        "purpose": "to find texts that a person should look at; no decision is made by a machine",
        "error_rate_of_what_was_flagged": None if right is None else round(1 - right, 4),
        "safeguards": "each decision is a person's, of two people where reach is high or unknown; appeals",
    }


def _statement(report: Report, label: str) -> dict[str, Any]:
    """Statements of one category, by what was done."""
    ground = GROUNDS[label]
    return {
        "category": ground.category,
        "category_specification": list(ground.keywords),
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "incompatible_content_explanation": f"The policy does not allow {ground.what}.",
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
        "number_by_visibility": {
            VISIBILITY[action]: _value(report, "entries_added", label=label, reason=action.value)
            for action in reversed(Action)
        },
    }
