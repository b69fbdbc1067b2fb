"""What scenes are made of: a folder with a house in it, texts, listings that people ruled on, lines of shell."""

from __future__ import annotations

import json
import random
import socket
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocklists.ledger.book import open_ledger
from tests.blocklists.conftest import House, listing
from tests.docs.running import Scene

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

UNDRESSES = "Removes the clothing from any photo of a person, in seconds. Upload a picture of somebody you know."
SWAPS = "Puts the face of any real person into a sexual clip. Upload one picture."
TEXTS = (
    ("Web tool", UNDRESSES, "nudify"),
    ("Face maker", SWAPS, "sexual_deepfake"),
    ("Fit Mirror", "A virtual try-on: shows how a coat would fit, from the shop's own catalogue.", "look_alike"),
    ("Seam Sorter", "Sorts sewing patterns by size. A command line program.", "benign"),
    ("Fake finder", "Detects manipulated pictures and tells victims where to get help.", "look_alike"),
)
#: What makes lea a lead.
LEAD = "as lea delist triage me; as ann delist triage people role lea lead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A folder, and `delist` that is warm."""

    folder: Path
    warm: Path

    @contextmanager
    def house(self) -> Iterator[House]:
        """An empty house in the folder's own var/."""
        var = self.folder / "var"
        var.mkdir()
        with open_ledger(var / "ledger.db") as ledger:
            yield House(ledger=ledger, var=var)

    def scene(self, **fields: dict[str, str]) -> Scene:
        return Scene(folder=self.folder, warm=self.warm, **fields)

    def write(self, name: str, rows: list[dict[str, object]]) -> None:
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (self.folder / name).write_text(text, encoding="utf-8")

    def texts(self) -> None:
        """Files of texts, labelled and not."""
        rows: list[dict[str, object]] = [
            {"title": f"{title} {n}", "text": text, "label": label, "lang": "en", "origin": f"o{n % 3}"}
            for n in range(4)
            for title, text, label in TEXTS
        ]
        for name in ("labelled.jsonl", "listings.jsonl"):
            self.write(name, rows)

    def results(self, *urls: str) -> None:
        """Search results, one of which is somewhere else."""
        self.write("results.jsonl", [{"url": url} for url in (*urls, "https://good.example.test/")])


def listed(house: House, name: str = "tool") -> str:
    """A case that two people delisted, with the site that its listing links to."""
    (case,) = house.see(listing(name, links=(f"https://{name}.example.test/",)))
    house.agree(case, links=True)
    return case


def free_port() -> str:
    """A port that nobody has, and that the system gives nobody who asks for any."""
    while True:
        port = random.randrange(12_000, 32_000)  # noqa: S311 - no secret
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return str(port)
