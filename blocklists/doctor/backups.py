"""Is there a backup, and is the newest one young and whole?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from blocklists.doctor.finding import fail, graded, ok, skipped, warn
from blocklists.keeping.backing import verify
from blocklists.keeping.errors import BackupError
from blocklists.keeping.manifest import NAME, Manifest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from blocklists.doctor.finding import Finding
    from blocklists.doctor.visit import Visit
    from blocklists.place import Place


def folder_of(place: Place, named: str) -> Path:
    """Where backups lie: a folder relative to the configuration, else beside the ledger."""
    return place.config.parent / named if named else place.var / "backups"


def backup(visit: Visit) -> Iterator[Finding]:
    """The newest backup is not older than it may be; with --deep, it verifies."""
    settings = visit.configuration.backups
    folder = folder_of(visit.place, settings.folder)
    made = dict(_made(folder))
    if not made:
        if visit.ledger is None:
            yield skipped("there is nothing to back up yet", folder)
        else:
            yield warn(
                "there is no backup", folder, f"delist backup {folder}/NAME; the timer in packaging/systemd does it"
            )
        return
    newest = max(made, key=lambda path: made[path])
    old = visit.now - datetime.fromisoformat(made[newest])
    what = f"of {made[newest]}, {old.total_seconds() / 3600:.0f} hours old"
    todo = f"delist backup {folder}/NAME; look why the timer did not (docs/operating.md)"
    late = timedelta(hours=settings.every_hours)
    yield graded(what, newest, todo, fails=old > 3 * late, warns=old > 1.5 * late)
    if visit.asked.deep:
        yield _verified(newest)


def _made(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every backup in a folder, and when it was begun; what is none is passed over."""
    for path in folder.glob(f"*/{NAME}"):
        try:
            yield path.parent, Manifest.load(path.parent).at
        except BackupError:
            continue


def _verified(folder: Path) -> Finding:
    try:
        told = verify(folder)
    except BackupError as error:
        return fail(str(error), folder, "take another backup now, and keep this one for whoever looks into it")
    return ok(f"verified: {told.rows} rows of the log", folder)
