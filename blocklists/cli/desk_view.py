"""How the desk shows things: tables for people, JSON Lines for scripts, hostile characters made visible in both."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from blocklists.case.policy import REASONS
from blocklists.cli.terminal import cell, plain
from blocklists.desk.ages import age
from blocklists.desk.redaction import masked as hidden
from blocklists.desk.redaction import pieces
from blocklists.triage.reading import visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from blocklists.triage.reading import CaseFile, Count, Member, Row
    from blocklists.triage.ruling import Ruled

#: How much of a text is shown.
EXCERPT = 600


def say(record: Mapping[str, Any], *, as_json: bool) -> None:
    """Print one record."""
    if as_json:
        click.echo(json.dumps(record, ensure_ascii=True))
    else:
        click.echo("  ".join(f"{name}: {plain(str(value), keep_newlines=False)}" for name, value in record.items()))


def rows(found: Sequence[Row], limit: int, *, as_json: bool) -> None:
    """Print the queue."""
    if as_json:
        for row in found[:limit]:
            say(asdict(row), as_json=True)
        return
    for row in found[:limit]:
        reach = "?" if row.reach is None else str(row.reach)
        claimed = f" [{row.claimed_by}]" if row.claimed_by else ""
        click.echo(
            f"{row.case}  {row.state:<15} {row.label:<17} {row.band:<6} {row.score:.2f}  reach {reach:>6}  "
            f"{row.listings:>3} on {row.hub:<10} {cell(row.title, 48)}{claimed}"
        )
    click.echo(f"{min(limit, len(found))} of {len(found)} cases", err=True)


def counts(found: Sequence[Count], *, now: datetime, as_json: bool) -> None:
    """Print how many cases each queue holds, and since when the oldest waits."""
    for count in found:
        if as_json:
            say(asdict(count), as_json=True)
        else:
            waits = age(count.oldest, now)
            click.echo(f"{count.state:<15} {cell(count.label, 17):<17} {count.cases:>7}  oldest {waits}")


def revealed(case_id: str, member: Member, *, as_json: bool) -> None:
    """Print one listing's text whole, harmless to a terminal."""
    listing = member.listing
    if as_json:
        say({"case": case_id, "listing": listing.id, "title": listing.title, "text": listing.text}, as_json=True)
        return
    click.echo(f"{plain(listing.id)}\n{cell(listing.title, len(listing.title) * 10 + 1)}\n\n{plain(listing.text)}")


def case(file: CaseFile, reviewer: str | None, *, as_json: bool) -> None:
    """Print one case whole."""
    record = case_record(file, reviewer)
    if as_json:
        say(record, as_json=True)
        return
    _text(file, record)


def case_record(file: CaseFile, reviewer: str | None) -> dict[str, Any]:
    """One case as plain data."""
    head = asdict(file.row)
    head.pop("title")
    return {
        **head,
        "targets": [str(target) for target in file.evidence.own],
        "linked_targets": [str(target) for target in file.evidence.linked],
        "listings": [_listing(member) for member in file.members],
        "history": visible(file, reviewer),
    }


def export(file: CaseFile) -> None:
    """Print one case for a plain export: of a minor_abuse case no address, no listing, no target."""
    record = case_record(file, None)
    labels = {file.row.label, *(decision.label for decision in file.decisions)}
    if "minor_abuse" in labels:
        record |= {"listings": [], "targets": [], "linked_targets": []}
        record["history"] = [{k: v for k, v in step.items() if k not in _ADDRESSES} for step in record["history"]]
    say(record, as_json=True)


#: Fields of a decision that name addresses.
_ADDRESSES = frozenset({"targets", "why_two"})


def _listing(member: Member) -> dict[str, Any]:
    listing = member.listing.to_dict()
    because = member.verdict["because"]
    text = masked(listing.pop("text")[: EXCERPT * 2], because)
    listing["title"] = masked(listing["title"], because, field="title")
    there = {name: when for name, when in asdict(member.presence).items() if when}
    return {
        **listing,
        "excerpt": text[:EXCERPT],
        "verdict": {**member.verdict, "because": [{**span, "text": hidden(str(span["text"]))} for span in because]},
        "joined_by": member.joined_by,
        "presence": there,
    }


