"""A publication is whole, signed, monotonic, gated; and seen at once or not at all."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from blocklists.client import Feed
from blocklists.feed.consumerkey import ConsumerKey
from blocklists.feed.errors import FeedError, TargetError
from blocklists.ledger import chain, publications
from blocklists.ledger.errors import LedgerError
from blocklists.triage import ruling

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crawler.listing import Listing
    from tests.blocklists.conftest import House

    Make = Callable[..., Listing]


def key(house: House, consumer: str = "local") -> ConsumerKey:
    return ConsumerKey.parse((house.var / f"keys/consumers/{consumer}.json").read_text())


def opened(house: House, state: Path | None = None) -> Feed:
    return Feed.open(house.var / "feed/local", key(house), state)


def test_what_two_people_ruled_is_found_in_the_feed_and_its_neighbour_is_not(house: House, make_listing: Make) -> None:
    (case,) = house.see(make_listing("one"))
    house.agree(case, links=True)
    assert house.publish().version == 1
    feed = opened(house)
    hit = feed.check("https://one.example.test/app?x=1")
    assert hit is not None
    assert (hit.action, hit.label, hit.delists) == ("delist", "nudify", True)
    assert feed.check("https://directory.example.test/tool/one") is not None
    assert feed.check("https://two.example.test/") is None
    assert feed.check("https://directory.example.test/tool/two") is None


def test_one_signature_publishes_nothing(house: House, make_listing: Make) -> None:
    (case,) = house.see(make_listing("one", reach={}))
    house.rule("ann", case)
    house.publish()
    assert opened(house).check("https://directory.example.test/tool/one") is None


def test_the_stock_minisign_verifies_the_manifest(house: House, make_listing: Make) -> None:
    house.agree(*house.see(make_listing("one")))
    house.publish()
    command = ["minisign", "-V", "-p", "keys/feed.pub", "-m", "feed/local/manifest.json"]
    good = subprocess.run(command, cwd=house.var, capture_output=True, text=True, check=False)
    assert good.returncode == 0, good.stderr
    assert "version:1" in good.stdout
    manifest = house.var / "feed/local/manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b"delist", b"relist", 1))
    assert subprocess.run(command, cwd=house.var, capture_output=True, check=False).returncode != 0


def test_publishing_again_without_a_change_writes_nothing(house: House, make_listing: Make) -> None:
    house.agree(*house.see(make_listing("one")))
    house.publish()
    before = {p: (p.stat().st_ino, p.read_bytes()) for p in (house.var / "feed/local").iterdir()}
    rows = chain.head(house.ledger)
    assert house.publish().version == 1
    assert {p: (p.stat().st_ino, p.read_bytes()) for p in (house.var / "feed/local").iterdir()} == before
    assert chain.head(house.ledger) == rows


def test_a_day_later_the_same_entries_are_published_anew_so_that_they_do_not_expire(
    house: House, make_listing: Make
) -> None:
    house.agree(*house.see(make_listing("one")))
    house.publish()
    assert house.publish(days=1).version == 2


def test_a_withdrawn_decision_is_out_of_the_next_version_with_a_delta_and_a_reason(
    house: House, make_listing: Make, tmp_path: Path
) -> None:
    one, two = house.see(make_listing("one", reach={}), make_listing("two", reach={}))
    house.agree(one)
    house.agree(two)
    house.publish()
    opened(house, tmp_path / "state")
    ruling.undo(house.desk("bob"), one)
    house.agree(two, "keep")
    assert house.publish().version == 2
    feed = opened(house, tmp_path / "state")
    assert feed.check("https://directory.example.test/tool/one") is None
    assert [step.base for step in feed.manifest.deltas] == [1]
    lines = (house.var / "feed/local" / feed.manifest.retractions).read_text().splitlines()
    assert sorted(json.loads(line)["reason"] for line in lines) == ["look_alike", "withdrawn"]


def test_a_retraction_stays_in_the_log_when_the_entry_comes_back(house: House, make_listing: Make) -> None:
    (case,) = house.see(make_listing("one"))
    house.rule("ann", case)
    house.publish()
    ruling.undo(house.desk("ann"), case)
    house.publish()
    house.rule("ann", case)
    assert house.publish().version == 3
    assert opened(house).check("https://directory.example.test/tool/one") is not None
    assert [row["reason"] for row in publications.removals(house.ledger)] == ["withdrawn"]
    lines = (house.var / "feed/local/retractions-3.jsonl").read_text().splitlines()
    assert len(lines) == 1


def test_an_entry_whose_action_changes_is_no_retraction(house: House, make_listing: Make) -> None:
    (case,) = house.see(make_listing("one"))
    house.rule("ann", case)
    house.publish()
    house.rule("ann", case, "demote")
    house.publish()
    hit = opened(house).check("https://directory.example.test/tool/one")
    assert hit is not None
    assert hit.action == "demote"
    assert (house.var / "feed/local/retractions-2.jsonl").read_text() == ""


def test_a_mass_change_wants_confirming_and_says_how_many(house: House, make_listing: Make) -> None:
    items = [make_listing(f"tool-{n}") for n in range(101)]
    for case in house.see(*items):
        house.rule("ann", case)
    with pytest.raises(FeedError, match=r"gate change: 101 entries would change, 0 are listed.*--confirm"):
        house.publish()
    assert not (house.var / "feed/local").exists()
    assert house.publish(confirmed=True).version == 1


def test_a_harmless_page_shuts_the_gate(house: House, make_listing: Make) -> None:
    page = "https://en.wikipedia.org/wiki/Deepfake"
    (case,) = house.see(make_listing("one", url=page, links=()))
    house.agree(case)
    with pytest.raises((FeedError, TargetError), match="wikipedia"):
        house.publish()


def test_a_broken_chain_shuts_the_gate(house: House, make_listing: Make) -> None:
    (case,) = house.see(make_listing("one"))
    house.rule("ann", case)
    house.ledger.db.execute("DROP TRIGGER log_no_update")
    with house.ledger.write():
        house.ledger.db.execute("UPDATE log SET body = replace(body, 'offers', 'lists')")
    with pytest.raises(LedgerError, match="log row 1 was changed"):
        house.publish()


def test_a_second_consumer_has_its_own_tags_and_starts_at_the_present_version(house: House, make_listing: Make) -> None:
    (case,) = house.see(make_listing("one"))
    house.rule("ann", case)
    house.publish()
    house.add_consumer("engine")
    assert house.publish().version == 2
    engine = Feed.open(house.var / "feed/engine", key(house, "engine"))
    assert engine.manifest.version == opened(house).manifest.version == 2
    assert engine.check("https://directory.example.test/tool/one") is not None
    ours, theirs = ((house.var / f"feed/{name}/snapshot-2.bin").read_bytes() for name in ("local", "engine"))
    assert not set(records(ours)) & set(records(theirs))
    with pytest.raises(FeedError, match="engine"):
        Feed.open(house.var / "feed/engine", key(house))


def records(snapshot: bytes) -> list[bytes]:
    return [snapshot[at : at + 16] for at in range(len(snapshot) - 19, 16, -19)]


def test_a_lost_feed_folder_is_made_again_and_still_chains(house: House, make_listing: Make, tmp_path: Path) -> None:
    (case,) = house.see(make_listing("one"))
    house.rule("ann", case)
    house.publish()
    opened(house, tmp_path / "state")
    shutil.rmtree(house.var / "feed")
    assert house.publish().version == 2
    feed = opened(house, tmp_path / "state")
    assert feed.manifest.version == 2
    assert feed.warnings == []


def test_keys_are_readable_by_their_owner_only(house: House, make_listing: Make) -> None:
    house.agree(*house.see(make_listing("one")))
    house.publish()
    for name in ("feed.key", "consumers/local.json"):
        assert (house.var / "keys" / name).stat().st_mode & 0o077 == 0


def test_review_dates_of_the_past_unlist_nothing(house: House, make_listing: Make) -> None:
    (case,) = house.see(make_listing("one"))
    house.rule("ann", case)
    house.publish()
    assert house.publish(days=400).entries == 1
