from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocklists.feed.column import cells
from blocklists.feed.delta import Delta, difference
from blocklists.feed.entry import EPOCH, LABELS, LAST_DAY, TEST_ENTRY, Action, Relation
from blocklists.feed.errors import FeedError
from blocklists.feed.record import WIDTH, Record
from blocklists.feed.snapshot import HOST_WIDTH, Lookup, Table, tally
from blocklists.feed.tags import entry_tag, host_tag
from blocklists.feed.target import Target
from tests.blocklists.feed.pressing import TAG_KEY, entry

RECORDS = st.builds(
    Record,
    tag=st.binary(min_size=16, max_size=16),
    action=st.sampled_from(Action),
    label=st.sampled_from(LABELS),
    relation=st.sampled_from(Relation),
    review_by=st.dates(EPOCH, LAST_DAY),
    test=st.booleans(),
)
TABLES = st.builds(
    lambda hosts, records: Table(
        hosts=b"".join(sorted(tag + kinds.to_bytes(2) for tag, kinds in hosts.items())),
        records=b"".join(sorted({record.tag: record.encode() for record in records}.values())),
    ),
    st.dictionaries(st.binary(min_size=8, max_size=8), st.integers(1, 0xFFFF), max_size=12),
    st.lists(RECORDS, max_size=12),
)


@given(RECORDS)
def test_a_record_is_nineteen_bytes_that_read_back(record: Record) -> None:
    assert len(record.encode()) == WIDTH
    assert Record.decode(record.encode()) == record


@pytest.mark.parametrize("place", [16, 17])
@pytest.mark.parametrize("value", [0x00, 0xFF, 0x16, 0x61, 0x12, 0xE0])
def test_a_code_of_a_later_taxonomy_is_ignored_and_not_guessed(place: int, value: int) -> None:
    data = bytearray(Record.of(entry("a.example.test"), TAG_KEY).encode())
    data[place] = value
    read = Record.decode(bytes(data))
    assert read is None or read.encode() == bytes(data)
    assert tally([bytes(data)])["unknown"] == (read is None)


def test_the_last_day_is_the_last_that_fits_a_record() -> None:
    assert (LAST_DAY - EPOCH).days == 2**13 - 1
    with pytest.raises(FeedError, match="review_by"):
        entry("a.example.test", review_by=date(2200, 1, 1))
    with pytest.raises(FeedError, match="label"):
        entry("a.example.test", label="adult")


@given(TABLES)
def test_a_table_reads_back_and_answers_where_it_lies(table: Table) -> None:
    data = table.encode()
    assert Table.decode(data) == table
    lookup = Lookup(data)
    assert len(lookup) == len(table)
    assert all(lookup.record(record[:16]) == record for record in cells(table.records, WIDTH))
    assert all(lookup.kinds(host[:8]) == int.from_bytes(host[8:]) for host in cells(table.hosts, HOST_WIDTH))
    assert lookup.table() == table


@given(TABLES, st.binary(min_size=16, max_size=16))
def test_a_tag_that_is_not_listed_is_not_found(table: Table, tag: bytes) -> None:
    listed = {record[:16] for record in cells(table.records, WIDTH)}
    assert (Lookup(table.encode()).record(tag) is not None) == (tag in listed)
    hosts = {host[:8]: int.from_bytes(host[8:]) for host in cells(table.hosts, HOST_WIDTH)}
    assert Lookup(table.encode()).kinds(tag[:8]) == hosts.get(tag[:8], 0)


@given(TABLES, st.data())
def test_a_snapshot_with_one_byte_changed_is_refused_by_its_checksum(table: Table, data: st.DataObject) -> None:
    raw = bytearray(table.encode())
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))
    try:
        changed = Table.decode(bytes(raw))
    except FeedError:
        return
    assert changed.checksum() != table.checksum()


