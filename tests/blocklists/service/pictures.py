"""`python -m tests.blocklists.service.pictures`: the status page and the forms, drawn by Chromium."""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from blocklists.ledger import acknowledgements
from blocklists.ledger.acknowledgements import Acknowledgement
from tests.blocklists.conftest import House, listing
from tests.blocklists.service.browser import browser
from tests.blocklists.service.palette import smaller
from tests.blocklists.service.served import a_house, serving

CHECKOUT = Path(__file__).parents[3]
FOLDER = CHECKOUT / "docs" / "pictures"
LOOKED_AT = CHECKOUT / "var" / "pictures"
WIDTHS = {"desktop": 960, "phone": 390}
REASONS = {
    "nudify": "offers_undressing",
    "sexual_deepfake": "offers_sexual_deepfakes",
    "sexual_likeness": "sexual_likeness_of_a_person",
    "promotion": "leads_to_abuse_services",
}
HUBS = ("civitai", "directory", "github", "huggingface_models", "telegram")


def fill(house: House) -> None:
    """Some weeks of work: entries of every label and action, cases that wait, hubs, consumers that lag."""
    number, case = 0, ""
    for version in range(6):
        if version in (3, 5):
            house.agree(case, "keep")
        for label, reason in REASONS.items():
            for turn in range(1 + (number * 7 + version) % 4):
                number += 1
                (case,) = house.see(_tool(number), label=label)
                house.agree(case, ("delist", "delist", "demote", "warn")[(number + turn) % 4], reason=reason)
        house.publish(confirmed=True)
    for more in range(23):
        number += 1
        house.see(_tool(number), label=list(REASONS)[more % 4], band="urgent" if more % 5 else "review")
    _crawls(house)
    now = datetime.now(UTC)
    for name, version in (("engine", 7), ("market", 5)):
        said = Acknowledgement(consumer=name, version=version, applied=9, retracted=0, at=now.isoformat())
        acknowledgements.add(house.ledger, said)


def _tool(number: int):  # noqa: ANN202 - a listing
    hub = HUBS[(number * number + number // 3) % len(HUBS)]
    return listing(f"tool{number}", id=f"{hub}:tool{number}", hub=hub)


def _crawls(house: House) -> None:
    now = datetime.now(UTC)
    with house.ledger.write():
        for at, hub in enumerate(HUBS):
            row = {
                "digest": f"{at:064x}",
                "hub": hub,
                "file": f"{hub}.jsonl",
                "started": (now - timedelta(hours=3 + 17 * at)).isoformat(timespec="seconds"),
                "complete": int(hub != "telegram"),
                "listings": 40,
                "flagged": 4,
                "model": "m",
                "screened_at": now.isoformat(timespec="seconds"),
            }
            house.ledger.db.table("crawls").insert(row)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, a_house(Path(folder), "engine", "market", "search") as house:
        fill(house)
        with serving(house) as served, browser() as tab:
            for page, name in (("/", "status"), ("/reports", "report"), ("/appeals", "appeal")):
                for device, width in WIDTHS.items():
                    for dark in (False, True):
                        tab.show(served.base + page, width=width, dark=dark)
                        kept = FOLDER if name == "status" else LOOKED_AT
                        kept.mkdir(parents=True, exist_ok=True)
                        path = kept / f"{name}-{device}-{'dark' if dark else 'light'}.png"
                        path.write_bytes(smaller(tab.picture()))
                        print(f"{path.relative_to(CHECKOUT)}: {path.stat().st_size} bytes")
                        if said := tab.complaints():
                            sys.exit("\n".join(said))


if __name__ == "__main__":
    main()
