from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from blocklists.service.lookup import RECORDS, SIZE, Index
from tests.blocklists.service.served import serving

if TYPE_CHECKING:
    from tests.blocklists.conftest import House
    from tests.blocklists.service.served import Served

pytestmark = pytest.mark.xdist_group("service-shown")


def test_the_status_page_says_how_things_are_and_names_nothing(served: Served) -> None:
    got = served.ask("/")
    page = got.body.decode()
    assert got.status == 200
    assert "<title>Delist status</title>" in page
    for said in ("Version", "nudify", "sexual_deepfake", "Cases that wait", "directory", "Consumers", "none"):
        assert said in page
    for name in ("example.test", "Tool one", "engine", "rival", "c-713", "ann", "<script", "style=", "http:"):
        assert name not in page
    assert got.headers["x-robots-tag"] == "noindex, nofollow"
    policy = got.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_every_plot_says_in_words_what_it_shows(served: Served) -> None:
    page = served.ask("/").body.decode()
    plots = [ET.fromstring(found) for found in re.findall(r'<svg class="plot".*?</svg>', page)]  # noqa: S314 - our own page
    assert len(plots) >= 4
    for plot in plots:
        ids = plot.attrib["aria-labelledby"].split()
        assert plot.attrib["role"] == "img"
        told = {one.attrib["id"]: one.text for one in plot.iter() if "id" in one.attrib}
        assert all(told[name] for name in ids)
    assert "nudify: 2 delist" in page


def test_figures_for_prometheus_name_no_entry(served: Served) -> None:
    text = served.ask("/metrics").body.decode()
    for line in text.splitlines():
        assert re.fullmatch(r'# (HELP|TYPE) \S+ .+|delist_[a-z_]+(\{(\w+="[^"\n]*",?)*\})? -?[0-9.e+-]+', line), line
    assert 'delist_feed_entries{label="nudify",action="delist"} 2' in text
    assert re.search(r'delist_requests_total\{status="200",worker="\d+"\} \d+', text)
    assert re.search(r'delist_consumer_lag_versions\{consumer="c-[0-9a-f]{8}"\} 1', text)
    assert not re.search("example|engine|Tool", text)


def test_health_and_the_signed_head(served: Served) -> None:
    got = served.ask("/health")
    row = got.json()
    assert (got.status, row["status"], row["ledger"], row["feed"]["version"]) == (200, "ok", True, 1)
    head = served.ask("/head").json()
    found = served.house.ledger.row("SELECT hash FROM log WHERE number = ?", [head["number"]])
    assert found == {"hash": head["hash"]}
    assert served.ask("/nothing").status == 404
    assert served.ask("/", method="DELETE").status == 405


def prefix(target: str) -> str:
    return hashlib.sha256(target.encode()).hexdigest()[:8]


def test_who_has_an_address_finds_it_and_who_has_none_cannot_tell_an_entry(served: Served) -> None:
    sizes, counts = set(), set()
    for target, listed in (
        ("directory.example.test/tool/one", True),
        ("delist-test.example/listed", True),
        ("unknown.example.test/", False),
    ):
        got = served.ask(f"/lookup/{prefix(target)}")
        records = got.json()["records"]
        full = hashlib.sha256(target.encode()).hexdigest()
        assert [one["action"] for one in records if one["sha256"] == full] == ["delist"] * listed
        assert all(one["sha256"].startswith(prefix(target)) for one in records)
        assert served.ask(f"/lookup/{prefix(target)}").body == got.body
        sizes.add(len(got.body))
        counts.add(len(records))
    assert (sizes, counts) == ({SIZE}, {RECORDS})


@pytest.mark.parametrize("wrong", ["", "00", "000000", "0000000", "0000000g", "0000000A", "00" * 5, "..%2f", "%00" * 4])
def test_a_beginning_that_is_too_short_or_none_is_refused(served: Served, wrong: str) -> None:
    assert served.ask(f"/lookup/{wrong}").status in (400, 404)


def test_minor_abuse_is_never_looked_up(served: Served) -> None:
    index = Index.of(served.house.ledger)
    row = index.rows[:34]
    body = json.dumps({"label": "minor_abuse", "action": "delist", "case": "c-x"})
    with served.house.ledger.write():
        add = "INSERT INTO entries (version, change, target, body) VALUES (1, 'add', 'grave.example.test/', ?)"
        served.house.ledger.db.execute(add, [body])
        grave = Index.of(served.house.ledger)
        served.house.ledger.db.execute("SELECT 1")
        assert grave.rows == index.rows
        assert row in grave.rows
        served.house.ledger.db.rollback()
        served.house.ledger.db.conn.execute("BEGIN")


def test_the_look_up_is_off_until_it_is_switched_on_and_limits_are_answered(served: Served) -> None:
    house = served.house
    before = reported(house)
    with serving(house, 'requests_a_minute = 2\nintake_a_minute = 2\nproxies = "127.0.0.1"\n') as meagre:
        assert meagre.ask(f"/lookup/{prefix('one.example.test/')}").status == 404
        answers = [meagre.ask("/feed/engine/manifest.json", served.tokens["engine"]) for _ in range(14)]
        assert [one.status for one in answers] == [200] * 10 + [429] * 4
        assert int(answers[-1].headers["retry-after"]) >= 1
        guesses = [meagre.ask("/feed/engine/manifest.json", f"dlt_{n}").status for n in range(14)]
        assert guesses.count(429) >= 3
        others = (meagre.ask("/feed/engine/x", "dlt_x", X_Forwarded_For=f"203.0.113.{n}").status for n in range(14))
        assert set(others) == {404}
        row = {"category": "nudify"}
        told = [meagre.send("/reports", {**row, "target": f"https://t{n}.example.test/"}) for n in range(14)]
        assert [one.status for one in told].count(429) == 4
        assert all(int(one.headers["retry-after"]) >= 1 for one in told if one.status == 429)
        assert reported(house) - before == [one.status for one in told].count(201)
        assert meagre.ask("/robots.txt").status == 200
        assert meagre.stop() == 0


def reported(house: House) -> int:
    row = house.ledger.row("SELECT count(*) AS n FROM reports")
    return int(row["n"]) if row else 0


def test_names_of_consumers_are_shown_where_the_operator_says_so(served: Served) -> None:
    with serving(served.house, 'consumers = "names"\n') as open_minded:
        assert "engine" in open_minded.ask("/").body.decode()
