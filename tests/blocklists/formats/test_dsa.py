"""Statements of reasons keep the database's rules, and name no address and nobody in any field."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import TYPE_CHECKING, Any

from blocklists.feed.entry import LABELS
from blocklists.formats.dsa import GROUNDS, VISIBILITY
from tests.blocklists.formats.printing import DOCUMENT, came, elsewhere, printed, publish, went

if TYPE_CHECKING:
    from collections.abc import Iterable

    from blocklists.ledger.book import Ledger

#: The rules, from the interchange facts of the specification: of each field what it may be.
CATEGORIES = {
    f"STATEMENT_CATEGORY_{word}"
    for word in (
        *("CYBER_VIOLENCE", "CYBER_VIOLENCE_AGAINST_WOMEN", "PROTECTION_OF_MINORS"),
        *("UNSAFE_AND_PROHIBITED_PRODUCTS", "OTHER_VIOLATION_TC"),
    )
}
KEYWORDS = {
    "KEYWORD_NON_CONSENSUAL_MATERIAL_DEEPFAKE",
    "KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL_DEEPFAKE",
    "KEYWORD_GOODS_SERVICES_NOT_PERMITTED",
}
CONTENTS = {"CONTENT_TYPE_APP", "CONTENT_TYPE_SYNTHETIC_MEDIA", "CONTENT_TYPE_OTHER"}
DECISIONS = ("decision_visibility", "decision_monetary", "decision_provision", "decision_account")
LONGEST = {
    "incompatible_content_ground": 500,
    "incompatible_content_explanation": 2000,
    "decision_facts": 5000,
    "content_type_other": 500,
}


def faults(row: dict[str, Any]) -> Iterable[str]:
    """What the database would refuse."""
    visibility = re.compile(r"DECISION_VISIBILITY_CONTENT_(REMOVED|DISABLED|DEMOTED|LABELLED)")
    sources = {"SOURCE_VOLUNTARY", "SOURCE_ARTICLE_16", "SOURCE_TRUSTED_FLAGGER"}
    automated = re.compile(r"AUTOMATED_DECISION_(FULLY|PARTIALLY|NOT_AUTOMATED)")
    checks = {
        "a decision": any(row.get(name) for name in DECISIONS),
        "visibility": all(visibility.fullmatch(one) for one in row.get("decision_visibility", ())),
        "ground": row["decision_ground"] == "DECISION_GROUND_INCOMPATIBLE_CONTENT"
        and row["incompatible_content_ground"]
        and row["incompatible_content_explanation"],
        "facts": row["decision_facts"],
        "category": row["category"] in CATEGORIES,
        "keywords": set(row["category_specification"]) <= KEYWORDS,
        "content": row["content_type"] and set(row["content_type"]) <= CONTENTS,
        "other content": ("CONTENT_TYPE_OTHER" in row["content_type"]) == bool(row.get("content_type_other")),
        "lengths": all(len(row.get(name, "")) <= most for name, most in LONGEST.items()),
        "detection": row["automated_detection"] in {"Yes", "No"},
        "automation": automated.fullmatch(row["automated_decision"]),
        "source": row["source_type"] in sources,
        "dates": date.fromisoformat(row["content_date"]) <= date.fromisoformat(row["application_date"]),
        "puid": re.fullmatch(r"[A-Za-z0-9_-]{1,500}", row["puid"]),
    }
    return [name for name, holds in checks.items() if not holds]


def statements(ledger: Ledger) -> list[dict[str, Any]]:
    return [json.loads(line) for line in printed(ledger, "dsa").text.splitlines()]


def test_every_label_and_action_makes_a_statement_that_keeps_the_rules(ledger: Ledger) -> None:
    plain = [label for label in LABELS if label != "minor_abuse"]
    publish(
        ledger,
        *(
            came(f"{label.replace('_', '-')}.test/{act}", label=label, action=act)
            for label in plain
            for act in VISIBILITY
        ),
        came("play:com.example.app", action="demote"),
        came("pkg:huggingface/owner/name"),
    )
    made = statements(ledger)
    assert len(made) == len(plain) * 3 + 2
    assert [found for row in made for found in faults(row)] == []
    assert len({row["puid"] for row in made}) == len(made)
    apps = [row for row in made if row["content_type"] == ["CONTENT_TYPE_APP"]]
    assert [row["decision_visibility"] for row in apps] == [["DECISION_VISIBILITY_CONTENT_DEMOTED"]]


def test_the_rules_would_notice() -> None:
    row = {
        "decision_ground": "x",
        "decision_facts": "",
        "category": "x",
        "category_specification": ["x"],
        "puid": "a b",
    }
    row |= {"content_type": [], "content_date": "2026-01-02", "application_date": "2026-01-01", "source_type": ""}
    found = faults({**row, "automated_detection": "yes", "automated_decision": "no"})
    assert {"a decision", "ground", "facts", "category", "keywords", "content", "dates", "puid"} <= set(found)


def test_no_field_names_a_target_or_can_be_turned_into_one(ledger: Ledger) -> None:
    names = ("jane-doe.test/", "pkg:huggingface/jane/jane-doe-lora", "site.test/jane")
    publish(ledger, *(came(name, label="sexual_likeness", reason="sexual_likeness_of_a_person") for name in names))
    text = printed(ledger, "dsa").text
    assert not re.search(r"jane|\bdoe\b|\.test|://|www", text)
    puids = {row["puid"] for row in statements(ledger)}
    elsewhere(ledger)
    assert puids.isdisjoint(row["puid"] for row in statements(ledger)), "a stranger who knows the target gets the id"


def test_a_statement_is_never_made_twice_under_two_names_and_a_change_makes_another(ledger: Ledger) -> None:
    publish(ledger, came("bad.test/"))
    (first,) = statements(ledger)
    publish(ledger, came("other.test/"))
    assert first in statements(ledger)
    publish(ledger, went("bad.test/", "changed"), came("bad.test/", action="demote"), went("other.test/"))
    (second,) = statements(ledger)
    assert second["puid"] != first["puid"]
    assert second["application_date"] == "2026-11-03"


def test_every_plain_label_has_a_ground_that_the_page_documents() -> None:
    page = DOCUMENT.read_text()
    assert set(GROUNDS) == set(LABELS) - {"minor_abuse"}
    for label, ground in GROUNDS.items():
        row = next(line for line in page.splitlines() if line.startswith(f"| `{label}`"))
        assert ground.category.removeprefix("STATEMENT_CATEGORY_") in row
        assert all(keyword in row for keyword in ground.keywords)
