"""`python -m tests.blocklists.desk.pictures [FOLDER]`: draws the screenshots of docs/desk.md from an invented queue."""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from blocklists.case.appeal import Method
from blocklists.case.reopening import Why
from blocklists.configuration import Intake
from blocklists.desk.app import DeskApp
from blocklists.intake import telling
from blocklists.ledger import appeals, waking
from blocklists.ledger import queue as queue_row
from blocklists.ledger.appeals import Plea
from blocklists.ledger.book import open_ledger
from tests.blocklists.conftest import NOW, House, listing
from tests.blocklists.desk.driving import Driver
from tests.blocklists.desk.scene import Clock, see, session, told

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

FOLDER = Path(__file__).parents[3] / "docs" / "desk"
NAMES = ("Quillon", "Marlow", "Tessera", "Vantor", "Ebblin", "Corvane", "Lumbrick", "Ostrane", "Pellaro")


def furnish(house: House) -> None:
    """A queue with something of everything."""
    see(house, *(told(name.lower(), title=f"{name} photo tool", lang="en", flags={"nsfw": True}) for name in NAMES))
    see(house, told("wexley", reach={"downloads": 41_200}), label="sexual_likeness", score=0.81, band="review")
    (guide,) = see(house, told("harrow", reach={}), label="promotion", score=0.77, band="review")
    see(house, listing("withheld", title="policy paraphrase"), label="minor_abuse", score=0.99)
    house.rule("bob", guide, reason="leads_to_abuse_services")
    key = house.ledger.path.parent / "keys" / "intake.key"
    key.parent.mkdir(exist_ok=True)
    key.write_bytes(bytes(range(32)))  # so that the pictures are the same at every drawing
    for source, category, days in REPORTS:
        tip = telling.Tip(
            target="https://directory.example.test/tool/quillon", category=category, who=who(source), source=source
        )
        telling.tell(house.ledger, Intake(), tip, NOW - timedelta(days=days))
    (appealed,) = see(house, told("nimbus", title="Nimbus fitting room"))
    for name in ("bob", "carl"):
        house.rule(name, appealed)
    ask(house, appealed)


#: Who told what of the first case, and how many days ago: many reports, few sources.
REPORTS = (
    *(("a loud one", category, days) for category in ("nudify", "sexual_deepfake") for days in (80, 45, 2)),
    ("a victim", "nudify", 0),
)


def who(source: str) -> telling.Who:
    return telling.Who.VICTIM if "victim" in source else telling.Who.PUBLIC


def ask(house: House, case: str) -> None:
    """An appeal with a number that is the same at every drawing."""
    at = (NOW + timedelta(hours=1)).isoformat()
    plea = Plea(
        about=case, owner=True, reason="This is a fitting room for our own shop: it shows clothes on a drawn doll."
    )
    with house.ledger.write():
        asked = appeals.add(house.ledger, "A-4NBY8RM2CD", plea, at=at)
        appeals.prove(house.ledger, asked, Method.FILE, "directory.example.test", at=at)
        waking.wake(house.ledger, case, Why.APPEALED, asked.number, actor="delist appeal", at=at)
        queue_row.refresh(house.ledger, [case])


async def queue(desk: Driver) -> None:
    """Nothing opened yet."""
    await desk.press("tab", "down", "down")


async def case(desk: Driver) -> None:
    """A case, masked."""
    await desk.press("h", "n")


async def revealed(desk: Driver) -> None:
    """The same with its text revealed."""
    await desk.press("h", "n", "r")


async def ruling(desk: Driver) -> None:
    """A ruling before it is written."""
    await desk.press("h", "n", "d", "l", "t", "down", "space")


async def appeal(desk: Driver) -> None:
    """An appeal whole."""
    await desk.press("a", "enter")


async def answer(desk: Driver) -> None:
    """What upholding it would do."""
    await desk.press("a", "enter", "u")


PICTURES: dict[str, tuple[Callable[[Driver], Awaitable[None]], tuple[int, int]]] = {
    "queue": (queue, (100, 28)),
    "case": (case, (100, 32)),
    "revealed": (revealed, (100, 32)),
    "ruling": (ruling, (80, 28)),
    "appeal": (appeal, (100, 28)),
    "answer": (answer, (100, 28)),
}


async def draw(house: House, act: Callable[[Driver], Awaitable[None]], size: tuple[int, int], name: str) -> str:
    clock = Clock(NOW + timedelta(hours=3))
    app = DeskApp(session(house, clock=clock))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await act(Driver(app, pilot))
        return _own(app.export_screenshot(title="delist triage --as ann"), name)


def _own(svg: str, name: str) -> str:
    """The picture without what changes from run to run, or asks the network for a font."""
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r"\bR-[2-9A-Z]{10}\b", "R-7Q2K9XH4TB", svg)
    return re.sub(r"terminal-\d+", f"terminal-{name}", svg)


def main(folder: Path = FOLDER) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, (act, size) in PICTURES.items():
        with tempfile.TemporaryDirectory() as var, open_ledger(Path(var) / "ledger.db") as ledger:
            house = House(ledger=ledger, var=Path(var))
            furnish(house)
            (folder / f"{name}.svg").write_text(asyncio.run(draw(house, act, size, name)), encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
