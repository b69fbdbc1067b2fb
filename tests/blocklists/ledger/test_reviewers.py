"""Who acts: one person, one name, one token."""

import pytest

from blocklists.ledger import reviewers
from blocklists.ledger.book import Ledger
from blocklists.ledger.errors import LedgerError

AT = "2026-11-22T00:00:00+00:00"


def test_the_first_use_binds_a_name_to_a_token(ledger: Ledger) -> None:
    assert reviewers.enter(ledger, "ann", "ann's secret", at=AT) is True
    assert reviewers.enter(ledger, "ann", "ann's secret", at=AT) is False
    with pytest.raises(LedgerError, match="not the token that ann used first"):
        reviewers.enter(ledger, "ann", "another secret", at=AT)


def test_one_person_cannot_be_two(ledger: Ledger) -> None:
    reviewers.enter(ledger, "ann", "ann's secret", at=AT)
    with pytest.raises(LedgerError, match="not bob's; each person has their own"):
        reviewers.enter(ledger, "bob", "ann's secret", at=AT)
    assert ledger.rows("SELECT name FROM reviewers") == [{"name": "ann"}]


def test_a_token_is_not_kept_readable(ledger: Ledger) -> None:
    reviewers.enter(ledger, "ann", "ann's secret", at=AT)
    assert b"ann's secret" not in ledger.rows("SELECT token FROM reviewers")[0]["token"]


@pytest.mark.parametrize("name", ["", "Ann", "a b", "ann\x1b[2J", "../ann", "a" * 41, "ann\n"])
def test_a_malformed_name_is_refused(ledger: Ledger, name: str) -> None:
    with pytest.raises(LedgerError, match="a name is"):
        reviewers.enter(ledger, name, "a long secret", at=AT)


def test_a_short_token_is_refused(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="at least 8"):
        reviewers.enter(ledger, "ann", "short", at=AT)
