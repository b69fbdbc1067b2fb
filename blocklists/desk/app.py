"""The desk on a screen: the queue left, the case right, one key an act; the session does what is done."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, ClassVar

from textual.app import App
from textual.binding import Binding
from textual.events import Key

from blocklists.case.policy import Ruling
from blocklists.case.standing import State
from blocklists.desk import filtering, keys, leaving
from blocklists.desk.asking import Ask, Page, break_page, help_page
from blocklists.desk.board import Board
from blocklists.desk.choosing import fitting
from blocklists.desk.confirming import REFUSALS, Confirm, as_before
from blocklists.desk.session import Session
from blocklists.desk.sheet import WARNING
from blocklists.triage.ruling import Proposal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual import events
    from textual.app import ComposeResult
    from textual.widgets import OptionList

    from blocklists.desk.outside import Asked
    from blocklists.triage.appealing import Answered
    from blocklists.triage.desk import Desk
    from blocklists.triage.ruling import Ruled

#: How often the queue is read again, in seconds.
TICK = 5


class DeskApp(App[None]):
    """The review desk of one person."""

    BINDINGS: ClassVar = [
        *(Binding(one.key, one.act, one.word, show=False) for one in keys.KEYS),
        Binding("ctrl+c", "quit", "quit", show=False, priority=True),
    ]
    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = "#case"
    ALLOW_SELECT = False

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.board = Board(session)

    def compose(self) -> ComposeResult:
        """Lay out the desk."""
        yield self.board

    def on_mount(self) -> None:
        """Show the queue, and look at it again from time to time."""
        if not self.is_headless:
            leaving.on_signals(self._end)
        self.set_interval(TICK, self.tick)

    def on_ready(self) -> None:
        """Show the queue once its panes are there."""
        self.board.redraw()
        self.tell("n takes the most pressing case; ? shows every key")

    def _end(self, status: int) -> None:
        """Leave because the process was told to."""
        with self._refusals():
            self.session.leave()
        self.exit(return_code=status)

    def tick(self) -> None:
        """Look at the queue again; say when a lease ran out or a break is due."""
        with self._refusals():
            if self.session.lapsed():
                self.session.give_back()
                self.tell("your claim on this case ran out; it is back in the queue", WARNING)
                self.board.draw_case()
            self.board.draw_queue()
        self._rest()

    async def on_event(self, event: events.Event) -> None:
        """A key is activity, which renews the lease on the open case."""
        if isinstance(event, Key):
            with self._refusals():
                if not self.session.renew():
                    self.tell("your claim ran out and somebody else took the case", WARNING)
                    self.board.redraw()
        await super().on_event(event)

    def tell(self, what: object, style: str = "") -> None:
        """Say something in the line above the keys."""
        self.board.tell(what, style)

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
        if event.option_list.id == "queue":
            self._open(event.option.id)

    def _open(self, case: str | None) -> None:
        with self._refusals():
            file = self.session.open(case)
            why = f": {', '.join(file.row.why)}" if file.row.why else ""
            self.tell(f"{file.row.case} is yours for {self.session.desk.policy.claim_minutes} minutes{why}")
            self.board.top(focus=True)
        self.board.redraw()
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
            self.board.redraw()
        self._rest()

    def action_appeals(self) -> None:
        """Show the appeals that wait."""
        from blocklists.desk.appeals_page import AppealList  # noqa: PLC0415 - the desk opens without it

        with self._refusals():
            waiting = self.session.appeals()
            opened = self.session.file.row.case if self.session.file else ""
            if waiting:
                self.push_screen(AppealList(waiting, self.session.clock(), opened), self._appeal)
            else:
                self.tell("no appeal waits")

    def _appeal(self, asked: Asked | None) -> None:
        """Claim the case of an appeal, and show the appeal over it."""
        from blocklists.desk.appeals_page import AppealPage  # noqa: PLC0415 - the desk opens without it

        if asked is None:
            return
        if self.session.file is None or self.session.file.row.case != asked.case:
            self._open(asked.case)
        if self.session.file is not None and self.session.file.row.case == asked.case:
            self.push_screen(AppealPage(self.session, asked), self._answered)

    def _answered(self, done: Answered | None) -> None:
        if done is not None:
            gone = f"; retracted: {len(done.retracts)}" if done.retracts else ""
            self.tell(f"written: appeal {done.number} is {done.state}{gone}; {done.case} now {done.stands}")
        self.board.redraw()
        self._rest()

    def action_skip(self) -> None:
        """Leave the case to others."""
        with self._refusals():
            self.tell(f"{self.session.skip()} is given back")
        self.board.redraw()

    def action_undo(self) -> None:
        """Take the last ruling back."""
        with self._refusals():
            done = self.session.undo()
            self.tell(f"taken back: {done.decision.ruling} {done.decision.case}, now {done.standing.state}")
            self.board.top()
        self.board.redraw()

    def action_reveal(self) -> None:
        """Reveal the next masked text."""
        with self._refusals():
            shown = self.session.reveal()
            self.tell(f"revealed {shown}; the log says so" if shown else "masked again")
        self.board.draw_case()
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
        self.board.redraw()
        self.tell(f"{len(self.board.listed)} cases")

    def action_hide(self) -> None:
        """Hide the queue of minor_abuse, or show it again."""
        hidden = self.session.toggle_hidden()
        self.tell("minor_abuse is hidden in this session" if hidden else "minor_abuse is shown again")
        self.board.redraw()

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
    app = DeskApp(session)
    try:
        app.run()
    finally:
        session.leave()
    if app.return_code:
        sys.exit(app.return_code)
