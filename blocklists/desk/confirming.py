"""Asks before a ruling is written: the reason, the exact targets, whether it takes two; only Enter writes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from blocklists.case.errors import RulingError
from blocklists.case.policy import FINAL, PUBLISHED
from blocklists.case.reopening import Why
from blocklists.case.standing import State
from blocklists.desk import choosing
from blocklists.desk.choosing import Ticks, fitting
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
_NOTHING_LEFT = "no target is ticked: a ruling that publishes needs one; tick one, or keep the case"


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
        Binding("t", "targets", "targets"),
        Binding("space", "tick", "leave out"),
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
        self.ticks = Ticks()

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
        sheet.say(f"{asked.ruling} ", STRONG).say(f"{asked.case} as ").say(asked.label, STRONG)
        sheet.say("  ← → label", FAINT)
        choosing.reasons(sheet, self.reasons, asked.reason)
        at = self._outcome(sheet)
        if self.refused:
            sheet.say(f"\n{line(self.refused, 600)}\n", WARNING)
        sheet.say("\nEnter rules   Esc goes back", STRONG)
        self.query_one("#ruling", Static).update(sheet.text)
        if at is not None:
            self._show_line(len(sheet.text[:at].wrap(self.app.console, self.query_one("#ruling").size.width or 80)))

    def _show_line(self, number: int) -> None:
        scroll = self.query_one(VerticalScroll)
        if not scroll.scroll_offset.y < number < scroll.scroll_offset.y + scroll.size.height - 1:
            scroll.scroll_to(y=max(0, number - scroll.size.height // 2), animate=False)

    def _outcome(self, sheet: Sheet) -> int | None:
        """What the ruling would publish, and who else must rule; never what another person has ruled.

        Where the line of the target under the cursor begins is returned.
        """
        try:
            whole = self.session.decide(self.proposal, dry=True)
            self.ticks = self.ticks.offer(whole.decision.targets)
            done = self.session.decide(self._narrowed(), dry=True) if self.ticks.unticked and self.ticks.left else whole
        except REFUSALS as error:
            sheet.say(f"\n{line(error, 600)}\n", WARNING)
            return None
        sheet.heading(f"Would publish{self._share()}" if whole.decision.targets else "Publishes nothing")
        at = self.ticks.show(sheet)
        linked = len(self.session.need().evidence.linked)
        if linked and self.proposal.ruling in PUBLISHED:
            sheet.say(f"  l: {'not ' if self.proposal.links else ''}the linked addresses too ({linked})\n", FAINT)
        self._who_else(sheet, done)
        return at

    def _share(self) -> str:
        left, offered = len(self.ticks.left), len(self.ticks.offered)
        return f" {left} of {offered}" if left < offered else ""

    def _who_else(self, sheet: Sheet, done: Ruled) -> None:
        why = line("; ".join(done.decision.why_two), 600)
        if self.ticks.offered and not self.ticks.left:
            sheet.say(f"\n{_NOTHING_LEFT}\n", WARNING)
        else:
            sheet.say(f"\nNeeds two people: {why}\n" if why else "\nOne person suffices\n", WARNING if why else "")
        if self.session.need().standing.state is State.SECOND:
            sheet.say("somebody has ruled on it; both rulings show once yours stands\n", FAINT)
        asked = self.session.outside.appeals if self.session.outside else ()
        if asked and self.proposal.ruling in FINAL:
            sheet.say(f"once in force it answers {', '.join(one.status.number for one in asked)} too\n", WARNING)

    def _narrowed(self) -> Proposal:
        """The proposal without the targets that were unticked; never with one that it did not have.

        Raises:
            RulingError: none is left.
        """
        if not self.ticks.offered or self.ticks.left == self.ticks.offered:
            return self.proposal
        if not self.ticks.left:  # without targets, every one would be meant
            raise RulingError(_NOTHING_LEFT)
        return replace(self.proposal, targets=self.ticks.left)

    def action_targets(self) -> None:
        """Move over the targets with the arrows, or over the reasons again."""
        self.ticks = self.ticks.entered()
        self.redraw()

    def action_tick(self) -> None:
        """Leave a target out, or take it in again."""
        self.ticks, self.refused = self.ticks.toggled(), ""
        self.redraw()

    def action_number(self, number: int) -> None:
        """Pick a reason by its number."""
        if number <= len(self.reasons):
            self.proposal = replace(self.proposal, reason=self.reasons[number - 1])
            self.redraw()

    def action_pick(self, step: int) -> None:
        """Pick the next or the previous reason; at the targets, move on to the next or previous one."""
        if self.ticks.here:
            self.ticks = self.ticks.moved(step)
        else:
            picked = choosing.stepped(self.reasons, self.proposal.reason, step)
            self.proposal = replace(self.proposal, reason=picked)
        self.redraw()

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
            done = self.session.decide(replace(self._narrowed(), note=note), dry=False)
        except REFUSALS as error:
            self.refused = str(error)
            self.redraw()
            return
        self.written = True
        self.dismiss(done)

    def action_back(self) -> None:
        """Leave everything as it is."""
        self.dismiss(None)
