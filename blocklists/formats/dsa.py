"""Statements of reasons for the DSA Transparency Database, one JSON object a line: no address and nobody's name in it.

The statement is the partner's to make: it says what the partner did on our advice, and is worth what the mapping below
is worth (docs/exports.md). There is no keyword for a tool; the nearest are used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from blocklists.feed.entry import Action
from blocklists.feed.target import TargetKind
from blocklists.formats.frame.form import Form
from blocklists.formats.frame.jsontext import line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from blocklists.feed.target import Target
    from blocklists.formats.frame.form import Edition, Listed

FORM: Final = Form(names="every entry, without naming it", canaries=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a label is in the words of the database: category, keywords, and a sentence of ours."""

    category: str
    keywords: tuple[str, ...]
    what: str


_DEEPFAKE: Final = ("KEYWORD_NON_CONSENSUAL_MATERIAL_DEEPFAKE",)
GROUNDS: Final = {
    "nudify": Ground(
        category="STATEMENT_CATEGORY_CYBER_VIOLENCE",
        keywords=_DEEPFAKE,
        what="a tool or service whose stated use is to undress or sexualise pictures of real people",
    ),
    "sexual_deepfake": Ground(
        category="STATEMENT_CATEGORY_CYBER_VIOLENCE",
        keywords=_DEEPFAKE,
        what="a tool or service that puts real people into sexual material",
    ),
    "sexual_likeness": Ground(
        category="STATEMENT_CATEGORY_CYBER_VIOLENCE",
        keywords=_DEEPFAKE,
        what="a model or data set of a real, identifiable person offered for sexual output",
    ),
    "promotion": Ground(
        category="STATEMENT_CATEGORY_OTHER_VIOLATION_TC",
        keywords=("KEYWORD_GOODS_SERVICES_NOT_PERMITTED",),
        what="a guide, list or channel that leads to tools for sexual imagery of real people",
    ),
}
VISIBILITY: Final = {
    Action.DELIST: "DECISION_VISIBILITY_CONTENT_DISABLED",
    Action.DEMOTE: "DECISION_VISIBILITY_CONTENT_DEMOTED",
    Action.WARN: "DECISION_VISIBILITY_CONTENT_LABELLED",
}
_DONE: Final = {Action.DELIST: "no longer shown", Action.DEMOTE: "shown lower", Action.WARN: "shown with a warning"}
_STORES: Final = ("appstore:", "play:", "fdroid:")


def refuse(target: Target) -> str | None:  # noqa: ARG001 - a statement names nothing
    """Say why this format cannot name a target exactly; None if it can."""
    return None


def write(edition: Edition, listed: Iterable[Listed]) -> Iterator[str]:  # noqa: ARG001 - a statement names no feed
    """Give the text of an export piece by piece."""
    for one in listed:
        yield line(_statement(one)) + "\n"


def _statement(one: Listed) -> dict[str, Any]:
    ground = GROUNDS[one.label]
    return {
        "decision_visibility": [VISIBILITY[one.action]],
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "incompatible_content_ground": "Policy on tools made for sexual imagery of real people",
        "incompatible_content_explanation": f"The policy does not allow {ground.what}.",
        "category": ground.category,
        "category_specification": list(ground.keywords),
        **_content(one.target),
        "content_date": f"{one.since:%Y-%m-%d}",
        "application_date": f"{one.changed:%Y-%m-%d}",
        "decision_facts": f"Reviewers found it to be {ground.what} by its published text. It is {_DONE[one.action]}.",
        "source_type": "SOURCE_VOLUNTARY",
        "automated_detection": "Yes",
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
        "puid": one.public_id,
    }


def _content(target: Target) -> dict[str, Any]:
    if target.value.startswith(_STORES) and target.kind is TargetKind.COORDINATE:
        return {"content_type": ["CONTENT_TYPE_APP"]}
    return {"content_type": ["CONTENT_TYPE_OTHER"], "content_type_other": "a search result or a catalogue entry"}
