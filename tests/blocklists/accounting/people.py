"""Who works through a year, and who tells of things from outside: seeded, and wrong now and then, as people are."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from blocklists.case.appeal import Outcome
from blocklists.case.errors import RulingError
from blocklists.case.policy import Ruling
from blocklists.case.roles import Role
from blocklists.case.standing import State
from blocklists.feed.errors import TargetError
from blocklists.intake import appealing as intake
from blocklists.intake import telling
from blocklists.intake.errors import IntakeError
from blocklists.ledger import appeals, golden, queue, reviewers
from blocklists.ledger.appeals import Plea
from blocklists.triage import appealing, claiming, reading, ruling
from blocklists.triage import golden as marks
from blocklists.triage.desk import Desk
from classifiers.taxonomy import TARGETS
from tests.blocklists.accounting.loopback import owned

if TYPE_CHECKING:
    from blocklists.case.appeal import Appeal
    from blocklists.configuration import Configuration
    from blocklists.ledger.book import Ledger
    from blocklists.triage.reading import CaseFile
    from tests.blocklists.accounting.world import Item, World

REVIEWERS = {"ann": 0.04, "bob": 0.07, "eve": 0.05, "kim": 0.12}
LEAD = "lea"
REASONS = {
    "nudify": "offers_undressing",
    "sexual_deepfake": "offers_sexual_deepfakes",
    "sexual_likeness": "sexual_likeness_of_a_person",
    "promotion": "leads_to_abuse_services",
}
_WHO = ("victim", "public", "partner", "authority")


@dataclass
class People:
    """Everybody, with one die; what the world truly is they mostly see."""

    ledger: Ledger
    world: World
    settings: Configuration
    seed: int
    pleaded: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.random = random.Random(f"people {self.seed}")  # noqa: S311 - repeatable chance, no secret
        self.items = {key: item for item in self.world.items for key in (item.name, str(item.number))}
        self.desks: dict[str, Desk] = {}

    def arrive(self, now: datetime) -> None:
        for name in (*REVIEWERS, LEAD):
            desk = Desk(
                ledger=self.ledger, reviewer=name, token=f"{name}'s secret", policy=self.settings.policy, now=now
            )
            with self.ledger.write():
                self.desks[name] = desk.signed_in()
        with self.ledger.write():
            reviewers.give_role(self.ledger, LEAD, Role.LEAD, by="ann", at=now.isoformat(timespec="seconds"))

    def work(self, name: str, now: datetime, most: int) -> None:
        """One sitting: case after case, some minutes each."""
        for turn in range(most):
            desk = replace(self.desks[name], now=now + timedelta(minutes=4 * turn), hides=self._hides(name))
            try:
                case, _ = claiming.claim(desk, None)
            except RulingError:
                return
            if not self._rule(desk, case):
                claiming.release(desk, case)
                desk = replace(desk, passes=(*desk.passes, case))
                self.desks[name] = replace(self.desks[name], passes=desk.passes[-40:])

    def _hides(self, name: str) -> tuple[str, ...]:
        return ("minor_abuse",) if name == LEAD else ()

    def _rule(self, desk: Desk, case: str) -> bool:
        file = reading.case_file(self.ledger, case, now=desk.now, reader=desk.reviewer)
        try:
            waiting = appeals.unanswered(self.ledger, case)
            if waiting and not golden.is_dealt(self.ledger, case, desk.reviewer):
                return self._answer(desk, file, waiting[0])
            ruling.decide(desk, self.proposal(desk, file))
        except (RulingError, TargetError):
            return False
        return True

    def _answer(self, desk: Desk, file: CaseFile, appeal: Appeal) -> bool:
        wrong = self.truth(file, desk.now) not in TARGETS
        outcome = Outcome.UPHELD if wrong is not self._errs(desk) else Outcome.REJECTED
        appealing.answer(desk, appeal.number, outcome)
        return True

    def _errs(self, desk: Desk) -> bool:
        return self.random.random() < REVIEWERS.get(desk.reviewer, 0.0)

    def proposal(self, desk: Desk, file: CaseFile) -> ruling.Proposal:
        case, truth = file.row.case, self.truth(file, desk.now)
        if "minor_abuse" in (truth, file.row.label):
            return ruling.Proposal(case=case, ruling=Ruling.ESCALATE, reason="needs_a_lead")
        if self.random.random() < 0.02:
            return ruling.Proposal(case=case, ruling=Ruling.DEFER, reason="needs_time")
        if (truth in REASONS) is not self._errs(desk):
            label = truth if truth in REASONS else file.row.label
            if label == "promotion" or self.random.random() < 0.06:
                return ruling.Proposal(
                    case=case, ruling=Ruling.DEMOTE, reason="purpose_likely", label=label, links=True
                )
            return ruling.Proposal(case=case, ruling=Ruling.DELIST, reason=REASONS[label], label=label, links=True)
        changed = file.standing.published is not None and truth not in TARGETS and self._was_true(file)
        reason = "changed_since" if changed else "adult_no_real_person" if truth == "adult" else "look_alike"
        return ruling.Proposal(case=case, ruling=Ruling.KEEP, reason=reason)

    def truth(self, file: CaseFile, now: datetime) -> str:
        """The gravest thing that any of its listings is."""
        truths = [item.truth(now) for item in self._items(file)] or [
            "minor_abuse" if self._is_blind(file) else "benign"
        ]
        return max(truths, key=lambda kind: (kind == "minor_abuse", kind in TARGETS, kind != "benign"))

    def _was_true(self, file: CaseFile) -> bool:
        return any(item.texts[0][3] in TARGETS for item in self._items(file))

    def _items(self, file: CaseFile) -> list[Item]:
        refs = [name for m in file.members for name in self._names(m.listing.id, m.listing.title, m.listing.url)]
        return [self.items[name] for name in refs if name in self.items]

    @staticmethod
    def _names(listing: str, title: str, url: str) -> list[str]:
        ref = listing.partition(":")[2]
        host = url.partition("://")[2].partition(".")[0]
        return [ref, ref.rpartition("/")[2], host, title.rpartition("/")[2], title.rpartition(":")[2]]

    @staticmethod
    def _is_blind(file: CaseFile) -> bool:
        return file.row.label == "minor_abuse"

    def tell(self, now: datetime) -> None:
        """Somebody tells of a thing, mostly of one that is what they say."""
        there = [item for item in self.world.items if item.is_there(now)]
        bad = [item for item in there if item.truth(now) in REASONS]
        item = self.random.choice(bad if self.random.random() < 0.85 else there)
        kind = item.truth(now) if item.truth(now) in REASONS else self.random.choice([*REASONS])
        who = telling.Who(self.random.choices(_WHO, (6, 5, 2, 1))[0])
        tip = telling.Tip(target=address(item), category=kind, who=who, source=f"source {self.random.random()}")
        telling.tell(self.ledger, self.settings.intake, tip, now)

    def appellants(self, now: datetime) -> list[tuple[datetime, str]]:
        """Which published cases will be appealed, and when: mostly those that are wrong."""
        found = []
        wanted = reading.Wanted(states={State.DECIDED})
        for row in reading.queue(self.ledger, now=now, wanted=wanted):
            if row.case in self.pleaded or queue.stands(self.ledger, row.case).published is None:
                continue
            self.pleaded.add(row.case)
            file = reading.case_file(self.ledger, row.case, now=now)
            wrong = self.truth(file, now) not in TARGETS
            if self.random.random() < (0.7 if wrong else 0.06):
                found.append((now + timedelta(days=self.random.uniform(1, 12)), row.case))
        return found

    def appeal(self, case: str, now: datetime) -> None:
        plea = Plea(about=case, reason=f"This is no such thing ({case}).", owner=self.random.random() < 0.6)
        try:
            intake.open_appeal(self.ledger, self.settings.intake, plea, now)
        except IntakeError:
            return  # it is gone from the feed by now

    def think_again(self, now: datetime) -> None:
        """A reviewer takes back the last thing they ruled, now and then."""
        name = self.random.choice([*REVIEWERS])
        sql = "SELECT subject FROM log WHERE kind = 'decision' AND actor = ? ORDER BY number DESC LIMIT 1"
        row = self.ledger.row(sql, [name])
        try:
            if row:
                ruling.undo(replace(self.desks[name], now=now), row["subject"])
        except RulingError:
            return

    def mark(self, now: datetime) -> None:
        """The lead marks some decided cases as golden."""
        desk = replace(self.desks[LEAD], now=now)
        known = golden.marked(self.ledger)
        rows = reading.queue(self.ledger, now=now, wanted=reading.Wanted(states={State.DECIDED}))
        for row in [row for row in rows if row.case not in known][:3]:
            held = queue.stands(self.ledger, row.case).in_force
            file = reading.case_file(self.ledger, row.case, now=now)
            truth = self.truth(file, now)
            if held and (held.ruling is not Ruling.KEEP) is (truth in REASONS) and truth in marks.KNOWN:
                try:
                    marks.mark(desk, row.case, held.ruling, truth)
                except RulingError:
                    continue


def address(item: Item) -> str:
    """What somebody outside would name."""
    if item.hub == "civitai":
        return f"civitai:{item.number}"
    return f"pkg:huggingface/{owned(item)}" if item.hub == "huggingface_models" else item.site
