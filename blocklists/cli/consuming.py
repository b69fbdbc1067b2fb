"""The consumer's commands on a feed: `verify`, `check`, `apply`."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from blocklists.cli.terminal import plain
from blocklists.client import Feed
from blocklists.client.inspection import Expectation, inspect
from blocklists.client.saying import as_json, as_text
from blocklists.client.source import source_of
from blocklists.client.state import State
from blocklists.client.verification import utc_now
from blocklists.feed.consumerkey import ConsumerKey, signers
from blocklists.feed.errors import FeedError
from blocklists.feed.manifest import written
from blocklists.feed.target import Target

if TYPE_CHECKING:
    from collections.abc import Callable

    from blocklists.client.queries import QueryHit
    from blocklists.place import Place

LISTED = 4  # the exit status of `check` when something is listed


def key_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--key`."""
    return click.option(
        "--key",
        "key_file",
        type=click.Path(path_type=Path, dir_okay=False),
        help="The consumer's key file (default: that of the consumer `local`).",
    )(command)


def on_a_feed(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--feed`, `--key`, `--stale`; the command is called with a function that opens the feed, and its key."""

    @click.option("--feed", metavar="DIR|URL", help="The feed (default: the consumer's own under --var).")
    @key_option
    @click.option("--stale", is_flag=True, help="Go on with a last known good that is past its max_age.")
    @click.pass_obj
    @functools.wraps(command)
    def run(place: Place, /, feed: str | None, key_file: Path | None, *, stale: bool, **others: object) -> object:
        def opened() -> tuple[Feed, ConsumerKey]:
            key = _consumer_key(key_file or place.key_file())
            state = place.client_state(key.consumer)
            found = Feed.open(feed or place.feed_folder(key.consumer), key, state, stale=stale)
            for warning in found.warnings:
                click.echo(f"warning: {plain(warning, keep_newlines=False)}", err=True)
            if found.manifest.retires:
                until = written(found.manifest.retires)
                click.echo(
                    f"warning: this key's feed ends on {until}; ask the publisher for the new key file", err=True
                )
            return found, key

        return command(opened, **others)

    return run


def _consumer_key(path: Path) -> ConsumerKey:
    try:
        return ConsumerKey.parse(_key_text(path))
    except FeedError as error:
        raise FeedError(f"{path}: {error}") from None


def _key_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise FeedError("no such key file; `delist publish` makes the local one, or name one with --key") from None
    except UnicodeDecodeError:
        raise FeedError("not a key file: not text") from None


@click.command()
@click.argument("folder", metavar="[DIR|URL]", required=False)
@click.option("--feed", metavar="DIR|URL", help="The same as the argument.")
@key_option
@click.pass_obj
def verify(place: Place, folder: str | None, feed: str | None, key_file: Path | None) -> None:
    """Verify a feed from end to end: signature, dates, every file, where deltas lead, no step back.

    --key takes a consumer's key or the feed's public key (feed.pub); with a consumer's key the feed must be that
    consumer's, and no older than what the consumer has seen.
    """
    path = key_file or place.key_file()
    if key_file is None and not path.exists():
        path = place.keys / "feed.pub"
    try:
        text = _key_text(path)
        keys = signers(text)
        key = ConsumerKey.parse(text) if text.lstrip().startswith("{") else None
    except FeedError as error:
        raise FeedError(f"{path}: {error}") from None
    kept = State(folder=place.client_state(key.consumer), fingerprint=key.fingerprint).load() if key else None
    source = source_of(folder or feed or place.feed_folder(key.consumer if key else "local"))
    expected = Expectation(
        keys=keys,
        consumer=key.consumer if key else None,
        kept=kept,
        now=utc_now(),
        fingerprint=key.fingerprint if key else None,
    )
    found = inspect(source, expected)
    manifest = found.manifest
    click.echo(f"feed {manifest.feed} for {manifest.consumer}: version {manifest.version}, signed by {manifest.key_id}")
    click.echo(f"generated {written(manifest.generated)}, expires {written(manifest.expires)}")
    counts = ", ".join(f"{found.entries[name]} {name}" for name in ("delist", "demote", "warn", "test", "unknown"))
    click.echo(f"entries {manifest.entries}: {counts}; retractions {found.retractions}")


@click.command()
@click.argument("urls", nargs=-1, metavar="[URL...]")
@click.option("--query", "queries", multiple=True, metavar="TEXT", help="Look a search query up among the query terms.")
@click.option("--json", "in_json", is_flag=True, help="One JSON object a line.")
@on_a_feed
def check(
    opened: Callable[[], tuple[Feed, ConsumerKey]], urls: tuple[str, ...], queries: tuple[str, ...], *, in_json: bool
) -> None:
    """Look addresses up, also coordinates (github:OWNER/REPO) and digests (sha256:HEX); with --query search queries.

    Exit status 0: none is listed; 4: some are; 2: one cannot be an address, and nothing was looked up.
    """
    if not urls and not queries:
        raise click.UsageError("name an address, or a query with --query")
    targets = [Target.parse(url) for url in urls]
    feed, _ = opened()
    held = [feed.check_query(query) for query in queries]
    for query, found in zip(queries, held, strict=True):
        click.echo(_query_line(query, found, in_json=in_json))
    hits = [feed.look_up(target) for target in targets]
    for url, hit in zip(urls, hits, strict=True):
        click.echo(as_json(url, hit) if in_json else as_text(url, hit))
    if feed.unknown:
        click.echo(f"warning: {feed.unknown} entries of an unknown kind were ignored; update delist", err=True)
    if any(hits) or any(held):
        raise click.exceptions.Exit(LISTED)


def _query_line(query: str, hit: QueryHit | None, *, in_json: bool) -> str:
    if in_json:
        row = {"query": query, "listed": hit is not None}
        found = {"phrase": hit.phrase, "label": hit.label, "help": hit.help, "test": hit.test} if hit else {}
        return json.dumps(row | found)
    test = " test phrase, not for enforcement" if hit and hit.test else ""
    said = f"suppress suggestions and advertisements: {hit.label} ({hit.phrase})" if hit and not hit.test else ""
    pointer = f"; help: {hit.help}" if hit and hit.help else ""
    return f"{plain(query, keep_newlines=False)}\t{(said + test or 'not listed') + pointer}"


@click.command()
@click.argument("index")
@click.option("--purge", is_flag=True, help="Delete listed documents for good; this cannot be undone.")
@click.option("--url-field", default="url", show_default=True, help="The column or field that holds addresses.")
@on_a_feed
def apply(opened: Callable[[], tuple[Feed, ConsumerKey]], index: str, *, purge: bool, url_field: str) -> None:
    """Apply the feed to a search index, named as SCHEME:PLACE.

    \b
    sqlite:PATH[#TABLE]                      FTS5
    tantivy:PATH                             needs delist[tantivy]
    opensearch:URL#INDEX[/ALIAS]             credentials: DELIST_INDEX_USER and _PASSWORD,
    elasticsearch:URL#INDEX[/ALIAS]          or DELIST_INDEX_API_KEY; DELIST_INDEX_CA
    postgresql:CONNECTION#TABLE[?role=NAME]

    Listed documents are moved aside, hidden or marked, so that a retraction brings them back. docs/indexes.md says for
    each engine what happens to them and what its queries need.
    """  # noqa: D301 - click's own sign for lines that stay as they are
    from blocklists.indexes import open_index  # noqa: PLC0415 - `verify` and `check` need no database

    place: Place = click.get_current_context().obj
    target = open_index(index, url_field=url_field, state=place.var / "indexes")
    feed, key = opened()
    done = target.apply(feed, key, purge=purge)
    click.echo(
        f"version {feed.manifest.version}: scanned {done.scanned}, delisted {done.delisted}, restored {done.restored};"
        f" now {done.aside} delisted, {done.demoted} demoted, {done.warned} warned"
    )
    if done.unchecked:
        click.echo(f"{done.unchecked} documents have no address that can be checked; they stay", err=True)
    if purge:
        click.echo(f"purged {done.purged} documents for good: a retraction will not bring them back", err=True)
