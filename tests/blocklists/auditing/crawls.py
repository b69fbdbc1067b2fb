"""Recorded crawls in a folder, as a spider leaves them."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from crawler.crawlfile import Record, open_crawl

if TYPE_CHECKING:
    from pathlib import Path

    from crawler.crawlfile import Crawl


def recorded(
    crawls: Path, *lines: dict[str, Any], started: str = "2026-11-22T12:00:00Z", hub: str = "directory"
) -> Crawl:
    """Write a crawl file and its record."""
    path = crawls / hub / f"{started[:-1].replace(':', '-')}-000000Z.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    data = b"".join(json.dumps(line, separators=(",", ":")).encode() + b"\n" for line in lines)
    path.write_bytes(data)
    gone, again = (sum(word in line for line in lines) for word in ("gone", "again"))
    record = Record(
        hub=hub,
        scope="all",
        started=started,
        finished=started,
        file=path.name,
        bytes=len(data),
        lines=len(lines),
        sha256=hashlib.sha256(data).hexdigest(),
        complete=True,
        why=(),
        exhaustive=False,
        pages={"got": 1},
        listings=len(lines) - gone,
        versions={},
        again=again,
        gone=gone,
    )
    path.with_suffix(".json").write_text(record.to_json(), encoding="utf-8")
    return open_crawl(path)
