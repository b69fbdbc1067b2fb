"""The keys of the desk: one table, from which the bindings, the footer and the help are made."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key: as the terminal library calls it, as people see it, the act, and a word and a sentence for it."""

    key: str
    seen: str
    act: str
    word: str
    says: str


def _key(key: str, act: str, word: str, says: str, seen: str = "") -> Key:
    return Key(key=key, seen=seen or key, act=act, word=word, says=says)


KEYS: tuple[Key, ...] = (
    _key("n", "next_case", "next", "claim the most pressing case that is free"),
    _key("d", "rule('delist')", "delist", "ask indexes not to show it"),
    _key("m", "rule('demote')", "demote", "ask indexes to show it last"),
    _key("w", "rule('warn')", "warn", "ask indexes to show it with a warning"),
    _key("k", "rule('keep')", "keep", "it is no target: publish nothing"),
    _key("e", "rule('escalate')", "escalate", "leave it to a lead"),
    _key("f", "rule('defer')", "defer", "it cannot be decided now; it comes back last"),
    _key("p", "accept", "accept", "rule on a reopened case as it was ruled before"),
    _key("a", "appeals", "appeals", "the appeals that wait, with their clocks; Enter opens one"),
    _key("s", "skip", "skip", "give the case back; you are not given it again in this session"),
    _key("u", "undo", "undo", "take your last ruling back (a new row of the log)"),
    _key(
        "r", "reveal", "reveal", "show the next masked text of the case (logged); once all are shown, mask them again"
    ),
    _key(
        "slash",
        "search",
        "search",
        "in what is listed: a piece of a title, or a whole case id, listing id, address, digest",
        "/",
    ),
    _key("F", "filter", "filter", "label:nudify band:urgent hub:NAME lang:de state:decided; empty for all that waits"),
    _key("h", "hide", "hide", "hide the minor_abuse queue in this session, or show it again"),
    _key("question_mark", "help", "help", "this page", "?"),
    _key("q", "quit", "quit", "give the case back and leave"),
)
#: What moves, and is no act.
MOVES = (
    ("Tab", "from the case to the queue and back"),
    ("↑ ↓ PgUp PgDn", "through the case, or through the queue"),
    ("Enter", "in the queue: claim and open that case"),
)


def footer(*, opened: bool) -> list[Key]:
    """The keys that matter now; at 80 columns they fit on one line."""
    idle = ("next", "appeals", "undo", "search", "filter", "help", "quit")
    busy = ("delist", "demote", "warn", "keep", "escalate", "defer", "skip", "reveal", "help")
    words = busy if opened else idle
    return [one for one in KEYS if one.word in words]
