"""Asks before a ruling is written: the reason, the exact targets, whether it takes two; only Enter writes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from blocklists.case.errors import RulingError
from blocklists.case.policy import PUBLISHED, REASONS, Ruling
from blocklists.case.reopening import Why
from blocklists.case.standing import State
from blocklists.desk.sheet import FAINT, STRONG, WARNING, Sheet, line
from blocklists.feed.errors import FeedError
from blocklists.feed.target import Target
from blocklists.ledger.errors import LedgerError
from blocklists.triage.evidence import evidence
from blocklists.triage.ruling import Proposal, Ruled

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from blocklists.desk.session import Session
    from blocklists.triage.reading import CaseFile

#: What may go wrong with an act, and is said to the person.
REFUSALS = (RulingError, LedgerError, FeedError)
LABELS = ("nudify", "sexual_deepfake", "sexual_likeness", "promotion", "minor_abuse")
_MOST_NOTE = 500


def fitting(ruling: Ruling, label: str) -> list[str]:
    """The reason codes of the policy for this ruling on this label; the label's own come first, but last for `keep`."""
    fit = [code for code, r in REASONS.items() if ruling in r.rulings and (not r.labels or label in r.labels)]
    return sorted(fit, key=lambda code: bool(REASONS[code].labels) is (ruling is Ruling.KEEP))


def as_before(file: CaseFile) -> Proposal | None:
    """The ruling in force, on what it names and on the listings that joined since; None where nothing is proposed."""
    held = file.standing.in_force
    if held is None or file.standing.state is not State.REOPENED:
        return None
    joined = {event.about for event in file.standing.since if event.why is Why.JOINED}
    new = evidence(member.listing for member in file.members if member.listing.id in joined)
    targets = (*held.targets, *(str(target) for target in new.own)) if held.ruling in PUBLISHED else ()
    known = tuple(dict.fromkeys(target for target in targets if _shown_by(file, target)))
    return Proposal(case=file.row.case, ruling=held.ruling, reason=held.reason, label=held.label, targets=known)


def _shown_by(file: CaseFile, target: str) -> bool:
    try:
        file.evidence.check(Target.parse(target))
    except (RulingError, FeedError):
        return False
    return True


