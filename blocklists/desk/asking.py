"""Small pages over the desk: a line to type, the help, and the proposal of a break."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from blocklists.desk.keys import KEYS, MOVES
from blocklists.desk.sheet import FAINT, STRONG, WARNING, Sheet

if TYPE_CHECKING:
    from rich.text import Text
    from textual.app import ComposeResult

_LONGEST_LINE = 2000


class Ask(ModalScreen[str | None]):
    """One line; Enter gives it, Escape gives nothing."""

    CSS = """
    Ask { align: center middle; }
    Ask > Input { width: 90%; max-width: 90; }
    """
    BINDINGS: ClassVar = [Binding("escape", "dismiss(None)", "back")]
    AUTO_FOCUS = "Input"

    def __init__(self, what: str, value: str = "") -> None:
        super().__init__()
        self.what, self.value = what, value

    def compose(self) -> ComposeResult:
        """Put the line on the screen."""
        line = Input(value=self.value, placeholder=self.what, max_length=_LONGEST_LINE)
        line.border_title = self.what
        yield line

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Give the line."""
        self.dismiss(event.value.strip())


class Page(ModalScreen[None]):
    """Something to read; Enter or Escape closes it."""

    CSS = """
    Page { align: center middle; }
    Page > VerticalScroll { width: 90%; max-width: 90; height: auto; max-height: 95%; border: round $accent;
        padding: 0 1; background: $surface; }
    """
    BINDINGS: ClassVar = [
        Binding("enter,escape", "dismiss(None)", "back"),
    ]
    AUTO_FOCUS = "VerticalScroll"

    def __init__(self, text: Text) -> None:
        super().__init__()
        self.told = text

    def compose(self) -> ComposeResult:
        """Put it on the screen."""
        with VerticalScroll():
            yield Static(self.told, markup=False)


def help_page() -> Text:
    """Every key of the desk."""
    sheet = Sheet().say("Keys", STRONG).end()
    for one in KEYS:
        sheet.say(f" {one.seen:<2}", STRONG).say(f"{one.word:<9}").say(one.says, FAINT).end()
    for keys, what in MOVES:
        sheet.say(f" {keys}  ", STRONG).say(what, FAINT).end()
    return sheet.say("Enter or Esc goes back", STRONG).text


def break_page(why: str) -> Text:
    """The proposal of a break."""
    sheet = Sheet().say("Time for a break\n\n", WARNING).say(f"{why}\n")
    sheet.say("Stand up, look at something far away, talk to somebody. Nothing is lost: what you ruled is written,\n")
    sheet.say("and a case that you leave open goes back to the queue by itself.\n\n")
    return sheet.say("Enter or Esc: go on", STRONG).text
