"""Labels, rulings, reason codes and the codes of the feed, as the rules have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blocklists.case.policy import FINAL, PUBLISHED, REASONS, WITHDRAWN, Ruling
from blocklists.feed.entry import LABELS
from blocklists.feed.record import ACTIONS, RELATIONS
from classifiers.taxonomy import TARGETS, TAXONOMY_VERSION, Label
from reference.table import code, prose, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_HEAD = """# Labels, rulings, reasons

Made from the code at each build. What a label means in words, with its borders:
[what is a target](../explanation/taxonomy.md).

"""
_WHO = (
    "When two people must rule the same: [threats and rules](../explanation/threats.md#two-people-by-blast-radius).\n\n"
)


def page() -> str:
    """The page."""
    return _HEAD + _labels() + _rulings() + _reasons() + _codes()


def _labels() -> str:
    rows = [(code(label), "yes" if label in TARGETS else "no", _number(LABELS, label)) for label in Label]
    return f"## Labels\n\nTaxonomy {TAXONOMY_VERSION}.\n\n" + table(["label", "a target", "code in the feed"], rows)


def _rulings() -> str:
    def kind(ruling: Ruling) -> str:
        if ruling in PUBLISHED:
            return "published"
        return "says what the case is" if ruling in FINAL else "says who looks at it, or when"

    rows = [(code(ruling), kind(ruling)) for ruling in Ruling]
    return "## Rulings\n\n" + table(["ruling", "which"], rows) + _WHO


def _reasons() -> str:
    rows = [
        (code(name), prose(reason.meaning), _named(reason.rulings), _named(sorted(reason.labels)) or "any")
        for name, reason in REASONS.items()
    ]
    last = f"A retraction that follows a ruling that was taken back bears {code(WITHDRAWN)}.\n\n"
    return "## Reason codes\n\n" + table(["code", "means", "with the rulings", "for the labels"], rows) + last


def _codes() -> str:
    rows = [
        *(("action", n, code(one)) for n, one in enumerate(ACTIONS, 1)),
        *(("relation", n, code(one)) for n, one in enumerate(RELATIONS, 1)),
    ]
    return "## Codes in the feed\n\nWhere they stand in a record: [the feed](../feed.md#the-snapshot).\n\n" + table(
        ["of", "code", "is"], rows
    )


def _named(rulings: Iterable[str]) -> str:
    chosen = set(rulings)
    if chosen == set(Ruling):
        return "any"
    order: Sequence[str] = [one for one in Ruling if one in chosen] or sorted(chosen)
    return ", ".join(map(code, order))


def _number(codes: Sequence[str], label: str) -> str:
    return str(codes.index(label) + 1) if label in codes else ""
