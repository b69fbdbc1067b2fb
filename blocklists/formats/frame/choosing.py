"""Which entries of the published version an export holds, and which it refuses, with the reason of each."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from heapq import merge
from typing import TYPE_CHECKING, Final

from blocklists.feed.entry import Action, Entry, Relation
from blocklists.feed.errors import TargetError
from blocklists.feed.target import Target, refuse_protected
from blocklists.formats.frame.form import Listed
from blocklists.ledger import exports, keyed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from blocklists.formats.frame.form import FolderFormat, Format
    from blocklists.ledger.book import Ledger
    from blocklists.ledger.exports import Stay

#: In no plain export, in no form, ever.
WITHHELD: Final = "minor_abuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An entry that a format cannot say, and why."""

    target: str
    reason: str


@dataclass(slots=True, kw_only=True)
class Choice:
    """Entries for one export; what became of all others is known once they have been read to the end.

    Attributes:
        module: the format.
        before: the versions that this consumer was given in it earlier.
        rests_on: by case, the organisations that recommended it before people ruled.
        invented, days: the consumer's canaries; after how many days an entry is looked at again.
        count, canaries: how many entries and canaries were given out.
        withheld: how many are in no plain export, whatever the format.
        refusals: what this format cannot say.
    """

    ledger: Ledger
    module: Format | FolderFormat
    before: Sequence[int] = ()
    invented: Sequence[Entry] = ()
    rests_on: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    days: int = 0
    count: int = 0
    canaries: int = 0
    withheld: int = 0
    refusals: list[Refusal] = field(default_factory=list)

    def __iter__(self) -> Iterator[Listed]:
        """The entries, in the order of their targets, retracted ones among them if the format wants them."""
        mixed = merge(self._real(), self._canaries(), key=lambda listed: listed.target.value)
        yield from mixed

    def _real(self) -> Iterator[Listed]:
        for stay in exports.stays(self.ledger):
            if stay.until is not None:
                yield from self._gone(stay)
            elif stay.fields["label"] == WITHHELD:
                self.withheld += 1
            else:
                listed = self._listed(stay)
                if why := self._refused(listed):
                    self.refusals.append(Refusal(target=stay.target, reason=why))
                else:
                    self.count += 1
                    yield listed

    def _gone(self, stay: Stay) -> Iterator[Listed]:
        """What left the list after this consumer was given it in this format."""
        known = any(stay.first <= version < (stay.last or 0) for version in self.before)
        if known and self.module.FORM.retractions and stay.fields["label"] != WITHHELD:
            listed = self._listed(stay)
            if not self._refused(listed):
                yield listed

    def _canaries(self) -> Iterator[Listed]:
        published = exports.versions(self.ledger)
        for entry in sorted(self.invented, key=lambda entry: entry.target.value):
            listed = _invented(self.ledger, entry, *_come(published, entry.review_by - timedelta(days=self.days)))
            if self.module.FORM.canaries and entry.label != WITHHELD and not self._refused(listed):
                self.canaries += 1
                yield listed

    def _listed(self, stay: Stay) -> Listed:
        return replace(_listed(self.ledger, stay), rests_on=self.rests_on.get(stay.fields["case"], ()))

    def _refused(self, listed: Listed) -> str | None:
        """Why an entry cannot be in this export; None if it can."""
        try:
            refuse_protected(listed.target)
        except TargetError as error:
            return f"never in a plain export: {error}"
        if why := self.module.refuse(listed.target):
            return why
        return None if listed.action in self.module.FORM.actions else f"asks for {listed.action}, not for delisting"


def _listed(ledger: Ledger, stay: Stay) -> Listed:
    said = stay.fields
    return Listed(
        target=Target.parse(stay.target),
        action=Action(said["action"]),
        label=said["label"],
        relation=Relation(said["relation"]),
        reason=said["reason"],
        review_by=date.fromisoformat(said["review_by"]),
        since=_moment(stay.since),
        version=stay.first,
        changed=_moment(stay.changed),
        origin=keyed.digest(ledger.path, "stay", str(stay.opened), stay.target),
        public_id=keyed.digest(ledger.path, "statement", str(stay.number), stay.target),
        retracted=_moment(stay.until) if stay.until else None,
    )


def _invented(ledger: Ledger, entry: Entry, version: int, at: str) -> Listed:
    """A canary, as if it had been listed in a version."""
    return Listed(
        target=entry.target,
        action=entry.action,
        label=entry.label,
        relation=entry.relation,
        reason=entry.reason,
        review_by=entry.review_by,
        since=_moment(at),
        version=version,
        changed=_moment(at),
        origin=keyed.digest(ledger.path, "stay", str(entry.target)),
        public_id=keyed.digest(ledger.path, "statement", str(entry.target)),
    )


def _come(published: Sequence[tuple[int, str]], since: date) -> tuple[int, str]:
    """The first version of a day or later; else the last one."""
    return next(((n, at) for n, at in published if _moment(at).date() >= since), published[-1])


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
