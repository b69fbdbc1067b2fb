"""Asks before an appeal is answered: the reason, what leaves the feed, whether it takes two; only Enter writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from blocklists.case.appeal import Outcome
from blocklists.case.policy import Ruling
from blocklists.desk import choosing
from blocklists.desk.confirming import REFUSALS
from blocklists.desk.sheet import FAINT, STRONG, WARNING, Sheet, line
from blocklists.triage.appealing import UPHELD, Answered
from blocklists.triage.revealing import withheld

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from blocklists.desk.outside import Asked
    from blocklists.desk.session import Session


class ConfirmAnswer(ModalScreen[Answered | None]):
    """One answer, ready to be written."""

    CSS = """
    ConfirmAnswer { align: center middle; }
    ConfirmAnswer > VerticalScroll { width: 90%; max-width: 100; height: auto; max-height: 90%; border: round $accent;
        padding: 0 1; background: $surface; }
    """
    BINDINGS: ClassVar = [
        Binding("enter", "write", "answer"),
        Binding("escape", "dismiss(None)", "back"),
        Binding("up", "pick(-1)", "reason"),
        Binding("down", "pick(1)", "reason"),
        *(Binding(str(n), f"number({n})", "reason") for n in range(1, 10)),
    ]
    AUTO_FOCUS = ""

    def __init__(self, session: Session, asked: Asked, outcome: Outcome) -> None:
        super().__init__()
        self.session, self.asked, self.outcome = session, asked, outcome
        self.codes = self._fitting()
        self.reason = self.codes[0]
        self.refused, self.written = "", False

    def _fitting(self) -> list[str]:
        """The codes that fit, the usual one first."""
        file = self.session.file
        held = file.standing.in_force if file else None
        label = held.label if held else file.row.label if file else ""
        ruling, usual = (held.ruling, held.reason) if held else (Ruling.KEEP, UPHELD)
        if self.outcome is Outcome.UPHELD:
            ruling, usual = Ruling.KEEP, UPHELD
        return sorted(choosing.fitting(ruling, label), key=lambda code: code != usual)

    def compose(self) -> ComposeResult:
        """Put the page on the screen."""
        with VerticalScroll(can_focus=False):
            yield Static(id="answer", markup=False)

    def on_mount(self) -> None:
        """Show the page."""
        self.redraw()

    def redraw(self) -> None:
        """Ask, dry, what would happen, and show it."""
        what = "Uphold" if self.outcome is Outcome.UPHELD else "Reject"
        sheet = Sheet().say(f"{what} {self.asked.status.number} ", STRONG).say(f"on {self.asked.case}")
        choosing.reasons(sheet.end(), self.codes, self.reason)
        try:
            self._foretell(sheet, self.session.answer(self.asked.status.number, self.outcome, self.reason, dry=True))
        except REFUSALS as error:
            sheet.say(f"\n{line(error, 600)}\n", WARNING)
        if self.refused:
            sheet.say(f"\n{line(self.refused, 600)}\n", WARNING)
        sheet.say(f"\nEnter {what.lower()}s it   Esc goes back", STRONG)
        self.query_one("#answer", Static).update(sheet.text)

    def _foretell(self, sheet: Sheet, done: Answered) -> None:
        """What Enter would do; never what another person has said."""
        sheet.heading("What will happen")
        if done.retracts:
            sheet.say("  Retracted at once: with the next publication these leave the feed\n", STRONG)
            for target in done.retracts:
                sheet.say(f"    {line(target)}\n")
            if not withheld(self.session.need()):
                sheet.say("  The text becomes a benign lesson for the model\n", FAINT)
        elif self.outcome is Outcome.REJECTED:
            sheet.say("  Everything that is published stays\n", STRONG)
        else:
            sheet.say("  Nothing leaves the feed yet\n", STRONG)
        sheet.say(f"  The appellant is told {done.reason}, and no score and no name\n", FAINT)
        if done.why_two:
            sheet.say(f"\nNeeds two people: {line('; '.join(done.why_two), 600)}\n", WARNING)
        else:
            sheet.say("\nOne person suffices\n")
        if self.session.need().standing.votes:
            sheet.say("somebody has ruled on it; both rulings show once yours stands\n", FAINT)

    def action_number(self, number: int) -> None:
        """Pick a reason by its number."""
        if number <= len(self.codes):
            self.reason = self.codes[number - 1]
            self.redraw()

    def action_pick(self, step: int) -> None:
        """Pick the next or the previous reason."""
        self.reason = choosing.stepped(self.codes, self.reason, step)
        self.redraw()

    def action_write(self) -> None:
        """Write the answer, once; where that is refused, say why and stay."""
        if self.written:
            return
        try:
            done = self.session.answer(self.asked.status.number, self.outcome, self.reason, dry=False)
        except REFUSALS as error:
            self.refused = str(error)
            self.redraw()
            return
        self.written = True
        self.dismiss(done)
