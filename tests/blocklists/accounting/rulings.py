"""How several people's rulings on one case come to one, told once more, from the log's rows and for the recount alone.

One person's ruling takes force at once, unless it says why it takes two; then when another rules the same, on a target
that both name. Whoever differs makes a dispute, which ends when two agree. An escalation begins anew.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]
_FINAL = ("delist", "demote", "warn", "keep")


@dataclass
class Told:
    """What was said on one case: rulings that took force, all that say what it is, blind pairs, what was reversed."""

    forces: list[Row] = field(default_factory=list)
    final: list[Row] = field(default_factory=list)
    pairs: list[tuple[str, str, str]] = field(default_factory=list)
    reversed: set[int] = field(default_factory=set)


def told_of(log: list[Row]) -> dict[str, Told]:
    cases: dict[str, list[Row]] = defaultdict(list)
    renewed: dict[str, list[int]] = defaultdict(list)
    roles: dict[str, list[tuple[int, bool]]] = defaultdict(list)
    for row in log:
        body = json.loads(row["body"])
        if row["kind"] == "decision":
            cases[row["subject"]].append({**row, **body})
        if row["kind"] == "reopening" and body["why"] in ("changed", "returned"):
            renewed[row["subject"]].append(row["number"])
        if row["kind"] == "person" and "role" in body:
            roles[row["subject"]].append((row["number"], body["role"] == "lead"))
    leads = {
        row["number"] for rows in cases.values() for row in rows
        if any([is_lead for number, is_lead in roles[row["actor"]] if number < row["number"]][-1:])
    }  # fmt: skip
    return {case: _told(rows, renewed[case], leads) for case, rows in cases.items()}


def _told(rows: list[Row], renewed: list[int], leads: set[int]) -> Told:
    made = Told()
    blind: set[tuple[int, str]] = set()
    for many, row in enumerate(rows):
        if row["undoes"] is not None:
            made.reversed.add(row["undoes"])
            continue
        before, after = _stand(rows[:many]), _stand(rows[: many + 1])
        if row["ruling"] not in _FINAL:
            continue
        made.final.append(row)
        if len(before.votes) == 1:
            (first,) = before.votes.values()
            if first["actor"] != row["actor"] and (first["number"], row["actor"]) not in blind:
                blind.add((first["number"], row["actor"]))
                made.pairs.append((_says(first), _says(row), row["at"]))
        if after.force and after.force["number"] == row["number"]:
            made.forces.append(row)
            made.reversed |= _overruled(
                row, before, after, rows[:many], max([n for n in renewed if n < row["number"]] or [0]), leads
            )
    made.reversed &= {row["number"] for row in made.final}
    return made


@dataclass
class _Stand:
    force: Row | None = None
    signed: tuple[str, ...] = ()
    votes: dict[str, Row] = field(default_factory=dict)


def _stand(rows: list[Row]) -> _Stand:
    undone = {row["undoes"] for row in rows}
    now = _Stand()
    for row in rows:
        if row["undoes"] is not None or row["number"] in undone or row["ruling"] == "defer":
            continue
        if row["ruling"] == "escalate":
            now.votes = {}
            continue
        others = {who: vote for who, vote in now.votes.items() if who != row["actor"]}
        same = next((vote for vote in others.values() if _agree(vote, row)), None)
        if same:
            now = _Stand(row, (same["actor"], row["actor"]))
        elif others or row["why_two"]:
            now.votes = {**others, row["actor"]: row}
        else:
            now = _Stand(row, (row["actor"],))
    return now


def _agree(one: Row, other: Row) -> bool:
    if (one["ruling"], one["label"]) != (other["ruling"], other["label"]):
        return False
    return one["ruling"] == "keep" or bool({*one["targets"]} & {*other["targets"]})


def _says(row: Row) -> str:
    return "keep" if row["ruling"] == "keep" else f"{row['ruling']} as {row['label']}"


def _overruled(row: Row, before: _Stand, after: _Stand, rows: list[Row], since: int, leads: set[int]) -> set[int]:
    """What a ruling that takes force finds wrong: by a lead's word, an appeal, or one person's in the place of two."""
    if row["reason"] == "changed_since":
        return set()
    found: set[int] = set()
    earlier = [one for one in rows if one["undoes"] is None and one["ruling"] in _FINAL and one["number"] > since]
    behind = {vote["number"] for who, vote in before.votes.items() if who in after.signed} | {row["number"]}
    if row["reason"] == "appeal_upheld" or behind & leads:
        found |= {one["number"] for one in earlier if one["actor"] not in after.signed and _says(one) != _says(row)}
    was = before.force
    if (
        len(after.signed) == 1
        and len(before.signed) == 2
        and was
        and (was["ruling"], was["label"]) != (row["ruling"], row["label"])
    ):
        last = {one["actor"]: one for one in rows if one["undoes"] is None and one["number"] <= was["number"]
                and one["actor"] in before.signed and one["ruling"] == was["ruling"]
                and one["label"] == was["label"]}  # fmt: skip
        found |= {one["number"] for one in last.values() if one["number"] > since}
    return found


def cohen(pairs: list[tuple[str, str]]) -> float:
    """Kappa by its definition: agreement beyond what chance gives."""
    if all(one == other for one, other in pairs):
        return 1.0
    n = len(pairs)
    seen = sum(one == other for one, other in pairs) / n
    ones, others = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    chance = sum(ones[word] / n * others[word] / n for word in ones)
    return (seen - chance) / (1 - chance)
