from __future__ import annotations

import asyncio
import gzip
import hashlib
import os
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from blocklists.configuration import ConfigurationError, read_configuration
from blocklists.publishing import consumers
from blocklists.service.editions import Editions, digests
from blocklists.service.squeezing import Squeezer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.blocklists.conftest import House


def opened(path: Path, data: bytes) -> int:
    path.write_bytes(data)
    return os.open(path, os.O_RDONLY)


def test_a_form_is_made_once_by_many_who_ask_at_once(tmp_path: Path) -> None:
    squeezer, source = Squeezer(tmp_path / "served"), opened(tmp_path / "x", b"a line\n" * 5000)

    async def ask() -> list[int | None]:
        return await asyncio.gather(*(squeezer.open(source, "aa", "gzip") for _ in range(9)))

    found = asyncio.run(ask())
    assert len({os.fstat(one).st_ino for one in found if one is not None}) == 1
    assert gzip.decompress((tmp_path / "served/aa.gz").read_bytes()) == b"a line\n" * 5000
    assert [path.name for path in (tmp_path / "served").iterdir()] == ["aa.gz"]


def test_what_does_not_pay_is_known_not_to(tmp_path: Path) -> None:
    squeezer, source = Squeezer(tmp_path / "served"), opened(tmp_path / "x", os.urandom(5000))
    assert [asyncio.run(squeezer.open(source, "bb", coding)) for coding in ("zstd", "gzip", "zstd")] == [None] * 3
    assert (tmp_path / "served/bb.zst").read_bytes() == b""


def test_forms_of_files_that_no_feed_has_are_swept(tmp_path: Path) -> None:
    squeezer = Squeezer(tmp_path)
    for name in ("kept.gz", "gone.gz", "young.zst"):
        (tmp_path / name).write_bytes(b"x")
    for name in ("kept.gz", "gone.gz"):
        os.utime(tmp_path / name, (time.time() - 9999,) * 2)
    squeezer.sweep({"kept"})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept.gz", "young.zst"]


def test_the_feed_of_the_key_before_is_there_while_a_key_changes(house: House) -> None:
    house.add_consumer("engine")
    house.publish()
    editions = Editions(house.var / "feed")
    before = editions.of("engine")
    assert before
    assert editions.of("engine") is before
    assert editions.of("engine/retiring") is None
    consumers.rotate(house.ledger, house.press(), "engine", at_once=False, by="test", now=datetime.now(UTC))
    house.publish()
    after, retiring = editions.of("engine"), editions.of("engine/retiring")
    assert after
    assert after is not before
    assert retiring
    manifest = (house.var / "feed/engine/retiring/manifest.json").read_bytes()
    found = retiring.visible("manifest.json")
    assert found
    assert found.sha256 == hashlib.sha256(manifest).hexdigest()
    assert found.sha256 in digests(house.var / "feed")
    consumers.revoke(house.ledger, house.press(), "engine", by="test", now=datetime.now(UTC))
    assert (editions.of("engine"), editions.of("engine/retiring")) == (None, None)
    editions.close()


def test_no_folder_is_reached_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "feed").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/manifest.json").write_text("{}")
    (tmp_path / "feed/engine").symlink_to(tmp_path / "elsewhere")
    editions = Editions(tmp_path / "feed")
    assert (editions.of("engine"), editions.of("engine/retiring")) == (None, None)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('proxies = "10.0.0.0/99"', "must be networks such as"),
        ('consumers = "all"', "must be pseudonyms or names"),
        ("requests_a_minute = 0", "must be between 1 and"),
        ("lookups_a_minute = -1", "must be between 0 and"),
        ("lookup = true", "unknown key"),
    ],
)
def test_a_wrong_line_of_serve_is_named(tmp_path: Path, line: str, why: str) -> None:
    (tmp_path / "delist.toml").write_text(f"[serve]\n{line}\n")
    with pytest.raises(ConfigurationError, match=why) as caught:
        read_configuration(tmp_path / "delist.toml")
    assert "delist.toml:2: serve." in str(caught.value)
