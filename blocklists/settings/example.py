"""`delist.toml` as it is written for a new operator: every setting with its default and its meaning, from the rules."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from blocklists.settings.stating import rules_of
from blocklists.settings.tables import CLOCKS, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CONTACT: Final = "trust-and-safety@example.test"
#: Hubs of the example, with arguments of their spiders.
HUBS: Final[dict[str, dict[str, str]]] = {
    "awesome": {"list": "owner/list"},
    "github": {"queries": "topic:deepfake"},
    "directory": {"base": "https://directory.example.test"},
    "site": {"file": "var/crawls"},
}
_HEAD: Final = (
    "# delist.toml, as `delist init` writes it. Everything but the contact has a default; these are the defaults."
)
_ABOUT: Final = {
    "clocks": "hours that a case may wait",
    "care": "of the people at the desk",
    "intake": "from outside",
    "retention": "days after the last event of a case for which its texts are kept; digests and decisions stay",
    "serve": "`delist serve`",
    "backups": "`delist backup FOLDER`, see docs/operating.md",
}
_CONTACT: Final = "# Spiders name it in their user agent, and refuse to start against a live host without it."
_LABELS: Final = """
# A label may have its own: of a case that is opened under it. Of minor_abuse they can only be lowered.
# [thresholds.promotion]
# review = 0.2
# urgent = 0.9
"""
_PEOPLE: Final = """
# Who is to work here in which role, and who is to be given the feed. The ledger says who does and is; `delist doctor`
# tells the difference, and the command that removes it.
# [people]
# ann = "lead" # or reviewer, publisher, auditor
# [consumers]
# north = "consumer" # or partner, who may be given plain formats too
"""
_CRAWLED: Final = """
# One table a hub that `delist run` crawls: how often (default: 24 hours), and the arguments of its spider.
"""
_SITE: Final = "# The front pages of services that listings of the other hubs link to; crawled after them."
_SHARING: Final = """
# One table an organisation whose recommendations are heard, called what they call their feed; see docs/sharing.md.
# [sharing.north]
# kind = "feed" # or jsonl, stix, fires, labels
# place = "https://lists.north.example.test/feed/us"
# key = "keys/north.json"
"""


def example(contact: str = CONTACT, hubs: Mapping[str, Mapping[str, str]] | None = None) -> str:
    """The text of a configuration.

    Args:
        contact: the operator's.
        hubs: the hubs to crawl with the arguments of their spiders; the example's where none are given, and where
            there are none as comments.
    """
    tables = "".join(_table(name, kind, contact) for name, kind in TABLES.items())
    shown = HUBS if hubs is None else hubs
    crawled = "".join(_hub(name, arguments) for name, arguments in shown.items())
    if not shown:
        crawled = "".join(_hub(name, arguments) for name, arguments in HUBS.items())
        crawled = "".join(f"# {line}\n" if line[:1] not in ("", "#") else f"{line}\n" for line in crawled.splitlines())
    return f"{_HEAD}\n{tables}{_PEOPLE}{_CRAWLED}{crawled}{_SHARING}"


def _table(name: str, kind: type, contact: str) -> str:
    rules = {key: rule for key, rule in rules_of(kind, CLOCKS).items() if not rule.table}
    given: dict[str, Any] = {"contact": contact} if name == "operator" else {}
    lines = [f"{key} = {_literal(given.get(key, rule.default))}" for key, rule in rules.items()]
    about = f" # {_ABOUT[name]}" if name in _ABOUT else ""
    before = [_CONTACT] if name == "operator" else []
    after = _LABELS if name == "thresholds" else ""
    told = [f"\n[{name}]{about}", *before, *_aligned(lines, [rule.says for rule in rules.values()])]
    return "".join(f"{line}\n" for line in told) + after


def _aligned(lines: list[str], says: list[str]) -> Iterator[str]:
    """Yield lines with what is said of each behind it, one below the other where lines that say something adjoin."""
    for number, (line, said) in enumerate(zip(lines, says, strict=True)):
        first, last = number, number
        while first > 0 and says[first - 1]:
            first -= 1
        while last + 1 < len(lines) and says[last + 1]:
            last += 1
        width = max(map(len, lines[first : last + 1]))
        yield f"{line:<{width}} # {said}" if said else line


def _hub(name: str, arguments: Mapping[str, str]) -> str:
    before = f"{_SITE}\n" if name == "site" else ""
    told = "".join(f"{key} = {_literal(value)}\n" for key, value in arguments.items())
    return f"\n{before}[hubs.{name}]\n{told}"


def _literal(value: object) -> str:
    """A value as TOML writes it; JSON's texts, whole numbers and fractions are TOML's too."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
