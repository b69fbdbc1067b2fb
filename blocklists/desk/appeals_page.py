"""The appeals that wait, with their clocks, and one of them whole; nothing is decided on these pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from blocklists.case.appeal import Outcome
from blocklists.desk import outside
from blocklists.desk.ages import left
from blocklists.desk.answering import ConfirmAnswer
from blocklists.desk.sheet import FAINT, STRONG, WARNING, Sheet, line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from rich.text import Text
    from textual.app import ComposeResult

    from blocklists.desk.outside import Asked
    from blocklists.desk.session import Session
    from blocklists.triage.appealing import Answered

_OWN = "yours: you agreed to the decision that it is against; somebody else answers"
_TARGETS = 20


class AppealList(ModalScreen["Asked | None"]):
    """The appeals that wait, the one that is due first at the top; Enter opens one."""

    CSS = """
    AppealList { align: center middle; }
    AppealList > OptionList { width: 90%; max-width: 100; height: auto; max-height: 90%; border: round $accent;
        padding: 0 1; background: $surface; text-wrap: nowrap; text-overflow: ellipsis; }
    """
    BINDINGS: ClassVar = [Binding("escape", "dismiss(None)", "back")]
    AUTO_FOCUS = "OptionList"

    def __init__(self, waiting: Sequence[Asked], now: datetime, opened: str = "") -> None:
        super().__init__()
        self.waiting, self.now, self.opened = waiting, now, opened

    def compose(self) -> ComposeResult:
        """Put the list on the screen; of the case that is open the first one is chosen."""
        listed = OptionList(*(Option(_in_the_list(one, self.now)) for one in self.waiting), markup=False)
        many = "1 appeal waits" if len(self.waiting) == 1 else f"{len(self.waiting)} appeals wait"
        listed.border_title = f"{many}: Enter opens one, Esc goes back"
        cases = [one.case for one in self.waiting]
        listed.highlighted = cases.index(self.opened) if self.opened in cases else 0
        yield listed

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Give the appeal that was chosen; the desk below hears nothing of it."""
        event.stop()
        self.dismiss(self.waiting[event.option_index])


def _in_the_list(asked: Asked, now: datetime) -> Text:
    sheet = Sheet().say(asked.status.number, STRONG).say(f"  {asked.case}  {asked.status.state}  ")
    sheet.say(left(asked.status.due, now), WARNING if asked.status.overdue else "")
    sheet.say(f"  opened {asked.status.opened[:10]}\n  ", FAINT).say(outside.who(asked), FAINT)
    return sheet.say(f"\n  {_OWN}" if asked.own else "", WARNING).text


class AppealPage(ModalScreen["Answered | None"]):
    """One appeal: who asks, what they wrote, what it is against, and until when it should be answered."""

    CSS = """
    AppealPage { align: center middle; }
    AppealPage > VerticalScroll { width: 90%; max-width: 100; height: auto; max-height: 90%; border: round $accent;
        padding: 0 1; background: $surface; }
    """
    BINDINGS: ClassVar = [
        Binding("u", "answer('upheld')", "uphold"),
        Binding("r", "answer('rejected')", "reject"),
        Binding("escape", "dismiss(None)", "to the case"),
    ]
    AUTO_FOCUS = "VerticalScroll"

    def __init__(self, session: Session, asked: Asked) -> None:
        super().__init__()
        self.session, self.asked = session, asked

    def compose(self) -> ComposeResult:
        """Put it on the screen."""
        with VerticalScroll():
            yield Static(self.said(), id="appeal", markup=False)

    def said(self) -> Text:
        """What there is to read."""
        asked, now, sheet = self.asked, self.session.clock(), Sheet()
        sheet.say(f"Appeal {asked.status.number} ", STRONG).say(f"on {asked.case}  ")
        sheet.say(asked.status.state, WARNING).end()
        sheet.fact("opened", asked.status.opened[:16].replace("T", " "))
        sheet.fact("clock", left(asked.status.due, now), WARNING if asked.status.overdue else "")
        sheet.fact("from", outside.who(asked))
        sheet.heading("What they wrote")
        sheet.cut(asked.wrote, self._telling(), field="appeal", revealed=bool(self.session.revealed)).end()
        self._against(sheet)
        if asked.own:
            sheet.say(f"\n{_OWN}\n", WARNING)
        return sheet.say("\nu upholds it   r rejects it   Esc looks at the case", STRONG).text

    def _telling(self) -> list[Mapping[str, Any]]:
        """What verdicts on the case rested on: masked in the words of whoever quotes it, too."""
        told = [span for spans in self.session.telling.values() for span in spans]
        file = self.session.file
        return [*told, *(span for member in (file.members if file else ()) for span in member.verdict["because"])]

    def _against(self, sheet: Sheet) -> None:
        held = self.session.need().standing.in_force
        sheet.heading("What it is against" if held else "Nothing is in force any more")
        if held is None:
            return
        sheet.say(f"  {held.ruling} as {held.label} ({held.reason}), since {held.at[:10]}\n")
        for target in held.targets[:_TARGETS]:
            sheet.say(f"  {line(target)}\n")
        if (rest := len(held.targets) - _TARGETS) > 0:
            sheet.say(f"  … and {rest} more\n", FAINT)

    def action_answer(self, word: str) -> None:
        """Ask before anything is written."""
        self.app.push_screen(ConfirmAnswer(self.session, self.asked, Outcome(word)), self._answered)

    def _answered(self, done: Answered | None) -> None:
        if done is not None:
            self.dismiss(done)
