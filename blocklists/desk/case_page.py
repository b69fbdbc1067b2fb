"""What the desk shows of one case: enough to rule on it, masked by default, and never the first of two rulings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from blocklists.case.policy import REASONS
from blocklists.desk.ages import age, left
from blocklists.desk.redaction import LONGEST
from blocklists.desk.sheet import FAINT, HEADING, STRONG, WARNING, Sheet, line
from blocklists.triage.reading import visible
from blocklists.triage.revealing import withheld

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from rich.text import Text

    from blocklists.desk.outside import Outside
    from blocklists.triage.reading import CaseFile, Member

#: What each label is, in the words of the policy.
MEANS = {
    "nudify": "a tool or service whose stated use is to undress or sexualise a picture of a real person",
    "sexual_deepfake": "puts a real person's face or body into sexual material",
    "sexual_likeness": "a model or dataset of a real, identifiable person offered for sexual output",
    "minor_abuse": "states or signals a purpose of sexual content with minors: straight to escalation",
    "promotion": "a guide, list, affiliate page or channel that sends people to the above",
}
_LISTINGS, _TAGS, _LINKS = 20, 20, 20
#: So much is shown of the text of a further listing until it is revealed.
_BRIEF = 800


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who looks: what was revealed to them, until when the case is theirs, and what any verdict on it rested on.

    `outside` is what people outside said of the case.
    """

    name: str
    revealed: AbstractSet[str] = frozenset()
    until: str
    telling: Mapping[str, Sequence[Mapping[str, Any]]]
    outside: Outside | None = None


def page(file: CaseFile, reader: Reader, now: datetime) -> Text:
    """One case whole, as this reader may see it."""
    sheet = Sheet()
    _head(sheet, file, reader.until, now)
    _said_outside(sheet, reader, now, whole=False)
    hidden = withheld(file)
    for number, member in enumerate(file.members[:_LISTINGS], start=1):
        sheet.heading(f"Listing {number} of {len(file.members)}")
        because = [*member.verdict.get("because", []), *reader.telling.get(member.listing.id, [])]
        shown = member.listing.id in reader.revealed
        longest = LONGEST if shown or number == 1 else _BRIEF
        cut: dict[str, Any] = {"because": because, "revealed": shown and not hidden}
        _member(sheet, member, cut, hidden=hidden, longest=longest)
    if (rest := len(file.members) - _LISTINGS) > 0:
        sheet.say(f"\n… and {rest} listings more\n", FAINT)
    _would_publish(sheet, file)
    _said_outside(sheet, reader, now, whole=True)
    _policy(sheet, file.row.label)
    _history(sheet, file, reader.name)
    return sheet.text


def _head(sheet: Sheet, file: CaseFile, until: str, now: datetime) -> None:
    row = file.row
    sheet.say(row.case, STRONG).say("  ").say(line(row.label), HEADING).say(f"  {line(row.band)} {row.score:.2f}")
    sheet.say(f"  {row.state}", WARNING).end()
    sheet.say(
        f"waits {age(row.since, now)}, {left(row.due, now)}; yours for {left(until, now).removeprefix('due in ')}\n",
        FAINT,
    )
    for event in file.standing.since:
        sheet.fact("reopened", f"{event.why}: {event.about} ({age(event.at, now)} ago)", WARNING)
    if row.signals:
        sheet.fact("signals", f"{'; '.join(row.signals)} (facts, no verdict)", WARNING)
    if file.standing.in_force and file.standing.since:
        held = file.standing.in_force
        sheet.fact("in force", f"{held.ruling} ({held.reason}); p rules so again", STRONG)


def _said_outside(sheet: Sheet, reader: Reader, now: datetime, *, whole: bool) -> None:
    if reader.outside is not None:
        from blocklists.desk import outside  # noqa: PLC0415 - the desk opens without it

        if whole:
            outside.sources(sheet, reader.outside)
        else:
            outside.summary(sheet, reader.outside, now)


