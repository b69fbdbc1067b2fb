"""A filter that is typed asks for just what it names, and is said back as it was typed."""

from __future__ import annotations

import pytest

from blocklists.case.errors import RulingError
from blocklists.case.standing import State
from blocklists.desk.filtering import said, wanted
from blocklists.ledger.queue import WAITING


@pytest.mark.parametrize("typed", ["", "label:nudify hub:directory", "band:urgent lang:de state:decided", "state:all"])
def test_what_is_typed_is_said_back(typed: str) -> None:
    assert said(wanted(typed)) == typed


def test_without_a_word_all_that_waits_is_asked_for() -> None:
    assert wanted("") == {"label": "", "band": "", "hub": "", "lang": "", "states": WAITING}
    assert wanted("state:decided")["states"] == {State.DECIDED}


@pytest.mark.parametrize("typed", ["nudify", "colour:red", "label:", "state:lost"])
def test_a_word_that_is_no_filter_is_refused(typed: str) -> None:
    with pytest.raises(RulingError, match=r"use|write"):
        wanted(typed)
