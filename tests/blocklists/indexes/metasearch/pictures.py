"""`python -m tests.blocklists.indexes.metasearch.pictures`: searx's page, drawn by Chromium."""

from __future__ import annotations

import tempfile
from pathlib import Path

from blocklists.feed.entry import Action
from tests.blocklists.feed.pressing import Publisher, entry
from tests.blocklists.indexes.metasearch.page import CHECKOUT, Engine, Page

#: Window and where its pictures go: those of a phone are to be looked at, not kept. A window is 500 wide at least.
WIDTHS = {"desktop": ("1000,500", CHECKOUT / "docs" / "pictures"), "phone": ("500,560", CHECKOUT / "var" / "pictures")}
LISTINGS = (
    ("https://lowered.example.test/guide", "A guide to some tools", "Links to services."),
    ("https://editor.example.test/", "Photo editor", "Crops and turns a photo."),
    ("https://listed.example.test/app", "A listed service", "What people decided to delist."),
    ("https://marked.example.test/forum", "A forum", "Where such services are talked about."),
)
ENTRIES = (
    entry("listed.example.test"),
    entry("lowered.example.test", action=Action.DEMOTE),
    entry("marked.example.test", action=Action.WARN),
)


def draw(page: Page, state: str) -> None:
    for name, (size, folder) in WIDTHS.items():
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"searx-{state}-{name}.png"
        page.chromium("--disable-lcd-text", f"--window-size={size}", f"--screenshot={path}")
        print(f"{path.relative_to(CHECKOUT)}: {path.stat().st_size} bytes")


def main() -> None:
    urls = [url for url, _, _ in LISTINGS]
    results = [{"url": url, "title": title, "content": content} for url, title, content in LISTINGS]
    with tempfile.TemporaryDirectory() as folder:
        publisher = Publisher(Path(folder) / "feed")
        publisher.publish()
        page = Page(folder=Path(folder), engine=Engine(results=results), publisher=publisher, query="photo")
        with page.serving():
            page.until(urls)
            draw(page, "before")
            publisher.publish(*ENTRIES)
            page.until([urls[1], urls[3], urls[0]])
            draw(page, "after")


if __name__ == "__main__":
    main()
