"""What a person chooses before they confirm: one reason of those that fit, and which targets to leave out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from blocklists.case.policy import REASONS, Ruling
from blocklists.desk.sheet import FAINT, STRONG, Sheet, line

if TYPE_CHECKING:
    from collections.abc import Sequence


def fitting(ruling: Ruling, label: str) -> list[str]:
    """The reason codes of the policy for this ruling on this label; the label's own come first, but last for `keep`."""
    fit = [code for code, r in REASONS.items() if ruling in r.rulings and (not r.labels or label in r.labels)]
    return sorted(fit, key=lambda code: bool(REASONS[code].labels) is (ruling is Ruling.KEEP))


def reasons(sheet: Sheet, codes: Sequence[str], picked: str) -> None:
    """The reason codes that fit, the picked one marked."""
    sheet.heading(f"Reason ({len(codes)} fit)")
    for number, code in enumerate(codes, start=1):
        mark, style = ("▸", STRONG) if code == picked else (" ", "")
        sheet.say(f"{mark}{number} {code}", style).say(f"  {REASONS[code].meaning}\n", FAINT)


def stepped(codes: Sequence[str], picked: str, step: int) -> str:
    """The reason before or after the picked one, round and round."""
    at = codes.index(picked) if picked in codes else -step
    return codes[(at + step) % len(codes)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticks:
    """The targets that a ruling would name, those that were unticked, and the one under the cursor, if it is there.

    Nothing can be ticked that was not offered: a ruling is narrowed here, and never widened.
    """

    offered: tuple[str, ...] = ()
    unticked: frozenset[str] = frozenset()
    cursor: int | None = None

    @property
    def left(self) -> tuple[str, ...]:
        """What is still ticked."""
        return tuple(target for target in self.offered if target not in self.unticked)

    def offer(self, targets: tuple[str, ...]) -> Ticks:
        """The same ticks on other targets."""
        cursor = self.cursor if self.cursor is not None and self.cursor < len(targets) else None
        return replace(self, offered=targets, cursor=cursor)

    @property
    def here(self) -> bool:
        """Whether the arrows move over the targets."""
        return self.cursor is not None

    def entered(self) -> Ticks:
        """The cursor on the first target, or back at the reasons."""
        return replace(self, cursor=None if self.here or not self.offered else 0)

    def toggled(self) -> Ticks:
        """The target under the cursor unticked, or ticked again; first the cursor is brought to the targets."""
        if self.cursor is None:
            return self.entered()
        return replace(self, unticked=self.unticked ^ {self.offered[self.cursor]})

    def moved(self, step: int) -> Ticks:
        """The cursor a target on, round and round."""
        return self if self.cursor is None else replace(self, cursor=(self.cursor + step) % len(self.offered))

    def show(self, sheet: Sheet) -> int | None:
        """Every target with its tick; where the line of the cursor begins is returned."""
        at = None
        for number, target in enumerate(self.offered):
            here, off = number == self.cursor, target in self.unticked
            at = len(sheet.text) if here else at
            sheet.say(f"{'▸' if here else ' '}[{' ' if off else 'x'}] ", STRONG)
            sheet.say(line(target), STRONG if here else FAINT if off else "").end()
        if self.offered:
            said = "Space unticks, t goes back to the reasons" if self.here else "t or Space: leave single ones out"
            sheet.say(f"  {said}\n", FAINT)
        return at
