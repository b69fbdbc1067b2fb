"""Drives a desk by keys under textual's Pilot, and reads what stands on its screen."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.widgets import Static

from blocklists.desk.app import DeskApp

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.pilot import Pilot

    from blocklists.desk.session import Session


class Driver:
    """Hands on the keys and eyes on the screen."""

    def __init__(self, app: DeskApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)
            await self.pilot.pause()

    async def write(self, text: str) -> None:
        await self.press(*({" ": "space", ":": "colon", "-": "minus"}.get(c, c) for c in text))

    def lines(self) -> list[str]:
        """The screen as it is, one string a line."""
        width, height = self.app.size
        compositor = self.app.screen._compositor
        strips = compositor.render_strips()
        lines = ["".join(segment.text for segment in strip) for strip in strips]
        assert len(lines) == height
        assert width
        return lines

    def screen(self) -> str:
        return "\n".join(self.lines())

    def pane(self, name: str) -> str:
        """What a pane says, without its wrapping."""
        return str(self.app.screen_stack[0].query_one(f"#{name}", Static).content)

    def dialog(self) -> str:
        return str(self.app.screen.query_one("#ruling", Static).content)


def drive(session: Session, act: Callable[[Driver], Awaitable[None]], *, size: tuple[int, int] = (100, 40)) -> DeskApp:
    """Sit somebody down, let them act, and close the desk."""
    app = DeskApp(session)

    async def run() -> None:
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await act(Driver(app, pilot))

    asyncio.run(run())
    return app
