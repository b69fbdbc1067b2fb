"""A practice: everything that `delist init` makes, as a new operator has it, and a doctor who looks at one thing."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from blocklists.doctor.rounds import CHECKS
from blocklists.doctor.visit import Asked, visiting
from blocklists.ledger.book import open_at
from blocklists.place import Place
from blocklists.publishing.press import Press
from blocklists.publishing.release import publish
from blocklists.settings.example import example
from blocklists.settingup import set_up

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from blocklists.ledger.book import Ledger

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CONTACT = "ops@trust.internal"


@dataclass(frozen=True)
class Practice:
    """One place, and looks at it."""

    place: Place

    def look(
        self,
        check: str,
        now: datetime = NOW,
        environment: Mapping[str, str] | None = None,
        **asked: Any,  # noqa: ANN401 - any wish
    ) -> list[tuple[str, str]]:
        """What one check finds: how it is, and what."""
        wishes = Asked(environment=environment or {}, **asked)
        with visiting(self.place, wishes, now) as visit:
            found = list(CHECKS[check](visit))
        assert all(one.todo for one in found if one.state in ("fail", "warn"))
        return [(one.state.value, f"{one.what} ({one.where})") for one in found]

    def states(self, check: str, now: datetime = NOW, **asked: Any) -> list[str]:  # noqa: ANN401 - any wish
        return [state for state, _ in self.look(check, now, **asked)]

    def configure(self, text: str) -> None:
        self.place.config.write_text(f'[operator]\ncontact = "{CONTACT}"\n{text}', encoding="utf-8")

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        with open_at(self.place) as ledger:
            yield ledger

    def publish(self, now: datetime = NOW) -> None:
        with self.ledger() as ledger:
            publish(ledger, Press.of(self.place), now=now)


@pytest.fixture(scope="session")
def new(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `delist init` makes, once."""
    folder = tmp_path_factory.mktemp("new")
    list(set_up(Place(var=folder / "var", config=folder / "delist.toml"), example(CONTACT, {"github": {}})))
    return folder


@pytest.fixture
def practice(new: Path, tmp_path: Path) -> Practice:
    shutil.copytree(new, tmp_path, dirs_exist_ok=True)
    return Practice(Place(var=tmp_path / "var", config=tmp_path / "delist.toml"))