class Confirm(ModalScreen[Ruled | None]):
    """One ruling, ready to be written."""

    CSS = """
    Confirm { align: center middle; }
    Confirm > VerticalScroll { width: 90%; max-width: 100; height: auto; max-height: 90%; border: round $accent;
        padding: 0 1; background: $surface; }
    Confirm Input { border: none; height: 1; padding: 0; margin-top: 1; }
    """
    BINDINGS: ClassVar = [
        Binding("enter", "write", "rule"),
        Binding("escape", "back", "back"),
        Binding("up", "pick(-1)", "reason"),
        Binding("down", "pick(1)", "reason"),
        Binding("left", "label(-1)", "label"),
        Binding("right", "label(1)", "label"),
        Binding("l", "links", "links"),
        Binding("pagedown", "turn(1)", "page"),
        Binding("pageup", "turn(-1)", "page"),
        *(Binding(str(n), f"number({n})", "reason") for n in range(1, 10)),
    ]

    AUTO_FOCUS = ""

    def __init__(self, session: Session, proposal: Proposal) -> None:
        super().__init__()
        self.session, self.proposal = session, proposal
        self.refused, self.written = "", False

    def compose(self) -> ComposeResult:
        """Put the page and the note on the screen."""
        with VerticalScroll(can_focus=False):
            yield Static(id="ruling", markup=False)
            yield Input(placeholder="note for colleagues (Tab, optional)", max_length=_MOST_NOTE, id="note")

    def on_mount(self) -> None:
        """Show the page."""
        self.redraw()

    @property
    def reasons(self) -> list[str]:
        """The codes that fit now."""
        return fitting(self.proposal.ruling, self.proposal.label)

    def redraw(self) -> None:
        """Ask, dry, what would happen, and show it."""
        sheet, asked = Sheet(), self.proposal
        sheet.say(f"{asked.ruling} ", STRONG).say(f"{asked.case} as ").say(asked.label, STRONG).say(
            "  ← → label", FAINT
        )
        sheet.heading(f"Reason ({len(self.reasons)} fit)")
        for number, code in enumerate(self.reasons, start=1):
            mark, style = ("▸", STRONG) if code == asked.reason else (" ", "")
            sheet.say(f"{mark}{number} {code}", style).say(f"  {REASONS[code].meaning}\n", FAINT)
        self._outcome(sheet)
        if self.refused:
            sheet.say(f"\n{line(self.refused, 600)}\n", WARNING)
        sheet.say("\nEnter rules   Esc goes back", STRONG)
        self.query_one("#ruling", Static).update(sheet.text)

    def _outcome(self, sheet: Sheet) -> None:
        """What the ruling would publish, and who else must rule; never what another person has ruled."""
        try:
            done = self.session.decide(self.proposal, dry=True)
        except REFUSALS as error:
            sheet.say(f"\n{line(error, 600)}\n", WARNING)
            return
        sheet.heading("Would publish" if done.decision.targets else "Publishes nothing")
        for target in done.decision.targets:
            sheet.say(f"  {line(target)}\n")
        linked = len(self.session.need().evidence.linked)
        if linked and self.proposal.ruling in PUBLISHED:
            sheet.say(f"  l: {'not ' if self.proposal.links else ''}the linked addresses too ({linked})\n", FAINT)
        why = line("; ".join(done.decision.why_two), 600)
        sheet.say(f"\nNeeds two people: {why}\n" if why else "\nOne person suffices\n", WARNING if why else "")
        if self.session.need().standing.state is State.SECOND:
            sheet.say("somebody has ruled on it; both rulings show once yours stands\n", FAINT)

    def action_number(self, number: int) -> None:
        """Pick a reason by its number."""
        if number <= len(self.reasons):
            self.proposal = replace(self.proposal, reason=self.reasons[number - 1])
            self.redraw()

    def action_pick(self, step: int) -> None:
        """Pick the next or the previous reason."""
        codes = self.reasons
        at = codes.index(self.proposal.reason) if self.proposal.reason in codes else -step
        self.action_number((at + step) % len(codes) + 1)

    def action_label(self, step: int) -> None:
        """Say that it is something else."""
        at = LABELS.index(self.proposal.label) if self.proposal.label in LABELS else -step
        label = LABELS[(at + step) % len(LABELS)]
        codes = fitting(self.proposal.ruling, label)
        reason = self.proposal.reason if self.proposal.reason in codes else codes[0]
        self.proposal = replace(self.proposal, label=label, reason=reason)
        self.redraw()

    def action_turn(self, pages: int) -> None:
        """Turn a page of a long ruling."""
        scroll = self.query_one(VerticalScroll)
        scroll.scroll_relative(y=pages * scroll.size.height, animate=False)

    def action_links(self) -> None:
        """Publish the linked addresses too, or not."""
        if self.proposal.ruling in PUBLISHED:
            self.proposal = replace(self.proposal, links=not self.proposal.links, targets=())
            self.redraw()

    def on_input_submitted(self) -> None:
        """Enter in the note rules, as anywhere."""
        self.action_write()

    def action_write(self) -> None:
        """Write the ruling, once; where that is refused, say why and stay."""
        if self.written:
            return
        note = self.query_one("#note", Input).value.strip()
        try:
            done = self.session.decide(replace(self.proposal, note=note), dry=False)
        except REFUSALS as error:
            self.refused = str(error)
            self.redraw()
            return
        self.written = True
        self.dismiss(done)

    def action_back(self) -> None:
        """Leave everything as it is."""
        self.dismiss(None)