def _member(sheet: Sheet, member: Member, cut: Mapping[str, Any], *, hidden: bool, longest: int) -> None:
    listing = member.listing
    if hidden:
        sheet.say("its text is shown to nobody\n", WARNING)
    else:
        sheet.cut(listing.title, **cut, field="title").end()
        sheet.cut(listing.text, **cut, field="text", longest=longest).end()
        if (rest := len(listing.text) - longest) > 0:
            sheet.say(f"… and {rest} characters more\n", FAINT)
        _diff(sheet, member, cut)
    _verdict(sheet, member, revealed=cut["revealed"])
    sheet.fact("listing", f"{listing.id} ({member.joined_by})")
    sheet.fact("address", listing.url)
    for url in listing.links[:_LINKS]:
        sheet.fact("link", url)
    _facts(sheet, member, hidden=hidden, cut=cut)


def _diff(sheet: Sheet, member: Member, cut: Mapping[str, Any]) -> None:
    """What changed in the text since it was ruled on; what any verdict, then or now, rested on is masked."""
    if member.diff:
        sheet.say("changed since the ruling:\n", WARNING)
        spans = [{**span, "field": ""} for span in cut["because"]]
        sheet.cut(member.diff, spans, field="text", revealed=cut["revealed"]).end()


def _verdict(sheet: Sheet, member: Member, *, revealed: bool) -> None:
    verdict, because = member.verdict, member.verdict.get("because", [])
    high = sorted(verdict["labels"].items(), key=lambda pair: -pair[1])
    scores = ", ".join(f"{label} {score:.2f}" for label, score in high if score >= 0.01)  # noqa: PLR2004 - rounds to more than 0.00
    sheet.fact("verdict", f"{scores} ({verdict['model']})")
    terms = ", ".join(dict.fromkeys(str(span.get("text", "")) for span in because))
    if because:
        sheet.fact("because", terms if revealed else f"{len(because)} masked; r reveals")


def _facts(sheet: Sheet, member: Member, *, hidden: bool, cut: Mapping[str, Any]) -> None:
    listing = member.listing
    sheet.fact("reach", _pairs(listing.reach) or "unknown")
    sheet.fact("flags", _pairs(listing.flags))
    if listing.tags and not hidden:
        sheet.say("tags     ", FAINT).cut(", ".join(listing.tags[:_TAGS]), **cut, field="tags").end()
    sheet.fact("author", "" if hidden else listing.author or "")
    sheet.fact("language", listing.lang or "")
    dates = {"created": listing.created, "updated": listing.updated}
    sheet.fact("dates", _pairs({name: when for name, when in dates.items() if when}))
    sheet.fact("presence", _pairs({name: getattr(member.presence, name) for name in _PRESENCE}), WARNING)


_PRESENCE = ("missing_since", "gone_at", "returned_at", "times_gone")


def _pairs(facts: Mapping[str, object]) -> str:
    return ", ".join(f"{line(name, 40)} {line(value, 60)}" for name, value in facts.items() if value not in (None, 0))


def _would_publish(sheet: Sheet, file: CaseFile) -> None:
    sheet.heading("A ruling would publish")
    for target in file.evidence.own:
        sheet.say(f"  {line(target)}").end()
    for target in file.evidence.linked:
        sheet.say(f"  {line(target)}").say("  only with links", FAINT).end()


def _policy(sheet: Sheet, label: str) -> None:
    sheet.heading("What the policy says")
    sheet.say(f"  {label}: {MEANS.get(label, 'not a target')}\n")
    for code, reason in REASONS.items():
        if label in reason.labels:
            sheet.say(f"  {code}: {reason.meaning}\n", FAINT)


def _history(sheet: Sheet, file: CaseFile, reader: str) -> None:
    steps = visible(file, reader)
    sheet.heading("History" if steps else "No ruling yet")
    for step in steps:
        what = f"undoes {step['undoes']}" if "undoes" in step else step["ruling"]
        reason = f" ({step['reason']})" if "reason" in step else ""
        reason += f", in the place of {' and '.join(map(str, step['overrides']))}" if "overrides" in step else ""
        sheet.say(f"  {step['number']}  {step['at'][:16]}  {step['reviewer']}  ", FAINT).say(f"{what}{reason}\n")
