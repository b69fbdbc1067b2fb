"""The panes of the desk: counts and people on top, the queue left, the case right, a message and the keys below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from blocklists.desk import filtering, panes
from blocklists.desk.case_page import Reader, page
from blocklists.desk.sheet import FAINT, Sheet, line

if TYPE_CHECKING:
    from rich.text import Text
    from textual.app import ComposeResult

    from blocklists.desk.session import Session


class Board(Vertical):
    """Everything that is shown of a session."""

    DEFAULT_CSS = """
    Board #counts { height: auto; max-height: 4; padding: 0 1; background: $panel; }
    Board #people, Board #message, Board #keys { height: 1; padding: 0 1; }
    Board #people { background: $panel; }
    Board #message { background: $boost; }
    Board #keys { background: $panel; }
    Board #queue { width: 36%; min-width: 30; max-width: 48; height: 1fr; padding: 0; border: none;
        border-right: tall $panel; text-wrap: nowrap; text-overflow: ellipsis; }
    Board #case { width: 1fr; height: 1fr; padding: 0 1; }
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.listed: list[Any] = []

    def compose(self) -> ComposeResult:
        """Lay out the panes."""
        yield Static(id="counts", markup=False)
        yield Static(id="people", markup=False)
        with Horizontal():
            yield OptionList(id="queue", markup=False)
            with VerticalScroll(id="case"):
                yield Static(id="page", markup=False)
        yield Static(id="message", markup=False)
        yield Static(id="keys", markup=False)

    def redraw(self) -> None:
        """Show everything as it is now."""
        self.draw_queue()
        self.draw_case()

    def draw_queue(self) -> None:
        """Show the counts, the people and the queue."""
        session, now = self.session, self.session.clock()
        hidden = bool(session.desk.hides)
        self._show("counts", panes.counts(session.counts(), now))
        people = panes.people(session.desk.reviewer, session.others(), len(session.decided), hidden=hidden)
        self._show("people", people.append(self._filtered(), FAINT))
        rows = session.rows()
        terms = session.title_terms([row.case for row in rows])
        lines = [(row.case, panes.queue_line(row, terms.get(row.case, []), now)) for row in rows]
        if lines != self.listed:
            self.listed = lines
            self._fill(lines)

    def _fill(self, lines: list[tuple[str, Text]]) -> None:
        queue = self.query_one("#queue", OptionList)
        at, top = queue.highlighted, queue.scroll_offset.y
        held = queue.get_option_at_index(at).id if at is not None else None
        queue.set_options(Option(text, id=case) for case, text in lines)
        ids = [case for case, _ in lines]
        opened = self.session.file.row.case if self.session.file else None
        for wish in (held, opened):
            if wish in ids:
                queue.highlighted = ids.index(wish)
                queue.scroll_to(y=top, animate=False)
                break

    def _filtered(self) -> str:
        wanted = self.session.wanted
        fields = {name: getattr(wanted, name) for name in ("label", "band", "hub", "lang", "states")}
        told = filtering.said(fields) + (f" /{line(wanted.search, 40)}" if wanted.search else "")
        return f"  only {line(told.strip(), 80)}" if told else ""

    def draw_case(self) -> None:
        """Show the open case, and the keys that matter now."""
        session = self.session
        self._show("keys", panes.keys_line(opened=session.file is not None))
        if session.file is None:
            self._show("page", Sheet().say("\nno case is open", FAINT).text)
            return
        reader = Reader(
            name=session.desk.reviewer,
            revealed=session.revealed,
            until=session.until,
            telling=session.telling,
            outside=session.outside,
        )
        self._show("page", page(session.file, reader, session.clock()))

    def _show(self, name: str, text: Text) -> None:
        self.query_one(f"#{name}", Static).update(text)

    def tell(self, what: object, style: str = "") -> None:
        """Say something in the line above the keys."""
        self._show("message", Sheet().say(line(what, 400), style).text)

    def top(self, *, focus: bool = False) -> None:
        """Show the case from its beginning; with `focus`, the keys that move are its."""
        case = self.query_one("#case", VerticalScroll)
        case.scroll_home(animate=False)
        if focus:
            case.focus()