def masked(text: str, because: Sequence[Mapping[str, Any]], *, field: str = "text") -> str:
    """The text with the terms that the verdict rests on hidden wherever they occur, character for character."""
    return "".join(piece.text for piece in pieces(text, because, field=field))


def _text(file: CaseFile, record: Mapping[str, Any]) -> None:
    row = file.row
    click.echo(f"case {row.case}: {row.label}, {row.band}, score {row.score:.2f}, {row.state}, opened {row.opened_at}")
    for member in record["listings"]:
        click.echo(f"\n  {_word(member['id'])}  {_word(member['url']) or 'no address'}  ({member['joined_by']})")
        click.echo(f"  title    {cell(member['title'], 100)}")
        click.echo(f"  text     {cell(member['excerpt'], EXCERPT)}")
        click.echo(f"  verdict  {_scores(member['verdict'])}")
        click.echo(f"  because  {_because(member['verdict'])}")
        if member["presence"]:
            click.echo(f"  presence {_facts(member, 'presence')}")
        click.echo(f"  reach    {_facts(member, 'reach') or 'unknown'}   flags {_facts(member, 'flags') or 'none'}")
    click.echo("\na ruling would publish:")
    for target in record["targets"]:
        click.echo(f"  {_word(target)}")
    for target in record["linked_targets"]:
        click.echo(f"  {_word(target)}   (only with --links)")
    click.echo("\nhistory:")
    for step in record["history"]:
        click.echo("  " + "  ".join(_word(f"{k}={v}") for k, v in step.items()))


def _word(text: str) -> str:
    """Text of any length that stays on its line."""
    return plain(text, keep_newlines=False)


def _facts(member: Mapping[str, Any], name: str) -> str:
    return ", ".join(f"{cell(str(k), 40)} {cell(str(v), 40)}" for k, v in member.get(name, {}).items())


def _scores(verdict: Mapping[str, Any]) -> str:
    high = sorted(verdict["labels"].items(), key=lambda pair: -pair[1])
    return ", ".join(f"{label} {score:.2f}" for label, score in high[:3]) + f" ({verdict['model']})"


def _because(verdict: Mapping[str, Any]) -> str:
    return ", ".join(f"{cell(str(span['text']), 40)!r}" for span in verdict["because"]) or "not shown"


def ruled(done: Ruled, *, dry: bool, as_json: bool) -> None:
    """Print what was decided, what it publishes, and what it still needs."""
    decision, stands = done.decision, done.standing
    record = {
        "case": decision.case,
        "number": None if dry else decision.number,
        "ruling": decision.ruling.value,
        "undoes": decision.undoes,
        "targets": list(decision.targets),
        "needs_second": list(decision.why_two),
        "state": stands.state.value,
    }
    if as_json:
        say(record, as_json=True)
        return
    verb = "would be" if dry else "is"
    click.echo(f"case {decision.case} {verb} {stands.state}: {decision.ruling} ({decision.reason})")
    for target in decision.targets:
        click.echo(f"  publishes {_word(target)}")
    if stands.state.value == "awaiting-second":
        click.echo(f"  needs a second reviewer: {_word('; '.join(decision.why_two))}")


def reasons(*, as_json: bool) -> None:
    """Print the policy's reason codes."""
    for code, reason in REASONS.items():
        rulings, labels = sorted(map(str, reason.rulings)), sorted(map(str, reason.labels))
        if as_json:
            say({"code": code, "rulings": rulings, "labels": labels, "meaning": reason.meaning}, as_json=True)
        else:
            click.echo(f"{code:<28} {reason.meaning}")
            click.echo(f"{'':<28} for: {', '.join(rulings)}" + (f"; of {', '.join(labels)}" if labels else ""))
    sys.stdout.flush()
