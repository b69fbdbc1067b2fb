"""The desk on a screen: the queue left, the case right, one key an act; the session does what is done."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.events import Key
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from blocklists.case.policy import Ruling
from blocklists.case.standing import State
from blocklists.desk import filtering, keys, panes
from blocklists.desk.asking import Ask, Page, break_page, help_page
from blocklists.desk.case_page import Reader, page
from blocklists.desk.confirming import REFUSALS, Confirm, as_before, fitting
from blocklists.desk.session import Session
from blocklists.desk.sheet import FAINT, WARNING, Sheet, line
from blocklists.triage.ruling import Proposal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.text import Text
    from textual import events
    from textual.app import ComposeResult

    from blocklists.triage.desk import Desk
    from blocklists.triage.ruling import Ruled

#: How often the queue is read again, in seconds.
TICK = 5


class DeskApp(App[None]):
    """The review desk of one person."""

    CSS = """
    Screen { layout: vertical; }
    #counts { height: auto; max-height: 4; padding: 0 1; background: $panel; }
    #people, #message, #keys { height: 1; padding: 0 1; }
    #people { background: $panel; }
    #message { background: $boost; }
    #keys { background: $panel; }
    #queue { width: 36%; min-width: 30; max-width: 48; height: 1fr; padding: 0; border: none;
        border-right: tall $panel; text-wrap: nowrap; text-overflow: ellipsis; }
    #case { width: 1fr; height: 1fr; padding: 0 1; }
    """
    BINDINGS: ClassVar = [Binding(one.key, one.act, one.word, show=False) for one in keys.KEYS]
    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = "#case"
    ALLOW_SELECT = False

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._listed: list[Any] = []

    def compose(self) -> ComposeResult:
        """Lay out the desk."""
        yield Static(id="counts", markup=False)
        yield Static(id="people", markup=False)
        with Horizontal():
            yield OptionList(id="queue", markup=False)
            with VerticalScroll(id="case"):
                yield Static(id="page", markup=False)
        yield Static(id="message", markup=False)
        yield Static(id="keys", markup=False)

    def on_mount(self) -> None:
        """Show the queue, and look at it again from time to time."""
        self.set_interval(TICK, self.tick)
        self.redraw()
        self.tell("n takes the most pressing case; ? shows every key")

    def tick(self) -> None:
        """Look at the queue again; say when a lease ran out or a break is due."""
        with self._refusals():
            if self.session.lapsed():
                self.session.give_back()
                self.tell("your claim on this case ran out; it is back in the queue", WARNING)
                self._draw_case()
            self._draw_queue()
        self._rest()

    async def on_event(self, event: events.Event) -> None:
        """A key is activity, which renews the lease on the open case."""
        if isinstance(event, Key):
            with self._refusals():
                if not self.session.renew():
                    self.tell("your claim ran out and somebody else took the case", WARNING)
                    self.redraw()
        await super().on_event(event)

    # What is shown

    def redraw(self) -> None:
        """Show everything as it is now."""
        self._draw_queue()
        self._draw_case()

    def _draw_queue(self) -> None:
        session, now = self.session, self.session.clock()
        hidden = bool(session.desk.hides)
        self._show("counts", panes.counts(session.counts(), now))
        people = panes.people(session.desk.reviewer, session.others(), len(session.decided), hidden=hidden)
        self._show("people", people.append(self._filtered(), FAINT))
        rows = session.rows()
        terms = session.title_terms([row.case for row in rows])
        lines = [(row.case, panes.queue_line(row, terms.get(row.case, []), now)) for row in rows]
        if lines != self._listed:
            self._listed = lines
            self._fill(lines)

    def _fill(self, lines: list[tuple[str, Text]]) -> None:
        queue = self.screen_stack[0].query_one("#queue", OptionList)
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

    def _draw_case(self) -> None:
        session = self.session
        self._show("keys", panes.keys_line(opened=session.file is not None))
        if session.file is None:
            self._show("page", Sheet().say("\nno case is open", FAINT).text)
            return
        name, seen = session.desk.reviewer, session.revealed
        reader = Reader(name=name, revealed=seen, until=session.until, telling=session.telling)
        self._show("page", page(session.file, reader, session.clock()))

    def _show(self, name: str, text: Text) -> None:
        self.screen_stack[0].query_one(f"#{name}", Static).update(text)

    def tell(self, what: object, style: str = "") -> None:
        """Say something in the line above the keys."""
        self._show("message", Sheet().say(line(what, 400), style).text)

    def _top(self) -> None:
        self.screen_stack[0].query_one("#case", VerticalScroll).scroll_home(animate=False)

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        """What the ledger or the policy refuses is said; a case that changed is shown anew."""
        try:
            yield
        except REFUSALS as error:
            self.tell(error, WARNING)

    def _rest(self) -> None:
        why = self.session.due_break()
        if why and len(self.screen_stack) == 1:
            self.push_screen(Page(break_page(why)), lambda _: self.session.rested())

    # What is done

    def action_next_case(self) -> None:
        """Claim the next case."""
        self._open(None)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Claim the case that was chosen in the queue."""
        self._open(event.option.id)

    def _open(self, case: str | None) -> None:
        with self._refusals():
            file = self.session.open(case)
            why = f": {', '.join(file.row.why)}" if file.row.why else ""
            self.tell(f"{file.row.case} is yours for {self.session.desk.policy.claim_minutes} minutes{why}")
            self._top()
            self.screen.query_one("#case").focus()
        self.redraw()
        self._rest()

    def action_rule(self, word: str) -> None:
        """Ask for the rest of a ruling."""
        with self._refusals():
            file, ruling = self.session.need(), Ruling(word)
            reason = fitting(ruling, file.row.label)[0]
            self._confirm(Proposal(case=file.row.case, ruling=ruling, reason=reason, label=file.row.label))

    def action_accept(self) -> None:
        """Ask whether to rule on a reopened case as it was ruled before."""
        with self._refusals():
            proposal = as_before(self.session.need())
            if proposal is None:
                self.tell("nothing is proposed: the case was not reopened after a ruling", WARNING)
            else:
                self._confirm(proposal)

    def _confirm(self, proposal: Proposal) -> None:
        self.push_screen(Confirm(self.session, proposal), self._ruled)

    def _ruled(self, done: Ruled | None) -> None:
        if done is not None:
            decision, state = done.decision, done.standing.state
            second = ": a second person must rule" if state is State.SECOND else ""
            self.tell(f"written: {decision.ruling} {decision.case}, now {state}{second}; u takes it back, n goes on")
        with self._refusals():
            if done is None:
                self.session.look_again()
            self.redraw()
        self._rest()

    def action_skip(self) -> None:
        """Leave the case to others."""
        with self._refusals():
            self.tell(f"{self.session.skip()} is given back")
        self.redraw()

    def action_undo(self) -> None:
        """Take the last ruling back."""
        with self._refusals():
            done = self.session.undo()
            self.tell(f"taken back: {done.decision.ruling} {done.decision.case}, now {done.standing.state}")
            self._top()
        self.redraw()

    def action_reveal(self) -> None:
        """Reveal the next masked text."""
        with self._refusals():
            shown = self.session.reveal()
            self.tell(f"revealed {shown}; the log says so" if shown else "masked again")
        self._draw_case()
        self._rest()

    def action_search(self) -> None:
        """Ask what to look for."""
        self.push_screen(Ask("search", self.session.wanted.search), self._search)

    def _search(self, typed: str | None) -> None:
        if typed is not None:
            self.session.wanted = replace(self.session.wanted, search=typed)
            self._found()

    def action_filter(self) -> None:
        """Ask which cases to show."""
        self.push_screen(Ask("filter: label: band: hub: lang: state:", self._line_of_filter()), self._filter)

    def _line_of_filter(self) -> str:
        fields = {**asdict(self.session.wanted), "states": self.session.wanted.states}
        return filtering.said(fields)

    def _filter(self, typed: str | None) -> None:
        if typed is not None:
            with self._refusals():
                self.session.wanted = replace(self.session.wanted, **filtering.wanted(typed))
                self._found()

    def _found(self) -> None:
        self.redraw()
        self.tell(f"{len(self._listed)} cases")

    def action_hide(self) -> None:
        """Hide the queue of minor_abuse, or show it again."""
        hidden = self.session.toggle_hidden()
        self.tell("minor_abuse is hidden in this session" if hidden else "minor_abuse is shown again")
        self.redraw()

    def action_help(self) -> None:
        """Show every key."""
        self.push_screen(Page(help_page()))

    async def action_quit(self) -> None:
        """Give the case back and leave."""
        with self._refusals():
            self.session.leave()
        self.exit()


def sit_down(desk: Desk) -> None:
    """Open the desk for somebody until they leave; their case is given back, however they leave.

    Raises:
        LedgerError: they are not who they say.
        RulingError: their role does not let them review.
    """
    session = Session(desk)
    try:
        DeskApp(session).run()
    finally:
        session.leave()
