"""The consumer's reader as a command of its own: `update`, `check` and `filter` with nothing but Python."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from blocklists.client.reader import Feed
from blocklists.client.rows import Csv, JsonLines, Sieve, sift
from blocklists.client.saying import as_json, as_text
from blocklists.feed.consumerkey import ConsumerKey
from blocklists.feed.errors import FeedError
from blocklists.feed.manifest import written
from blocklists.feed.target import Target

if TYPE_CHECKING:
    from collections.abc import Sequence

LISTED = 4  # the exit status of `check` when something is listed


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; its exit status: 0 done, 1 rows withheld, 2 wrong usage, 3 no feed to rely on, 4 listed."""
    asked = _parser().parse_args(words)
    try:
        key = ConsumerKey.parse(asked.key.read_text(encoding="utf-8"))
        feed = Feed.open(asked.feed, key, asked.state, stale=asked.stale)
        for warning in feed.warnings:
            print(f"warning: {warning!a}", file=sys.stderr)
        return int(asked.run(feed, asked))
    except (FeedError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return getattr(error, "status", 1)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="delist-client", description=__doc__)
    parser.add_argument("--feed", required=True, metavar="DIR|URL")
    parser.add_argument("--key", required=True, type=Path, metavar="FILE", help="the consumer's key file")
    parser.add_argument("--state", type=Path, metavar="DIR", help="where the last known good is kept")
    parser.add_argument("--stale", action="store_true", help="go on with one that is past its max_age")
    commands = parser.add_subparsers(required=True)
    update = commands.add_parser("update", help="bring the state up to date and say what it holds")
    update.set_defaults(run=_update)
    check = commands.add_parser("check", help="look addresses, coordinates and digests up")
    check.add_argument("urls", nargs="+", metavar="URL")
    check.add_argument("--json", action="store_true")
    check.set_defaults(run=_check)
    rows = commands.add_parser("filter", help="drop listed rows on the way from standard input to standard output")
    rows.add_argument("--format", choices=["jsonl", "csv"], default="jsonl")
    rows.add_argument("--field", default="url")
    rows.add_argument("--annotate", action="store_true", help="mark rows that are demoted or warned of")
    rows.set_defaults(run=_filter)
    return parser


def _update(feed: Feed, _: argparse.Namespace) -> int:
    made = feed.manifest
    what = f"version {made.version} of {written(made.generated)}, {len(feed)} entries"
    print(f"feed {made.feed} for {made.consumer}: {what}")
    return 0


def _check(feed: Feed, asked: argparse.Namespace) -> int:
    hits = [feed.look_up(Target.parse(url)) for url in asked.urls]
    for url, hit in zip(asked.urls, hits, strict=True):
        print(as_json(url, hit) if asked.json else as_text(url, hit))
    return LISTED if any(hits) else 0


def _filter(feed: Feed, asked: argparse.Namespace) -> int:
    sieve = Sieve(feed=feed, report=lambda line, problem: print(f"-:{line}: {problem!a}", file=sys.stderr))
    rows = JsonLines(name=asked.field) if asked.format == "jsonl" else Csv(asked.field, mark=asked.annotate)
    sift(rows.read(sys.stdin.buffer), sieve, sys.stdout.buffer.write, rows.marked if asked.annotate else None)
    sys.stdout.buffer.flush()
    print(f"-: {sieve.counts}", file=sys.stderr)
    return 1 if sieve.counts.withheld else 0


def command() -> None:
    """What is installed as `delist-client`."""
    sys.exit(main())


if __name__ == "__main__":
    command()
