"""A reader's knowledge of keys only moves forward, survives on disk, and takes no key for granted twice."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import minisign
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocklists.client.trust import Trust
from blocklists.client.verification import Signed
from blocklists.feed.errors import FeedError
from blocklists.feed.manifest import Log, Manifest, Successor
from blocklists.feed.minisign import PublicKey

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEYS = tuple(
    PublicKey.parse(bytes(minisign.KeyPair.generate().public_key).decode("ascii").strip().splitlines()[-1])
    for _ in range(4)
)
ONE, TWO, THREE, FOUR = KEYS


def signed(by: PublicKey, then: PublicKey | None = None, *, days: float = 30) -> Signed:
    until = NOW + timedelta(days=days)
    manifest = Manifest(
        feed="test",
        consumer="local",
        version=1,
        generated=NOW,
        expires=NOW + timedelta(days=7),
        max_age=14 * 86400,
        key_id=by.key_id,
        suffixes="1",
        taxonomy="1",
        files={},
        snapshot="s",
        retractions="r",
        deltas=(),
        checksum="0" * 64,
        entries=0,
        previous=None,
        log=Log(size=0, head="0" * 64),
        next_key=Successor(key=then.line, signs_from=NOW, old_until=until) if then else None,
    )
    return Signed(manifest=manifest, data=b"", signature="", signer=by)


def told(*read: Signed, given: Sequence[PublicKey] = (ONE,)) -> Trust:
    trust = Trust()
    for one in read:
        trust = trust.after(one, given, NOW)
    return trust


def test_an_announced_key_counts_beside_the_one_that_announced_it() -> None:
    assert told(signed(ONE, TWO)).accepted((ONE,), NOW) == (ONE, TWO)


def test_a_key_before_the_one_that_signed_never_counts_again_whoever_gives_it() -> None:
    trust = told(signed(ONE, TWO), signed(TWO))
    assert trust.accepted((ONE,), NOW) == (TWO,)
    assert trust.accepted((ONE, TWO), NOW) == (TWO,)


def test_the_older_of_two_keys_that_were_given_is_dropped_like_one_that_was_learned() -> None:
    assert told(signed(TWO), given=(ONE, TWO)).accepted((ONE, TWO), NOW) == (TWO,)


def test_a_key_whose_time_is_over_does_not_count_though_its_successor_was_never_seen() -> None:
    trust = told(signed(ONE, TWO, days=30))
    assert trust.accepted((ONE,), NOW + timedelta(days=29)) == (ONE, TWO)
    assert trust.accepted((ONE,), NOW + timedelta(days=31)) == (TWO,)


def test_its_time_cannot_be_made_longer_by_announcing_again() -> None:
    trust = told(signed(ONE, TWO, days=30), signed(ONE, TWO, days=3000))
    assert trust.accepted((ONE,), NOW + timedelta(days=31)) == (TWO,)


def test_a_chain_of_changes_is_followed() -> None:
    trust = told(signed(ONE, TWO), signed(TWO, THREE), signed(THREE, FOUR), signed(FOUR))
    assert trust.accepted((ONE,), NOW) == (FOUR,)


@pytest.mark.parametrize("held", [(ONE,), (ONE, TWO)])
def test_a_second_heir_is_refused_whether_the_first_was_learned_or_given(held: tuple[PublicKey, ...]) -> None:
    trust = told(signed(ONE, TWO), given=held)
    with pytest.raises(
        FeedError, match=f"next_key is {THREE.key_id}, but {TWO.key_id} is known to follow {ONE.key_id}"
    ):
        trust.after(signed(ONE, THREE), held, NOW)


@pytest.mark.parametrize("heir", [ONE, TWO])
def test_a_key_that_signed_before_is_no_heir(heir: PublicKey) -> None:
    trust = told(signed(ONE, TWO), signed(TWO))
    with pytest.raises(FeedError, match="signed before"):
        trust.after(signed(TWO, heir), (ONE,), NOW)


def test_who_slept_and_was_given_the_newest_key_goes_on_with_that_alone() -> None:
    trust = told(signed(ONE, TWO))
    later = NOW + timedelta(days=400)
    assert FOUR in trust.accepted((FOUR,), later)
    assert trust.after(signed(FOUR), (FOUR,), later).accepted((FOUR,), later) == (FOUR,)


@given(st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from([*KEYS, None])), max_size=8))
def test_whatever_is_read_the_signer_stays_what_was_dropped_stays_so_and_a_row_reads_back(
    steps: list[tuple[PublicKey, PublicKey | None]],
) -> None:
    trust = Trust()
    for by, then in steps:
        if by not in trust.accepted((ONE, TWO), NOW):
            continue
        try:
            after = trust.after(signed(by, then), (ONE, TWO), NOW)
        except FeedError:
            continue
        assert by in after.accepted((ONE, TWO), NOW)
        assert trust.dropped <= after.dropped
        assert not after.dropped & {key.line for key in after.accepted(KEYS, NOW)}
        assert Trust.from_row(json.loads(json.dumps(after.to_row()))) == after
        trust = after
