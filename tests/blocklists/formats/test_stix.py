"""The stix2 parser reads our bundle; ids last as long as an entry stays, and are revoked for ever after."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
import stix2
from stix2.pattern_visitor import create_pattern_object

from tests.blocklists.formats.printing import came, elsewhere, printed, publish, went

if TYPE_CHECKING:
    from blocklists.ledger.book import Ledger

DIGEST = "0a" * 32


def indicators(text: str) -> list[Any]:
    bundle = stix2.parse(text, allow_custom=False, version="2.1")
    return [one for one in bundle.objects if one.type == "indicator"]


def by_pattern(ledger: Ledger) -> dict[str, Any]:
    return {one.pattern: one for one in indicators(printed(ledger, "stix").text)}


def test_the_parser_reads_every_entry_and_its_words(ledger: Ledger) -> None:
    publish(
        ledger,
        came("bad.test/", label="sexual_deepfake", reason="offers_sexual_deepfakes"),
        came("site.test/App", action="demote", relation="lists"),
        came(f"sha256:{DIGEST}", action="warn"),
        came("203.0.113.5/"),
        came("[2001:db8::1]/"),
        came("github:owner/repo"),
    )
    done = printed(ledger, "stix")
    assert done.refused == {"github:owner/repo": "a coordinate, which has many addresses"}
    read = by_pattern(ledger)
    assert read.keys() == {
        "[domain-name:value = 'bad.test']",
        "[url:value = 'http://site.test/App' OR url:value = 'https://site.test/App']",
        f"[file:hashes.'SHA-256' = '{DIGEST}']",
        "[ipv4-addr:value = '203.0.113.5']",
        "[ipv6-addr:value = '2001:db8::1']",
    }
    one = read["[domain-name:value = 'bad.test']"]
    words = ["sexual_deepfake", "action:delist", "relation:offers", "reason:offers_sexual_deepfakes"]
    assert (one.labels, one.revoked, str(one.valid_from)) == (words, False, "2026-11-01 12:00:00+00:00")
    assert one.object_marking_refs == [stix2.TLP_AMBER.id]
    assert not hasattr(one, "valid_until")  # a review date that has passed unlists nothing


def test_a_folder_is_a_pattern_that_fits_what_lies_in_it_alone(ledger: Ledger) -> None:
    publish(ledger, came("site.test/a_b%20c/"))
    (one,) = indicators(printed(ledger, "stix").text)
    comparison = create_pattern_object(one.pattern, version="2.1").operand
    assert (str(comparison.lhs), comparison.operator) == ("url:value", "MATCHES")
    fits = re.compile(re.sub(r"\\(.)", r"\1", comparison.rhs.value)).search  # the parser leaves escapes
    for inside in (
        "https://site.test/a_b%20c/",
        "http://www.site.test/a_b%20c/x?y",
        "https://site.test:8443/a_b%20c/x",
    ):
        assert fits(inside), inside
    outside = (
        "https://site.test/a_b%20c",
        "https://siteXtest/a_b%20c/",
        "https://site.test/aXb%20c/",
        "https://x/site.test/a_b%20c/",
    )
    for page in outside:
        assert not fits(page), page


def test_an_id_lasts_while_the_entry_stays_and_a_relisting_has_another(ledger: Ledger) -> None:
    pattern = "[domain-name:value = 'bad.test']"
    publish(ledger, came("bad.test/"), came("other.test/"))
    first = by_pattern(ledger)
    assert by_pattern(ledger) == first
    publish(ledger, went("bad.test/", "changed"), came("bad.test/", action="demote"))
    changed = by_pattern(ledger)[pattern]
    assert (changed.id, changed.created) == (first[pattern].id, first[pattern].created)
    assert changed.modified > first[pattern].modified
    publish(ledger, went("bad.test/"))
    gone = by_pattern(ledger)[pattern]
    assert (gone.id, gone.revoked) == (first[pattern].id, True)
    assert gone.modified > changed.modified
    publish(ledger, came("bad.test/"))
    both = {one.id: one.revoked for one in indicators(printed(ledger, "stix").text) if one.pattern == pattern}
    assert both.pop(gone.id) is True
    assert list(both.values()) == [False]
    assert first["[domain-name:value = 'other.test']"] in indicators(printed(ledger, "stix").text)


def test_a_memory_store_keeps_the_newest_version_of_every_id(ledger: Ledger) -> None:
    store = stix2.MemoryStore()
    publish(ledger, came("bad.test/"))
    store.add(stix2.parse(printed(ledger, "stix").text))
    (one,) = by_pattern(ledger).values()
    publish(ledger, went("bad.test/"))
    assert store.get(one.id).revoked is False
    store.add(stix2.parse(printed(ledger, "stix").text))
    assert store.get(one.id).revoked is True


@pytest.mark.parametrize("name", ["stix", "misp"])
def test_no_id_can_be_computed_from_a_target_by_a_stranger(ledger: Ledger, name: str) -> None:
    publish(ledger, came("bad.test/"))
    found = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}").findall
    ours = set(found("".join(printed(ledger, name).texts.values())))
    elsewhere(ledger)
    theirs = set(found("".join(printed(ledger, name).texts.values())))
    assert len(ours - theirs) == 1  # that of the entry; identity, event and bundle name no target


def test_the_bundle_is_one_object_a_line(ledger: Ledger) -> None:
    publish(ledger, *(came(f"bad{n}.test/") for n in range(5)))
    lines = printed(ledger, "stix").text.splitlines()
    assert len(lines) == 1 + 1 + 5 + 1
    assert json.loads(lines[2].rstrip(","))["type"] == "indicator"