def test_a_directory_that_leads_elsewhere_is_refused() -> None:
    table = Table.build([entry(f"a{n}.example.test") for n in range(40)], TAG_KEY)
    data = bytearray(table.encode())
    data[16 + 4 + 3] ^= 1
    with pytest.raises(FeedError, match="directory"):
        Table.decode(bytes(data))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "too short"),
        (b"delist-0" + bytes(8), "begins with"),
        (b"delist-1" + bytes(7) + b"\x01", "do not hold"),
        (Table(hosts=b"b" * 10 + b"a" * 10, records=b"").encode(), "host 2 of 2 is out of order"),
        (Table(hosts=b"a" * 20, records=b"").encode(), "there twice"),
        (Table(hosts=b"", records=b"a" * 38).encode(), "record 2 of 2"),
    ],
)
def test_a_snapshot_that_contradicts_itself_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(FeedError, match=why):
        Table.decode(data)


@given(TABLES, TABLES)
def test_a_delta_leads_from_one_table_to_the_other(old: Table, new: Table) -> None:
    delta = Delta.decode(difference(old, new, base=3, version=4).encode())
    assert delta.apply(old) == new


@given(TABLES, TABLES, TABLES)
def test_a_folded_delta_leads_where_its_steps_lead(a: Table, b: Table, c: Table) -> None:
    steps = difference(b, c, base=2, version=3).apply(difference(a, b, base=1, version=2).apply(a))
    assert difference(a, c, base=1, version=3).apply(a) == steps == c


@given(TABLES)
def test_a_delta_between_equal_tables_is_empty(table: Table) -> None:
    delta = difference(table, table, base=1, version=2)
    assert not any([delta.hosts.removals, delta.hosts.additions, delta.records.removals, delta.records.additions])


@given(TABLES, TABLES, st.data())
def test_a_delta_with_one_byte_changed_is_refused_by_the_checksum(old: Table, new: Table, data: st.DataObject) -> None:
    raw = bytearray(difference(old, new, base=1, version=2).encode())
    place = data.draw(st.integers(0, len(raw) - 1).filter(lambda n: not 8 <= n < 16))
    raw[place] ^= data.draw(st.integers(1, 255))
    try:
        reached = Delta.decode(bytes(raw)).apply(old)
    except FeedError:
        return
    assert reached.checksum() != new.checksum()


@given(TABLES, TABLES, TABLES)
def test_a_delta_applied_to_another_base_is_refused_or_fails_its_checksum(a: Table, b: Table, other: Table) -> None:
    try:
        reached = difference(a, b, base=1, version=2).apply(other)
    except FeedError:
        return
    assert (reached.checksum() == b.checksum()) == (reached == b)


def test_a_delta_leads_forward() -> None:
    table = Table.build([], TAG_KEY)
    with pytest.raises(FeedError, match="leads from"):
        Delta.decode(difference(table, table, base=2, version=2).encode())


def test_a_delta_of_one_per_cent_is_under_two_per_cent_of_the_snapshot() -> None:
    old = Table.build([entry(f"a{n}.example.test/x") for n in range(2000)], TAG_KEY)
    new = Table.build([entry(f"a{n}.example.test/x") for n in range(20, 2020)], TAG_KEY)
    assert len(difference(old, new, base=1, version=2).encode()) < 0.02 * len(new.encode())


def test_of_two_entries_for_one_target_the_strongest_stays() -> None:
    both = [entry("a.example.test", action=action) for action in (Action.DELIST, Action.WARN)]
    for order in (both, both[::-1]):
        table = Table.build(order, TAG_KEY)
        assert tally(cells(table.records, WIDTH)) == {"delist": 1}


def test_tags_depend_on_the_key_and_hosts_are_not_entries() -> None:
    target = Target.parse("a.example.test/")
    assert entry_tag(target, TAG_KEY) != entry_tag(target, bytes(32))
    assert entry_tag(target, TAG_KEY)[:8] != host_tag("a.example.test/", TAG_KEY)
    assert len(entry_tag(target, TAG_KEY)) == 16


def test_the_test_entry_is_flagged() -> None:
    assert tally([Record.of(TEST_ENTRY, TAG_KEY).encode()]) == {"test": 1}
