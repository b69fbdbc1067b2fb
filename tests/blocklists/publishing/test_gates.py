"""Each gate says what stopped the publication, and what was visible stays; two publishers never interleave."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from blocklists.client import Feed
from blocklists.configuration import Configuration
from blocklists.configuration import Feed as Settings
from blocklists.feed.consumerkey import ConsumerKey
from blocklists.feed.errors import FeedError, TargetError
from blocklists.feed.target import Target
from blocklists.ledger import chain, decisions
from blocklists.ledger.errors import LedgerError
from blocklists.publishing import exposing, gates, release
from blocklists.triage import ruling

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.listing import Listing
    from tests.blocklists.conftest import House

    Make = Callable[..., Listing]

DELIST = Path(sys.executable).parent / "delist"


def visible(house: House) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (house.var / "feed/local").iterdir()}


def smuggle(house: House, case: str, target: str) -> None:
    """Put a target into a decision past every check at the desk, as a bug there would."""
    made = decisions.of_case(house.ledger, case)[-1]
    fields = {name: getattr(made, name) for name in made.__slots__} | {"targets": (target,)}
    with house.ledger.write():
        decisions.add(house.ledger, type(made)(**fields))


def break_chain(house: House) -> None:
    house.ledger.db.execute("DROP TRIGGER log_no_update")
    with house.ledger.write():
        house.ledger.db.execute("UPDATE log SET body = replace(body, 'offers', 'lists') WHERE kind = 'decision'")


@pytest.fixture
def published(house: House, make_listing: Make) -> tuple[House, str]:
    """A house with one version, and a decided case in it."""
    (case,) = house.see(make_listing("one"))
    house.rule("ann", case)
    house.publish()
    return house, case


@pytest.mark.parametrize(
    ("target", "error", "says"),
    [
        ("huggingface.co/", TargetError, r"huggingface\.co/: .* as a whole; name one page"),
        ("github.io/", TargetError, r"github\.io/: a public suffix, under which strangers have their names"),
        ("huggingface.co/models/", TargetError, "a part of .* that holds more than one thing"),
        ("en.wikipedia.org/wiki/Deepfake", FeedError, "gate benign: entry .* would hide .*wikipedia.* rule it again"),
    ],
)
def test_a_target_that_names_too_much_or_a_harmless_page_stops_everything(
    published: tuple[House, str], target: str, error: type[FeedError], says: str
) -> None:
    house, case = published
    smuggle(house, case, target)
    before = visible(house)
    with pytest.raises(error, match=says):
        house.publish(confirmed=True)
    assert visible(house) == before


def test_a_fall_by_more_than_the_share_wants_confirming_like_a_rise(house: House, make_listing: Make) -> None:
    settings = Configuration(feed=Settings(free_changes=2))
    press, now = replace(house.press(), configuration=settings), datetime.now(UTC)
    cases = house.see(*(make_listing(f"tool-{n}") for n in range(10)))
    for case in cases:
        house.rule("ann", case)
    release.publish(house.ledger, press, now=now, confirmed=True)
    for case in cases[:2]:
        ruling.undo(house.desk("ann"), case)
    assert release.publish(house.ledger, press, now=now).removed == 2  # a fifth, and no more than two
    for case in cases[2:5]:
        ruling.undo(house.desk("ann"), case)
    before = visible(house)
    with pytest.raises(FeedError, match=r"gate change: 3 entries would change, 8 are listed, 20% may .*--confirm"):
        release.publish(house.ledger, press, now=now)
    assert visible(house) == before
    assert release.publish(house.ledger, press, now=now, confirmed=True).removed == 3


def test_a_changed_row_of_the_log_stops_everything_and_is_named(published: tuple[House, str]) -> None:
    house, _ = published
    before = visible(house)
    break_chain(house)
    with pytest.raises(LedgerError, match="log row 1 was changed after it was written"):
        house.publish(days=1)
    assert visible(house) == before


def test_every_harmless_page_is_found_under_each_name_that_it_has() -> None:
    listed = [Target.parse("en.wikipedia.org/"), Target.parse("pypi.org/"), Target.parse("bad.example.test/")]
    hits = dict(gates.harmless_hits(listed))
    assert {str(target) for target in hits.values()} <= {"en.wikipedia.org/", "pypi.org/"}
    assert any("wikipedia.org" in page for page in hits)


def test_who_comes_while_another_publishes_waits_and_then_says_so(tmp_path: Path) -> None:
    with (
        exposing.only_one(tmp_path),
        pytest.raises(FeedError, match="another process is at work here"),
        exposing.only_one(tmp_path, patience=0.1),
    ):
        pass
    with exposing.only_one(tmp_path, patience=0):
        assert (tmp_path / ".lock").exists()


def test_publishers_who_start_together_make_one_version(published: tuple[House, str], make_listing: Make) -> None:
    house, _ = published
    (case,) = house.see(make_listing("two"))
    house.rule("ann", case)
    environment = {**os.environ, "DELIST_VAR": str(house.var)}
    started = [
        subprocess.Popen([DELIST, "publish"], env=environment, cwd=house.var, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = sorted(process.communicate()[0] for process in started)
    assert [process.returncode for process in started] == [0, 0, 0]
    assert said == ["version 2 stands: nothing changed since\n"] * 2 + ["version 2: 2 entries, 1 added, 0 removed\n"]
    versions = [row["subject"] for row in house.ledger.rows("SELECT subject FROM log WHERE kind = 'publication'")]
    assert versions == ["1", "2"]
    assert chain.verify(house.ledger) == chain.head(house.ledger)[0]
    key = ConsumerKey.parse((house.var / "keys/consumers/local.json").read_text())
    assert Feed.open(house.var / "feed/local", key).manifest.version == 2


def test_versions_only_rise_one_by_one_and_each_names_the_one_before(published: tuple[House, str]) -> None:
    house, _ = published
    key = ConsumerKey.parse((house.var / "keys/consumers/local.json").read_text())
    for version in (2, 3, 4):
        assert house.publish(days=version).version == version
        (row,) = house.ledger.rows("SELECT body FROM log WHERE kind = 'publication' ORDER BY number DESC LIMIT 2")[1:]
        manifest = (house.var / "feed/local/manifest.json").read_text()
        digest = row["body"].partition('"local":"')[2][:64]
        assert f'"previous":"{digest}"' in manifest
    assert key.consumer == "local"
