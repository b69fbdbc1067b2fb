"""Who gets which entries: partners alone, published ones alone, nothing of minor_abuse, and a row for every export."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from blocklists import formats
from blocklists.feed.entry import Action, Entry, Relation
from blocklists.feed.errors import FeedError, TargetError
from blocklists.feed.target import Target
from blocklists.formats.frame.finding import find, names
from blocklists.formats.frame.form import Form
from blocklists.ledger import chain
from blocklists.ledger.consumers import Tier
from blocklists.ledger.errors import LedgerError
from blocklists.publishing import consumers
from tests.blocklists.formats.printing import DOCUMENT, came, printed, publish, went

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from blocklists.ledger.book import Ledger
    from crawler.listing import Listing
    from tests.blocklists.conftest import House

    Make = Callable[..., Listing]

DOMAIN_ONLY = ("hosts", "domains", "dnsmasq", "rpz")
EVERY = ("adblock", "csv", "dnsmasq", "domains", "dsa", "hosts", "jsonl", "misp", "rpz", "stix")


def give(house: House, name: str, tier: Tier) -> None:
    consumers.add(house.ledger, house.press(), name, tier, by="test", now=datetime(2026, 11, 1, tzinfo=UTC))


def targets(text: str) -> list[str]:
    return [json.loads(line)["target"] for line in text.splitlines()]


def test_every_module_is_a_format_and_a_new_one_needs_no_other_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ledger: Ledger
) -> None:
    assert tuple(names()) == EVERY
    folder = tmp_path / "more"
    folder.mkdir()
    shutil.copy(f"{formats.__path__[0]}/domains.py", folder / "elsewhere.py")
    monkeypatch.setattr(formats, "__path__", [*formats.__path__, str(folder)])
    publish(ledger, came("bad.test/"))
    assert "elsewhere" in names()
    assert printed(ledger, "elsewhere").text.splitlines()[1:] == ["bad.test"]
    monkeypatch.undo()
    with pytest.raises(TargetError, match="format 'elsewhere': not one of adblock, csv"):
        find("elsewhere")


@pytest.mark.parametrize("name", EVERY)
def test_every_format_says_what_it_is_here_and_in_the_document(name: str) -> None:
    module = find(name)
    assert isinstance(module.FORM, Form)
    assert module.FORM.names
    assert (module.__doc__ or "").strip()
    assert f"\n| `{name}` | " in DOCUMENT.read_text()


def test_plain_formats_go_to_partners_and_to_this_house_alone(house: House) -> None:
    publish(house.ledger, came("bad.test/"))
    give(house, "engine", Tier.CONSUMER)
    give(house, "hotline", Tier.PARTNER)
    assert targets(printed(house.ledger, "jsonl", "hotline").text) == ["bad.test/"]
    assert targets(printed(house.ledger, "jsonl", "local").text) == ["bad.test/"]
    with pytest.raises(LedgerError, match="engine: is of tier consumer and gets the keyed feed; plain formats go to"):
        printed(house.ledger, "jsonl", "engine")
    with pytest.raises(LedgerError, match=r"'\.\./x': is nobody's name"):
        printed(house.ledger, "jsonl", "../x")
    consumers.revoke(house.ledger, house.press(), "hotline", by="test", now=datetime(2026, 11, 9, tzinfo=UTC))
    with pytest.raises(LedgerError, match="'hotline': was revoked on 2026-11-09"):
        printed(house.ledger, "jsonl", "hotline")
    rows = house.ledger.rows("SELECT subject FROM log WHERE kind = 'export' ORDER BY number")
    assert [row["subject"] for row in rows] == ["hotline", "local"]


def test_a_feed_whose_name_is_none_is_exported_nowhere(ledger: Ledger) -> None:
    publish(ledger, came("bad.test/"))
    with pytest.raises(FeedError, match=r"feed.name 'delist\\n0.0.0.0 good.test': a name is 1 to 63"):
        printed(ledger, "hosts", feed="delist\n0.0.0.0 good.test")


def test_only_what_is_published_is_exported(house: House, make_listing: Make) -> None:
    with pytest.raises(LedgerError, match="nothing is published yet; `delist publish` first"):
        printed(house.ledger, "jsonl")
    one, two = house.see(make_listing("one"), make_listing("two"))
    house.rule("ann", one)
    house.publish()
    house.rule("ann", two)
    assert targets(printed(house.ledger, "jsonl").text) == ["directory.example.test/tool/one"]
    house.rule("ann", one, "keep")
    assert targets(printed(house.ledger, "jsonl").text) == ["directory.example.test/tool/one"]
    house.publish()
    assert targets(printed(house.ledger, "jsonl").text) == ["directory.example.test/tool/two"]


def test_every_export_is_a_row_of_the_log_with_the_digest_of_its_bytes(ledger: Ledger) -> None:
    publish(ledger, came("bad.test/"), came("bad.test/app"))
    text = printed(ledger, "hosts").text
    row = ledger.row("SELECT actor, subject, at, body FROM log WHERE kind = 'export'")
    assert row is not None
    assert (row["actor"], row["subject"], row["at"]) == ("ann", "local", "2026-12-01T00:00:00+00:00")
    assert json.loads(row["body"]) == {
        "format": "hosts",
        "version": 1,
        "count": 1,
        "refused": 1,
        "canaries": 0,
        "digest": hashlib.sha256(text.encode()).hexdigest(),
    }
    assert "bad.test" not in row["body"]
    assert chain.verify(ledger) == 2
    assert printed(ledger, "hosts").text == text


@pytest.mark.parametrize("name", EVERY)
def test_minor_abuse_and_platforms_as_a_whole_are_in_no_plain_export(ledger: Ledger, name: str) -> None:
    publish(ledger, came("quiet.test/", label="minor_abuse", reason="minor_abuse"), came("changed.test/"))
    printed(ledger, name)
    publish(
        ledger,
        went("changed.test/", "changed"),
        came("changed.test/", label="minor_abuse", reason="minor_abuse"),
        came("github.com/"),
        came("co.uk/"),
        came("bad.test/"),
    )
    done = printed(ledger, name)
    said = "".join(done.texts.values())
    assert not any(word in said for word in ("quiet", "changed.test", "minor", "github", "co.uk"))
    assert (done.made.export.count, done.made.withheld) == (1, 2)
    assert done.refused.keys() == {"github.com/", "co.uk/"}
    assert all(why.startswith("never in a plain export: ") for why in done.refused.values())


@pytest.mark.parametrize("name", DOMAIN_ONLY)
def test_what_is_narrower_than_a_domain_is_refused_and_never_widened(ledger: Ledger, name: str) -> None:
    narrow = ("bad.test/app", "bad.test/app/", "bad.test/?id=1", "github:owner/repo", f"sha256:{'0a' * 32}")
    publish(ledger, *(came(target) for target in narrow), came("192.0.2.7/"), came("good-bad.test/"))
    done = printed(ledger, name)
    assert done.refused.keys() == {*narrow, "192.0.2.7/"}
    assert done.refused["bad.test/app"] == "a part of a site, narrower than a domain"
    assert done.refused["github:owner/repo"] == "a coordinate, narrower than a domain"
    assert done.made.export.count == 1
    lines = [line for line in done.text.splitlines() if "bad.test" in line]
    assert lines
    assert all("good-bad.test" in line for line in lines)
    assert "github" not in done.text


@pytest.mark.parametrize("name", [*DOMAIN_ONLY, "adblock"])
@pytest.mark.parametrize("action", ["demote", "warn"])
def test_a_blocklist_refuses_entries_that_ask_for_less_than_delisting(ledger: Ledger, name: str, action: str) -> None:
    publish(ledger, came("mild.test/", action=action), came("bad.test/"))
    done = printed(ledger, name)
    assert done.refused == {"mild.test/": f"asks for {action}, not for delisting"}
    assert "mild" not in done.text


@pytest.mark.parametrize(
    "host", ["a_.test", "-a.test", "a;b.test", 'a"b.test', "a$b.test", "a.b1.2c", "a%20b.test", "*.test", "(.test"]
)
def test_a_host_that_dns_tools_may_read_otherwise_is_refused(ledger: Ledger, host: str) -> None:
    target = Target.parse(f"{host}/").value
    publish(ledger, came(target))
    for name in (*DOMAIN_ONLY, "adblock", "stix", "misp"):
        done = printed(ledger, name)
        assert done.refused == {target: "a host that is no name of the DNS"}
        assert done.made.export.count == 0


def test_an_rpz_takes_no_name_that_it_would_read_as_another_trigger(ledger: Ledger) -> None:
    odd = ("24.0.2.0.192.rpz-ip/", "bad.rpz-nsdname/", "rpz-drop.bad.test/", f"{'a.' * 100}bad.test/")
    publish(ledger, *(came(target) for target in odd), came("bad.test/"))
    done = printed(ledger, "rpz")
    assert done.refused.keys() == set(odd)
    assert done.text.splitlines()[-2:] == ["bad.test CNAME .", "*.bad.test CNAME ."]


def test_what_is_retracted_is_revoked_for_those_who_had_it_and_named_to_nobody_else(house: House) -> None:
    ledger = house.ledger
    give(house, "early", Tier.PARTNER)
    give(house, "late", Tier.PARTNER)
    publish(ledger, came("bad.test/"), came("stays.test/"))
    printed(ledger, "stix", "early")
    publish(ledger, went("bad.test/"))
    had = {o["pattern"]: o.get("revoked", False) for o in objects(printed(ledger, "stix", "early").text)}
    assert had == {"[domain-name:value = 'bad.test']": True, "[domain-name:value = 'stays.test']": False}
    assert "bad.test" not in printed(ledger, "stix", "late").text
    assert "bad.test" not in printed(ledger, "jsonl", "early").text
    assert "bad.test" not in "".join(printed(ledger, "misp", "early").texts.values())


def objects(text: str) -> list[dict[str, str]]:
    return [one for one in json.loads(text)["objects"] if one["type"] == "indicator"]


def test_a_partners_canaries_lie_among_the_entries_but_in_no_statement(ledger: Ledger) -> None:
    planted = [
        Entry(
            target=Target.parse(f"{name}.invalid/"),
            action=Action.DELIST,
            label="nudify",
            relation=Relation.OFFERS,
            reason="offers_undressing",
            review_by=date(2027, 5, 1),
        )
        for name in ("zz", "mm", "aa")
    ]
    publish(ledger, came("bad.test/"))
    publish(ledger, came("nn.test/"))
    done = printed(ledger, "jsonl", canaries=planted)
    assert targets(done.text) == ["aa.invalid/", "bad.test/", "mm.invalid/", "nn.test/", "zz.invalid/"]
    first = json.loads(done.text.splitlines()[0])
    assert (first["version"], first["since"]) == (2, "2026-11-02T12:00:00Z")
    assert first.keys() == json.loads(done.text.splitlines()[1]).keys()
    assert (done.made.export.count, done.made.export.canaries) == (2, 3)
    assert len(printed(ledger, "dsa", canaries=planted).text.splitlines()) == 2
